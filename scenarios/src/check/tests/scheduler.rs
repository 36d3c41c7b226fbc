//! The scheduler's configuration, priorities and disruption budgets.

use sim_core::plan::{Available, Balance, DefaultSpread, Placement, ScoringStrategy};
use sim_core::units::{IntOrPercent, Span};

use super::{issues, plan};

const NODES: &str = "nodes: [{name: n, capacity: {cpu: 4, memory: 8Gi}, price: 0/h}]\n";

#[test]
fn releases_pin_rules_of_the_scheduler() {
    let of = |version: &str| {
        let scheduler = plan(&format!("kubernetes: {{version: \"{version}\"}}\n{NODES}services: {{web: {{}}}}")).scheduler;
        (scheduler.balance, scheduler.default_spread, scheduler.queue.pops_backoff)
    };
    assert_eq!(of("1.19"), (Balance::Difference, DefaultSpread::List(Vec::new()), false));
    assert_eq!(of("1.20"), (Balance::Difference, DefaultSpread::SystemWithZones, false));
    assert_eq!(of("1.22"), (Balance::Deviation, DefaultSpread::SystemWithZones, false));
    assert_eq!(of("1.32"), (Balance::Deviation, DefaultSpread::System, false));
    assert_eq!(of("1.33"), (Balance::Deviation, DefaultSpread::System, true));
}

#[test]
fn a_scheduler_is_configured() {
    let text = "scheduler: {percentageOfNodesToScore: 0, podsPerSecond: 200, podMaxBackoff: 20s, scoring: {requestedToCapacityRatio: [[0, 0], [100, 10]]}, defaultSpread: none}\n";
    let scheduler = plan(&format!("{text}{NODES}services: {{web: {{}}}}")).scheduler;
    assert_eq!((scheduler.percentage_of_nodes, scheduler.time_per_pod, scheduler.queue.max_backoff), (0, Span::from_nanos(5_000_000), Span::from_secs(20)));
    assert!(matches!(scheduler.strategy, ScoringStrategy::RequestedToCapacityRatio(shape) if shape.len() == 2));
    assert_eq!(
        issues(&format!(
            "scheduler: {{percentageOfNodesToScore: 101, podsPerSecond: 0, podMaxBackoff: 500ms, scoredResources: {{cpu: 0}}}}\n{NODES}services: {{web: {{}}}}"
        )),
        [
            "S0205 scheduler.percentageOfNodesToScore: a percentage of nodes is at most 100",
            "S0204 scheduler.podsPerSecond: a scheduler places more than 0 pods per second",
            "S0206 scheduler.podMaxBackoff: the longest pause is shorter than the first one",
            "S0231 scheduler.scoredResources.cpu: a weight lies between 1 and 100",
        ]
    );
}

#[test]
fn priorities_are_names_or_numbers() {
    let classes = "priorityClasses: {high: {value: 1000, preemptionPolicy: Never}, usual: {value: 10, globalDefault: true}}\n";
    let services = "services: {a: {priority: high}, b: {priority: -5}, c: {}, d: {priority: system-node-critical}}";
    let plan = plan(&format!("{classes}{NODES}{services}"));
    let of: Vec<(i32, bool)> = plan.services.values().map(|service| (service.template.priority, service.template.preempts)).collect();
    assert_eq!(of, [(1000, false), (-5, true), (10, true), (2_000_001_000, true)]);
    assert_eq!(issues(&format!("{classes}{NODES}services: {{a: {{priority: hihg}}}}"))[0], "S0201 services.a.priority: there is no priority class `hihg`");
}

#[test]
fn budgets_are_about_pods_of_services() {
    let budgets = "disruptionBudgets: {guard: {of: web, minAvailable: 50%}, other: {selector: {matchLabels: {app: web}}, maxUnavailable: 1}}\n";
    let plan = plan(&format!("{budgets}{NODES}services: {{web: {{}}}}"));
    let bounds: Vec<Available> = plan.disruption_budgets.iter().map(|budget| budget.bound).collect();
    assert_eq!(bounds, [Available::AtLeast(IntOrPercent::Percent(50)), Available::AllBut(IntOrPercent::Int(1))]);
    assert_eq!(plan.disruption_budgets[0].selector, plan.disruption_budgets[1].selector);
    let found = issues(&format!("disruptionBudgets: {{guard: {{of: wbe, minAvailable: 1}}, both: {{of: web}}}}\n{NODES}services: {{web: {{}}}}"));
    assert_eq!(
        found,
        [
            "S0201 disruptionBudgets.guard.of: there is no service `wbe`",
            "S0208 disruptionBudgets.both: a budget has exactly one of `minAvailable` and `maxUnavailable`",
        ]
    );
}

#[test]
fn weights_are_strict_unless_told_otherwise() {
    let affinity = "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 80, preference: {matchExpressions: [{key: pool, operator: Exists}]}}]}}";
    let of = |top: &str, own: &str| {
        plan(&format!("{top}{NODES}services: {{web: {{{affinity}{own}}}}}")).services.values().next().unwrap().template.placement.clone()
    };
    assert_eq!(of("", ""), Placement::Weights);
    assert_eq!(of("placement: {preference: kube-score}\n", ""), Placement::Scheduler);
    assert_eq!(of("placement: {preference: kube-score}\n", ", placement: {preference: strict}"), Placement::Weights);
    assert_eq!(of("", ", placement: scheduler"), Placement::Scheduler);
    assert_eq!(plan(&format!("{NODES}services: {{web: {{}}}}")).services.values().next().unwrap().template.placement, Placement::Scheduler);
}

#[test]
fn pods_of_other_schedulers_ignore_policies() {
    let of = |kind: &str, scheduler: &str| {
        let text = format!("{kind}{NODES}virtualNodes: [{{name: vk}}]\nservices: {{web: {{{scheduler}placement: {{resourcePolicy: {{units: [eci]}}}}}}}}");
        let loaded = super::load(&text);
        let prefers = matches!(loaded.plan.as_ref().unwrap().services.values().next().unwrap().template.placement, Placement::Prefer { .. });
        (prefers, super::lines(&loaded))
    };
    let (registered, co, own) = ("cluster: {kind: registered}\n", "schedulerName: ack-co-scheduler, ", "schedulerName: own, ");
    for (kind, scheduler) in [("", ""), ("", co), (registered, co)] {
        assert_eq!(of(kind, scheduler), (true, Vec::new()), "{kind}{scheduler}");
    }
    let place = "S0312 services.web.placement.resourcePolicy";
    let unread = format!("{place}: in a registered cluster a policy counts only for pods with `schedulerName: ack-co-scheduler`");
    assert_eq!(of(registered, ""), (false, vec![unread]));
    assert_eq!(of("", own), (false, vec![format!("{place}: the scheduler `own` does not read policies")]));
}
