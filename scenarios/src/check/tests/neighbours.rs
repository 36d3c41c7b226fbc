//! What pods demand of the pods around them.

use sim_core::plan::{InclusionPolicy, PodTemplate, WhenUnsatisfiable};
use sim_core::scheduling::{STAND_IN_CPU, STAND_IN_MEMORY};
use sim_core::units::Bytes;

use super::{issues, plan};

const NODES: &str = "nodes: [{name: a, tier: ecs, zone: z-1, capacity: {cpu: 8, memory: 32Gi}}, {name: b, tier: ecs, zone: z-2, capacity: {cpu: 8}}]\n";

fn template(service: &str) -> PodTemplate {
    plan(&format!("{NODES}services: {{web: {{{service}}}}}\n")).services.values().next().unwrap().template.clone()
}

#[test]
fn constraints_have_the_defaults_of_kubernetes() {
    let web = template(
        "labels: {app: web, version: v2}, topologySpreadConstraints: [{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, \
         labelSelector: {matchLabels: {app: web}}, matchLabelKeys: [version, pod-template-hash]}]",
    );
    let [constraint] = &web.spread[..] else { panic!("one constraint") };
    assert_eq!((constraint.max_skew, constraint.min_domains), (1, None));
    assert_eq!(constraint.when_unsatisfiable, WhenUnsatisfiable::DoNotSchedule);
    assert_eq!((constraint.node_affinity_policy, constraint.node_taints_policy), (InclusionPolicy::Honor, InclusionPolicy::Ignore));
    assert_eq!(constraint.selector.as_ref().unwrap().requirements[0].to_string(), "app in (web)");
    assert_eq!(constraint.match_label_keys, ["version"], "what a pod does not carry cannot be shared");
}

#[test]
fn terms_keep_their_selectors_and_weights() {
    let web = template(
        "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchExpressions: [{key: app, operator: In, values: \
         [web, cache]}]}, topologyKey: kubernetes.io/hostname, namespaceSelector: {}}], preferredDuringSchedulingIgnoredDuringExecution: [{weight: 50, \
         podAffinityTerm: {labelSelector: {}, mismatchLabelKeys: [app], topologyKey: topology.kubernetes.io/zone}}]}}",
    );
    assert!(web.pod_affinity.is_empty());
    let term = &web.pod_anti_affinity.required[0];
    assert_eq!(term.selector.as_ref().unwrap().requirements[0].to_string(), "app in (web,cache)");
    assert!(term.namespaces.is_empty() && term.namespace_selector.as_ref().unwrap().requirements.is_empty());
    let wish = &web.pod_anti_affinity.preferred[0];
    assert_eq!((wish.weight, wish.term.selector.as_ref().unwrap().requirements[0].to_string().as_str()), (50, "app notin (web)"));
}

#[test]
fn what_a_pod_leaves_open_is_scored_with_stand_ins() {
    let scored = |service| {
        let scored = template(service).scored;
        (scored.cpu, scored.memory)
    };
    assert_eq!(scored("concurrency: 1"), (STAND_IN_CPU, STAND_IN_MEMORY));
    assert_eq!(scored("limits: {memory: 1Gi}"), (STAND_IN_CPU, Bytes::from_gib(1)));
    assert_eq!(scored("requests: {cpu: 0, memory: 0}"), Default::default(), "an explicit 0 stays");
}

#[test]
fn what_the_api_server_refuses_is_refused() {
    let spread = |rest: &str| issues(&format!("{NODES}services: {{web: {{topologySpreadConstraints: [{rest}]}}}}\n"));
    let zone = "topologyKey: topology.kubernetes.io/zone, labelSelector: {matchLabels: {app: web}}";
    for (rest, expected) in [
        (format!("{{maxSkew: 0, whenUnsatisfiable: DoNotSchedule, {zone}}}"), "S0204 services.web.topologySpreadConstraints[0].maxSkew: a skew is at least 1"),
        (
            format!("{{maxSkew: 1, whenUnsatisfiable: ScheduleAnyway, minDomains: 2, {zone}}}"),
            "S0231 services.web.topologySpreadConstraints[0].minDomains: `minDomains` goes with `whenUnsatisfiable: DoNotSchedule` only",
        ),
        (
            format!("{{maxSkew: 1, whenUnsatisfiable: DoNotSchedule, {zone}}}, {{maxSkew: 2, whenUnsatisfiable: DoNotSchedule, {zone}}}"),
            "S0202 services.web.topologySpreadConstraints[1].topologyKey: there are two constraints on `topology.kubernetes.io/zone` with `whenUnsatisfiable: DoNotSchedule`",
        ),
        (
            format!("{{maxSkew: 1, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [app], {zone}}}"),
            "S0231 services.web.topologySpreadConstraints[0].matchLabelKeys[0]: the `labelSelector` is about the label `app` already",
        ),
    ] {
        assert_eq!(spread(&rest), [expected]);
    }
    let near = |term: &str| issues(&format!("{NODES}services: {{web: {{affinity: {{podAffinity: {{{term}}}}}}}}}\n"));
    let path = "services.web.affinity.podAffinity";
    assert_eq!(
        near("preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, podAffinityTerm: {labelSelector: {}, topologyKey: kubernetes.io/hostname}}]"),
        [format!("S0231 {path}.preferredDuringSchedulingIgnoredDuringExecution[0].weight: a weight lies between 1 and 100")]
    );
    let found = near(
        "requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchExpressions: [{key: app, operator: In}]}, topologyKey: kubernetes.io/hostname}]",
    );
    let selector = format!("{path}.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector");
    assert!(found.contains(&format!("S0231 {selector}.matchExpressions[0].values: the operator `In` needs at least one value")), "{found:?}");
}

#[test]
fn demands_that_cannot_be_met_are_suspicious() {
    let check = |service: &str| issues(&format!("{NODES}services: {{web: {{{service}}}}}\n"));
    let constraint = |key: &str, when: &str, selector: &str| {
        check(&format!("topologySpreadConstraints: [{{maxSkew: 1, topologyKey: {key}, whenUnsatisfiable: {when}{selector}}}]"))
    };
    let own = ", labelSelector: {matchLabels: {app: web}}";
    let path = "services.web.topologySpreadConstraints[0]";
    assert_eq!(constraint("rack", "DoNotSchedule", own), [format!("S0301 {path}.topologyKey: no node has the label `rack`: the pods of `web` stay Pending")]);
    assert_eq!(constraint("rack", "ScheduleAnyway", own), [format!("S0307 {path}.topologyKey: no node has the label `rack`")]);
    assert_eq!(constraint("kubernetes.io/hostname", "ScheduleAnyway", ""), [format!("S0307 {path}: without a `labelSelector` a constraint counts no pod")]);
    let near = "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: cache}}, topologyKey: kubernetes.io/hostname}]}}";
    assert_eq!(
        check(near),
        [
            "S0301 services.web.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]: no workload has the pods that `web` is to be near: its pods stay Pending"
        ]
    );
    assert!(check(&near.replace("app: cache", "app: web")).is_empty(), "the first of a series");
    assert_eq!(
        issues("nodes: [{name: a, tier: ecs, unschedulable: true, capacity: {cpu: 8}}]\nservices: {web: {}}\n"),
        ["S0301 services.web: every node that `web` may use is `unschedulable`: its pods stay Pending"]
    );
}
