//! What breaks, and when.

use super::estate::{CreateLimit, Node, Provider, Tier};
use super::placement::{Taint, TaintEffect};
use super::supply::Registry;
use super::workload::{PodTemplate, Service};
use crate::id::Id;
use crate::random::Distribution;
use crate::scheduling::tolerates;
use crate::units::{Span, Time};

/// The taint of a node whose kubelet is not heard from.
pub const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// Everything that can break, and how Kubernetes notices.
#[derive(Clone, Debug)]
pub struct Faults {
    /// Faults at known instants and at random ones.
    pub list: Vec<Fault>,
    /// Instances that fail one by one.
    pub instances: Vec<InstanceFailures>,
    /// How long a node may be silent until it counts as `NotReady` (`--node-monitor-grace-period`).
    pub grace: Span,
    /// How long pods that say nothing about it tolerate an unreachable node (`--default-unreachable-toleration-seconds`).
    pub toleration: Span,
}

impl Default for Faults {
    fn default() -> Self {
        Self { list: Vec::new(), instances: Vec::new(), grace: Span::from_secs(40), toleration: Span::from_secs(300) }
    }
}

impl Faults {
    /// How long a pod stays on an unreachable node; none for ever.
    ///
    /// As in Kubernetes: a pod without a toleration for the taint's key gets the default one when it is created; of several that match, the shortest time
    /// counts; one that matches nothing although its key does leaves the pod no time at all.
    pub fn tolerated_by(&self, pod: &PodTemplate) -> Option<Span> {
        let taint = Taint { key: UNREACHABLE.to_owned(), value: String::new(), effect: TaintEffect::NoExecute };
        let is_about = |effect: Option<TaintEffect>| effect.is_none_or(|effect| effect == TaintEffect::NoExecute);
        let mut own = pod.tolerations.iter().filter(|toleration| (toleration.key.is_empty() || toleration.key == UNREACHABLE) && is_about(toleration.effect));
        let matching: Vec<_> = own.clone().filter(|toleration| tolerates(std::slice::from_ref(*toleration), &taint)).collect();
        if own.next().is_none() {
            return Some(self.toleration);
        }
        if matching.is_empty() {
            return Some(Span::ZERO);
        }
        matching.iter().filter_map(|toleration| toleration.seconds).min().map(|seconds| Span::from_secs(seconds.max(0).unsigned_abs()))
    }
}

/// Something that breaks and may be repaired.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What breaks, in words: `zone cn-hangzhou-h`, `node ecs-1`. Random faults draw from the stream `fault/KIND/TARGET`.
    pub target: String,
    /// When it breaks.
    pub begins: FaultBegins,
    /// How long it takes until it is whole again.
    pub repair: Repair,
    /// What breaks.
    pub kind: FaultKind,
}

/// When something breaks.
#[derive(Clone, Debug)]
pub enum FaultBegins {
    /// At an instant.
    At(Time),
    /// Again and again, this many seconds after it was whole.
    Every(Distribution),
}

/// How long something stays broken.
#[derive(Clone, Debug)]
pub enum Repair {
    /// To the end of the run.
    Never,
    /// This long.
    After(Span),
    /// At random, in seconds.
    Random(Distribution),
}

/// What breaks.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// A zone, with its machines and instances. No pod can be created there.
    Zone {
        /// Its name.
        zone: String,
        /// How its pods go.
        mode: FailMode,
    },
    /// A machine.
    Node {
        /// Which.
        node: Id<Node>,
        /// How its pods go.
        mode: FailMode,
    },
    /// The network between the control plane and a zone or node. Pods run on, and nobody hears of them.
    Partition {
        /// A zone, if it is one.
        zone: Option<String>,
        /// A node, if it is one.
        node: Option<Id<Node>>,
        /// Whether clients still reach the pods, until Kubernetes takes them out of their services.
        serves: bool,
    },
    /// Instances, each by itself: the oldest that match.
    Instances {
        /// Whose.
        of: InstanceScope,
        /// How many.
        count: u32,
    },
    /// A registry.
    Registry {
        /// Which.
        registry: Id<Registry>,
        /// The part of its bandwidth that is left, in 0..=1.
        share: f64,
        /// Whether pulls end with an error, so that the kubelet pauses before it tries again.
        fails: bool,
    },
    /// A provider's API.
    Api {
        /// Which provider.
        provider: Id<Provider>,
        /// The part of creation calls that end with an error, in 0..=1.
        errors: f64,
        /// A limit beyond which calls are refused, on top of the provider's own.
        limit: Option<CreateLimit>,
        /// How its client tries again.
        backoff: Backoff,
    },
    /// The readiness probes of pods.
    Readiness {
        /// Whose pods.
        service: Id<Service>,
        /// Which of them.
        pods: PodsHit,
    },
}

impl FaultKind {
    /// The name in scenarios and records.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Zone { .. } => "zoneOutage",
            Self::Node { .. } => "nodeCrash",
            Self::Partition { .. } => "partition",
            Self::Instances { .. } => "instanceFailure",
            Self::Registry { .. } => "registry",
            Self::Api { .. } => "providerApi",
            Self::Readiness { .. } => "readinessFlap",
        }
    }
}

/// How pods go whose node or zone fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailMode {
    /// At once: each is reported as failed and replaced.
    Immediate,
    /// They stop, and are replaced when the node's lease and their toleration have run out.
    #[default]
    NodeLease,
}

/// Which instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceScope {
    /// Place of their workload among services, then jobs; none for all.
    pub workload: Option<usize>,
    /// Their tier; none for all.
    pub tier: Option<Id<Tier>>,
}

/// Instances that fail one by one, whatever else happens.
#[derive(Clone, Debug)]
pub struct InstanceFailures {
    /// Which ones.
    pub of: InstanceScope,
    /// Seconds from the start of an instance to its failure.
    pub lifetime: Distribution,
}

/// Which ready pods of a service, oldest first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PodsHit {
    /// This many.
    Count(u32),
    /// This part of them, in 0..=1, rounded up.
    Share(f64),
}

/// Longer and longer pauses of a client whose calls fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// The first pause.
    pub initial: Span,
    /// Each is this many times as long as the one before, 1 or more.
    pub factor: f64,
    /// The longest.
    pub max: Span,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { initial: Span::from_secs(1), factor: 2.0, max: Span::from_secs(60) }
    }
}

impl Backoff {
    /// The kubelet's pauses between pulls of an image: 10 s, doubling to 5 min.
    pub const PULL: Self = Self { initial: Span::from_secs(10), factor: 2.0, max: Span::from_secs(300) };

    /// The pause after the `failures`-th failure in a row, counted from 1.
    pub fn pause(self, failures: u32) -> Span {
        let mut seconds = self.initial.as_secs_f64();
        let most = self.max.as_secs_f64();
        for _ in 1..failures {
            if seconds >= most || self.factor <= 1.0 {
                break;
            }
            seconds *= self.factor;
        }
        Span::from_secs_f64(seconds.min(most))
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use crate::units::Span;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let seconds = |backoff: Backoff| [1, 2, 3, 5, 6, 7, 500].map(|failures| backoff.pause(failures).as_nanos() / 1_000_000_000);
        assert_eq!(seconds(Backoff::PULL), [10, 20, 40, 160, 300, 300, 300]);
        assert_eq!(seconds(Backoff::default()), [1, 2, 4, 16, 32, 60, 60]);
        let steady = Backoff { initial: Span::from_secs(3), factor: 1.0, max: Span::from_secs(60) };
        assert_eq!(seconds(steady), [3; 7]);
    }
}
