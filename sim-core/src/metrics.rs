//! The metrics pipeline: what the HPA is told about a pod's CPU, and how old it is.
//!
//! Every scrape interval the pipeline notes each running pod's CPU counter. A sample is the difference between two notes; it can be
//! read some time after its scrape, and goes stale. So a pod that just started has no sample, as with metrics-server.

use std::collections::VecDeque;

use crate::plan::Metrics;
use crate::units::{MilliCpu, Span, Time};

/// Mean CPU use of a pod over a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// End of the window.
    pub timestamp: Time,
    /// Length of the window.
    pub window: Span,
    /// Mean use, rounded up to whole milliCPU as the metrics API's quantities are.
    pub cpu: MilliCpu,
}

/// Notes a pod's CPU counter at `now`, and forgets what no later sample can need.
pub fn note(notes: &mut VecDeque<(Time, u128)>, metrics: &Metrics, now: Time, counter: u128) {
    debug_assert!(notes.back().is_none_or(|last| last.0 <= now && last.1 <= counter), "a CPU counter ran backwards");
    if notes.back().is_some_and(|last| last.0 == now) {
        return;
    }
    notes.push_back((now, counter));
    let horizon = metrics.window + metrics.delay + metrics.scrape_interval;
    while notes.len() > 2 && now.since(notes[1].0) >= horizon {
        notes.pop_front();
    }
}

/// The sample that can be read at `now`, if any. Counters are in milliCPU-nanoseconds times `scale`.
pub fn sample(notes: &VecDeque<(Time, u128)>, metrics: &Metrics, now: Time, scale: u128) -> Option<Sample> {
    let last = notes.iter().rposition(|note| note.0 + metrics.delay <= now)?;
    let (timestamp, counter) = notes[last];
    if now.since(timestamp) > metrics.staleness {
        return None;
    }
    let (start, base) = *notes.iter().take(last).find(|note| timestamp - note.0 <= metrics.window).or_else(|| notes.get(last.checked_sub(1)?))?;
    let window = timestamp - start;
    let cpu = (counter - base).div_ceil(u128::from(window.as_nanos()) * scale);
    Some(Sample { timestamp, window, cpu: MilliCpu(cpu as u64) })
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::{Sample, note, sample};
    use crate::plan::{Metrics, Phase};
    use crate::units::{MilliCpu, Span, Time};

    fn pipeline(window: u64, delay: u64) -> Metrics {
        Metrics {
            scrape_interval: Span::from_secs(15),
            window: Span::from_secs(window),
            delay: Span::from_secs(delay),
            phase: Phase::Fixed(Span::ZERO),
            staleness: Span::from_secs(120),
        }
    }

    /// A pod that uses 100 m until 30 s and 400 m after, scraped every 15 s until 60 s.
    fn notes(metrics: &Metrics) -> VecDeque<(Time, u128)> {
        let mut notes = VecDeque::new();
        for t in [0u64, 15, 30, 45, 60] {
            let milli_seconds = t.min(30) * 100 + t.saturating_sub(30) * 400;
            note(&mut notes, metrics, Time::from_secs(t), u128::from(milli_seconds) * 1_000_000_000);
        }
        notes
    }

    fn expect(metrics: &Metrics, now: u64, timestamp: u64, window: u64, milli: u64) {
        let seen = sample(&notes(metrics), metrics, Time::from_secs(now), 1);
        assert_eq!(seen, Some(Sample { timestamp: Time::from_secs(timestamp), window: Span::from_secs(window), cpu: MilliCpu(milli) }));
    }

    #[test]
    fn samples_average_over_the_window_and_arrive_late() {
        expect(&pipeline(15, 0), 60, 60, 15, 400);
        expect(&pipeline(30, 0), 60, 60, 30, 400);
        expect(&pipeline(45, 0), 60, 60, 45, 300);
        expect(&pipeline(15, 20), 60, 30, 15, 100);
        expect(&pipeline(30, 20), 70, 45, 30, 250);
    }

    #[test]
    fn one_note_is_no_sample_and_an_old_sample_is_none() {
        let metrics = pipeline(15, 0);
        let mut first = VecDeque::new();
        note(&mut first, &metrics, Time::from_secs(15), 7);
        assert_eq!(sample(&first, &metrics, Time::from_secs(15), 1), None);
        assert_eq!(sample(&notes(&metrics), &metrics, Time::from_secs(181), 1), None);
    }

    #[test]
    fn usage_rounds_up_to_whole_millicpu() {
        let metrics = pipeline(15, 0);
        let notes = VecDeque::from([(Time::ZERO, 0), (Time::from_secs(15), 15_000_000_001)]);
        assert_eq!(sample(&notes, &metrics, Time::from_secs(15), 1).unwrap().cpu, MilliCpu(2));
    }
}
