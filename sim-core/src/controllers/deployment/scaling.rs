//! What a change of the Deployment's size does to its `ReplicaSet`s: during a rollout all of them change in proportion.

use super::{DeploymentView, ReplicaSet, Resize, Why, annotations};

pub(super) fn scale(view: &DeploymentView<'_>) -> Vec<Resize> {
    let active: Vec<usize> = (0..view.sets.len()).filter(|set| view.sets[*set].replicas > 0).collect();
    let resize = |set: usize, to: u32| (view.sets[set].replicas != to).then_some(Resize { set, to, why: Why::Scaled });
    match active[..] {
        // None has replicas: the newest gets them; a rollout that is paused has none that is newest, and the last one does.
        [] => return view.newest.or(view.sets.len().checked_sub(1)).and_then(|set| resize(set, view.replicas)).into_iter().collect(),
        [only] => return resize(only, view.replicas).into_iter().collect(),
        _ => {}
    }
    if let Some(newest) = view.newest.filter(|newest| is_saturated(view, view.sets[*newest])) {
        return active.into_iter().filter(|set| *set != newest).filter_map(|set| resize(set, 0)).collect();
    }
    if view.strategy == super::Strategy::Recreate {
        return Vec::new();
    }
    in_proportion(view, active)
}

fn is_saturated(view: &DeploymentView<'_>, set: ReplicaSet) -> bool {
    set.replicas == view.replicas && set.desired == view.replicas && set.available == view.replicas
}

/// Adds to every active set, or takes from it, its share of the difference; what rounding leaves goes to the largest.
fn in_proportion(view: &DeploymentView<'_>, mut active: Vec<usize>) -> Vec<Resize> {
    let total: i64 = active.iter().map(|set| i64::from(view.sets[*set].replicas)).sum();
    let (_, max) = annotations(view.replicas, view.strategy);
    let allowed = if view.replicas > 0 { i64::from(max) } else { 0 };
    let difference = allowed - total;
    // The largest first; of equals the newer when replicas are added, the older when they are taken.
    active.sort_by_key(|set| (std::cmp::Reverse(view.sets[*set].replicas), if difference > 0 { -(*set as i64) } else { *set as i64 }));
    let mut added = 0;
    let mut sizes = Vec::with_capacity(active.len());
    for set in &active {
        let replicas = i64::from(view.sets[*set].replicas);
        let left = difference - added;
        let share = match difference {
            0 => 0,
            _ if left == 0 => 0,
            1.. => fraction(view, view.sets[*set]).min(left),
            _ => fraction(view, view.sets[*set]).max(left),
        };
        added += share;
        sizes.push(replicas + share);
    }
    if let Some(largest) = sizes.first_mut() {
        *largest = (*largest + difference - added).max(0);
    }
    let resized = active.into_iter().zip(sizes).filter(|(set, size)| i64::from(view.sets[*set].replicas) != *size);
    resized.map(|(set, size)| Resize { set, to: size.max(0) as u32, why: Why::Scaled }).collect()
}

/// By how much a set would have to change to keep its share of all replicas.
fn fraction(view: &DeploymentView<'_>, set: ReplicaSet) -> i64 {
    if view.replicas == 0 {
        return -i64::from(set.replicas);
    }
    let (_, max) = annotations(view.replicas, view.strategy);
    let before = if set.max > 0 { set.max } else { view.sets.iter().map(|set| set.replicas).sum() };
    if before == 0 {
        return 0;
    }
    let size = f64::from(set.replicas) * f64::from(max) / f64::from(before);
    (size + 0.5) as i64 - i64::from(set.replicas)
}
