//! Services, what they call, and the load that they get.

use std::fmt::Write;

use super::{Written, annotations, placement};
use crate::dice::Dice;

/// What a service does.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// It is there.
    Idle,
    /// It uses CPU.
    Demand,
    /// It answers requests.
    Requests,
    /// It answers requests from a queue that its pods take them from.
    Queue,
}

pub(super) fn write(written: &mut Written, dice: &mut Dice) {
    let count = dice.between(1, 3);
    let mut kinds: Vec<Kind> = (0..count)
        .map(|_| match dice.between(0, 7) {
            0 | 1 => Kind::Demand,
            2 => Kind::Idle,
            3 => Kind::Queue,
            _ => Kind::Requests,
        })
        .collect();
    let is_chain = dice.chance(0.3);
    if is_chain {
        kinds.fill(Kind::Requests);
    }
    if is_chain {
        let cores = dice.pick(&["concurrency: 4, serviceTime: {exponential: 30ms}", "concurrency: 2, capacity: 20/s, queueLimit: 10"]);
        written.line(&format!("backends:\n  store: {{{cores}}}"));
    }
    let has_classes = dice.chance(0.3);
    if has_classes {
        written.line("priorityClasses: {high: {value: 1000}, low: {value: -20}}");
    }
    written.line("services:");
    let (mut load, mut budgets) = (String::from("load:\n"), String::new());
    for (place, kind) in kinds.iter().enumerate() {
        let name = format!("web{place}");
        let replicas = dice.between(1, 12);
        let mut service = template(written, dice, &name, replicas);
        if has_classes && dice.chance(0.6) {
            writeln!(service, "    priority: {}", dice.pick(&["high", "low"])).unwrap();
        }
        match kind {
            Kind::Idle => {}
            Kind::Demand => {
                let demand = |dice: &mut Dice| dice.between(0, 12_000);
                let (first, second, third) = (demand(dice), demand(dice), demand(dice));
                writeln!(load, "  {name}: [{{cpuDemand: [[0s, {first}m], [{}s, {second}m], [{}s, {third}m]]}}]", written.seconds / 4, written.seconds / 2)
                    .unwrap();
            }
            Kind::Requests | Kind::Queue => {
                requests(&mut service, dice, *kind == Kind::Queue);
                if is_chain {
                    calls(&mut service, dice, place, kinds.len());
                }
                // What others call may have no load of its own.
                if place == 0 || !is_chain || dice.chance(0.5) {
                    let (base, peak) = (dice.between(1, 8), dice.between(5, 40));
                    let at = dice.between(30, written.seconds / 2);
                    writeln!(load, "  {name}: [{{constant: {base}/s}}, {{flashSale: {{at: {at}s, peak: {peak}/s, rampUp: 5s, hold: 90s, decay: 60s}}}}]")
                        .unwrap();
                }
            }
        }
        if dice.chance(0.4) {
            writeln!(budgets, "  {name}: {{of: {name}, minAvailable: {}}}", dice.between(0, replicas)).unwrap();
        }
        written.text += &service;
        written.services.push(name);
    }
    if load.len() > 6 {
        written.text += &load;
    }
    if !budgets.is_empty() {
        written.text.push_str("disruptionBudgets:\n");
        written.text.push_str(&budgets);
    }
}

/// Everything about a service's pods but their requests.
fn template(written: &Written, dice: &mut Dice, name: &str, replicas: u64) -> String {
    let cpu = dice.pick(&["250m", "500m", "1", "2"]);
    let splits = dice.chance(0.12);
    let placed = if splits { subsets(written, dice) } else { placement(written, dice) };
    let tolerates = placed.starts_with("tolerations");
    let gpu = written.has_gpus && dice.chance(0.3);
    let more = if gpu { ", nvidia.com/gpu: 1" } else { "" };
    let mut service = format!("  {name}:\n    replicas: {replicas}\n    requests: {{cpu: {cpu}, memory: 1Gi{more}}}\n    {placed}\n");
    service += &annotations(written, dice, name, gpu.then_some("k8s.aliyun.com/eci-use-specs: ecs.gn5-c4g1.xlarge"));
    if dice.chance(0.3) {
        service += "    initialPods: created\n";
    }
    if written.has_images {
        let (size, cached, start) = (dice.between(20, 800), dice.between(0, 100), dice.between(0, 20));
        writeln!(service, "    image: {{size: {size}M, registry: acr, cached: {cached}%}}\n    applicationStart: {start}s").unwrap();
    }
    if dice.chance(0.25) && !tolerates {
        let seconds = dice.pick(&["0", "15", "60", "600"]);
        writeln!(service, "    tolerations: [{{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: {seconds}}}]")
            .unwrap();
    }
    if dice.chance(0.2) {
        let what = dice.pick(&["ScheduleAnyway", "ScheduleAnyway", "DoNotSchedule"]);
        writeln!(
            service,
            "    topologySpreadConstraints: [{{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: {what}, labelSelector: {{matchLabels: {{app: {name}}}}}}}]"
        )
        .unwrap();
    }
    if dice.chance(0.6) {
        let max = replicas + dice.between(1, 30);
        writeln!(service, "    autoscaler: {{hpa: {{min: {}, max: {max}, cpu: {}}}}}", dice.between(1, replicas), dice.between(30, 80)).unwrap();
    }
    match dice.between(0, 9) {
        0 => service += "    strategy: recreate\n",
        1..=5 => {
            writeln!(service, "    strategy: {{rollingUpdate: {{maxSurge: {}, maxUnavailable: {}}}}}", dice.between(0, 3), dice.between(0, 3)).unwrap();
        }
        _ => {}
    }
    if dice.chance(0.3) {
        writeln!(service, "    minReady: {}s\n    progressDeadline: {}s", dice.between(0, 20), dice.between(30, 300)).unwrap();
    }
    if dice.chance(0.1) {
        service += "    paused: true\n";
    }
    service
}

/// A workload that is divided among tiers.
fn subsets(written: &Written, dice: &mut Dice) -> String {
    let mut tiers: Vec<&str> = ["idc", "ecs"].into_iter().filter(|tier| written.machines.iter().any(|name| name.starts_with(tier))).collect();
    tiers.extend(written.pools.iter().map(String::as_str));
    tiers.push("eci");
    let adaptive = if dice.chance(0.5) { format!(", adaptive: {{rescheduleCritical: {}s}}", dice.between(10, 90)) } else { String::new() };
    let is_spread = dice.chance(0.5);
    let last = tiers.len() - 1;
    let of_tier = |(place, tier): (usize, &&str)| {
        let size = match (is_spread, place == last) {
            (_, true) => String::new(),
            (true, false) => format!(", maxReplicas: {}%", dice.between(10, 80)),
            (false, false) => format!(", maxReplicas: {}", dice.between(1, 6)),
        };
        format!("{{name: in-{tier}, tier: {tier}{size}}}")
    };
    let list: Vec<String> = tiers.iter().enumerate().map(of_tier).collect();
    let kind = if is_spread { "workloadSpread" } else { "unitedDeployment" };
    format!("placement: {{{kind}: {{subsets: [{}]{adaptive}}}}}", list.join(", "))
}

fn requests(service: &mut String, dice: &mut Dice, is_queue: bool) {
    let (time, workers, grace) = (dice.between(20, 800), dice.between(1, 4), dice.between(0, 40));
    writeln!(service, "    serviceTime: {{exponential: {time}ms}}\n    concurrency: {workers}\n    terminationGracePeriod: {grace}s").unwrap();
    if grace > 0 && dice.chance(0.4) {
        writeln!(service, "    preStop: {}s", dice.between(1, grace)).unwrap();
    }
    if dice.chance(0.7) {
        writeln!(service, "    timeout: {}ms\n    queueLimit: {}", dice.between(300, 5000), dice.between(1, 30)).unwrap();
    }
    if dice.chance(0.3) {
        writeln!(
            service,
            "    limits: {{memory: 1Gi}}\n    memory: {{base: 300Mi, perRequest: {}Mi, growth: {{perHour: {}Gi}}}}",
            dice.between(1, 60),
            dice.between(0, 4)
        )
        .unwrap();
    }
    if is_queue {
        service.push_str("    balancing: queue\n");
        return;
    }
    if dice.chance(0.4) {
        writeln!(service, "    retries: {{attempts: {}, backoff: {{initial: 100ms, max: 2s}}}}", dice.between(2, 4)).unwrap();
    }
    if dice.chance(0.4) {
        writeln!(service, "    balancing: {}", dice.pick(&["roundRobin", "leastOutstanding", "powerOfTwo", "local"])).unwrap();
    }
    if dice.chance(0.2) {
        writeln!(service, "    discipline: {}", dice.pick(&["processorSharing", "firstComeFirstServed"])).unwrap();
    }
    if dice.chance(0.2) {
        writeln!(service, "    endpointDelay: {{add: {}s, remove: {}s}}", dice.between(0, 3), dice.between(0, 5)).unwrap();
    }
    if dice.chance(0.2) {
        writeln!(service, "    listensAfter: {}s", dice.between(0, 5)).unwrap();
    }
}

/// A service calls those after it, and all call the store.
fn calls(service: &mut String, dice: &mut Dice, place: usize, count: usize) {
    let mut steps = Vec::new();
    for to in place + 1..count {
        let (probability, timeout) = (dice.between(20, 100), dice.between(200, 4000));
        let more = dice.pick(&["", ", retries: {attempts: 2, backoff: {initial: 50ms}}", ", optional: true"]);
        let call = format!("{{to: web{to}, probability: {probability}%, timeout: {timeout}ms{more}}}");
        steps.push(if dice.chance(0.3) { format!("[{call}, {{to: store}}]") } else { call });
    }
    if steps.is_empty() || dice.chance(0.4) {
        steps.push("{to: store, timeout: 1s}".to_owned());
    }
    writeln!(service, "    calls: [{}]", steps.join(", ")).unwrap();
    if dice.chance(0.4) {
        service.push_str("    holds: nothing\n");
    }
}
