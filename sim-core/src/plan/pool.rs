//! Node pools, and what makes them grow and shrink.

use std::ops::Range;

use super::Node;
use super::estate::Tier;
use super::supply::{SpotPrice, SpotTerms};
use super::workload::Phase;
use crate::id::Id;
use crate::random::Distribution;
use crate::units::{Span, Time, UnitPrice};

/// Machines that an autoscaler asks for and releases.
///
/// Every machine that a pool may ever have is a node of the plan, its *place*: names, ids and streams stay the same however the pool is used.
#[derive(Clone, Debug)]
pub struct NodePool {
    /// Name, unique.
    pub name: String,
    /// Tier of its nodes.
    pub tier: Id<Tier>,
    /// What a new machine may be, the most preferred type first; offers of one type differ by zone.
    pub offers: Vec<Offer>,
    /// Which zone a new machine gets.
    pub zone_policy: ZonePolicy,
    /// Fewest machines.
    pub min: u32,
    /// Most machines.
    pub max: u32,
    /// Machines at the start.
    pub initial: u32,
    /// Preference of the expander `priority`: the highest wins.
    pub priority: i32,
    /// Seconds from asking for a machine until it is a node of the cluster.
    pub provisioning: Distribution,
    /// Seconds from then until the node is ready.
    pub readiness: Distribution,
    /// Share of machines that never become nodes, 0..=1.
    pub failure_rate: f64,
    /// Whether a machine that left the cluster stays paid for and comes back when the pool grows again: what was paid ahead is not given back.
    pub keeps_machines: bool,
    /// How it bids, if its machines come from the spot market.
    pub spot: Option<SpotTerms>,
    /// When its nodes may go.
    pub shrink: PoolShrink,
    /// How long the autoscaler waits for a machine before it gives it up.
    pub max_provision_time: Span,
}

/// Machines of one type in one zone.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The type's place among the pool's types.
    pub kind: usize,
    /// Zone, empty if none was given.
    pub zone: String,
    /// Nodes of the plan, by index.
    pub places: Range<usize>,
    /// How many machines the provider has at a time, from each time on; empty for as many as are asked for.
    pub stock: Vec<(Time, u32)>,
    /// What a machine costs on the spot market, from each time on; empty for its full price.
    pub spot: Vec<(Time, SpotPrice)>,
    /// The full price of a machine.
    pub full: UnitPrice,
}

impl Offer {
    /// The nodes.
    pub fn nodes(&self) -> impl Iterator<Item = Id<Node>> + use<> {
        self.places.clone().map(Id::new)
    }

    /// How many machines the provider has now; none for no limit.
    pub fn stock_at(&self, now: Time) -> Option<u32> {
        (!self.stock.is_empty()).then(|| self.stock.iter().rfind(|level| level.0 <= now).map_or(0, |level| level.1))
    }

    /// What a machine costs on the spot market, from each time on; the first price holds before it too.
    pub fn spot_steps(&self) -> Vec<(Time, UnitPrice)> {
        let steps = self.spot.iter().map(|(at, price)| (*at, price.of(self.full)));
        if self.spot.is_empty() { vec![(Time::ZERO, self.full)] } else { steps.collect() }
    }
}

/// Which of its zones a pool's new machine gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZonePolicy {
    /// The one with the fewest machines of the pool.
    #[default]
    Balance,
    /// The first one in which there are machines left.
    Priority,
}

/// When a pool's nodes may go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolShrink {
    /// Whether no node may go, as with the annotation `cluster-autoscaler.kubernetes.io/scale-down-disabled`.
    pub disabled: bool,
    /// A node is a candidate while less than this share of what it has is requested, 0..=1.
    pub utilization_threshold: f64,
    /// The same for nodes with GPUs, of which only these count.
    pub gpu_utilization_threshold: f64,
    /// How long a node has to be unneeded.
    pub unneeded_time: Span,
    /// How long a node has to be unready.
    pub unready_time: Span,
}

/// What makes pools grow and shrink.
#[derive(Clone, Debug)]
pub struct NodeScaling {
    /// When it looks.
    pub mode: ScalingMode,
    /// How one of several pools is chosen to grow: the second of them decides between what the first leaves, and so on; at last, chance.
    pub expanders: Vec<Expander>,
    /// Whether pools with equal nodes grow evenly.
    pub balances_similar: bool,
    /// Most nodes of the cluster; none for no limit.
    pub max_nodes: Option<u32>,
    /// Least and most CPU of all machines, in milliCPU.
    pub cpu_milli: (u64, u64),
    /// Least and most memory of all machines, in bytes.
    pub memory_bytes: (u64, u64),
    /// Most machines asked for at a time.
    pub max_per_scale_up: u32,
    /// Pods younger than this are not looked at.
    pub new_pod_delay: Span,
    /// Pods of a lower priority neither make pools grow nor keep nodes from going.
    pub expendable_below: i32,
    /// How pools shrink.
    pub shrink: ShrinkRules,
    /// A pool is left alone for this long after a failure.
    pub backoff: BackoffRules,
    /// With more unready nodes than `unready_nodes` and this percentage of all, nothing is done.
    pub unready_percent: f64,
    /// See `unready_percent`.
    pub unready_nodes: u32,
}

/// When an autoscaler of nodes looks.
#[derive(Clone, Debug)]
pub enum ScalingMode {
    /// From time to time, as cluster-autoscaler does. One pool grows each time.
    Scan {
        /// Time between two looks.
        interval: Span,
        /// When the first one is.
        phase: Phase,
    },
    /// When pods find no node, as instant elasticity does. All pools that are needed grow at once.
    Events {
        /// How long after the scheduler's verdict it acts; what fails in between is served together.
        reaction: Span,
        /// Time between two looks at nodes that may go.
        interval: Span,
        /// Most machines in one call; several calls follow each other at once.
        batch: u32,
    },
}

/// How one of several pools is chosen to grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expander {
    /// By chance.
    Random,
    /// Where most pods find a node.
    MostPods,
    /// Where the smallest share of CPU and memory is left over.
    LeastWaste,
    /// What costs least for what the pods request.
    Price,
    /// The highest priority.
    Priority,
    /// The fewest new nodes.
    LeastNodes,
}

/// How pools shrink.
#[derive(Clone, Copy, Debug)]
pub struct ShrinkRules {
    /// Whether they do.
    pub enabled: bool,
    /// No node goes so soon after one was asked for.
    pub delay_after_add: Span,
    /// No node goes so soon after the last one did.
    pub delay_after_delete: Span,
    /// No node goes so soon after one could not be emptied.
    pub delay_after_failure: Span,
    /// Nodes with pods that are looked at in one go, besides those known to be unneeded: at least `pool_minimum` and this share of all.
    pub pool_ratio: f64,
    /// See `pool_ratio`.
    pub pool_minimum: u32,
    /// Most nodes with pods that are unneeded at a time.
    pub candidates: u32,
    /// Most nodes on their way out at a time.
    pub parallelism: u32,
    /// Most of these that have pods.
    pub drain_parallelism: u32,
    /// Longest time that an evicted pod gets.
    pub max_grace: Span,
    /// How long an eviction is tried.
    pub eviction_time: Span,
    /// A node that could not go is looked at again after this long.
    pub recheck: Span,
    /// Whether pods in `kube-system` that no disruption budget covers keep their node.
    pub keeps_system_pods: bool,
    /// Whether pods with local storage keep their node.
    pub keeps_local_storage: bool,
    /// Whether pods of DaemonSets count as no use.
    pub ignores_daemons: bool,
    /// Whether nodes that are not ready may go.
    pub unready: bool,
}

/// How long a pool is left alone after failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackoffRules {
    /// After the first one.
    pub initial: Span,
    /// At most; each further failure doubles the time.
    pub max: Span,
    /// After this long without one, the next failure counts as the first.
    pub reset: Span,
}

impl Default for PoolShrink {
    fn default() -> Self {
        Self {
            disabled: false,
            utilization_threshold: 0.5,
            gpu_utilization_threshold: 0.5,
            unneeded_time: Span::from_secs(600),
            unready_time: Span::from_secs(1200),
        }
    }
}

impl Default for BackoffRules {
    fn default() -> Self {
        Self { initial: Span::from_secs(300), max: Span::from_secs(1800), reset: Span::from_secs(10_800) }
    }
}

impl Default for ShrinkRules {
    /// As cluster-autoscaler starts without flags.
    fn default() -> Self {
        Self {
            enabled: true,
            delay_after_add: Span::from_secs(600),
            delay_after_delete: Span::from_secs(10),
            delay_after_failure: Span::from_secs(180),
            pool_ratio: 0.1,
            pool_minimum: 50,
            candidates: 30,
            parallelism: 10,
            drain_parallelism: 1,
            max_grace: Span::from_secs(600),
            eviction_time: Span::from_secs(120),
            recheck: Span::from_secs(300),
            keeps_system_pods: true,
            keeps_local_storage: true,
            ignores_daemons: false,
            unready: true,
        }
    }
}

impl Default for NodeScaling {
    /// As cluster-autoscaler starts without flags.
    fn default() -> Self {
        Self {
            mode: ScalingMode::Scan { interval: Span::from_secs(10), phase: Phase::Fixed(Span::ZERO) },
            expanders: vec![Expander::LeastWaste],
            balances_similar: false,
            max_nodes: None,
            cpu_milli: (0, 320_000_000),
            memory_bytes: (0, 6_400_000 << 30),
            max_per_scale_up: 1000,
            new_pod_delay: Span::ZERO,
            expendable_below: -10,
            shrink: ShrinkRules::default(),
            backoff: BackoffRules::default(),
            unready_percent: 45.0,
            unready_nodes: 3,
        }
    }
}

impl Expander {
    /// The name of the flag's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::MostPods => "most-pods",
            Self::LeastWaste => "least-waste",
            Self::Price => "price",
            Self::Priority => "priority",
            Self::LeastNodes => "least-nodes",
        }
    }
}

impl NodeScaling {
    /// What decisions call the autoscaler.
    pub const fn controller(&self) -> &'static str {
        match self.mode {
            ScalingMode::Scan { .. } => "cluster-autoscaler",
            ScalingMode::Events { .. } => "instant-elasticity",
        }
    }
}
