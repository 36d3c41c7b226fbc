//! The bill.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::units::Money;

/// The bill.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct CostSummary {
    /// ISO 4217 code.
    pub currency: String,
    /// Sum of the lines.
    pub total: Money,
    /// By tier.
    pub by_tier: BTreeMap<String, Money>,
    /// By workload: what its instances cost plus its share of machines by CPU request. What no workload requested is idle.
    pub by_workload: BTreeMap<String, Money>,
    /// By zone; empty name for what has none.
    #[serde(default)]
    pub by_zone: BTreeMap<String, Money>,
    /// By item of the invoice.
    #[serde(default)]
    pub by_item: BTreeMap<String, Money>,
    /// What it was paid for: `used` (CPU that ready pods used), `requested_idle`, `rounding_waste` (what sizes and minimum times add), `start_up`,
    /// `unallocated` (of machines), `commitment_idle`, `other`.
    #[serde(default)]
    pub by_class: BTreeMap<String, Money>,
    /// The part that is paid ahead, used or not.
    #[serde(default)]
    pub prepaid: Money,
    /// The part that is paid by use.
    #[serde(default)]
    pub postpaid: Money,
    /// What nobody used: machines' cost that no pod requested, and what was reserved or committed for nothing.
    pub idle: Money,
    /// Cost of a million completed requests, null without requests.
    pub per_million_requests: Option<Money>,
    /// Invoice lines.
    pub lines: Vec<InvoiceLine>,
    /// Cost of a job that succeeded, by job.
    #[serde(default)]
    pub per_successful_job: BTreeMap<String, Money>,
    /// Figures that rest on an assumption.
    pub assumptions: Vec<String>,
    /// Pods on a later tier of their preference while an earlier one had room.
    #[serde(default)]
    pub wrong_tier: WrongTierSummary,
    /// How reservations and savings plans fared.
    #[serde(default)]
    pub commitments: Vec<CommitmentSummary>,
    /// What the same load would cost on other estates.
    #[serde(default)]
    pub alternatives: Vec<AlternativeSummary>,
    /// For how many hours a day the busiest moment may last before subscribed nodes for it would be cheaper than its instances; null without instances, or
    /// without a subscription price.
    #[serde(default)]
    pub burst_break_even_hours: Option<f64>,
    /// What a month and a year cost if they go on like the run.
    #[serde(default)]
    pub projection: Option<ProjectionSummary>,
}

/// Pods on a later tier of their preference while an earlier one had room for them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct WrongTierSummary {
    /// Pod-hours.
    pub pod_hours: f64,
    /// What their instances cost in that time.
    pub cost: Money,
}

/// How a reservation or savings plan fared.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct CommitmentSummary {
    /// Name.
    pub name: String,
    /// Machine type, or kind of plan.
    pub item: String,
    /// `reserved` or `savings-plan`.
    pub purchase: String,
    /// What it cost.
    pub cost: Money,
    /// What it covered, at pay-as-you-go prices.
    pub covered_list: Money,
    /// Share of it that was used.
    pub utilisation: f64,
    /// Share that it covered of what is paid by use, at pay-as-you-go prices.
    pub coverage: f64,
    /// Hours of a month of 720 that the machines have to run for it to be cheaper than paying by use.
    pub break_even_hours_a_month: f64,
}

/// What the same load would cost on another estate.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct AlternativeSummary {
    /// What it is, for instance `all on subscription nodes sized for the peak`.
    pub name: String,
    /// Machine type or provider.
    pub item: String,
    /// Machines; 0 for instances.
    pub nodes: u32,
    /// Cost over the run.
    pub cost: Money,
    /// Whether its price is an assumption.
    #[serde(default)]
    pub assumption: bool,
}

/// What a month and a year cost if they go on like the run.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct ProjectionSummary {
    /// Cost of the month.
    pub month: Money,
    /// Cost of the year.
    pub year: Money,
    /// Days of the month by kind.
    pub month_days: BTreeMap<String, u32>,
    /// Days of the year by kind.
    pub year_days: BTreeMap<String, u32>,
}

/// One line of the invoice.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct InvoiceLine {
    /// What was used, for instance `ecs.c7.xlarge` or `eci 2 vCPU 4 GiB`.
    pub item: String,
    /// Tier.
    pub tier: String,
    /// How it was bought.
    pub purchase: String,
    /// Whether it is paid ahead.
    #[serde(default)]
    pub prepaid: bool,
    /// How much, in `unit`.
    pub quantity: f64,
    /// Unit of the quantity, for instance `node-hour` or `instance-second`.
    pub unit: String,
    /// Price of one unit, rounded to 10^-12 for display; the amount is computed from the exact price.
    pub unit_price: Money,
    /// Amount due.
    pub amount: Money,
    /// Whether the price is an assumption.
    pub assumption: bool,
    /// Where the price comes from.
    #[serde(default)]
    pub source: String,
}
