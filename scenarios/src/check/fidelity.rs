//! What flow fidelity follows request by request all the same, or shows only roughly.

use sim_core::plan::{Discipline, Fidelity, Plan, Service, Traffic};

use super::limits::REQUESTS_MAX;
use super::{Context, code};
use crate::issue::Path;

/// Looks for what rates cannot show.
pub(super) fn check(cx: &mut Context<'_>, plan: &Plan) {
    if plan.fidelity != Fidelity::Flow {
        return;
    }
    chains(cx, plan);
    let in_chain = |name: &str| plan.chains().iter().flat_map(|chain| &chain.services).any(|id| plan.services[*id].name == name);
    for service in plan.services.values().filter(|service| plan.fidelity_of(service) == Fidelity::Flow && !in_chain(&service.name)) {
        let Traffic::Requests(requests) = &service.traffic else { continue };
        let path = path_of(service);
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
}

/// Services that call each other are simulated request by request, and take as long as that takes.
fn chains(cx: &mut Context<'_>, plan: &Plan) {
    for chain in plan.chains() {
        let members = || chain.services.iter().map(|id| &plan.services[*id]);
        let of_load = |service: &Service| if let Traffic::Requests(requests) = &service.traffic { requests.expected(plan.end()) } else { 0.0 };
        let expected: f64 = members().map(of_load).sum();
        let has_calls = |service: &&Service| matches!(&service.traffic, Traffic::Requests(requests) if !requests.calls.steps.is_empty());
        let Some(caller) = members().find(has_calls) else { continue };
        let path = path_of(caller).key("calls");
        if expected > REQUESTS_MAX {
            let message = format!(
                "services that call each other are followed request by request, and {expected:.2e} requests are too many: at most {REQUESTS_MAX:.0e} are possible"
            );
            cx.issues.error(code::TOO_LARGE, path, message).on_key().with_help("shorten the duration, or lower the rate");
        } else if expected > FOLLOWED_FAST {
            let message = format!(
                "services that call each other are followed request by request in flow fidelity too: {expected:.1e} requests take as long as in request fidelity"
            );
            cx.issues.warning(code::NOT_SIMULATED, path, message).on_key();
        }
    }
}

/// Requests of a chain that take some seconds.
const FOLLOWED_FAST: f64 = 1e7;

fn path_of(service: &Service) -> Path {
    Path::root().key("services").key(&service.name)
}
