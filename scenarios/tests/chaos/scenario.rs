//! A random scenario as text.

mod estate;
mod happenings;
mod instances;
mod jobs;
mod pools;
mod services;

use std::fmt::Write;

use crate::dice::Dice;

const ZONES: [&str; 3] = ["cn-hangzhou-h", "cn-hangzhou-i", "cn-hangzhou-j"];

/// What later parts of a scenario refer to.
#[derive(Default)]
struct Written {
    text: String,
    /// A recording of faults, if the scenario reads one.
    trace: Option<String>,
    number: u64,
    seconds: u64,
    machines: Vec<String>,
    virtual_nodes: Vec<String>,
    /// Tiers of pools.
    pools: Vec<String>,
    zones: Vec<&'static str>,
    services: Vec<String>,
    jobs: Vec<String>,
    has_images: bool,
    has_gpus: bool,
    has_subnets: bool,
}

impl Written {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "{line}").unwrap();
    }
}

/// The text of the scenario with this number, and of the recording that it reads from `trace`.
pub(crate) fn write(number: u64, trace: &str) -> (String, Option<String>) {
    let mut dice = Dice::new(number, "whole");
    let seconds = 60 * dice.between(8, 40);
    let mut written = Written { number, seconds, has_images: dice.chance(0.4), has_gpus: dice.chance(0.2), ..Written::default() };
    let version = dice.pick(&["1.20", "1.24", "1.28", "1.32", "1.33"]);
    let grace = dice.pick(&["", ", nodeMonitorGracePeriod: 20s", ", nodeMonitorGracePeriod: 50s"]);
    let toleration = dice.pick(&["30s", "2m", "5m"]);
    let from = dice.between(1, seconds - 100);
    let outage = if dice.chance(0.1) { format!(", apiOutages: [{{from: {from}s, until: {}s}}]", from + dice.between(5, 90)) } else { String::new() };
    written.line(&format!("name: chaos-{number}\nduration: {seconds}s\nwindow: 30s"));
    written.line(&format!("kubernetes: {{version: \"{version}\", defaultUnreachableToleration: {toleration}{grace}{outage}}}"));
    if written.has_gpus {
        written.line("prices: aliyun-cn-zhangjiakou");
    }
    if dice.chance(0.2) {
        written.line(&format!("warmUp: {}s", dice.between(1, seconds / 2)));
    }
    estate::write(&mut written, number);
    pools::write(&mut written, &mut Dice::new(number, "pools"));
    services::write(&mut written, &mut Dice::new(number, "services"));
    jobs::write(&mut written, &mut Dice::new(number, "jobs"));
    instances::profile(&mut written, &mut Dice::new(number, "profile"));
    happenings::write(&mut written, number, trace);
    (written.text, written.trace)
}

/// How long pods take to start on a node.
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

/// Where the pods of a workload may go.
fn placement(written: &Written, dice: &mut Dice) -> String {
    let has = |tier: &str| written.machines.iter().any(|name| name.starts_with(tier));
    let eci = if dice.chance(0.3) { format!("{{tier: eci, max: {}}}", dice.between(3, 30)) } else { "eci".to_owned() };
    if dice.chance(0.2) {
        return "tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]".to_owned();
    }
    let mut tiers: Vec<String> = ["idc", "ecs"].into_iter().filter(|tier| has(tier)).map(str::to_owned).collect();
    tiers.extend(written.pools.iter().filter(|_| dice.chance(0.7)).cloned());
    for tier in &mut tiers {
        if dice.chance(0.25) {
            *tier = format!("{{tier: {tier}, max: {}}}", dice.between(1, 8));
        }
    }
    // Without instances behind them pods wait for machines, which is what makes pools grow.
    if tiers.is_empty() || !dice.chance(0.35) {
        tiers.push(eci);
    }
    if dice.chance(0.3) {
        tiers.reverse();
    }
    let units = tiers.join(", ");
    match dice.between(0, 5) {
        0 => {
            let policy = dice.pick(&["ExceedMax", "TimeoutOrExceedMax", "LackResourceOrExceedMax", "LackResourceAndNoTerminating"]);
            let timeout = if policy == "TimeoutOrExceedMax" { format!(", timeout: {}s", dice.between(30, 300)) } else { String::new() };
            let terminating = dice.pick(&["", ", ignoreTerminatingPod: false"]);
            format!("placement: {{resourcePolicy: {{units: [{units}], whenTryNextUnits: {{policy: {policy}{timeout}}}{terminating}}}}}")
        }
        _ => format!("placement: {{prefer: [{units}]}}"),
    }
}

fn annotations(written: &Written, dice: &mut Dice, workload: &str, own: Option<&str>) -> String {
    let mut own_dice = Dice::new(written.number, &format!("{workload}/instances"));
    let mut is_spot = false;
    let mut list: Vec<String> = own.map(str::to_owned).into_iter().collect();
    if dice.chance(0.3) {
        list.push(format!("k8s.aliyun.com/eci-fail-strategy: {}", dice.pick(&["fail-back", "fail-over", "fail-fast"])));
    }
    if dice.chance(0.3) {
        is_spot = true;
        list.push(format!("k8s.aliyun.com/eci-spot-duration: \"{}\"", dice.between(0, 1)));
        if dice.chance(0.5) {
            list.push("k8s.aliyun.com/eci-spot-fallback: \"true\"".to_owned());
        }
    }
    list.extend(instances::market(&mut own_dice, workload, is_spot));
    let wishes = instances::wishes(written, &mut own_dice);
    // A pod with a GPU names its machine type itself.
    list.extend(wishes.into_iter().filter(|wish| own.is_none() || !wish.contains("use-specs")));
    if list.is_empty() { String::new() } else { format!("    annotations: {{{}}}\n", list.join(", ")) }
}
