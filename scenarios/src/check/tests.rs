//! Small scenarios and the facts of their plans.

mod calls;
mod clients;
mod errors;
mod estate;
mod events;
mod extremes;
mod load;
mod neighbours;
mod pools;
mod scheduler;
mod supply;
mod workloads;

use sim_core::plan::Plan;

use crate::testing::{Folder, same};
use crate::{LoadOptions, Loaded};

const EVERYTHING: &str = include_str!("tests/everything.yaml.txt");
const DAY: &str = "period,count\n1998-06-10 00:00:00,60\n1998-06-10 00:01:00,120\n1998-06-10 00:02:00,180\n1998-06-10 00:03:00,240\n";
const HEAD: &str = "name: test\nduration: 10m\n";

/// Loads a scenario with name and duration in front.
fn load(text: &str) -> Loaded {
    crate::load_text("test.yaml", &format!("{HEAD}{text}"), &LoadOptions::default())
}

/// The plan of a scenario without any issue.
#[track_caller]
fn plan(text: &str) -> Plan {
    let loaded = load(text);
    assert!(loaded.issues.is_empty(), "{}", loaded.report(false));
    loaded.plan.unwrap()
}

/// What is wrong with a scenario, a line each: code, path, message.
fn issues(text: &str) -> Vec<String> {
    lines(&load(text))
}

fn lines(loaded: &Loaded) -> Vec<String> {
    loaded.issues.sorted().iter().map(|issue| format!("{} {}: {}", issue.code, issue.path, issue.message)).collect()
}

#[test]
fn everything_is_understood() {
    let folder = Folder::new(&[("everything.yaml.txt", EVERYTHING), ("day.csv", DAY)]);
    let loaded = crate::load(&folder.path("everything.yaml.txt"), &LoadOptions::default());
    let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
    same(&loaded.report(false), "");
    assert_eq!((plan.nodes.len(), plan.services.len(), plan.jobs.len(), loaded.expectations.len()), (8, 5, 7, 8));
}
