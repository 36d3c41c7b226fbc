//! Every row of a table of exact results of queueing theory, inside the 99.9 % interval of independent replications whose half-width is at most 1 % of the
//! mean (2 % of a 99th percentile).
//!
//! `reference.csv`: rates a second and times in seconds from Erlang's formulas (M/M/c, M/M/c/c), Pollaczek and Khinchine (M/G/1), Crommelin (M/D/c), Welch
//! (set-up times), and insensitivity (processor sharing, M/G/infinity).
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod replications;
mod table;

use sim_core::plan::{Curve, Discipline, Requests};
use sim_core::random::Distribution;
use table::Row;

/// The service time with this rate and squared coefficient of variation.
fn service(rate: f64, cs2: f64) -> Distribution {
    match cs2 {
        0.0 => Distribution::Constant(1.0 / rate),
        1.0 => Distribution::Exponential { mean: 1.0 / rate },
        _ => Distribution::gamma(1.0 / rate, cs2.sqrt()),
    }
}

/// The model of a row: pods and their load.
fn model(row: &Row) -> (usize, Requests) {
    let exponential = Distribution::Exponential { mean: 1.0 / row.mu };
    let plain = |service, workers| Requests { rate: Curve::constant(row.lam), ..Requests::new(service, workers) };
    match row.system.as_str() {
        "M/M/c" => (1, plain(exponential, row.c)),
        "M/M/c/c" => (1, Requests { queue_limit: Some(0), ..plain(exponential, row.c) }),
        "M/G/1" | "M/D/c" => (1, plain(service(row.mu, row.cs2.unwrap()), row.c)),
        "M/G/1-PS" => {
            let discipline = Discipline::ProcessorSharing { cores: 1.0, waiting: 0.0 };
            (1, Requests { discipline, ..plain(service(row.mu, row.cs2.unwrap()), 100_000) })
        }
        "split: c x M/G/1, random routing" => (row.c as usize, plain(service(row.mu, row.cs2.unwrap()), 1)),
        "M/M/1 with exponential set-up" => {
            (1, Requests { wake_up: Some(Distribution::Exponential { mean: row.setup_mean.unwrap() }), ..plain(exponential, 1) })
        }
        "M/M/1 with deterministic set-up" => (1, Requests { wake_up: Some(Distribution::Constant(row.setup_mean.unwrap())), ..plain(exponential, 1) }),
        "M/G/inf" => (1, plain(Distribution::lognormal(1.0 / row.mu, 1.5), 1000)),
        other => panic!("no model of {other}"),
    }
}

/// Checks all rows of some systems.
fn check(systems: &[&str]) {
    let rows: Vec<Row> = table::rows().into_iter().filter(|row| systems.contains(&row.system.as_str())).collect();
    assert!(!rows.is_empty());
    for row in rows {
        let (pods, plan) = model(&row);
        let wrong: Vec<String> = replications::run(&plan, pods, &row).into_iter().filter_map(|figure| figure.verdict()).collect();
        assert!(wrong.is_empty(), "{row:?}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn many_workers_with_exponential_service() {
    check(&["M/M/c"]);
}

#[test]
fn full_systems_refuse_as_erlang_says() {
    check(&["M/M/c/c"]);
}

#[test]
fn one_worker_with_any_service() {
    check(&["M/G/1"]);
}

#[test]
fn shared_workers_with_any_service() {
    check(&["M/G/1-PS"]);
}

#[test]
fn many_workers_with_constant_service() {
    check(&["M/D/c", "split: c x M/G/1, random routing"]);
}

#[test]
fn workers_that_sleep_when_idle() {
    check(&["M/M/1 with exponential set-up", "M/M/1 with deterministic set-up"]);
}

#[test]
fn more_workers_than_requests() {
    check(&["M/G/inf"]);
}

#[test]
fn every_row_is_checked() {
    let mut systems: Vec<String> = table::rows().into_iter().map(|row| row.system).collect();
    systems.dedup();
    assert_eq!(systems.len(), 9, "{systems:?}");
}
