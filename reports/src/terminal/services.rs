//! Services: what their users saw, and what was lost.

use sim_core::record::{LatencySummary, Record, RequestCounts, WorkloadSummary};

use super::page::{Ink, Page};
use super::table::{Table, figure, text};
use crate::format::{count, duration, latency, number, percent};
use crate::tiers;

pub(super) fn write(page: &mut Page, record: &Record) {
    let services = &record.summary.workloads;
    let (requests, demand): (Vec<_>, Vec<_>) = services.iter().partition(|(_, service)| service.requests.offered > 0);
    if !requests.is_empty() {
        page.section("Services", "latency from arrival to answer");
        let mut table = Table::new([
            text("service"),
            figure("requests"),
            figure("in time"),
            figure("mean").expendable(2),
            figure("p50"),
            figure("p90").expendable(4),
            figure("p95"),
            figure("p99"),
            figure("p99.9").expendable(3),
            figure("p99.99").expendable(6),
            figure("max"),
            figure("CPU").expendable(1),
            figure("CPU peak").expendable(5),
        ]);
        for (name, service) in &requests {
            table.row(request_row(name, &service.requests, &service.latency_ms, Some(service)));
        }
        if requests.len() > 1 {
            table.row(request_row(&page.word("all"), &record.summary.requests, &record.summary.latency_ms, None));
        }
        table.write(page);
        for (name, service) in &requests {
            lost(page, name, &service.requests, record.summary.calls_others(name));
        }
    }
    if !demand.is_empty() {
        page.section("Services", "driven by CPU demand");
        let mut table = Table::new([text("service"), figure("CPU mean"), figure("CPU peak"), figure("unserved core-seconds"), figure("CPU request of a pod")]);
        for (name, service) in &demand {
            let cpu = &service.cpu_utilization;
            let request = format!("{} m", count(service.cpu_request_milli));
            table.row([(*name).clone(), percent(cpu.mean), percent(cpu.max), number(service.cpu_unserved_core_s), request]);
        }
        table.write(page);
    }
    replicas(page, record);
}

fn request_row(name: &str, requests: &RequestCounts, ms: &LatencySummary, service: Option<&WorkloadSummary>) -> [String; 13] {
    let cpu = |share: fn(&WorkloadSummary) -> f64| service.map(|service| percent(share(service))).unwrap_or_default();
    let times = [ms.mean, ms.p50, ms.p90, ms.p95, ms.p99, ms.p999, ms.p9999, ms.max].map(latency);
    let [mean, p50, p90, p95, p99, p999, p9999, max] = times;
    let in_time = percent(requests.success_rate);
    let [used, peak] = [cpu(|service| service.cpu_utilization.mean), cpu(|service| service.cpu_utilization.max)];
    [name.to_owned(), count(requests.offered), in_time, mean, p50, p90, p95, p99, p999, p9999, max, used, peak]
}

/// One line about requests that were not answered in time; nothing if there are none.
fn lost(page: &mut Page, name: &str, requests: &RequestCounts, calls: bool) {
    let lost = if calls { "failed with a call or lost with their pod" } else { "lost with their pod" };
    let parts = [
        (requests.timed_out, "timed out"),
        (requests.rejected, "rejected"),
        (requests.failed, lost),
        (requests.retried, "sent again"),
        (requests.in_flight, "still in flight"),
    ];
    let named: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", count(*n))).collect();
    if !named.is_empty() {
        let ink = if requests.timed_out + requests.rejected + requests.failed > 0 { Ink::Bad } else { Ink::Faint };
        page.paragraph(ink, "  ", &format!("{name}: {}", named.join(", ")));
    }
}

/// Replicas and how long pods took to become ready.
fn replicas(page: &mut Page, record: &Record) {
    let services = &record.summary.workloads;
    if services.is_empty() {
        return;
    }
    page.section("Replicas", "desired; time from creation to ready");
    let mut table = Table::new([
        text("service"),
        figure("least"),
        figure("mean"),
        figure("most"),
        figure("at the end"),
        figure("changes"),
        figure("ready p50"),
        figure("p99"),
        figure("slowest").expendable(1),
        text("most by tier").expendable(2),
    ]);
    let tiers = tiers::in_order(record);
    for (name, service) in services {
        let peaks = tiers.iter().filter_map(|tier| service.pods.get_key_value(*tier)).filter(|(_, pods)| pods.peak > 0);
        let by_tier: Vec<String> = peaks.map(|(tier, pods)| format!("{tier} {}", count(u64::from(pods.peak)))).collect();
        let replicas = &service.replicas;
        let changes = replicas.steps.len().saturating_sub(1) as u64;
        let [p50, p99, max] = [service.pending_s.p50, service.pending_s.p99, service.pending_s.max].map(duration);
        let [least, most, last] = [replicas.min, replicas.max, replicas.r#final].map(|n| count(u64::from(n)));
        table.row([name.clone(), least, number(replicas.mean), most, last, count(changes), p50, p99, max, by_tier.join(", ")]);
    }
    table.write(page);
}
