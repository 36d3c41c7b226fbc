//! simcore, the engine of DSLab: typed events behind pointers, components behind `Rc`.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use simcore::{Event, EventHandler, Simulation, SimulationContext, cast};

use crate::pool::{Answer, Pool};

#[derive(Clone, Serialize)]
struct Arrival {}

#[derive(Clone, Serialize)]
struct Departure {}

struct Workers {
    pool: Pool,
    context: SimulationContext,
}

impl EventHandler for Workers {
    fn on(&mut self, event: Event) {
        let now = event.time;
        cast!(match event.data {
            Arrival {} => {
                if let Some(work) = self.pool.arrive(now) {
                    self.context.emit_self(Departure {}, work);
                }
                if let Some(gap) = self.pool.gap() {
                    self.context.emit_self(Arrival {}, gap);
                }
            }
            Departure {} => {
                if let Some(work) = self.pool.depart(now) {
                    self.context.emit_self(Departure {}, work);
                }
            }
        })
    }
}

pub fn run(customers: u64) -> Answer {
    let mut sim = Simulation::new(1);
    let mut pool = Pool::new(customers);
    let first = pool.gap().expect("there are customers");
    let context = sim.create_context("workers");
    context.emit_self(Arrival {}, first);
    let workers = Rc::new(RefCell::new(Workers { pool, context }));
    sim.add_handler("workers", workers.clone());
    sim.step_until_no_events();
    let answer = workers.borrow_mut().pool.answer();
    answer
}
