//! A total CPU demand, split evenly over the ready pods of a service.

use crate::plan::Curve;
use crate::units::{MilliCpu, Time};

/// The part of a milliCPU-nanosecond that [`DemandMeter`] counts in, as a power of two: 2^-20.
const FRACTION_BITS: u32 = 20;
/// Units in a core-second.
const CORE_SECOND: f64 = 1e12 * (1_u64 << FRACTION_BITS) as f64;

/// What a pod that shares a demand has used, in integers: Kubernetes rounds usage up to whole milliCPU, so a usage of exactly 280 must not come out
/// a hair above. Every step is rounded down, so that the difference of two readings never exceeds the true usage.
#[derive(Clone, Debug)]
pub struct DemandMeter {
    pieces: Vec<Line>,
    index: usize,
    /// Most that a pod can use; `u128::MAX` if there is no limit.
    cap: u128,
    pods: u128,
    /// Most that all of them can use.
    limit: u128,
    now: Time,
    accumulated: u128,
    window: Units,
    total: Units,
}

/// CPU demanded in core-seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Demand {
    /// Asked for.
    pub demanded: f64,
    /// The part of it that no pod could give: there was none, or all were at their limit.
    pub unserved: f64,
}

/// A [`Demand`] in the meter's units, doubled, as the areas of trapezoids are.
#[derive(Clone, Copy, Debug, Default)]
struct Units {
    demanded: u128,
    unserved: u128,
}

/// A piece of the demand in 2^-20 milliCPU.
#[derive(Clone, Copy, Debug)]
struct Line {
    start: u64,
    end: u64,
    first: u128,
    last: u128,
}

impl DemandMeter {
    /// What the readings count: this many to a milliCPU-nanosecond.
    pub const SCALE: u128 = 1 << FRACTION_BITS;

    /// The meter of a demand in milliCPU, at time zero and without pods.
    pub fn new(demand: &Curve, cap_per_pod: Option<MilliCpu>) -> Self {
        let pieces = demand.pieces().iter().enumerate().map(|(index, piece)| Line {
            start: piece.start.as_nanos(),
            end: demand.piece_end(index).as_nanos(),
            first: to_units(piece.start_value),
            last: to_units(piece.end_value),
        });
        Self {
            pieces: pieces.collect(),
            index: 0,
            cap: cap_per_pod.map_or(u128::MAX, |cap| u128::from(cap.0) << FRACTION_BITS),
            pods: 0,
            limit: 0,
            now: Time::ZERO,
            accumulated: 0,
            window: Units::default(),
            total: Units::default(),
        }
    }

    /// Shares the demand among this many pods from now on.
    pub fn set_pods(&mut self, pods: usize) {
        self.pods = pods as u128;
        self.limit = self.cap.saturating_mul(self.pods);
    }

    /// Moves on to `until`; the number of pods is constant meanwhile.
    pub fn advance(&mut self, until: Time) {
        let (mut now, until) = (self.now.as_nanos(), until.as_nanos());
        // Mostly a step is within a piece that does not change.
        if let Some(line) = self.pieces.get(self.index)
            && line.first == line.last
            && line.start <= now
            && now < until
            && until < line.end
        {
            self.add_flat(line.first, until - now);
            self.now = Time::from_nanos(until);
            return;
        }
        while now < until {
            let Some(&line) = self.pieces.get(self.index) else { break };
            let (from, to) = (now.max(line.start), until.min(line.end));
            if from < to {
                self.add(line, from, to);
            }
            self.index += usize::from(to == line.end);
            now = to.max(now);
        }
        self.now = self.now.max(Time::from_nanos(until));
    }

    /// Adds what happens on a piece, in two parts if the limit of the pods is reached or left on the way.
    fn add(&mut self, line: Line, from: u64, to: u64) {
        let limit = self.limit;
        if line.first == line.last {
            return self.add_flat(line.first, to - from);
        }
        let (a, b) = (line.at(from), line.at(to));
        let crossing = if (a < limit) == (b < limit) { to } else { line.reaches(limit).clamp(from, to) };
        self.add_part(limit, (from, a), (crossing, line.at(crossing)));
        self.add_part(limit, (crossing, line.at(crossing)), (to, b));
    }

    /// Adds a time in which the demand does not change.
    fn add_flat(&mut self, demanded: u128, length: u64) {
        let served = demanded.min(self.limit);
        if self.pods > 0 {
            self.accumulated += share(served, length, self.pods);
        }
        let length = 2 * u128::from(length);
        self.window.demanded += demanded * length;
        if served < demanded {
            self.window.unserved += (demanded - served) * length;
        }
    }

    fn add_part(&mut self, limit: u128, (from, a): (u64, u128), (to, b): (u64, u128)) {
        if from == to {
            return;
        }
        let length = to - from;
        // What is served is a concave function of a linear demand, so that a straight line between two of its values is never above it.
        let (demanded, served) = (a + b, a.min(limit) + b.min(limit));
        if self.pods > 0 {
            self.accumulated += share(served, length, 2 * self.pods);
        }
        self.window.demanded += demanded * u128::from(length);
        self.window.unserved += (demanded - served) * u128::from(length);
    }

    /// What a pod that has been there from the start would have used, in 2^-20 milliCPU-nanoseconds. A pod's usage is the difference between a reading
    /// and that when it turned ready.
    pub const fn accumulated(&self) -> u128 {
        self.accumulated
    }

    /// Ends the window: what was demanded since the last call.
    pub fn take_window(&mut self) -> Demand {
        let window = std::mem::take(&mut self.window);
        self.total.demanded += window.demanded;
        self.total.unserved += window.unserved;
        window.into()
    }

    /// Forgets all windows taken.
    pub fn restart(&mut self) {
        self.total = Units::default();
    }

    /// The sum of all windows taken.
    pub fn total(&self) -> Demand {
        self.total.into()
    }
}

impl Line {
    /// The demand at `t`, rounded down.
    fn at(&self, t: u64) -> u128 {
        if self.first == self.last {
            return self.first;
        }
        let (before, after) = (u128::from(t - self.start), u128::from(self.end - t));
        (self.first * after + self.last * before) / (before + after)
    }

    /// When the demand passes `limit`, which lies between its two ends: rounded into the side above.
    fn reaches(&self, limit: u128) -> u64 {
        let length = u128::from(self.end - self.start);
        let offset = if self.first < self.last {
            ((limit - self.first) * length).div_ceil(self.last - self.first)
        } else {
            (self.first - limit) * length / (self.first - self.last)
        };
        self.start + offset as u64
    }
}

impl From<Units> for Demand {
    fn from(units: Units) -> Self {
        let core_seconds = |doubled: u128| doubled as f64 / (2.0 * CORE_SECOND);
        Self { demanded: core_seconds(units.demanded), unserved: core_seconds(units.unserved) }
    }
}

/// The part of `rate` times `length` that falls to one of so many, rounded down. In words of 64 bits where they do: a division of twice that takes ten times
/// as long, and a day has thousands of readings.
fn share(rate: u128, length: u64, parts: u128) -> u128 {
    if let (Ok(rate), Ok(parts)) = (u64::try_from(rate), u64::try_from(parts))
        && let Some(rest) = (rate % parts).checked_mul(length)
    {
        return u128::from(rate / parts) * u128::from(length) + u128::from(rest / parts);
    }
    rate * u128::from(length) / parts
}

fn to_units(milli: f64) -> u128 {
    (milli * (1_u64 << FRACTION_BITS) as f64) as u128
}

#[cfg(test)]
mod tests {
    use super::{Demand, DemandMeter, FRACTION_BITS, share};
    use crate::plan::Curve;
    use crate::units::{MilliCpu, Span, Time};
    use proptest::prelude::*;

    fn t(s: u64) -> Time {
        Time::from_secs(s)
    }

    /// Mean usage in milliCPU over a span, rounded up as Kubernetes does.
    fn milli_ceil(used: u128, span: Span) -> u128 {
        used.div_ceil(u128::from(span.as_nanos()) << FRACTION_BITS)
    }

    #[test]
    fn a_usage_that_is_a_whole_number_comes_out_as_one() {
        // 280 milliCPU each, whatever the number of pods and wherever the meter is read.
        for pods in [1, 3, 7, 22, 44, 83, 100, 999] {
            let mut meter = DemandMeter::new(&Curve::constant(280.0 * pods as f64), None);
            meter.set_pods(pods);
            for second in 1..=100 {
                let before = meter.accumulated();
                meter.advance(Time::from_nanos(second * 1_000_000_007 / 3));
                meter.advance(Time::from_nanos(second * 1_000_000_007));
                assert_eq!(milli_ceil(meter.accumulated() - before, Span::from_nanos(1_000_000_007)), 280, "{pods} pods");
            }
        }
    }

    #[test]
    fn a_ramp_beyond_the_limit_of_the_pods_is_cut_off_there() {
        // 0 to 4000 milliCPU over 40 s, then down to 0 over 20 s; two pods of at most 1000: at the limit from 20 s to 50 s.
        let curve = Curve::through(&[(t(0), 0.0), (t(40), 4000.0), (t(60), 0.0)]);
        let mut meter = DemandMeter::new(&curve, Some(MilliCpu(1000)));
        meter.set_pods(2);
        meter.advance(t(100));
        let per_pod = 10_000 + 30_000 + 5_000_u128;
        assert_eq!(meter.accumulated(), (per_pod * 1_000_000_000) << FRACTION_BITS);
        assert_eq!(meter.take_window(), Demand { demanded: 120.0, unserved: 30.0 });
        assert_eq!(meter.take_window(), Demand::default());
        assert_eq!(meter.total(), Demand { demanded: 120.0, unserved: 30.0 });
    }

    #[test]
    fn without_pods_nothing_is_served_and_before_the_curve_nothing_asked() {
        let mut meter = DemandMeter::new(&Curve::steps(&[(t(10), 500.0), (t(20), 1500.0)]), None);
        meter.advance(t(15));
        assert_eq!((meter.accumulated(), meter.take_window()), (0, Demand { demanded: 2.5, unserved: 2.5 }));
        meter.set_pods(3);
        meter.advance(t(20));
        meter.set_pods(1);
        meter.advance(t(21));
        assert_eq!(meter.take_window(), Demand { demanded: 4.0, unserved: 0.0 });
        assert_eq!(milli_ceil(meter.accumulated(), Span::from_secs(1)), 834 + 1500);
    }

    proptest! {
        #[test]
        fn a_share_is_the_same_in_short_and_in_long_words(rate in any::<u64>(), length in any::<u32>(), parts in 1..1_000_000_u128, shift in 0..20_u32) {
            let (rate, length) = (u128::from(rate) << shift, u64::from(length));
            prop_assert_eq!(share(rate, length, parts), rate * u128::from(length) / parts);
        }

        #[test]
        fn readings_agree_with_the_integral_and_never_exceed_it(
            values in prop::collection::vec(0..5_000_u32, 1..8),
            cuts in prop::collection::btree_set(0..8_000_000_000_u64, 0..30),
            pods in 1..50_usize,
            cap in prop::option::of(1..200_u64),
        ) {
            let points: Vec<_> = values.iter().enumerate().map(|(second, &value)| (t(second as u64), f64::from(value))).collect();
            let curve = Curve::through(&points);
            let mut whole = DemandMeter::new(&curve, cap.map(MilliCpu));
            whole.set_pods(pods);
            let mut cut = whole.clone();
            whole.advance(t(8));
            for &ns in &cuts {
                cut.advance(Time::from_nanos(ns));
            }
            cut.advance(t(8));
            let unit = (1_u64 << FRACTION_BITS) as f64;
            let step = 1_000_000;
            let share = |ns: u64| (curve.at(Time::from_nanos(ns)) / pods as f64).min(cap.map_or(f64::MAX, |cap| cap as f64));
            let expected: f64 = (0..8_000_000_000 / step).map(|i| share(i * step + step / 2) * step as f64).sum();
            for meter in [&whole, &cut] {
                let got = meter.accumulated() as f64 / unit;
                prop_assert!((got - expected).abs() <= 1e-4 * expected + 1.0, "{} for {}", got, expected);
            }
            prop_assert!(whole.accumulated().abs_diff(cut.accumulated()) <= 8_000_000_000);
            let (a, b) = (whole.take_window(), cut.take_window());
            prop_assert!((a.demanded - b.demanded).abs() < 1e-7 && (a.unserved - b.unserved).abs() < 1e-7);
            prop_assert!((a.demanded - curve.integral(t(0), t(8)) / 1e3).abs() < 1e-7);
        }
    }
}
