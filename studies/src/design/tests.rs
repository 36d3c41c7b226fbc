use std::collections::BTreeSet;

use sim_scenarios::issue::Issues;
use sim_scenarios::source::{Sources, Span};
use sim_scenarios::tree::Node;

use super::{Axis, Continuous, Design, Kind, Level, Levels, Sample};
use crate::condition::Condition;

fn list(name: &str, values: &[&str]) -> Axis {
    let level = |text: &&str| Level { text: (*text).to_owned(), changes: Vec::new() };
    Axis { name: name.to_owned(), levels: Levels::List(values.iter().map(level).collect()), when: None }
}

fn range(name: &str, from: &str, to: &str, log: bool) -> Axis {
    let mut sources = Sources::new();
    let span = Span::new(sources.add("test", ""), 0, 0);
    let change = sim_scenarios::overrides::Override::at(name, span, Node::null(span), &mut Issues::default()).unwrap();
    let levels = Levels::Continuous(Continuous { from: from.parse().unwrap(), to: to.parse().unwrap(), log, changes: vec![change] });
    Axis { name: name.to_owned(), levels, when: None }
}

fn design(axes: Vec<Axis>, kind: Kind) -> Design {
    Design { dimensions: (0..axes.len()).map(|axis| vec![axis]).collect(), axes, exclude: Vec::new(), kind }
}

fn texts(design: &Design) -> Vec<String> {
    design.points().map(|point| point.texts().join(" ")).collect()
}

#[test]
fn a_grid_has_every_combination_the_last_axis_fastest() {
    let grid = design(vec![list("a", &["1", "2"]), list("b", &["x", "y", "z"])], Kind::Grid);
    assert_eq!(texts(&grid), ["1 x", "1 y", "1 z", "2 x", "2 y", "2 z"]);
    assert_eq!(grid.combinations(), Some(6));
    assert_eq!(grid.points().map(|point| point.index).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn paired_axes_move_together() {
    let mut grid = design(vec![list("a", &["1", "2"]), list("b", &["x", "y"]), list("c", &["p", "q"])], Kind::Grid);
    grid.dimensions = vec![vec![0, 2], vec![1]];
    assert_eq!(texts(&grid), ["1 x p", "1 y p", "2 x q", "2 y q"]);
}

#[test]
fn what_is_excluded_leaves_no_gap_in_the_numbers() {
    let mut grid = design(vec![list("min", &["10", "50"]), list("max", &["20", "100"])], Kind::Grid);
    grid.exclude = vec![Condition::parse("min > max", &["min", "max"]).unwrap()];
    assert_eq!(texts(&grid), ["10 20", "10 100", "50 100"]);
    assert_eq!(grid.points().last().unwrap().index, 2);
}

#[test]
fn an_axis_that_does_not_apply_makes_one_point() {
    let mut grid = design(vec![list("tier", &["ecs", "eci"]), list("startUp", &["10s", "30s", "60s"])], Kind::Grid);
    grid.axes[1].when = Some(Condition::parse("tier == eci", &["tier", "startUp"]).unwrap());
    assert_eq!(texts(&grid), ["ecs ", "eci 10s", "eci 30s", "eci 60s"]);
}

#[test]
fn sampled_designs_stay_in_range_and_repeat() {
    for kind in [Kind::Random, Kind::LatinHypercube, Kind::Sobol] {
        let axes = || vec![range("a", "10s", "20s", false), range("b", "1", "1000", true), list("c", &["x", "y"])];
        let with = |seed: u64| design(axes(), kind(Sample { points: 64, seed }));
        let points = texts(&with(5));
        assert_eq!(points.len(), 64);
        assert_eq!(points, texts(&with(5)));
        assert_ne!(points, texts(&with(6)));
        for point in &points {
            let parts: Vec<&str> = point.split(' ').collect();
            let number = |text: &str| text.trim_end_matches('s').parse::<f64>().unwrap();
            assert!((10.0..=20.0).contains(&number(parts[0])) && (1.0..=1000.0).contains(&number(parts[1])), "{point}");
        }
        let large = points.iter().filter(|point| point.split(' ').nth(1).unwrap().parse::<f64>().unwrap() > 31.6).count();
        assert!((20..=44).contains(&large), "half of the numbers spread by ratio lie above the geometric mean: {large}");
    }
}

#[test]
fn a_latin_hypercube_covers_each_range_evenly() {
    let design = design(vec![range("a", "0", "50", false), range("b", "0", "50", false)], Kind::LatinHypercube(Sample { points: 50, seed: 3 }));
    for axis in [0, 1] {
        let strata: BTreeSet<u32> = design.points().map(|point| point.texts()[axis].parse::<f64>().unwrap() as u32).collect();
        assert_eq!(strata.len(), 50);
    }
}

#[test]
fn another_axis_leaves_the_draws_of_the_first_alone() {
    let sample = Kind::Random(Sample { points: 10, seed: 1 });
    let alone = texts(&design(vec![range("a", "0", "1", false)], sample));
    let both = design(vec![range("b", "0", "1", false), range("a", "0", "1", false)], sample);
    assert_eq!(alone, both.points().map(|point| point.texts()[1].clone()).collect::<Vec<_>>());
}
