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
    /// How long before the last attempt they were first sent, in nanoseconds; empty for all at once.
    ages: Vec<(f64, f64)>,
}

/// Those of a chunk that went to equally fast pods.
#[derive(Clone, Debug, Default)]
struct Part {
    slow: f64,
    mass: f64,
    /// How long they waited in the last attempt until work began, in nanoseconds.
    waits: Spectrum,
    /// How long that attempt took altogether, where that is not the wait and an independent service time.
    times: Spectrum,
    /// Shares of the mass by tier.
    tiers: Vec<f64>,
}

/// Requests that are counted together.
#[derive(Clone, Debug, Default)]
struct Taken {
    parts: Vec<Part>,
    /// How long before the last attempt they were first sent.
    ages: Spectrum,
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
    pub(super) fn close(&mut self, stations: &mut Stations) {
        let Stations { rules, grid, capacity, groups, .. } = stations;
        let mut chunk = Chunk::default();
        for group in groups.iter_mut() {
            group.settle();
            let mass: f64 = group.found.iter().sum();
            if mass <= 0.0 {
                continue;
            }
            let pods: f64 = group.tiers.iter().sum();
            let tiers = group.tiers.iter().map(|tier| tier / pods.max(1.0)).collect();
            let mut part = Part { slow: group.kind.slow, mass, tiers, ..Part::default() };
            let speed = capacity.departures[grid.full] / group.kind.slow;
            let idle: f64 = group.found[..grid.full].iter().sum();
            if idle > 0.0 {
                part.waits.add(rules.wake_up * 1e9, idle);
            }
            for node in grid.full..group.found.len() {
                let found = group.found[node];
                if found > 0.0 {
                    let mean = (grid.waiting(node) + grid.step) / speed;
                    let longest = rules.timeout.unwrap_or(f64::INFINITY);
                    let kept = |wait: f64| !rules.sheds(wait) && wait < longest;
                    let mut points = rules.waits(grid, speed, node).map(|(wait, share)| (wait + (mean - wait) * group.pressed, share));
                    let all: f64 = points.clone().filter(|point| kept(point.0)).map(|point| point.1).sum();
                    if all > 0.0 {
                        points.filter(|point| kept(point.0)).for_each(|(wait, share)| part.waits.add(wait * 1e9, found * share / all));
                    } else if let Some((wait, _)) = points.next() {
                        part.waits.add(wait.min(longest) * 1e9, found);
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
        chunk.take_ages(&self.ages);
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
        let mut taken = Taken::default();
        while left > 0.0 {
            let Some(chunk) = self.chunks.front_mut() else { break };
            let share = (left / chunk.mass).min(1.0);
            left -= chunk.mass * share;
            taken.add(chunk, share);
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
    fn write(&mut self, count: u64, taken: &Taken, rules: &Rules, meter: &mut Meter) {
        let (mut waits, mut services) = (Spectrum::default(), Spectrum::default());
        let mut by_tier: Vec<Spectrum> = vec![Spectrum::default(); meter.by_tier.len().max(1)];
        for part in &taken.parts {
            let times = part.latency(rules, &mut services);
            waits.add_all(&part.waits, 1.0);
            if by_tier.len() == 1 {
                by_tier[0].add_all(&times, 1.0);
            } else {
                by_tier.iter_mut().zip(&part.tiers).filter(|tier| *tier.1 > 0.0).for_each(|(tier, share)| tier.add_all(&times, *share));
            }
        }
        if by_tier.iter().all(Spectrum::is_empty) {
            // More were answered than noted: as if they had not waited.
            services = Spectrum::default();
            rules.law.fine.iter().for_each(|&(value, share)| services.add(rules.timeout.map_or(value, |timeout| value.min(timeout)) * 1e9, share));
            by_tier[0] = services.clone();
            waits.add(0.0, 1.0);
        }
        self.turn = (self.turn + GOLDEN).fract();
        if let Some(causes) = &mut meter.causes {
            write(count, &waits, self.turn, &mut causes.queue);
            if taken.ages.is_empty() {
                causes.retry.record_times(0, count);
            } else {
                write(count, &taken.ages, self.turn, &mut causes.retry);
            }
            causes.calls.record_times(0, count);
        }
        write(count, &services, self.turn, &mut meter.service);
        write(count, &waits.after(&taken.ages), self.turn, &mut meter.wait);
        let all: f64 = by_tier.iter().map(Spectrum::mass).sum();
        let (mut sum, mut written) = (0.0, 0);
        for (tier, times) in by_tier.iter().enumerate() {
            sum += times.mass();
            let due = if tier + 1 == by_tier.len() { count } else { ((sum / all * count as f64 + self.turn) as u64).min(count) };
            let histogram = meter.by_tier.get_mut(tier).unwrap_or(&mut meter.latency);
            // What is rounded to a tier without any goes to the next one.
            if due > written && times.mass() > 0.0 {
                write(due - written, &times.after(&taken.ages), self.turn, histogram);
                written = due;
            }
        }
        if written < count
            && let Some((tier, times)) = by_tier.iter().enumerate().rev().find(|tier| tier.1.mass() > 0.0)
        {
            write(count - written, &times.after(&taken.ages), self.turn, &mut meter.by_tier[tier]);
        }
        meter.by_tier.iter().for_each(|tier| meter.latency.merge(tier));
    }
}

impl Taken {
    /// Adds a share of a chunk.
    fn add(&mut self, chunk: &Chunk, share: f64) {
        for part in &chunk.parts {
            let place = self.parts.iter().position(|other| other.slow == part.slow).unwrap_or_else(|| {
                self.parts.push(Part { slow: part.slow, ..Part::default() });
                self.parts.len() - 1
            });
            let of = &mut self.parts[place];
            let mass = part.mass * share;
            of.tiers.resize(of.tiers.len().max(part.tiers.len()), 0.0);
            for (tier, more) in of.tiers.iter_mut().zip(part.tiers.iter().chain(std::iter::repeat(&0.0))) {
                *tier = (*tier * of.mass + more * mass) / (of.mass + mass);
            }
            of.mass += mass;
            of.waits.add_all(&part.waits, share);
            of.times.add_all(&part.times, share);
        }
        if chunk.ages.is_empty() {
            self.ages.add(0.0, chunk.mass * share);
        }
        chunk.ages.iter().for_each(|(age, part)| self.ages.add(*age, chunk.mass * share * part));
    }
}

impl Part {
    /// How long the last attempt took; adds how long the work took.
    fn latency(&self, rules: &Rules, services: &mut Spectrum) -> Spectrum {
        let timeout = rules.timeout.map_or(f64::INFINITY, |timeout| timeout * 1e9);
        let mut times = Spectrum::default();
        let mut add = |time: f64, mass: f64| {
            if time <= timeout {
                times.add(time, mass);
            }
        };
        if rules.shares() {
            self.times.atoms().for_each(|(time, mass)| add(time, mass));
            services.add_all(&self.times, 1.0);
            return times;
        }
        let slow = self.slow * 1e9;
        rules.law.fine.iter().filter(|portion| portion.0 * slow <= timeout).for_each(|&(value, share)| services.add(value * slow, self.mass * share));
        let heavy = 0.05 * self.mass;
        let mut others = Spectrum::default();
        for (offset, mass) in self.waits.atoms() {
            if mass >= heavy {
                rules.law.fine.iter().for_each(|&(value, share)| add(offset + value * slow, mass * share));
            } else {
                others.add(offset, mass);
            }
        }
        for (offset, mass) in others.merged(OFFSETS) {
            rules.law.coarse.iter().for_each(|&(value, share)| add(offset + value * slow, mass * share));
        }
        times
    }
}

/// Writes whole requests in these proportions.
fn write(count: u64, times: &Spectrum, turn: f64, histogram: &mut Histogram) {
    let mass = times.mass();
    let (mut sum, mut written, mut last) = (0.0, 0, 0.0);
    for (value, of) in times.atoms() {
        last = value;
        sum += of;
        let due = ((sum / mass * count as f64 + turn) as u64).min(count);
        if due > written {
            histogram.record_times(round(value), due - written);
            written = due;
        }
    }
    if written < count {
        histogram.record_times(round(last), count - written);
    }
}

/// How long requests take with processor sharing. A short one takes as many times longer as there are others when it comes, a long one as there are on
/// average.
fn shared_times(rules: &Rules, found: &[f64], grid: &super::grid::Grid, slow: f64, speed: f64, utilisation: f64) -> Spectrum {
    let mass: f64 = found.iter().sum();
    let mean: f64 = found.iter().enumerate().map(|(node, found)| found * rules.stretch(rules.beside(grid, node))).sum::<f64>() / mass;
    let memory = rules.memory(utilisation).max(1e-12);
    // The same for all others inside, so that the mean stays what it is.
    let now = |value: f64| memory / (memory + value * slow * mean);
    let mut times = Spectrum::default();
    for (node, &found) in found.iter().enumerate().filter(|(_, found)| **found > 1e-9 * mass) {
        let stretch = rules.stretch(rules.beside(grid, node));
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

    /// Notes the time since requests were first sent, given as sums by attempt.
    fn take_ages(&mut self, ages: &[(f64, f64)]) {
        let all: f64 = ages.iter().map(|age| age.1).sum();
        if ages.len() > 1 && all > 0.0 {
            self.ages = ages.iter().filter(|age| age.1 > 1e-9 * all).map(|(sum, requests)| (sum / requests, requests / all)).collect();
        }
    }
}
