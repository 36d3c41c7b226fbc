//! Flow fidelity against request fidelity on the gallery: the same scenarios with the same seeds, and how far cost, replica-minutes and p99 are apart.
//!
//! `cargo test` compares the quick ones with one seed. All of them, random scenarios besides, and the tables in `docs/flow-fidelity.md`:
//! `OVERSPILL_BLESS=1 cargo test --release -p sim-scenarios --test flow -- --ignored --nocapture`

#![expect(clippy::unwrap_used, reason = "a test")]

mod random;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use sim_core::plan::{Fidelity, Plan, Traffic};
use sim_core::record::Summary;
use sim_core::simulation;
use sim_scenarios::LoadOptions;

/// What is promised: cost, replica-minutes, p99.
const BOUNDS: [f64; 3] = [0.01, 0.02, 0.15];

/// Files that lie outside, and why.
const OUTSIDE: [(&str, &str); 0] = [];

/// Threads for many runs.
const THREADS: usize = 4;

/// Files that take so long in request fidelity that one seed has to do.
const LONG: [&str; 2] = ["double-eleven", "shop-chain"];

/// Seeds that are run.
fn seeds(name: &str) -> u64 {
    std::env::var("OVERSPILL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(match name {
        name if LONG.contains(&name) => 1,
        // Its replicas depend on chance more than others'.
        "flash-sale" => 16,
        _ => 5,
    })
}

/// Runs of one file in both fidelities.
struct Row {
    name: String,
    /// Whether flow fidelity takes rates for one of its services.
    has_rates: bool,
    /// Means over seeds of cost, replica-minutes and p99 in milliseconds: in request and in flow fidelity.
    figures: [[f64; 3]; 2],
    /// Sums of their squares.
    squares: [[f64; 3]; 2],
    seeds: u64,
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

    /// Standard errors of the errors, which seeds' chance causes.
    fn chance(&self) -> [f64; 3] {
        let seeds = self.seeds as f64;
        let variance = |place: usize, i: usize| (self.squares[place][i] / seeds - self.figures[place][i].powi(2)).max(0.0) / (seeds - 1.0).max(1.0);
        std::array::from_fn(|i| if self.figures[0][i] > 0.0 { (variance(0, i) + variance(1, i)).sqrt() / self.figures[0][i] } else { 0.0 })
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
    let (plan, first) = plan(path);
    compare_plan(path.file_stem().unwrap().to_string_lossy().into_owned(), plan, first, seeds)
}

fn compare_plan(name: String, mut plan: Plan, first: u64, seeds: u64) -> Row {
    let chains = plan.chains();
    let in_chain = |id| chains.iter().any(|chain| chain.services.contains(&id));
    plan.fidelity = Fidelity::Flow;
    let has_rates = plan
        .services
        .iter()
        .any(|(id, service)| matches!(service.traffic, Traffic::Requests(_)) && !in_chain(id) && plan.fidelity_of(service) == Fidelity::Flow);
    let mut row = Row { name, has_rates, figures: [[0.0; 3]; 2], squares: [[0.0; 3]; 2], seeds, wall: [0.0; 2] };
    for (place, fidelity) in [Fidelity::Request, Fidelity::Flow].into_iter().enumerate() {
        plan.fidelity = fidelity;
        for seed in first..first + seeds {
            let started = Instant::now();
            let summary = simulation::run(&plan, seed, |_| {}).summary;
            row.wall[place] += started.elapsed().as_secs_f64() / seeds as f64;
            for (i, figure) in figures(&summary).into_iter().enumerate() {
                row.figures[place][i] += figure / seeds as f64;
                row.squares[place][i] += figure * figure;
            }
        }
    }
    println!("{:24} errors {:.4?} chance {:.4?} of {:.2?} wall {:.3?}", row.name, row.errors(), row.chance(), row.figures[0], row.wall);
    row
}

fn gallery() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("gallery");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect();
    files.sort();
    files
}

#[test]
fn flow_stays_near_request_fidelity() {
    for name in ["promotion-cron-hpa", "node-maintenance", "rollout-at-the-peak"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("gallery/{name}.yaml"));
        let row = compare(&path, 1);
        assert!(row.has_rates, "{name} is followed request by request");
        // One seed has chance of its own.
        assert!(row.errors().iter().zip(BOUNDS).all(|(error, bound)| error.abs() <= bound + 0.02), "{name}: {:?}", row.errors());
    }
}

#[test]
#[ignore = "takes minutes: every file of the gallery in both fidelities"]
fn the_table_is_up_to_date() {
    let only = std::env::var("OVERSPILL_ONLY").ok();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    let wanted = |path: &PathBuf| only.as_ref().is_none_or(|only| name(path).contains(only.as_str()));
    let files: Vec<PathBuf> = gallery().into_iter().filter(wanted).collect();
    let rows = each(&files, |path| compare(path, seeds(&name(path))));
    if only.is_some() {
        return;
    }
    write("table", &table(&rows));
    let outside: Vec<&str> = rows.iter().filter(|row| !row.is_inside()).map(|row| row.name.as_str()).collect();
    assert_eq!(outside, OUTSIDE.map(|file| file.0), "files outside are named with the reason");
}

/// What `work` makes of each item, in their order, on several threads.
fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let made: Mutex<Vec<(usize, R)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let place = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(item) = items.get(place)
                {
                    let result = work(item);
                    made.lock().unwrap().push((place, result));
                }
            });
        }
    });
    let mut made = made.into_inner().unwrap();
    made.sort_by_key(|made| made.0);
    made.into_iter().map(|made| made.1).collect()
}

/// Writes a part of the documentation, if that is wanted.
fn write(part: &str, made: &str) {
    static ONE_BY_ONE: Mutex<()> = Mutex::new(());
    let _turn = ONE_BY_ONE.lock().unwrap();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/flow-fidelity.md");
    if std::env::var_os("OVERSPILL_BLESS").is_none() {
        return;
    }
    let text = std::fs::read_to_string(&docs).unwrap();
    let (before, rest) = text.split_once(&format!("<!-- {part} -->\n")).unwrap();
    let (_, after) = rest.split_once(&format!("<!-- end of {part} -->")).unwrap();
    std::fs::write(&docs, format!("{before}<!-- {part} -->\n{made}<!-- end of {part} -->{after}")).unwrap();
}

/// Random scenarios: how many are within the bounds, and those that are not. `RANDOM_FROM` and `RANDOM_COUNT` choose others.
#[test]
#[ignore = "takes minutes: random scenarios in both fidelities"]
fn random_scenarios_stay_near_request_fidelity() {
    let of = |name: &str, or: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(or);
    let (from, count) = (of("RANDOM_FROM", 0), of("RANDOM_COUNT", 80));
    let (mut outside, mut within) = (Vec::new(), [0_u64; 3]);
    let numbers: Vec<u64> = (from..from + count).collect();
    let rows = each(&numbers, |&number| {
        let (text, what) = random::write(number);
        let loaded = sim_scenarios::load_text("random.yaml", &text, &LoadOptions::default());
        let plan = loaded.plan.unwrap_or_else(|| panic!("{text}\n{:?}", loaded.issues));
        (number, what, compare_plan(number.to_string(), plan, number, of("OVERSPILL_SEEDS", 2)))
    });
    for (number, what, row) in rows {
        for (place, count) in within.iter_mut().enumerate() {
            *count += u64::from(row.errors()[place].abs() <= BOUNDS[place]);
        }
        if !row.is_inside() {
            outside.push((row.errors(), row.chance(), number, what));
        }
    }
    outside.sort_by(|a, b| worst(&b.0).total_cmp(&worst(&a.0)));
    let mut text = format!(
        "\nOf {count} random scenarios, {} are within 1 % in cost, {} within 2 % in replica-minutes and {} within 15 % in p99. The others:\n\n| number | cost | replica-minutes | p99 | what |\n|--:|--:|--:|--:|---|\n",
        within[0], within[1], within[2]
    );
    for (errors, chance, number, what) in &outside {
        let [cost, replicas, p99] = std::array::from_fn(|i| format!("{:+.1} ± {:.1} %", 100.0 * errors[i], 100.0 * chance[i]));
        writeln!(text, "| {number} | {cost} | {replicas} | {p99} | {what} |").unwrap();
    }
    println!("{text}");
    write("random", &(text + "\n"));
}

/// The largest error, relative to its bound.
fn worst(errors: &[f64; 3]) -> f64 {
    errors.iter().zip(BOUNDS).map(|(error, bound)| error.abs() / bound).fold(0.0, f64::max)
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
        "\n| file | followed as | seeds | cost | replica-minutes | p99 in ms, request | flow | error |\n|---|---|--:|--:|--:|--:|--:|--:|\n".to_owned();
    for row in rows {
        let [cost, replicas, p99] = row.errors().map(|error| if error == 0.0 { "0".to_owned() } else { format!("{:+.2} %", 100.0 * error) });
        let has_requests = row.figures[0][2] > 0.0;
        let ms = |place: usize| if has_requests { format!("{:.1}", row.figures[place][2]) } else { "–".to_owned() };
        let p99 = if has_requests { p99 } else { "–".to_owned() };
        let how = match (has_requests, row.has_rates) {
            (false, _) => "–",
            (true, true) => "rates",
            (true, false) => "requests",
        };
        let (name, seeds) = (&row.name, row.seeds);
        writeln!(text, "| {name} | {how} | {seeds} | {cost} | {replicas} | {} | {} | {p99} |", ms(0), ms(1)).unwrap();
    }
    if OUTSIDE.is_empty() {
        text += "\nNo file lies outside.\n";
    }
    for (name, why) in OUTSIDE {
        writeln!(text, "\nOutside: `{name}`: {why}").unwrap();
    }
    text + "\n"
}
