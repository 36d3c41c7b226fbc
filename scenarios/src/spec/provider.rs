//! Price books and providers, as far as a scenario sets them.

use serde::{Deserialize, Serialize};

use super::supply::{Quota, SpotMarket, Stock};
use crate::text::{Cpu, Duration, Memory, Price, Rate, Text};

/// A price book with changes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Prices {
    /// Name of a built-in book, or the path of one's own (`.yaml`), relative to this file.
    pub book: Option<String>,
    /// When instances are billed and how their fees are rounded, where it differs from the book.
    #[serde(default)]
    pub billing: InstanceBilling,
}

/// When instances behind virtual nodes are billed. What is left out is as in the price book.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct InstanceBilling {
    /// What starts the meter.
    pub start: Option<BillingStart>,
    /// Each instance's time is rounded up to a multiple of this; `0` for none.
    pub granularity: Option<Duration>,
    /// Least time that is billed.
    pub minimum: Option<Duration>,
    /// Whether an instance fee below 0.01 is rounded half up to two decimals, as ECI's terms say.
    pub sub_cent: Option<bool>,
    /// What stops the meter.
    pub stop: Option<BillingStop>,
    /// Decimals to which each settled bill is rounded half up: the fee of one instance in one clock hour. Default: settlement is exact.
    pub settled_places: Option<u32>,
}

/// What stops the meter of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BillingStop {
    /// The pod succeeded, failed or was terminated, whether or not its object remains.
    Stopped,
    /// The pod's object was deleted.
    Deleted,
}

/// An instance size.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Size {
    /// CPU.
    pub cpu: Cpu,
    /// Memory.
    pub memory: Memory,
}

/// What starts the meter of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BillingStart {
    /// The pod was bound to the virtual node.
    Scheduled,
    /// The provider accepted the creation call and starts to pull the image.
    Created,
    /// The pod turned ready.
    Ready,
}

/// Settings of a provider, where they differ from the price book's.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Provider {
    /// How fast instances can be created, over the whole account.
    pub create_limit: Option<CreateLimit>,
    /// Which instance size serves a request when several are large enough.
    pub rounding: Option<Rounding>,
    /// The instance sizes on offer.
    pub specs: Option<Sizes>,
    /// Prices of CPU and memory.
    pub price: Option<ProviderPrice>,
    /// The size as which each virtual node itself is billed all its life, as in self-managed clusters: `{cpu: 2, memory: 8Gi}`. Default: not at all.
    pub standing: Option<Size>,
    /// What the account may use at a time.
    #[serde(default)]
    pub quota: Quota,
    /// What there is of instances, where that is finite. Default: more than anybody can use.
    #[serde(default)]
    pub stock: Vec<Stock>,
    /// The spot market.
    #[serde(default)]
    pub spot: SpotMarket,
    /// Time from a failed creation call to the next attempt. Default: `10s`.
    pub retry: Option<Duration>,
}

/// Prices of an instance by size.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProviderPrice {
    /// Price of one vCPU, for instance `0.000049/s`.
    pub vcpu: Text<Price>,
    /// Price of one GiB of memory, over the same time.
    pub gib: Text<Price>,
}

/// A limit on the creation of instances.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum CreateLimit {
    /// No limit: thousands of pods in a few seconds.
    Unlimited,
    /// The limit that ECI documents now: a bucket of 100 calls, refilled by 20 a second.
    EciBucket,
    /// 1000 calls a minute and account, evenly spaced.
    EciSmooth,
    /// 1000 calls in each minute of the account, as fast as they come.
    EciWindow,
    /// A bucket of calls that refills steadily: `{tokenBucket: {burst: 100, rate: 20/s}}`.
    TokenBucket(TokenBucket),
    /// Calls evenly spaced: `{smooth: {calls: 1000, per: 60s}}` makes one every 60 ms.
    Smooth(CallsPer),
    /// A number of calls in each aligned window: `{fixedWindow: {calls: 1000, per: 60s}}`.
    FixedWindow(CallsPer),
}

/// A bucket of calls.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TokenBucket {
    /// Calls that can be made at once.
    pub burst: u32,
    /// Refill rate.
    pub rate: Text<Rate>,
}

/// Calls in a time.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CallsPer {
    /// Calls.
    pub calls: u32,
    /// Time.
    pub per: Duration,
}

/// Which instance size serves a request when several are large enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Rounding {
    /// The least CPU, then the least memory.
    CpuFirst,
    /// The lowest price, then the least CPU.
    Cheapest,
}

/// Instance sizes on offer.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum Sizes {
    /// The sizes that the provider has in all regions.
    All,
    /// Those, and the finer steps that it has in selected regions. The default where the price book's region is one of them.
    Selected,
    /// The sizes of another provider, for instance `{ladder: aws-fargate}`: `alibaba-eci`, `alibaba-eci-selected`, `huawei-cci`, `tencent-super-node`, `aws-fargate` or
    /// `gke-autopilot`.
    Ladder(String),
    /// These alone: `{list: [{cpu: 2, memory: [4Gi, 8Gi]}]}`.
    List(Vec<Rung>),
    /// Sizes in steps: `{steps: {cpu: {from: 250m, to: 30, step: 250m}, memory: {perCpu: [1Gi, 6656Mi]}}}`.
    Steps(Steps),
}

/// Instance sizes in steps of CPU and memory. A request gets the least CPU that comes with so much memory, and at least the memory that comes with it.
#[derive(Clone, Copy, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Steps {
    /// Sizes of CPU.
    pub cpu: CpuSteps,
    /// Sizes of memory.
    pub memory: MemorySteps,
}

/// Sizes of CPU in steps.
#[derive(Clone, Copy, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CpuSteps {
    /// The smallest.
    pub from: Cpu,
    /// The largest.
    pub to: Cpu,
    /// Between two of them.
    pub step: Cpu,
}

/// Sizes of memory in steps.
#[derive(Clone, Copy, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct MemorySteps {
    /// Least and most for each vCPU, for instance `[1Gi, 6656Mi]`.
    pub per_cpu: (Memory, Memory),
    /// The most in all. Default: as much as comes with the largest CPU.
    pub to: Option<Memory>,
    /// Between two of them. Default: `1Mi`.
    pub step: Option<Memory>,
}

/// Instance sizes with the same CPU.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rung {
    /// CPU.
    pub cpu: Cpu,
    /// Memory sizes with this CPU.
    pub memory: Vec<Memory>,
}
