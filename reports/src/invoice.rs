//! An invoice as rows: every part of every line, and the same in the columns of FOCUS.

mod focus;

pub use focus::{COLUMNS as FOCUS_COLUMNS, focus};

use std::collections::BTreeMap;

use sim_core::billing::{Basis, Invoice};
use sim_core::units::{Money, Span, Time};

/// A way to cut an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By tier.
    Tier,
    /// By workload.
    Workload,
    /// By zone.
    Zone,
    /// By item.
    Item,
    /// By clock hour.
    Hour,
    /// By what it was paid for.
    Class,
}

impl By {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Workload => "workload",
            Self::Zone => "zone",
            Self::Item => "item",
            Self::Hour => "hour",
            Self::Class => "class",
        }
    }
}

/// The amounts of an invoice, cut one way; they add up to its total. The invoice must tell hours apart to be cut by them.
pub fn cut(invoice: &Invoice, basis: &Basis, by: By) -> Vec<(String, Money)> {
    let mut sums = BTreeMap::<(u32, String), Money>::new();
    for line in &invoice.lines {
        for cell in &line.cells {
            let key = match by {
                By::Tier => (0, cell.tier.clone()),
                By::Workload => (0, cell.workload.clone()),
                By::Zone => (0, cell.zone.clone()),
                By::Item => (0, line.item.clone()),
                By::Hour => (cell.hour, hour(basis, cell.hour)),
                By::Class => (cell.class as u32, cell.class.name().to_owned()),
            };
            *sums.entry(key).or_default() += cell.amount;
        }
    }
    sums.into_iter().map(|((_, name), amount)| (if name.is_empty() { "-".to_owned() } else { name }, amount)).collect()
}

/// A clock hour for people: a date and time if the run has one, else the hour of the clock, with its day.
pub fn hour(basis: &Basis, hour: u32) -> String {
    let origin = &basis.terms.calendar.origin;
    let clock = format!("{:02}:00", hour % 24);
    if origin.is_empty() {
        return if hour < 24 { clock } else { format!("day {} {clock}", hour / 24 + 1) };
    }
    let date = origin.get(..10).and_then(|date| focus::add_days(date, hour / 24)).unwrap_or_default();
    format!("{date} {clock}")
}

/// Every part of every line, as CSV.
pub fn csv(invoice: &Invoice, basis: &Basis, with_hours: bool) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["tier", "workload", "zone", "item", "purchase", "prepaid", "class", "hour", "amount", "currency", "assumption", "source"])?;
    for line in &invoice.lines {
        for cell in &line.cells {
            let hour = if with_hours { hour(basis, cell.hour) } else { String::new() };
            let yes = |is: bool| if is { "true" } else { "false" };
            let amount = cell.amount.to_string();
            writer.write_record([
                cell.tier.as_str(),
                &cell.workload,
                &cell.zone,
                &line.item,
                line.purchase.name(),
                yes(line.prepaid),
                cell.class.name(),
                &hour,
                &amount,
                &invoice.currency,
                yes(line.note.assumption),
                &line.note.source,
            ])?;
        }
    }
    finish(writer)
}

/// The text of a finished table.
fn finish(writer: csv::Writer<Vec<u8>>) -> Result<String, csv::Error> {
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Where a clock hour lies in the run.
fn bounds(basis: &Basis, hour: u32) -> (Time, Time) {
    const HOUR: u64 = 3_600_000_000_000;
    let clock = basis.terms.calendar.clock.as_nanos();
    let from = (u64::from(hour) * HOUR).saturating_sub(clock);
    let to = ((u64::from(hour) + 1) * HOUR - clock).min(basis.terms.calendar.end.as_nanos());
    (Time::ZERO + Span::from_nanos(from), Time::ZERO + Span::from_nanos(to))
}
