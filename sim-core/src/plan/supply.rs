//! How pods get from bound to ready, and what a provider of instances can run out of.

use super::estate::{InstanceSpec, PriceNote, SpecClass};
use crate::id::{Id, Table};
use crate::random::Distribution;
use crate::units::{Bytes, MilliCpu, Resources, Span, Time, UnitPrice};

/// How long it takes from the accepted creation call, or from binding on a machine, until a pod is ready.
#[derive(Clone, Debug)]
pub enum StartUp {
    /// One time for everything.
    Whole(Distribution),
    /// Stage by stage.
    Stages(Box<Stages>),
}

impl From<Distribution> for StartUp {
    fn from(whole: Distribution) -> Self {
        Self::Whole(whole)
    }
}

/// The stages that depend on the node. What depends on the pod, its image, its application and its probe, is in [`PodSupply`].
#[derive(Clone, Debug)]
pub struct Stages {
    /// Seconds until the kubelet acts on a bound pod; before the creation call on a virtual node.
    pub scheduling: Distribution,
    /// Seconds to create the sandbox: network, volumes, the instance itself.
    pub sandbox: Distribution,
    /// Seconds for an image that is there already, in an image cache or on the machine.
    pub cached: Distribution,
    /// Seconds from a successful probe until the load balancer sends requests. The pod turns ready only then, as with a readiness gate.
    pub load_balancer: Distribution,
}

/// Where images come from.
#[derive(Clone, Debug)]
pub struct Registry {
    /// Name.
    pub name: String,
    /// Bytes a second that all pulls share evenly; none for no such limit.
    pub bandwidth: Option<f64>,
    /// Most bytes a second for one pull.
    pub per_pull: Option<f64>,
}

/// What the cluster's instances share.
#[derive(Clone, Debug, Default)]
pub struct PlanSupply {
    /// Registries, by first use.
    pub registries: Table<Registry>,
    /// Subnets that virtual nodes create instances in.
    pub vswitches: Table<VSwitch>,
    /// Changes of the `eci-profile`, in order of time. What they say is in [`PodSupply::wishes`] already; these are for the record.
    pub reloads: Vec<ProfileReload>,
}

/// A subnet, which lies in one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VSwitch {
    /// Name.
    pub name: String,
    /// Zone.
    pub zone: String,
    /// Addresses for instances, each of which takes one; none for no limit.
    pub addresses: Option<u32>,
}

/// A change of the `eci-profile`.
#[derive(Clone, Debug)]
pub struct ProfileReload {
    /// When.
    pub at: Time,
    /// Why the change was not taken over; none if it was.
    pub error: Option<String>,
}

/// What of a pod bears on its start-up and on its instance.
#[derive(Clone, Debug, Default)]
pub struct PodSupply {
    /// Its image, if its size matters.
    pub image: Option<Image>,
    /// Seconds from the start of its container until the application answers.
    pub application: Option<Distribution>,
    /// When it is asked whether it answers; none for at once.
    pub probe: Option<Probe>,
    /// Why no virtual node runs it.
    pub rejected: Option<Rejection>,
    /// What its instance is to be like, by the time from which it counts; ascending. A pod follows the latest when it is created. Empty for the smallest
    /// size that its requests fit.
    pub wishes: Vec<(Time, InstanceWish)>,
}

/// An image.
#[derive(Clone, Debug)]
pub struct Image {
    /// Where it comes from.
    pub registry: Id<Registry>,
    /// Images with the same key are the same.
    pub key: u32,
    /// Compressed size.
    pub size: Bytes,
    /// Share of instances that find it in an image cache, in 0..=1.
    pub cached: f64,
}

/// A readiness probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Until the first probe, from the start of the container.
    pub initial_delay: Span,
    /// Between two probes.
    pub period: Span,
    /// Successes in a row that make the pod ready.
    pub successes: u32,
}

impl Probe {
    /// From the start of the container until the probe has succeeded often enough, for an application that answers after `answers`.
    pub fn ready_after(self, answers: Span) -> Span {
        let wait = answers.as_nanos().saturating_sub(self.initial_delay.as_nanos());
        let first = wait.div_ceil(self.period.as_nanos().max(1));
        self.initial_delay + self.period * (first + u64::from(self.successes.max(1)) - 1)
    }
}

/// Why a virtual node does not run a pod: what its provider has no machine for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rejection {
    /// A pod of a `DaemonSet`.
    DaemonSet,
    /// A volume of the host.
    HostPath,
    /// The host's network.
    HostNetwork,
    /// A privileged container.
    Privileged,
}

impl Rejection {
    /// The reason in messages.
    pub const fn message(self) -> &'static str {
        match self {
            Self::DaemonSet => "do not run pods of a DaemonSet",
            Self::HostPath => "do not support hostPath volumes",
            Self::HostNetwork => "do not support hostNetwork",
            Self::Privileged => "do not support privileged containers",
        }
    }
}

/// What an instance is to be like.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceWish {
    /// Specs in order of preference; empty for the smallest size that the requests fit.
    pub specs: Vec<SpecChoice>,
    /// Whether it may run on the cheaper, slower category.
    pub economy: bool,
    /// How it bids on the spot market, if it does.
    pub spot: Option<SpotWish>,
    /// What happens when there is no instance to be had.
    pub on_failure: FailStrategy,
    /// How long to go on asking for one.
    pub max_pending: Span,
    /// Subnets that win over the virtual node's.
    pub vswitches: Option<Vec<Id<VSwitch>>>,
    /// In which order subnets are tried; none for the virtual node's order.
    pub order: Option<VSwitchOrder>,
}

impl Default for InstanceWish {
    fn default() -> Self {
        Self { specs: Vec::new(), economy: false, spot: None, on_failure: FailStrategy::FailBack, max_pending: Self::MAX_PENDING, vswitches: None, order: None }
    }
}

impl InstanceWish {
    /// ECI goes on asking for an instance for 240 minutes unless it is told otherwise.
    pub const MAX_PENDING: Span = Span::from_secs(240 * 60);
}

/// One entry of `eci-use-specs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecChoice {
    /// A machine type, by its place in [`ProviderSupply::types`].
    Type(u16),
    /// A size, which is rounded up to one on offer.
    Size {
        /// CPU.
        cpu: MilliCpu,
        /// Memory.
        memory: Bytes,
    },
}

/// A bid on the spot market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpotWish {
    /// Most that is paid for the instance; none for whatever the market asks.
    pub limit: Option<UnitPrice>,
    /// How long the instance is safe after its creation.
    pub protection: Span,
    /// Whether an instance at the full price will do when there is none on the market.
    pub fallback: bool,
}

/// What is agreed about a machine or instance of the spot market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpotTerms {
    /// Most that is paid for it; none for whatever the market asks.
    pub bid: Option<UnitPrice>,
    /// How long it keeps its price, and is not taken away.
    pub protection: Span,
    /// How long before its end it is told of it.
    pub notice: Span,
    /// After its protection it is looked at this often.
    pub check: Span,
    /// Reclaims per hour out of protection, besides those for price and stock.
    pub reclaims_per_hour: f64,
}

/// What happens to a pod when its provider has no instance for it (`eci-fail-strategy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailStrategy {
    /// It stays on its virtual node, which asks again and again.
    FailBack,
    /// It is handed back to the scheduler, which looks for another node.
    FailOver,
    /// It fails.
    FailFast,
}

/// In which order a virtual node tries its subnets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VSwitchOrder {
    /// As listed: the next only when there is no instance to be had in the one before.
    Ordered,
    /// At random.
    #[default]
    Random,
}

/// A machine type whose shape an instance can have.
#[derive(Clone, Debug)]
pub struct InstanceType {
    /// Name, for instance `ecs.g7.xlarge`.
    pub name: String,
    /// What it offers.
    pub resources: Resources,
    /// What it costs.
    pub price: UnitPrice,
    /// Where the price comes from.
    pub note: PriceNote,
}

/// What of a provider is finite, and what it sells besides sizes.
#[derive(Clone, Debug)]
pub struct ProviderSupply {
    /// Machine types that an instance can be asked for by name.
    pub types: Vec<InstanceType>,
    /// Price of one vCPU of the economy category, if there is one.
    pub economy_vcpu: Option<UnitPrice>,
    /// Largest instance of the economy category.
    pub economy_max: MilliCpu,
    /// Sizes that the spot market has not, of those on offer.
    pub not_spot: Vec<InstanceSpec>,
    /// vCPUs at the full price that the account may use at a time.
    pub quota: Option<MilliCpu>,
    /// vCPUs at the market price that the account may use at a time.
    pub spot_quota: Option<MilliCpu>,
    /// Pods on all virtual nodes together.
    pub max_pods: Option<u32>,
    /// What there is, where that is finite.
    pub stock: Vec<Stock>,
    /// What the spot market asks.
    pub spot: SpotMarket,
    /// Time from a failed call to the next attempt.
    pub retry: Span,
}

impl Default for ProviderSupply {
    fn default() -> Self {
        Self {
            types: Vec::new(),
            economy_vcpu: None,
            economy_max: MilliCpu(8000),
            not_spot: Vec::new(),
            quota: None,
            spot_quota: None,
            max_pods: None,
            stock: Vec::new(),
            spot: SpotMarket::default(),
            retry: Span::from_secs(10),
        }
    }
}

/// A finite stock of a provider.
#[derive(Clone, Debug)]
pub struct Stock {
    /// The zone that it is in; none for all zones together.
    pub zone: Option<String>,
    /// The machine type that it is of, by its place in [`ProviderSupply::types`]; none for instances of every kind.
    pub of: Option<u16>,
    /// The market that it is for; none for both.
    pub market: Option<Market>,
    /// What is counted.
    pub unit: StockUnit,
    /// How much there is from each time on; ascending, the first at zero. None for more than anybody can use.
    pub levels: Vec<(Time, Option<u64>)>,
}

/// What a stock is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockUnit {
    /// Instances.
    Instances,
    /// Thousandths of a vCPU.
    MilliCpu,
}

/// How an instance is paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Market {
    /// At the full price.
    #[default]
    OnDemand,
    /// At the market price, until it is taken away.
    Spot,
}

/// The spot market of a provider.
#[derive(Clone, Debug)]
pub struct SpotMarket {
    /// Prices over time; the first that is about an instance counts. Without any an instance costs its full price.
    pub prices: Vec<SpotPrices>,
    /// How long before its end an instance is told of it.
    pub notice: Span,
    /// After its protection an instance is looked at this often: ECI compares price and stock every five minutes.
    pub check: Span,
    /// Reclaims per hour of an unprotected instance, besides those for price and stock.
    pub reclaims_per_hour: f64,
}

impl Default for SpotMarket {
    fn default() -> Self {
        Self { prices: Vec::new(), notice: Span::from_secs(180), check: Span::from_secs(300), reclaims_per_hour: 0.0 }
    }
}

/// The price of instances on the spot market.
#[derive(Clone, Debug)]
pub struct SpotPrices {
    /// Zone; none for all.
    pub zone: Option<String>,
    /// Machine type, by its place in [`ProviderSupply::types`]; none for all.
    pub of: Option<u16>,
    /// The price from each time on; ascending, the first at zero.
    pub steps: Vec<(Time, SpotPrice)>,
}

/// A price on the spot market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpotPrice {
    /// Of one instance.
    Amount(UnitPrice),
    /// Millionths of the full price.
    Share(u32),
}

impl SpotPrice {
    /// The price of an instance whose full price is `full`.
    pub fn of(self, full: UnitPrice) -> UnitPrice {
        match self {
            Self::Amount(price) => price,
            Self::Share(millionths) => full.scaled(i128::from(millionths), 1_000_000),
        }
    }
}

impl SpotMarket {
    /// The price steps of an instance, and none if the market says nothing about it.
    pub fn steps(&self, spec: InstanceSpec, zone: &str) -> &[(Time, SpotPrice)] {
        let is_about =
            |prices: &&SpotPrices| prices.zone.as_deref().is_none_or(|of| of == zone) && prices.of.is_none_or(|of| spec.class == SpecClass::Type(of));
        self.prices.iter().find(is_about).map_or(&[], |prices| &prices.steps)
    }
}
