//! What flow fidelity cannot do, or only roughly.

use sim_core::plan::{Balancing, Discipline, Fidelity, LatencyPart, ObjectiveTarget, Plan, Traffic};

use super::{Context, code};
use crate::issue::Path;

/// Looks for what rates cannot show.
pub(super) fn check(cx: &mut Context<'_>, plan: &Plan) {
    if plan.fidelity != Fidelity::Flow {
        return;
    }
    for service in plan.services.values() {
        let Traffic::Requests(requests) = &service.traffic else { continue };
        let path = Path::root().key("services").key(&service.name);
        let cannot = [
            (!requests.calls.steps.is_empty(), "calls", "calls of other services"),
            (requests.balancing == Balancing::Queue, "balancing", "queues that pods pull from"),
            (requests.shedding.is_some(), "shedding", "load shedding"),
        ];
        for (_, key, what) in cannot.into_iter().filter(|cannot| cannot.0) {
            let message = format!("flow fidelity does not know {what}");
            cx.issues.error(code::CONFLICT, path.key(key), message).on_key().with_help("run it with `--fidelity request`");
        }
        let delays = requests.endpoint_delay.add.as_nanos() + requests.endpoint_delay.remove.as_nanos() > 0;
        let roughly = [
            (delays, "endpointDelay", "requests follow changes of the pods at once"),
            (requests.cfs_period.is_some(), "cfsPeriod", "pods get their CPU limit evenly, not period by period"),
            (requests.wake_up.is_some(), "wakeUp", "workers wake up after their mean time"),
        ];
        for (_, key, what) in roughly.into_iter().filter(|roughly| roughly.0) {
            cx.issues.warning(code::NOT_SIMULATED, path.key(key), format!("in flow fidelity {what}")).on_key();
        }
        if matches!(requests.discipline, Discipline::FirstComeFirstServed) && requests.service_time.variance().is_none() {
            let message = "the service time has no variance: flow fidelity cuts off the longest in a million";
            cx.issues.warning(code::NOT_SIMULATED, path.key("serviceTime"), message).on_key();
        }
    }
    for (place, objective) in plan.objectives.iter().enumerate() {
        if let ObjectiveTarget::Part { part: LatencyPart::Tier(_) | LatencyPart::Retry | LatencyPart::Calls, .. } = objective.target {
            let path = Path::root().key("objectives").index(place);
            cx.issues
                .error(code::CONFLICT, path, "flow fidelity does not tell latency apart by tier or by attempt")
                .with_help("run it with `--fidelity request`");
        }
    }
}
