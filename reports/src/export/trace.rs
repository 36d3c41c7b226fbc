//! The life of every pod as a Chrome trace, which Perfetto opens.
//!
//! A process is a workload, a thread a pod; its phases and the stages of its start-up are slices. Decisions are instants, replicas are counters.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sim_core::record::{PodRow, Record};

/// The trace as JSON. Times are microseconds since the start of the run.
pub fn trace(record: &Record) -> String {
    let end = record.summary.simulated_s;
    let mut processes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut events: Vec<Value> = Vec::new();
    for row in &record.workload_series {
        let next = processes.len() as u64 + 1;
        processes.entry(&row.workload).or_insert(next);
    }
    for (place, pod) in record.pods.iter().enumerate() {
        let next = processes.len() as u64 + 1;
        let pid = *processes.entry(&pod.workload).or_insert(next);
        let tid = place as u64 + 1;
        events.push(json!({"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": {"name": pod.pod}}));
        for (name, from, to) in slices(pod, end) {
            let args = json!({"node": pod.node, "tier": pod.tier, "reason": pod.reason});
            events.push(
                json!({"ph": "X", "cat": "pod", "name": name, "pid": pid, "tid": tid, "ts": micros(from), "dur": micros(to) - micros(from), "args": args}),
            );
        }
    }
    for (name, pid) in &processes {
        events.push(json!({"ph": "M", "name": "process_name", "pid": pid, "tid": 0, "args": {"name": name}}));
    }
    let starts: BTreeSet<u64> = record.workload_series.iter().map(|row| micros(row.t)).collect();
    for row in &record.workload_series {
        // Counts are those at the end of the window, which is the start of the next.
        let ts = starts.range(micros(row.t) + 1..).next().copied().unwrap_or(micros(end));
        let args = json!({"ready": row.pods_ready, "starting": row.pods_starting, "pending": row.pods_pending});
        events.push(json!({"ph": "C", "name": "pods", "pid": processes[row.workload.as_str()], "tid": 0, "ts": ts, "args": args}));
    }
    for row in record.decisions.iter().filter(|row| processes.contains_key(row.subject.as_str())) {
        let name = format!("{} {} {}", row.controller, row.action, row.object);
        let pid = processes[row.subject.as_str()];
        let args = json!({"reason": row.reason});
        events.push(json!({"ph": "i", "s": "p", "cat": "decision", "name": name.trim_end(), "pid": pid, "tid": 0, "ts": micros(row.t), "args": args}));
    }
    json!({"displayTimeUnit": "ms", "otherData": {"scenario": record.summary.scenario, "digest": record.summary.digest}, "traceEvents": events}).to_string()
}

fn micros(s: f64) -> u64 {
    (s * 1e6).round() as u64
}

/// Phases of a pod one after the other, with the stages of its start-up inside them.
fn slices(pod: &PodRow, end: f64) -> Vec<(&'static str, f64, f64)> {
    let reached = [
        ("Pending", Some(pod.created)),
        ("Scheduled", pod.scheduled),
        ("Starting", pod.starting),
        ("Ready", pod.ready),
        ("Terminating", pod.terminating),
        ("", pod.ended),
    ];
    let reached: Vec<(&str, f64)> = reached.into_iter().filter_map(|(name, at)| Some((name, at?))).collect();
    let mut slices: Vec<(&'static str, f64, f64)> = Vec::new();
    for (place, (name, from)) in reached.iter().enumerate() {
        let to = reached.get(place + 1).map_or(end, |next| next.1);
        if !name.is_empty() && to > *from {
            slices.push((name, *from, to));
        }
    }
    if let (Some(ready), Some(_)) = (pod.ready, pod.sandbox_s.seconds()) {
        // Counted back from ready, so that the last one ends there.
        let stages = [
            ("load balancer", pod.load_balancer_s),
            ("readiness probe", pod.readiness_s),
            ("application", pod.application_s),
            ("image pull", pod.pull_s),
            ("sandbox", pod.sandbox_s),
        ];
        let mut to = ready;
        for (name, took) in stages {
            let from = (to - took.seconds().unwrap_or(0.0)).max(pod.starting.unwrap_or(pod.created));
            if to > from {
                slices.push((name, from, to));
            }
            to = from;
        }
    }
    slices
}
