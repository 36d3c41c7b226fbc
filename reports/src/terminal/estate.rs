//! Where pods lived: tiers, nodes, what found no place, and warnings.

use sim_core::record::{NodeRow, Record};

use super::page::{Ink, Page};
use super::table::{Table, figure, text};
use crate::format::{bytes, count, fixed, money, plural};
use crate::tiers;

/// More nodes than this are shown as totals by tier: nobody reads a thousand rows, and `nodes.csv` has them.
const LISTED: usize = 16;

/// Pods, machine time and cost by tier.
pub(super) fn tiers(page: &mut Page, record: &Record) {
    let summary = &record.summary;
    if summary.tiers.is_empty() {
        return;
    }
    let currency = &summary.cost.currency;
    let billed = summary.tiers.values().any(|tier| tier.cost.as_pico() != 0);
    page.section("Tiers", &if billed { format!("cost in {currency}; idle is what no pod requested") } else { String::new() });
    let mut table = Table::new([
        text("tier"),
        figure("nodes"),
        figure("pods at most"),
        figure("at the end"),
        figure("pod-hours"),
        figure("node-hours").expendable(1),
        figure("cost"),
        figure("share"),
        figure("idle"),
    ]);
    for (name, tier) in tiers::in_order(record).into_iter().filter_map(|name| summary.tiers.get_key_value(name)) {
        let last: u32 = summary.workloads.values().filter_map(|w| w.pods.get(name)).map(|pods| pods.r#final).sum::<u32>()
            + summary.jobs.values().filter_map(|job| job.pods.get(name)).map(|pods| pods.r#final).sum::<u32>();
        let hours = |seconds: f64| fixed(seconds / 3600.0, 1);
        let [cost, share, idle] = if billed {
            [money(tier.cost), format!("{} %", fixed(tier.cost.as_f64() * 100.0 / summary.cost.total.as_f64(), 1)), money(tier.idle_cost)]
        } else {
            [const { String::new() }; 3]
        };
        let [nodes, peak, last] = [tier.nodes, tier.peak_pods, last].map(|n| count(u64::from(n)));
        table.row([name.clone(), nodes, peak, last, hours(tier.pod_seconds), hours(tier.node_seconds), cost, share, idle]);
    }
    table.write(page);
}

/// Nodes at the end of the run: requested over allocatable.
pub(super) fn nodes(page: &mut Page, record: &Record) {
    let nodes: Vec<&NodeRow> = there(record).collect();
    if nodes.is_empty() {
        return;
    }
    if nodes.len() > LISTED {
        return nodes_by_tier(page, record);
    }
    page.section("Nodes at the end", "requested of allocatable");
    let mut table = Table::new([
        text("node"),
        text("tier"),
        figure("pods"),
        figure("at most"),
        figure("CPU cores").expendable(2),
        figure("CPU %"),
        figure("memory").expendable(3),
        figure("memory %"),
        text("zone").expendable(1),
    ]);
    for node in nodes {
        let cores = |milli: u64| fixed(milli as f64 / 1000.0, 2);
        let [mut cpu, mut memory] = [cores(node.cpu_requested_milli), bytes(node.memory_requested)];
        if node.cpu_allocatable_milli > 0 {
            cpu += &format!(" of {}", cores(node.cpu_allocatable_milli));
            memory += &format!(" of {}", bytes(node.memory_allocatable));
        }
        table.row([
            node.node.clone(),
            node.tier.clone(),
            count(u64::from(node.pods)),
            count(u64::from(node.peak_pods)),
            cpu,
            node.cpu_requested_percent.clone(),
            memory,
            node.memory_requested_percent.clone(),
            node.zone.clone(),
        ]);
    }
    table.write(page);
}

/// Nodes that are there at the end: not those of pools that were released.
fn there(record: &Record) -> impl Iterator<Item = &NodeRow> {
    record.nodes.iter().filter(|node| !matches!(node.status.as_str(), "Absent" | "Provisioning"))
}

fn nodes_by_tier(page: &mut Page, record: &Record) {
    page.section("Nodes at the end", "requested of allocatable; one by one in nodes.csv");
    let mut table = Table::new([text("tier"), figure("nodes"), figure("pods"), figure("fullest"), figure("CPU %"), figure("memory %")]);
    for tier in tiers::in_order(record) {
        let of_tier = || there(record).filter(|node| node.tier == tier);
        let sum = |value: fn(&NodeRow) -> u64| of_tier().map(value).sum::<u64>();
        let share = |part: u64, whole: u64| if whole == 0 { String::new() } else { format!("{:.2}", part as f64 * 100.0 / whole as f64) };
        let fullest = of_tier().map(|node| node.pods).max().unwrap_or(0);
        table.row([
            tier.to_owned(),
            count(of_tier().count() as u64),
            count(sum(|node| u64::from(node.pods))),
            plural(u64::from(fullest), "pod", "pods"),
            share(sum(|node| node.cpu_requested_milli), sum(|node| node.cpu_allocatable_milli)),
            share(sum(|node| node.memory_requested), sum(|node| node.memory_allocatable)),
        ]);
    }
    table.write(page);
}

/// Pods that had no node at the end, with the scheduler's words.
pub(super) fn pending(page: &mut Page, record: &Record) {
    let pending = &record.summary.pending;
    if pending.is_empty() {
        return;
    }
    page.section("Pending at the end", "");
    for kind in pending {
        let pods = plural(u64::from(kind.pods), "pod", "pods");
        page.paragraph(Ink::Warn, "  ", &format!("{}: {pods}: {}", kind.workload, kind.reason));
    }
}

/// What looks suspicious but is possible.
pub(super) fn warnings(page: &mut Page, record: &Record) {
    if record.summary.warnings.is_empty() {
        return;
    }
    page.section("Warnings", "");
    for warning in &record.summary.warnings {
        page.paragraph(Ink::Warn, "  ! ", warning);
    }
}
