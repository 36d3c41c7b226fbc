//! The metrics pipeline: what autoscalers are told about a pod, and how old it is.
//!
//! Every scrape interval the pipeline notes each running pod's counters. CPU and request rates of a sample are differences between two notes, memory and
//! requests in flight those of the last one; it can be read some time after its scrape, and goes stale. So a pod that just started has no sample, as with
//! metrics-server.

use std::collections::VecDeque;
use std::ops::Deref;

use crate::plan::Metrics;
use crate::units::{Bytes, MilliCpu, Span, Time};

/// What a scrape finds at a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: Time,
    /// CPU counter, in milliCPU-nanoseconds times the scale of its service.
    pub cpu: u128,
    /// Memory in use.
    pub memory: Bytes,
    /// Requests so far, in parts of [`REQUEST`].
    pub requests: u128,
    /// Requests that wait at the pod or are in work there.
    pub in_flight: u32,
}

/// What was noted at the latest scrapes of a pod, oldest first. Most pods have no notes: of those that have ended and of those that nobody looks at,
/// nothing is kept.
#[derive(Clone, Debug, Default)]
#[expect(clippy::box_collection, reason = "an empty queue takes four times the room of a pointer, and there is one in every pod")]
pub struct Notes(Option<Box<VecDeque<Note>>>);

impl Notes {
    /// The notes, for further ones.
    pub fn list(&mut self) -> &mut VecDeque<Note> {
        self.0.get_or_insert_default()
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.0 = None;
    }
}

impl Deref for Notes {
    type Target = VecDeque<Note>;

    fn deref(&self) -> &VecDeque<Note> {
        static NONE: VecDeque<Note> = VecDeque::new();
        self.0.as_deref().unwrap_or(&NONE)
    }
}

/// A request in the counter of requests, which even shares of a number of requests are added to.
pub const REQUEST: u128 = 1 << 40;

/// A pod's use over a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// End of the window.
    pub timestamp: Time,
    /// Length of the window.
    pub window: Span,
    /// Mean use, rounded up to whole milliCPU as the metrics API's quantities are.
    pub cpu: MilliCpu,
    /// Working set at the end of the window.
    pub memory: Bytes,
    /// Mean thousandths of a request per second, rounded to the nearest.
    pub requests_milli: u64,
    /// Requests at the pod at the end of the window.
    pub in_flight: u32,
}

/// Keeps what a scrape found, and forgets what no later sample can need.
pub fn note(notes: &mut VecDeque<Note>, metrics: &Metrics, found: Note) {
    debug_assert!(notes.back().is_none_or(|last| last.at <= found.at && last.cpu <= found.cpu), "a CPU counter ran backwards");
    if notes.back().is_some_and(|last| last.at == found.at) {
        return;
    }
    notes.push_back(found);
    let horizon = metrics.window + metrics.delay + metrics.scrape_interval;
    while notes.len() > 2 && found.at.since(notes[1].at) >= horizon {
        notes.pop_front();
    }
}

/// The sample that can be read at `now`, if any. CPU counters are in milliCPU-nanoseconds times `scale`.
pub fn sample(notes: &VecDeque<Note>, metrics: &Metrics, now: Time, scale: u128) -> Option<Sample> {
    // Mostly the latest can be read, and the one that it is compared with is among the first.
    let last = notes.len().checked_sub(1)?;
    let last = if notes[last].at + metrics.delay <= now { last } else { notes.iter().rposition(|note| note.at + metrics.delay <= now)? };
    let end = &notes[last];
    if now.since(end.at) > metrics.staleness {
        return None;
    }
    let start = (0..last).find(|first| end.at - notes[*first].at <= metrics.window).or_else(|| last.checked_sub(1))?;
    let start = &notes[start];
    let window = end.at - start.at;
    let (used, per_milli) = (end.cpu - start.cpu, u128::from(window.as_nanos()) * scale);
    let whole = used / per_milli;
    let cpu = whole + u128::from(whole * per_milli < used);
    let requests = match end.requests - start.requests {
        0 => 0,
        some => {
            let per_milli = u128::from(window.as_nanos()) * REQUEST;
            (some * 1_000_000_000_000 + per_milli / 2) / per_milli
        }
    };
    Some(Sample { timestamp: end.at, window, cpu: MilliCpu(cpu as u64), memory: end.memory, requests_milli: requests as u64, in_flight: end.in_flight })
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::{Note, REQUEST, note, sample};
    use crate::plan::{Metrics, Phase};
    use crate::units::{Bytes, MilliCpu, Span, Time};

    fn pipeline(window: u64, delay: u64) -> Metrics {
        Metrics {
            scrape_interval: Span::from_secs(15),
            window: Span::from_secs(window),
            delay: Span::from_secs(delay),
            phase: Phase::Fixed(Span::ZERO),
            staleness: Span::from_secs(120),
        }
    }

    fn at(seconds: u64, cpu: u128) -> Note {
        Note { at: Time::from_secs(seconds), cpu, ..Note::default() }
    }

    /// A pod that uses 100 m until 30 s and 400 m after, scraped every 15 s until 60 s.
    fn notes(metrics: &Metrics) -> VecDeque<Note> {
        let mut notes = VecDeque::new();
        for t in [0u64, 15, 30, 45, 60] {
            let milli_seconds = t.min(30) * 100 + t.saturating_sub(30) * 400;
            note(&mut notes, metrics, at(t, u128::from(milli_seconds) * 1_000_000_000));
        }
        notes
    }

    fn expect(metrics: &Metrics, now: u64, timestamp: u64, window: u64, milli: u64) {
        let seen = sample(&notes(metrics), metrics, Time::from_secs(now), 1).unwrap();
        assert_eq!((seen.timestamp, seen.window, seen.cpu), (Time::from_secs(timestamp), Span::from_secs(window), MilliCpu(milli)));
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
    fn rates_are_means_and_gauges_are_the_last_reading() {
        let metrics = pipeline(30, 0);
        let found = |t: u64, requests: u128, memory, in_flight| Note { requests: requests * REQUEST, memory: Bytes(memory), in_flight, ..at(t, 0) };
        let notes = VecDeque::from([found(0, 0, 10, 9), found(15, 100, 30, 1), found(30, 130, 20, 4)]);
        let seen = sample(&notes, &metrics, Time::from_secs(30), 1).unwrap();
        assert_eq!((seen.requests_milli, seen.memory, seen.in_flight), (4333, Bytes(20), 4));
    }

    #[test]
    fn one_note_is_no_sample_and_an_old_sample_is_none() {
        let metrics = pipeline(15, 0);
        let mut first = VecDeque::new();
        note(&mut first, &metrics, at(15, 7));
        assert_eq!(sample(&first, &metrics, Time::from_secs(15), 1), None);
        assert_eq!(sample(&notes(&metrics), &metrics, Time::from_secs(181), 1), None);
    }

    #[test]
    fn usage_rounds_up_to_whole_millicpu() {
        let metrics = pipeline(15, 0);
        let notes = VecDeque::from([at(0, 0), at(15, 15_000_000_001)]);
        assert_eq!(sample(&notes, &metrics, Time::from_secs(15), 1).unwrap().cpu, MilliCpu(2));
    }
}
