//! What somebody does to the cluster, and what breaks.

use std::fmt::Write;

use super::{Written, placement};
use crate::dice::Dice;

pub(super) fn write(written: &mut Written, number: u64, trace: &str) {
    events(written, &mut Dice::new(number, "events"));
    faults(written, &mut Dice::new(number, "faults"));
    let dice = &mut Dice::new(number, "trace");
    if dice.chance(0.25) {
        let mode = dice.pick(&["immediate", "node-lease"]);
        written.line(&format!("  - trace: {{file: {trace}, mode: {mode}}}"));
        written.trace = Some(recording(written, dice));
    }
}

fn events(written: &mut Written, dice: &mut Dice) {
    let count = dice.between(0, 8);
    if count > 0 {
        written.line("events:");
    }
    let mut rolled_out: Vec<(String, u64)> = Vec::new();
    for _ in 0..count {
        let at = dice.between(0, written.seconds - 1);
        let service = dice.one(&written.services).to_owned();
        let all: Vec<String> = written.machines.iter().chain(&written.virtual_nodes).cloned().collect();
        let node = dice.one(&all).to_owned();
        let line = match dice.between(0, 10) {
            0 | 1 => format!("scale: {{at: {at}s, service: {service}, replicas: {}}}", dice.between(0, 25)),
            2 | 3 => {
                let more = dice.pick(&["", ", requests: {cpu: 750m}", ", image: 120M"]);
                rolled_out.push((service.clone(), at));
                format!("rollout: {{at: {at}s, service: {service}, labels: {{app: {service}, version: v{at}}}{more}}}")
            }
            4 => format!("drain: {{at: {at}s, node: {node}}}"),
            5 => format!("maintenance: {{at: {at}s, node: {node}, for: {}s}}", dice.between(30, 600)),
            6 => format!("deletePod: {{at: {at}s, service: {service}, count: {}}}", dice.between(1, 5)),
            7 => format!("{}: {{at: {at}s, node: {node}}}", dice.pick(&["cordon", "uncordon"])),
            8 => format!("{}: {{at: {at}s, service: {service}}}", dice.pick(&["pauseRollout", "resumeRollout", "resumeRollout"])),
            9 if !written.jobs.is_empty() => {
                let job = dice.one(&written.jobs).to_owned();
                format!("suspendJob: {{at: {at}s, job: {job}}}\n  - resumeJob: {{at: {}s, job: {job}}}", at + dice.between(1, 300))
            }
            _ => {
                let placed = placement(written, dice);
                let Some(placed) = placed.strip_prefix("placement: ") else { continue };
                format!("apply: {{at: {at}s, service: {service}, placement: {placed}}}")
            }
        };
        written.line(&format!("  - {line}"));
    }
    // Only what was rolled out can be undone.
    for (service, at) in rolled_out {
        if dice.chance(0.3) {
            written.line(&format!("  - undoRollout: {{at: {}s, service: {service}}}", at + dice.between(1, 300)));
        }
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
        let service = dice.one(&written.services).to_owned();
        let line = match dice.between(0, 10) {
            0 | 1 => format!("zoneOutage: {{{}, zone: {zone}, mode: {mode}}}", times(dice)),
            2 if !written.machines.is_empty() => {
                let node = dice.one(&written.machines);
                format!("nodeCrash: {{{}, node: {node}, mode: {mode}}}", times(dice))
            }
            3 => format!("partition: {{{}, zone: {zone}, serves: {}}}", times(dice), dice.chance(0.5)),
            4 => {
                let node = dice.one(&written.virtual_nodes);
                format!("partition: {{{}, node: {node}}}", times(dice))
            }
            5 if written.has_images => {
                format!("registry: {{{}, registry: acr, {}}}", times(dice), dice.pick(&["fails: true", "bandwidth: 0%", "bandwidth: 10%"]))
            }
            6 => format!(
                "providerApi: {{{}, provider: eci, {}}}",
                times(dice),
                dice.pick(&[
                    "errors: 100%",
                    "errors: 40%",
                    "limit: {tokenBucket: {burst: 1, rate: 1/s}}",
                    "limit: {smooth: {calls: 20, per: 60s}}, errors: 20%",
                    "errors: 60%, backoff: {initial: 3s, factor: 1, max: 3s}"
                ])
            ),
            7 => format!("readinessFlap: {{{}, of: {service}, share: {}%}}", times(dice), dice.between(10, 100)),
            8 | 9 if !written.pools.is_empty() => format!("nodeCrash: {{{}, tier: {}, mode: {mode}}}", times(dice), dice.one(&written.pools)),
            _ if dice.chance(0.5) => format!("instanceFailure: {{mtbf: {}s}}", dice.between(300, 4000)),
            _ => format!("instanceFailure: {{at: {}s, of: {service}, count: {}}}", dice.between(0, seconds - 1), dice.between(1, 6)),
        };
        written.line(&format!("  - {line}"));
    }
}

/// Recorded faults, as CSV.
fn recording(written: &Written, dice: &mut Dice) -> String {
    let mut rows = String::from("start,end,kind,target\n");
    for _ in 0..dice.between(1, 6) {
        let start = dice.between(0, written.seconds - 1);
        let end = if dice.chance(0.3) { String::new() } else { (start + dice.between(1, 500)).to_string() };
        let zone = written.zones[dice.between(0, written.zones.len() as u64 - 1) as usize];
        let (kind, target) = match dice.between(0, 6) {
            0 => ("zoneOutage", zone),
            1 => ("partition", zone),
            2 if !written.machines.is_empty() => ("nodeCrash", dice.one(&written.machines)),
            3 if written.has_images => ("registry", "acr"),
            4 => ("providerApi", "eci"),
            5 => ("readinessFlap", dice.one(&written.services)),
            _ => ("instanceFailure", ""),
        };
        writeln!(rows, "{start},{end},{kind},{target}").unwrap();
    }
    rows
}
