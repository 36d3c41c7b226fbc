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
    }

    /// Back to nothing, keeping the memory.
    pub fn clear(&mut self) {
        (self.offered, self.completed, self.timed_out, self.rejected, self.failed, self.retried) = (0, 0, 0, 0, 0, 0);
        self.latency.clear();
        self.wait.clear();
    }
}

/// Most requests that a [`Page`] takes.
pub(super) const PAGE: usize = 256;

/// A meter that puts completed requests aside until there are some to record together: histograms take many values faster than one.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    meter: Meter,
    latencies: [u64; 2 * PAGE],
    waits: [u64; 2 * PAGE],
    aside: usize,
    waited: usize,
}

/// Room for the next [`PAGE`] requests, with the counters where the compiler can keep them in registers.
pub(super) struct Page<'a> {
    recorder: &'a mut Recorder,
    aside: usize,
    waited: usize,
}

impl Recorder {
    /// A new page.
    pub(super) fn page(&mut self) -> Page<'_> {
        if self.aside > PAGE {
            self.flush();
        }
        Page { aside: self.aside, waited: self.waited, recorder: self }
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
        self.flush();
        &mut self.meter
    }

    fn flush(&mut self) {
        self.meter.completed += self.aside as u64;
        self.meter.latency.record_all(&self.latencies[..self.aside]);
        self.meter.wait.record_all(&self.waits[..self.waited]);
        self.meter.wait.record_times(0, (self.aside - self.waited) as u64);
        (self.aside, self.waited) = (0, 0);
    }
}

impl Page<'_> {
    /// Counts a completed request.
    #[inline(always)]
    pub(super) fn complete(&mut self, latency: u64, wait: u64) {
        self.recorder.latencies[self.aside % (2 * PAGE)] = latency;
        self.recorder.waits[self.waited % (2 * PAGE)] = wait;
        self.aside += 1;
        // Many requests do not wait, and counting each would make their bucket a bottleneck.
        self.waited += usize::from(wait != 0);
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
        self.recorder.aside = self.aside;
        self.recorder.waited = self.waited;
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self { meter: Meter::default(), latencies: [0; 2 * PAGE], waits: [0; 2 * PAGE], aside: 0, waited: 0 }
    }
}
