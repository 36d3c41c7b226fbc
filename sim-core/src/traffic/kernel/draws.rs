//! Times from a distribution, drawn ahead.

use super::customers::BATCH;
use super::instant::NEVER;
use crate::random::{Distribution, Stream};
use crate::traffic::round;

/// Draws times in nanoseconds from a stream that nothing else uses, a batch at a time.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    distribution: Distribution,
    stream: Stream,
    batch: Box<[u64; BATCH]>,
    next: usize,
}

impl Draws {
    pub(super) fn new(distribution: Distribution, stream: Stream) -> Self {
        Self { distribution, stream, batch: Box::new([0; BATCH]), next: BATCH }
    }

    /// The next time.
    pub(super) fn take(&mut self) -> u64 {
        if self.next == BATCH {
            self.next = 0;
            self.distribution.fill(&mut self.stream, &mut self.batch[..], |seconds| round(seconds * 1e9).min(NEVER));
        }
        self.next += 1;
        self.batch[self.next - 1]
    }
}
