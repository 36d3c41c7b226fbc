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
    /// Machines' cost that no pod requested.
    pub idle: Money,
    /// Cost of a million completed requests, null without requests.
    pub per_million_requests: Option<Money>,
    /// Invoice lines.
    pub lines: Vec<InvoiceLine>,
    /// Figures that rest on an assumption.
    pub assumptions: Vec<String>,
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
}
