//! Annotations of ECI pods: which instance, on which market, in which subnet, and what if there is none.

use std::collections::BTreeMap;

use sim_core::plan::{FailStrategy, InstanceWish, PlanSupply, SpecChoice, SpotWish, VSwitchOrder};
use sim_core::units::{MilliCpu, Money, Span, UnitPrice};

use super::super::{Context, code, names};
use super::types::Types;
use super::wrong_word;
use crate::issue::Path;
use crate::text::{Cpu, Memory};
use crate::wording::quote;

/// How the annotations begin that bear on instances.
pub(super) const PREFIX: &str = "k8s.aliyun.com/eci-";
/// Most specs in one annotation.
const SPECS_MAX: usize = 5;
/// Annotations that are simulated.
const MODELLED: [&str; 11] = [
    "use-specs",
    "compute-category",
    "spot-strategy",
    "spot-price-limit",
    "spot-duration",
    "spot-fallback",
    "fail-strategy",
    "max-pending-minute",
    "vswitch",
    "schedule-strategy",
    "image-cache",
];

/// Warns of annotations that would change something in a real cluster and do not here.
pub(super) fn check_unmodelled(cx: &mut Context<'_>, annotations: &BTreeMap<String, String>, place: &Path) {
    for key in annotations.keys() {
        let is_unknown = key.strip_prefix(PREFIX).is_some_and(|name| !MODELLED.contains(&name));
        if is_unknown {
            cx.issues.warning(code::NOT_SIMULATED, place.key(key), format!("{} is not simulated", quote(key))).on_key();
        }
    }
}

/// What these annotations wish for; `place` tells where one is written.
pub(super) fn read(
    cx: &mut Context<'_>,
    annotations: &BTreeMap<String, String>,
    supply: &PlanSupply,
    types: &mut Types<'_>,
    place: &dyn Fn(&str) -> Path,
) -> InstanceWish {
    let mut wish = InstanceWish::default();
    let get = |name: &str| {
        let key = format!("{PREFIX}{name}");
        annotations.get(&key).map(|value| (value.trim(), place(&key)))
    };
    if let Some((value, path)) = get("use-specs") {
        let entries: Vec<&str> = list(value).collect();
        if entries.len() > SPECS_MAX {
            cx.issues.error(code::TOO_LARGE, &path, format!("{} specs are too many: at most {SPECS_MAX} are possible", entries.len()));
        }
        wish.specs = entries.into_iter().filter_map(|entry| spec(cx, entry, types, &path)).collect();
    }
    if let Some((value, path)) = get("compute-category") {
        match value {
            "economy" => wish.economy = true,
            "general" => {}
            other => wrong_word(cx, "eci-compute-category", other, &["economy", "general"], path),
        }
    }
    wish.spot = spot(cx, &get);
    if let (true, true, Some((_, path))) = (wish.economy, wish.spot.is_some(), get("compute-category")) {
        cx.issues.error(code::CONFLICT, path, "there are no spot instances of the economy category");
    }
    if let Some((value, path)) = get("fail-strategy") {
        match value {
            "fail-back" => {}
            "fail-over" => wish.on_failure = FailStrategy::FailOver,
            "fail-fast" => wish.on_failure = FailStrategy::FailFast,
            other => wrong_word(cx, "eci-fail-strategy", other, &["fail-back", "fail-over", "fail-fast"], path),
        }
    }
    if let Some((value, path)) = get("max-pending-minute") {
        match value.parse::<u64>() {
            Ok(minutes) if (10..=1440).contains(&minutes) => wish.max_pending = Span::from_secs(60 * minutes),
            _ => drop(cx.issues.error(code::REFUSED, path, format!("{} is not a number of minutes from 10 to 1440", quote(value)))),
        }
    }
    if let Some((value, path)) = get("vswitch") {
        let find = |name: &str| {
            let known = supply.vswitches.find(|known| known.name == name);
            if known.is_none() {
                names::unknown(cx, "vSwitch", name, supply.vswitches.values().map(|known| known.name.as_str()), &path);
            }
            known
        };
        wish.vswitches = Some(list(value).filter_map(find).collect());
    }
    if let Some((value, path)) = get("schedule-strategy") {
        match value {
            "VSwitchOrdered" => wish.order = Some(VSwitchOrder::Ordered),
            "VSwitchRandom" => wish.order = Some(VSwitchOrder::Random),
            other => wrong_word(cx, "eci-schedule-strategy", other, &["VSwitchOrdered", "VSwitchRandom"], path),
        }
    }
    wish
}

fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// `ecs.g7.xlarge`, or `2-4Gi` for 2 vCPU and 4 GiB.
fn spec(cx: &mut Context<'_>, entry: &str, types: &mut Types<'_>, path: &Path) -> Option<SpecChoice> {
    let size = entry.split_once('-').and_then(|(cpu, memory)| Some((cpu.parse().ok()?, memory.parse().ok()?)));
    match size {
        Some((cpu, memory)) => {
            let (cpu, memory): (Cpu, Memory) = (crate::text::Text(cpu), crate::text::Text(memory));
            if cpu.0 == MilliCpu(0) {
                cx.issues.error(code::TOO_SMALL, path, "an instance has more than 0 CPU");
            }
            Some(SpecChoice::Size { cpu: cpu.0, memory: memory.0 })
        }
        None => types.place(cx, entry, path).map(SpecChoice::Type),
    }
}

fn spot<'a>(cx: &mut Context<'_>, get: &dyn Fn(&str) -> Option<(&'a str, Path)>) -> Option<SpotWish> {
    let (strategy, path) = get("spot-strategy")?;
    let mut wish = SpotWish { limit: None, protection: Span::from_secs(3600), fallback: false };
    match strategy {
        "SpotAsPriceGo" => {}
        "SpotWithPriceLimit" => match get("spot-price-limit") {
            Some((value, path)) => match value.parse::<Money>() {
                Ok(limit) => wish.limit = Some(UnitPrice::new(limit, Span::from_secs(3600))),
                Err(_) => drop(cx.issues.error(code::REFUSED, path, format!("{} is not a price per hour such as `0.25`", quote(value)))),
            },
            None => drop(cx.issues.error(code::MISSING, &path, "`SpotWithPriceLimit` needs the annotation `eci-spot-price-limit`")),
        },
        "NoSpot" => return None,
        other => {
            wrong_word(cx, "eci-spot-strategy", other, &["SpotAsPriceGo", "SpotWithPriceLimit", "NoSpot"], path);
            return None;
        }
    }
    if let Some((value, path)) = get("spot-duration") {
        match value.parse::<u64>() {
            Ok(hours) if hours <= 6 => wish.protection = Span::from_secs(3600 * hours),
            _ => drop(cx.issues.error(code::REFUSED, path, format!("{} is not a number of hours from 0 to 6", quote(value)))),
        }
    }
    if let Some((value, path)) = get("spot-fallback") {
        match value {
            "true" => wish.fallback = true,
            "false" => {}
            other => wrong_word(cx, "eci-spot-fallback", other, &["true", "false"], path),
        }
    }
    Some(wish)
}
