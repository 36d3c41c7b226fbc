//! When objectives were not held and what held capacity back, added up by cause.

use serde::Serialize;
use sim_core::record::{ObjectiveSummary, Record};

use super::answer::rough;
use super::lang::{Both, zh_time};
use crate::format::{clock, duration};

/// Breaches in the page's table; the rest is counted.
const LISTED: usize = 200;
/// Stretches that charts shade: more are one colour anyway.
const SHADED: usize = 1500;

/// A stretch in which an objective did not hold.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Stretch {
    pub from: f64,
    pub to: f64,
    pub objective: String,
    /// The service; none for all.
    pub about: Option<String>,
    pub cause: Both,
    /// As read: from, to, and how long.
    pub shown: [Both; 3],
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
    let of = |objective: &ObjectiveSummary| {
        let (name, about) = (objective.name.clone(), objective.workload.clone());
        let stretches = objective.breaches.iter().map(move |breach| {
            let length = duration(breach.to - breach.from);
            Stretch {
                from: breach.from,
                to: breach.to,
                objective: name.clone(),
                about: about.clone(),
                cause: Both::of(if breach.cause.is_empty() { "-" } else { &breach.cause }),
                shown: [Both::same(clock(breach.from)), Both::same(clock(breach.to)), Both::new(length.clone(), zh_time(&length))],
            }
        });
        stretches.collect::<Vec<_>>()
    };
    let mut all: Vec<Stretch> = record.summary.objectives.iter().flat_map(of).collect();
    all.sort_by(|a, b| a.from.total_cmp(&b.from));
    all
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
pub(super) fn listed(stretches: &[Stretch]) -> Vec<&Stretch> {
    let mut chosen: Vec<&Stretch> = stretches.iter().collect();
    if chosen.len() > LISTED {
        chosen.sort_by(|a, b| (b.to - b.from).total_cmp(&(a.to - a.from)));
        chosen.truncate(LISTED);
        chosen.sort_by(|a, b| a.from.total_cmp(&b.from));
    }
    chosen
}

/// Breached time by cause, the largest first. An instant at which two objectives did not hold for the same cause counts once.
pub(super) fn by_cause(stretches: &[Stretch]) -> Vec<Cause> {
    let mut causes: Vec<(Both, Vec<(f64, f64)>)> = Vec::new();
    for stretch in stretches {
        let span = (stretch.from, stretch.to);
        match causes.iter_mut().find(|(cause, _)| *cause == stretch.cause) {
            Some((_, spans)) => spans.push(span),
            None => causes.push((stretch.cause.clone(), vec![span])),
        }
    }
    let mut causes: Vec<(Both, f64)> = causes.into_iter().map(|(cause, spans)| (cause, union(spans))).collect();
    causes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let total: f64 = causes.iter().map(|(_, seconds)| seconds).sum();
    let cause = |(name, seconds): (Both, f64)| {
        let (time, share) = (duration(seconds), seconds / total.max(f64::MIN_POSITIVE));
        Cause { name, time: Both::new(time.clone(), zh_time(&time)), percent: share * 100.0, share: rough(share) }
    };
    causes.into_iter().map(cause).collect()
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
            objective: "p99".to_owned(),
            about: None,
            cause: Both::same("starting"),
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
