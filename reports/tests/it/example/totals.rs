//! Totals, bill, nodes and decisions of the flash sale.

use std::collections::BTreeMap;

use sim_core::record::{
    Breach, CostSummary, DecisionRow, InvoiceLine, LatencyCauses, LatencySummary, MeanMax, NodeRow, ObjectiveSummary, PendingSummary, PendingTimes, PodRow,
    ReplicaSummary, RequestCounts, SpikeSummary, StartUpSummary, Summary, TierPods, TierSummary, WorkloadRow, WorkloadSummary,
};
use sim_core::units::Money;

use super::model::by_tier;

/// Nodes at the end.
pub(super) fn node_rows() -> Vec<NodeRow> {
    let node = |name: String, tier: &str, pods, peak_pods, cpu: (u64, u64), memory: (u64, u64)| {
        let percent = |(part, whole): (u64, u64)| if whole == 0 { String::new() } else { format!("{:.2}", part as f64 * 100.0 / whole as f64) };
        NodeRow {
            node: name,
            tier: tier.to_owned(),
            zone: "cn-hangzhou-i".to_owned(),
            pods,
            peak_pods,
            cpu_requested_milli: cpu.0,
            cpu_allocatable_milli: cpu.1,
            cpu_requested_percent: percent(cpu),
            memory_requested: memory.0 << 30,
            memory_allocatable: memory.1 << 30,
            memory_requested_percent: percent(memory),
            status: "Ready".to_owned(),
            ..NodeRow::default()
        }
    };
    let idc = (0..2u32).map(|i| node(format!("idc-{i}"), "idc", 5, 24, (2_500, 15_580), (5, 61)));
    let ecs = (0..4u32).map(|i| node(format!("ecs-{i}"), "ecs", 3 - i.min(3), 16, (1_500 - 500 * u64::from(i.min(3)), 7_910), (3, 13)));
    idc.chain(ecs).chain([node("vk-a".to_owned(), "eci", 0, 70, (0, 0), (0, 0))]).collect()
}

/// A few decisions.
pub(super) fn decision_rows() -> Vec<DecisionRow> {
    let scaled = |t, object: &str, reason: &str| DecisionRow {
        t,
        controller: "hpa".into(),
        action: "scaled".into(),
        subject: "web".to_owned(),
        object: object.to_owned(),
        reason: reason.to_owned(),
    };
    vec![
        scaled(3615.0, "17 -> 34", "cpu 99 % of request, target 60 %: wants 181, policy allows 34"),
        scaled(3630.0, "34 -> 68", "cpu 100 % of request, target 60 %: wants 180, policy allows 68"),
        DecisionRow {
            t: 3690.0,
            controller: "scheduler".into(),
            action: "refused".into(),
            subject: "default/web-7d9c-00123".to_owned(),
            object: String::new(),
            reason: "0/7 nodes are available: 6 Insufficient cpu, 1 instance quota".to_owned(),
        },
    ]
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn invoice() -> CostSummary {
    let line = |item: &str, tier: &str, purchase: &str, quantity, unit: &str, price: &str, amount: &str, assumption| InvoiceLine {
        item: item.to_owned(),
        tier: tier.to_owned(),
        purchase: purchase.to_owned(),
        quantity,
        unit: unit.to_owned(),
        unit_price: money(price),
        amount: money(amount),
        assumption,
        prepaid: purchase != "pay-as-you-go",
        source: String::new(),
    };
    let lines = vec![
        line("idc server 16 vCPU 64 GiB", "idc", "amortised", 4.0, "node-hour", "2.7", "10.8", true),
        line("ecs.c7.2xlarge", "ecs", "subscription", 8.0, "node-hour", "2.61", "20.88", false),
        line("eci 0.5 vCPU 1 GiB", "eci", "pay-as-you-go", 132_480.0, "instance-second", "0.0000245", "3.24576", false),
        line("eci 1 vCPU 2 GiB", "eci", "pay-as-you-go", 18_420.0, "instance-second", "0.000049", "0.90258", false),
    ];
    CostSummary {
        currency: "CNY".to_owned(),
        total: money("35.82834"),
        by_tier: BTreeMap::from([("eci".to_owned(), money("4.14834")), ("ecs".to_owned(), money("20.88")), ("idc".to_owned(), money("10.8"))]),
        by_workload: BTreeMap::from([("web".to_owned(), money("16.40834"))]),
        idle: money("19.42"),
        per_million_requests: Some(money("2.281734")),
        lines,
        assumptions: vec!["idc server: 2.7 CNY an hour is 95,000 CNY over four years, without power and staff".to_owned()],
        ..CostSummary::default()
    }
}

/// The largest value of one column.
fn most(windows: &[WorkloadRow], value: impl Fn(&WorkloadRow) -> f64) -> f64 {
    windows.iter().map(value).fold(0.0, f64::max)
}

/// The totals of the windows and pods.
pub(super) fn summary(windows: &[WorkloadRow], pods: &[PodRow]) -> Summary {
    let sum = |value: fn(&WorkloadRow) -> u64| windows.iter().map(value).sum::<u64>();
    let (completed, timed_out, rejected) = (sum(|r| r.completed), sum(|r| r.timed_out), sum(|r| r.rejected));
    let offered = completed + timed_out + rejected + 34;
    let requests = RequestCounts {
        offered,
        completed,
        timed_out,
        rejected,
        failed: 0,
        retried: 0,
        in_flight: 34,
        success_rate: completed as f64 / (offered - 34) as f64,
        throughput_per_s: completed as f64 / 7200.0,
    };
    let p99 = most(windows, |r| r.latency_p99_ms.unwrap_or(0.0));
    let latency_ms = LatencySummary { mean: 214.3, p50: 47.1, p90: 402.0, p95: 1_310.0, p99, p999: 4_990.0, p9999: 4_999.0, max: 5_000.0 };
    let mut steps = vec![(0.0, 10)];
    for row in windows {
        if steps.last().is_some_and(|(_, n)| *n != row.replicas_desired) {
            steps.push((row.t, row.replicas_desired));
        }
    }
    let mean = windows.iter().map(|r| f64::from(r.replicas_desired)).sum::<f64>() / windows.len() as f64;
    let last = windows.last().map_or(0, |r| r.replicas_desired);
    let replicas = ReplicaSummary { min: 10, mean, max: most(windows, |r| f64::from(r.replicas_desired)) as u32, r#final: last, steps };
    let peak = by_tier(replicas.max);
    let seconds = |tier: &str| pods.iter().filter(|p| p.tier == tier).map(|p| p.ended.unwrap_or(7200.0) - p.created).sum::<f64>();
    let tier_pods = |k: usize| TierPods { peak: peak[k].1, pod_seconds: seconds(peak[k].0), r#final: by_tier(last)[k].1 };
    let web = WorkloadSummary {
        restarts: 0,
        oom_kills: 0,
        rollouts: Vec::new(),
        requests,
        latency_ms,
        wait_ms: LatencySummary { mean: 160.0, p50: 0.0, p90: 350.0, p95: 1_260.0, p99: p99 - 60.0, p999: 4_940.0, p9999: 4_949.0, max: 4_950.0 },
        waited_share: 0.3,
        latency_causes_ms: LatencyCauses::default(),
        latency_by_tier_ms: BTreeMap::new(),
        cpu_utilization: MeanMax { mean: 0.58, max: 1.0 },
        cpu_unserved_core_s: 0.0,
        replicas,
        pods: (0..3).map(|k| (peak[k].0.to_owned(), tier_pods(k))).collect(),
        pending_s: PendingTimes { p50: 25.0, p99: 75.0, max: 92.4 },
        start_up: StartUpSummary::default(),
        cpu_request_milli: 500,
        hpa: None,
    };
    let cost = invoice();
    let idle = [money("4.1"), money("15.32"), Money::ZERO];
    let tiers = (0..3)
        .map(|k| {
            let (tier, pods) = (peak[k].0.to_owned(), tier_pods(k));
            let nodes = [2, 4, 1][k];
            let node_seconds = if k == 2 { 0.0 } else { f64::from(nodes) * 7200.0 };
            let cost = cost.by_tier[&tier];
            (
                tier,
                TierSummary {
                    nodes,
                    peak_nodes: nodes,
                    peak_pods: pods.peak,
                    pod_seconds: pods.pod_seconds,
                    node_seconds,
                    cost,
                    idle_cost: idle[k],
                    start_up: StartUpSummary::default(),
                    ..TierSummary::default()
                },
            )
        })
        .collect();
    let breaches = vec![
        Breach { from: 3600.0, to: 3850.0, cause: "replicas were starting (HPA wanted 180, 34 were ready)".to_owned(), ..Breach::default() },
        Breach { from: 4100.0, to: 4130.0, cause: "no ECI stock in cn-hangzhou-i".to_owned(), ..Breach::default() },
    ];
    Summary {
        schema: "overspill.summary/1".to_owned(),
        scenario: "flash-sale".to_owned(),
        seed: 42,
        start: None,
        fidelity: "request".to_owned(),
        simulated_s: 7200.0,
        warm_up_s: 0.0,
        wall_s: 1.84,
        nodes: node_rows().into_iter().map(|node| (node.node.clone(), node)).collect(),
        series: BTreeMap::new(),
        simulated_to_wall: 7200.0 / 1.84,
        events: 8_204,
        digest: "9f2c44d01b7ae863".to_owned(),
        requests,
        latency_ms,
        workloads: BTreeMap::from([("web".to_owned(), web)]),
        jobs: BTreeMap::new(),
        tiers,
        pools: BTreeMap::new(),
        pods_by_namespace: BTreeMap::from([("default".to_owned(), BTreeMap::from([("idc-0".to_owned(), 5), ("idc-1".to_owned(), 5)]))]),
        pending: vec![PendingSummary {
            workload: "web".to_owned(),
            pods: 3,
            reason: "0/7 nodes are available: 6 Insufficient cpu, 1 instance quota of cn-hangzhou-i reached (70 of 70).".to_owned(),
        }],
        cost,
        calls: Vec::new(),
        backends: BTreeMap::new(),
        objectives: vec![
            ObjectiveSummary {
                name: "web p99 below 300ms in 99% of windows".to_owned(),
                workload: Some("web".to_owned()),
                quantile: Some(0.99),
                bound: 300.0,
                target: 0.99,
                attained: 0.9611,
                met: false,
                breaches,
                attribution: BTreeMap::new(),
                bottlenecks: BTreeMap::new(),
            },
            ObjectiveSummary {
                name: "errors below 2% in 95% of windows".to_owned(),
                workload: None,
                quantile: None,
                bound: 0.02,
                target: 0.95,
                attained: 0.9777,
                met: true,
                breaches: Vec::new(),
                attribution: BTreeMap::new(),
                bottlenecks: BTreeMap::new(),
            },
        ],
        faults: Vec::new(),
        spikes: vec![
            SpikeSummary { workload: "web".to_owned(), at_s: 3600.0, from_ready: 17, to_replicas: 180, time_to_capacity_s: Some(195.0) },
            SpikeSummary { workload: "web".to_owned(), at_s: 6000.0, from_ready: 20, to_replicas: 24, time_to_capacity_s: None },
        ],
        warnings: vec!["hpa web: max 180 replicas was reached for 5 min 30 s; the load wanted 261".to_owned()],
    }
}
