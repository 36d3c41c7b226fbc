//! Whether kube-scheduler does what the weights of preferred node affinity suggest.

use sim_core::id::Table;
use sim_core::plan::{Action, InitialPods, Placement, Plan, Service, Traffic};
use sim_core::scheduling::preference;
use sim_core::simulation;
use sim_core::units::Span;

use super::{Context, code, service};
use crate::issue::Path;
use crate::wording::quote;

/// Larger estates and services are not tried out: a check takes no time.
const NODES_TRIED: usize = 1000;
const PODS_TRIED: u64 = 1000;

/// Tries out where the first and the most pods of each service with weights would go by kube-scheduler's scores, and where strictly by weight.
pub(super) fn check(cx: &mut Context<'_>, plan: &Plan) {
    if plan.nodes.len() > NODES_TRIED {
        return;
    }
    for service in plan.services.values().filter(|service| has_weights(service)) {
        let few = u64::from(service.replicas);
        let differs = |pods: u64| {
            let by_weight = favoured(plan, service, Placement::Weights, pods);
            let by_score = favoured(plan, service, Placement::Scheduler, pods);
            (by_score < by_weight).then_some((pods, by_weight, by_score))
        };
        let most = service::most_pods(cx, service);
        let Some((pods, by_weight, by_score)) = [few, most].into_iter().filter(|pods| (1..=PODS_TRIED).contains(pods)).find_map(differs) else { continue };
        let path = ["affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution"]
            .into_iter()
            .fold(Path::root().key("services").key(&service.name), |path, key| path.key(key));
        let message = format!(
            "of {pods} pods of {} the weights suggest {by_weight} for the nodes that they favour, but kube-scheduler {}.{} places {by_score} there: it adds scores for free and balanced resources",
            quote(&service.name),
            plan.kubernetes.major,
            plan.kubernetes.minor
        );
        let help = if service.template.placement == Placement::Weights {
            "this run goes strictly by weight; `placement: {preference: kube-score}` does as kube-scheduler does"
        } else {
            "this run does as kube-scheduler does; `placement: {preference: strict}` goes strictly by weight"
        };
        cx.issues.warning(code::WEIGHTS, path, message).on_key().with_help(help);
    }
}

fn has_weights(service: &Service) -> bool {
    let preferred = &service.template.preferred_affinity;
    !matches!(service.template.placement, Placement::Prefer { .. }) && preferred.iter().any(|term| term.weight != preferred[0].weight)
}

/// How many of so many first pods of a service go to the nodes with the greatest weight, after the first pods of all others are placed.
fn favoured(plan: &Plan, tried: &Service, placement: Placement, pods: u64) -> usize {
    let at_rest = |service: &Service, replicas: u32| Service {
        replicas,
        initial: InitialPods::Created,
        scale_steps: Vec::new(),
        hpa: None,
        traffic: Traffic::None,
        ..service.clone()
    };
    let mut services: Table<Service> =
        plan.services.values().filter(|service| service.name != tried.name).map(|service| at_rest(service, service.replicas)).collect();
    let mut last = at_rest(tried, u32::try_from(pods).unwrap_or(u32::MAX));
    last.template.placement = placement;
    services.push(last);
    let trial = Plan {
        duration: Span::from_secs(1),
        window: Span::from_secs(1),
        services,
        jobs: Table::new(),
        variants: Vec::new(),
        actions: Vec::<Action>::new(),
        objectives: Vec::new(),
        disruption_budgets: Vec::new(),
        ..plan.clone()
    };
    let record = simulation::run(&trial, 1, |_| {});
    let weight = |name: &str| plan.nodes.values().find(|node| node.name == name).map_or(0, |node| preference(&tried.template.preferred_affinity, node));
    let greatest = plan.nodes.values().map(|node| preference(&tried.template.preferred_affinity, node)).max().unwrap_or(0);
    record.pods.iter().filter(|pod| pod.workload == tried.name && !pod.node.is_empty() && weight(&pod.node) == greatest).count()
}
