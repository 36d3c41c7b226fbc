//! Equal results whatever the number of jobs, interruptions and parts.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::Ordering;

use sim_studies::check::Study;
use sim_studies::identity::Hash;
use sim_studies::merge::{self, MergeError};
use sim_studies::results;
use sim_studies::runner::Runner;
use sim_studies::store::{Folder as FolderStore, Store};
use sim_studies::sweep::shard::Shard;
use sim_studies::sweep::{SweepError, prepare};

use crate::support::{Counting, Folder, STUDY};

fn runner(jobs: usize) -> Runner {
    Runner::new(NonZeroUsize::new(jobs)).unwrap()
}

/// Runs a part of a study.
fn run(study: &Study, out: &Path, jobs: usize, shard: Shard, resume: bool, observer: &Counting) -> Result<(), SweepError> {
    let runner = runner(jobs);
    let store = FolderStore::open(out).unwrap();
    prepare(study, &runner).unwrap().run(&store, &runner, shard, resume, observer)
}

/// Hash of the table of a complete study.
fn table(study: &Study, out: &Path) -> String {
    let store = FolderStore::open(out).unwrap();
    let prepared = prepare(study, &runner(1)).unwrap();
    results::write(&store, prepared.manifest(), out).unwrap();
    Hash::of(&fs::read(out.join("results.csv")).unwrap()).to_string()
}

fn whole(study: &Study, out: &Path, jobs: usize) -> String {
    run(study, out, jobs, Shard::ALL, false, &Counting::new(u64::MAX)).unwrap();
    table(study, out)
}

#[test]
fn the_table_does_not_depend_on_the_number_of_jobs() {
    let folder = Folder::new();
    let study = folder.study(STUDY);
    let one = whole(&study, &folder.path("one"), 1);
    assert_eq!(whole(&study, &folder.path("two"), 2), one);
    assert_eq!(whole(&study, &folder.path("eight"), 8), one);
    let text = fs::read_to_string(folder.path("one/results.csv")).unwrap();
    assert_eq!(text.lines().count(), 1 + 12 * 2);
    assert!(text.starts_with("point,replicas,rate,replication,seed,digest,"), "{text}");
    assert!(text.lines().nth(1).unwrap().starts_with("0,2,10/s,0,1,"));
}

#[test]
fn an_interrupted_sweep_goes_on_where_it_was() {
    let folder = Folder::new();
    let study = folder.study(STUDY);
    let expected = whole(&study, &folder.path("whole"), 2);
    let out = folder.path("interrupted");
    let interrupted = run(&study, &out, 1, Shard::ALL, false, &Counting::new(7));
    assert!(matches!(interrupted, Err(SweepError::Io(_))), "{interrupted:?}");
    assert!(matches!(run(&study, &out, 1, Shard::ALL, false, &Counting::new(0)), Err(SweepError::NotEmpty(_))), "not without being asked");
    let rest = Counting::new(u64::MAX);
    run(&study, &out, 2, Shard::ALL, true, &rest).unwrap();
    // Three points were whole when the fourth was interrupted.
    assert_eq!(rest.runs.load(Ordering::Relaxed), (12 - 3) * 2);
    assert_eq!(table(&study, &out), expected);
    let nothing = Counting::new(0);
    run(&study, &out, 2, Shard::ALL, true, &nothing).unwrap();
    assert_eq!(table(&study, &out), expected);
}

#[test]
fn two_versions_of_a_study_are_never_mixed() {
    let folder = Folder::new();
    let out = folder.path("out");
    run(&folder.study(STUDY), &out, 2, Shard::ALL, false, &Counting::new(u64::MAX)).unwrap();
    for (changed, said) in [
        (STUDY.replace("[2, 3, 4]", "[2, 3, 5]"), "values of axes, changed"),
        (STUDY.replace("replications: 2", "replications: 3"), "replications: 2 in the results, 3 now"),
        (STUDY.replace("to: 25/s", "to: 30/s"), "number of points: 12 in the results, 15 now"),
        (format!("{STUDY}seed: 5\n"), "seed: 1 in the results, 5 now"),
        (format!("{STUDY}set: {{duration: 50s}}\n"), "the scenario"),
    ] {
        let refused = run(&folder.study(&changed), &out, 1, Shard::ALL, true, &Counting::new(0)).unwrap_err().to_string();
        assert!(refused.contains("never mixed") && refused.contains(said), "{refused}");
    }
    // What is shown of the results is no part of them.
    run(&folder.study(&format!("{STUDY}figures: [p50]\n")), &out, 1, Shard::ALL, true, &Counting::new(0)).unwrap();
}

#[test]
fn a_damaged_result_is_made_again() {
    let folder = Folder::new();
    let study = folder.study(STUDY);
    let out = folder.path("out");
    let expected = whole(&study, &out, 2);
    let entry = out.join("points/0000/0000005.jsonl");
    let content = fs::read_to_string(&entry).unwrap();
    fs::write(&entry, &content[..content.len() / 2]).unwrap();
    let again = Counting::new(u64::MAX);
    run(&study, &out, 2, Shard::ALL, true, &again).unwrap();
    assert_eq!(again.runs.load(Ordering::Relaxed), 2);
    assert_eq!((table(&study, &out), fs::read_to_string(&entry).unwrap()), (expected, content));
}

#[test]
fn parts_run_apart_become_the_same_table() {
    let folder = Folder::new();
    let study = folder.study(STUDY);
    let expected = whole(&study, &folder.path("whole"), 2);
    let mut parts: Vec<Box<dyn Store>> = Vec::new();
    for k in 1..=7 {
        let out = folder.path(&format!("part-{k}"));
        run(&study, &out, 1, format!("{k}/7").parse().unwrap(), false, &Counting::new(u64::MAX)).unwrap();
        parts.push(Box::new(FolderStore::existing(&out).unwrap()));
    }
    let merged = folder.path("merged");
    let into = FolderStore::open(&merged).unwrap();
    let missing = parts.split_off(6);
    merge::merge(&parts, &into).unwrap();
    let incomplete = results::write(&into, prepare(&study, &runner(1)).unwrap().manifest(), &merged).unwrap_err();
    assert!(incomplete.to_string().contains('6'), "{incomplete}");
    merge::merge(&missing, &into).unwrap();
    assert_eq!(table(&study, &merged), expected);

    let other = folder.study(&STUDY.replace("replications: 2", "replications: 1"));
    run(&other, &folder.path("other"), 1, Shard::ALL, false, &Counting::new(u64::MAX)).unwrap();
    let refused = merge::merge(&[Box::new(FolderStore::existing(&folder.path("other")).unwrap())], &into).unwrap_err();
    assert!(matches!(refused, MergeError::Different { .. }), "{refused}");
}

#[test]
fn every_point_is_checked_before_any_is_run() {
    let folder = Folder::new();
    let study = folder.study(&STUDY.replace("[2, 3, 4]", "[2, -3, 4000000000000]"));
    let problems = prepare(&study, &runner(2)).unwrap_err();
    assert_eq!(problems[0].point, "replicas=-3, rate=10/s");
    assert!(problems[0].loaded.report(false).contains("study.yaml:4"), "{}", problems[0].loaded.report(false));
}

#[test]
fn all_points_meet_the_same_customers() {
    let folder = Folder::new();
    let study = folder.study(STUDY);
    whole(&study, &folder.path("out"), 2);
    let text = fs::read_to_string(folder.path("out/results.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let column = rows.headers().unwrap().iter().position(|name| name == "requests.offered").unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let offered = |replicas: &str, replication: &str| {
        rows.iter().filter(|row| &row[1] == replicas && &row[2] == "20/s" && &row[3] == replication).map(|row| row[column].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offered("2", "0"), offered("4", "0"));
    assert_eq!(offered("2", "1"), offered("4", "1"));
    assert_ne!(offered("2", "0"), offered("2", "1"));
}
