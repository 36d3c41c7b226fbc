//! Nodes, tiers, providers and what they cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ladder::{SizeSteps, fitting};
use super::placement::Taint;
use super::supply::{ProviderSupply, StartUp, VSwitch, VSwitchOrder};
use crate::id::Id;
use crate::units::{Bytes, MilliCpu, Resources, Span, Time, UnitPrice};

/// Where a pod may live: `idc`, `ecs`, `eci`, or what another cloud calls it.
#[derive(Clone, Debug)]
pub struct Tier {
    /// Name.
    pub name: String,
}

/// A machine or a virtual node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Name, unique.
    pub name: String,
    /// Tier.
    pub tier: Id<Tier>,
    /// Zone, empty when none was given.
    pub zone: String,
    /// Labels, with those that Kubernetes itself sets.
    pub labels: BTreeMap<String, String>,
    /// Taints.
    pub taints: Vec<Taint>,
    /// Whether it takes no new pods, as after `kubectl cordon`.
    pub unschedulable: bool,
    /// What stands behind it.
    pub kind: NodeKind,
}

/// What stands behind a node.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A machine with a capacity.
    Machine(Box<Machine>),
    /// No machine: each pod becomes an instance of a provider.
    Virtual(VirtualNode),
}

/// A machine: bare metal or a virtual machine, with its own price.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Installed CPU, memory and extended resources.
    pub capacity: Resources,
    /// What the system and the kubelet keep.
    pub reserved: Resources,
    /// Most pods the kubelet accepts.
    pub max_pods: u32,
    /// Pods of DaemonSets, which are there as long as the machine is.
    pub daemons: Daemons,
    /// Time from binding to ready.
    pub start_up: StartUp,
    /// What the machine costs.
    pub price: MachinePrice,
}

/// Pods of DaemonSets on a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Daemons {
    /// How many.
    pub pods: u32,
    /// What they request together.
    pub requests: Resources,
    /// The same with stand-ins for what is left open, as scores count it.
    pub scored: Resources,
}

/// A virtual node.
#[derive(Clone, Debug)]
pub struct VirtualNode {
    /// Who runs the instances.
    pub provider: Id<Provider>,
    /// Most pods on this node.
    pub max_pods: u32,
    /// Time from the accepted creation call to ready.
    pub start_up: StartUp,
    /// Subnets that its instances are created in at some time; empty for the node's own zone.
    pub vswitches: Vec<Id<VSwitch>>,
    /// Which of them count for pods created from each time on, ascending; empty if all do always.
    pub vswitches_from: Vec<(Time, Vec<Id<VSwitch>>)>,
    /// In which order they are tried.
    pub order: VSwitchOrder,
    /// When its component starts and registers it.
    pub from: Time,
}

impl VirtualNode {
    /// A virtual node in one zone that is there from the start.
    pub fn new(provider: Id<Provider>, max_pods: u32, start_up: impl Into<StartUp>) -> Self {
        Self {
            provider,
            max_pods,
            start_up: start_up.into(),
            vswitches: Vec::new(),
            vswitches_from: Vec::new(),
            order: VSwitchOrder::default(),
            from: Time::ZERO,
        }
    }

    /// The subnets that instances for pods created then may be in.
    pub fn vswitches_at(&self, created: Time) -> &[Id<VSwitch>] {
        self.vswitches_from.iter().rfind(|change| change.0 <= created).map_or(&self.vswitches, |change| &change.1)
    }
}

impl Machine {
    /// What pods can request: capacity without reservations.
    pub fn allocatable(&self) -> Resources {
        self.capacity.saturating_sub(self.reserved)
    }
}

/// How something was bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purchase {
    /// The user's own machine.
    Owned,
    /// Paid ahead by the month.
    Subscription,
    /// Paid ahead by the year.
    #[serde(rename = "subscription-1y")]
    SubscriptionYear,
    /// Paid ahead for three years.
    #[serde(rename = "subscription-3y")]
    SubscriptionThreeYears,
    /// Paid by use.
    #[default]
    PayAsYouGo,
    /// Paid by use, at a price that changes, and taken away when others pay more.
    Spot,
    /// A reserved instance: paid for whether it is used or not, and covers what would else be paid by use.
    Reserved,
    /// A savings plan: an amount an hour, paid whether it is used or not.
    SavingsPlan,
    /// Something beside the machines, by time or by use.
    Item,
    /// What is owed for a promise that was not kept.
    Penalty,
}

impl Purchase {
    /// The name in scenarios, invoices and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owned => "owned",
            Self::Subscription => "subscription",
            Self::SubscriptionYear => "subscription-1y",
            Self::SubscriptionThreeYears => "subscription-3y",
            Self::PayAsYouGo => "pay-as-you-go",
            Self::Spot => "spot",
            Self::Reserved => "reserved",
            Self::SavingsPlan => "savings-plan",
            Self::Item => "item",
            Self::Penalty => "penalty",
        }
    }

    /// Whether it is paid ahead, used or not.
    pub const fn is_prepaid(self) -> bool {
        matches!(self, Self::Owned | Self::Subscription | Self::SubscriptionYear | Self::SubscriptionThreeYears | Self::Reserved | Self::SavingsPlan)
    }
}

/// The price of a machine.
#[derive(Clone, Debug)]
pub struct MachinePrice {
    /// What the invoice calls it, for instance `ecs.c7.xlarge`.
    pub item: String,
    /// Its type in the price book; empty for a machine without one.
    pub instance_type: String,
    /// How it was bought.
    pub purchase: Purchase,
    /// Price of one such machine.
    pub price: UnitPrice,
    /// Where the price comes from.
    pub note: PriceNote,
}

/// Where a price comes from, shown beside every figure that rests on an assumption.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceNote {
    /// Whether the figure is an assumption rather than a published price.
    pub assumption: bool,
    /// Whether the scenario gives it, so that another price book does not change it.
    #[serde(default)]
    pub given: bool,
    /// Publication or reasoning.
    pub source: String,
}

/// A provider of instances, such as ECI.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Name, for instance `eci`.
    pub name: String,
    /// The instance sizes on offer, sorted by (CPU, memory).
    pub specs: Vec<InstanceSpec>,
    /// Further ones, in steps.
    pub steps: Option<SizeSteps>,
    /// Which size a request is rounded up to.
    pub rounding: Rounding,
    /// The size of a pod that requests neither CPU nor memory.
    pub default_spec: InstanceSpec,
    /// How fast instances can be created, over the whole account.
    pub create_limit: CreateLimit,
    /// Prices of CPU and memory.
    pub price: InstancePrice,
    /// When the meter runs and how a fee is rounded.
    pub billing: InstanceBilling,
    /// What it can run out of, and what it sells besides sizes.
    pub supply: ProviderSupply,
}

/// An instance spec: what a pod is rounded up to and billed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstanceSpec {
    /// CPU.
    pub cpu: MilliCpu,
    /// Memory.
    pub memory: Bytes,
    /// What kind of offer it is.
    pub class: SpecClass,
}

/// A kind of offer of a provider, which decides the price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SpecClass {
    /// By vCPU and memory.
    #[default]
    General,
    /// By vCPU and memory, in the cheaper category.
    Economy,
    /// A machine type, by its place in [`ProviderSupply::types`].
    Type(u16),
}

impl InstanceSpec {
    /// A size of the general category.
    pub const fn general(cpu: MilliCpu, memory: Bytes) -> Self {
        Self { cpu, memory, class: SpecClass::General }
    }
}

/// Which instance size serves a request when several are large enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rounding {
    /// The least CPU, then the least memory.
    CpuFirst,
    /// The lowest price, then the least CPU.
    Cheapest,
}

impl Rounding {
    /// Chooses among the sizes that are large enough.
    pub(crate) fn choose(self, fitting: impl Iterator<Item = InstanceSpec>, price: &InstancePrice) -> Option<InstanceSpec> {
        match self {
            Self::CpuFirst => fitting.min(),
            Self::Cheapest => fitting.min_by_key(|spec| (price.of(*spec).rounded(), *spec)),
        }
    }
}

/// A limit on instance creation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CreateLimit {
    /// No limit.
    Unlimited,
    /// A bucket of `burst` calls, refilled at `per_second`.
    TokenBucket {
        /// Calls that can be made at once.
        burst: u32,
        /// Refill rate.
        per_second: f64,
    },
    /// Calls at least `per` / `calls` apart.
    Smooth {
        /// Calls in each `per`.
        calls: u32,
        /// The time they are spread over.
        per: Span,
    },
    /// At most `calls` in each aligned window of `per`.
    FixedWindow {
        /// Calls in each window.
        calls: u32,
        /// Length of a window.
        per: Span,
    },
}

/// Prices of an instance by size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstancePrice {
    /// Price of one vCPU.
    pub vcpu: UnitPrice,
    /// Price of one GiB.
    pub gib: UnitPrice,
    /// Where the prices come from.
    pub note: PriceNote,
}

/// When an instance is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceBilling {
    /// When the meter starts.
    pub start: BillingStart,
    /// Each instance's time is rounded up to a multiple of this; zero for none.
    pub granularity: Span,
    /// Least time billed.
    pub minimum: Span,
    /// Whether an instance fee below 0.01 is rounded half up to two decimals.
    pub sub_cent: bool,
    /// When the meter stops.
    pub stop: BillingStop,
    /// Decimals to which each settled bill is rounded, half up: the fee of one instance in one clock hour. None for exact settlement.
    pub settled_places: Option<u32>,
}

/// The event that stops an instance's meter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BillingStop {
    /// The pod succeeded, failed or was terminated, whether or not its object remains.
    #[default]
    Stopped,
    /// The object was deleted.
    Deleted,
}

/// The event that starts an instance's meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BillingStart {
    /// The pod was bound to the virtual node.
    Scheduled,
    /// The provider accepted the creation call and starts to pull the image.
    Created,
    /// The pod turned ready.
    Ready,
}

impl std::fmt::Display for InstanceSpec {
    /// `2 vCPU 4 GiB`, `0.25 vCPU 0.5 GiB`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} vCPU {} GiB", self.cpu.0 as f64 / 1000.0, self.memory.0 as f64 / Bytes::from_gib(1).0 as f64)
    }
}

impl InstancePrice {
    /// The price of one instance of `spec` by its size: exact, because both parts share a denominator.
    pub fn of(&self, spec: InstanceSpec) -> UnitPrice {
        self.with_vcpu(self.vcpu, spec)
    }

    fn with_vcpu(&self, vcpu: UnitPrice, spec: InstanceSpec) -> UnitPrice {
        assert_eq!(vcpu.per, self.gib.per, "CPU and memory are priced over the same time");
        let mib = i128::from(spec.memory.as_mib_ceil());
        let cpu = vcpu.pico * i128::from(spec.cpu.0) * self.gib.divisor * 1024;
        let memory = self.gib.pico * mib * vcpu.divisor * 1000;
        let (pico, divisor) = reduce(cpu + memory, vcpu.divisor * self.gib.divisor * 1_024_000);
        UnitPrice { pico, divisor, per: vcpu.per }
    }
}

impl InstancePrice {
    /// The price of one instance of `spec` in parts that are the same for all sizes: for shares.
    pub fn weight(&self, spec: InstanceSpec) -> u128 {
        let cpu = self.vcpu.pico * i128::from(spec.cpu.0) * self.gib.divisor * 1024;
        let memory = self.gib.pico * i128::from(spec.memory.as_mib_ceil()) * self.vcpu.divisor * 1000;
        (cpu + memory).unsigned_abs()
    }
}

/// The fraction in lowest terms.
fn reduce(numerator: i128, denominator: i128) -> (i128, i128) {
    let (mut a, mut b) = (numerator.abs(), denominator);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (numerator / a.max(1), denominator / a.max(1))
}

impl Provider {
    /// The size that a pod requesting `requests` is rounded up to; none if no size is large enough. No size has extended resources.
    pub fn spec_for(&self, requests: Resources) -> Option<InstanceSpec> {
        if requests.extended.iter().any(|amount| *amount > 0) {
            return None;
        }
        if requests.cpu.0 == 0 && requests.memory.0 == 0 {
            return Some(self.default_spec);
        }
        self.round_up(requests, |_| true)
    }

    /// The size on offer that `requests` are rounded up to, among those that pass `is_offered`.
    pub(crate) fn round_up(&self, requests: Resources, is_offered: impl Fn(&InstanceSpec) -> bool) -> Option<InstanceSpec> {
        self.rounding.choose(fitting(&self.specs, self.steps, requests).filter(is_offered), &self.price)
    }

    /// The full price of an instance.
    pub fn price_of(&self, spec: InstanceSpec) -> UnitPrice {
        match spec.class {
            SpecClass::General => self.price.of(spec),
            SpecClass::Economy => self.price.with_vcpu(self.supply.economy_vcpu.unwrap_or(self.price.vcpu), spec),
            SpecClass::Type(place) => self.supply.types[usize::from(place)].price,
        }
    }

    /// Where that price comes from.
    pub fn price_note(&self, spec: InstanceSpec) -> &PriceNote {
        match spec.class {
            SpecClass::Type(place) => &self.supply.types[usize::from(place)].note,
            SpecClass::General | SpecClass::Economy => &self.price.note,
        }
    }

    /// What records and invoices call a spec: `2 vCPU 4 GiB`, `2 vCPU 4 GiB economy`, `ecs.g7.xlarge`.
    pub fn spec_name(&self, spec: InstanceSpec) -> String {
        match spec.class {
            SpecClass::General => spec.to_string(),
            SpecClass::Economy => format!("{spec} economy"),
            SpecClass::Type(place) => self.supply.types[usize::from(place)].name.clone(),
        }
    }
}
