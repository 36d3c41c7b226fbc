//! When requests arrive.

use super::round;
mod modulated;
mod recorded;

use crate::plan::{Arrivals, Curve};
use crate::random::{Stream, exp1};
use crate::units::Time;

pub(super) use modulated::path;
pub(super) use recorded::Recorded;

/// Arrival times in order, from a curve of arrivals per second, by exact inversion of its integral.
///
/// A Poisson process of rate 1, another renewal process of rate 1, or the whole numbers, mapped through the inverse of the integrated rate is the process
/// wanted. Progress is
/// counted in expected arrivals since the start of the current piece, so that rounding does not add up; what remains at a breakpoint
/// is carried into the next piece, so that an arrival costs one draw and pieces with rate zero none.
#[derive(Clone, Debug)]
pub struct ArrivalProcess {
    pieces: Vec<Stretch>,
    index: usize,
    current: Stretch,
    /// Expected arrivals from the start of the current piece to the next arrival.
    progress: f64,
    latest: u64,
    gaps: Arrivals,
    stream: Stream,
}

/// A piece of the curve, made ready for inversion.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    start: u64,
    length: u64,
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
const OVER: Stretch = Stretch { start: u64::MAX, length: 0, area: f64::INFINITY, spacing: 0.0, rate: 0.0, slope2: 0.0 };

impl ArrivalProcess {
    /// Arrivals at this rate from time zero on.
    pub fn new(rate: &Curve, arrivals: Arrivals, mut stream: Stream) -> Self {
        let pieces: Vec<Stretch> = (0..rate.pieces().len()).map(|index| Stretch::new(rate, index)).filter(|piece| piece.area > 0.0).collect();
        let current = pieces.first().copied().unwrap_or(OVER);
        let progress = match &arrivals {
            Arrivals::Poisson => exp1(&mut stream),
            Arrivals::Constant => 1.0,
            Arrivals::Renewal(gap) => gap.sample(&mut stream),
        };
        Self { pieces, index: 0, current, progress, latest: 0, gaps: arrivals, stream }
    }

    /// The next arrivals in nanoseconds, as many as fit; `u64::MAX` where there are no more.
    pub fn fill(&mut self, out: &mut [u64]) {
        // The gaps come first and into the same place: in a loop of its own, the generator stays in registers.
        match &self.gaps {
            Arrivals::Poisson => {
                let mut stream = self.stream.clone();
                out.fill_with(|| exp1(&mut stream).to_bits());
                self.stream = stream;
            }
            Arrivals::Constant => out.fill(1.0_f64.to_bits()),
            Arrivals::Renewal(gap) => gap.fill(&mut self.stream, out, f64::to_bits),
        }
        self.replace_gaps(out);
    }

    /// Puts the next arrivals in the place of the gaps after each.
    fn replace_gaps(&mut self, mut out: &mut [u64]) {
        while !out.is_empty() {
            if self.progress >= self.current.area {
                self.progress -= self.current.area;
                self.index += 1;
                self.current = self.pieces.get(self.index).copied().unwrap_or(OVER);
                continue;
            }
            let piece = self.current;
            let placed = if piece.slope2 == 0.0 {
                self.place(out, |progress| progress * piece.spacing)
            } else {
                // The root of rate x + slope x^2 / 2 = progress in the form that does not cancel; at the end of a falling piece the
                // discriminant may round to just below zero.
                self.place(out, |progress| 2.0 * progress / (piece.rate + (piece.rate * piece.rate + piece.slope2 * progress).max(0.0).sqrt()))
            };
            out = &mut out[placed..];
        }
    }

    /// Does so as far as the current piece goes, whose `offset` gives the nanoseconds from the start to some progress; returns how many fitted.
    #[inline(always)]
    fn place(&mut self, out: &mut [u64], offset: impl Fn(f64) -> f64) -> usize {
        let Stretch { start, length, area, .. } = self.current;
        let (mut progress, mut latest, mut placed) = (self.progress, self.latest, 0);
        for arrival in out {
            if progress >= area {
                break;
            }
            let gap = f64::from_bits(*arrival);
            latest = latest.max(start + round(offset(progress)).min(length));
            *arrival = latest;
            progress += gap;
            placed += 1;
        }
        (self.progress, self.latest) = (progress, latest);
        placed
    }
}

impl Iterator for ArrivalProcess {
    type Item = Time;

    fn next(&mut self) -> Option<Time> {
        let mut next = [0];
        self.fill(&mut next);
        (next[0] < u64::MAX).then(|| Time::from_nanos(next[0]))
    }
}

impl Stretch {
    fn new(rate: &Curve, index: usize) -> Self {
        let piece = rate.pieces()[index];
        let length = rate.piece_end(index).since(piece.start).as_nanos();
        let (first, last) = (piece.start_value / 1e9, piece.end_value / 1e9);
        let endless = index + 1 == rate.pieces().len();
        let area = if endless && first > 0.0 { f64::INFINITY } else { f64::midpoint(first, last) * length as f64 };
        Self { start: piece.start.as_nanos(), length, area, spacing: 1e9 / piece.start_value, rate: first, slope2: 2.0 * (last - first) / length as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::ArrivalProcess;
    use crate::plan::{Arrivals, Curve};
    use crate::random::Streams;
    use crate::units::{Span, Time};
    use proptest::prelude::*;

    fn t(s: u64) -> Time {
        Time::from_secs(s)
    }

    fn process(curve: &Curve, arrivals: Arrivals) -> ArrivalProcess {
        ArrivalProcess::new(curve, arrivals, Streams::new(5).stream("web/arrivals"))
    }

    #[test]
    fn even_arrivals_come_where_the_integral_is_a_whole_number() {
        let thirds: Vec<u64> = process(&Curve::constant(3.0), Arrivals::Constant).take(6).map(Time::as_nanos).collect();
        assert_eq!(thirds, [333_333_333, 666_666_667, 1_000_000_000, 1_333_333_333, 1_666_666_667, 2_000_000_000]);
        // A million seconds later the grid is still met: rounding does not add up.
        assert_eq!(process(&Curve::constant(3.0), Arrivals::Constant).nth(2_999_999), Some(t(1_000_000)));

        // 0 to 8 a second over 4 s: the integral is t^2, so the n-th arrives at sqrt(n); then 2 a second, then none.
        let curve = Curve::through(&[(t(0), 0.0), (t(4), 8.0), (t(4), 2.0), (t(6), 2.0), (t(6), 0.0)]);
        let times: Vec<f64> = process(&curve, Arrivals::Constant).map(Time::as_secs_f64).collect();
        assert_eq!(times.len(), 16 + 3, "the twentieth would come exactly when the rate drops to zero");
        for (index, time) in times[..16].iter().enumerate() {
            assert!((time - f64::from(index as u32 + 1).sqrt()).abs() < 1e-9, "{index}: {time}");
        }
        assert_eq!(times[16..], [4.5, 5.0, 5.5]);
    }

    #[test]
    fn what_remains_crosses_breakpoints_and_pauses() {
        // Half an arrival before the pause, half after it.
        let curve = Curve::steps(&[(t(10), 0.05), (t(20), 0.0), (t(1000), 0.1)]);
        let times: Vec<Time> = process(&curve, Arrivals::Constant).take(2).collect();
        assert_eq!(times, [t(1005), t(1015)]);
        assert_eq!(process(&Curve::default(), Arrivals::Poisson).next(), None);
        assert_eq!(process(&Curve::constant(0.0), Arrivals::Poisson).next(), None);
    }

    #[test]
    fn pauses_and_the_grid_of_pieces_cost_no_draws() {
        // The same rate in one piece, and in many with pauses between: the same gaps, but for the pauses.
        let plain = process(&Curve::constant(7.0), Arrivals::Poisson);
        let steps: Vec<(Time, f64)> = (0..400).map(|i| (t(i), if i % 2 == 0 { 7.0 } else { 0.0 })).collect();
        let paused = process(&Curve::steps(&steps), Arrivals::Poisson);
        for (a, b) in plain.zip(paused).take(1000) {
            let busy = b.as_nanos() / 2_000_000_000 * 1_000_000_000 + b.as_nanos() % 2_000_000_000;
            assert!(a.as_nanos().abs_diff(busy) <= 2, "{a} {b}");
        }
    }

    #[test]
    fn counts_agree_with_the_integral_of_the_rate() {
        let curve =
            Curve::through(&[(t(0), 50.0), (t(100), 900.0), (t(150), 900.0), (t(150), 300.0), (t(400), 20.0), (t(400), 0.0), (t(450), 0.0), (t(450), 80.0)]);
        let arrivals: Vec<Time> = process(&curve, Arrivals::Poisson).take_while(|&time| time < t(600)).collect();
        let mut chi2 = 0.0;
        for from in (0..600).step_by(10) {
            let expected = curve.integral(t(from), t(from + 10));
            let got = arrivals.iter().filter(|&&time| t(from) <= time && time < t(from + 10)).count() as f64;
            assert!(expected > 0.0 || got == 0.0);
            chi2 += if expected > 0.0 { (got - expected) * (got - expected) / expected } else { 0.0 };
        }
        // 55 intervals with a rate: mean 55, standard deviation 10.5.
        assert!((24.0..86.0).contains(&chi2), "{chi2}");
    }

    #[test]
    fn gaps_of_a_renewal_process_vary_as_they_are_told() {
        use crate::random::Distribution;
        for (name, gap, squared) in [
            ("gamma", Distribution::gamma(1.0, 0.5), 0.25),
            ("lognormal", Distribution::lognormal(1.0, 2.0), 4.0),
            ("weibull", Distribution::weibull(1.0, 1.5), 2.25),
            ("hyperexponential", Distribution::hyperexponential(1.0, 3.0), 9.0),
        ] {
            let times: Vec<f64> = process(&Curve::constant(50.0), Arrivals::Renewal(gap)).take(400_000).map(Time::as_secs_f64).collect();
            let gaps: Vec<f64> = times.windows(2).map(|pair| (pair[1] - pair[0]) * 50.0).collect();
            let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
            let variance = gaps.iter().map(|gap| (gap - mean) * (gap - mean)).sum::<f64>() / gaps.len() as f64;
            assert!((mean - 1.0).abs() < 0.02 && (variance / squared - 1.0).abs() < 0.08, "{name}: mean {mean}, variance {variance}");
        }
    }

    proptest! {
        #[test]
        fn arrivals_never_go_back_and_do_not_depend_on_how_they_are_asked_for(
            values in prop::collection::vec((1..2_000_000_000_u64, 0..3000_u32), 1..10),
            sizes in prop::collection::vec(0..40_usize, 1..40),
            poisson: bool,
        ) {
            let mut now = Time::ZERO;
            let points: Vec<(Time, f64)> = values.iter().map(|&(ns, value)| { now += Span::from_nanos(ns); (now, f64::from(value)) }).collect();
            let whole = process(&Curve::through(&points), if poisson { Arrivals::Poisson } else { Arrivals::Constant });
            let mut parts = whole.clone();
            let mut cut = Vec::new();
            for size in sizes {
                let mut some = vec![0; size];
                parts.fill(&mut some);
                cut.extend(some);
            }
            let mut all = vec![0; cut.len()];
            whole.clone().fill(&mut all);
            prop_assert_eq!(&cut, &all);
            prop_assert!(all.is_sorted());
            prop_assert!(all.first().is_none_or(|&first| first >= points[0].0.as_nanos()));
        }
    }
}
