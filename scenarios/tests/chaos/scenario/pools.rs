//! Node pools, what makes them grow and shrink, and what runs on every machine.

use super::{Written, ZONES, start_up};
use crate::dice::Dice;

pub(super) fn write(written: &mut Written, dice: &mut Dice) {
    let count = [0, 0, 1, 1, 2, 3][dice.between(0, 5) as usize];
    if count > 0 {
        written.line("pools:");
    }
    for place in 0..count {
        pool(written, dice, place);
    }
    if count > 0 {
        autoscaler(written, dice);
    }
    if (count > 0 || !written.machines.is_empty()) && dice.chance(0.3) {
        written.line("daemonSets: {agent: {requests: {cpu: 100m, memory: 64Mi}}}");
    }
}

fn pool(written: &mut Written, dice: &mut Dice, place: u64) {
    // Some pools share a tier.
    let tier = format!("pool{}", if dice.chance(0.3) { 0 } else { place });
    let zones: Vec<&'static str> = ZONES.into_iter().take(dice.between(1, 3) as usize).collect();
    let (min, more) = (dice.between(0, 2), dice.between(1, 6));
    let cpu = dice.between(2, 16);
    let mut parts = vec![
        format!("tier: {tier}, capacity: {{cpu: {cpu}, memory: {}Gi}}, price: {}.{}/h", cpu * 4, dice.between(0, 2), dice.between(1, 9)),
        format!("zones: [{}], min: {min}, max: {}, maxPods: {}", zones.join(", "), min + more, dice.between(3, 20)),
        start_up(dice, written.has_images),
        format!("provisioning: {{lognormal: {{mean: {}s, cv: 0.5}}}}", dice.between(5, 150)),
    ];
    let some = |dice: &mut Dice, probability: f64, part: String| dice.chance(probability).then_some(part);
    let numbers = [dice.between(0, 30), dice.between(0, 40), dice.between(0, 5), dice.between(0, 5), dice.between(20, 200), dice.between(min, min + more)];
    parts.extend(some(dice, 0.4, format!("readiness: {}s", numbers[0])));
    parts.extend(some(dice, 0.3, format!("failureRate: {}%", numbers[1])));
    parts.extend(some(dice, 0.3, format!("stock: [{{levels: [[0s, {}], [{}s, {}]]}}]", numbers[2], written.seconds / 3, numbers[3])));
    parts.extend(some(dice, 0.5, format!("scaleDownUnneededTime: {}s", numbers[4])));
    parts.extend(some(dice, 0.3, format!("initial: {}", numbers[5])));
    parts.extend(some(dice, 0.5, format!("priority: {place}")));
    parts.extend(some(dice, 0.2, "zonePolicy: priority".to_owned()).filter(|_| zones.len() > 1));
    let is_spot = dice.chance(0.4);
    if is_spot {
        let third = written.seconds / 3;
        let (protection, notice, reclaims) = (dice.between(0, 300), dice.between(0, 120), dice.between(0, 8));
        let bid = if dice.chance(0.5) { format!("bid: 0.{}/h, ", dice.between(2, 9)) } else { String::new() };
        let prices = format!("[{{share: [[0s, 30%], [{third}s, {}%], [{}s, 25%]]}}]", dice.between(20, 100), 2 * third);
        parts.push(format!("spot: {{{bid}protection: {protection}s, notice: {notice}s, checkInterval: 20s, reclaimsPerHour: {reclaims}, prices: {prices}}}"));
    }
    parts.extend(some(dice, 0.1, "billing: subscription, instanceType: ecs.c7.xlarge".to_owned()).filter(|_| !written.has_gpus && !is_spot));
    written.line(&format!("  p{place}: {{{}}}", parts.join(", ")));
    written.zones.extend(&zones);
    if !written.pools.contains(&tier) {
        written.pools.push(tier);
    }
}

fn autoscaler(written: &mut Written, dice: &mut Dice) {
    if dice.chance(0.3) {
        written.line(&format!("instantElasticity: {{reaction: {}s, batch: {}, interval: {}s}}", dice.between(0, 3), dice.between(1, 4), dice.between(5, 40)));
    }
    let expander = dice.pick(&["random", "most-pods", "least-waste", "price", "priority", "least-nodes", "priority,least-waste", "most-pods,random"]);
    let mut flags = vec![format!("expander: \"{expander}\", scanInterval: {}s", dice.between(5, 60))];
    let times = [
        ("scaleDownDelayAfterAdd", 10, 200),
        ("scaleDownUnneededTime", 20, 200),
        ("scaleDownUnreadyTime", 30, 300),
        ("maxNodeProvisionTime", 60, 300),
        ("initialNodeGroupBackoffDuration", 20, 200),
        ("maxPodEvictionTime", 10, 120),
        ("maxGracefulTermination", 5, 60),
        ("unremovableNodeRecheckTimeout", 10, 200),
        ("newPodScaleUpDelay", 0, 30),
        ("scaleDownDelayAfterFailure", 5, 60),
    ];
    for (flag, least, most) in times {
        let value = dice.between(least, most);
        // One that is left alone keeps pools from shrinking within most runs.
        if dice.chance(0.6) {
            flags.push(format!("{flag}: {value}s"));
        }
    }
    if dice.chance(0.3) {
        flags.push("balanceSimilarNodeGroups: true".to_owned());
    }
    if dice.chance(0.2) {
        flags.push(format!("maxNodesTotal: {}", dice.between(4, 20)));
    }
    if dice.chance(0.3) {
        flags.push(format!("maxDrainParallelism: {}, scaleDownUtilizationThreshold: {}%", dice.between(1, 4), dice.between(20, 100)));
    }
    written.line(&format!("clusterAutoscaler: {{{}}}", flags.join(", ")));
}
