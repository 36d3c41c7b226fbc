//! The two steps of a rolling update: the new revision grows as far as the surge allows, old ones shrink as far as enough pods stay available.

use super::{DeploymentView, Resize, Why};

pub(super) fn roll(view: &DeploymentView<'_>, newest: usize) -> Vec<Resize> {
    match grow(view, newest) {
        Some(resize) => vec![resize],
        None => shrink(view, newest),
    }
}

fn grow(view: &DeploymentView<'_>, newest: usize) -> Option<Resize> {
    let now = view.sets[newest].replicas;
    let to = if now >= view.replicas {
        view.replicas
    } else {
        let most = view.replicas + view.strategy.max_surge(view.replicas);
        let all: u32 = view.sets.iter().map(|set| set.replicas).sum();
        now + most.saturating_sub(all).min(view.replicas - now)
    };
    (to != now).then_some(Resize { set: newest, to, why: Why::NewRevision })
}

fn shrink(view: &DeploymentView<'_>, newest: usize) -> Vec<Resize> {
    let old = || (0..view.sets.len()).filter(|set| *set != newest);
    let mut sizes: Vec<u32> = view.sets.iter().map(|set| set.replicas).collect();
    let least_available = i64::from(view.replicas) - i64::from(view.strategy.max_unavailable(view.replicas));
    let new_unavailable = i64::from(view.sets[newest].replicas) - i64::from(view.sets[newest].available);
    let all: i64 = sizes.iter().map(|size| i64::from(*size)).sum();
    let most = all - least_available - new_unavailable;
    if most <= 0 || old().all(|set| sizes[set] == 0) {
        return Vec::new();
    }
    // Replicas that are not available serve nobody: they go first, oldest revision first.
    let mut resizes = Vec::new();
    let mut left = most;
    for set in old() {
        let unhealthy = i64::from(sizes[set]) - i64::from(view.sets[set].available);
        let gone = unhealthy.min(left).max(0) as u32;
        if gone > 0 {
            sizes[set] -= gone;
            left -= i64::from(gone);
            resizes.push(Resize { set, to: sizes[set], why: Why::Unhealthy });
        }
    }
    let available: i64 = view.sets.iter().map(|set| i64::from(set.available)).sum();
    let mut surplus = available - least_available;
    for set in old() {
        let gone = i64::from(sizes[set]).min(surplus).max(0) as u32;
        if gone > 0 {
            sizes[set] -= gone;
            surplus -= i64::from(gone);
            resizes.push(Resize { set, to: sizes[set], why: Why::OldRevision });
        }
    }
    resizes
}
