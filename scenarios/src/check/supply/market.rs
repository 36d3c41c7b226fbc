//! Quotas, stocks and the spot market of a provider.

use sim_core::plan::{self, Market, Provider, ProviderSupply, SpotMarket, SpotPrice, SpotPrices, Stock, StockUnit};
use sim_core::units::{MilliCpu, Time};

use super::super::limits::SPAN_MAX;
use super::super::{Context, code, distribution};
use super::types::Types;
use crate::issue::Path;
use crate::prices::Instances;
use crate::spec;
use crate::text::Duration;

/// Largest instance of the economy category.
const ECONOMY_MAX: MilliCpu = MilliCpu(8000);

/// Most pods of a serverless cluster.
const SERVERLESS_PODS: u32 = 20_000;

/// What a provider can run out of.
pub(super) fn read(
    cx: &mut Context<'_>,
    provider: &Provider,
    written: Option<&spec::Provider>,
    is_serverless: bool,
    instances: Option<&Instances>,
    types: &mut Types<'_>,
) -> ProviderSupply {
    let usual = ProviderSupply::default();
    let none = spec::Provider::default();
    let written = written.unwrap_or(&none);
    let path = Path::root().key("providers").key(&provider.name);
    let not_spot = instances.map_or_else(Vec::new, |instances| {
        let finer = instances.selected_sizes.iter().flat_map(|rung| rung.memory.iter().map(|memory| plan::InstanceSpec::general(rung.cpu.0, memory.0)));
        finer.collect()
    });
    let retry = span(cx, written.retry, usual.retry, &path.key("retry"));
    if retry.is_zero() {
        cx.issues.error(code::TOO_SMALL, path.key("retry"), "attempts are more than 0 apart");
    }
    ProviderSupply {
        types: Vec::new(),
        economy_vcpu: instances.and_then(|instances| instances.categories.get("economy")).map(|price| price.vcpu.0.unit_price()),
        economy_max: ECONOMY_MAX,
        not_spot,
        quota: written.quota.vcpu.map(|cpu| cpu.0),
        spot_quota: written.quota.spot_vcpu.map(|cpu| cpu.0),
        max_pods: written.quota.pods.or(is_serverless.then_some(SERVERLESS_PODS)),
        stock: written.stock.iter().enumerate().filter_map(|(i, stock)| self::stock(cx, stock, types, &path.key("stock").index(i))).collect(),
        spot: spot(cx, &written.spot, types, &path.key("spot")),
        retry,
    }
}

fn span(cx: &mut Context<'_>, written: Option<Duration>, usual: sim_core::units::Span, path: &Path) -> sim_core::units::Span {
    let span = written.map_or(usual, |span| span.0);
    if span > SPAN_MAX {
        cx.issues.error(code::TOO_LARGE, path, "a time of at most 10 years is possible");
    }
    span
}

fn stock(cx: &mut Context<'_>, written: &spec::Stock, types: &mut Types<'_>, path: &Path) -> Option<Stock> {
    let of = match &written.spec {
        Some(name) => Some(types.place(cx, name, &path.key("spec"))?),
        None => None,
    };
    let unit = match written.unit {
        Some(spec::StockUnit::Instances) => StockUnit::Instances,
        None if of.is_some() => StockUnit::Instances,
        Some(spec::StockUnit::Vcpu) | None => StockUnit::MilliCpu,
    };
    let factor = if unit == StockUnit::MilliCpu { 1000 } else { 1 };
    let amount = |amount: u64| Some(amount.saturating_mul(factor));
    let levels = match (written.available, &written.levels) {
        (Some(available), None) => vec![(Time::ZERO, amount(available))],
        (None, Some(levels)) => {
            check_times(cx, levels.iter().map(|level| level.0), &path.key("levels"));
            levels.iter().map(|(at, level)| (Time::ZERO + at.0, amount(*level))).collect()
        }
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, path.key("levels"), "a stock has either `available` or `levels`").on_key();
            return None;
        }
        (None, None) => {
            cx.issues.error(code::MISSING, path, "a stock needs `available` or `levels`").with_help("for instance `available: 100`");
            return None;
        }
    };
    Some(Stock { zone: written.zone.clone(), of, market: written.market.map(market), unit, levels })
}

const fn market(market: spec::Market) -> Market {
    match market {
        spec::Market::OnDemand => Market::OnDemand,
        spec::Market::Spot => Market::Spot,
    }
}

/// Steps begin at the start of the run and come one after the other.
fn check_times(cx: &mut Context<'_>, times: impl Iterator<Item = Duration>, path: &Path) {
    let times: Vec<Duration> = times.collect();
    if times.first().is_none_or(|first| !first.0.is_zero()) {
        cx.issues.error(code::ORDER, path, "the first step is at `0s`");
    }
    for (i, pair) in times.windows(2).enumerate() {
        if pair[1].0 <= pair[0].0 {
            cx.issues.error(code::ORDER, path.index(i + 1), "each step comes later than the one before");
        }
    }
    if times.iter().any(|at| at.0 > SPAN_MAX) {
        cx.issues.error(code::TOO_LARGE, path, "a time of at most 10 years is possible");
    }
}

/// The prices of an entry; none if they were reported as wrong.
pub(in super::super) fn spot_steps(cx: &mut Context<'_>, entry: &spec::SpotPrices, path: &Path) -> Option<Vec<(Time, SpotPrice)>> {
    match (&entry.price, &entry.share) {
        (Some(steps), None) => check_times(cx, steps.iter().map(|step| step.0), &path.key("price")),
        (None, Some(steps)) => check_times(cx, steps.iter().map(|step| step.0), &path.key("share")),
        _ => drop(cx.issues.error(code::CONFLICT, path, "spot prices are either a `price` or a `share` of the full price")),
    }
    steps_of(entry)
}

/// The same without looking at what is wrong.
pub(in super::super) fn steps_of(entry: &spec::SpotPrices) -> Option<Vec<(Time, SpotPrice)>> {
    match (&entry.price, &entry.share) {
        (Some(steps), None) => Some(steps.iter().map(|(at, price)| (Time::ZERO.saturating_add(at.0), SpotPrice::Amount(price.0.unit_price()))).collect()),
        (None, Some(steps)) => {
            Some(steps.iter().map(|(at, share)| (Time::ZERO.saturating_add(at.0), SpotPrice::Share((share.0.0 * 1e6).round() as u32))).collect())
        }
        _ => None,
    }
}

fn spot(cx: &mut Context<'_>, written: &spec::SpotMarket, types: &mut Types<'_>, path: &Path) -> SpotMarket {
    let usual = SpotMarket::default();
    let mut prices = Vec::new();
    for (i, entry) in written.prices.iter().enumerate() {
        let place = path.key("prices").index(i);
        let of = match &entry.spec {
            Some(name) => match types.place(cx, name, &place.key("spec")) {
                Some(of) => Some(of),
                None => continue,
            },
            None => None,
        };
        let Some(steps) = spot_steps(cx, entry, &place) else { continue };
        prices.push(SpotPrices { zone: entry.zone.clone(), of, steps });
    }
    SpotMarket {
        prices,
        notice: span(cx, written.notice, usual.notice, &path.key("notice")),
        check: span(cx, written.check_interval, usual.check, &path.key("checkInterval")),
        reclaims_per_hour: distribution::number(cx, written.reclaims_per_hour.unwrap_or(0.0), 0.0, 1e6, &path.key("reclaimsPerHour")),
    }
}
