//! A random scenario as text.

use std::fmt::Write;

use crate::dice::Dice;

const ZONES: [&str; 3] = ["cn-hangzhou-h", "cn-hangzhou-i", "cn-hangzhou-j"];

/// What later parts of a scenario refer to.
struct Written {
    text: String,
    seconds: u64,
    machines: Vec<String>,
    virtual_nodes: Vec<String>,
    zones: Vec<&'static str>,
    services: Vec<String>,
    jobs: Vec<String>,
    has_images: bool,
}

impl Written {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "{line}").unwrap();
    }
}

/// The text of the scenario with this number.
pub(crate) fn write(number: u64) -> String {
    let dice = &mut Dice::new(number);
    let seconds = 60 * dice.between(8, 40);
    let has_images = dice.chance(0.4);
    let mut written = Written {
        text: String::new(),
        seconds,
        machines: Vec::new(),
        virtual_nodes: Vec::new(),
        zones: Vec::new(),
        services: Vec::new(),
        jobs: Vec::new(),
        has_images,
    };
    let version = dice.pick(&["1.20", "1.24", "1.28", "1.33"]);
    let grace = dice.pick(&["20s", "40s", "50s"]);
    let toleration = dice.pick(&["30s", "2m", "5m"]);
    written.line(&format!("name: chaos-{number}\nduration: {seconds}s\nwindow: 30s"));
    written.line(&format!("kubernetes: {{version: \"{version}\", nodeMonitorGracePeriod: {grace}, defaultUnreachableToleration: {toleration}}}"));
    if dice.chance(0.2) {
        written.line(&format!("warmUp: {}s", dice.between(1, seconds / 2)));
    }
    machines(&mut written, dice);
    virtual_nodes(&mut written, dice);
    provider(&mut written, dice);
    services(&mut written, dice);
    jobs(&mut written, dice);
    events(&mut written, dice);
    faults(&mut written, dice);
    written.text
}

fn start_up(dice: &mut Dice, has_images: bool) -> String {
    if has_images && dice.chance(0.7) {
        let sandbox = dice.between(1, 15);
        return format!(
            "startUpStages: {{scheduling: {}s, sandbox: {{lognormal: {{mean: {sandbox}s, cv: 0.5}}}}, loadBalancer: {}s}}",
            dice.between(0, 2),
            dice.between(0, 5)
        );
    }
    match dice.between(0, 3) {
        0 => "startUp: 0s".to_owned(),
        1 => format!("startUp: {}s", dice.between(1, 90)),
        _ => format!("startUp: {{lognormal: {{mean: {}s, cv: 0.4}}}}", dice.between(5, 60)),
    }
}

fn machines(written: &mut Written, dice: &mut Dice) {
    let groups = dice.between(0, 2);
    if groups > 0 {
        written.line("nodes:");
    }
    for group in 0..groups {
        let (tier, name) = if group == 0 { ("idc", "idc") } else { ("ecs", "ecs") };
        let zone = dice.pick(&ZONES);
        let count = dice.between(1, 4);
        let (cpu, pods) = (dice.between(2, 16), dice.between(2, 20));
        let start = start_up(dice, written.has_images);
        written.line(&format!(
            "  - {{name: {name}, tier: {tier}, count: {count}, zone: {zone}, capacity: {{cpu: {cpu}, memory: {}Gi}}, maxPods: {pods}, {start}}}",
            cpu * 4
        ));
        written.zones.push(zone);
        let names = if count == 1 { vec![name.to_owned()] } else { (1..=count).map(|i| format!("{name}-{i}")).collect() };
        written.machines.extend(names);
    }
}

fn virtual_nodes(written: &mut Written, dice: &mut Dice) {
    let count = dice.between(1, 3);
    if dice.chance(0.3) {
        let strategy = dice.pick(&["VSwitchOrdered", "VSwitchRandom"]);
        written.line("vSwitches: {vsw-h: {zone: cn-hangzhou-h}, vsw-i: {zone: cn-hangzhou-i}}");
        let start = start_up(dice, written.has_images);
        written.line(&format!(
            "virtualNodes:\n  - {{name: vk, vSwitches: [vsw-h, vsw-i], scheduleStrategy: {strategy}, maxPods: {}, {start}}}",
            dice.between(10, 80)
        ));
        written.virtual_nodes.push("vk".to_owned());
        written.zones.extend(["cn-hangzhou-h", "cn-hangzhou-i"]);
        return;
    }
    written.line("virtualNodes:");
    for (place, zone) in ZONES.iter().enumerate().take(count as usize) {
        let start = start_up(dice, written.has_images);
        written.line(&format!("  - {{name: vk-{place}, zone: {zone}, maxPods: {}, {start}}}", dice.between(5, 60)));
        written.virtual_nodes.push(format!("vk-{place}"));
        written.zones.push(zone);
    }
}

fn provider(written: &mut Written, dice: &mut Dice) {
    let limit = match dice.between(0, 4) {
        0 => "unlimited".to_owned(),
        1 => format!("{{smooth: {{calls: {}, per: 60s}}}}", dice.between(7, 120)),
        2 => format!("{{fixedWindow: {{calls: {}, per: 30s}}}}", dice.between(5, 60)),
        _ => format!("{{tokenBucket: {{burst: {}, rate: {}/s}}}}", dice.between(1, 20), dice.between(1, 4)),
    };
    written.line(&format!("providers:\n  eci:\n    createLimit: {limit}\n    retry: {}s", dice.between(2, 30)));
    if dice.chance(0.3) {
        let pods = if dice.chance(0.3) { format!(", pods: {}", dice.between(10, 60)) } else { String::new() };
        written.line(&format!("    quota: {{vcpu: {}, spotVcpu: {}{pods}}}", dice.between(8, 80), dice.between(8, 40)));
    }
    if dice.chance(0.4) {
        let (half, zone) = (written.seconds / 2, dice.pick(&ZONES));
        let level = |dice: &mut Dice| dice.between(0, 40);
        let (first, second, third) = (level(dice), level(dice), level(dice));
        let market = dice.pick(&["", ", market: spot", ", market: onDemand"]);
        written.line(&format!(
            "    stock:\n      - {{zone: {zone}, unit: instances{market}, levels: [[0s, {first}], [{half}s, {second}], [{}s, {third}]]}}",
            half + 120
        ));
    }
    if dice.chance(0.5) {
        let third = written.seconds / 3;
        written.line(&format!(
            "    spot: {{notice: {}s, checkInterval: 60s, reclaimsPerHour: {}, prices: [{{share: [[0s, 30%], [{third}s, {}%], [{}s, 20%]]}}]}}",
            dice.between(5, 120),
            dice.between(0, 6),
            dice.between(10, 100),
            2 * third
        ));
    }
    if written.has_images {
        written.line(&format!("registries: {{acr: {{bandwidth: {}000000/s}}}}", dice.between(20, 400)));
    }
}

fn placement(written: &Written, dice: &mut Dice) -> String {
    let machines = !written.machines.is_empty();
    let has_ecs = written.machines.iter().any(|name| name.starts_with("ecs"));
    let eci = if dice.chance(0.3) { format!("{{tier: eci, max: {}}}", dice.between(3, 30)) } else { "eci".to_owned() };
    match dice.between(0, 3) {
        0 => "tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]".to_owned(),
        _ if !machines => "placement: {prefer: [eci]}".to_owned(),
        1 if has_ecs => format!("placement: {{prefer: [idc, {{tier: ecs, max: {}}}, {eci}]}}", dice.between(1, 8)),
        _ if has_ecs && dice.chance(0.5) => format!("placement: {{prefer: [ecs, idc, {eci}]}}"),
        _ => format!("placement: {{prefer: [idc, {eci}]}}"),
    }
}

fn annotations(dice: &mut Dice) -> String {
    let mut list = Vec::new();
    if dice.chance(0.3) {
        list.push(format!("k8s.aliyun.com/eci-fail-strategy: {}", dice.pick(&["fail-back", "fail-over", "fail-fast"])));
    }
    if dice.chance(0.3) {
        list.push("k8s.aliyun.com/eci-spot-strategy: SpotAsPriceGo".to_owned());
        list.push(format!("k8s.aliyun.com/eci-spot-duration: \"{}\"", dice.between(0, 1)));
        if dice.chance(0.5) {
            list.push("k8s.aliyun.com/eci-spot-fallback: \"true\"".to_owned());
        }
    }
    if list.is_empty() { String::new() } else { format!("    annotations: {{{}}}\n", list.join(", ")) }
}

fn services(written: &mut Written, dice: &mut Dice) {
    written.line("services:");
    let mut load = String::from("load:\n");
    let mut budgets = String::new();
    for place in 0..dice.between(1, 3) {
        let name = format!("web{place}");
        let replicas = dice.between(1, 12);
        let cpu = dice.pick(&["250m", "500m", "1", "2"]);
        let placed = placement(written, dice);
        let toleration = placed.starts_with("tolerations");
        let mut service = format!("  {name}:\n    replicas: {replicas}\n    requests: {{cpu: {cpu}, memory: 1Gi}}\n    {placed}\n");
        service += &annotations(dice);
        if dice.chance(0.3) {
            service += "    initialPods: created\n";
        }
        if written.has_images {
            write!(
                service,
                "    image: {{size: {}M, registry: acr, cached: {}%}}\n    applicationStart: {}s\n",
                dice.between(20, 800),
                dice.between(0, 100),
                dice.between(0, 20)
            )
            .unwrap();
        }
        if dice.chance(0.25) && !toleration {
            let seconds = dice.pick(&["0", "15", "60", "600"]);
            writeln!(service, "    tolerations: [{{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: {seconds}}}]")
                .unwrap();
        }
        if dice.chance(0.2) {
            writeln!(service, "    topologySpreadConstraints: [{{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {{matchLabels: {{app: {name}}}}}}}]").unwrap();
        }
        if dice.chance(0.6) {
            let max = replicas + dice.between(1, 30);
            writeln!(service, "    autoscaler: {{hpa: {{min: {}, max: {max}, cpu: {}}}}}", dice.between(1, replicas), dice.between(30, 80)).unwrap();
        }
        if dice.chance(0.4) {
            writeln!(service, "    strategy: {{rollingUpdate: {{maxSurge: {}, maxUnavailable: {}}}}}", dice.between(0, 3), dice.between(0, 3)).unwrap();
        }
        match dice.between(0, 3) {
            0 => {
                let demand = |dice: &mut Dice| dice.between(0, 12_000);
                let (first, second, third) = (demand(dice), demand(dice), demand(dice));
                writeln!(load, "  {name}: [{{cpuDemand: [[0s, {first}m], [{}s, {second}m], [{}s, {third}m]]}}]", written.seconds / 4, written.seconds / 2)
                    .unwrap();
            }
            1 => {}
            _ => {
                write!(
                    service,
                    "    serviceTime: {{exponential: {}ms}}\n    concurrency: {}\n    terminationGracePeriod: {}s\n",
                    dice.between(20, 800),
                    dice.between(1, 4),
                    dice.between(0, 40)
                )
                .unwrap();
                if dice.chance(0.7) {
                    writeln!(service, "    timeout: {}ms\n    queueLimit: {}", dice.between(300, 5000), dice.between(1, 30)).unwrap();
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
                let (base, peak) = (dice.between(1, 8), dice.between(5, 40));
                writeln!(
                    load,
                    "  {name}: [{{constant: {base}/s}}, {{flashSale: {{at: {}s, peak: {peak}/s, rampUp: 5s, hold: 90s, decay: 60s}}}}]",
                    dice.between(30, written.seconds / 2)
                )
                .unwrap();
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

fn jobs(written: &mut Written, dice: &mut Dice) {
    let count = dice.between(0, 2);
    if count > 0 {
        written.line("jobs:");
    }
    for place in 0..count {
        let name = format!("batch{place}");
        let at = dice.between(0, written.seconds / 2);
        let placed = placement(written, dice);
        let run = dice.between(5, 400);
        written.line(&format!(
            "  {name}:\n    at: [{at}s, {}s]\n    pods: {}\n    requests: {{cpu: {}, memory: 1Gi}}\n    runTime: {{exponential: {run}s}}\n    {placed}",
            at + 60,
            dice.between(1, 10),
            dice.pick(&["500m", "1", "4"])
        ));
        let more = annotations(dice);
        written.text += &more;
        if dice.chance(0.3) {
            written.line(&format!("    restartPolicy: {}\n    failure: {}%", dice.pick(&["OnFailure", "Never"]), dice.between(1, 40)));
        }
        written.jobs.push(name);
    }
}

fn events(written: &mut Written, dice: &mut Dice) {
    let count = dice.between(0, 6);
    if count > 0 {
        written.line("events:");
    }
    for _ in 0..count {
        let at = dice.between(0, written.seconds - 1);
        let service = written.services[dice.between(0, written.services.len() as u64 - 1) as usize].clone();
        let all: Vec<String> = written.machines.iter().chain(&written.virtual_nodes).cloned().collect();
        let node = all[dice.between(0, all.len() as u64 - 1) as usize].clone();
        let line = match dice.between(0, 6) {
            0 | 1 => format!("scale: {{at: {at}s, service: {service}, replicas: {}}}", dice.between(0, 25)),
            2 => format!("rollout: {{at: {at}s, service: {service}, labels: {{app: {service}, version: v{at}}}}}"),
            3 => format!("drain: {{at: {at}s, node: {node}}}"),
            4 => format!("maintenance: {{at: {at}s, node: {node}, for: {}s}}", dice.between(30, 600)),
            5 => format!("deletePod: {{at: {at}s, service: {service}, count: {}}}", dice.between(1, 5)),
            _ => format!("cordon: {{at: {at}s, node: {node}}}"),
        };
        written.line(&format!("  - {line}"));
    }
}

fn faults(written: &mut Written, dice: &mut Dice) {
    let count = dice.between(1, 5);
    written.line("faults:");
    for _ in 0..count {
        let lasts = |dice: &mut Dice| match dice.between(0, 4) {
            0 => String::new(),
            1 => format!(", mttr: {}s", dice.between(10, 600)),
            _ => format!(", for: {}s", dice.between(5, 900)),
        };
        let seconds = written.seconds;
        let times = |dice: &mut Dice| {
            let lasts = lasts(dice);
            if dice.chance(0.25) { format!("mtbf: {}s{lasts}", dice.between(200, 3000)) } else { format!("at: {}s{lasts}", dice.between(0, seconds - 1)) }
        };
        let mode = dice.pick(&["immediate", "node-lease"]);
        let zone = written.zones[dice.between(0, written.zones.len() as u64 - 1) as usize];
        let service = written.services[dice.between(0, written.services.len() as u64 - 1) as usize].clone();
        let line = match dice.between(0, 8) {
            0 | 1 => format!("zoneOutage: {{{}, zone: {zone}, mode: {mode}}}", times(dice)),
            2 if !written.machines.is_empty() => {
                let node = &written.machines[dice.between(0, written.machines.len() as u64 - 1) as usize];
                format!("nodeCrash: {{{}, node: {node}, mode: {mode}}}", times(dice))
            }
            3 => format!("partition: {{{}, zone: {zone}, serves: {}}}", times(dice), dice.chance(0.5)),
            4 => {
                let node = written.virtual_nodes[0].clone();
                format!("partition: {{{}, node: {node}}}", times(dice))
            }
            5 if written.has_images => {
                format!("registry: {{{}, registry: acr, {}}}", times(dice), dice.pick(&["fails: true", "bandwidth: 0%", "bandwidth: 10%"]))
            }
            6 => format!(
                "providerApi: {{{}, provider: eci, {}}}",
                times(dice),
                dice.pick(&["errors: 100%", "errors: 40%", "limit: {tokenBucket: {burst: 1, rate: 1/s}}", "limit: {smooth: {calls: 20, per: 60s}}"])
            ),
            7 => format!("readinessFlap: {{{}, of: {service}, share: {}%}}", times(dice), dice.between(10, 100)),
            _ if dice.chance(0.5) => format!("instanceFailure: {{mtbf: {}s}}", dice.between(300, 4000)),
            _ => format!("instanceFailure: {{at: {}s, of: {service}, count: {}}}", dice.between(0, seconds - 1), dice.between(1, 6)),
        };
        written.line(&format!("  - {line}"));
    }
}
