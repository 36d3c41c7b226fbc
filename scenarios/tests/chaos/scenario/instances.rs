//! What pods wish for of instances beside market and strategy, and the `eci-profile`.

use super::Written;
use crate::dice::Dice;

const PREFIX: &str = "k8s.aliyun.com/eci-";

/// Annotations beside those that every scenario has had; each bears on instances alone.
pub(super) fn wishes(written: &Written, dice: &mut Dice) -> Vec<String> {
    let mut list = Vec::new();
    let mut add = |name: &str, value: String| list.push(format!("{PREFIX}{name}: \"{value}\""));
    if dice.chance(0.15) && !written.has_gpus {
        let specs = dice.pick(&["2-4Gi", "2-2Gi,4-8Gi", "ecs.c7.large,2-4Gi", "ecs.c7.large,ecs.g7.large,4-16Gi"]);
        add("use-specs", specs.to_owned());
    }
    if dice.chance(0.2) {
        add("max-pending-minute", dice.between(10, 20).to_string());
    }
    if dice.chance(0.2) && written.has_subnets {
        add("vswitch", dice.pick(&["vsw-h", "vsw-i", "vsw-i,vsw-h"]).to_owned());
        add("schedule-strategy", dice.pick(&["VSwitchOrdered", "VSwitchRandom"]).to_owned());
    }
    list
}

/// The market: a bid, or instances of the economy category, which is not sold there.
///
/// Only jobs are of that category, because the profile may send a service to the market.
pub(super) fn market(dice: &mut Dice, workload: &str, is_spot: bool) -> Vec<String> {
    if is_spot {
        let bid = format!("{PREFIX}spot-strategy: SpotWithPriceLimit, {PREFIX}spot-price-limit: \"0.{}\"", dice.between(1, 9));
        return vec![if dice.chance(0.4) { bid } else { format!("{PREFIX}spot-strategy: SpotAsPriceGo") }];
    }
    if workload.starts_with("batch") && dice.chance(0.2) { vec![format!("{PREFIX}compute-category: economy")] } else { Vec::new() }
}

/// A profile that some services are in, and its changes; some of them cannot be read.
pub(super) fn profile(written: &mut Written, dice: &mut Dice) {
    if !dice.chance(0.25) {
        return;
    }
    let effect = |dice: &mut Dice| {
        dice.pick(&["use-specs\": \"2-4Gi", "fail-strategy\": \"fail-over", "spot-strategy\": \"SpotAsPriceGo", "max-pending-minute\": \"10"]).to_owned()
    };
    let selector = |dice: &mut Dice, service: u64| {
        format!(
            "{{\"name\": \"of-web{service}\", \"objectSelector\": {{\"matchLabels\": {{\"app\": \"web{service}\"}}}}, \"effect\": {{\"annotations\": {{\"{PREFIX}{}\"}}}}}}",
            effect(dice)
        )
    };
    let (first, second) = (selector(dice, 0), selector(dice, 1));
    written.line(&format!("eciProfile:\n  selectors: [{first}, {second}]\n  reloads:"));
    let mut at = 0;
    for _ in 0..dice.between(1, 3) {
        at += dice.between(1, written.seconds / 4);
        let service = dice.between(0, 2);
        let next = selector(dice, service);
        let text = if dice.chance(0.2) { "[{".to_owned() } else { format!("[{next}]") };
        written.line(&format!("    - {{at: {at}s, data: {{selectors: '{text}'}}}}"));
    }
}
