//! Calls between services, hop by hop, and what is called outside of the cluster.

use sim_core::record::{LatencySummary, Record, RequestCounts};

use super::page::Page;
use super::table::{Table, figure, text};
use crate::format::{count, latency, number, percent};

pub(super) fn write(page: &mut Page, record: &Record) {
    let summary = &record.summary;
    if summary.calls.is_empty() {
        return;
    }
    page.section("Calls", "latency from the first attempt to the answer");
    let mut table = Table::new([
        text("from"),
        text("to"),
        figure("calls"),
        figure("in time"),
        figure("sent again").expendable(1),
        figure("mean"),
        figure("p50").expendable(2),
        figure("p99"),
        figure("max"),
    ]);
    for call in &summary.calls {
        let [calls, in_time, again, mean, p50, p99, max] = cells(&call.requests, &call.latency_ms);
        table.row([call.from.clone(), call.to.clone(), calls, in_time, again, mean, p50, p99, max]);
    }
    table.write(page);
    if summary.backends.is_empty() {
        return;
    }
    page.section("Backends", "of fixed capacity");
    let mut table = Table::new([
        text("backend"),
        figure("calls"),
        figure("in time"),
        figure("a second"),
        figure("capacity"),
        figure("used"),
        figure("mean").expendable(1),
        figure("p99"),
        figure("max"),
    ]);
    for (name, backend) in &summary.backends {
        let [calls, in_time, _, mean, _, p99, max] = cells(&backend.requests, &backend.latency_ms);
        let rates = [backend.requests.throughput_per_s, backend.capacity_per_s].map(number);
        let [answered, capacity] = rates;
        table.row([name.clone(), calls, in_time, answered, capacity, percent(backend.utilization), mean, p99, max]);
    }
    table.write(page);
}

fn cells(requests: &RequestCounts, ms: &LatencySummary) -> [String; 7] {
    let [mean, p50, p99, max] = [ms.mean, ms.p50, ms.p99, ms.max].map(latency);
    [count(requests.offered), percent(requests.success_rate), count(requests.retried), mean, p50, p99, max]
}
