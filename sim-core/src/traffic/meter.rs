//! What became of the requests of a window or of a run.

use super::Histogram;

/// Counts of requests and the times of those that completed. Every request is counted once as offered, when it arrives, and once as what became
/// of it, when that happens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meter {
    /// Arrived.
    pub offered: u64,
    /// Answered in time.
    pub completed: u64,
    /// Given up by the client.
    pub timed_out: u64,
    /// Refused: no pod, or a full queue.
    pub rejected: u64,
    /// Lost with their pod.
    pub failed: u64,
    /// Attempts after the first. They are no requests of their own: only what becomes of the last attempt counts above.
    pub retried: u64,
    /// From arrival, which is the first attempt's, to answer, in nanoseconds, of completed requests.
    pub latency: Histogram,
    /// From arrival to the start of work, in nanoseconds, of completed requests.
    pub wait: Histogram,
    /// From the start of work to its end, in nanoseconds, of completed requests, without what other services did for them.
    pub service: Histogram,
    /// Latency by the tier of the pod, by [`crate::plan::Tier`]; empty while all pods are in one tier.
    pub by_tier: Vec<Histogram>,
    /// What else latency is made of, where requests are sent again or call other services.
    pub causes: Option<Box<Causes>>,
}

/// Parts of latency that only some services have. With the service time they add up to the latency of each request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Causes {
    /// Waiting at the pod for a worker, in the last attempt.
    pub queue: Histogram,
    /// From the first attempt to the last one.
    pub retry: Histogram,
    /// From the end of its own work to the answers of all services that it called.
    pub calls: Histogram,
}

impl Meter {
    /// Requests of which it is known what became of them.
    pub const fn settled(&self) -> u64 {
        self.completed + self.timed_out + self.rejected + self.failed
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.offered += other.offered;
        self.completed += other.completed;
        self.timed_out += other.timed_out;
        self.rejected += other.rejected;
        self.failed += other.failed;
        self.retried += other.retried;
        self.latency.merge(&other.latency);
        self.wait.merge(&other.wait);
        self.service.merge(&other.service);
        self.by_tier.resize_with(self.by_tier.len().max(other.by_tier.len()), Histogram::new);
        self.by_tier.iter_mut().zip(&other.by_tier).for_each(|(tier, other)| tier.merge(other));
        if let Some(others) = &other.causes {
            let causes = self.causes.get_or_insert_default();
            causes.queue.merge(&others.queue);
            causes.retry.merge(&others.retry);
            causes.calls.merge(&others.calls);
        }
    }

    /// Waiting at the pod, the part of the wait that is not for an attempt before.
    pub fn queue(&self) -> &Histogram {
        self.causes.as_ref().map_or(&self.wait, |causes| &causes.queue)
    }

    /// Notes how long it took until the last attempt; most requests have none before it.
    fn note_zeros(&mut self, waited_not: u64, retried_not: u64, called_not: u64) {
        self.wait.record_times(0, waited_not);
        if let Some(causes) = &mut self.causes {
            causes.queue.record_times(0, waited_not);
            causes.retry.record_times(0, retried_not);
            causes.calls.record_times(0, called_not);
        }
    }

    /// Back to nothing, keeping the memory.
    pub fn clear(&mut self) {
        (self.offered, self.completed, self.timed_out, self.rejected, self.failed, self.retried) = (0, 0, 0, 0, 0, 0);
        self.latency.clear();
        self.wait.clear();
        self.service.clear();
        self.by_tier.iter_mut().for_each(Histogram::clear);
        if let Some(causes) = &mut self.causes {
            causes.queue.clear();
            causes.retry.clear();
            causes.calls.clear();
        }
    }
}

/// Most requests that a [`Page`] takes.
pub(super) const PAGE: usize = 256;

/// A meter that puts completed requests aside until there are some to record together: histograms take many values faster than one.
///
/// A request that has not waited has a latency that is its service time. Such requests are recorded once, in a histogram of their own, which is added to both when
/// the meter is asked for.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    meter: Meter,
    /// Service times of those that have not waited: by tier, or of all while there is one tier.
    unwaited: Vec<Histogram>,
    aside: Aside,
    tiers: Tiers,
}

/// Completed requests that are still to be recorded.
#[derive(Clone, Debug)]
struct Aside {
    /// Those that have not waited: latency and slot.
    unwaited: [u64; 2 * PAGE],
    unwaited_slots: [u32; 2 * PAGE],
    /// All others: latency, service time and slot.
    latencies: [u64; 2 * PAGE],
    services: [u64; 2 * PAGE],
    slots: [u32; 2 * PAGE],
    /// How long these have waited, but for those whose causes have been recorded one by one.
    waits: [u64; 2 * PAGE],
    places: Places,
    /// Requests whose causes have been recorded one by one and that called others.
    called: usize,
}

/// How many are aside: in the three lists of [`Aside`].
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    unwaited: usize,
    others: usize,
    waited: usize,
}

/// Where pods are.
#[derive(Clone, Debug, Default)]
struct Tiers {
    /// By slot.
    of_slot: Vec<u16>,
    /// The first one that a pod was in, and the last one in the order of tiers.
    first: Option<u16>,
    last: u16,
}

/// Room for the next [`PAGE`] requests, with the counters where the compiler can keep them in registers.
pub(super) struct Page<'a> {
    recorder: &'a mut Recorder,
    places: Places,
}

/// A completed request with the parts of its latency, which add up to it; in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// From its first attempt to its last one.
    pub(super) retry: u64,
    /// Waiting for a worker.
    pub(super) queue: u64,
    /// Work.
    pub(super) service: u64,
    /// Waiting for other services.
    pub(super) calls: u64,
}

impl Parts {
    pub(super) const fn latency(self) -> u64 {
        self.retry + self.queue + self.service + self.calls
    }
}

impl Recorder {
    /// A recorder that tells more parts of latency apart than waiting and work.
    pub(super) fn new(has_causes: bool) -> Self {
        let meter = Meter { causes: has_causes.then(Box::default), ..Meter::default() };
        Self { meter, unwaited: vec![Histogram::new()], aside: Aside::new(), tiers: Tiers::default() }
    }

    /// Notes the tier of the pod that has a slot from now on. Returns the only tier so far if this is the first pod in another one: what was
    /// recorded until now belongs there.
    pub(super) fn set_tier(&mut self, slot: u32, tier: u16) -> Option<u16> {
        self.settle();
        let place = slot as usize;
        if place >= self.tiers.of_slot.len() {
            self.tiers.of_slot.resize(place + 1, tier);
        }
        self.tiers.of_slot[place] = tier;
        let first = *self.tiers.first.get_or_insert(tier);
        let is_news = tier != first && self.meter.by_tier.is_empty();
        if is_news {
            self.meter.split(first);
        }
        self.tiers.last = self.tiers.last.max(tier);
        is_news.then_some(first)
    }

    /// The tier of all pods so far, if it is one.
    pub(super) fn only_tier(&self) -> Option<u16> {
        self.tiers.first.filter(|_| self.meter.by_tier.is_empty())
    }

    /// A new page.
    pub(super) fn page(&mut self) -> Page<'_> {
        self.make_room();
        Page { places: self.aside.places, recorder: self }
    }

    /// For counts other than of completed requests, and outside of a page.
    pub(super) const fn counts(&mut self) -> &mut Meter {
        &mut self.meter
    }

    /// What was counted so far, without the completed requests that are still aside.
    pub(super) const fn counts_so_far(&self) -> &Meter {
        &self.meter
    }

    /// The meter, up to date.
    pub(super) fn meter(&mut self) -> &mut Meter {
        self.settle();
        let meter = &mut self.meter;
        if !meter.by_tier.is_empty() {
            meter.latency.clear();
            meter.by_tier.iter().for_each(|tier| meter.latency.merge(tier));
        }
        meter
    }

    /// Counts a completed request whose latency has more parts than waiting and work.
    pub(super) fn complete(&mut self, parts: Parts, slot: u32) {
        self.make_room();
        let aside = &mut self.aside;
        let place = aside.places.others;
        (aside.latencies[place], aside.services[place], aside.slots[place]) = (parts.latency(), parts.service, slot);
        aside.places.others += 1;
        aside.called += usize::from(parts.calls > 0);
        self.meter.wait.record(parts.retry + parts.queue);
        if let Some(causes) = &mut self.meter.causes {
            causes.queue.record(parts.queue);
            causes.retry.record(parts.retry);
            if parts.calls > 0 {
                causes.calls.record(parts.calls);
            }
        }
    }

    /// Makes room for a page.
    fn make_room(&mut self) {
        let Places { unwaited, others, .. } = self.aside.places;
        if unwaited.max(others) > PAGE {
            self.flush();
        }
    }

    /// Records what is aside.
    fn flush(&mut self) {
        let Self { meter, unwaited: histograms, aside, tiers } = self;
        let Places { unwaited, others, waited } = std::mem::take(&mut aside.places);
        let called = std::mem::take(&mut aside.called);
        meter.completed += (unwaited + others) as u64;
        if meter.by_tier.is_empty() {
            histograms[0].record_all(&aside.unwaited[..unwaited]);
            meter.latency.record_all(&aside.latencies[..others]);
        } else {
            // Meters take turns, and this one may not have met all tiers.
            let count = usize::from(tiers.last) + 1;
            meter.by_tier.resize_with(count.max(meter.by_tier.len()), Histogram::new);
            histograms.resize_with(count.max(histograms.len()), Histogram::new);
            tiers.record(&mut aside.unwaited[..unwaited], &mut aside.unwaited_slots[..unwaited], histograms);
            tiers.record(&mut aside.latencies[..others], &mut aside.slots[..others], &mut meter.by_tier);
        }
        meter.service.record_all(&aside.services[..others]);
        meter.wait.record_all(&aside.waits[..waited]);
        if let Some(causes) = &mut meter.causes {
            causes.queue.record_all(&aside.waits[..waited]);
        }
        meter.note_zeros(unwaited as u64, (unwaited + waited) as u64, (unwaited + others - called) as u64);
    }

    /// Records what is aside, and adds those that have not waited to both histograms where they belong.
    fn settle(&mut self) {
        self.flush();
        let meter = &mut self.meter;
        for (tier, unwaited) in self.unwaited.iter_mut().enumerate().filter(|(_, unwaited)| !unwaited.is_empty()) {
            meter.by_tier.get_mut(tier).unwrap_or(&mut meter.latency).merge(unwaited);
            meter.service.merge(unwaited);
            unwaited.clear();
        }
    }
}

impl Aside {
    const fn new() -> Self {
        Self {
            unwaited: [0; 2 * PAGE],
            unwaited_slots: [0; 2 * PAGE],
            latencies: [0; 2 * PAGE],
            services: [0; 2 * PAGE],
            slots: [0; 2 * PAGE],
            waits: [0; 2 * PAGE],
            places: Places { unwaited: 0, others: 0, waited: 0 },
            called: 0,
        }
    }
}

impl Tiers {
    /// Records at most two pages of values in the histograms of their pods' tiers, and leaves something else in their places.
    fn record(&self, values: &mut [u64], slots: &mut [u32], histograms: &mut [Histogram]) {
        let Some((last, others)) = histograms.split_last_mut() else { return };
        let (mut of_tier, mut left) = ([0; 2 * PAGE], values.len());
        for (tier, histogram) in others.iter_mut().enumerate() {
            let (mut count, mut rest) = (0, 0);
            // Which tier a request was in is not predictable, so all are written to both sides and counted on one.
            for index in 0..left {
                let (value, slot) = (values[index], slots[index]);
                (of_tier[count % (2 * PAGE)], values[rest], slots[rest]) = (value, value, slot);
                let is_here = usize::from(usize::from(self.of_slot[slot as usize]) == tier);
                count += is_here;
                rest += 1 - is_here;
            }
            histogram.record_all(&of_tier[..count]);
            left = rest;
        }
        last.record_all(&values[..left]);
    }
}

impl Meter {
    /// Begins to tell tiers apart: all so far was in this one.
    pub(super) fn split(&mut self, first: u16) {
        self.by_tier.resize_with(usize::from(first) + 1, Histogram::new);
        self.by_tier[usize::from(first)] = self.latency.clone();
    }
}

impl Page<'_> {
    /// Counts a completed request that the pod in this slot has served.
    #[inline(always)]
    pub(super) fn complete(&mut self, latency: u64, wait: u64, slot: u32) {
        // Whether a request waits is not predictable, so that it is written in both lists and counted in one.
        let (aside, places) = (&mut self.recorder.aside, &mut self.places);
        let has_waited = usize::from(wait != 0);
        (aside.unwaited[places.unwaited % (2 * PAGE)], aside.unwaited_slots[places.unwaited % (2 * PAGE)]) = (latency, slot);
        let place = places.others % (2 * PAGE);
        (aside.latencies[place], aside.services[place], aside.slots[place]) = (latency, latency - wait, slot);
        aside.waits[places.waited % (2 * PAGE)] = wait;
        places.unwaited += 1 - has_waited;
        places.others += has_waited;
        places.waited += has_waited;
    }

    /// Counts a request that timed out.
    pub(super) const fn time_out(&mut self) {
        self.recorder.meter.timed_out += 1;
    }

    /// Counts a request that was refused.
    pub(super) const fn reject(&mut self) {
        self.recorder.meter.rejected += 1;
    }

    /// Puts the counters back.
    #[inline(always)]
    pub(super) const fn close(self) {
        self.recorder.aside.places = self.places;
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new(false)
    }
}
