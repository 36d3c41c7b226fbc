//! Worked cases of list prices and of the vendor's own documentation.

use super::{HOUR, basis, billing, instance, invoice, machine, spec, total};
use crate::billing::spot::SpotSeries;
use crate::billing::{Class, MachineBilling, Reservation, SavingsKind, SavingsPlan};
use crate::ledger::Entry;
use crate::plan::{BillingStart, PriceNote, Purchase};
use crate::units::{Exact, MilliCpu, Span, Time};

fn reservation(instance_type: &str, count: u32, zone: Option<&str>) -> Reservation {
    Reservation {
        name: instance_type.into(),
        instance_type: instance_type.into(),
        count,
        zone: zone.map(Into::into),
        price: None,
        discount: "0.7".parse().unwrap(),
    }
}

fn machines(count: usize, instance_type: &str, cpu: u64) -> Vec<Entry> {
    (0..count).map(|i| machine(&format!("{instance_type}-{i}"), instance_type, cpu, 0, None)).collect()
}

#[test]
fn g08_reserved_instances_are_paid_for_idle_too() {
    for (running, expected) in [(10, "4.6046"), (5, "2.5116"), (2, "2.5116")] {
        let mut basis = basis(HOUR, &[("ecs.g7.xlarge", 4000, "1.0465/h")]);
        basis.terms.reservations = vec![reservation("ecs.g7.xlarge", 8, None)];
        let invoice = invoice(machines(running, "ecs.g7.xlarge", 4000), &basis);
        assert_eq!(invoice.total().to_string(), expected, "{running} running");
        assert_eq!(invoice.commitments[0].break_even_hours, Exact::whole(216), "30 % of 720 hours");
        let idle = invoice.lines.iter().flat_map(|line| &line.cells).filter(|cell| cell.class == Class::CommitmentIdle).map(|cell| cell.amount).sum();
        assert_eq!(crate::units::Money::to_string(&idle), ["0", "0.94185", "1.8837"][usize::from(running < 10) + usize::from(running < 5)]);
    }
}

#[test]
fn g08_an_instance_by_size_is_not_covered_by_a_reservation_but_by_a_general_savings_plan() {
    let mut basis = basis(HOUR, &[("ecs.g7.xlarge", 4000, "1.0465/h")]);
    basis.terms.reservations = vec![reservation("ecs.g7.xlarge", 1, None)];
    let pod = || instance(spec(2000, 4096), 0, None);
    assert_eq!(total(vec![pod()], &basis), "0.755022", "0.31395 reserved for nothing, 0.441072 paid by use");
    let by_type = Entry { instance_type: "ecs.g7.xlarge".into(), item: "eci ecs.g7.xlarge".into(), cpu_milli: 4000, ..pod() };
    assert_eq!(total(vec![by_type], &basis), "0.31395", "one by type is covered");
    basis.terms.reservations.clear();
    let plan = |kind| SavingsPlan {
        name: "sp".into(),
        kind,
        commitment: "0.220536/h".parse().unwrap(),
        pay_ratios: [("eci".to_owned(), "0.5".parse().unwrap())].into(),
    };
    basis.terms.savings_plans = vec![plan(SavingsKind::General)];
    assert_eq!(total(vec![pod()], &basis), "0.220536");
    basis.terms.savings_plans = vec![plan(SavingsKind::Compute)];
    assert_eq!(total(vec![pod()], &basis), "0.661608");
}

fn plan(commitment: &str, ratios: &[(&str, &str)]) -> SavingsPlan {
    let pay_ratios = ratios.iter().map(|(key, ratio)| ((*key).to_owned(), ratio.parse().unwrap())).collect();
    SavingsPlan { name: "sp".into(), kind: SavingsKind::General, commitment: commitment.parse().unwrap(), pay_ratios }
}

#[test]
fn g19_savings_plans() {
    for (running, expected) in [(6, "3.604395604396"), (5, "2.604395604396"), (4, "2")] {
        let mut basis = basis(HOUR, &[("ecs.g6.xlarge", 4000, "1/h")]);
        basis.terms.savings_plans = vec![plan("2/h", &[("ecs.g6", "0.455")])];
        assert_eq!(total(machines(running, "ecs.g6.xlarge", 4000), &basis), expected, "{running} running");
    }
    let mut one = basis(HOUR, &[("a.large", 2000, "10/h")]);
    one.terms.savings_plans = vec![plan("50/h", &[("a", "0.4")])];
    assert_eq!(total(machines(15, "a.large", 2000), &one), "75");
    // The larger discount comes first: A for 60, then B for the 40 that are left.
    let mut two = basis(HOUR, &[("a.large", 2000, "10/h"), ("b.large", 2000, "12/h")]);
    two.terms.savings_plans = vec![plan("100/h", &[("a", "0.4"), ("b", "2/3")])];
    let both = || machines(15, "a.large", 2000).into_iter().chain(machines(10, "b.large", 2000)).collect();
    assert_eq!(total(both(), &two), "160");
}

#[test]
fn g19_reservations_of_a_region_cover_any_size_of_the_family() {
    let types = [("g6.xlarge", 4000, "1/h"), ("g6.2xlarge", 8000, "2/h"), ("g6.4xlarge", 16_000, "4/h"), ("c6.xlarge", 4000, "1/h")];
    let mut basis = basis(HOUR, &types);
    basis.terms.reservations = vec![reservation("g6.2xlarge", 2, None)];
    let on_demand =
        |entries, basis: &_| invoice(entries, basis).lines.iter().filter(|line| line.purchase == Purchase::PayAsYouGo).map(|line| line.amount).sum();
    assert_eq!(crate::units::Money::to_string(&on_demand(machines(1, "g6.4xlarge", 16_000), &basis)), "0");
    basis.terms.reservations = vec![reservation("g6.4xlarge", 1, None), reservation("g6.2xlarge", 1, None)];
    assert_eq!(crate::units::Money::to_string(&on_demand(machines(6, "g6.xlarge", 4000), &basis)), "0");
    assert_eq!(crate::units::Money::to_string(&on_demand(machines(7, "g6.xlarge", 4000), &basis)), "1");
    assert_eq!(crate::units::Money::to_string(&on_demand(machines(1, "c6.xlarge", 4000), &basis)), "1", "another family");
    basis.terms.reservations = vec![reservation("g6.4xlarge", 1, Some("a"))];
    let here = machines(1, "g6.4xlarge", 16_000).into_iter().map(|entry| Entry { zone: "a".into(), ..entry });
    assert_eq!(crate::units::Money::to_string(&on_demand(here.collect(), &basis)), "0");
    let there = machines(1, "g6.4xlarge", 16_000).into_iter().map(|entry| Entry { zone: "b".into(), ..entry });
    assert_eq!(crate::units::Money::to_string(&on_demand(there.collect(), &basis)), "4", "one for a zone covers that zone alone");
}

#[test]
fn g16_eci_by_the_second() {
    let exact = basis(HOUR, &[]);
    assert_eq!(total(vec![instance(spec(2000, 4096), 0, Some(1))], &exact), "0.00012252");
    assert_eq!(total(vec![instance(spec(2000, 4096), 0, None)], &exact), "0.441072");
    let mut cents = exact.clone();
    cents.tariff.providers.get_mut("eci").unwrap().billing.sub_cent = true;
    for (size, seconds, expected) in [
        (spec(2000, 4096), 40, "0"),
        (spec(2000, 4096), 41, "0.01"),
        (spec(2000, 4096), 100, "0.012252"),
        (spec(250, 512), 326, "0"),
        (spec(250, 512), 327, "0.01"),
        (spec(250, 512), 300, "0"),
        (spec(250, 512), 330, "0.01"),
    ] {
        assert_eq!(total(vec![instance(size, 0, Some(seconds))], &cents), expected, "{size} for {seconds} s");
    }
    // Bound at 10, image pulled from 12, ready at 30, succeeded at 130, object deleted at 400.
    let pod = Entry {
        ready: Some(Time::from_secs(30)),
        started: Some(Time::from_secs(12)),
        deleted: Some(Time::from_secs(400)),
        ..instance(spec(1000, 2048), 10, Some(130))
    };
    for (start, stop, seconds) in [
        (BillingStart::Created, super::BillingStop::Stopped, 118),
        (BillingStart::Scheduled, super::BillingStop::Stopped, 120),
        (BillingStart::Ready, super::BillingStop::Stopped, 100),
        (BillingStart::Created, super::BillingStop::Deleted, 388),
    ] {
        let mut basis = exact.clone();
        basis.tariff.providers.get_mut("eci").unwrap().billing = super::InstanceBilling { start, stop, ..billing() };
        assert_eq!(invoice(vec![pod.clone()], &basis).lines[0].unit_ns, seconds * 1_000_000_000);
    }
}

#[test]
fn published_billing_rules() {
    let mut basis = basis(86_400, &[]);
    assert_eq!(total(vec![instance(spec(2000, 4096), 0, Some(3723))], &basis), "0.45614196");
    assert_eq!(total(vec![instance(spec(250, 512), 0, Some(300))], &basis), "0.0045945");
    assert_eq!(total(vec![instance(spec(250, 512), 0, Some(330))], &basis), "0.00505395");
    let eci = basis.tariff.providers.get_mut("eci").unwrap();
    eci.standing = Some(spec(2000, 8192));
    let node = Entry {
        kind: crate::ledger::Kind::VirtualNode,
        provider: "eci".into(),
        tier: "eci".into(),
        started: Some(Time::ZERO),
        node: "vk".into(),
        ..Entry::default()
    };
    assert_eq!(total(vec![node], &basis), "12.704256");
    let fargate = basis.tariff.providers.get_mut("eci").unwrap();
    fargate.standing = None;
    fargate.price.vcpu = "0.04048/h".parse().unwrap();
    fargate.price.gib = "0.004445/h".parse().unwrap();
    fargate.billing.minimum = Span::from_secs(60);
    assert_eq!(total(vec![instance(spec(1000, 2048), 0, Some(10))], &basis), "0.000822833333");
    assert_eq!(total(vec![instance(spec(250, 512), 0, Some(3600))], &basis), "0.0123425");
}

#[test]
fn g17_machines_by_use() {
    let mut basis = basis(86_400, &[("t.small", 4000, "0.5/h")]);
    let used = |from: u64, to: u64| vec![machine("n", "t.small", 4000, from, Some(to))];
    assert_eq!(total(used(5430, 6930), &basis), "0.208333333333");
    assert_eq!(total(used(39_570, 42_630), &basis), "0.425");
    basis.tariff.machines = MachineBilling {
        granularity: Span::from_secs(1),
        minimum: vec![(MilliCpu(1000), Span::from_secs(600)), (MilliCpu(2000), Span::from_secs(300)), (MilliCpu(4000), Span::from_secs(120))],
        lifetime_floor: Some("0.01".parse().unwrap()),
        settled_places: None,
    };
    assert_eq!(invoice(used(0, 45), &basis).lines[0].unit_ns, 120_000_000_000);
    let mut large = basis.clone();
    large.tariff.types.insert("t.small".into(), super::type_rate(8000, "0.5/h"));
    assert_eq!(total(vec![machine("n", "t.small", 8000, 0, Some(45))], &large), "0.01", "0.00625 over its life is charged as 0.01");
    basis.tariff.machines = MachineBilling { settled_places: Some(2), ..MachineBilling::default() };
    // 30 s and 3030 s in two clock hours: 0.0041... and 0.4208... are rounded apart.
    assert_eq!(total(used(39_570, 42_630), &basis), "0.42");
}

/// 10 at 8:00, 12 at 8:30, 6 at 9:00, 8 at 9:30, 15 at 10:00; times from 8:00.
fn prices(protection: u64) -> SpotSeries {
    let steps = [(0, "10/h"), (1800, "12/h"), (3600, "6/h"), (5400, "8/h"), (7200, "15/h")];
    let steps = steps.map(|(at, price)| (Time::from_secs(at), price.parse().unwrap())).to_vec();
    SpotSeries { steps, protection: Span::from_secs(protection), note: PriceNote::default() }
}

#[test]
fn g18_spot() {
    let series = prices(3600);
    let bid = "11/h".parse().unwrap();
    assert_eq!(series.released(Time::ZERO, bid), Some(Time::from_secs(7200)));
    assert_eq!(prices(0).released(Time::ZERO, bid), Some(Time::from_secs(1800)));
    assert_eq!(series.released(Time::ZERO, "15/h".parse().unwrap()), None, "what costs as much as the bid stays");
    let amounts: Vec<String> =
        [1800, 3600, 5400, 7200].iter().map(|to| series.amount(Time::ZERO, Time::from_secs(3600), Time::ZERO, Time::from_secs(*to)).to_string()).collect();
    assert_eq!(amounts, ["5", "10", "13", "17"]);
    assert_eq!(prices(0).amount(Time::ZERO, Time::ZERO, Time::ZERO, Time::from_secs(1800)).to_string(), "5");
    // The same as a bill.
    let mut basis = basis(7200, &[("t.small", 4000, "20/h")]);
    basis.tariff.types.get_mut("t.small").unwrap().spot = Some(series);
    let spot = Entry { purchase: Purchase::Spot, ..machine("n", "t.small", 4000, 0, Some(7200)) };
    assert_eq!(total(vec![spot], &basis), "17");
}

#[test]
fn g06_an_instance_by_machine_type_costs_what_the_machine_costs() {
    let basis = basis(HOUR, &[("ecs.g7.xlarge", 4000, "1.0465/h")]);
    let by_size = instance(spec(2000, 1024), 0, None);
    assert_eq!(total(vec![by_size.clone()], &basis), "0.374868");
    let by_type = Entry { instance_type: "ecs.g7.xlarge".into(), item: "eci ecs.g7.xlarge".into(), cpu_milli: 4000, memory_bytes: 16 << 30, ..by_size };
    assert_eq!(total(vec![by_type], &basis), "1.0465");
}

#[test]
fn g29_paid_ahead_by_the_month_and_the_year() {
    let mut basis = basis(86_400, &[("ecs.c7.xlarge", 4000, "0.815397/h")]);
    basis.tariff.subscription = Some(crate::billing::SubscriptionRate {
        pay_hours: 480,
        month_hours: 720,
        year: Some("0.85".parse().unwrap()),
        three_years: Some("0.5".parse().unwrap()),
        note: PriceNote::default(),
        year_note: PriceNote::default(),
        three_years_note: PriceNote::default(),
    });
    for (purchase, expected) in [
        (Purchase::PayAsYouGo, "156.556224"),
        (Purchase::Subscription, "104.370816"),
        (Purchase::SubscriptionYear, "88.7151936"),
        (Purchase::SubscriptionThreeYears, "52.185408"),
    ] {
        let nodes = machines(8, "ecs.c7.xlarge", 4000).into_iter().map(|entry| Entry { purchase, ..entry });
        assert_eq!(total(nodes.collect(), &basis), expected, "{}", purchase.name());
    }
}
