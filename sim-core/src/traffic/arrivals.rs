//! When requests arrive.

use super::round;
use crate::plan::{Arrivals, Curve};
use crate::random::{Stream, exp1};
use crate::units::Time;

/// Arrival times in order, from a curve of arrivals per second, by exact inversion of its integral.
///
/// A Poisson process of rate 1, or the whole numbers, mapped through the inverse of the integrated rate is the process wanted. Progress is
/// counted in expected arrivals since the start of the current piece, so that rounding does not add up; what remains at a breakpoint
/// is carried into the next piece, so that an arrival costs one draw and pieces with rate zero none.
#[derive(Clone, Debug)]
pub struct ArrivalProcess {
    pieces: Vec<Stretch>,
    index: usize,
    current: Stretch,
    /// Expected arrivals from the start of the current piece to the next arrival.
    progress: f64,
    poisson: bool,
    stream: Stream,
}

/// Arrivals that are drawn at once.
const CHUNK: usize = 128;

/// A piece of the curve, made ready for inversion.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    start: u64,
    end: u64,
    /// Expected arrivals in the piece.
    area: f64,
    /// Nanoseconds an expected arrival, where the rate is constant.
    spacing: f64,
    /// Arrivals per nanosecond at the start.
    rate: f64,
    /// Twice the growth of the rate per nanosecond; zero where the rate is constant.
    slope2: f64,
}

/// After the last arrival.
const OVER: Stretch = Stretch { start: u64::MAX, end: u64::MAX, area: f64::INFINITY, spacing: 0.0, rate: 0.0, slope2: 0.0 };

impl ArrivalProcess {
    /// Arrivals at this rate from time zero on.
    pub fn new(rate: &Curve, arrivals: Arrivals, stream: Stream) -> Self {
        let pieces: Vec<Stretch> = (0..rate.pieces().len()).map(|index| Stretch::new(rate, index)).filter(|piece| piece.area > 0.0).collect();
        let current = pieces.first().copied().unwrap_or(OVER);
        let mut process = Self { pieces, index: 0, current, progress: 0.0, poisson: arrivals == Arrivals::Poisson, stream };
        let mut first = [1.0];
        process.draw(&mut first);
        process.progress = first[0];
        process
    }

    /// The next arrivals in nanoseconds; `u64::MAX` where there are no more.
    pub fn fill(&mut self, out: &mut [u64]) {
        let mut gaps = [1.0; CHUNK];
        for mut chunk in out.chunks_mut(CHUNK) {
            let mut gaps = &mut gaps[..chunk.len()];
            self.draw(gaps);
            while !chunk.is_empty() {
                let placed = self.current.place(&mut self.progress, gaps, chunk);
                (gaps, chunk) = (&mut gaps[placed..], &mut chunk[placed..]);
                if !chunk.is_empty() {
                    self.progress -= self.current.area;
                    self.index += 1;
                    self.current = self.pieces.get(self.index).copied().unwrap_or(OVER);
                }
            }
        }
    }

    fn draw(&mut self, gaps: &mut [f64]) {
        if self.poisson {
            let mut stream = self.stream.clone();
            gaps.fill_with(|| exp1(&mut stream));
            self.stream = stream;
        }
    }
}

impl Iterator for ArrivalProcess {
    type Item = Time;

    fn next(&mut self) -> Option<Time> {
        let mut arrival = 0;
        self.fill(std::slice::from_mut(&mut arrival));
        (arrival < u64::MAX).then(|| Time::from_nanos(arrival))
    }
}

impl Stretch {
    fn new(rate: &Curve, index: usize) -> Self {
        let (piece, end) = (rate.pieces()[index], rate.piece_end(index));
        let length = end.since(piece.start).as_nanos() as f64;
        let (first, last) = (piece.start_value / 1e9, piece.end_value / 1e9);
        let area = if end == Time::MAX && first > 0.0 { f64::INFINITY } else { f64::midpoint(first, last) * length };
        Self { start: piece.start.as_nanos(), end: end.as_nanos(), area, spacing: 1e9 / piece.start_value, rate: first, slope2: 2.0 * (last - first) / length }
    }

    /// Places the next arrival and those that follow it after the gaps, as far as they lie in this piece; returns how many.
    fn place(&self, progress: &mut f64, gaps: &[f64], out: &mut [u64]) -> usize {
        if self.slope2 == 0.0 {
            self.place_by(progress, gaps, out, |progress| progress * self.spacing)
        } else {
            // The root of rate x + slope x^2 / 2 = progress in the form that does not cancel; at the end of a falling piece the discriminant may
            // round to just below zero.
            self.place_by(progress, gaps, out, |progress| {
                2.0 * progress / (self.rate + (self.rate * self.rate + self.slope2 * progress).max(0.0).sqrt())
            })
        }
    }

    #[inline(always)]
    fn place_by(&self, progress: &mut f64, gaps: &[f64], out: &mut [u64], offset: impl Fn(f64) -> f64) -> usize {
        let (mut next, mut placed, length) = (*progress, 0, self.end - self.start);
        for (arrival, gap) in out.iter_mut().zip(gaps) {
            if next >= self.area {
                break;
            }
            *arrival = self.start + round(offset(next)).min(length);
            next += gap;
            placed += 1;
        }
        *progress = next;
        placed
    }
}
