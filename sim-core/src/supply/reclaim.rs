//! When a spot instance is taken back.

use crate::plan::{InstanceSpec, SpotMarket, SpotTerms, SpotWish};
use crate::units::{Money, Span, Time, UnitPrice};

/// The end of a spot instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reclaim {
    /// When it is told of it.
    pub notice: Time,
    /// When it ends.
    pub at: Time,
    /// The market price that was above its bid; none if it was mere chance.
    pub price: Option<UnitPrice>,
}

/// When an instance that starts at `start` is taken back for its price or by chance; `chance` is its draw from a standard exponential. None for never.
pub fn reclaim(market: &SpotMarket, wish: SpotWish, spec: InstanceSpec, full: UnitPrice, zone: &str, start: Time, chance: f64) -> Option<Reclaim> {
    let steps: Vec<(Time, UnitPrice)> = market.steps(spec, zone).iter().map(|(at, price)| (*at, price.of(full))).collect();
    let (notice, check, reclaims_per_hour) = (market.notice, market.check, market.reclaims_per_hour);
    end_of(&steps, &SpotTerms { bid: wish.limit, protection: wish.protection, notice, check, reclaims_per_hour }, start, chance)
}

/// The same for what is bought under `terms` on a market that asks for these prices.
///
/// From the end of its protection on, it is looked at once in every `check` period: it goes at the first look that finds the market price above its bid.
/// Without a bid it pays whatever the market asks.
pub fn end_of(steps: &[(Time, UnitPrice)], terms: &SpotTerms, start: Time, chance: f64) -> Option<Reclaim> {
    let safe_until = start.saturating_add(terms.protection);
    let by_price = terms.bid.and_then(|bid| {
        let outbid = |(place, (at, asked)): (usize, &(Time, UnitPrice))| {
            if rate(*asked) <= rate(bid) {
                return None;
            }
            let look = look_at_or_after(*at, safe_until, terms.check);
            let until = steps.get(place + 1).map(|next| next.0);
            until.is_none_or(|until| look < until).then_some((look, *asked))
        };
        steps.iter().enumerate().find_map(outbid)
    });
    let by_chance = (terms.reclaims_per_hour > 0.0).then(|| safe_until.saturating_add(Span::from_secs_f64(chance * 3600.0 / terms.reclaims_per_hour)));
    let (at, price) = match (by_price, by_chance) {
        (Some((look, _)), Some(chance)) if chance < look => (chance, None),
        (Some((look, price)), _) => (look, Some(price)),
        (None, Some(chance)) => (chance, None),
        (None, None) => return None,
    };
    let notice = Time::from_nanos(at.as_nanos().saturating_sub(terms.notice.as_nanos())).max(start);
    Some(Reclaim { notice, at, price })
}

/// Whether the market would sell an instance for this bid at `now`.
pub fn is_bid_high_enough(market: &SpotMarket, wish: SpotWish, spec: InstanceSpec, full: UnitPrice, zone: &str, now: Time) -> bool {
    let steps: Vec<(Time, UnitPrice)> = market.steps(spec, zone).iter().map(|(at, price)| (*at, price.of(full))).collect();
    is_sold(&steps, wish.limit, now)
}

/// Whether a market that asks for these prices sells for a bid at `now`.
pub fn is_sold(steps: &[(Time, UnitPrice)], bid: Option<UnitPrice>, now: Time) -> bool {
    let place = steps.partition_point(|(at, _)| *at <= now);
    bid.is_none_or(|bid| place.checked_sub(1).is_none_or(|place| rate(steps[place].1) <= rate(bid)))
}

/// The first look at or after `at`; looks are at `first` and every `period` from there.
fn look_at_or_after(at: Time, first: Time, period: Span) -> Time {
    if at <= first || period.is_zero() {
        return at.max(first);
    }
    let periods = at.since(first).as_nanos().div_ceil(period.as_nanos());
    first.saturating_add(period * periods)
}

/// The price over a long time, so that prices over different times compare.
fn rate(price: UnitPrice) -> Money {
    price.amount(3600 * 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::reclaim;
    use crate::plan::{InstanceSpec, SpotMarket, SpotPrice, SpotPrices, SpotWish};
    use crate::units::{Bytes, MilliCpu, Span, Time, UnitPrice};

    fn hourly(price: &str) -> UnitPrice {
        UnitPrice::new(price.parse().unwrap(), Span::from_secs(3600))
    }

    /// Golden case G18: price 10 at 8:00, 12 at 8:30, 6 at 9:00, 8 at 9:30, 15 at 10:00; a bid of 11 at 8:00.
    fn market() -> SpotMarket {
        let steps = [(0, "10"), (30, "12"), (60, "6"), (90, "8"), (120, "15")];
        let steps = steps.map(|(minute, price)| (Time::from_secs(60 * minute), SpotPrice::Amount(hourly(price)))).to_vec();
        SpotMarket { prices: vec![SpotPrices { zone: None, of: None, steps }], ..SpotMarket::default() }
    }

    fn released(market: &SpotMarket, bid: Option<&str>, protection_min: u64, start_min: u64) -> Option<(u64, u64)> {
        let wish = SpotWish { limit: bid.map(hourly), protection: Span::from_secs(60 * protection_min), fallback: false };
        let spec = InstanceSpec::general(MilliCpu(2000), Bytes::from_gib(4));
        let end = reclaim(market, wish, spec, hourly("20"), "", Time::from_secs(60 * start_min), 1.0)?;
        Some((end.at.as_nanos() / 60_000_000_000, (end.at - end.notice).as_nanos() / 1_000_000_000))
    }

    #[test]
    fn a_bid_holds_until_the_price_passes_it_after_the_protection() {
        assert_eq!(released(&market(), Some("11"), 60, 0), Some((120, 180)));
        assert_eq!(released(&market(), Some("11"), 0, 0), Some((30, 180)));
        assert_eq!(released(&market(), Some("14"), 0, 0), Some((120, 180)));
        assert_eq!(released(&market(), Some("15"), 0, 0), None);
        assert_eq!(released(&market(), None, 0, 0), None);
        // Looked at every five minutes from the end of the protection on: at 32 after a start at 2.
        assert_eq!(released(&market(), Some("11"), 0, 2), Some((32, 180)));
        // A price that is back below the bid at the next look is never seen.
        let hourly_looks = SpotMarket { check: Span::from_secs(3600), ..market() };
        assert_eq!(released(&hourly_looks, Some("11"), 0, 0), Some((120, 180)));
    }

    #[test]
    fn chance_takes_instances_back_after_their_protection() {
        let market = SpotMarket { reclaims_per_hour: 2.0, ..SpotMarket::default() };
        assert_eq!(released(&market, None, 60, 0), Some((90, 180)));
    }
}
