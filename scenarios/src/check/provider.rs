//! Providers of instances: the price book's, with what the scenario changes.

use sim_core::id::{Id, Table};
use sim_core::plan::{self, BillingStart, BillingStop, CreateLimit, InstanceBilling, InstancePrice, InstanceSpec, PriceNote, Rounding, SizeSteps};
use sim_core::units::Span;

use super::limits::SPAN_MAX;
use super::{Context, code, names};
use crate::issue::Path;
use crate::prices::{Instances, PriceBook, ladders};
use crate::spec::{self, Rung, Scenario, ShortOr, Sizes, Steps};
use crate::wording::quote;

/// The provider of this name, added when it is first used.
pub(super) fn of(
    cx: &mut Context<'_>,
    providers: &mut Table<plan::Provider>,
    scenario: &Scenario,
    name: &str,
    book: Option<&PriceBook>,
    path: &Path,
) -> Option<Id<plan::Provider>> {
    if let Some(known) = providers.find(|provider| provider.name == name) {
        return Some(known);
    }
    let book = book?;
    let Some(instances) = book.instances.get(name) else {
        names::unknown(cx, "provider", name, book.instances.names(), &path.key("provider"));
        return None;
    };
    let own = scenario.providers.get(name);
    let place = Path::root().key("providers").key(name);
    let price = price(cx, book, instances, own, name, &place, path)?;
    let written = own.and_then(|own| own.create_limit.as_ref());
    let create_limit = match (written, &instances.create_limit) {
        (Some(limit), _) => create_limit(cx, limit, &place.key("createLimit")),
        (None, Some(limit)) => create_limit(cx, limit, &path.key("provider")),
        (None, None) => CreateLimit::Unlimited,
    };
    let rounding = match own.and_then(|own| own.rounding).or(instances.rounding) {
        Some(spec::Rounding::Cheapest) => Rounding::Cheapest,
        Some(spec::Rounding::CpuFirst) | None => Rounding::CpuFirst,
    };
    let (specs, steps) = sizes(cx, book, instances, own.and_then(|own| own.specs.as_ref()), &place.key("specs"));
    let default_spec = InstanceSpec::general(instances.default_size.cpu.0, instances.default_size.memory.0);
    let billing = billing(cx, scenario, instances);
    Some(providers.push(plan::Provider {
        name: name.to_owned(),
        specs,
        steps,
        rounding,
        default_spec,
        create_limit,
        price,
        billing,
        supply: plan::ProviderSupply::default(),
    }))
}

/// Reports settings of providers that do not exist, and warns of those that nobody uses.
pub(super) fn check_unused(cx: &mut Context<'_>, scenario: &Scenario, book: Option<&PriceBook>) {
    let Some(book) = book else { return };
    for name in scenario.providers.names() {
        let path = Path::root().key("providers").key(name);
        if book.instances.get(name).is_none() {
            names::unknown(cx, "provider", name, book.instances.names(), &path).on_key();
        } else if !scenario.virtual_nodes.iter().any(|node| node.provider == name) {
            cx.issues.warning(code::NO_EFFECT, &path, format!("no virtual node uses the provider {}", quote(name))).on_key();
        }
    }
}

fn price(
    cx: &mut Context<'_>,
    book: &PriceBook,
    instances: &Instances,
    own: Option<&spec::Provider>,
    name: &str,
    place: &Path,
    user: &Path,
) -> Option<InstancePrice> {
    if let Some(price) = own.and_then(|own| own.price.as_ref()) {
        if price.vcpu.0.per != price.gib.0.per {
            cx.issues
                .error(code::CONFLICT, place.key("price"), "the prices of a vCPU and of a GiB are for different times")
                .with_help("give both per second or both per hour");
            return None;
        }
        let note = PriceNote { assumption: false, given: true, source: "given in the scenario".to_owned() };
        return Some(InstancePrice { vcpu: price.vcpu.0.unit_price(), gib: price.gib.0.unit_price(), note });
    }
    let Some(price) = &instances.price else {
        let message = format!("the price book {} has no prices for the provider {}", quote(&book.name), quote(name));
        let help = format!("give `providers: {{{name}: {{price: {{vcpu: …/s, gib: …/s}}}}}}`");
        cx.issues.error(code::UNKNOWN_PRICE, user, message).with_help(help);
        return None;
    };
    Some(InstancePrice { vcpu: price.vcpu.0.unit_price(), gib: price.gib.0.unit_price(), note: book.note(price.status, &price.source) })
}

pub(super) fn create_limit(cx: &mut Context<'_>, limit: &spec::CreateLimit, path: &Path) -> CreateLimit {
    let calls = |cx: &mut Context<'_>, limit: &spec::CallsPer, path: Path| {
        if limit.calls == 0 {
            cx.issues.error(code::TOO_SMALL, path.key("calls"), "at least one call is needed").with_help("`unlimited` removes the limit");
        }
        if limit.per.0.is_zero() || limit.per.0 > SPAN_MAX {
            cx.issues.error(code::TOO_SMALL, path.key("per"), "calls are counted over a time of more than 0 and at most 10 years");
        }
        (limit.calls, limit.per.0)
    };
    match limit {
        spec::CreateLimit::Unlimited => CreateLimit::Unlimited,
        spec::CreateLimit::EciBucket => CreateLimit::TokenBucket { burst: 100, per_second: 20.0 },
        spec::CreateLimit::EciSmooth => CreateLimit::Smooth { calls: 1000, per: Span::from_secs(60) },
        spec::CreateLimit::EciWindow => CreateLimit::FixedWindow { calls: 1000, per: Span::from_secs(60) },
        spec::CreateLimit::TokenBucket(bucket) => {
            let path = path.key("tokenBucket");
            if bucket.burst == 0 {
                cx.issues.error(code::TOO_SMALL, path.key("burst"), "a bucket holds at least one call");
            }
            if bucket.rate.0.0 <= 0.0 {
                cx.issues.error(code::TOO_SMALL, path.key("rate"), "a bucket that never refills would stop after its first calls");
            }
            CreateLimit::TokenBucket { burst: bucket.burst, per_second: bucket.rate.0.0 }
        }
        spec::CreateLimit::Smooth(limit) => {
            let (calls, per) = calls(cx, limit, path.key("smooth"));
            CreateLimit::Smooth { calls, per }
        }
        spec::CreateLimit::FixedWindow(limit) => {
            let (calls, per) = calls(cx, limit, path.key("fixedWindow"));
            CreateLimit::FixedWindow { calls, per }
        }
    }
}

fn sizes(cx: &mut Context<'_>, book: &PriceBook, instances: &Instances, written: Option<&Sizes>, path: &Path) -> (Vec<InstanceSpec>, Option<SizeSteps>) {
    let ladder = |rungs: &[Rung]| -> Vec<InstanceSpec> {
        rungs.iter().flat_map(|rung| rung.memory.iter().map(|memory| InstanceSpec::general(rung.cpu.0, memory.0))).collect()
    };
    let in_book = || (ladder(&instances.sizes), instances.steps.map(Steps::plan));
    let (mut specs, steps) = match written {
        Some(Sizes::List(rungs)) => (ladder(rungs), None),
        Some(Sizes::Steps(steps)) => {
            steps.check(&path.key("steps"), cx.issues);
            (Vec::new(), Some(steps.plan()))
        }
        Some(Sizes::Ladder(name)) => ladders::sizes(name).unwrap_or_else(|| {
            names::unknown(cx, "ladder", name, ladders::names(), &path.key("ladder"));
            in_book()
        }),
        _ => in_book(),
    };
    let selected = ladder(&instances.selected_sizes);
    match written {
        Some(Sizes::Selected) if selected.is_empty() => {
            let message = format!("the finer sizes are not on offer in the region of the price book {}", quote(&book.name));
            cx.issues.error(code::CONFLICT, path, message).with_help("choose `all`, or the price book of another region");
        }
        None | Some(Sizes::Selected) => specs.extend(selected),
        Some(Sizes::All | Sizes::List(_) | Sizes::Ladder(_) | Sizes::Steps(_)) => {}
    }
    specs.sort_unstable();
    specs.dedup();
    if specs.is_empty() && steps.is_none() {
        cx.issues.error(code::EMPTY, path, "there is no instance size");
    }
    if specs.iter().any(|spec| spec.cpu.0 == 0) {
        cx.issues.error(code::TOO_SMALL, path, "an instance has more than 0 CPU");
    }
    (specs, steps)
}

fn billing(cx: &mut Context<'_>, scenario: &Scenario, instances: &Instances) -> InstanceBilling {
    let none = spec::InstanceBilling::default();
    let own = match &scenario.prices {
        Some(ShortOr::Full(prices)) => &prices.billing,
        _ => &none,
    };
    let book = &instances.billing;
    let path = Path::root().key("prices").key("billing");
    let span = |cx: &mut Context<'_>, own: Option<crate::text::Duration>, book: Option<crate::text::Duration>, usual: Span, key: &str| {
        let span = own.or(book).map_or(usual, |span| span.0);
        if span > SPAN_MAX {
            cx.issues.error(code::TOO_LARGE, path.key(key), "a time of at most 10 years is possible");
        }
        span
    };
    InstanceBilling {
        start: match own.start.or(book.start) {
            Some(spec::BillingStart::Scheduled) => BillingStart::Scheduled,
            Some(spec::BillingStart::Ready) => BillingStart::Ready,
            Some(spec::BillingStart::Created) | None => BillingStart::Created,
        },
        granularity: span(cx, own.granularity, book.granularity, Span::from_secs(1), "granularity"),
        minimum: span(cx, own.minimum, book.minimum, Span::ZERO, "minimum"),
        sub_cent: own.sub_cent.or(book.sub_cent).unwrap_or(false),
        stop: match own.stop.or(book.stop) {
            Some(spec::BillingStop::Deleted) => BillingStop::Deleted,
            Some(spec::BillingStop::Stopped) | None => BillingStop::Stopped,
        },
        settled_places: own.settled_places.or(book.settled_places).map(|places| places.min(12)),
    }
}
