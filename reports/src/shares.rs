//! What breached time is charged to.

use std::collections::BTreeMap;

use sim_core::observe::attribution::Bottleneck;
use sim_core::record::{Breach, ObjectiveSummary, Record};

use crate::lang::Both;

/// Objectives that were breached at the same times for the same causes: a service and all services, where there is one.
#[derive(Clone, Debug)]
pub(crate) struct Group<'a> {
    /// The objectives.
    pub objectives: Vec<&'a ObjectiveSummary>,
    /// Seconds in breach.
    pub breached_s: f64,
    /// Seconds by cause, the largest first: they add up to the time in breach.
    pub causes: Vec<(String, f64)>,
    /// The same by the service or backend that lacked capacity; empty in records of older programs.
    pub bottlenecks: Vec<(String, f64)>,
}

/// The breached objectives of a run, those with equal breaches together, the longest first.
pub(crate) fn groups(record: &Record) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for objective in record.summary.objectives.iter().filter(|objective| !objective.breaches.is_empty()) {
        match groups.iter_mut().find(|group| is_alike(group.objectives[0], objective)) {
            Some(group) => group.objectives.push(objective),
            None => groups.push(Group {
                objectives: vec![objective],
                breached_s: breached_s(objective),
                causes: of_objective(objective),
                bottlenecks: sorted(&objective.bottlenecks),
            }),
        }
    }
    groups.sort_by(|a, b| b.breached_s.total_cmp(&a.breached_s));
    groups
}

fn is_alike(a: &ObjectiveSummary, b: &ObjectiveSummary) -> bool {
    let spans = |objective: &ObjectiveSummary| objective.breaches.iter().map(|breach| (breach.from, breach.to, breach.cause.clone())).collect::<Vec<_>>();
    a.attribution == b.attribution && spans(a) == spans(b)
}

/// Seconds in breach.
pub(crate) fn breached_s(objective: &ObjectiveSummary) -> f64 {
    objective.breaches.iter().map(|breach| breach.to - breach.from).sum()
}

/// What the breached time of an objective is charged to, the largest first. Records of older programs know one cause for each breach.
pub(crate) fn of_objective(objective: &ObjectiveSummary) -> Vec<(String, f64)> {
    if !objective.attribution.is_empty() {
        return sorted(&objective.attribution);
    }
    let mut by_cause = BTreeMap::new();
    for breach in &objective.breaches {
        *by_cause.entry(breach.cause.clone()).or_insert(0.0) += breach.to - breach.from;
    }
    sorted(&by_cause)
}

/// What a breach is charged to, the largest first.
pub(crate) fn of_breach(breach: &Breach) -> Vec<(String, f64)> {
    if breach.attribution.is_empty() { vec![(breach.cause.clone(), breach.to - breach.from)] } else { sorted(&breach.attribution) }
}

/// Who lacked capacity, where it is not plain from the objective: services that call others or are judged together.
pub(crate) fn whose(record: &Record, group: &Group<'_>) -> Option<Both> {
    let summary = &record.summary;
    let (first, seconds) = group.bottlenecks.first()?;
    let is_plain = group.bottlenecks.len() == 1 && group.objectives.iter().all(|objective| objective.workload.as_ref() == Some(first));
    if is_plain || summary.workloads.len() + summary.backends.len() < 2 {
        return None;
    }
    let share = |seconds: &f64| format!("{:.0} %", 100.0 * seconds / group.breached_s.max(f64::MIN_POSITIVE));
    let mut both = Both::new(format!("Who lacked capacity: {first} ({})", share(seconds)), format!("处理能力不足的是 {first}（{}）", share(seconds)));
    if let Some((second, seconds)) = group.bottlenecks.get(1).filter(|(_, seconds)| *seconds >= 0.005 * group.breached_s) {
        both.en += &format!(", then {second} ({})", share(seconds));
        both.zh += &format!("，其次是 {second}（{}）", share(seconds));
    }
    Some(both)
}

fn sorted(parts: &BTreeMap<String, f64>) -> Vec<(String, f64)> {
    let mut parts: Vec<(String, f64)> = parts.iter().map(|(cause, s)| (cause.clone(), *s)).collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    parts
}

/// What a cause means, in a few words: `image pull` is that pods were pulling images.
pub(crate) fn meaning(cause: &str) -> Both {
    let words = Bottleneck::ALL.into_iter().find(|bottleneck| bottleneck.name() == cause).map_or(cause, |bottleneck| bottleneck.words());
    Both::of(if words.is_empty() { "-" } else { words })
}
