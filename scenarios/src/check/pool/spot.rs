//! Pools whose machines come from the spot market.

use sim_core::plan::{SpotPrice, SpotTerms};
use sim_core::units::{Span, Time};

use super::super::supply::market;
use super::super::{Context, code, distribution, names};
use super::span;
use crate::issue::Path;
use crate::spec::{Billing, Pool, PoolSpot, SpotPrices};

/// What is agreed about a pool's machines.
pub(super) fn terms(cx: &mut Context<'_>, pool: &Pool, written: &PoolSpot, zones: &[String], types: &[Option<String>], path: &Path) -> SpotTerms {
    if pool.billing.is_some_and(|billing| billing != Billing::PayAsYouGo) {
        cx.issues.error(code::CONFLICT, path, "what is paid ahead does not come from the spot market").on_key().with_help("remove `billing` or `spot`");
    }
    for (i, prices) in written.prices.iter().enumerate() {
        let place = path.key("prices").index(i);
        if let Some(zone) = prices.zone.as_ref().filter(|zone| !zones.contains(zone)) {
            names::unknown(cx, "zone of the pool", zone, zones.iter().map(String::as_str), &place.key("zone"));
        }
        if let Some(kind) = prices.spec.as_ref().filter(|kind| !types.iter().any(|known| known.as_ref() == Some(kind))) {
            names::unknown(cx, "machine type of the pool", kind, types.iter().flatten().map(String::as_str), &place.key("spec"));
        }
        market::spot_steps(cx, prices, &place);
    }
    let check = span(cx, written.check_interval, 300, &path.key("checkInterval"));
    if check.is_zero() {
        cx.issues.error(code::TOO_SMALL, path.key("checkInterval"), "looks are more than 0 apart");
    }
    SpotTerms {
        bid: written.bid.map(|bid| bid.0.unit_price()),
        protection: span(cx, written.protection, 3600, &path.key("protection")),
        notice: span(cx, written.notice, 300, &path.key("notice")),
        check: check.max(Span::from_nanos(1)),
        reclaims_per_hour: distribution::number(cx, written.reclaims_per_hour.unwrap_or(0.0), 0.0, 1e6, &path.key("reclaimsPerHour")),
    }
}

/// What the market asks for a machine of a type in a zone, from each time on; empty for its full price. [`terms`] reports what is wrong.
pub(super) fn prices(pool: &Pool, zone: &str, instance_type: Option<&str>) -> Vec<(Time, SpotPrice)> {
    let is_about =
        |prices: &&SpotPrices| prices.zone.as_deref().is_none_or(|of| of == zone) && prices.spec.as_deref().is_none_or(|of| instance_type == Some(of));
    let Some(found) = pool.spot.as_ref().and_then(|spot| spot.prices.iter().find(is_about)) else { return Vec::new() };
    market::steps_of(found).unwrap_or_default()
}
