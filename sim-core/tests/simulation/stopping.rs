//! How pods of services end.

use sim_core::plan::{Placement, Plan, Service};
use sim_core::simulation;
use sim_core::units::{Span, Time};

use crate::build::{plan, secs, service};

fn with(hook: u64, grace: u64) -> Plan {
    let mut plan = plan(300, 10.0);
    let two = Service {
        scale_steps: vec![(Time::from_secs(100), 1)],
        pre_stop: secs(hook),
        termination_grace: secs(grace),
        ..service(2, 1000, Placement::Scheduler)
    };
    plan.services.push(two);
    plan
}

#[test]
fn a_hook_is_waited_for_within_the_grace_period() {
    // Hook, grace period, and how long the pod is there after it was asked to go: the kubelet gives a hook that still runs 2 s more.
    for (hook, grace, stays) in [(0, 30, 0.0), (15, 30, 15.0), (30, 30, 30.0), (31, 30, 31.0), (40, 30, 32.0), (15, 0, 0.0)] {
        let record = simulation::run(&with(hook, grace), 1, |_| {});
        let gone: Vec<f64> = record.pods.iter().filter_map(|pod| pod.ended).collect();
        assert_eq!(gone, [100.0 + stays], "{hook} {grace}");
    }
}

#[test]
fn requests_may_take_longer_than_the_hook() {
    let plan = with(15, 60);
    let service = plan.services.values().next().unwrap();
    let at = |seconds| Time::from_secs(seconds);
    let gone = |finished| service.gone_at(at(100), at(finished), secs(60));
    assert_eq!([90, 110, 140, 500].map(gone), [at(115), at(115), at(140), at(160)]);
    assert_eq!(Service { pre_stop: Span::ZERO, ..service.clone() }.gone_at(at(100), Time::ZERO, secs(60)), at(100));
}
