//! Price book x ledger = invoice: a pure function.
//!
//! Every line is `exact price x quantity`, rounded once, so that splitting an interval never changes a line. The parts of a line (who caused it, in which
//! zone, for what) are shares of the rounded amount that add up to it, so every way to cut an invoice gives the same total.

mod accrue;
pub mod alternatives;
mod cells;
mod commitment;
mod estimate;
mod extras;
mod fee;
mod lines;
mod metered;
mod projection;
pub mod spot;
mod summary;
mod tariff;
mod terms;
mod wrong_tier;

#[cfg(test)]
mod tests;

pub use accrue::accrue;
pub use cells::{Cell, Class};
pub use commitment::CommitmentUse;
pub use estimate::{Estimate, estimate};
pub use lines::sum_of;
pub use summary::summarize;
pub use tariff::{CurrencyRate, ItemRate, ItemUnit, MachineBilling, PayRatio, Priced, ProviderRate, SpotRate, SpotStep, SubscriptionRate, Tariff, TypeRate};
pub use terms::{Calendar, DayKind, ItemUse, OwnedPart, Penalty, PenaltyStep, Quantity, Reservation, SavingsKind, SavingsPlan, Terms};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::Ledger;
use crate::plan::{Placement, Plan, PriceNote, Purchase};
use crate::units::{Exact, Money, UnitPrice};

/// Everything besides the ledger that a bill is made of: written beside it, so that a run can be billed again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// The price book.
    pub tariff: Tariff,
    /// What was agreed or is paid beside the machines.
    pub terms: Terms,
    /// Tiers in the order of reports.
    pub tiers: Vec<String>,
    /// Workloads: services, then jobs.
    pub workloads: Vec<WorkloadBasis>,
    /// Share of windows in which each objective held, by its name.
    pub attained: BTreeMap<String, f64>,
}

impl Basis {
    /// What a plan says, before anything has run.
    pub(crate) fn of(plan: &Plan) -> Self {
        let workload = |place: usize| {
            let preference = match &plan.template(place).placement {
                Placement::Prefer { units, .. } => units.iter().map(|unit| plan.tiers[unit.tier].name.clone()).collect(),
                _ => Vec::new(),
            };
            WorkloadBasis { name: plan.workload_name(place).to_owned(), is_job: place >= plan.services.len(), tiers: preference, completed: 0, succeeded: 0 }
        };
        let mut terms = plan.terms.clone();
        (terms.calendar.begin, terms.calendar.end) = (plan.measured_from(), plan.end());
        Self {
            tariff: plan.tariff.clone().with_providers(plan.providers.values()).with_spot_machines(plan),
            terms,
            tiers: plan.tiers.values().map(|tier| tier.name.clone()).collect(),
            workloads: (0..plan.workload_count()).map(workload).collect(),
            attained: BTreeMap::new(),
        }
    }
}

/// What billing knows of a workload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorkloadBasis {
    /// Name.
    pub name: String,
    /// Whether it is a job.
    pub is_job: bool,
    /// Tiers in the order of its preference; empty without one.
    pub tiers: Vec<String>,
    /// Requests answered in time.
    pub completed: u64,
    /// Jobs that completed.
    pub succeeded: u64,
}

/// Something that the price book has no price for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// What it is, as a phrase.
    pub what: String,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the price book has no price for {}", self.what)
    }
}

/// The bill of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Invoice {
    /// Currency of every amount.
    pub currency: String,
    /// Lines, by tier in the order of reports, then by first use; what is not of a tier comes last.
    pub lines: Vec<Line>,
    /// How reservations and savings plans fared.
    pub commitments: Vec<CommitmentUse>,
}

/// One line: things of one kind at one price.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Tier; `commitments`, `items` or `penalties` for what has none.
    pub tier: String,
    /// What was used.
    pub item: String,
    /// How it was bought.
    pub purchase: Purchase,
    /// Whether it is paid ahead.
    pub prepaid: bool,
    /// Exact price of one unit; the mean one where the price changes.
    pub price: UnitPrice,
    /// Units times billed time, in unit-nanoseconds; for what is counted by the piece, pieces times 10^9.
    pub unit_ns: u128,
    /// Unit for people: `node-hour`, `instance-second`, `GiB`, …
    pub unit: String,
    /// Unit-nanoseconds in one `unit`.
    pub unit_size: u128,
    /// What `unit_ns` would cost at pay-as-you-go prices.
    pub list: Exact,
    /// Amount due.
    pub amount: Money,
    /// Parts that add up to the amount.
    pub cells: Vec<Cell>,
    /// Where the price comes from.
    pub note: PriceNote,
}

/// Whether cells are told apart by the clock hour too, which takes longer and more room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hours {
    /// Not.
    #[default]
    Together,
    /// By clock hour.
    Apart,
}

impl Invoice {
    /// The bill of everything in `ledger`, or what the book has no price for.
    pub fn of(ledger: &Ledger, basis: &Basis, hours: Hours) -> Result<Self, Vec<Missing>> {
        let mut groups = lines::group(ledger, basis)?;
        let mut commitments = commitment::settle(&mut groups, basis)?;
        let holders = cells::Holders::of(ledger);
        let mut lines: Vec<Line> = Vec::new();
        let mut charged = Vec::new();
        for group in &groups {
            let weights = cells::of_usages(group, basis, &holders, hours);
            lines.push(lines::line(group, basis, weights.clone()));
            charged.push(weights);
        }
        lines.extend(commitment::lines(&mut commitments, &groups, &charged, basis, hours));
        lines.extend(extras::standing(ledger, basis, hours)?);
        lines.extend(extras::items(basis, hours)?);
        let before: Money = lines.iter().map(|line| line.amount).sum();
        lines.extend(extras::penalties(before, basis));
        let currency = convert(&mut lines, &mut commitments, basis)?;
        let invoice = Self { currency, lines, commitments };
        invoice.assert_conserved();
        Ok(invoice)
    }

    /// Sum of the lines.
    pub fn total(&self) -> Money {
        self.lines.iter().map(|line| line.amount).sum()
    }

    fn assert_conserved(&self) {
        for line in &self.lines {
            let parts = line.cells.iter().map(|cell| cell.amount).sum::<Money>();
            assert!(parts == line.amount, "the parts of `{}` do not add up to its amount", line.item);
        }
    }
}

/// Turns every amount into the currency of the bill, and gives its code.
fn convert(lines: &mut [Line], commitments: &mut [CommitmentUse], basis: &Basis) -> Result<String, Vec<Missing>> {
    let own = &basis.tariff.currency;
    let wanted = &basis.terms.currency;
    if wanted.is_empty() || wanted == own {
        return Ok(own.clone());
    }
    let value = value_of(wanted, basis)?;
    let factor = &Exact::one() / &value;
    for line in lines {
        line.price = line.price.times(&factor);
        line.list = &line.list * &factor;
        line.amount = (&Exact::from(line.amount) * &factor).to_money();
        let weights: Vec<u128> = line.cells.iter().map(|cell| cell.amount.as_pico().unsigned_abs()).collect();
        for (cell, amount) in line.cells.iter_mut().zip(crate::units::apportion(line.amount, &weights)) {
            cell.amount = amount;
        }
    }
    for commitment in commitments {
        commitment.convert(&factor);
    }
    Ok(wanted.clone())
}

/// What one unit of a currency is worth in the book's own.
fn value_of(currency: &str, basis: &Basis) -> Result<Exact, Vec<Missing>> {
    let given = basis.terms.rates.get(currency).cloned();
    let value = given.or_else(|| basis.tariff.rate(currency)).filter(|value| !value.is_zero());
    value.ok_or_else(|| vec![Missing { what: format!("one {currency} in {}", basis.tariff.currency) }])
}
