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
    /// From arrival to answer, in nanoseconds, of completed requests.
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
        self.latency.merge(&other.latency);
        self.wait.merge(&other.wait);
    }

    /// Back to nothing, keeping the memory.
    pub fn clear(&mut self) {
        (self.offered, self.completed, self.timed_out, self.rejected, self.failed) = (0, 0, 0, 0, 0);
        self.latency.clear();
        self.wait.clear();
    }
}

/// Completed requests that are recorded together: histograms take many values faster than one.
const TOGETHER: usize = 128;

/// A meter that puts completed requests aside until there are enough of them to record.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    meter: Meter,
    latencies: [u64; TOGETHER],
    waits: [u64; TOGETHER],
    aside: usize,
    waited: usize,
}

impl Recorder {
    /// Counts a completed request.
    #[inline(always)]
    pub(super) fn complete(&mut self, latency: u64, wait: u64) {
        if self.aside >= TOGETHER || self.waited >= TOGETHER {
            self.flush();
        }
        self.latencies[self.aside] = latency;
        self.waits[self.waited] = wait;
        self.aside += 1;
        // Many requests do not wait, and their bucket would be a bottleneck.
        self.waited += usize::from(wait != 0);
    }

    /// For counts of everything else.
    pub(super) const fn counts(&mut self) -> &mut Meter {
        &mut self.meter
    }

    /// Brings the meter up to date.
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

impl Default for Recorder {
    fn default() -> Self {
        Self { meter: Meter::default(), latencies: [0; TOGETHER], waits: [0; TOGETHER], aside: 0, waited: 0 }
    }
}
