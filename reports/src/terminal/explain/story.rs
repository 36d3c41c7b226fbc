//! What happened in a run: the peak, what bound, where scale-out time went, what a breach cost.

use std::collections::BTreeMap;

use sim_core::record::{Record, WorkloadRow};

use super::{breach, instant, item, say};
use crate::format::{count, duration, latency, money_in, number, percent, plural};
use crate::terminal::page::{Ink, Page};

/// Reasons listed before the rest is only counted.
const LISTED: usize = 5;

pub(super) fn write(page: &mut Page, record: &Record) {
    headline(page, record);
    peak(page, record);
    bound(page, record);
    scale_out(page, record);
    breaches(page, record);
    page.section("Ask further", "");
    say(page, "`explain DIR pod NAME`, `explain DIR scale WORKLOAD --at TIME`, `explain DIR breach`, `explain DIR cost`.");
}

fn headline(page: &mut Page, record: &Record) {
    let summary = &record.summary;
    page.line(&[(Ink::Strong, &summary.scenario)]);
    let requests = &summary.requests;
    let mut text = format!("{} were simulated", duration(summary.simulated_s));
    if requests.offered > 0 {
        let (all, good) = (count(requests.offered), percent(requests.success_rate));
        text += &format!(": {all} requests, {good} of those that ended were answered in time, 99 % of them within {}", latency(summary.latency_ms.p99));
    }
    say(page, &format!("{text}. It cost {}.", money_in(summary.cost.total, &summary.cost.currency)));
}

/// The busiest window of each service.
fn peak(page: &mut Page, record: &Record) {
    page.section("At the peak", "");
    let names = record.summary.workloads.keys().chain(record.summary.jobs.keys());
    for name in names {
        let rows: Vec<&WorkloadRow> = record.workload_series.iter().filter(|row| row.workload == *name).collect();
        let Some(text) = busiest(&rows, record.summary.simulated_s) else { continue };
        item(page, &format!("{name}: {text}"));
    }
}

fn busiest(rows: &[&WorkloadRow], end: f64) -> Option<String> {
    let length = |place: usize| rows.get(place + 1).map_or(end, |next| next.t) - rows[place].t;
    let rate = |place: usize| rows[place].offered as f64 / length(place).max(f64::MIN_POSITIVE);
    let largest =
        |value: &dyn Fn(usize) -> f64| (0..rows.len()).max_by(|a, b| value(*a).total_cmp(&value(*b)).then(b.cmp(a))).filter(|place| value(*place) > 0.0);
    let state = |row: &WorkloadRow| {
        let (ready, of) = (count(u64::from(row.pods_ready)), plural(u64::from(row.replicas_desired), "replica", "replicas"));
        format!("{ready} of {of} were ready, {} starting and {} without a node", row.pods_starting, row.pods_pending)
    };
    if let Some(place) = largest(&rate) {
        let row = rows[place];
        let room = if row.capacity_per_s > 0.0 { format!(", room for {} a second", number(row.capacity_per_s)) } else { String::new() };
        return Some(format!("most requests came at {}, {} a second; {}{room}.", instant(row.t), number(rate(place)), state(row)));
    }
    if let Some(place) = largest(&|place| rows[place].cpu_demand_cores) {
        let row = rows[place];
        return Some(format!("the demand was highest at {}, {} cores; {}.", instant(row.t), number(row.cpu_demand_cores), state(row)));
    }
    let place = largest(&|place| f64::from(rows[place].replicas_desired))?;
    Some(format!("most pods were asked for at {}; {}.", instant(rows[place].t), state(rows[place])))
}

/// What stood in the way of pods.
fn bound(page: &mut Page, record: &Record) {
    page.section("What bound", "");
    let mut reasons: BTreeMap<(&str, &str, &str), (u64, f64)> = BTreeMap::new();
    let binding = |action: &str| matches!(action, "refused" | "waited" | "NoStock" | "QuotaFull" | "ImageCacheMissed");
    for row in record.decisions.iter().filter(|row| binding(&row.action)) {
        reasons.entry((&row.controller, &row.action, &row.reason)).or_insert((0, row.t)).0 += 1;
    }
    let mut limits: BTreeMap<(&str, &str), (u64, f64)> = BTreeMap::new();
    for row in record.decisions.iter().filter(|row| row.controller == "hpa") {
        for mark in ["TooManyReplicas", "ScaleUpLimit", "ScaleUpStabilized"] {
            if row.reason.contains(mark) {
                limits.entry((&row.subject, mark)).or_insert((0, row.t)).0 += 1;
            }
        }
    }
    if reasons.is_empty() && limits.is_empty() {
        return say(page, "Nothing: no pod was refused or had to wait, and no limit of an autoscaler was reached.");
    }
    for ((workload, mark), (times, first)) in limits {
        let what = match mark {
            "TooManyReplicas" => "its maximum of replicas",
            "ScaleUpLimit" => "how fast it may grow",
            _ => "its stabilisation window",
        };
        item(
            page,
            &format!("The HPA of {workload} was limited by {what} ({mark}) in {}, first at {}.", plural(times, "decision", "decisions"), instant(first)),
        );
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, (times, _))| std::cmp::Reverse(*times));
    for ((controller, action, reason), (times, first)) in reasons.iter().take(LISTED) {
        item(page, &format!("{controller} {action}, {}, first at {}: {reason}", plural(*times, "time", "times"), instant(*first)));
    }
    if reasons.len() > LISTED {
        say(page, &format!("and {} more.", plural((reasons.len() - LISTED) as u64, "reason", "reasons")));
    }
}

/// How long new pods took, stage by stage, and how long spikes went unserved.
fn scale_out(page: &mut Page, record: &Record) {
    page.section("Where scale-out time went", "");
    let summary = &record.summary;
    let jobs = summary.jobs.iter().map(|(name, job)| (name, &job.start_up));
    let mut any = false;
    for (name, times) in summary.workloads.iter().map(|(name, workload)| (name, &workload.start_up)).chain(jobs).filter(|(_, times)| times.pods > 0) {
        any = true;
        let total = times.total.mean;
        let mut stages: Vec<_> = times.stages().into_iter().filter(|stage| stage.1.mean > 0.0).collect();
        stages.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean));
        let parts: Vec<String> = stages.iter().map(|(stage, took)| format!("{stage} {} ({})", duration(took.mean), percent(took.mean / total))).collect();
        let pods = plural(times.pods, "pod", "pods");
        let detail = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        item(page, &format!("{name}: {pods} took {} on average to get ready, {} at most{detail}.", duration(total), duration(times.total.max)));
    }
    if !any {
        say(page, "No pod was created and got ready in the run.");
    }
    let longest = summary.spikes.iter().max_by(|a, b| {
        let took = |spike: &sim_core::record::SpikeSummary| spike.time_to_capacity_s.unwrap_or(f64::INFINITY);
        took(a).total_cmp(&took(b))
    });
    if let Some(spike) = longest {
        let end = spike.time_to_capacity_s.map_or_else(|| "were never all ready".to_owned(), |took| format!("were ready {} later", duration(took)));
        say(
            page,
            &format!(
                "The slowest rise: at {} {} went from {} to {} replicas, which {end}.",
                instant(spike.at_s),
                spike.workload,
                spike.from_ready,
                spike.to_replicas
            ),
        );
    }
}

/// When objectives were not held, why, and what that cost.
fn breaches(page: &mut Page, record: &Record) {
    page.section("Objectives", "");
    let objectives = &record.summary.objectives;
    if objectives.is_empty() {
        return say(page, "The scenario states none.");
    }
    for objective in objectives {
        let attained = percent(objective.attained);
        say(
            page,
            &format!(
                "{}: held in {attained} of the windows, {} asked for: {}.",
                objective.name,
                percent(objective.target),
                if objective.met { "met" } else { "not met" }
            ),
        );
        if !objective.breaches.is_empty() {
            breach::causes(page, objective);
            say(page, &breach::price(record, objective));
        }
    }
}
