//! What machines cost.

use sim_core::plan::{InstancePrice, InstanceSpec, MachinePrice, PriceNote, Purchase};
use sim_core::units::Resources;

use super::{Context, code};
use crate::issue::Path;
use crate::prices::{MachineType, PriceBook};
use crate::spec::{Billing, Node};
use crate::suggest;
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
        Billing::PayAsYouGo => Purchase::PayAsYouGo,
    };
    let item = node.instance_type.clone().unwrap_or_else(|| size_name(node, capacity));
    let instance_type = node.instance_type.clone().filter(|_| known.is_some()).unwrap_or_default();
    if let Some(price) = node.price {
        let note = PriceNote { assumption: false, given: true, source: "given in the scenario".to_owned() };
        return Some(MachinePrice { item, instance_type, purchase, price: price.0.unit_price(), note });
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
    if billing == Billing::PayAsYouGo {
        return Some(MachinePrice { item, instance_type, purchase, price: hourly, note: book.note(machine.status, &machine.source) });
    }
    let Some(ratio) = &book.subscription else {
        unknown(cx, &format!("the price book {} has no subscription prices", quote(&book.name)), path);
        return None;
    };
    let price = hourly.scaled(i128::from(ratio.pay_hours), i128::from(ratio.month_hours));
    Some(MachinePrice { item, instance_type, purchase, price, note: book.note(ratio.status, &ratio.source) })
}

/// Whether the price of a node depends on its type, so that an unknown type is reported with the price.
pub(super) fn misses_type(node: &Node) -> bool {
    node.instance_type.is_some() && node.price.is_none() && node.billing != Some(Billing::Owned)
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
