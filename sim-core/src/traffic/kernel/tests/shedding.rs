//! Pods that refuse requests before their queue is full, and those that are stopped when they have used their quota.

use super::{check, exponential, kernel, replicate, requests, t};
use crate::plan::{Discipline, Requests, Shedding};
use crate::random::Distribution;
use crate::units::{Span, Time};

fn shedding(wait: Option<u64>, utilization: Option<f64>) -> Shedding {
    Shedding { wait: wait.map(Span::from_millis), utilization }
}

#[test]
fn nobody_waits_for_longer_than_the_pod_allows() {
    // An M/M/1 at twice its capacity: those who are served waited for at most 500 ms, and the worker is almost always busy.
    let plan = Requests { shedding: Some(shedding(Some(500), None)), ..requests(20.0, exponential(0.1), 1) };
    let (mut kernel, _) = kernel(&plan, 1, 1);
    kernel.advance(t(5000));
    let window = kernel.take_window();
    assert!(window.wait.max() <= 500_000_000 && window.wait.max() > 450_000_000);
    assert!((window.completed as f64 / 5000.0 - 10.0).abs() < 0.2 && window.rejected > 40_000);
}

#[test]
fn a_share_of_busy_workers_is_a_smaller_pod_without_a_queue() {
    // Half of ten workers with a load of 4: Erlang's loss for five, 0.199067.
    for discipline in [Discipline::FirstComeFirstServed, Discipline::ProcessorSharing { cores: 10.0, waiting: 0.0 }] {
        let plan = Requests { shedding: Some(shedding(None, Some(0.5))), discipline, ..requests(40.0, exponential(0.1), 10) };
        let [loss] = replicate(&plan, 1, Span::from_secs(500), |_, _, measured| [measured.meter.rejected as f64 / measured.meter.offered as f64]);
        check("loss", loss, 0.199_067, 0.01);
    }
}

#[test]
fn a_request_that_needs_more_than_its_quota_waits_for_the_next_period() {
    // Half a core, periods of 100 ms. 100 ms of work that come at the start of a period: 50 ms of it, a stop of 50 ms, the other 50 ms.
    let shared = |cores: f64, at: &[u64], work: f64, period: Option<u64>| {
        let discipline = Discipline::ProcessorSharing { cores, waiting: 0.0 };
        let recorded = at.iter().map(|ms| Time::from_nanos(ms * 1_000_000)).collect();
        let cfs_period = period.map(Span::from_millis);
        let plan = Requests { discipline, recorded, cfs_period, rate: crate::plan::Curve::ZERO, ..requests(0.0, Distribution::Constant(work), 1000) };
        let (mut kernel, slots) = kernel(&plan, 1, 1);
        kernel.advance(t(10));
        let busy = kernel.busy(slots[0], t(10)) as f64 / 1e9;
        assert!((busy - work * at.len() as f64).abs() < 1e-6, "{busy}");
        let window = kernel.take_window();
        (window.latency.mean() / 1e6, window.latency.max() as f64 / 1e6)
    };
    let near = |(mean, max): (f64, f64), expected: (f64, f64)| assert!((mean - expected.0).abs() < 1e-3 && (max - expected.1).abs() < 1e-3, "{mean} {max}");
    near(shared(0.5, &[1000], 0.1, Some(100)), (150.0, 150.0));
    near(shared(0.5, &[1000], 0.1, None), (200.0, 200.0));
    // Late in the period there is as much quota, but less time: 40 ms, then 50 ms, a stop, and the rest.
    near(shared(0.5, &[1060], 0.1, Some(100)), (40.0 + 50.0 + 50.0 + 10.0, 150.0));
    // Four at once on a limit of one core burn the quota in 25 ms, stop for 75 ms and end after 25 ms more; an even flow takes 200 ms.
    near(shared(1.0, &[1000, 1000, 1000, 1000], 0.05, Some(100)), (125.0, 125.0));
    near(shared(1.0, &[1000, 1000, 1000, 1000], 0.05, None), (200.0, 200.0));
    // What fits into the quota is not held back at all.
    near(shared(0.5, &[1000, 1200, 1400], 0.05, Some(100)), (50.0, 50.0));
}
