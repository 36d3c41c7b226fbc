//! What held capacity back while an objective was not held: pure arithmetic over what was seen in a window.
//!
//! A window's *shortage* is made of pods: those that were asked for and were not ready, each held by the stage that it was in, and those that were needed
//! and not asked for, each held by what kept the autoscaler from asking. Time in breach is charged in proportion to their pod-time. Once enough pods are
//! ready and requests still wait, it is the earlier shortage that they wait for: the caller charges by what that was made of.

use crate::units::{Span, Time};

/// What can hold capacity back, in the order in which it can from load to ready pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bottleneck {
    /// The metrics did not show the load yet.
    MetricStaleness,
    /// The metrics showed it, and the autoscaler had not looked.
    SyncWait,
    /// A stabilisation window held the recommendation down.
    Stabilisation,
    /// The autoscaler grew as fast as its policies allow.
    PolicyLimit,
    /// The autoscaler was at its maximum.
    MaxReplicas,
    /// The autoscaler asked for no more: its target was reached, or saturated pods could not show how much is missing.
    Target,
    /// Nobody adds replicas.
    NoAutoscaler,
    /// Pods had not been looked at by the scheduler or the kubelet.
    Scheduling,
    /// No node had room.
    PendingForCapacity,
    /// A machine for them was being provisioned.
    NodeProvisioning,
    /// The provider's limit on creation calls.
    CreationLimit,
    /// The provider had no instance left, or the subnets no address.
    Stock,
    /// The account's quota was used up.
    Quota,
    /// Images were being pulled.
    ImagePull,
    /// Sandboxes, applications, probes and load balancers, or start-ups that are given as a whole.
    StartUp,
    /// A fault: pods of failed nodes and zones, failing probes, and creation calls that fail.
    Fault,
    /// Something outside of the cluster that does not get faster with more pods.
    Backend,
}

impl Bottleneck {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();
    /// All of them, in order.
    pub const ALL: [Self; 17] = [
        Self::MetricStaleness,
        Self::SyncWait,
        Self::Stabilisation,
        Self::PolicyLimit,
        Self::MaxReplicas,
        Self::Target,
        Self::NoAutoscaler,
        Self::Scheduling,
        Self::PendingForCapacity,
        Self::NodeProvisioning,
        Self::CreationLimit,
        Self::Stock,
        Self::Quota,
        Self::ImagePull,
        Self::StartUp,
        Self::Fault,
        Self::Backend,
    ];

    /// The key in `attribution`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MetricStaleness => "metric staleness",
            Self::SyncWait => "sync wait",
            Self::Stabilisation => "stabilisation",
            Self::PolicyLimit => "policy limit",
            Self::MaxReplicas => "max replicas",
            Self::Target => "autoscaler target",
            Self::NoAutoscaler => "no autoscaler",
            Self::Scheduling => "scheduling",
            Self::PendingForCapacity => "pending for capacity",
            Self::NodeProvisioning => "node provisioning",
            Self::CreationLimit => "creation limit",
            Self::Stock => "stock",
            Self::Quota => "quota",
            Self::ImagePull => "image pull",
            Self::StartUp => "start-up",
            Self::Fault => "fault",
            Self::Backend => "backend",
        }
    }

    /// What it means, as the cause of a breach.
    pub const fn words(self) -> &'static str {
        match self {
            Self::MetricStaleness => "the metrics did not show the load yet",
            Self::SyncWait => "the autoscaler had not looked yet",
            Self::Stabilisation => "replicas held down by a stabilisation window",
            Self::PolicyLimit => "replicas growing as fast as policies allow",
            Self::MaxReplicas => "replicas at the autoscaler's maximum",
            Self::Target => "the autoscaler asks for no more replicas",
            Self::NoAutoscaler => "too few replicas, and no autoscaler",
            Self::Scheduling => "pods waiting for the scheduler or the kubelet",
            Self::PendingForCapacity => "pods pending: no node has room",
            Self::NodeProvisioning => "pods waiting for nodes that are being provisioned",
            Self::CreationLimit => "pods waiting for the provider's creation limit",
            Self::Stock => "pods waiting for stock",
            Self::Quota => "pods waiting for quota",
            Self::ImagePull => "pods pulling images",
            Self::StartUp => "pods starting",
            Self::Fault => "pods lost to a fault",
            Self::Backend => "a backend at its capacity, which more pods do not change",
        }
    }
}

/// Pod-time by bottleneck, in pod-nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weights([u128; Bottleneck::COUNT]);

impl Weights {
    /// Adds pod-time.
    pub fn add(&mut self, bottleneck: Bottleneck, pod_ns: u128) {
        self.0[bottleneck as usize] += pod_ns;
    }

    /// Adds all of another's.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, more)| *sum += more);
    }

    /// All pod-time.
    pub fn sum(&self) -> u128 {
        self.0.iter().sum()
    }

    /// Divides a span in proportion; the parts add up to it exactly. Nothing is divided without weights.
    pub fn split(&self, span: Span) -> Charges {
        let mut charges = Charges::default();
        if self.sum() > 0 {
            charges.0.iter_mut().zip(divide(&self.0, span)).for_each(|(charge, part)| *charge = part);
        }
        charges
    }

    /// The same shares of another sum.
    #[must_use]
    pub fn scaled(&self, to: u128) -> Self {
        let sum = self.sum().max(1) as f64;
        Self(self.0.map(|weight| (weight as f64 / sum * to as f64) as u128))
    }

    /// The bottleneck with most pod-time, the earliest of equal ones.
    pub fn largest(&self) -> Bottleneck {
        Bottleneck::ALL.into_iter().rev().max_by_key(|bottleneck| self.0[*bottleneck as usize]).expect("there are bottlenecks")
    }
}

/// Divides a span in proportion to weights, in whole nanoseconds that add up to it exactly. Not everything may be 0.
pub fn divide(weights: &[u128], span: Span) -> Vec<u64> {
    let whole = span.as_nanos();
    // Weights of a year with many pods are too large to be multiplied by nanoseconds: what is cut off is far below a nanosecond of the result.
    let shift = (u128::BITS - weights.iter().sum::<u128>().leading_zeros()).saturating_sub(60);
    let sum = weights.iter().map(|weight| weight >> shift).sum::<u128>().max(1);
    let mut parts: Vec<u64> = weights.iter().map(|weight| ((weight >> shift) * u128::from(whole) / sum) as u64).collect();
    let rest = whole - parts.iter().sum::<u64>();
    // The first of the largest takes what rounding leaves.
    if let Some(largest) = (0..weights.len()).rev().max_by_key(|place| weights[*place]) {
        parts[largest] += rest;
    }
    parts
}

/// Time charged to bottlenecks, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charges([u64; Bottleneck::COUNT]);

impl Charges {
    /// Adds all of another's.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, more)| *sum += more);
    }

    /// What is charged to anything at all, with the name of what.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, Span)> {
        Bottleneck::ALL.into_iter().map(|bottleneck| (bottleneck.name(), Span::from_nanos(self.0[bottleneck as usize]))).filter(|entry| !entry.1.is_zero())
    }
}

/// What an autoscaler decided when it last looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// When.
    pub at: Time,
    /// What kept it from asking for more; none if it asked for what its metrics say.
    pub by: Option<Bottleneck>,
    /// Until when that can be blamed: from then on another look would have helped.
    pub until: Time,
}

/// A stretch of a window in which replicas asked for and the autoscaler's verdict stayed the same.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// Start.
    pub from: Time,
    /// End.
    pub to: Time,
    /// Replicas asked for.
    pub desired: u32,
    /// The latest verdict; none before the first.
    pub verdict: Option<Verdict>,
}

/// What is known about a service in a window.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// Pods that the load needs, busy all the time.
    pub needed: u32,
    /// Whether an autoscaler looks after it, and the most replicas that it may ask for.
    pub max: Option<u32>,
    /// When the metrics show the load that is missing pods.
    pub visible: Time,
    /// Whether metrics are older than the time between two looks: then every look is at a load that was.
    pub is_stale: bool,
    /// Pod-time of pods that were asked for and not ready, by what held them.
    pub waiting: Weights,
    /// The window, cut where something changed.
    pub stretches: &'a [Stretch],
}

/// What a window's shortage is made of. Never nothing: where no pod is missing, it is the autoscaler that asks for no more.
pub fn weigh(seen: &Seen<'_>) -> Weights {
    let mut weights = seen.waiting;
    let mut contented = 0u128;
    for stretch in seen.stretches {
        let missing = seen.needed.saturating_sub(stretch.desired);
        let length = u128::from(stretch.to.since(stretch.from).as_nanos());
        match not_asked_for(seen, stretch) {
            Bottleneck::Target => contented += u128::from(missing) * length,
            bottleneck => weights.add(bottleneck, u128::from(missing) * length),
        }
    }
    if seen.waiting.sum() == 0 {
        weights.add(Bottleneck::Target, contented);
    } else if contented > 0 {
        // It asks for no more because it takes the pods that are on their way into account: they hold back the rest too.
        let sum = seen.waiting.sum();
        for bottleneck in Bottleneck::ALL {
            let part = seen.waiting.0[bottleneck as usize];
            weights.add(bottleneck, (contented as f64 * (part as f64 / sum as f64)) as u128);
        }
    }
    if weights.sum() == 0 {
        for stretch in seen.stretches {
            weights.add(not_asked_for(seen, stretch), u128::from(stretch.to.since(stretch.from).as_nanos()));
        }
    }
    weights
}

/// Why no more replicas were asked for.
fn not_asked_for(seen: &Seen<'_>, stretch: &Stretch) -> Bottleneck {
    let Some(max) = seen.max else { return Bottleneck::NoAutoscaler };
    if stretch.desired >= max {
        return Bottleneck::MaxReplicas;
    }
    let is_visible = stretch.from >= seen.visible;
    let Some(verdict) = stretch.verdict else { return if is_visible { Bottleneck::SyncWait } else { Bottleneck::MetricStaleness } };
    if let Some(by) = verdict.by.filter(|_| stretch.from < verdict.until) {
        return by;
    }
    if !is_visible {
        Bottleneck::MetricStaleness
    } else if verdict.at < seen.visible || stretch.from >= verdict.until {
        Bottleneck::SyncWait
    } else if seen.is_stale {
        Bottleneck::MetricStaleness
    } else {
        Bottleneck::Target
    }
}

#[cfg(test)]
mod tests {
    use super::{Bottleneck, Seen, Stretch, Verdict, Weights, weigh};
    use crate::units::{Span, Time};

    fn stretch(from: u64, to: u64, desired: u32, verdict: Option<Verdict>) -> Stretch {
        Stretch { from: Time::from_secs(from), to: Time::from_secs(to), desired, verdict }
    }

    fn verdict(at: u64, by: Option<Bottleneck>) -> Verdict {
        Verdict { at: Time::from_secs(at), by, until: Time::from_secs(at + 15) }
    }

    fn seen(stretches: &[Stretch]) -> Seen<'_> {
        Seen { needed: 10, max: Some(40), visible: Time::from_secs(30), is_stale: false, waiting: Weights::default(), stretches }
    }

    fn only(seen: &Seen<'_>) -> Bottleneck {
        let weights = weigh(seen);
        let charged: Vec<_> = weights.split(Span::from_secs(15)).entries().collect();
        assert_eq!(charged, [(weights.largest().name(), Span::from_secs(15))]);
        weights.largest()
    }

    #[test]
    fn what_was_not_asked_for_is_held_by_the_first_thing_that_was_not_done() {
        assert_eq!(only(&seen(&[stretch(0, 15, 4, Some(verdict(0, None)))])), Bottleneck::MetricStaleness);
        assert_eq!(only(&seen(&[stretch(30, 45, 4, Some(verdict(15, None)))])), Bottleneck::SyncWait);
        assert_eq!(only(&seen(&[stretch(45, 60, 4, Some(verdict(45, None)))])), Bottleneck::Target);
        assert_eq!(only(&Seen { is_stale: true, ..seen(&[stretch(45, 60, 4, Some(verdict(45, None)))]) }), Bottleneck::MetricStaleness);
        for by in [Bottleneck::PolicyLimit, Bottleneck::Stabilisation] {
            assert_eq!(only(&seen(&[stretch(45, 60, 4, Some(verdict(45, Some(by))))])), by);
            assert_eq!(only(&seen(&[stretch(60, 75, 4, Some(verdict(45, Some(by))))])), Bottleneck::SyncWait, "its period is over");
        }
        assert_eq!(only(&Seen { max: Some(4), ..seen(&[stretch(45, 60, 4, Some(verdict(45, None)))]) }), Bottleneck::MaxReplicas);
        assert_eq!(only(&Seen { max: None, ..seen(&[stretch(45, 60, 4, None)]) }), Bottleneck::NoAutoscaler);
    }

    #[test]
    fn pods_on_their_way_hold_back_what_an_autoscaler_that_counts_on_them_does_not_ask_for() {
        let mut waiting = Weights::default();
        waiting.add(Bottleneck::ImagePull, 15_000_000_000);
        assert_eq!(only(&Seen { waiting, ..seen(&[stretch(45, 60, 5, Some(verdict(45, None)))]) }), Bottleneck::ImagePull);
    }

    #[test]
    fn parts_add_up_to_the_whole_whatever_the_weights() {
        for shares in [[1u128, 1, 1], [1, 0, u128::from(u64::MAX)], [7, 11, 13], [u128::MAX >> 8, 3, u128::MAX >> 9]] {
            let mut weights = Weights::default();
            for (bottleneck, share) in [Bottleneck::SyncWait, Bottleneck::Stock, Bottleneck::StartUp].into_iter().zip(shares) {
                weights.add(bottleneck, share);
            }
            for span in [Span::from_nanos(1), Span::from_nanos(1_000_000_007), Span::from_secs(86_400)] {
                let sum: u64 = weights.split(span).entries().map(|entry| entry.1.as_nanos()).sum();
                assert_eq!(sum, span.as_nanos());
            }
        }
    }

    #[test]
    fn shares_follow_pod_time() {
        let mut waiting = Weights::default();
        waiting.add(Bottleneck::StartUp, 30_000_000_000);
        let weights = weigh(&Seen { waiting, ..seen(&[stretch(0, 15, 8, Some(verdict(0, None)))]) });
        let charged: Vec<_> = weights.split(Span::from_secs(10)).entries().collect();
        assert_eq!(charged, [("metric staleness", Span::from_secs(5)), ("start-up", Span::from_secs(5))]);
    }
}
