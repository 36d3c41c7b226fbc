//! Random scenarios in which everything happens at once, under the laws that every run must obey.
//!
//! A scenario depends on its number alone. `cargo test -p sim-scenarios --test chaos` runs a few hundred; thousands run with
//! `CHAOS_COUNT=5000 cargo test --release -p sim-scenarios --test chaos -- --ignored`. What fails is printed with its number and its text, and
//! `CHAOS_SEED=123 cargo test -p sim-scenarios --test chaos` runs it alone.

#![expect(clippy::unwrap_used, reason = "a test")]

mod dice;
mod laws;
mod scenario;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use sim_core::simulation;
use sim_scenarios::LoadOptions;

/// Runs a scenario and checks the laws.
fn run(number: u64) -> Result<laws::Seen, String> {
    // Each has a file of its own, because threads run several at a time.
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chaos-{}-{number}.csv", std::process::id()));
    let (text, trace) = scenario::write(number, &path.to_string_lossy());
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        if let Some(trace) = &trace {
            std::fs::write(&path, trace).unwrap();
        }
        let options = LoadOptions { allow_outside: true, ..LoadOptions::default() };
        let loaded = sim_scenarios::load_text("chaos.yaml", &text, &options);
        let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
        let record = simulation::run(plan, number, |_| {});
        if number.is_multiple_of(10) {
            assert_eq!(simulation::run(plan, number, |_| {}).summary.digest, record.summary.digest, "the same seed gave another run");
        }
        laws::check(plan, &record)
    }));
    if trace.is_some() {
        let _ = std::fs::remove_file(&path);
    }
    let message = match attempt {
        Ok(seen) => return Ok(seen),
        Err(panic) => panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())),
    };
    Err(format!(
        "scenario {number}: {}\nalone: CHAOS_SEED={number} cargo test -p sim-scenarios --test chaos\n\n{text}\n{}",
        message.unwrap_or_default(),
        trace.unwrap_or_default()
    ))
}

fn run_all(numbers: impl Iterator<Item = u64>) -> laws::Seen {
    let mut all = laws::Seen::default();
    let mut failures = Vec::new();
    // Each failure is told once, with its scenario.
    std::panic::set_hook(Box::new(|_| {}));
    for number in numbers {
        match run(number) {
            Ok(seen) => all.add(&seen),
            Err(message) => failures.push(message),
        }
    }
    let _ = std::panic::take_hook();
    for failure in failures.iter().take(20) {
        eprintln!("{}", failure.lines().next().unwrap_or_default());
    }
    assert!(failures.is_empty(), "{} scenarios broke a law, the first of them:\n{}", failures.len(), failures[0]);
    all
}

fn of_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn a_few_random_scenarios_obey_the_laws() {
    if let Some(number) = of_environment("CHAOS_SEED") {
        // Told before it runs, in case that it never ends.
        let (text, trace) = scenario::write(number, "faults.csv");
        println!("{text}\n{}", trace.unwrap_or_default());
        run(number).unwrap_or_else(|message| panic!("{message}"));
        return;
    }
    let seen = run_all(0..200);
    // The scenarios are worth nothing if nothing happens in them.
    for (what, count) in seen.counts() {
        assert!(count > 0, "no scenario has seen {what}");
    }
}

#[test]
#[ignore = "minutes; see the head of this file"]
fn many_random_scenarios_obey_the_laws() {
    let count = of_environment("CHAOS_COUNT").unwrap_or(2000);
    let from = of_environment("CHAOS_FROM").unwrap_or(1000);
    let seen = run_all(from..from + count);
    eprintln!("{count} scenarios obeyed the laws: {seen:?}");
}
