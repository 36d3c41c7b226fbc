//! What was agreed or is paid beside the machines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tariff::ItemRate;
use crate::units::{Exact, Span, Time, UnitPrice};

/// What a scenario adds to the prices of machines and instances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// Reserved instances.
    pub reservations: Vec<Reservation>,
    /// Savings plans.
    pub savings_plans: Vec<SavingsPlan>,
    /// Load balancers, traffic, storage and the like.
    pub items: Vec<ItemUse>,
    /// What is owed when an objective was not met.
    pub penalties: Vec<Penalty>,
    /// What the user's own machines cost part by part, by the machine's item.
    pub owned_parts: BTreeMap<String, Vec<OwnedPart>>,
    /// Currency to bill in, if not the book's.
    pub currency: String,
    /// Rates that the scenario gives: what one unit is worth in the book's currency.
    pub rates: BTreeMap<String, Exact>,
    /// How a month and a year are made of days.
    pub calendar: Calendar,
}

/// Reserved instances of one type: paid for whether they are used or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// Name.
    pub name: String,
    /// Machine type.
    pub instance_type: String,
    /// How many.
    pub count: u32,
    /// The zone in which it holds machines of exactly this type; none for the region, where it covers every size of the family by its CPU.
    #[serde(default)]
    pub zone: Option<String>,
    /// Price of one, if it is not `discount` off the list price.
    #[serde(default)]
    pub price: Option<UnitPrice>,
    /// Share of the list price that is saved.
    #[serde(default)]
    pub discount: Exact,
}

/// What a savings plan covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SavingsKind {
    /// Machines and instances of the families that it names.
    Compute,
    /// Everything that is paid by use.
    General,
}

/// An amount an hour, paid whether it is used or not, that pays for use at reduced prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavingsPlan {
    /// Name.
    pub name: String,
    /// What it covers.
    pub kind: SavingsKind,
    /// The amount.
    pub commitment: UnitPrice,
    /// Share of the list price that is paid, by machine type, family, provider, or `*`; wins over the price book's.
    #[serde(default)]
    pub pay_ratios: BTreeMap<String, Exact>,
}

/// Something that is used beside the machines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemUse {
    /// What the invoice calls it.
    pub name: String,
    /// Item of the price book; its name unless given.
    pub item: String,
    /// Its price, if the scenario gives it.
    #[serde(default)]
    pub rate: Option<ItemRate>,
    /// How much of it.
    pub quantity: Quantity,
}

/// How much of an item is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quantity {
    /// So many, all the time; of an item that is priced by the piece, so many over the run.
    Count(Exact),
    /// So much a day.
    PerDay(Exact),
    /// So much for each answered request, of one service or of all.
    PerRequest {
        /// Units a request.
        amount: Exact,
        /// The service; none for all.
        service: Option<String>,
    },
}

/// What is owed when an objective was not met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Penalty {
    /// The objective, by its name.
    pub objective: String,
    /// Steps; the one with the lowest bound that was undercut counts.
    pub steps: Vec<PenaltyStep>,
}

/// A step of a penalty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PenaltyStep {
    /// Share of windows below which it is owed.
    pub below: Exact,
    /// Share of the bill.
    #[serde(default)]
    pub share: Exact,
    /// An amount besides.
    #[serde(default)]
    pub amount: Exact,
}

/// A part of what the user's own machine costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedPart {
    /// What it is: `depreciation`, `power`, `space`, …
    pub name: String,
    /// Price of one machine's part.
    pub price: UnitPrice,
}

/// How a month and a year are made of days of several kinds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calendar {
    /// Kinds of days; empty for a month of 30 equal days and a year of 365.
    pub kinds: Vec<DayKind>,
    /// Time of day at the start of the run.
    pub clock: Span,
    /// Date and time at the start, for labels; empty if the scenario gives none.
    pub origin: String,
    /// When billing begins: the end of the warm-up.
    pub begin: Time,
    /// When the run ends.
    pub end: Time,
}

impl Calendar {
    /// The time that is billed, in nanoseconds.
    pub fn billed_ns(&self) -> u64 {
        self.end.since(self.begin).as_nanos()
    }
}

/// Days that are alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayKind {
    /// `weekday`, `weekend` or `holiday`.
    pub name: String,
    /// Days of the run that are of this kind, from 0.
    pub in_run: Vec<u32>,
    /// What is used on such a day, as a share of a day of the run: for kinds of which the run has none.
    pub load: Exact,
    /// Such days in the month.
    pub month: u32,
    /// Such days in the year.
    pub year: u32,
}
