//! The search against functions whose cheapest point is known, because every point of them is looked at.
//!
//! The aim on each, in a tenth as many runs as there are points: 19 of 20 seeds find a point within 1 % of the cheapest one, and at most 1 of 20 returns a point
//! that does not hold. A point holds if it does in 95 % of runs; that is computed, not sampled.

#![expect(clippy::items_after_statements, reason = "each function stands where it is searched")]

use std::fmt::Write as _;

use sim_core::random::{Streams, unit};
use sim_studies::search::{Holds, Oracle, Sample, Settings, Space, search};

/// Share of runs in which a point must hold.
const SHARE: f64 = 0.95;
/// The standard normal value that 95 % of values are below.
const Z: f64 = 1.644_853_627;

/// A function with noise.
struct Function<'a> {
    space: &'a Space,
    cost: fn(&[usize]) -> f64,
    /// Expected margin.
    margin: fn(&[usize]) -> f64,
    /// Standard deviation of the margin; the same customers meet every point.
    noise: f64,
    /// Only whether a run held is told.
    blind: bool,
    seed: u64,
    runs: u32,
}

impl Function<'_> {
    fn holds(&self, point: usize) -> bool {
        (self.margin)(&self.space.places[point]) - Z * self.noise > 0.0
    }
}

impl Oracle for Function<'_> {
    type Error = std::convert::Infallible;

    fn run(&mut self, wanted: &[(usize, u32)]) -> Result<Vec<Sample>, Self::Error> {
        self.runs += wanted.len() as u32;
        Ok(wanted
            .iter()
            .map(|(point, replication)| {
                // Half of the noise is common to all points, half is a point's own.
                let draw = |name: &str, index: u64| normal(Streams::new(self.seed).indexed(name, index));
                let noise = (draw("common", u64::from(*replication)) + draw(&format!("own/{point}"), u64::from(*replication))) / 2.0_f64.sqrt();
                let margin = (self.margin)(&self.space.places[*point]) + self.noise * noise;
                let margin = if self.blind { margin.signum() } else { margin };
                Sample { cost: (self.cost)(&self.space.places[*point]), margins: vec![margin] }
            })
            .collect())
    }
}

/// A standard normal number.
fn normal(mut stream: sim_core::random::Stream) -> f64 {
    let (u, v) = (1.0 - unit(&mut stream), unit(&mut stream));
    (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
}

/// Searches with 20 seeds and counts those that found the optimum, and those whose answer does not hold.
fn judge(name: &str, space: &Space, cost: fn(&[usize]) -> f64, margin: fn(&[usize]) -> f64, noise: f64, blind: bool) {
    let budget = (space.len() / 10) as u32;
    let (mut found, mut missed, mut most) = (0, 0, 0);
    let mut log = String::new();
    for seed in 0..20 {
        let mut function = Function { space, cost, margin, noise, blind, seed, runs: 0 };
        let truth = (0..space.len()).filter(|point| function.holds(*point)).map(|point| cost(&space.places[point])).fold(f64::INFINITY, f64::min);
        let settings = Settings { budget, holds: Holds::EachRun { share: SHARE }, confidence: 0.95, seed };
        let Ok(answer) = search(space, &settings, &mut function);
        assert!(function.runs <= budget && answer.runs == function.runs, "{} runs of {budget}", function.runs);
        most = most.max(function.runs);
        let Some(best) = answer.best else {
            let _ = write!(log, "\n  seed {seed}: nothing found");
            continue;
        };
        if !function.holds(best.point) {
            missed += 1;
            let _ = write!(log, "\n  seed {seed}: {:?} misses, certainty {}, {} runs", space.places[best.point], best.certainty, best.runs);
        } else if cost(&space.places[best.point]) <= truth * 1.01 {
            found += 1;
        } else {
            let _ = write!(log, "\n  seed {seed}: {} instead of {truth} at {:?}, certainty {}", best.cost, space.places[best.point], best.certainty);
        }
    }
    println!("{name}: found {found}, missed {missed}, most runs {most} of {}{log}", space.len());
    assert!(found >= 19 && missed <= 1, "{name}: {found} of 20 found, {missed} of 20 do not hold{log}");
}

#[test]
fn more_of_everything_is_better_and_dearer() {
    let space = Space::grid(&[12, 10, 8], &[false; 3]);
    fn cost(p: &[usize]) -> f64 {
        10.0 + 3.0 * p[0] as f64 + 5.0 * p[1] as f64 + 2.0 * p[2] as f64
    }
    judge("monotone", &space, cost, |p| ((p[0] as f64 + 1.83 * p[1] as f64 + 0.47 * p[2] as f64 + 1.0) / 14.13).ln() * 2.0, 0.02, false);
}

#[test]
fn only_a_corner_holds() {
    let space = Space::grid(&[12, 10, 8], &[false; 3]);
    let cost = |p: &[usize]| 20.0 + p[0] as f64 + 0.8 * p[1] as f64 + 1.3 * p[2] as f64;
    judge("corner", &space, cost, |p| 0.1 - 0.2 * (11 - p[0] + 9 - p[1] + 7 - p[2]) as f64, 0.03, false);
}

#[test]
fn everything_holds_and_the_cheapest_is_a_corner() {
    let space = Space::grid(&[6, 7, 5, 8], &[false; 4]);
    let cost = |p: &[usize]| 40.0 + 1.1 * (5 - p[0]) as f64 + 2.1 * p[1] as f64 + 0.9 * (4 - p[2]) as f64 + 1.7 * p[3] as f64;
    judge("free corner", &space, cost, |p| 0.1 + 0.02 * p[1] as f64 - 0.01 * (5 - p[0]) as f64, 0.03, false);
}

#[test]
fn beyond_an_edge_everything_breaks() {
    let space = Space::grid(&[30, 25], &[false; 2]);
    let cost = |p: &[usize]| 30.0 + p[0] as f64 + 1.3 * p[1] as f64;
    fn margin(p: &[usize]) -> f64 {
        let room = p[0] as f64 * (p[1] as f64 + 2.0) - 130.0;
        if room > 0.0 { 0.2 + room / 2000.0 } else { -2.0 + room / 100.0 }
    }
    judge("cliff", &space, cost, margin, 0.03, false);
}

#[test]
fn what_holds_lies_along_a_diagonal_and_ends_at_the_range() {
    let space = Space::grid(&[40, 40], &[false; 2]);
    let cost = |p: &[usize]| 25.0 + p[0] as f64 + 1.1 * p[1] as f64;
    judge("diagonal", &space, cost, |p| (p[0] as f64 + p[1] as f64 - 33.4) / 20.0, 0.03, false);
}

/// A pool counts only where there is one: `kind` 0 has no machines.
#[test]
#[ignore = "takes a minute; the search finds 17 of 20 so far"]
fn some_combinations_do_not_exist() {
    const CAP: [f64; 4] = [0.0, 3.0, 6.0, 10.0];
    const PRICE: [f64; 4] = [0.0, 1.2, 2.1, 4.4];
    let all = Space::grid(&[4, 10, 8, 6], &[true, false, false, false]);
    let places: Vec<Vec<usize>> = all.places.into_iter().filter(|p| (p[0] == 0) == (p[1] == 0)).collect();
    let space = Space::new(vec![4, 10, 8, 6], vec![true, false, false, false], places);
    fn cost(p: &[usize]) -> f64 {
        let pods = 26.0 + 1.2 * p[2] as f64 - 1.5 * p[3] as f64;
        5.0 + PRICE[p[0]] * p[1] as f64 + 0.7 * (pods - CAP[p[0]] * p[1] as f64).max(0.0)
    }
    judge("conditions", &space, cost, |p| 0.06 * p[2] as f64 - 0.07 * p[3] as f64 + 0.008 * p[1] as f64 - 0.07, 0.03, false);
}

#[test]
#[ignore = "takes a minute; the search finds 20 of 20"]
fn cost_has_valleys() {
    let space = Space::grid(&[30, 30], &[false; 2]);
    let cost = |p: &[usize]| 40.0 + 6.0 * (p[0] as f64 / 3.5).sin() + 5.0 * (p[1] as f64 / 3.0).cos() + 0.3 * p[0] as f64 + 0.2 * p[1] as f64;
    let margin = |p: &[usize]| 0.25 * ((p[0] as f64 / 4.0).cos() + (p[1] as f64 / 5.0).sin()) + 0.02 * p[0] as f64 - 0.1;
    judge("valleys", &space, cost, margin, 0.03, false);
}

#[test]
#[ignore = "takes minutes; the search finds 17 of 20 so far"]
fn only_a_ridge_holds() {
    let space = Space::grid(&[40, 25], &[false; 2]);
    let cost = |p: &[usize]| 20.0 + 2.0 * p[0] as f64 + p[1] as f64;
    judge("ridge", &space, cost, |p| 0.55 - ((p[0] as f64 - 1.6 * p[1] as f64).abs() / 6.0).max((31.3 - p[0] as f64 - p[1] as f64) / 20.0 + 0.5), 0.03, false);
}

#[test]
fn costs_and_margins_go_in_steps() {
    let space = Space::grid(&[36, 30], &[false; 2]);
    let cost = |p: &[usize]| 50.0 + 10.0 * (p[0] / 4) as f64 + 8.0 * (p[1] / 5) as f64;
    judge("plateau", &space, cost, |p| ((p[0] / 3 + 2 * (p[1] / 3)) as f64 - 13.5).clamp(-4.0, 2.0) / 2.0, 0.05, false);
}

#[test]
#[ignore = "takes minutes; the search finds 20 of 20"]
fn two_regions_hold_and_the_small_one_is_cheaper() {
    let space = Space::grid(&[40, 30], &[false; 2]);
    let cost = |p: &[usize]| 30.0 + 1.5 * p[0] as f64 + p[1] as f64;
    fn margin(p: &[usize]) -> f64 {
        let (a, b) = (p[0] as f64, p[1] as f64);
        let large = ((a - 24.5) / 10.0).min((18.0 - b) / 10.0);
        let small = ((10.5 - a) / 6.0).min((b - 14.3) / 8.0);
        large.max(small)
    }
    judge("two regions", &space, cost, margin, 0.03, false);
}

#[test]
#[ignore = "takes minutes; the search finds 20 of 20"]
fn machines_have_types() {
    const PRICE: [f64; 6] = [1.0, 1.9, 3.5, 1.3, 2.6, 5.2];
    const POWER: [f64; 6] = [1.0, 2.1, 3.7, 1.2, 3.1, 5.3];
    let space = Space::grid(&[6, 30, 10], &[true, false, false]);
    let cost = |p: &[usize]| 5.0 + PRICE[p[0]] * (p[1] + 1) as f64 + 0.4 * p[2] as f64;
    let margin = |p: &[usize]| ((POWER[p[0]] * (p[1] + 1) as f64) / 33.3).ln() + 0.02 * p[2] as f64;
    judge("types", &space, cost, margin, 0.01, false);
}

#[test]
#[ignore = "takes minutes; the search finds 18 of 20 so far, and 2 answers miss"]
fn whether_it_holds_depends_on_luck() {
    let space = Space::grid(&[7, 7, 6, 6], &[false; 4]);
    let cost = |p: &[usize]| 40.0 + 4.0 * p[0] as f64 + 3.0 * p[1] as f64 + 2.5 * p[2] as f64 + p[3] as f64;
    let margin = |p: &[usize]| 0.11 * p[0] as f64 + 0.1 * p[1] as f64 + 0.05 * p[2] as f64 - 0.02 * (p[3] as f64 - 3.0).powi(2) - 0.57;
    judge("noisy", &space, cost, margin, 0.04, false);
}

#[test]
#[ignore = "takes minutes; the search finds 17 of 20 so far, and 2 answers miss"]
fn only_yes_or_no_is_known() {
    let space = Space::grid(&[40, 25, 4], &[false; 3]);
    let cost = |p: &[usize]| 20.0 + 2.0 * p[0] as f64 + 3.0 * p[1] as f64 + p[2] as f64;
    let margin = |p: &[usize]| (p[0] as f64 + 1.7 * p[1] as f64 + 0.3 * p[2] as f64 - 37.4) / 10.0;
    judge("yes or no", &space, cost, margin, 0.02, true);
}

/// Costs of runs differ by a twentieth, those of points by a fiftieth: which of them is cheapest takes many runs of the few that may be.
#[test]
fn runs_that_are_left_tell_what_is_cheaper() {
    struct Dear<'a>(&'a Space, u64);
    fn cost(space: &Space, point: usize) -> f64 {
        100.0 + 2.0 * (space.places[point][0] as f64 - 7.0).abs() + 2.0 * space.places[point][1] as f64
    }
    impl Oracle for Dear<'_> {
        type Error = std::convert::Infallible;

        fn run(&mut self, wanted: &[(usize, u32)]) -> Result<Vec<Sample>, Self::Error> {
            let draw = |point: usize, replication: u32| normal(Streams::new(self.1).indexed(&format!("cost/{point}"), u64::from(replication)));
            let sample = |(point, replication): &(usize, u32)| Sample {
                cost: cost(self.0, *point) * 0.05f64.mul_add(draw(*point, *replication), 1.0),
                margins: vec![0.2 + 0.01 * draw(*point, replication + 1_000_000)],
            };
            Ok(wanted.iter().map(sample).collect())
        }
    }
    let space = Space::grid(&[12, 6], &[true, false]);
    let found = (0..6).filter(|seed| {
        let settings = Settings { budget: 400, holds: Holds::EachRun { share: SHARE }, confidence: 0.95, seed: *seed };
        let Ok(answer) = search(&space, &settings, &mut Dear(&space, *seed));
        answer.best.is_some_and(|best| cost(&space, best.point) <= 101.0)
    });
    let found = found.count();
    assert!(found >= 5, "{found} of 6");
}
