//! How often a case is run: a number of times, or until a figure is known well enough.

use crate::case::Outcome;
use crate::runner::Runner;
use crate::statistics::Estimate;

/// How many replications.
#[derive(Clone, Debug, PartialEq)]
pub struct Replications {
    /// At least so many.
    pub min: u32,
    /// At most so many.
    pub max: u32,
    /// Figures, by name, and how far from the mean an interval's ends may be, as a share of the mean; without any, `min` replications are enough.
    pub until: Vec<(String, f64)>,
    /// Confidence of intervals, in 0..1.
    pub confidence: f64,
}

impl Replications {
    /// Exactly `count` replications, with intervals of 95 %.
    pub const fn fixed(count: u32) -> Self {
        Self { min: count, max: count, until: Vec::new(), confidence: 0.95 }
    }

    /// Runs as many as it takes. Which ones are run depends on their figures alone, not on the number of threads.
    pub fn run(&self, runner: &Runner, run: impl Fn(u32) -> Outcome + Sync + Send) -> Vec<Outcome> {
        let mut outcomes = runner.replicate(0..self.min, &run);
        while let Some(more) = self.more(&outcomes) {
            let done = outcomes.len() as u32;
            outcomes.extend(runner.replicate(done..done + more, &run));
        }
        outcomes
    }

    /// How many to add to these; none if it is enough.
    pub fn more(&self, outcomes: &[Outcome]) -> Option<u32> {
        let done = outcomes.len() as u32;
        let room = self.max.saturating_sub(done);
        let wanted = self.until.iter().map(|(figure, precision)| self.needed(outcomes, figure, *precision)).max()?;
        // The first estimates of a variance are poor, so a leap goes no further than twice what is known.
        let more = wanted.saturating_sub(done).min(done.max(1)).min(room);
        (more > 0).then_some(more)
    }

    /// How many replications in all the precision asked for will take, by what is known so far.
    fn needed(&self, outcomes: &[Outcome], figure: &str, precision: f64) -> u32 {
        let values: Vec<f64> = outcomes.iter().filter_map(|outcome| outcome.figures.get(figure)).copied().collect();
        let Some(estimate) = Estimate::of(&values, self.confidence) else { return self.max };
        let Some(half) = estimate.half_width else { return self.max };
        let allowed = precision * estimate.mean.abs();
        if half <= allowed {
            return 0;
        }
        let done = outcomes.len() as f64;
        // The half width falls with the root of the number.
        let total = (done * (half / allowed).powi(2)).ceil();
        if total.is_finite() { (total as u32).max(outcomes.len() as u32 + 1) } else { self.max }
    }
}

#[cfg(test)]
mod tests {
    use super::Replications;
    use crate::case::Outcome;
    use crate::runner::Runner;

    fn outcome(value: f64) -> Outcome {
        Outcome { seed: 1, digest: String::new(), figures: [("x".to_owned(), value)].into() }
    }

    #[test]
    fn a_figure_that_does_not_vary_is_known_at_once() {
        let until = Replications { min: 3, max: 100, until: vec![("x".to_owned(), 0.02)], confidence: 0.95 };
        let runner = Runner::new(None).unwrap();
        assert_eq!(until.run(&runner, |_| outcome(5.0)).len(), 3);
        assert_eq!(until.run(&runner, |_| outcome(0.0)).len(), 3);
    }

    #[test]
    fn replications_are_added_until_the_interval_is_narrow_or_the_limit_is_met() {
        let runner = Runner::new(None).unwrap();
        let noisy = |r: u32| outcome(100.0 + f64::from(r % 7) - 3.0);
        let until = |precision: f64| Replications { min: 3, max: 500, until: vec![("x".to_owned(), precision)], confidence: 0.95 };
        let run = until(0.005).run(&runner, noisy);
        assert!((10..200).contains(&run.len()), "{}", run.len());
        assert_eq!(until(0.005).more(&run), None);
        assert_eq!(until(1e-9).run(&runner, noisy).len(), 500);
        assert_eq!(until(0.05).run(&runner, |r| outcome(if r % 2 == 0 { -1.0 } else { 1.0 })).len(), 500, "a mean of nothing has no relative precision");
        assert_eq!(Replications::fixed(4).run(&runner, noisy).len(), 4);
    }
}
