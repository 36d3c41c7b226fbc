//! Amounts of resources.

use sim_core::units::{Bytes, EXTENDED_MAX, MilliCpu, Quantity, Resources};

use super::{Context, code, names};
use crate::issue::Path;
use crate::spec::Amounts;
use crate::suggest;
use crate::wording::quote;

/// A million cores.
const CPU_MAX: i128 = 1_000_000_000;
/// An exbibyte.
const BYTES_MAX: i128 = 1 << 60;

/// Resources of a node or pod, with the number of pods if it is among them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sized {
    /// CPU, memory and extended resources.
    pub(super) resources: Resources,
    /// The entry `pods`.
    pub(super) pods: Option<u32>,
}

/// Turns named amounts into resources.
pub(super) fn read(cx: &mut Context<'_>, amounts: &Amounts, path: &Path) -> Sized {
    let mut read = Sized::default();
    for (name, amount) in &amounts.0 {
        let place = path.key(name);
        match name.as_str() {
            "cpu" => read.resources.cpu = MilliCpu(bounded(cx, amount.0.as_milli(), CPU_MAX, "a million cores", &place)),
            "memory" => read.resources.memory = Bytes(bounded(cx, amount.0.as_units(), BYTES_MAX, "1Ei", &place)),
            "pods" => read.pods = Some(bounded(cx, amount.0.as_units(), 1_000_000, "a million", &place) as u32),
            "ephemeral-storage" => {
                cx.issues.warning(code::NO_EFFECT, &place, "ephemeral storage is not simulated").on_key();
            }
            _ if name.contains('/') || name.starts_with("hugepages-") => {
                if let Some(slot) = slot(cx, name, &place) {
                    read.resources.extended[slot] = extended(cx, amount.0, &place);
                }
            }
            _ => unknown(cx, name, &place),
        }
    }
    read
}

fn unknown(cx: &mut Context<'_>, name: &str, place: &Path) {
    let issue = cx.issues.error(code::UNKNOWN_RESOURCE, place, format!("there is no resource {}", quote(name))).on_key();
    match suggest::nearest(name, ["cpu", "memory", "pods"]) {
        Some(near) => issue.with_help(format!("did you mean {}?", quote(near))),
        None => issue.with_help("resources are `cpu`, `memory`, and extended resources with a slash, such as `nvidia.com/gpu`"),
    };
}

fn bounded(cx: &mut Context<'_>, value: i128, max: i128, words: &str, place: &Path) -> u64 {
    if value < 0 {
        cx.issues.error(code::TOO_SMALL, place, "an amount of a resource is not negative");
    } else if value > max {
        cx.issues.error(code::TOO_LARGE, place, format!("at most {words} is possible"));
    }
    value.clamp(0, max) as u64
}

fn extended(cx: &mut Context<'_>, amount: Quantity, place: &Path) -> u64 {
    if amount.as_nano() % 1_000_000_000 != 0 {
        cx.issues.error(code::REFUSED, place, "an extended resource is a whole number");
    }
    bounded(cx, amount.as_units(), BYTES_MAX, "2^60", place)
}

/// The place of an extended resource in the plan's list.
pub(super) fn slot(cx: &mut Context<'_>, name: &str, place: &Path) -> Option<usize> {
    if let Some(known) = cx.extended.iter().position(|known| known == name) {
        return Some(known);
    }
    if !names::is_label_key(name) {
        cx.issues.error(code::BAD_NAME, place, format!("{} cannot be the name of a resource", quote(name))).on_key();
        return None;
    }
    if cx.extended.len() == EXTENDED_MAX {
        let message = format!("{} is one extended resource too many", quote(name));
        let known = cx.extended.join("`, `");
        cx.issues.error(code::MANY_RESOURCES, place, message).on_key().with_help(format!("a scenario has at most {EXTENDED_MAX}; there are already `{known}`"));
        return None;
    }
    cx.extended.push(name.to_owned());
    Some(cx.extended.len() - 1)
}
