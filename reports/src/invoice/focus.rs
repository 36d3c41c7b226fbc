//! The column convention of FOCUS, the `FinOps` Open Cost and Usage Specification, version 1.0: one row a part of a line.

use sim_core::billing::{Basis, Cell, Class, Invoice, Line};
use sim_core::plan::Purchase;
use sim_core::units::{Money, apportion};

use super::{bounds, finish};

/// The columns, in alphabetical order as the specification lists them.
pub const COLUMNS: [&str; 39] = [
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "Tags",
];

/// The invoice in FOCUS columns. Dates are those of the scenario's start, or of an arbitrary day, 2000-01-01, for one without.
pub fn focus(invoice: &Invoice, basis: &Basis, with_hours: bool) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for line in &invoice.lines {
        let weights: Vec<u128> = line.cells.iter().map(|cell| cell.amount.as_pico().unsigned_abs()).collect();
        let lists = apportion(line.list.to_money(), &weights);
        for (cell, list) in line.cells.iter().zip(lists) {
            writer.write_record(row(invoice, line, cell, list, basis, with_hours))?;
        }
    }
    finish(writer)
}

fn row(invoice: &Invoice, line: &Line, cell: &Cell, list: Money, basis: &Basis, with_hours: bool) -> [String; 39] {
    let end = basis.terms.calendar.end;
    let (from, to) = if with_hours { bounds(basis, cell.hour) } else { (sim_core::units::Time::ZERO, end) };
    let date = |at: sim_core::units::Time| moment(basis, at);
    let is_commitment = matches!(line.purchase, Purchase::Reserved | Purchase::SavingsPlan);
    let share = if line.amount == Money::ZERO { 0.0 } else { cell.amount.as_f64() / line.amount.as_f64() };
    let quantity = (line.unit_ns as f64 / line.unit_size as f64 * share).to_string();
    let unit_price = line.price.amount(line.unit_size).to_string();
    let provider = if basis.tariff.book.is_empty() { "overspill".to_owned() } else { basis.tariff.book.clone() };
    let blank = String::new;
    let only = |is: bool, text: &str| if is { text.to_owned() } else { String::new() };
    let service = if line.purchase == Purchase::Item { "Other" } else { "Compute" };
    let category = match line.purchase {
        Purchase::Spot => "Dynamic",
        Purchase::Reserved | Purchase::SavingsPlan | Purchase::Subscription | Purchase::SubscriptionYear | Purchase::SubscriptionThreeYears => "Committed",
        Purchase::Owned | Purchase::Item | Purchase::Penalty => "Other",
        Purchase::PayAsYouGo => "Standard",
    };
    let tags = serde_json::json!({ "workload": cell.workload, "tier": cell.tier, "class": cell.class.name() }).to_string();
    [
        cell.zone.clone(),
        cell.amount.to_string(),
        blank(),
        blank(),
        invoice.currency.clone(),
        date(end),
        date(sim_core::units::Time::ZERO),
        match line.purchase {
            Purchase::Penalty => "Adjustment",
            _ if is_commitment => "Purchase",
            _ => "Usage",
        }
        .to_owned(),
        blank(),
        format!("{} ({})", line.item, line.purchase.name()),
        if line.prepaid { "Recurring" } else { "Usage-Based" }.to_owned(),
        date(to),
        date(from),
        only(is_commitment, if line.purchase == Purchase::SavingsPlan { "Spend" } else { "Usage" }),
        only(is_commitment, &line.item),
        only(is_commitment, &line.item),
        only(is_commitment, if cell.class == Class::CommitmentIdle { "Unused" } else { "Used" }),
        only(is_commitment, line.purchase.name()),
        quantity.clone(),
        line.unit.clone(),
        cell.amount.to_string(),
        unit_price.clone(),
        cell.amount.to_string(),
        provider.clone(),
        list.to_string(),
        unit_price,
        category.to_owned(),
        quantity,
        line.unit.clone(),
        provider.clone(),
        provider,
        basis.tariff.region.clone(),
        basis.tariff.region.clone(),
        line.item.clone(),
        line.item.clone(),
        line.unit.clone(),
        service.to_owned(),
        cell.tier.clone(),
        tags,
    ]
}

/// An instant of the run as a date and time in UTC notation; the scenario's local time is kept.
fn moment(basis: &Basis, at: sim_core::units::Time) -> String {
    let calendar = &basis.terms.calendar;
    let seconds = (at.as_nanos() + calendar.clock.as_nanos()) / 1_000_000_000;
    let day = calendar.origin.get(..10).unwrap_or("2000-01-01");
    let date = add_days(day, (seconds / 86_400) as u32).unwrap_or_else(|| day.to_owned());
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{date}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The date `days` after one written `2026-11-21`.
pub(super) fn add_days(date: &str, days: u32) -> Option<String> {
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    // Days since 0000-03-01 and back, after Howard Hinnant's civil calendar algorithms.
    let y = if month <= 2 { year - 1 } else { year };
    let (era, yoe) = (y.div_euclid(400), y.rem_euclid(400));
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let z = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy + i64::from(days);
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::add_days;

    #[test]
    fn days_are_counted_through_months_and_leap_years() {
        for (from, days, to) in [
            ("2026-11-21", 0, "2026-11-21"),
            ("2026-12-31", 1, "2027-01-01"),
            ("2024-02-28", 1, "2024-02-29"),
            ("2023-02-28", 1, "2023-03-01"),
            ("2026-01-01", 365, "2027-01-01"),
        ] {
            assert_eq!(add_days(from, days).as_deref(), Some(to), "{from} + {days}");
        }
        assert_eq!(add_days("soon", 1), None);
    }
}
