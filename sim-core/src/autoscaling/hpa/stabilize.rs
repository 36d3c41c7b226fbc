//! Stabilisation: recent proposals that hold back the newest one.

use super::memory::record;
use super::{HpaMemory, Recommendation};

/// Stabilises `proposal` for an HPA without `behavior`: the highest of it and every recommendation of the window, its end included.
pub fn stabilize_without_behavior(window_ns: i64, proposal: u32, memory: &mut HpaMemory, now_ns: i64) -> u32 {
    let history = memory.recommendations();
    let outdated = |past: &Recommendation| now_ns.saturating_sub(past.at_ns) > window_ns;
    let highest = history.iter().filter(|past| !outdated(past)).map(|past| past.replicas).fold(proposal, u32::max);
    record(history, Recommendation { replicas: proposal, at_ns: now_ns }, outdated);
    highest
}

/// Stabilises `proposal` for an HPA with `behavior`: the current size, moved only as far as the recommendations of both windows agree.
/// A recommendation as old as a window is not part of it.
pub fn stabilize_with_behavior(up_window_ns: i64, down_window_ns: i64, current: u32, proposal: u32, memory: &mut HpaMemory, now_ns: i64) -> u32 {
    let history = memory.recommendations();
    let age = |past: &Recommendation| now_ns.saturating_sub(past.at_ns);
    let within = |window_ns: i64| history.iter().filter(move |past| age(past) < window_ns).map(|past| past.replicas);
    let lowest = within(up_window_ns).fold(proposal, u32::min);
    let highest = within(down_window_ns).fold(proposal, u32::max);
    let outdated = |past: &Recommendation| age(past) > up_window_ns && age(past) > down_window_ns;
    record(history, Recommendation { replicas: proposal, at_ns: now_ns }, outdated);
    current.max(lowest).min(highest)
}
