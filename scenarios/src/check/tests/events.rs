//! What is done to the cluster by hand.

use sim_core::plan::{ActionKind, MetadataChange};
use sim_core::units::Time;

use super::{issues, plan};

const WEB: &str = "nodes: [{name: ecs, count: 2, instanceType: ecs.c7.2xlarge}]\nservices: {web: {namespace: shop}}\n";

#[test]
fn events_become_actions_in_order_of_time() {
    let plan = plan(&format!(
        "{WEB}namespaces: {{shop: {{labels: {{a: b}}}}, idle: {{}}}}\nevents:\n  - {{label: {{at: 3m, node: ecs-2, labels: {{pool: x}}, remove: [zone]}}}}\n  - {{scale: {{at: 1m, service: web, replicas: 3}}}}\n  - {{deletePod: {{at: 2m, service: web, tier: ecs}}}}\n  - {{annotate: {{at: 3m, namespace: shop, annotations: {{k: v}}}}}}\n"
    ));
    let change = |set: &[(&str, &str)], removed: &[&str]| MetadataChange {
        set: set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        removed: removed.iter().map(|key| (*key).to_owned()).collect(),
    };
    let service = plan.services.find(|service| service.name == "web").unwrap();
    let namespace = plan.namespaces.find(|namespace| namespace.name == "shop").unwrap();
    let (tier, node) = (plan.tiers.find(|tier| tier.name == "ecs"), plan.nodes.find(|node| node.name == "ecs-2").unwrap());
    let expected = [
        (60, ActionKind::Scale { service, replicas: 3 }),
        (120, ActionKind::DeletePods { service, tier, node: None, count: 1 }),
        (180, ActionKind::LabelNode { node, change: change(&[("pool", "x")], &["zone"]) }),
        (180, ActionKind::AnnotateNamespace { namespace, change: change(&[("k", "v")], &[]) }),
    ];
    assert_eq!(plan.actions.iter().map(|action| (action.at, action.what.clone())).collect::<Vec<_>>(), expected.map(|(at, what)| (Time::from_secs(at), what)));
    assert_eq!(plan.namespaces.values().map(|namespace| namespace.name.as_str()).collect::<Vec<_>>(), ["shop", "idle"]);
}

#[test]
fn events_are_about_things_that_exist() {
    for (event, expected) in [
        ("scale: {at: 1m, service: wbe, replicas: 3}", "S0201 events[0].scale.service: there is no service `wbe`"),
        ("scale: {at: 10m, service: web, replicas: 3}", "S0307 events[0].scale.at: this comes after the end of the run"),
        ("scale: {at: 1m, service: web, replicas: 2000000}", "S0205 events[0].scale.replicas: at most 1000000 pods at a time are possible"),
        ("deletePod: {at: 1m, service: web, count: 0}", "S0204 events[0].deletePod.count: at least one pod is deleted"),
        ("deletePod: {at: 1m, service: web, tier: idc}", "S0201 events[0].deletePod.tier: there is no tier `idc`"),
        ("label: {at: 1m, node: ecs, labels: {a: b}}", "S0201 events[0].label.node: there is no node `ecs`"),
        ("label: {at: 1m, node: ecs-1, namespace: shop, labels: {a: b}}", "S0208 events[0].label: a label event has exactly one of `node` and `namespace`"),
        ("label: {at: 1m, node: ecs-1}", "S0209 events[0].label: this event changes nothing: it needs `labels` or `remove`"),
        ("label: {at: 1m, node: ecs-1, labels: {a: b}, remove: [a]}", "S0208 events[0].label.remove[0]: this key is both set and removed"),
        ("annotate: {at: 1m, namespace: default, annotations: {a: b}}", "S0201 events[0].annotate.namespace: there is no namespace `default`"),
    ] {
        assert_eq!(issues(&format!("{WEB}events: [{{{event}}}]\n")), [expected]);
    }
}

#[test]
fn pods_that_an_event_asks_for_count() {
    let text = "virtualNodes: [{name: vk}]\nservices:\n  a: {placement: {prefer: [eci]}}\n  b: {placement: {prefer: [eci]}}\nevents:\n  - {scale: {at: 1m, service: a, replicas: 900000}}\n  - {scale: {at: 2m, service: b, replicas: 900000}}\n  - {scale: {at: 3m, service: b, replicas: 1}}\n";
    let found = issues(text);
    assert!(found[0].ends_with("up to 1800000 pods at a time are too many: at most 1000000 are possible"), "{found:?}");
}
