//! What the controller remembers of an HPA between evaluations. It lives in memory only: a restart of the controller clears it.

/// What the controller remembers of an HPA. The default is that of a controller which has never seen it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HpaMemory {
    /// Proposals before stabilisation; none until the first evaluation.
    pub recommendations: Option<Vec<Recommendation>>,
    /// Additions of replicas, kept only under `behavior`.
    pub scale_up_events: Vec<ScaleEvent>,
    /// Removals of replicas, kept only under `behavior`.
    pub scale_down_events: Vec<ScaleEvent>,
}

/// A past proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// Replicas.
    pub replicas: u32,
    /// When.
    pub at_ns: i64,
}

/// A past change of the replica count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScaleEvent {
    /// Replicas added or removed, more than zero.
    pub change: u32,
    /// When.
    pub at_ns: i64,
}

impl HpaMemory {
    /// Takes the current size for a recommendation at first sight, so that a new HPA does not shrink anything for one window.
    pub(super) fn meet(&mut self, replicas: u32, now_ns: i64) {
        self.recommendations.get_or_insert_with(|| vec![Recommendation { replicas, at_ns: now_ns }]);
    }

    pub(super) fn recommendations(&mut self) -> &mut Vec<Recommendation> {
        self.recommendations.get_or_insert_default()
    }
}

/// Overwrites the last outdated entry, else appends: the lists stay as long as their window is, and in the order of Kubernetes.
pub(super) fn record<T>(list: &mut Vec<T>, entry: T, outdated: impl Fn(&T) -> bool) {
    match list.iter().rposition(outdated) {
        Some(place) => list[place] = entry,
        None => list.push(entry),
    }
}
