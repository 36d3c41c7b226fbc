//! When objectives were not held and what held capacity back, added up by cause.

use serde::Serialize;
use sim_core::record::{Breach, ObjectiveSummary, Record};

use super::answer::rough;
use crate::clock::Clock;
use crate::lang::Both;
use crate::shares;

/// Breaches in the page's table; the rest is counted.
const LISTED: usize = 200;
/// Stretches that charts shade: more are one colour anyway.
const SHADED: usize = 1500;

/// A stretch in which an objective did not hold.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Stretch {
    pub from: f64,
    pub to: f64,
    pub objective: Both,
    /// The service; none for all.
    pub about: Option<String>,
    pub cause: Both,
    /// Every cause with its share, for the table.
    #[serde(skip)]
    pub causes: Both,
    /// As read: from, to, and how long.
    #[serde(skip)]
    pub shown: [Both; 3],
}

/// A row of the table of breaches.
#[derive(Debug, Serialize)]
pub(super) struct Listed<'a> {
    from: f64,
    to: f64,
    objective: &'a Both,
    causes: &'a Both,
    shown: &'a [Both; 3],
}

/// Objectives that did not hold at the same times, and what their breaches are charged to.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Group {
    pub objectives: Vec<Both>,
    pub time: Both,
    pub causes: Vec<Cause>,
    /// Who lacked capacity.
    pub whose: Option<Both>,
}

/// A cause and its share of the time in which objectives were not held.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Cause {
    pub name: Both,
    pub time: Both,
    /// Of all breached time, in percent.
    pub percent: f64,
    pub share: String,
}

/// Every breach in the order of time.
pub(super) fn stretches(record: &Record) -> Vec<Stretch> {
    let clock = Clock::of(record);
    let of = |objective: &ObjectiveSummary| {
        let (name, about, clock) = (Both::of(&objective.name), objective.workload.clone(), &clock);
        let stretches = objective.breaches.iter().map(move |breach| Stretch {
            from: breach.from,
            to: breach.to,
            objective: name.clone(),
            about: about.clone(),
            cause: Both::of(if breach.cause.is_empty() { "-" } else { &breach.cause }),
            causes: every_cause(breach),
            shown: [clock.both(breach.from), clock.both(breach.to), Both::duration(breach.to - breach.from)],
        });
        stretches.collect::<Vec<_>>()
    };
    let mut all: Vec<Stretch> = record.summary.objectives.iter().flat_map(of).collect();
    all.sort_by(|a, b| a.from.total_cmp(&b.from));
    all
}

/// Everything that a breach is charged to, with shares unless there is one.
fn every_cause(breach: &Breach) -> Both {
    let parts = shares::of_breach(breach);
    let [only] = parts.as_slice() else {
        let total: f64 = parts.iter().map(|(_, seconds)| seconds).sum();
        let part = |(cause, seconds): &(String, f64)| (shares::meaning(cause), rough(seconds / total.max(f64::MIN_POSITIVE)));
        let parts: Vec<(Both, String)> = parts.iter().map(part).collect();
        let en: Vec<String> = parts.iter().map(|(cause, share)| format!("{} ({share})", cause.en)).collect();
        let zh: Vec<String> = parts.iter().map(|(cause, share)| format!("{}（{share}）", cause.zh)).collect();
        return Both::new(en.join(", "), zh.join("，"));
    };
    shares::meaning(&only.0)
}

/// What the charts shade. If there are too many to be told apart, those of one objective and cause that lie close together become one.
pub(super) fn shaded(stretches: &[Stretch], end_s: f64) -> Vec<Stretch> {
    let mut gap = 0.0;
    loop {
        let mut joined: Vec<Stretch> = Vec::new();
        for stretch in stretches {
            let like = |other: &&mut Stretch| other.objective == stretch.objective && other.cause == stretch.cause;
            // The last of the same kind is among the last few: the order is that of time.
            match joined.iter_mut().rev().take(16).find(like).filter(|last| gap > 0.0 && stretch.from - last.to <= gap) {
                Some(last) => last.to = last.to.max(stretch.to),
                None => joined.push(stretch.clone()),
            }
        }
        if joined.len() <= SHADED || gap >= end_s {
            return joined;
        }
        gap = if gap == 0.0 { end_s / 4000.0 } else { gap * 2.0 };
    }
}

/// What the table lists: all, or the longest.
pub(super) fn listed(stretches: &[Stretch]) -> Vec<Listed<'_>> {
    let mut chosen: Vec<&Stretch> = stretches.iter().collect();
    if chosen.len() > LISTED {
        chosen.sort_by(|a, b| (b.to - b.from).total_cmp(&(a.to - a.from)));
        chosen.truncate(LISTED);
        chosen.sort_by(|a, b| a.from.total_cmp(&b.from));
    }
    let rows = chosen.into_iter();
    rows.map(|Stretch { from, to, objective, causes, shown, .. }| Listed { from: *from, to: *to, objective, causes, shown }).collect()
}

/// Breached time by cause, objective by objective; those with the same breaches are one group.
pub(super) fn groups(record: &Record, groups: &[shares::Group<'_>]) -> Vec<Group> {
    let group = |group: &shares::Group<'_>| {
        let total = group.breached_s.max(f64::MIN_POSITIVE);
        let cause = |(cause, seconds): &(String, f64)| {
            let share = seconds / total;
            Cause { name: shares::meaning(cause), time: Both::duration(*seconds), percent: share * 100.0, share: rough(share) }
        };
        Group {
            objectives: group.objectives.iter().map(|objective| Both::of(&objective.name)).collect(),
            time: Both::duration(group.breached_s),
            causes: group.causes.iter().map(cause).collect(),
            whose: shares::whose(record, group),
        }
    };
    groups.iter().map(group).collect()
}

/// Seconds that are in at least one of the spans.
pub(super) fn union(mut spans: Vec<(f64, f64)>) -> f64 {
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut reached = f64::NEG_INFINITY;
    spans.into_iter().fold(0.0, |sum, (from, to)| {
        let more = (to - from.max(reached)).max(0.0);
        reached = reached.max(to);
        sum + more
    })
}

#[cfg(test)]
mod tests {
    use super::{Both, SHADED, Stretch, shaded, union};

    #[test]
    fn very_many_breaches_are_shaded_together_to_the_end() {
        let stretch = |i: u32| Stretch {
            from: f64::from(i) * 100.0,
            to: f64::from(i) * 100.0 + 10.0,
            objective: Both::of("p99"),
            about: None,
            cause: Both::of("starting"),
            causes: Both::default(),
            shown: Default::default(),
        };
        let many: Vec<Stretch> = (0..20_000).map(stretch).collect();
        let joined = shaded(&many, 2_000_000.0);
        assert!(joined.len() <= SHADED, "{}", joined.len());
        assert_eq!((joined[0].from, joined[joined.len() - 1].to), (0.0, 1_999_910.0));
        assert_eq!(shaded(&many[..100], 2_000_000.0).len(), 100, "few stay apart");
    }

    #[test]
    fn overlapping_breaches_count_once() {
        assert_eq!(union(vec![(50.0, 60.0), (0.0, 10.0), (5.0, 20.0), (6.0, 7.0), (20.0, 21.0)]), 31.0);
        assert_eq!(union(Vec::new()), 0.0);
    }
}
