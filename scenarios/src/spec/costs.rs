//! What is paid beside machines and instances, and how the bill is shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::named::Named;
use crate::text::{DateTime, ItemPrice, Price, Ratio, Text};

/// What was agreed or is paid beside machines and instances, and how the bill is shown.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Costs {
    /// Currency of the bill, an ISO 4217 code. Default: the price book's. Another one needs a rate, here or in the book.
    pub currency: Option<String>,
    /// What one unit of a currency is worth in the price book's: `{USD: 7.1}`.
    #[serde(default)]
    pub rates: BTreeMap<String, Text<Ratio>>,
    /// Reserved instances, by name: paid for whether they are used or not.
    #[serde(default)]
    pub reserved_instances: Named<ReservedInstances>,
    /// Savings plans, by name: an amount an hour, used or not, that pays for use at reduced prices.
    #[serde(default)]
    pub savings_plans: Named<SavingsPlan>,
    /// Load balancers, addresses, traffic, storage, databases and the like, by the name that the bill shows.
    #[serde(default)]
    pub items: Named<CostItem>,
    /// What is owed when an objective was not met.
    #[serde(default)]
    pub penalties: Vec<Penalty>,
    /// How a month and a year are made of weekdays, weekends and holidays, for the projection.
    pub calendar: Option<Calendar>,
}

/// Reserved instances of one machine type.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ReservedInstances {
    /// Machine type in the price book.
    pub instance_type: String,
    /// How many.
    pub count: u32,
    /// The zone in which they cover machines of exactly this type. Default: the region, where they cover any size of the family by its CPU.
    pub zone: Option<String>,
    /// Price of one, for instance `0.31395/h`. Default: `discount` off the price book's.
    pub price: Option<Text<Price>>,
    /// Share of the pay-as-you-go price that is saved.
    pub discount: Option<Text<Ratio>>,
}

/// An amount an hour that pays for use at reduced prices.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct SavingsPlan {
    /// What it covers.
    #[serde(default)]
    pub kind: SavingsKind,
    /// The amount, for instance `2/h`.
    pub commitment: Text<Price>,
    /// Share of the pay-as-you-go price that is paid under the plan, by machine type, family (`ecs.g6`), provider (`eci`) or `*`. Default: the price book's.
    #[serde(default)]
    pub pay_ratios: BTreeMap<String, Text<Ratio>>,
}

/// What a savings plan covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SavingsKind {
    /// Everything that is paid by use.
    #[default]
    General,
    /// Machines, and instances by machine type. Such plans pay before general ones.
    Compute,
}

/// Something beside machines and instances. Exactly one of `count`, `perDay` and `perRequest` says how much; without any it is one. So much a day or a
/// request of what has a price by time is that many of the price's units of time: `perDay: 6` at `3/h` is six hours a day.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct CostItem {
    /// Item of the price book. Default: the entry's own name.
    pub item: Option<String>,
    /// Its price, for instance `0.64/h`, `120/month` or `0.8/GiB`; wins over the price book.
    pub price: Option<Text<ItemPrice>>,
    /// Currency of that price. Default: the price book's.
    pub currency: Option<String>,
    /// Whether it is paid ahead. Default: as the price book says, else not.
    pub prepaid: Option<bool>,
    /// How many all the time; of what is priced by the piece, how many over the run.
    pub count: Option<Text<Ratio>>,
    /// How much a day.
    pub per_day: Option<Text<Ratio>>,
    /// How much for each answered request: `{amount: 0.00002, of: web}`.
    pub per_request: Option<PerRequest>,
}

/// How much of an item a request uses.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PerRequest {
    /// Units a request.
    pub amount: Text<Ratio>,
    /// Service. Default: all of them.
    pub of: Option<String>,
}

/// What is owed when an objective was not met.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Penalty {
    /// The objective, by its `name`.
    pub objective: String,
    /// Steps; the lowest that was undercut counts.
    pub steps: Vec<PenaltyStep>,
}

/// A step of a penalty.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PenaltyStep {
    /// Share of windows in which the objective held, below which this is owed.
    pub below: Text<Ratio>,
    /// Share of the rest of the bill.
    pub share: Option<Text<Ratio>>,
    /// An amount.
    pub amount: Option<Text<Ratio>>,
}

/// Weekdays, weekends and holidays.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Calendar {
    /// First day of the month and of the year that are projected. Default: the scenario's `start`.
    pub from: Option<Text<DateTime>>,
    /// Holidays, as dates.
    #[serde(default)]
    pub holidays: Vec<Text<DateTime>>,
    /// What is used on a Saturday or Sunday, as a share of an average day of the run: for runs without one. Default: `100%`.
    pub weekend_load: Option<Text<Ratio>>,
    /// What is used on a holiday, likewise. Default: as on weekends.
    pub holiday_load: Option<Text<Ratio>>,
}

/// What the user's own machine costs, part by part.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct OwnedMachine {
    /// Purchase price of one machine.
    pub purchase: Text<Ratio>,
    /// Years over which it is written off evenly, of 365 days.
    pub years: Text<Ratio>,
    /// What it is worth after that.
    pub residual: Option<Text<Ratio>>,
    /// Power that it draws on average, in watts.
    pub watts: Option<Text<Ratio>>,
    /// Price of a kilowatt-hour.
    pub per_kwh: Option<Text<Ratio>>,
    /// Power of the data centre over power of its machines. Default: 1.
    pub pue: Option<Text<Ratio>>,
    /// Price of its place in a rack, for instance `300/month`.
    pub space: Option<Text<Price>>,
    /// Further cost, for instance of staff or a network port.
    #[serde(default)]
    pub other: BTreeMap<String, Text<Price>>,
}
