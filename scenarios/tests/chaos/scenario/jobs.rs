//! Jobs: alone, as gangs, in steps.

use super::{Written, annotations, placement};
use crate::dice::Dice;

pub(super) fn write(written: &mut Written, dice: &mut Dice) {
    let count = dice.between(0, 3);
    if count > 0 {
        written.line("jobs:");
    }
    for place in 0..count {
        let name = format!("batch{place}");
        job(written, dice, &name);
        written.jobs.push(name);
    }
}

fn job(written: &mut Written, dice: &mut Dice, name: &str) {
    let at = dice.between(0, written.seconds / 2);
    let placed = placement(written, dice);
    let (run, pods) = (dice.between(5, 400), dice.between(1, 10));
    let gpu = written.has_gpus && dice.chance(0.5);
    let more = if gpu { ", nvidia.com/gpu: 1" } else { "" };
    let cpu = dice.pick(&["500m", "1", "4"]);
    written.line(&format!("  {name}:\n    requests: {{cpu: {cpu}, memory: 1Gi{more}}}\n    {placed}"));
    let annotated = annotations(written, dice, name, gpu.then_some("k8s.aliyun.com/eci-use-specs: ecs.gn5-c4g1.xlarge"));
    written.text += &annotated;
    if written.has_images {
        written.line(&format!("    image: {{size: {}M, registry: acr}}", dice.between(20, 400)));
    }
    if dice.chance(0.3) {
        written.line(&format!("    restartPolicy: {}\n    failure: {}%", dice.pick(&["OnFailure", "Never"]), dice.between(1, 40)));
    }
    if dice.chance(0.2) {
        written.line(&format!("    activeDeadline: {}s", dice.between(30, 600)));
    }
    if dice.chance(0.3) {
        let gang = gang(dice, 3);
        let barrier = dice.pick(&["", ", barrier: true"]);
        written.line(&format!("    at: [{at}s]\n    runTime: {{exponential: {run}s}}\n    steps:"));
        written.line("      driver: {pods: 1, until: [workers]}");
        written.line(&format!("      workers: {{pods: {}, afterReady: [driver], runTime: {{exponential: {run}s}}, {gang}{barrier}}}", pods.max(3)));
        return;
    }
    let times = if dice.chance(0.2) { format!("every: {}s", dice.between(60, 400)) } else { format!("at: [{at}s, {}s]", at + 60) };
    written.line(&format!("    {times}\n    pods: {pods}\n    runTime: {{exponential: {run}s}}"));
    if dice.chance(0.3) {
        written.line(&format!("    concurrencyPolicy: {}", dice.pick(&["Forbid", "Replace", "Allow"])));
    }
    if dice.chance(0.4) {
        let gang = gang(dice, pods);
        written.line(&format!("    {gang}\n    barrier: {}", dice.chance(0.3)));
    } else if dice.chance(0.3) {
        written.line(&format!("    parallelism: {}", dice.between(1, pods)));
    }
}

/// Pods that are bound together.
fn gang(dice: &mut Dice, pods: u64) -> String {
    format!("gang: {{minMember: {}, timeout: {}s, backoff: {}s}}", dice.between(1, pods), dice.between(5, 120), dice.between(0, 30))
}
