//! Node pools, DaemonSets and the flags of cluster-autoscaler.

use sim_core::plan::{Expander, NodeKind, NodeScaling, ScalingMode, ShrinkRules, ZonePolicy};
use sim_core::random::Distribution;
use sim_core::units::Span;

use super::{issues, plan};

#[test]
fn flags_default_as_cluster_autoscaler_starts() {
    let plan = plan("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3}}");
    let NodeScaling { mode, expanders, balances_similar, max_nodes, max_per_scale_up, new_pod_delay, expendable_below, shrink, .. } = plan.node_scaling;
    assert!(matches!(mode, ScalingMode::Scan { interval, .. } if interval == Span::from_secs(10)));
    assert_eq!((expanders, balances_similar, max_nodes, max_per_scale_up), (vec![Expander::LeastWaste], false, None, 1000));
    assert_eq!((new_pod_delay, expendable_below), (Span::ZERO, -10));
    let minutes = |minutes: u64| Span::from_secs(60 * minutes);
    let ShrinkRules { delay_after_add, delay_after_delete, delay_after_failure, candidates, parallelism, drain_parallelism, max_grace, recheck, .. } = shrink;
    assert_eq!((delay_after_add, delay_after_delete, delay_after_failure), (minutes(10), Span::from_secs(10), minutes(3)));
    assert_eq!((candidates, parallelism, drain_parallelism, max_grace, recheck), (30, 10, 1, minutes(10), minutes(5)));
    let pool = plan.pools.values().next().unwrap();
    assert_eq!((pool.shrink.utilization_threshold, pool.shrink.unneeded_time, pool.shrink.unready_time), (0.5, minutes(10), minutes(20)));
    assert_eq!((pool.max_provision_time, plan.node_scaling.cpu_milli, plan.node_scaling.memory_bytes), (minutes(15), (0, 320_000_000), (0, 6_400_000 << 30)));
}

#[test]
fn images_take_as_long_as_is_published() {
    for (settings, seconds) in
        [("image: standard", 120.0), ("image: standardQboot", 90.0), ("image: swift", 60.0), ("image: swiftQboot", 45.0), ("provisioning: 80s", 80.0)]
    {
        let plan = plan(&format!("pools: {{burst: {{instanceType: ecs.c7.xlarge, max: 3, {settings}}}}}"));
        assert_eq!(plan.pools.values().next().unwrap().provisioning, Distribution::Constant(seconds), "{settings}");
    }
    for (image, seconds) in [("standard", 103.0), ("containerOs", 45.0)] {
        let plan = plan(&format!("instantElasticity: {{}}\npools: {{burst: {{instanceType: ecs.c7.xlarge, max: 3, image: {image}}}}}"));
        assert_eq!(plan.pools.values().next().unwrap().provisioning, Distribution::Constant(seconds), "{image}");
        assert!(matches!(plan.node_scaling.mode, ScalingMode::Events { batch: 180, .. }));
    }
    assert!(issues("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3, image: custom}}")[0].contains("no time is published"));
}

#[test]
fn every_machine_that_a_pool_may_have_is_a_node_of_the_plan() {
    let text = "pools: {burst: {instanceTypes: [ecs.c7.xlarge, ecs.g7.xlarge], zones: [cn-hangzhou-i, cn-hangzhou-j], zonePolicy: priority, max: 2, taints: [{key: k, effect: NoSchedule}]}}";
    let plan = plan(text);
    let names: Vec<&str> = plan.nodes.values().map(|node| node.name.as_str()).collect();
    assert_eq!(names.len(), 8);
    assert_eq!((names[0], names[7]), ("burst-ecs.c7.xlarge-cn-hangzhou-i-1", "burst-ecs.g7.xlarge-cn-hangzhou-j-2"));
    let pool = plan.pools.values().next().unwrap();
    assert_eq!((pool.offers.len(), pool.offers[3].kind, pool.offers[3].zone.as_str(), pool.zone_policy), (4, 1, "cn-hangzhou-j", ZonePolicy::Priority));
    let node = plan.nodes.values().next().unwrap();
    assert_eq!(node.labels["alibabacloud.com/nodepool-id"], "burst");
    assert_eq!(node.labels["node.kubernetes.io/instance-type"], "ecs.c7.xlarge");
    assert_eq!(node.taints.len(), 1);
}

#[test]
fn daemon_sets_run_on_the_machines_that_match() {
    let plan = plan(
        "nodes: [{name: idc, capacity: {cpu: 4, memory: 8Gi}, price: 1/h, labels: {gpu: none}}, {name: tainted, capacity: {cpu: 4, memory: 8Gi}, price: 1/h, taints: [{key: k, effect: NoSchedule}]}]\n\
         pools: {burst: {instanceType: ecs.c7.xlarge, max: 1}}\n\
         daemonSets: {proxy: {requests: {cpu: 100m}, tolerations: [{operator: Exists}]}, agent: {requests: {cpu: 200m, memory: 1Gi}}, driver: {requests: {cpu: 1}, nodeSelector: {gpu: none}}}",
    );
    let daemons = |name: &str| {
        let node = plan.nodes.values().find(|node| node.name == name).unwrap();
        let NodeKind::Machine(machine) = &node.kind else { panic!("a machine") };
        (machine.daemons.pods, machine.daemons.requests.cpu.0)
    };
    assert_eq!((daemons("idc"), daemons("tainted"), daemons("burst-1")), ((3, 1300), (1, 100), (2, 300)));
}

#[test]
fn what_cannot_be_is_reported() {
    for (text, expected) in [
        ("pools: {burst: {instanceType: ecs.c7.xlarge, min: 4, max: 3}}", "`min` is larger than `max`"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3, initial: 5}}", "0 to 3 machines"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 200000}}", "too large"),
        ("pools: {burst: {instanceType: ecs.c7.xlarg, max: 3}}", "no machine type"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3, zone: a, zones: [b]}}", "exclude each other"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3, zones: [a, a]}}", "listed once"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3, stock: [{zone: x, available: 3}]}}", "no zone of the pool"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3, stock: [{}]}}", "either `available` or `levels`"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3, stock: [{levels: [[1m, 3], [0s, 2]]}]}}", "ascend"),
        ("clusterAutoscaler: {}", "no `pools`"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3}}\nclusterAutoscaler: {expander: leastwaste}", "there is no expander"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3}}\nclusterAutoscaler: {coresTotal: \"5\"}", "no range"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3}}\nclusterAutoscaler: {scanInterval: 0s}", "scanInterval"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3}}\ndaemonSets: {big: {requests: {cpu: 5}}}", "request more than"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3, provisioning: 20m}}", "gives them up"),
        ("pools: {burst: {instanceType: ecs.c7.xlarge, max: 3, zonePolicy: balance}}", "no effect"),
    ] {
        let found = issues(text).join("\n");
        assert!(found.contains(expected), "{text}: {found}");
    }
}

#[test]
fn annotations_say_whether_a_pod_may_move() {
    let moving = |annotations: &str| {
        let plan = plan(&format!("nodes: [{{name: idc, capacity: {{cpu: 4}}, price: 1/h}}]\nservices: {{web: {{requests: {{cpu: 1}}, {annotations}}}}}"));
        plan.services.values().next().unwrap().template.moving
    };
    assert_eq!(moving("annotations: {cluster-autoscaler.kubernetes.io/safe-to-evict: \"false\"}").safe_to_evict, Some(false));
    assert_eq!(moving("annotations: {cluster-autoscaler.kubernetes.io/safe-to-evict: \"true\"}").safe_to_evict, Some(true));
    assert_eq!(moving("annotations: {karpenter.sh/do-not-disrupt: \"true\"}").safe_to_evict, Some(false));
    assert!(moving("localStorage: true").local_storage);
    assert_eq!(moving("replicas: 1"), sim_core::plan::Moving::default());
}
