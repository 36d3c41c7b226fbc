//! Rules where they meet: several currencies, a warm-up, rounding of spot fees, a least fee under settlement, items by time.

use super::{HOUR, basis, eci, instance, invoice, machine, spec, total};
use crate::billing::spot::SpotSeries;
use crate::billing::{CurrencyRate, ItemRate, ItemUnit, ItemUse, MachineBilling, Quantity, Reservation, SavingsKind, SavingsPlan};
use crate::ledger::{Entry, Kind};
use crate::plan::{PriceNote, Purchase};
use crate::units::{Exact, Span, Time};

fn plan(commitment: &str, key: &str, ratio: &str) -> SavingsPlan {
    let pay_ratios = [(key.to_owned(), ratio.parse().unwrap())].into();
    SavingsPlan { name: "s".into(), kind: SavingsKind::General, commitment: commitment.parse().unwrap(), pay_ratios }
}

/// 1 vCPU 2 GiB cost 0.220536 an hour, in dollars of 7 each.
fn in_dollars() -> crate::billing::Basis {
    let mut basis = basis(HOUR, &[]);
    basis.tariff.providers.insert("eci".into(), crate::billing::ProviderRate { currency: "USD".into(), standing: Some(spec(2000, 8192)), ..eci() });
    basis.tariff.rates.insert("USD".into(), CurrencyRate { value: Exact::whole(7), note: PriceNote::default() });
    basis
}

#[test]
fn a_savings_plan_pays_for_another_currency_at_its_rate() {
    let mut basis = in_dollars();
    basis.terms.savings_plans = vec![plan("0.5/h", "eci", "0.5")];
    // Two are worth 3.087504; 0.5 at half price pays for 1 of that.
    let invoice = invoice(vec![instance(spec(1000, 2048), 0, None), instance(spec(1000, 2048), 0, None)], &basis);
    assert_eq!(invoice.total().to_string(), "2.587504");
    assert_eq!(invoice.commitments[0].covered_list, Exact::one());
    assert_eq!(invoice.commitments[0].coverage, &Exact::one() / &"3.087504".parse().unwrap());
}

#[test]
fn a_virtual_node_is_billed_in_its_providers_currency() {
    let node = Entry { kind: Kind::VirtualNode, ..instance(spec(0, 0), 0, None) };
    // 2 x 0.1764 + 8 x 0.022068, times 7.
    assert_eq!(total(vec![node], &in_dollars()), "3.705408");
}

#[test]
fn nothing_is_paid_for_a_warm_up() {
    let mut basis = basis(3 * HOUR, &[("g7.xlarge", 4000, "1/h")]);
    basis.terms.calendar.begin = Time::from_secs(HOUR);
    basis.terms.reservations =
        vec![Reservation { name: "r".into(), instance_type: "g7.xlarge".into(), count: 2, zone: None, price: None, discount: "0.5".parse().unwrap() }];
    basis.terms.savings_plans = vec![plan("0.25/h", "g7", "0.5")];
    let item = |name: &str, unit, quantity| {
        let rate = Some(ItemRate { amount: "2".parse().unwrap(), unit, prepaid: false, currency: String::new(), note: PriceNote::default() });
        ItemUse { name: name.into(), item: name.into(), rate, quantity }
    };
    let by_hour = || ItemUnit::Time(Span::from_secs(HOUR));
    basis.terms.items = vec![
        item("slb", by_hour(), Quantity::Count(Exact::one())),
        item("disk", ItemUnit::Each("GiB".into()), Quantity::PerDay(Exact::whole(24))),
        // Six hours a day at 2 an hour, over two hours.
        item("rented", by_hour(), Quantity::PerDay(Exact::whole(6))),
    ];
    let bill = invoice((0..3).map(|i| machine(&format!("m{i}"), "g7.xlarge", 4000, HOUR, None)).collect(), &basis);
    let amounts: Vec<String> = bill.lines.iter().map(|line| line.amount.to_string()).collect();
    // Of three machines two are reserved, at 0.5 each; the plan pays half of the third, which leaves 0.5 an hour.
    assert_eq!(amounts, ["1", "2", "0.5", "4", "4", "1"]);
    assert!(bill.commitments.iter().all(|usage| usage.utilisation == Exact::one()));
}

#[test]
fn fees_of_spot_instances_below_a_cent_are_rounded_too() {
    let mut basis = basis(HOUR, &[("g7.xlarge", 4000, "1/h")]);
    basis.tariff.providers.get_mut("eci").unwrap().billing.sub_cent = true;
    let series = SpotSeries::constant("0.36/h".parse().unwrap(), Span::ZERO, PriceNote::default());
    basis.tariff.types.get_mut("g7.xlarge").unwrap().spot = Some(series);
    let spot = |seconds| Entry { instance_type: "g7.xlarge".into(), purchase: Purchase::Spot, ..instance(spec(4000, 8192), 0, Some(seconds)) };
    assert_eq!([49, 50, 101].map(|seconds| total(vec![spot(seconds)], &basis)), ["0", "0.01", "0.0101"]);
}

#[test]
fn the_least_fee_holds_under_settlement_and_not_for_what_is_free() {
    let mut basis = basis(HOUR, &[("t", 4000, "0.5/h"), ("free", 4000, "0/h")]);
    basis.tariff.machines = MachineBilling { lifetime_floor: Some("0.01".parse().unwrap()), settled_places: Some(2), ..MachineBilling::default() };
    let bill = |kind, seconds| total(vec![machine("m", kind, 4000, 0, Some(seconds))], &basis);
    // 0.0041667 settles to nothing, 0.0083 to a cent.
    assert_eq!([bill("t", 30), bill("t", 60), bill("t", 3600), bill("t", 0), bill("free", 60)], ["0.01", "0.01", "0.5", "0", "0"]);
}
