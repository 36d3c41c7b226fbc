//! The highest factor that enough replications hold, with few runs.
//!
//! Only the replications that break first decide, so only they are run while the factor is bracketed and narrowed: as many as may not all miss. The factor
//! that is found is then run with all replications, until it is clear whether enough of them hold. If too many miss, these are the ones that break first,
//! and the factor goes down with them. No factor is believed to hold that was not run with all replications that it takes.

use std::collections::BTreeMap;

use super::{Headroom, Question, Step};

/// Highest factor that is looked at.
const MOST: f64 = 64.0;
/// First step away from where a factor may be, as a share of it.
const FIRST_STEP: f64 = 0.02;
/// Replications run at once when all are: fixed, so that what is run does not depend on the number of threads.
const BATCH: usize = 4;

/// Runs pairs of a factor and a replication; for each, the objectives that it missed.
type Missed = Vec<Vec<String>>;

/// What is known so far.
struct Walk<'a, L> {
    look: L,
    progress: &'a mut dyn FnMut(u32, u32),
    /// Replications that may miss.
    spare: usize,
    replications: u32,
    precision: f64,
    /// The replications that break first, as far as is known; one more than may miss.
    first: Vec<u32>,
    /// What each replication missed, by the bits of the factor, which order positive numbers as their values do.
    known: BTreeMap<u64, BTreeMap<u32, Vec<String>>>,
    runs: u32,
    low: Option<f64>,
    high: Option<f64>,
}

/// Looks for the factor, for any way to run a replication at a factor; `near` is where it may be.
pub(super) fn find(question: &Question<'_>, near: Option<f64>, look: impl FnMut(&[(f64, u32)]) -> Missed, progress: &mut dyn FnMut(u32, u32)) -> Headroom {
    let spare = question.spare();
    let mut walk = Walk {
        look,
        progress,
        spare: spare as usize,
        replications: question.replications,
        // Finer than this the load changes by less than a request in most scenarios, and coarser says little.
        precision: question.precision.clamp(1e-4, 0.2),
        first: (0..=spare).collect(),
        known: BTreeMap::new(),
        runs: 0,
        low: None,
        high: None,
    };
    match near {
        Some(near) => walk.bracket_near(near),
        None => walk.bracket(),
    }
    walk.settle();
    walk.answer()
}

impl<L: FnMut(&[(f64, u32)]) -> Missed> Walk<'_, L> {
    /// Runs what is not known yet.
    fn run(&mut self, factors: &[f64], replications: &[u32]) {
        let known = |factor: f64, replication: &u32| self.known.get(&factor.to_bits()).is_some_and(|known| known.contains_key(replication));
        let wanted: Vec<(f64, u32)> = factors
            .iter()
            .flat_map(|factor| replications.iter().filter(|replication| !known(*factor, replication)).map(|replication| (*factor, *replication)))
            .collect();
        if wanted.is_empty() {
            return;
        }
        let missed = (self.look)(&wanted);
        for ((factor, replication), missed) in wanted.iter().zip(missed) {
            self.known.entry(factor.to_bits()).or_default().insert(*replication, missed);
        }
        self.runs += wanted.len() as u32;
        let total = self.runs + self.expected();
        (self.progress)(self.runs, total);
    }

    /// About how many runs are to come.
    fn expected(&self) -> u32 {
        let proof = self.replications - self.first.len() as u32;
        let factors = match (self.low, self.high) {
            (Some(low), Some(high)) => self.steps(low, high),
            _ => self.steps(1.0, 2.0),
        };
        factors * self.first.len() as u32 + proof
    }

    /// Factors that narrow a bracket down.
    fn steps(&self, low: f64, high: f64) -> u32 {
        let mut ratio = (high - low) / (self.precision * high);
        let mut steps = 0;
        while ratio > 1.0 {
            (ratio, steps) = if self.first.len() == 1 { (ratio / 3.0, steps + 2) } else { (ratio / 2.0, steps + 1) };
        }
        steps
    }

    /// Whether the replications that break first leave room for the factor to hold.
    fn seems_to_hold(&self, factor: f64) -> bool {
        self.failed(factor).len() <= self.spare
    }

    /// Replications that are known to miss at a factor.
    fn failed(&self, factor: f64) -> Vec<u32> {
        let known = self.known.get(&factor.to_bits());
        known.into_iter().flatten().filter(|(_, missed)| !missed.is_empty()).map(|(replication, _)| *replication).collect()
    }

    /// Takes in whether a factor seems to hold.
    fn note(&mut self, factor: f64) {
        if self.seems_to_hold(factor) {
            self.low = Some(self.low.map_or(factor, |low| low.max(factor)));
        } else {
            self.high = Some(self.high.map_or(factor, |high| high.min(factor)));
        }
    }

    /// Doubles or halves until there is a factor that seems to hold, and one that does not.
    fn bracket(&mut self) {
        let first = self.first.clone();
        self.run(&[1.0], &first);
        self.note(1.0);
        let mut factor = 1.0;
        while self.high.is_none() && factor < MOST {
            factor *= 2.0;
            self.run(&[factor], &first);
            self.note(factor);
        }
        self.descend(1.0, 0.5);
    }

    /// Goes up or down from where the factor may be, by steps that double, until there is one that seems to hold and one that does not.
    fn bracket_near(&mut self, near: f64) {
        let (mut factor, mut step) = (near, FIRST_STEP);
        while self.low.is_none() || self.high.is_none() {
            let first = self.first.clone();
            self.run(&[factor], &first);
            self.note(factor);
            let holds = self.seems_to_hold(factor);
            if (holds && factor >= MOST) || (!holds && factor <= 1.0 / MOST) {
                break;
            }
            factor = (factor * if holds { 1.0 + step } else { 1.0 / (1.0 + step) }).clamp(1.0 / MOST, MOST);
            step *= 2.0;
        }
    }

    /// Goes down from a factor that does not hold until one seems to, by this ratio and its squares.
    fn descend(&mut self, from: f64, ratio: f64) {
        let (mut factor, mut ratio) = (from, ratio);
        while self.low.is_none() && factor > 1.0 / MOST {
            factor = (factor * ratio).max(1.0 / MOST);
            ratio = (ratio * ratio).max(0.5);
            let first = self.first.clone();
            self.run(&[factor], &first);
            self.note(factor);
        }
    }

    /// Narrows the bracket by the replications that break first.
    fn narrow(&mut self) {
        while let (Some(low), Some(high)) = (self.low, self.high)
            && high - low > self.precision * high
        {
            // One replication leaves a core idle: then two factors at once.
            let parts = if self.first.len() == 1 { 3.0 } else { 2.0 };
            let factors: Vec<f64> = if parts > 2.0 { vec![low + (high - low) / parts, high - (high - low) / parts] } else { vec![f64::midpoint(low, high)] };
            let first = self.first.clone();
            self.run(&factors, &first);
            // Ascending, and what lies above a factor that breaks is not asked.
            for factor in factors {
                if self.high.is_none_or(|high| factor < high) {
                    self.note(factor);
                }
            }
        }
    }

    /// Runs all replications at a factor until it is clear whether enough of them hold.
    fn proves(&mut self, factor: f64) -> bool {
        let rest: Vec<u32> = (0..self.replications).filter(|replication| !self.first.contains(replication)).collect();
        let needed = self.replications as usize - self.spare;
        for batch in rest.chunks(BATCH) {
            let met = self.known.get(&factor.to_bits()).map_or(0, BTreeMap::len) - self.failed(factor).len();
            if met >= needed || !self.seems_to_hold(factor) {
                break;
            }
            self.run(&[factor], batch);
        }
        self.seems_to_hold(factor)
    }

    /// Narrows and proves until the factor that was found holds.
    fn settle(&mut self) {
        loop {
            self.narrow();
            let Some(low) = self.low else { return };
            if self.proves(low) {
                return;
            }
            self.first = self.failed(low);
            self.first.truncate(self.spare + 1);
            (self.low, self.high) = (None, Some(low));
            self.descend(low, 1.0 - 2.0 * self.precision);
        }
    }

    fn answer(self) -> Headroom {
        let step = |(bits, known): (&u64, &BTreeMap<u32, Vec<String>>)| {
            let mut missed: Vec<String> = known.values().flatten().cloned().collect();
            missed.sort();
            missed.dedup();
            let met = known.values().filter(|missed| missed.is_empty()).count() as u32;
            Step { factor: f64::from_bits(*bits), runs: known.len() as u32, met, missed }
        };
        let steps: Vec<Step> = self.known.iter().map(step).collect();
        let broken = self.high.and_then(|high| steps.iter().find(|step| step.factor >= high)).map(|step| step.missed.clone()).unwrap_or_default();
        Headroom { factor: self.low, breaks_at: self.high, broken, steps, replications: self.replications, runs: self.runs, screened: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Headroom, Question};
    use super::find;

    /// Headroom where each replication breaks above a factor of its own, and what was told on the way.
    fn of(limits: &[f64], share: f64) -> (Headroom, Vec<(u32, u32)>) {
        near(limits, share, None)
    }

    fn near(limits: &[f64], share: f64, guess: Option<f64>) -> (Headroom, Vec<(u32, u32)>) {
        let question = Question { of: None, replications: limits.len() as u32, share, precision: 0.005 };
        let mut told = Vec::new();
        let look = |wanted: &[(f64, u32)]| {
            let missed = |(factor, replication): &(f64, u32)| if *factor <= limits[*replication as usize] { vec![] } else { vec!["p99".to_owned()] };
            wanted.iter().map(missed).collect()
        };
        let found = find(&question, guess, look, &mut |done, total| told.push((done, total)));
        (found, told)
    }

    #[test]
    fn the_limit_is_found_above_and_below_the_load_as_it_is() {
        for limit in [1.0, 1.37, 5.0, 0.6, 0.11] {
            let (found, told) = of(&[limit; 20], 0.95);
            let (low, high) = (found.factor.unwrap(), found.breaks_at.unwrap());
            assert!(low <= limit && limit < high && high - low <= 0.005 * high, "{limit} is not in {low}..{high}");
            assert_eq!(found.broken, ["p99"]);
            assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0) && told.iter().all(|(done, total)| done <= total), "{told:?}");
        }
        assert_eq!((of(&[1e9], 0.95).0.breaks_at, of(&[1e9], 0.95).0.factor), (None, Some(64.0)));
        assert_eq!(of(&[0.0; 3], 0.95).0.factor, None);
    }

    #[test]
    fn a_guess_saves_runs_and_may_be_wrong() {
        let plain = of(&[1.37; 20], 0.95).0;
        for guess in [1.36, 1.4, 1.2, 1.6, 0.3, 9.0, 64.0, 1.0 / 64.0] {
            let found = near(&[1.37; 20], 0.95, Some(guess)).0;
            let (low, high) = (found.factor.unwrap(), found.breaks_at.unwrap());
            assert!(low <= 1.37 && 1.37 < high && high - low <= 0.005 * high, "{low}..{high} from {guess}");
            assert!((guess - 1.37).abs() > 0.05 || found.runs < plain.runs, "{} runs, {} without a guess", found.runs, plain.runs);
        }
        assert_eq!(near(&[0.0; 3], 0.95, Some(1.0)).0.factor, None);
        assert_eq!(near(&[1e9; 3], 0.95, Some(2.0)).0.breaks_at, None);
    }

    #[test]
    fn the_replications_that_break_first_decide_wherever_they_are() {
        // Of twenty one may miss; the second lowest limit decides.
        for (lowest, second) in [(3, 17), (19, 0), (11, 12)] {
            let mut limits: Vec<f64> = (0..20).map(|replication| 1.6 + f64::from(replication % 7) / 50.0).collect();
            (limits[lowest], limits[second]) = (1.21, 1.43);
            let (found, _) = of(&limits, 0.95);
            let (low, high) = (found.factor.unwrap(), found.breaks_at.unwrap());
            assert!(low <= 1.43 && 1.43 < high && high - low <= 0.005 * high, "{low}..{high}");
            let held = found.steps.iter().find(|step| step.factor == low).unwrap();
            assert!(held.met >= 19, "a factor that holds was run with as many replications as it takes");
            assert!(found.runs < 90, "{} runs: a bisection with all of them takes 200", found.runs);
        }
    }

    #[test]
    fn a_share_is_of_all_replications() {
        let mut limits = vec![2.9; 10];
        limits[..3].fill(1.5);
        assert!(of(&limits, 0.7).0.factor.unwrap() > 2.8);
        assert!(of(&limits, 0.8).0.factor.unwrap() <= 1.5);
        assert!(of(&limits, 1.0).0.factor.unwrap() <= 1.5);
    }
}
