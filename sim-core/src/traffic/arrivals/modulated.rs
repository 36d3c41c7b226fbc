//! Rates that change at random.

use crate::plan::{Curve, Modulated};
use crate::random::{Stream, below, exp1, unit};
use crate::units::{Span, Time};

/// Draws the rate over time: how long each state lasts is exponential, and each of the other states follows with equal probability.
///
/// That chain visits all states equally often, so in the long run it is in each in proportion to its mean duration; the first state is drawn so.
pub(crate) fn path(plan: &Modulated, stream: &mut Stream) -> Curve {
    let states = plan.states.len();
    let total: f64 = plan.states.iter().map(|state| state.1).sum();
    let mut place = unit(stream) * total;
    let mut state = plan.states.iter().position(|state| {
        place -= state.1;
        place < 0.0
    });
    let (mut at, mut steps) = (plan.start, Vec::new());
    while at < plan.until {
        let current = state.unwrap_or(states - 1);
        let (rate, mean) = plan.states[current];
        steps.push((at, rate));
        at = at.saturating_add(Span::from_secs_f64(exp1(stream) * mean).max(Span::from_nanos(1)));
        let other = if states > 1 { below(stream, states as u64 - 1) as usize } else { 0 };
        state = Some(other + usize::from(states > 1 && other >= current));
    }
    steps.push((plan.until.max(Time::from_nanos(1)), 0.0));
    Curve::steps(&steps)
}

#[cfg(test)]
mod tests {
    use super::path;
    use crate::plan::{Curve, Modulated};
    use crate::random::Streams;
    use crate::units::Time;

    fn t(s: u64) -> Time {
        Time::from_secs(s)
    }

    #[test]
    fn states_share_time_by_their_means() {
        let plan = Modulated { states: vec![(10.0, 3.0), (100.0, 1.0), (0.0, 6.0)], start: t(0), until: t(1_000_000) };
        let curve = path(&plan, &mut Streams::new(3).stream("web/modulation"));
        let mean = curve.integral(t(0), t(1_000_000)) / 1e6;
        // (30 + 100 + 0) / 10.
        assert!((mean - 13.0).abs() < 0.3, "{mean}");
        assert_eq!(curve.at(t(2_000_000)), 0.0);
    }

    #[test]
    fn the_first_state_is_drawn_as_in_the_long_run() {
        let plan = Modulated { states: vec![(1.0, 1.0), (0.0, 3.0)], start: t(0), until: t(1) };
        let on = (0..20_000).filter(|seed| path(&plan, &mut Streams::new(*seed).stream("m")).at(t(0)) == 1.0).count();
        assert!((4700..5300).contains(&on), "{on}");
    }

    #[test]
    fn counts_are_as_dispersed_as_an_interrupted_poisson_process() {
        let (rate, on, off, length) = (20.0, 2.0, 8.0, 1000);
        let plan = Modulated { states: vec![(rate, on), (0.0, off)], start: t(0), until: t(length * 2000) };
        let curve: Curve = path(&plan, &mut Streams::new(9).stream("m"));
        // The variance of the integrated rate over long intervals, plus the Poisson part.
        let sums: Vec<f64> = (0..2000).map(|i| curve.integral(t(i * length), t((i + 1) * length))).collect();
        let mean = sums.iter().sum::<f64>() / 2000.0;
        let variance = sums.iter().map(|sum| (sum - mean) * (sum - mean)).sum::<f64>() / 2000.0;
        // The covariance of the rate falls off as exp(-t (1 / on + 1 / off)).
        let expected = 2.0 * rate * on * off * off / ((on + off) * (on + off));
        assert!((variance / mean / expected - 1.0).abs() < 0.1, "{} and {expected}", variance / mean);
    }
}
