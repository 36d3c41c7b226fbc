//! What machines cost.

use sim_core::billing::{OwnedPart, Priced, sum_of};
use sim_core::plan::{InstancePrice, InstanceSpec, MachinePrice, PriceNote, Purchase};
use sim_core::units::{Exact, Money, Resources, Span, UnitPrice};

use super::{Context, code};
use crate::issue::Path;
use crate::prices::{MachineType, PriceBook};
use crate::spec::{Billing, Node, OwnedMachine};
use crate::suggest;
use crate::text::Ratio;
use crate::wording::quote;

/// The price of one machine, or nothing, with an issue, if it is unknown.
pub(super) fn read(
    cx: &mut Context<'_>,
    node: &Node,
    known: Option<&MachineType>,
    capacity: Resources,
    book: Option<&PriceBook>,
    path: &Path,
) -> Option<MachinePrice> {
    let billing = node.billing.unwrap_or(if node.instance_type.is_some() { Billing::PayAsYouGo } else { Billing::Owned });
    let purchase = match billing {
        Billing::Owned => Purchase::Owned,
        Billing::Subscription => Purchase::Subscription,
        Billing::SubscriptionYear => Purchase::SubscriptionYear,
        Billing::SubscriptionThreeYears => Purchase::SubscriptionThreeYears,
        Billing::PayAsYouGo => Purchase::PayAsYouGo,
    };
    let item = node.instance_type.clone().unwrap_or_else(|| size_name(node, capacity));
    let instance_type = node.instance_type.clone().filter(|_| known.is_some()).unwrap_or_default();
    if let Some(price) = node.price {
        let note = PriceNote { assumption: false, given: true, source: "given in the scenario".to_owned() };
        return Some(MachinePrice { item, instance_type, purchase, price: price.0.unit_price(), note });
    }
    if let Some(owned) = &node.owned {
        if billing != Billing::Owned {
            cx.issues.error(code::CONFLICT, path.key("owned"), "only machines of one's own have this price").with_help("remove it, or choose `billing: owned`");
        }
        let parts = owned_parts(cx, owned, &path.key("owned"));
        let price = sum_of(&parts);
        // Machines of the same size that cost something else have lines of their own.
        let is_taken = cx.owned_parts.get(&item).is_some_and(|known| *known != parts);
        let item = if is_taken { format!("{item} ({})", node.name) } else { item };
        cx.owned_parts.insert(item.clone(), parts);
        let note = PriceNote { assumption: false, given: true, source: "given in the scenario".to_owned() };
        return Some(MachinePrice { item, instance_type, purchase, price, note });
    }
    let book = book?;
    if billing == Billing::Owned {
        let Some(owned) = &book.owned else {
            unknown(cx, &format!("the price book {} has no price for owned machines", quote(&book.name)), path);
            return None;
        };
        let by_size = InstancePrice { vcpu: owned.vcpu.0.unit_price(), gib: owned.gib.0.unit_price(), note: PriceNote::default() };
        let price = by_size.of(InstanceSpec::general(capacity.cpu, capacity.memory));
        return Some(MachinePrice { item, instance_type, purchase, price, note: book.note(owned.status, &owned.source) });
    }
    let Some(machine) = known else {
        match &node.instance_type {
            Some(name) => unknown_type(cx, name, book, path),
            None => unknown(cx, &format!("the price of {} is unknown without an `instanceType`", quote(&node.name)), path),
        }
        return None;
    };
    let hourly = machine.price.0.unit_price();
    let note = book.note(machine.status, &machine.source);
    let Some(Priced { price, note }) = book.tariff().by_purchase(hourly, &note, purchase) else {
        unknown(cx, &format!("the price book {} has no price for `{}`", quote(&book.name), purchase.name()), path);
        return None;
    };
    Some(MachinePrice { item, instance_type, purchase, price, note })
}

/// Whether the price of a node depends on its type, so that an unknown type is reported with the price.
pub(super) fn misses_type(node: &Node) -> bool {
    node.instance_type.is_some() && node.price.is_none() && node.owned.is_none() && node.billing != Some(Billing::Owned)
}

/// What one of the user's own machines costs an hour: writing it off, power, space, and what else there is.
fn owned_parts(cx: &mut Context<'_>, owned: &OwnedMachine, path: &Path) -> Vec<OwnedPart> {
    let zero = || Ratio(Exact::zero());
    let value = |ratio: &Option<crate::text::Text<Ratio>>| ratio.as_ref().map_or_else(zero, |ratio| ratio.0.clone()).0;
    // Kept as a ratio: rounding is for the bill.
    let per_hour = |amount: Exact| UnitPrice::new(Money::ONE, Span::from_secs(3600)).times(&amount);
    let hours = &owned.years.0.0 * &Exact::whole(8760);
    if hours.is_zero() {
        cx.issues.error(code::TOO_SMALL, path.key("years"), "a machine is written off over more than no time");
        return Vec::new();
    }
    let residual = value(&owned.residual);
    if residual > owned.purchase.0.0 {
        cx.issues.error(code::TOO_LARGE, path.key("residual"), "a machine is not worth more than it cost");
    }
    let part = |name: &str, price: UnitPrice| OwnedPart { name: name.to_owned(), price };
    let mut parts = vec![part("depreciation", per_hour(&(&owned.purchase.0.0 - &residual) / &hours))];
    if owned.watts.is_some() != owned.per_kwh.is_some() {
        cx.issues.error(code::MISSING, path, "power costs watts times the price of a kilowatt-hour").with_help("give both `watts` and `perKwh`");
    }
    if owned.watts.is_some() {
        let pue = owned.pue.as_ref().map_or_else(Exact::one, |pue| pue.0.0.clone());
        parts.push(part("power", per_hour(&(&(&value(&owned.watts) * &value(&owned.per_kwh)) * &pue) / &Exact::whole(1000))));
    }
    parts.extend(owned.space.map(|price| part("space", price.0.unit_price())));
    parts.extend(owned.other.iter().map(|(name, price)| part(name, price.0.unit_price())));
    parts
}

/// What an invoice calls a machine without a type: `idc 16 vCPU 64 GiB`.
fn size_name(node: &Node, capacity: Resources) -> String {
    let tier = node.tier.as_ref().unwrap_or(&node.name);
    let gib = capacity.memory.0 as f64 / f64::from(1 << 30);
    let memory = if capacity.memory.0 == 0 { String::new() } else { format!(" {} GiB", (gib * 100.0).round() / 100.0) };
    format!("{tier} {} vCPU{memory}", capacity.cpu.0 as f64 / 1000.0)
}

fn unknown_type(cx: &mut Context<'_>, name: &str, book: &PriceBook, path: &Path) {
    let message = format!("the price book {} has no machine type {}", quote(&book.name), quote(name));
    let issue = cx.issues.error(code::UNKNOWN_PRICE, path.key("instanceType"), message);
    match suggest::nearest(name, book.machines.names()) {
        Some(near) => issue.with_help(format!("did you mean {}? Else give `capacity` and `price: \"…/h\"`", quote(near))),
        None => issue.with_help(format!("give `capacity` and `price: \"…/h\"`; `overspill prices show {}` lists the types", book.name)),
    };
}

fn unknown(cx: &mut Context<'_>, message: &str, path: &Path) {
    cx.issues.error(code::UNKNOWN_PRICE, path, message).with_help("give `price: \"…/h\"`, what one such machine costs");
}
