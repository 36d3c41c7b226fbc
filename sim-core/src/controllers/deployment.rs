//! The Deployment controller: which of its `ReplicaSet`s gets how many replicas next.
//!
//! One call of [`sync`] decides what one pass of the controller does; the caller applies it and calls again until nothing changes, as changes of
//! `ReplicaSet`s wake the controller in a cluster. The rules are those of `pkg/controller/deployment` (1.33; unchanged for years).

mod rolling;
mod scaling;
mod strategy;

pub use strategy::Strategy;

/// What the controller sees of a Deployment.
#[derive(Clone, Debug)]
pub struct DeploymentView<'a> {
    /// Replicas asked for.
    pub replicas: u32,
    /// How revisions are exchanged.
    pub strategy: Strategy,
    /// Whether rollouts are paused.
    pub paused: bool,
    /// Its `ReplicaSet`s, oldest first.
    pub sets: &'a [ReplicaSet],
    /// Which of them has the newest template; none while a rollout waits for `resume`.
    pub newest: Option<usize>,
    /// Pods of old `ReplicaSet`s that have not ended, terminating ones included: `Recreate` waits for them.
    pub old_pods: u32,
}

/// A `ReplicaSet` as the controller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaSet {
    /// Replicas that it is asked for.
    pub replicas: u32,
    /// Its pods that have been ready for `minReadySeconds`.
    pub available: u32,
    /// The annotation `deployment.kubernetes.io/desired-replicas`: the Deployment's replicas when this set was last sized.
    pub desired: u32,
    /// The annotation `deployment.kubernetes.io/max-replicas`: those plus the surge.
    pub max: u32,
}

/// A `ReplicaSet` that is to have another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resize {
    /// Its place in [`DeploymentView::sets`].
    pub set: usize,
    /// Its new size.
    pub to: u32,
    /// Why.
    pub why: Why,
}

/// Why a `ReplicaSet` gets another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The Deployment itself has another size.
    Scaled,
    /// The new revision grows.
    NewRevision,
    /// Replicas of an old revision that are not available go first.
    Unhealthy,
    /// An old revision shrinks.
    OldRevision,
}

impl Why {
    /// The words in decisions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scaled => "the Deployment was scaled",
            Self::NewRevision => "rollout: the new revision grows",
            Self::Unhealthy => "rollout: replicas of an old revision that are not available go first",
            Self::OldRevision => "rollout: an old revision shrinks",
        }
    }
}

/// What one pass of the controller does. Nothing if all is as it should be, or if it has to wait.
pub fn sync(view: &DeploymentView<'_>) -> Vec<Resize> {
    if view.paused || is_scaling(view) {
        return scaling::scale(view);
    }
    let Some(newest) = view.newest else { return Vec::new() };
    match view.strategy {
        Strategy::Recreate => recreate(view, newest),
        Strategy::RollingUpdate { .. } => rolling::roll(view, newest),
    }
}

/// Whether a `ReplicaSet` with replicas was last sized for another number of replicas of the Deployment.
pub fn is_scaling(view: &DeploymentView<'_>) -> bool {
    view.sets.iter().any(|set| set.replicas > 0 && set.desired != view.replicas)
}

fn recreate(view: &DeploymentView<'_>, newest: usize) -> Vec<Resize> {
    let old: Vec<Resize> =
        (0..view.sets.len()).filter(|set| *set != newest && view.sets[*set].replicas > 0).map(|set| Resize { set, to: 0, why: Why::OldRevision }).collect();
    if !old.is_empty() || view.old_pods > 0 || view.sets[newest].replicas == view.replicas {
        return old;
    }
    vec![Resize { set: newest, to: view.replicas, why: Why::NewRevision }]
}

/// The annotations that a `ReplicaSet` carries once it has been sized for this Deployment: desired and maximal replicas.
pub fn annotations(replicas: u32, strategy: Strategy) -> (u32, u32) {
    (replicas, replicas + strategy.max_surge(replicas))
}

/// Whether a rollout is done: every replica is of the new revision and available, and none of an old one is left.
pub fn is_complete(view: &DeploymentView<'_>, active: u32) -> bool {
    view.newest.is_some_and(|newest| {
        let set = view.sets[newest];
        set.replicas == view.replicas && set.available == view.replicas && active == view.replicas
    })
}

#[cfg(test)]
mod tests;
