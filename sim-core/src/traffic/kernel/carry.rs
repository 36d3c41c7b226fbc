//! Requests whose outcome lies beyond the end of the segment in which they arrived.

use crate::traffic::meter::{PAGE, Page, Recorder};

/// What will become of a request, unless its pod goes before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    /// When it happens.
    pub(super) outcome: u64,
    /// When the request arrived, which is when it was first sent.
    pub(super) arrival: u64,
    /// How long after its arrival a worker takes it; [`TIMED_OUT`] if the client gives up before it is answered.
    pub(super) wait: u64,
    /// The pod.
    pub(super) slot: u32,
    /// How often it has been sent.
    pub(super) attempts: u32,
}

/// Takes the place of the wait of a request that times out.
pub(super) const TIMED_OUT: u64 = u64::MAX;

/// Pending outcomes in a radix heap: the bucket of an outcome is the highest bit in which it differs from a reference instant before it.
///
/// Everything up to an instant is wanted at once and in any order, so a sorted heap would do too much. When the reference moves on, lower buckets are due
/// as a whole, higher ones stay as they are, and only the one in between is looked through; a request moves down at most once a bit
/// however often that happens.
#[derive(Clone, Debug)]
pub(super) struct Carry {
    reference: u64,
    /// Bit *b* is set if bucket *b* holds something.
    occupied: u64,
    len: u64,
    buckets: [Bucket; 64],
    /// Memory for the bucket that is looked through.
    opened: Vec<Pending>,
}

#[derive(Clone, Debug)]
struct Bucket {
    /// No outcome in the bucket is before this; `u64::MAX` if it is empty.
    earliest: u64,
    pending: Vec<Pending>,
}

impl Default for Carry {
    fn default() -> Self {
        let buckets = std::array::from_fn(|_| Bucket { earliest: u64::MAX, pending: Vec::new() });
        Self { reference: 0, occupied: 0, len: 0, buckets, opened: Vec::new() }
    }
}

impl Carry {
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Adds an outcome after the latest instant settled.
    #[inline]
    pub(super) fn push(&mut self, pending: Pending) {
        self.len += 1;
        self.place(pending);
    }

    #[inline(always)]
    fn place(&mut self, pending: Pending) {
        let index = (pending.outcome ^ self.reference).ilog2() as usize;
        let bucket = &mut self.buckets[index];
        bucket.earliest = bucket.earliest.min(pending.outcome);
        bucket.pending.push(pending);
        self.occupied |= 1 << index;
    }

    /// Records every outcome up to `until`.
    pub(super) fn settle(&mut self, until: u64, recorder: &mut Recorder) {
        // Outcomes in a lower bucket are before those in a higher one.
        if self.occupied == 0 || self.buckets[self.occupied.trailing_zeros() as usize].earliest > until {
            return;
        }
        let middle = (until ^ self.reference).ilog2();
        self.reference = until;
        while self.occupied.trailing_zeros() < middle {
            let index = self.occupied.trailing_zeros() as usize;
            self.occupied &= self.occupied - 1;
            let bucket = &mut self.buckets[index];
            bucket.earliest = u64::MAX;
            self.len -= bucket.pending.len() as u64;
            record(&bucket.pending, recorder);
            bucket.pending.clear();
        }
        if self.occupied.trailing_zeros() == middle {
            self.occupied &= self.occupied - 1;
            self.open(middle as usize, until, recorder);
        }
    }

    /// Records what is due of a bucket and places the rest anew.
    fn open(&mut self, index: usize, until: u64, recorder: &mut Recorder) {
        let bucket = &mut self.buckets[index];
        bucket.earliest = u64::MAX;
        let mut opened = std::mem::replace(&mut bucket.pending, std::mem::take(&mut self.opened));
        for some in opened.chunks(PAGE) {
            let mut page = recorder.page();
            for &pending in some {
                if pending.outcome <= until {
                    self.len -= 1;
                    pending.record(&mut page);
                } else {
                    self.place(pending);
                }
            }
            page.close();
        }
        opened.clear();
        self.opened = opened;
    }

    /// Adds the requests of each pod to its count, by slot.
    pub(super) fn count(&self, counts: &mut [u32]) {
        for pending in self.buckets.iter().flat_map(|bucket| &bucket.pending) {
            counts[pending.slot as usize] += 1;
        }
    }

    /// Removes everything of a pod.
    pub(super) fn remove_all_of(&mut self, slot: u32) -> Vec<Pending> {
        let mut removed = Vec::new();
        for (index, bucket) in self.buckets.iter_mut().enumerate() {
            removed.extend(bucket.pending.extract_if(.., |pending| pending.slot == slot));
            if bucket.pending.is_empty() {
                bucket.earliest = u64::MAX;
                self.occupied &= !(1 << index);
            }
        }
        self.len -= removed.len() as u64;
        removed
    }
}

fn record(due: &[Pending], recorder: &mut Recorder) {
    for some in due.chunks(PAGE) {
        let mut page = recorder.page();
        for &pending in some {
            pending.record(&mut page);
        }
        page.close();
    }
}

impl Pending {
    /// Records the outcome.
    #[inline(always)]
    pub(super) fn record(self, page: &mut Page<'_>) {
        if self.wait == TIMED_OUT {
            page.time_out();
        } else {
            page.complete(self.outcome - self.arrival, self.wait, self.slot);
        }
    }
}
