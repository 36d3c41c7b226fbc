//! desque: boxed events in a binary heap.

use std::cmp::Ordering;

use desque::serial::{Event, Simulation};
use desque::{SimState, SimTime};

use crate::pool::{Answer, Pool};

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Seconds(f64);

impl Eq for Seconds {}

impl Ord for Seconds {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl SimTime for Seconds {}

impl SimState<Seconds> for Pool {}

#[derive(Debug)]
struct Arrival;

#[derive(Debug)]
struct Departure;

impl Event<Pool, Seconds> for Arrival {
    fn execute(&mut self, sim: &mut Simulation<Pool, Seconds>) -> desque::Result {
        let now = sim.current_time().0;
        if let Some(work) = sim.state_mut().arrive(now) {
            sim.schedule(Departure, Seconds(now + work))?;
        }
        match sim.state_mut().gap() {
            Some(gap) => sim.schedule(Self, Seconds(now + gap)),
            None => Ok(()),
        }
    }
}

impl Event<Pool, Seconds> for Departure {
    fn execute(&mut self, sim: &mut Simulation<Pool, Seconds>) -> desque::Result {
        let now = sim.current_time().0;
        match sim.state_mut().depart(now) {
            Some(work) => sim.schedule(Self, Seconds(now + work)),
            None => Ok(()),
        }
    }
}

pub fn run(customers: u64) -> Answer {
    let mut pool = Pool::new(customers);
    let first = pool.gap().expect("there are customers");
    let mut sim = Simulation::new(pool, Seconds(0.0));
    sim.schedule(Arrival, Seconds(first)).expect("the future");
    sim.run().expect("no event fails");
    sim.state_mut().answer()
}
