//! How long requests wait and take, in the order in which they came.
//!
//! Requests are noted when they come, with the state that they find, and counted when as many are answered. What is noted together is a chunk.

use std::collections::VecDeque;

use super::rules::Rules;
use super::spectrum::Spectrum;
use super::stations::Stations;
use crate::traffic::{Histogram, Meter, round};

/// Requests that came one after the other.
#[derive(Clone, Debug, Default)]
struct Chunk {
    mass: f64,
    parts: Vec<Part>,
}

/// Those of a chunk that went to equally fast pods.
#[derive(Clone, Debug)]
struct Part {
    slow: f64,
    mass: f64,
    /// How long they waited until work began, in nanoseconds.
    waits: Spectrum,
    /// How long they took altogether, where that is not the wait and an independent service time.
    times: Spectrum,
}

/// What is noted and not counted yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Waits {
    chunks: VecDeque<Chunk>,
    /// Requests since the last chunk, and in all chunks of the window so far.
    open: f64,
    so_far: f64,
    /// How long ago requests were first sent, in nanoseconds, that came in the open chunk: sums of ages and of requests, by attempt.
    ages: Vec<(f64, f64)>,
    /// Turns through the fractions that are rounded up.
    turn: f64,
}

/// Most waits that are told apart when service times are added.
const OFFSETS: usize = 48;
/// Most chunks that wait to be counted.
const CHUNKS: usize = 2000;
/// The golden ratio's fraction: multiples of it are evenly spread.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

impl Waits {
    /// Notes that as many requests were let in that will be answered, `queued` are waiting now.
    pub(super) fn note(&mut self, answered: f64, queued: f64, stations: &mut Stations) {
        self.open += answered;
        let fine = (queued / 8.0).max(self.so_far / 64.0).max(32.0);
        if queued > 32.0 && queued > 0.02 * (self.so_far + self.open) && self.open > fine && self.chunks.len() < CHUNKS {
            self.close(stations);
        }
    }

    /// Notes the ages of requests that are sent again.
    pub(super) fn note_age(&mut self, attempt: usize, age: f64, requests: f64) {
        if self.ages.len() <= attempt {
            self.ages.resize(attempt + 1, (0.0, 0.0));
        }
        self.ages[attempt].0 += age * requests;
        self.ages[attempt].1 += requests;
    }

    /// Ends a chunk.
    fn close(&mut self, stations: &mut Stations) {
        let Stations { rules, grid, capacity, groups, .. } = stations;
        let mut chunk = Chunk::default();
        for group in groups.iter_mut() {
            group.settle();
            let mass: f64 = group.found.iter().sum();
            if mass <= 0.0 {
                continue;
            }
            let mut part = Part { slow: group.kind.slow, mass, waits: Spectrum::default(), times: Spectrum::default() };
            let speed = capacity.departures[grid.full] / group.kind.slow;
            let idle: f64 = group.found[..grid.full].iter().sum();
            if idle > 0.0 {
                part.waits.add(rules.wake_up * 1e9, idle);
            }
            for node in grid.full..group.found.len() {
                let found = group.found[node];
                if found > 0.0 {
                    for (wait, share) in Rules::waits(grid, speed, node) {
                        part.waits.add(wait * 1e9, found * share);
                    }
                }
            }
            if rules.shares() {
                let utilisation = group.moments.work / capacity.work[grid.full].max(1e-12);
                part.times = shared_times(rules, &group.found, grid, group.kind.slow, speed, utilisation);
            }
            group.found.fill(0.0);
            chunk.mass += mass;
            chunk.parts.push(part);
        }
        chunk.grow_older(&self.ages);
        self.ages.clear();
        self.so_far += self.open;
        self.open = 0.0;
        if chunk.mass > 0.0 {
            self.chunks.push_back(chunk);
        }
    }

    /// Counts the first `count` requests; those of the others that are still `inside` remain.
    pub(super) fn count(&mut self, count: u64, inside: f64, stations: &mut Stations, meter: &mut Meter) {
        self.close(stations);
        self.so_far = 0.0;
        let mut left = count as f64;
        let mut taken: Vec<Part> = Vec::new();
        while left > 0.0 {
            let Some(chunk) = self.chunks.front_mut() else { break };
            let share = (left / chunk.mass).min(1.0);
            left -= chunk.mass * share;
            for part in &chunk.parts {
                let place = taken.iter().position(|other| other.slow == part.slow).unwrap_or_else(|| {
                    taken.push(Part { slow: part.slow, mass: 0.0, waits: Spectrum::default(), times: Spectrum::default() });
                    taken.len() - 1
                });
                let of = &mut taken[place];
                of.mass += part.mass * share;
                of.waits.add_all(&part.waits, share);
                of.times.add_all(&part.times, share);
            }
            if share < 1.0 {
                chunk.keep(1.0 - share);
                break;
            }
            self.chunks.pop_front();
        }
        let over: f64 = self.chunks.iter().map(|chunk| chunk.mass).sum();
        if over > inside {
            // Some went with their pod, and rounding adds up.
            if inside < 0.5 {
                self.chunks.clear();
            } else {
                self.chunks.iter_mut().for_each(|chunk| chunk.keep(inside / over));
            }
        }
        if count > 0 {
            self.write(count, &taken, &stations.rules, meter);
        }
    }

    /// Writes `count` requests with these times into histograms.
    fn write(&mut self, count: u64, taken: &[Part], rules: &Rules, meter: &mut Meter) {
        let (mut waits, mut times, mut services) = (Spectrum::default(), Spectrum::default(), Spectrum::default());
        let timeout = rules.timeout.map_or(f64::INFINITY, |timeout| timeout * 1e9);
        for part in taken {
            waits.add_all(&part.waits, 1.0);
            if rules.shares() {
                times.add_all(&part.times, 1.0);
                services.add_all(&part.times, 1.0);
                continue;
            }
            rules.law.fine.iter().for_each(|&(value, share)| services.add(value * part.slow * 1e9, part.mass * share));
            let atoms: Vec<(f64, f64)> = part.waits.atoms().collect();
            let slow = part.slow * 1e9;
            let heavy = 0.05 * part.mass;
            let mut others = Spectrum::default();
            for (offset, mass) in atoms {
                if mass >= heavy {
                    rules.law.fine.iter().for_each(|&(value, share)| times.add(offset + value * slow, mass * share));
                } else {
                    others.add(offset, mass);
                }
            }
            for (offset, mass) in others.merged(OFFSETS) {
                rules.law.coarse.iter().for_each(|&(value, share)| times.add(offset + value * slow, mass * share));
            }
        }
        if taken.is_empty() {
            // More were answered than noted: as if they had not waited.
            rules.law.fine.iter().for_each(|&(value, share)| times.add(value * 1e9, share));
            services = times.clone();
            waits.add(0.0, 1.0);
        }
        self.turn = (self.turn + GOLDEN).fract();
        for (spectrum, histogram) in [(&times, &mut meter.latency), (&waits, &mut meter.wait), (&services, &mut meter.service)] {
            let atoms: Vec<(f64, f64)> = spectrum.atoms().filter(|atom| atom.0 <= timeout).collect();
            write(count, &atoms, self.turn, histogram);
        }
    }
}

/// Writes whole requests in these proportions.
fn write(count: u64, atoms: &[(f64, f64)], turn: f64, histogram: &mut Histogram) {
    let mass: f64 = atoms.iter().map(|atom| atom.1).sum();
    let (mut sum, mut written) = (0.0, 0);
    for &(value, of) in atoms {
        sum += of;
        let due = ((sum / mass * count as f64 + turn) as u64).min(count);
        if due > written {
            histogram.record_times(round(value), due - written);
            written = due;
        }
    }
    if written < count {
        let last = atoms.last().map_or(0.0, |atom| atom.0);
        histogram.record_times(round(last), count - written);
    }
}

/// How long requests take with processor sharing. A short one takes as many times longer as there are others when it comes, a long one as there are on
/// average.
fn shared_times(rules: &Rules, found: &[f64], grid: &super::grid::Grid, slow: f64, speed: f64, utilisation: f64) -> Spectrum {
    let mass: f64 = found.iter().sum();
    let mean: f64 = found.iter().enumerate().map(|(node, found)| found * rules.stretch(grid.x[node])).sum::<f64>() / mass;
    let memory = rules.memory(utilisation).max(1e-12);
    // The same for all others inside, so that the mean stays what it is.
    let now = |value: f64| memory / (memory + value * slow * mean);
    let mut times = Spectrum::default();
    for (node, &found) in found.iter().enumerate().filter(|(_, found)| **found > 1e-9 * mass) {
        let stretch = rules.stretch(grid.x[node]);
        let wait = if node > grid.full { (grid.waiting(node) + 1.0) / speed } else { 0.0 };
        for &(value, share) in &rules.law.coarse {
            times.add((wait + value * slow * (mean + now(value) * (stretch - mean))) * 1e9, found * share);
        }
    }
    times
}

impl Chunk {
    fn keep(&mut self, share: f64) {
        self.mass *= share;
        for part in &mut self.parts {
            part.mass *= share;
            part.waits.keep(share);
            part.times.keep(share);
        }
    }

    /// Adds the time since requests were first sent, given as sums by attempt.
    fn grow_older(&mut self, ages: &[(f64, f64)]) {
        let all: f64 = ages.iter().map(|age| age.1).sum();
        if ages.len() < 2 || all <= 0.0 {
            return;
        }
        for part in &mut self.parts {
            for spectrum in [&mut part.waits, &mut part.times] {
                let atoms: Vec<(f64, f64)> = spectrum.atoms().collect();
                spectrum.clear();
                for &(sum, requests) in ages.iter().filter(|age| age.1 > 1e-9 * all) {
                    for &(value, mass) in &atoms {
                        spectrum.add(value + sum / requests, mass * requests / all);
                    }
                }
            }
        }
    }
}
