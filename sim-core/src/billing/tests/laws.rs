//! What must hold for every bill.

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::{basis, instance, invoice, machine, spec, sum};
use crate::billing::{Basis, Hours, Invoice, Reservation, SavingsKind, SavingsPlan, accrue, summarize};
use crate::ledger::{Entry, Kind, Ledger};
use crate::units::{Money, Time};

const END: u64 = 4 * 3600;

/// Machines and instances that come and go, with pods on the machines.
fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let one = (any::<bool>(), 0..END, 1..END, any::<bool>());
    prop::collection::vec(one, 1..12).prop_map(|list| {
        let mut entries = Vec::new();
        for (number, (is_machine, from, length, open)) in list.into_iter().enumerate() {
            let to = Some((from + length).min(END)).filter(|to| !open && *to < END);
            if is_machine {
                let name = format!("m{number}");
                let node = machine(&name, if number % 2 == 0 { "g7.xlarge" } else { "g7.large" }, 4000, from, to);
                let pod = Entry {
                    kind: Kind::Pod,
                    resource: "p".into(),
                    workload: "web".into(),
                    request_cpu_milli: 1500,
                    used_milli_ns: 7_000_000_000_000,
                    ..node.clone()
                };
                entries.extend([node, pod]);
            } else {
                let ready = Some(Time::from_secs((from + 20).min(to.unwrap_or(END))));
                entries.push(Entry { ready, used_milli_ns: 9_000_000_000_000, request_cpu_milli: 700, ..instance(spec(1000, 2048), from, to) });
            }
        }
        entries
    })
}

fn plain() -> Basis {
    basis(END, &[("g7.xlarge", 4000, "1.0465/h"), ("g7.large", 2000, "0.52325/h")])
}

/// The same with a reservation, a savings plan and rounded cents.
fn full() -> Basis {
    let mut basis = plain();
    basis.terms.calendar.clock = crate::units::Span::from_secs(1234);
    basis.terms.reservations =
        vec![Reservation { name: "r".into(), instance_type: "g7.xlarge".into(), count: 1, zone: None, price: None, discount: "0.6".parse().unwrap() }];
    let pay_ratios = [("*".to_owned(), "0.7".parse().unwrap())].into();
    basis.terms.savings_plans = vec![SavingsPlan { name: "s".into(), kind: SavingsKind::General, commitment: "0.3/h".parse().unwrap(), pay_ratios }];
    basis
}

proptest! {
    #[test]
    fn the_running_total_ends_at_the_invoice_and_never_falls(entries in entries(), commit in any::<bool>()) {
        let basis = if commit { full() } else { plain() };
        let ledger = Ledger::from(entries);
        let invoice = Invoice::of(&ledger, &basis, Hours::Together).unwrap();
        let until: Vec<Time> = (1..=16).map(|i| Time::from_secs(END * i / 16)).collect();
        let costs = accrue(&ledger, &basis, &invoice, &until).unwrap();
        let totals: Vec<Money> = costs.iter().map(|tiers| sum(tiers.values().copied())).collect();
        prop_assert_eq!(totals.last().copied(), Some(invoice.total()));
        prop_assert!(totals.is_sorted(), "{:?}", totals);
    }

    #[test]
    fn every_cut_gives_the_same_total(entries in entries(), commit in any::<bool>()) {
        let basis = if commit { full() } else { plain() };
        let ledger = Ledger::from(entries);
        let together = Invoice::of(&ledger, &basis, Hours::Together).unwrap();
        let apart = Invoice::of(&ledger, &basis, Hours::Apart).unwrap();
        prop_assert_eq!(together.total(), apart.total());
        let cells = |invoice: &Invoice| sum(invoice.lines.iter().flat_map(|line| line.cells.iter().map(|cell| cell.amount)));
        prop_assert_eq!(cells(&apart), apart.total());
        let cost = summarize(&ledger, &basis, &together).unwrap();
        for cut in [&cost.by_tier, &cost.by_zone, &cost.by_item, &cost.by_class] {
            prop_assert_eq!(sum(cut.values().copied()), cost.total);
        }
        prop_assert_eq!(cost.prepaid + cost.postpaid, cost.total);
    }

    #[test]
    fn a_scaled_price_scales_its_lines(entries in entries(), factor in 1i64..50) {
        let before = invoice(entries.clone(), &plain());
        let mut dearer = plain();
        for rate in dearer.tariff.types.values_mut() {
            rate.price = rate.price.scaled(i128::from(factor), 1);
        }
        let after = invoice(entries, &dearer);
        for (old, new) in before.lines.iter().zip(&after.lines) {
            let expected = if old.tier == "ecs" { old.price.scaled(i128::from(factor), 1).amount(old.unit_ns) } else { old.amount };
            prop_assert_eq!(new.amount, expected);
        }
    }

    #[test]
    fn a_split_interval_costs_the_same(from in 0..1000u64, cut in 1000..2000u64, to in 2000..END) {
        let whole = invoice(vec![instance(spec(2000, 4096), from, Some(to))], &plain());
        let parts = invoice(vec![instance(spec(2000, 4096), from, Some(cut)), instance(spec(2000, 4096), cut, Some(to))], &plain());
        prop_assert_eq!(whole.total(), parts.total());
    }

    #[test]
    fn a_longer_run_never_costs_less(entries in entries(), commit in any::<bool>(), cents in any::<bool>(), longer in 1..20_000u64) {
        let mut basis = if commit { full() } else { plain() };
        basis.tariff.providers.get_mut("eci").unwrap().billing.sub_cent = cents;
        basis.tariff.machines.lifetime_floor = Some("0.01".parse().unwrap());
        let before = invoice(entries.clone(), &basis).total();
        basis.terms.calendar.end = Time::from_secs(END + longer);
        prop_assert!(invoice(entries, &basis).total() >= before);
    }

    #[test]
    fn commitments_never_cover_more_than_they_are_or_than_was_used(entries in entries()) {
        let invoice = invoice(entries, &full());
        for usage in &invoice.commitments {
            prop_assert!(usage.utilisation <= crate::units::Exact::one() && !usage.utilisation.is_negative());
            prop_assert!(usage.coverage <= crate::units::Exact::one());
        }
    }
}
