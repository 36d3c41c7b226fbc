//! Flow fidelity against request fidelity on the gallery: the same scenarios with the same seeds, and how far cost, replica-minutes and p99 are apart.
//!
//! `cargo test` compares the quick ones with one seed. All of them, and the table in `docs/flow-fidelity.md`:
//! `OVERSPILL_BLESS=1 cargo test --release -p sim-scenarios --test flow -- --ignored --nocapture`

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sim_core::plan::{Fidelity, Plan};
use sim_core::record::Summary;
use sim_core::simulation;
use sim_scenarios::LoadOptions;

/// What is promised: cost, replica-minutes, p99.
const BOUNDS: [f64; 3] = [0.01, 0.02, 0.15];

/// Files that lie outside, and why.
const OUTSIDE: [(&str, &str); 1] = [(
    "keda-queue",
    "a few requests of three seconds wake a handful of pods, and clients that try again are told apart by their mean pause only, so that the backlog which decides on each pod is a little smaller.",
)];

/// Takes so long in request fidelity that one seed has to do, and is not compared in `cargo test`.
const LONG: &str = "double-eleven";

/// Seeds that are run.
fn seeds(name: &str) -> u64 {
    std::env::var("OVERSPILL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(if name == LONG { 1 } else { 20 })
}

/// Runs of one file in both fidelities.
struct Row {
    name: String,
    /// Means over seeds of cost, replica-minutes and p99 in milliseconds: in request and in flow fidelity.
    figures: [[f64; 3]; 2],
    /// Seconds that one run took.
    wall: [f64; 2],
}

impl Row {
    fn errors(&self) -> [f64; 3] {
        let [request, flow] = self.figures;
        std::array::from_fn(|i| if request[i] == flow[i] { 0.0 } else { flow[i] / request[i] - 1.0 })
    }

    fn is_inside(&self) -> bool {
        self.errors().iter().zip(BOUNDS).all(|(error, bound)| error.abs() <= bound)
    }
}

fn plan(path: &Path) -> (Plan, u64) {
    let loaded = sim_scenarios::load(path, &LoadOptions::default());
    (loaded.plan.unwrap_or_else(|| panic!("{} is read", path.display())), loaded.seed)
}

fn figures(summary: &Summary) -> [f64; 3] {
    let replicas: f64 = summary.workloads.values().map(|workload| workload.replicas.mean * summary.simulated_s / 60.0).sum();
    [summary.cost.total.to_string().parse().unwrap(), replicas, summary.latency_ms.p99]
}

fn compare(path: &Path, seeds: u64) -> Row {
    let (mut plan, first) = plan(path);
    let mut row = Row { name: path.file_stem().unwrap().to_string_lossy().into_owned(), figures: [[0.0; 3]; 2], wall: [0.0; 2] };
    for (place, fidelity) in [Fidelity::Request, Fidelity::Flow].into_iter().enumerate() {
        plan.fidelity = fidelity;
        for seed in first..first + seeds {
            let started = Instant::now();
            let summary = simulation::run(&plan, seed, |_| {}).summary;
            row.wall[place] += started.elapsed().as_secs_f64() / seeds as f64;
            row.figures[place].iter_mut().zip(figures(&summary)).for_each(|(sum, figure)| *sum += figure / seeds as f64);
        }
    }
    println!("{:24} {:?} errors {:.4?} wall {:.3?}", row.name, row.figures, row.errors(), row.wall);
    row
}

fn gallery() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("gallery");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect();
    // Some have what flow fidelity refuses.
    let options = LoadOptions { set: vec!["fidelity=flow".to_owned()], ..LoadOptions::default() };
    files.retain(|path| sim_scenarios::load(path, &options).plan.is_some());
    files.sort();
    files
}

#[test]
fn flow_stays_near_request_fidelity() {
    for name in ["promotion-cron-hpa", "wordpress-hpa", "nginx-idc-eci"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("gallery/{name}.yaml"));
        let row = compare(&path, 1);
        // One seed has chance of its own.
        assert!(row.errors().iter().zip(BOUNDS).all(|(error, bound)| error.abs() <= bound + 0.02), "{name}: {:?}", row.errors());
    }
}

#[test]
#[ignore = "takes minutes: every file of the gallery in both fidelities"]
fn the_table_is_up_to_date() {
    let only = std::env::var("OVERSPILL_ONLY").ok();
    let mut rows = Vec::new();
    for path in gallery() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
            rows.push(compare(&path, seeds(&name)));
        }
    }
    if only.is_some() {
        return;
    }
    let outside: Vec<&str> = rows.iter().filter(|row| !row.is_inside()).map(|row| row.name.as_str()).collect();
    assert_eq!(outside, OUTSIDE.map(|file| file.0), "files outside are named with the reason");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/flow-fidelity.md");
    if std::env::var_os("OVERSPILL_BLESS").is_some() {
        let text = std::fs::read_to_string(&docs).unwrap();
        let (before, rest) = text.split_once("<!-- table -->\n").unwrap();
        let (_, after) = rest.split_once("<!-- end -->").unwrap();
        std::fs::write(&docs, format!("{before}<!-- table -->\n{}<!-- end -->{after}", table(&rows))).unwrap();
    }
}

#[test]
#[ignore = "a measurement: a year of thousands of pods, and half an hour of ten thousand"]
fn long_runs_take_seconds() {
    for file in ["benchmarks/year.yaml", "gallery/double-eleven.yaml"] {
        let (mut plan, seed) = plan(&Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
        plan.fidelity = Fidelity::Flow;
        let started = Instant::now();
        let summary = simulation::run(&plan, seed, |_| {}).summary;
        println!("{file}: {:.3} s, {} events, {:?}, p99 {} ms", started.elapsed().as_secs_f64(), summary.events, summary.requests, summary.latency_ms.p99);
    }
}

fn table(rows: &[Row]) -> String {
    let mut text =
        "\n| file | cost | replica-minutes | p99 in ms, request | flow | error | seconds, request | flow |\n|---|--:|--:|--:|--:|--:|--:|--:|\n".to_owned();
    for row in rows {
        let [cost, replicas, p99] = row.errors().map(|error| format!("{:+.2} %", 100.0 * error));
        let ms = |place: usize| if row.figures[place][2] > 0.0 { format!("{:.1}", row.figures[place][2]) } else { "–".to_owned() };
        let p99 = if row.figures[0][2] > 0.0 { p99 } else { "–".to_owned() };
        writeln!(text, "| {} | {cost} | {replicas} | {} | {} | {p99} | {:.2} | {:.3} |", row.name, ms(0), ms(1), row.wall[0], row.wall[1]).unwrap();
    }
    for (name, why) in OUTSIDE {
        writeln!(text, "\nOutside: `{name}`: {why}").unwrap();
    }
    text + "\n"
}
