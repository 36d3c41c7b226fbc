//! Reserved instances and savings plans: paid for whether they are used or not, settled hour by hour.
//!
//! In each clock hour, reservations come first, those for a zone before those for the region. A reservation for a zone covers machines of its own type there; one
//! for the region covers any size of its family, by CPU. What they leave, savings plans pay for at their reduced prices, plans for compute before
//! general ones, and the larger discount first. What is left then is paid by use. Spot instances are not covered, nor are instances that are billed by
//! size by reservations. (Alibaba Cloud's rules for reserved instances and savings plans; its worked examples are golden case G19.)

use std::collections::BTreeMap;

use super::cells::{Class, Weights, apportioned};
use super::lines::{Group, Rate, mean_price};
use super::metered::hours;
use super::terms::{Calendar, Reservation, SavingsKind, SavingsPlan};
use super::{Basis, Hours, Line, Missing};
use crate::ledger::{Kind, family};
use crate::plan::{PriceNote, Purchase};
use crate::units::{Exact, Span, UnitPrice};

/// Nanoseconds of an hour.
const HOUR: u128 = 3_600_000_000_000;
/// Parts of one for weights.
const PARTS: u64 = 1 << 40;

/// How a reservation or savings plan fared.
#[derive(Clone, Debug, PartialEq)]
pub struct CommitmentUse {
    /// Name.
    pub name: String,
    /// `reserved` or `savings-plan`.
    pub purchase: Purchase,
    /// What the invoice calls it.
    pub item: String,
    /// What it cost.
    pub cost: Exact,
    /// Its price.
    pub price: UnitPrice,
    /// Reserved machines; 1 for a savings plan.
    pub count: u32,
    /// List price of what it covered.
    pub covered_list: Exact,
    /// Share of it that was used.
    pub utilisation: Exact,
    /// Share of what it could have covered, by list price, that it did cover.
    pub coverage: Exact,
    /// Hours of a month of 720 that the same machines have to run for it to be cheaper than paying by use.
    pub break_even_hours: Exact,
    /// List price of what it covered, by line.
    covered: Vec<Exact>,
    /// Where its price comes from.
    note: PriceNote,
}

impl CommitmentUse {
    /// Turns its amounts into another currency.
    pub(super) fn convert(&mut self, factor: &Exact) {
        self.cost = &self.cost * factor;
        self.covered_list = &self.covered_list * factor;
        self.price = self.price.times(factor);
    }
}

/// What of one line was used in one zone in one hour.
#[derive(Clone, Debug)]
struct Bucket {
    group: usize,
    zone: String,
    instance_type: String,
    provider: String,
    cpu: u128,
    /// Price of a nanosecond, in the book's own currency.
    price: Exact,
    /// What is left to pay by use, in milliCPU-nanoseconds.
    cpu_ns: u128,
    /// What is left to pay by use, in money.
    list: Exact,
}

/// Covers what can be covered, and notes in `groups` what is left to pay by use.
pub(super) fn settle(groups: &mut [Group<'_>], basis: &Basis) -> Result<Vec<CommitmentUse>, Vec<Missing>> {
    let terms = &basis.terms;
    if terms.reservations.is_empty() && terms.savings_plans.is_empty() {
        return Ok(Vec::new());
    }
    let calendar = &terms.calendar;
    let mut reserved = terms.reservations.iter().map(|reservation| Pool::of(reservation, basis)).collect::<Result<Vec<_>, _>>()?;
    // Those for a zone come first, because they can cover less.
    let mut order: Vec<usize> = (0..reserved.len()).collect();
    order.sort_by_key(|place| reserved[*place].reservation.zone.is_none());
    let mut plans: Vec<Plan<'_>> =
        terms.savings_plans.iter().map(|plan| Plan { terms: plan, used: Exact::zero(), covered: vec![Exact::zero(); groups.len()] }).collect();
    plans.sort_by_key(|plan| plan.terms.kind);
    let mut left = vec![(Exact::zero(), 0u128); groups.len()];
    for (hour, mut buckets) in by_hour(groups, calendar.clock) {
        let length = hour_length(hour, calendar);
        for place in &order {
            reserved[*place].cover(&mut buckets, length);
        }
        for bucket in &mut buckets {
            bucket.list = bucket.cost(bucket.cpu_ns);
        }
        for plan in &mut plans {
            plan.cover(&mut buckets, length, basis);
        }
        for bucket in buckets {
            let (money, ns) = &mut left[bucket.group];
            *ns += if bucket.price.is_zero() { bucket.cpu_ns / bucket.cpu } else { (&bucket.list / &bucket.price).steps(1) };
            *money += bucket.list;
        }
    }
    let eligible: Exact = groups.iter().filter(|group| group.is_coverable()).map(|group| &group.full() * &group.value).sum();
    for (group, left) in groups.iter_mut().zip(left) {
        // What nothing covers keeps the rules for the fees of single machines and instances.
        if group.is_coverable() && left.1 < group.unit_ns() {
            group.left = Some((&left.0 / &group.value, left.1));
        }
    }
    let share = |covered: &Exact| if eligible.is_zero() { Exact::zero() } else { covered / &eligible };
    let mut uses: Vec<CommitmentUse> = reserved.into_iter().map(|pool| pool.usage(calendar, &share)).collect();
    uses.extend(plans.into_iter().map(|plan| plan.usage(calendar, &share, basis)));
    Ok(uses)
}

/// The part of a clock hour that lies in the billed time.
fn hour_length(hour: u32, calendar: &Calendar) -> u128 {
    let clock = u128::from(calendar.clock.as_nanos());
    let start = (u128::from(hour) * HOUR).saturating_sub(clock).max(u128::from(calendar.begin.as_nanos()));
    let stop = ((u128::from(hour) + 1) * HOUR - clock).min(u128::from(calendar.end.as_nanos()));
    stop.saturating_sub(start)
}

/// What can be covered, by clock hour.
fn by_hour(groups: &[Group<'_>], clock: Span) -> BTreeMap<u32, Vec<Bucket>> {
    let mut used = BTreeMap::<(u32, usize, &str), u128>::new();
    for (place, group) in groups.iter().enumerate().filter(|(_, group)| group.is_coverable()) {
        for usage in &group.usages {
            for (hour, from, to) in hours(clock, usage.from, usage.until()) {
                *used.entry((hour, place, &usage.entry.zone)).or_default() += u128::from(to.since(from).as_nanos());
            }
        }
    }
    let mut result = BTreeMap::<u32, Vec<Bucket>>::new();
    for ((hour, place, zone), ns) in used {
        let group = &groups[place];
        let Rate::Flat(price) = group.rate else { continue };
        let entry = group.first();
        let cpu = u128::from(entry.cpu_milli.max(1));
        result.entry(hour).or_default().push(Bucket {
            group: place,
            zone: zone.to_owned(),
            instance_type: entry.instance_type.clone(),
            provider: if entry.kind == Kind::Instance { entry.provider.clone() } else { String::new() },
            cpu,
            price: &price.exact(1) * &group.value,
            cpu_ns: ns * cpu,
            list: Exact::zero(),
        });
    }
    result
}

impl Bucket {
    /// What so many milliCPU-nanoseconds cost by use.
    fn cost(&self, cpu_ns: u128) -> Exact {
        &self.price * &Exact::ratio(cpu_ns as i128, self.cpu as i128)
    }
}

/// Reserved machines of one kind.
struct Pool<'a> {
    reservation: &'a Reservation,
    cpu: u128,
    price: UnitPrice,
    list: UnitPrice,
    /// Used so far, in milliCPU-nanoseconds.
    used: u128,
    covered: Vec<Exact>,
    note: PriceNote,
}

impl<'a> Pool<'a> {
    fn of(reservation: &'a Reservation, basis: &Basis) -> Result<Self, Vec<Missing>> {
        let rate = basis.tariff.types.get(&reservation.instance_type);
        let rate = rate.ok_or_else(|| vec![Missing { what: format!("{}, which is reserved", reservation.instance_type) }])?;
        let reduced = || rate.price.times(&(Exact::one() - reservation.discount.clone()));
        let note = PriceNote { assumption: rate.note.assumption, source: "the price or discount is given in the scenario".to_owned(), given: true };
        Ok(Self {
            reservation,
            cpu: u128::from(rate.cpu.0.max(1)),
            price: reservation.price.unwrap_or_else(reduced),
            list: rate.price,
            used: 0,
            covered: Vec::new(),
            note,
        })
    }

    fn cover(&mut self, buckets: &mut [Bucket], length: u128) {
        let mut room = self.cpu * u128::from(self.reservation.count) * length;
        let fits = |bucket: &Bucket| match &self.reservation.zone {
            Some(zone) => bucket.instance_type == self.reservation.instance_type && bucket.zone == *zone,
            None => !bucket.instance_type.is_empty() && family(&bucket.instance_type) == family(&self.reservation.instance_type),
        };
        for bucket in buckets.iter_mut().filter(|bucket| fits(bucket)) {
            let covered = room.min(bucket.cpu_ns);
            if covered == 0 {
                continue;
            }
            room -= covered;
            bucket.cpu_ns -= covered;
            self.used += covered;
            self.covered.resize(self.covered.len().max(bucket.group + 1), Exact::zero());
            self.covered[bucket.group] += bucket.cost(covered);
        }
    }

    fn usage(self, calendar: &Calendar, share: &impl Fn(&Exact) -> Exact) -> CommitmentUse {
        let held = u128::from(self.reservation.count) * u128::from(calendar.billed_ns());
        let covered_list: Exact = self.covered.iter().cloned().sum();
        let whole = Exact::whole((held * self.cpu).max(1) as i128);
        let break_even = if self.list.pico == 0 { Exact::zero() } else { &(&self.price.hourly() * &Exact::whole(720)) / &self.list.hourly() };
        CommitmentUse {
            name: self.reservation.name.clone(),
            purchase: Purchase::Reserved,
            item: self.reservation.instance_type.clone(),
            cost: self.price.exact(held),
            price: self.price,
            count: self.reservation.count,
            utilisation: &Exact::whole(self.used as i128) / &whole,
            coverage: share(&covered_list),
            covered_list,
            break_even_hours: break_even,
            covered: self.covered,
            note: self.note,
        }
    }
}

/// A savings plan and what it has paid for.
struct Plan<'a> {
    terms: &'a SavingsPlan,
    /// Used so far, in money.
    used: Exact,
    covered: Vec<Exact>,
}

impl Plan<'_> {
    /// The share of the list price that it pays for a bucket; none if it does not cover it.
    fn ratio(&self, bucket: &Bucket, basis: &Basis) -> Option<Exact> {
        let own = |key: &str| self.terms.pay_ratios.get(key).cloned();
        let books = |key: &str| basis.tariff.pay_ratios.get(key).map(|ratio| ratio.ratio.clone());
        let by_type = !bucket.instance_type.is_empty();
        let mut keys = vec![bucket.instance_type.as_str(), family(&bucket.instance_type), bucket.provider.as_str()];
        if self.terms.kind == SavingsKind::General {
            keys.push("*");
        } else if !by_type {
            return None;
        }
        keys.retain(|key| !key.is_empty());
        let ratio = keys.iter().find_map(|key| own(key)).or_else(|| keys.iter().find_map(|key| books(key)))?;
        (!ratio.is_zero()).then_some(ratio)
    }

    fn cover(&mut self, buckets: &mut [Bucket], length: u128, basis: &Basis) {
        let mut left = self.terms.commitment.exact(length);
        let mut order: Vec<(Exact, usize)> = buckets.iter().enumerate().filter_map(|(place, bucket)| Some((self.ratio(bucket, basis)?, place))).collect();
        order.sort();
        for (ratio, place) in order {
            let bucket = &mut buckets[place];
            let paid = (&bucket.list * &ratio).min(left.clone());
            let covered = &paid / &ratio;
            left -= &paid;
            bucket.list -= &covered;
            self.used += paid;
            self.covered[bucket.group] += covered;
        }
    }

    fn usage(self, calendar: &Calendar, share: &impl Fn(&Exact) -> Exact, basis: &Basis) -> CommitmentUse {
        let cost = self.terms.commitment.exact(u128::from(calendar.billed_ns()));
        let covered_list: Exact = self.covered.iter().cloned().sum();
        let ratio = self.terms.pay_ratios.values().min().cloned();
        let ratio = ratio.or_else(|| basis.tariff.pay_ratios.values().map(|ratio| ratio.ratio.clone()).min()).unwrap_or_else(Exact::one);
        let assumed = self.terms.pay_ratios.is_empty() && basis.tariff.pay_ratios.values().any(|ratio| ratio.note.assumption);
        CommitmentUse {
            name: self.terms.name.clone(),
            purchase: Purchase::SavingsPlan,
            item: format!("{} savings plan", if self.terms.kind == SavingsKind::General { "general" } else { "compute" }),
            price: self.terms.commitment,
            count: 1,
            utilisation: if cost.is_zero() { Exact::zero() } else { &self.used / &cost },
            coverage: share(&covered_list),
            covered_list,
            break_even_hours: &ratio * &Exact::whole(720),
            covered: self.covered,
            cost,
            note: PriceNote { assumption: assumed, source: "commitment as given in the scenario".to_owned(), given: true },
        }
    }
}

/// A line for each commitment: its used part shared like what it covered, the rest idle.
pub(super) fn lines(uses: &mut [CommitmentUse], groups: &[Group<'_>], charged: &[Weights], basis: &Basis, by: Hours) -> Vec<Line> {
    let mut result = Vec::new();
    for usage in uses {
        let mut weights = Weights::new();
        let total: Exact = usage.covered.iter().cloned().sum();
        for (place, covered) in usage.covered.iter().enumerate().filter(|(_, covered)| !covered.is_zero()) {
            let part = (&(covered / &total) * &usage.utilisation).steps(PARTS);
            spread(&mut weights, part, &charged[place]);
        }
        let idle = (Exact::one() - usage.utilisation.clone()).steps(PARTS);
        let home = groups.iter().find(|group| group.first().instance_type == usage.item).or_else(|| groups.iter().find(|group| group.is_coverable()));
        let home = home.map_or_else(|| "commitments".to_owned(), |group| group.tier.clone());
        if idle > 0 || weights.is_empty() {
            weights.insert((home.clone(), String::new(), String::new(), Class::CommitmentIdle, 0), idle.max(1));
        }
        if by == Hours::Apart {
            weights = over_hours(weights, basis);
        }
        let amount = usage.cost.to_money();
        let unit_ns = u128::from(usage.count) * u128::from(basis.terms.calendar.billed_ns());
        let is_plan = usage.purchase == Purchase::SavingsPlan;
        result.push(Line {
            tier: home,
            item: format!("{} {}", usage.item, usage.name),
            purchase: usage.purchase,
            prepaid: true,
            price: if unit_ns == 0 { usage.price } else { mean_or(usage.price, &usage.cost, unit_ns) },
            unit_ns,
            unit: if is_plan { "hour" } else { "reserved-hour" }.to_owned(),
            unit_size: HOUR,
            list: usage.covered_list.clone(),
            amount,
            cells: apportioned(amount, weights),
            note: usage.note.clone(),
        });
    }
    result
}

/// The price itself; one that does not end in decimals as the mean it amounts to.
fn mean_or(price: UnitPrice, cost: &Exact, unit_ns: u128) -> UnitPrice {
    if price.divisor == 1 { price } else { mean_price(cost, unit_ns) }
}

/// Shares `part` like the use of a line.
fn spread(weights: &mut Weights, part: u128, users: &Weights) {
    let total: u128 = users.values().sum();
    // Only proportions matter, so 60 bits of the weights are kept.
    let shift = (128 - total.leading_zeros()).saturating_sub(60);
    for ((tier, workload, zone, class, _), weight) in users {
        *weights.entry((tier.clone(), workload.clone(), zone.clone(), *class, 0)).or_default() += (weight >> shift) * part / (total >> shift).max(1);
    }
}

/// The same weights in every hour of the run, by the hour's length.
pub(super) fn over_hours(weights: Weights, basis: &Basis) -> Weights {
    let calendar = &basis.terms.calendar;
    let mut result = Weights::new();
    for ((tier, workload, zone, class, _), weight) in weights {
        for (hour, from, to) in hours(calendar.clock, calendar.begin, calendar.end) {
            let share = (weight >> 20).max(1) * (u128::from(to.since(from).as_nanos()) / 1_000_000).max(1);
            result.insert((tier.clone(), workload.clone(), zone.clone(), class, hour), share);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{Calendar, HOUR, hour_length};
    use crate::units::{Span, Time};

    #[test]
    fn the_first_and_last_clock_hours_count_by_their_part() {
        let mut calendar = Calendar { clock: Span::from_secs(5400), end: Time::from_secs(7200), ..Calendar::default() };
        let parts = |calendar: &Calendar| -> Vec<u128> { (1..4).map(|hour| hour_length(hour, calendar)).collect() };
        assert_eq!(parts(&calendar), [HOUR / 2, HOUR, HOUR / 2]);
        // A warm-up of three quarters of an hour ends in the second.
        calendar.begin = Time::from_secs(2700);
        assert_eq!(parts(&calendar), [0, HOUR * 3 / 4, HOUR / 2]);
    }
}
