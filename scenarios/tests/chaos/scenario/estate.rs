//! Machines, virtual nodes and what is behind them.

use super::{Written, ZONES, start_up};
use crate::dice::Dice;

pub(super) fn write(written: &mut Written, number: u64) {
    machines(written, &mut Dice::new(number, "machines"));
    virtual_nodes(written, &mut Dice::new(number, "virtual-nodes"));
    provider(written, &mut Dice::new(number, "provider"));
}

fn machines(written: &mut Written, dice: &mut Dice) {
    let groups = dice.between(0, 2);
    if groups > 0 || written.has_gpus {
        written.line("nodes:");
    }
    let mut tiers: Vec<(&str, &str)> = [("idc", ""), ("ecs", "")].into_iter().take(groups as usize).collect();
    if written.has_gpus {
        tiers.push(("ecs-gpu", ", nvidia.com/gpu: 2"));
    }
    for (name, more) in tiers {
        let tier = name.trim_end_matches("-gpu");
        let zone = dice.pick(&ZONES);
        let count = dice.between(1, 4);
        let (cpu, pods) = (dice.between(2, 16), dice.between(2, 20));
        let start = start_up(dice, written.has_images);
        written.line(&format!(
            "  - {{name: {name}, tier: {tier}, count: {count}, zone: {zone}, capacity: {{cpu: {cpu}, memory: {}Gi{more}}}, maxPods: {pods}, {start}}}",
            cpu * 4
        ));
        written.zones.push(zone);
        let names = if count == 1 { vec![name.to_owned()] } else { (1..=count).map(|i| format!("{name}-{i}")).collect() };
        written.machines.extend(names);
    }
}

fn virtual_nodes(written: &mut Written, dice: &mut Dice) {
    let count = dice.between(1, 3);
    let from = |dice: &mut Dice| if dice.chance(0.1) { format!(", from: {}s", dice.between(1, 200)) } else { String::new() };
    if dice.chance(0.3) {
        let strategy = dice.pick(&["VSwitchOrdered", "VSwitchRandom"]);
        let late = from(dice);
        let size = &mut Dice::new(written.number, "addresses");
        let addresses = |dice: &mut Dice| if dice.chance(0.5) { format!(", addresses: {}", dice.between(3, 20)) } else { String::new() };
        let (of_h, of_i) = (addresses(size), addresses(size));
        written.line(&format!("vSwitches: {{vsw-h: {{zone: cn-hangzhou-h{of_h}}}, vsw-i: {{zone: cn-hangzhou-i{of_i}}}}}"));
        written.has_subnets = true;
        let start = start_up(dice, written.has_images);
        written.line(&format!(
            "virtualNodes:\n  - {{name: vk, vSwitches: [vsw-h, vsw-i], scheduleStrategy: {strategy}, maxPods: {}{late}, {start}}}",
            dice.between(10, 80)
        ));
        written.virtual_nodes.push("vk".to_owned());
        written.zones.extend(["cn-hangzhou-h", "cn-hangzhou-i"]);
        return;
    }
    written.line("virtualNodes:");
    for (place, zone) in ZONES.iter().enumerate().take(count as usize) {
        let (start, late) = (start_up(dice, written.has_images), from(dice));
        written.line(&format!("  - {{name: vk-{place}, zone: {zone}, maxPods: {}{late}, {start}}}", dice.between(5, 60)));
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
