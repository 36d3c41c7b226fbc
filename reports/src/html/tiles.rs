//! The figures to remember, one tile each.

use serde::Serialize;
use sim_core::record::Record;
use sim_core::units::Money;

use crate::format::{count, duration, latency, money_in, number, percent};
use crate::lang::{Both, zh_time};

/// A figure with what it is and a remark.
#[derive(Debug, Serialize)]
pub(super) struct Tile {
    pub label: Both,
    pub value: Both,
    pub note: Both,
    pub mood: &'static str,
}

fn tile(label: (&str, &str), value: impl Into<String>, (note_en, note_zh): (String, String)) -> Tile {
    let value = value.into();
    let zh = zh_time(&value);
    Tile { label: Both::new(label.0, label.1), value: Both::new(value, zh), note: Both::new(note_en, note_zh), mood: "plain" }
}

/// The tiles, in the order in which people ask: cost, speed, errors, size.
pub(super) fn tiles(record: &Record) -> Vec<Tile> {
    let summary = &record.summary;
    let cost = &summary.cost;
    let mut tiles = Vec::new();
    if cost.total != Money::ZERO {
        let hourly = cost.total.as_f64() / (summary.simulated_s / 3600.0).max(1e-9);
        let rate = format!("{} {}", number(hourly), cost.currency);
        tiles.push(tile(("cost", "费用"), money_in(cost.total, &cost.currency), (format!("{rate} an hour"), format!("每小时 {rate}"))));
    }
    if let Some(unit) = cost.per_million_requests {
        let idle = percent(if cost.total == Money::ZERO { 0.0 } else { cost.idle.as_f64() / cost.total.as_f64() });
        let value = money_in(unit, &cost.currency);
        tiles.push(tile(("per million requests", "每百万请求"), value, (format!("{idle} of the cost is idle"), format!("{idle} 的费用为闲置"))));
    }
    let (requests, ms) = (&summary.requests, &summary.latency_ms);
    if requests.offered > 0 {
        let median = latency(ms.p50);
        tiles.push(tile(("p99 latency", "p99 延迟"), latency(ms.p99), (format!("median {median}"), format!("中位数 {median}"))));
        let lost = requests.timed_out + requests.rejected + requests.failed;
        let note = (format!("{} of {} lost", count(lost), count(requests.offered)), format!("{} 个中丢失 {} 个", count(requests.offered), count(lost)));
        let mood = if requests.success_rate < 0.999 { "bad" } else { "good" };
        tiles.push(Tile { mood, ..tile(("answered in time", "按时应答"), percent(requests.success_rate), note) });
    }
    let peak: u32 = summary.workloads.values().map(|service| service.replicas.max).sum();
    if peak > 0 {
        let mean: f64 = summary.workloads.values().map(|service| service.replicas.mean).sum();
        tiles.push(tile(("most replicas", "最多副本"), count(u64::from(peak)), (format!("{} in the mean", number(mean)), format!("平均 {}", number(mean)))));
    }
    if let Some(slowest) = summary.spikes.iter().filter_map(|spike| spike.time_to_capacity_s).reduce(f64::max) {
        let rises = summary.spikes.len();
        tiles.push(tile(("time to capacity", "扩容用时"), duration(slowest), (format!("slowest of {rises}"), format!("{rises} 次中最慢的一次"))));
    }
    let submitted: u64 = summary.jobs.values().map(|job| job.submitted).sum();
    if submitted > 0 {
        let completed: u64 = summary.jobs.values().map(|job| job.completed).sum();
        let makespan = duration(summary.jobs.values().map(|job| job.makespan_s).fold(0.0, f64::max));
        let note = (format!("within {makespan}"), format!("用时 {}", zh_time(&makespan)));
        tiles.push(tile(("jobs completed", "完成的任务"), format!("{} / {}", count(completed), count(submitted)), note));
        let waits = || summary.jobs.values().map(|job| job.wait_s);
        let [median, longest] = [waits().map(|wait| wait.p50).fold(0.0, f64::max), waits().map(|wait| wait.max).fold(0.0, f64::max)].map(duration);
        let note = (format!("median {median}"), format!("中位数 {}", zh_time(&median)));
        tiles.push(tile(("longest wait of a job's pod", "任务 Pod 最长等待"), longest, note));
    }
    tiles
}
