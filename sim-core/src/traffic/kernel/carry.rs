//! Requests whose outcome lies beyond the end of the segment in which they arrived.

use crate::traffic::meter::Recorder;

/// What will become of a request, unless its pod goes before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    /// When it happens.
    pub(super) outcome: u64,
    /// When the request arrived.
    pub(super) arrival: u64,
    /// How long it waits for a worker; [`TIMED_OUT`] if the client gives up before it is answered.
    pub(super) wait: u64,
    /// The pod.
    pub(super) slot: u32,
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
}

#[derive(Clone, Debug, Default)]
struct Bucket {
    /// Not after any outcome in the bucket.
    earliest: u64,
    pending: Vec<Pending>,
}

impl Default for Carry {
    fn default() -> Self {
        Self { reference: 0, occupied: 0, len: 0, buckets: std::array::from_fn(|_| Bucket::default()) }
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

    fn place(&mut self, pending: Pending) {
        let index = (pending.outcome ^ self.reference).ilog2() as usize;
        let bucket = &mut self.buckets[index];
        bucket.earliest = if bucket.pending.is_empty() { pending.outcome } else { bucket.earliest.min(pending.outcome) };
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
        let mut due = self.occupied & (u64::MAX >> (63 - middle));
        self.occupied &= !due;
        while due != 0 {
            let index = due.trailing_zeros() as usize;
            due &= due - 1;
            // Put back below, to keep its memory.
            let mut bucket = std::mem::take(&mut self.buckets[index].pending);
            for &pending in &bucket {
                if pending.outcome <= until {
                    self.len -= 1;
                    pending.record(recorder);
                } else {
                    self.place(pending);
                }
            }
            bucket.clear();
            self.buckets[index].pending = bucket;
        }
    }

    /// Removes everything of a pod and returns how much that was.
    pub(super) fn take_all_of(&mut self, slot: u32) -> u64 {
        let before = self.len;
        for (index, bucket) in self.buckets.iter_mut().enumerate() {
            let held = bucket.pending.len();
            bucket.pending.retain(|pending| pending.slot != slot);
            self.len -= (held - bucket.pending.len()) as u64;
            if bucket.pending.is_empty() {
                self.occupied &= !(1 << index);
            }
        }
        before - self.len
    }
}

impl Pending {
    #[inline]
    pub(super) fn record(self, recorder: &mut Recorder) {
        if self.wait == TIMED_OUT {
            recorder.counts().timed_out += 1;
        } else {
            recorder.complete(self.outcome - self.arrival, self.wait);
        }
    }
}
