//! Arrivals at recorded instants, among those drawn from a rate.

use super::ArrivalProcess;

/// Both in order of time.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    drawn: ArrivalProcess,
    /// The next one drawn.
    ahead: u64,
    /// In ascending order, with `u64::MAX` at the end.
    instants: Vec<u64>,
    next: usize,
}

impl Recorded {
    /// Arrivals at these instants in ascending order, and those of `drawn`.
    pub(crate) fn new(mut instants: Vec<u64>, mut drawn: ArrivalProcess) -> Self {
        debug_assert!(instants.is_sorted());
        instants.push(u64::MAX);
        let ahead = one(&mut drawn);
        Self { drawn, ahead, instants, next: 0 }
    }

    /// The next arrivals in nanoseconds, as many as fit; `u64::MAX` where there are no more.
    pub(crate) fn fill(&mut self, out: &mut [u64]) {
        for arrival in out {
            let recorded = self.instants[self.next];
            if self.ahead < recorded {
                *arrival = self.ahead;
                self.ahead = one(&mut self.drawn);
            } else {
                *arrival = recorded;
                self.next = (self.next + 1).min(self.instants.len() - 1);
            }
        }
    }
}

fn one(process: &mut ArrivalProcess) -> u64 {
    let mut next = [0];
    process.fill(&mut next);
    next[0]
}

#[cfg(test)]
mod tests {
    use super::Recorded;
    use crate::plan::{Arrivals, Curve};
    use crate::random::Streams;
    use crate::traffic::ArrivalProcess;

    #[test]
    fn recorded_and_drawn_arrivals_are_merged() {
        let every_second = ArrivalProcess::new(&Curve::constant(1.0), Arrivals::Constant, Streams::new(1).stream("web/arrivals"));
        let mut both = Recorded::new(vec![500_000_000, 500_000_000, 1_000_000_000, 2_500_000_000], every_second);
        let mut out = [0; 7];
        both.fill(&mut out);
        assert_eq!(out.map(|ns| ns / 1_000_000), [500, 500, 1000, 1000, 2000, 2500, 3000]);
        let none = ArrivalProcess::new(&Curve::ZERO, Arrivals::Poisson, Streams::new(1).stream("web/arrivals"));
        let mut alone = Recorded::new(vec![7], none);
        alone.fill(&mut out);
        assert_eq!(out, [7, u64::MAX, u64::MAX, u64::MAX, u64::MAX, u64::MAX, u64::MAX]);
    }
}
