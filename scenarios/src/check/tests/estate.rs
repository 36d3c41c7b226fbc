//! Nodes, instance sizes and prices.

use sim_core::plan::{BillingStart, CreateLimit, NodeKind, Purchase};
use sim_core::units::{Bytes, MilliCpu, Resources};

use super::{issues, lines, load, plan};

fn allocatable(node: &str) -> (u64, u64) {
    let plan = plan(&format!("nodes: [{node}]"));
    let NodeKind::Machine(machine) = &plan.nodes.values().next().unwrap().kind else { panic!("a machine") };
    let allocatable = machine.allocatable();
    (allocatable.cpu.0, allocatable.memory.0)
}

#[test]
fn golden_case_g01_what_a_node_of_six_cores_has_left() {
    for (reserved, cpu) in
        [("ack-1.28", 5915), ("ack-1.20", 5850), ("{cpu: 850m}", 5150), ("none", 6000), ("{cpu: 1m}", 5999), ("{policy: ack-1.28, cpu: 850m}", 5065)]
    {
        assert_eq!(allocatable(&format!("{{name: idc, capacity: {{cpu: 6}}, reserved: {reserved}}}")), (cpu, 0), "{reserved}");
    }
    let with_memory = allocatable("{name: idc, capacity: {cpu: 16, memory: 64Gi}, reserved: ack-1.28, maxPods: 64}");
    assert_eq!(with_memory, (16_000 - 110, (64 << 30) - ((255 + 11 * 64) << 20)));
}

#[test]
fn golden_case_g15_requests_are_rounded_up_to_sizes() {
    let provider = |specs: &str, rounding: &str| {
        let text = format!("virtualNodes: [{{name: vk}}]\nproviders: {{eci: {{specs: {specs}, rounding: {rounding}}}}}");
        plan(&text).providers.values().next().unwrap().clone()
    };
    let gib = |gib: f64| Bytes((gib * f64::from(1 << 30)) as u64);
    let size = |provider: &sim_core::plan::Provider, cpu: u64, memory: f64| {
        provider.spec_for(Resources::new(MilliCpu(cpu), gib(memory))).map(|spec| (spec.cpu.0, spec.memory.0 as f64 / f64::from(1 << 30)))
    };
    let (all, selected) = (provider("all", "cpuFirst"), provider("selected", "cpuFirst"));
    for (cpu, memory, everywhere, here) in [
        (100, 0.1, (250, 0.5), (250, 0.5)),
        (1000, 0.0, (1000, 2.0), (1000, 2.0)),
        (2000, 0.0, (2000, 1.0), (2000, 1.0)),
        (500, 3.0, (1000, 4.0), (1000, 4.0)),
        (2000, 3.0, (2000, 4.0), (2000, 4.0)),
        (2000, 6.0, (2000, 8.0), (2000, 6.0)),
        (2000, 10.0, (2000, 16.0), (2000, 10.0)),
        (2000, 20.0, (4000, 32.0), (4000, 20.0)),
        (3000, 5.0, (4000, 8.0), (4000, 6.0)),
        (5000, 9.0, (8000, 16.0), (6000, 10.0)),
        (7000, 13.0, (8000, 16.0), (8000, 14.0)),
        (8000, 65.0, (12_000, 96.0), (12_000, 96.0)),
        (24_000, 97.0, (24_000, 192.0), (24_000, 192.0)),
    ] {
        assert_eq!(size(&all, cpu, memory), Some(everywhere), "{cpu}m {memory} GiB in all regions");
        assert_eq!(size(&selected, cpu, memory), Some(here), "{cpu}m {memory} GiB in selected regions");
    }
    assert_eq!(size(&provider("all", "cheapest"), 24_000, 97.0), Some((32_000, 128.0)));
    assert_eq!([size(&all, 64_000, 513.0), size(&all, 65_000, 1.0)], [None, None]);
    assert_eq!(size(&all, 0, 0.0), Some((2000, 4.0)));
}

#[test]
fn golden_case_g16_the_price_of_an_instance() {
    let plan = plan("virtualNodes: [{name: vk}]\nprices: {billing: {start: ready, subCent: true}}");
    let provider = plan.providers.values().next().unwrap();
    let spec = provider.spec_for(Resources::new(MilliCpu(2000), Bytes::from_gib(4))).unwrap();
    assert_eq!(provider.price.of(spec).rounded().to_string(), "0.00012252");
    assert_eq!(provider.price.of(spec).amount(3_600_000_000_000).to_string(), "0.441072");
    assert!(!provider.price.note.assumption);
    assert_eq!((provider.billing.start, provider.billing.sub_cent, provider.billing.granularity.as_secs_f64()), (BillingStart::Ready, true, 1.0));
    assert_eq!(provider.create_limit, CreateLimit::FixedWindow { calls: 1000, per: sim_core::units::Span::from_secs(60) });
}

#[test]
fn machines_have_the_prices_of_the_book() {
    let price = |node: &str| {
        let plan = plan(&format!("nodes: [{node}]"));
        let NodeKind::Machine(machine) = &plan.nodes.values().next().unwrap().kind else { panic!("a machine") };
        let price = machine.price.clone();
        (price.item, price.purchase, price.price.amount(3_600_000_000_000).to_string(), price.note.assumption)
    };
    let expected = |item: &str, purchase, hourly: &str, assumption| (item.to_owned(), purchase, hourly.to_owned(), assumption);
    assert_eq!(price("{name: a, instanceType: ecs.g7.xlarge}"), expected("ecs.g7.xlarge", Purchase::PayAsYouGo, "1.0465", false));
    // Golden case G29: 0.815397 x 480 / 720.
    let subscribed = price("{name: a, instanceType: ecs.c7.xlarge, billing: subscription}");
    assert_eq!(subscribed, expected("ecs.c7.xlarge", Purchase::Subscription, "0.543598", true));
    assert_eq!(price("{name: a, tier: idc, capacity: {cpu: 16, memory: 64Gi}}"), expected("idc 16 vCPU 64 GiB", Purchase::Owned, "0.8", true));
    assert_eq!(price("{name: a, instanceType: x, capacity: {cpu: 1}, price: 48/d}"), expected("x", Purchase::PayAsYouGo, "2", false));
}

#[test]
fn nodes_carry_the_labels_that_kubernetes_sets() {
    let plan = plan(
        "nodes: [{name: ecs, count: 2, zone: cn-hangzhou-h, instanceType: ecs.c7.large, labels: {pool: base}}]\nvirtualNodes: [{name: vk, count: 0}, {name: vn, defaultTaint: false}]",
    );
    let names: Vec<&str> = plan.nodes.values().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["ecs-1", "ecs-2", "vn"]);
    let first = plan.nodes.values().next().unwrap();
    let labels: Vec<String> = first.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        labels,
        [
            "kubernetes.io/hostname=ecs-1",
            "node.kubernetes.io/instance-type=ecs.c7.large",
            "pool=base",
            "topology.kubernetes.io/region=cn-hangzhou",
            "topology.kubernetes.io/zone=cn-hangzhou-h"
        ]
    );
    let last = plan.nodes.values().last().unwrap();
    assert!(last.taints.is_empty() && last.labels["type"] == "virtual-kubelet");
    let NodeKind::Machine(machine) = &first.kind else { panic!("a machine") };
    assert_eq!(machine.capacity, Resources::new(MilliCpu(2000), Bytes::from_gib(4)));
}

#[test]
fn what_has_no_price_is_refused() {
    assert_eq!(
        issues("nodes: [{name: a, instanceType: ecs.c7.2xlage}]"),
        ["S0220 nodes[0].instanceType: the price book `aliyun-cn-hangzhou` has no machine type `ecs.c7.2xlage`"]
    );
    assert_eq!(
        issues("nodes: [{name: a, capacity: {cpu: 2}, billing: payAsYouGo}]"),
        ["S0220 nodes[0]: the price of `a` is unknown without an `instanceType`"]
    );
    assert_eq!(issues("nodes: [{name: a}]"), ["S0209 nodes[0]: the capacity of `a` is unknown"]);
    assert_eq!(
        issues("prices: aliyun-us-west-1\nvirtualNodes: [{name: a}]"),
        ["S0220 virtualNodes[0]: the price book `aliyun-us-west-1` has no prices for the provider `eci`"]
    );
    assert!(load("prices: aliyun-us-west-1\nvirtualNodes: [{name: a}]\nproviders: {eci: {price: {vcpu: 0.05/h, gib: 0.005/h}}}").plan.is_some());
    assert_eq!(issues("prices: aliyun-cn-hangzou"), ["S0201 prices: there is no price book `aliyun-cn-hangzou`"]);
}

#[test]
fn slips_in_an_estate_are_found() {
    for (text, expected) in [
        ("nodes: [{name: a, capacity: {cpu: 1, mem: 1Gi}}]", "S0221 nodes[0].capacity.mem: there is no resource `mem`"),
        ("nodes: [{name: a, capacity: {cpu: 1}}, {name: a, capacity: {cpu: 1}}]", "S0202 nodes[1].name: there are two nodes named `a`"),
        ("nodes: [{name: A_b, capacity: {cpu: 1}}]", "S0203 nodes[0].name: `A_b` cannot be the name of a node"),
        ("nodes: [{name: a, count: 100001, capacity: {cpu: 1}}]", "S0205 nodes: 100001 nodes are too many: at most 100000 are possible"),
        ("nodes: [{name: a, capacity: {cpu: 1}, reserved: {cpu: 2}}]", "S0205 nodes[0].reserved: the system keeps more than the machine has"),
        (
            "nodes: [{name: a, zone: cn-beijing-h, capacity: {cpu: 1}}]",
            "S0309 nodes[0].zone: the zone `cn-beijing-h` is not in `cn-hangzhou`, the region of the price book",
        ),
        ("virtualNodes: [{name: a, provider: ecx}]", "S0201 virtualNodes[0].provider: there is no provider `ecx`"),
        ("virtualNodes: [{name: a, startUp: {uniform: {min: 2s, max: 1s}}}]", "S0206 virtualNodes[0].startUp.uniform.min: `min` is larger than `max`"),
        ("virtualNodes: [{name: a, startUp: {lognormal: {cv: 1}}}]", "S0209 virtualNodes[0].startUp.lognormal: a lognormal needs `mean` or `median`"),
    ] {
        assert_eq!(issues(text), [expected], "{text}");
    }
    let five = load("nodes: [{name: a, capacity: {cpu: 1, x/a: 1, x/b: 1, x/c: 1, x/d: 1, x/e: 1}}]");
    assert_eq!(lines(&five), ["S0222 nodes[0].capacity.x/e: `x/e` is one extended resource too many"]);
}
