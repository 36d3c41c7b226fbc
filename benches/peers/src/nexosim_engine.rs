//! NexoSim: one model, one thread (a model cannot use more), self-scheduled events at whole nanoseconds.

use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{EventSinkReader, Output, SinkState, event_queue};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::pool::{Answer, Pool};

#[derive(Serialize, Deserialize)]
struct Workers {
    #[serde(skip)]
    pool: Pool,
    customers: u64,
    answer: Output<(f64, f64)>,
}

#[Model]
impl Workers {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        self.next(context);
    }

    #[nexosim(schedulable)]
    async fn arrive(&mut self, _: (), context: &Context<Self>) {
        let now = seconds(context.time());
        if let Some(work) = self.pool.arrive(now) {
            self.begin(work, context);
        }
        self.next(context);
    }

    #[nexosim(schedulable)]
    async fn depart(&mut self, _: (), context: &Context<Self>) {
        let now = seconds(context.time());
        if let Some(work) = self.pool.depart(now) {
            self.begin(work, context);
        }
        if self.pool.waits.len() as u64 == self.customers {
            let answer = self.pool.answer();
            self.customers = 0;
            self.answer.send((answer.mean, answer.p99)).await;
        }
    }

    fn next(&mut self, context: &Context<Self>) {
        if let Some(gap) = self.pool.gap() {
            context.schedule_event(whole(gap), schedulable!(Self::arrive), ()).expect("the future");
        }
    }

    fn begin(&mut self, work: f64, context: &Context<Self>) {
        context.schedule_event(whole(work), schedulable!(Self::depart), ()).expect("the future");
    }
}

/// At least a nanosecond: the engine refuses events at the present instant.
fn whole(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds).max(Duration::from_nanos(1))
}

fn seconds(time: MonotonicTime) -> f64 {
    time.duration_since(MonotonicTime::EPOCH).as_secs_f64()
}

pub fn run(customers: u64) -> Answer {
    let mut workers = Workers { pool: Pool::new(customers), customers, answer: Output::default() };
    let mailbox = Mailbox::new();
    let (sink, mut answers) = event_queue(SinkState::Enabled);
    workers.answer.connect_sink(sink);
    let mut sim = SimInit::with_num_threads(1).add_model(workers, mailbox, "workers").init(MonotonicTime::EPOCH).expect("a valid bench");
    sim.run().expect("no event fails");
    let (mean, p99) = answers.try_read().expect("all customers were served");
    Answer { mean, p99 }
}
