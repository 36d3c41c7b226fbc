//! Load against capacity: was there enough, and when not.

use sim_core::record::{Record, WorkloadRow};

use super::{Windows, over_time, series};
use crate::chart::palette::{BLUE, GREEN, INK, VERMILION};
use crate::chart::spec::{ChartSpec, Mark, Panel, Unit};
use crate::format::{count, number, percent};
use crate::lang::Both;

/// More services than this would make panels too low to read; the largest are shown.
const SHOWN: usize = 5;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let summary = &record.summary;
    let mut services: Vec<(&String, Windows<'_>)> = summary.workloads.keys().map(|name| (name, Windows::of(record, name))).collect();
    services.retain(|(_, windows)| windows.any(|row| row.offered as f64) || windows.any(|row| row.cpu_demand_cores));
    services.sort_by_key(|(name, _)| std::cmp::Reverse(summary.workloads[*name].requests.offered));
    let hidden = services.len().saturating_sub(SHOWN);
    let several = services.len() > 1;
    let panels: Vec<Panel> = services
        .iter()
        .take(SHOWN)
        .map(|(name, windows)| Panel { about: Some((*name).clone()), ..panel(if several { name } else { "" }, windows, summary.calls_others(name)) })
        .collect();
    if panels.is_empty() {
        return None;
    }
    let mut facts = if summary.requests.offered > 0 {
        let (all, share) = (count(summary.requests.offered), percent(summary.requests.success_rate));
        Both::new(format!("{all} requests, {share} answered in time"), format!("{all} 个请求，{share} 按时应答"))
    } else {
        let unserved: f64 = summary.workloads.values().map(|service| service.cpu_unserved_core_s).sum();
        let unserved = number(unserved);
        Both::new(format!("{unserved} core-seconds of demand found no pod"), format!("{unserved} 核秒的需求没有 Pod 承接"))
    };
    if hidden > 0 {
        facts.en += &format!("; the {SHOWN} largest of {} services", SHOWN + hidden);
        facts.zh += &format!("；{} 个服务中最大的 {SHOWN} 个", SHOWN + hidden);
    }
    Some(over_time(record, "Load against capacity", &facts, panels))
}

fn panel(service: &str, windows: &Windows<'_>, calls: bool) -> Panel {
    let prefix = if service.is_empty() { String::new() } else { format!("{service}: ") };
    if !windows.any(|row| row.offered as f64) {
        let mut panel = Panel::new(format!("{prefix}CPU cores"), Unit::Number);
        panel.marks.push(Mark::Stack { layers: vec![series("used", GREEN, windows.means(|row| row.cpu_used_cores))], step: true });
        panel.marks.push(Mark::Step(series("requested by ready pods", BLUE, windows.levels(|row| row.cpu_requested_cores))));
        panel.marks.push(Mark::Step(series("demanded", INK, windows.means(|row| row.cpu_demand_cores))));
        return panel;
    }
    let mut panel = Panel::new(format!("{prefix}requests a second"), Unit::Number);
    let mut layers = vec![series("answered", GREEN, windows.rates(|row| row.completed as f64))];
    let lost = |row: &WorkloadRow| (row.timed_out + row.rejected + row.failed) as f64;
    if windows.any(lost) {
        layers.push(series("timed out, rejected or failed", VERMILION, windows.rates(lost)));
    }
    panel.marks.push(Mark::Stack { layers, step: true });
    if windows.any(|row| row.capacity_per_s) {
        let label = if calls { "capacity of ready pods and of what they call" } else { "capacity of ready pods" };
        panel.marks.push(Mark::Step(series(label, BLUE, windows.levels(|row| row.capacity_per_s))));
    }
    panel.marks.push(Mark::Step(series("load", INK, windows.rates(|row| row.offered as f64))));
    panel
}
