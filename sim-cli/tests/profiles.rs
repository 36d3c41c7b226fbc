//! Pictures of all load profiles, from runs with them: `docs/profiles.md` and `docs/profiles/*.svg`.
//!
//! Run with `OVERSPILL_BLESS=1` to write them anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::{Path, PathBuf};

use sim_reports::chart::NamedChart;
use sim_reports::chart::palette::INK;
use sim_reports::chart::spec::{ChartSpec, Mark, Panel, Series, Unit};
use sim_reports::clock::Clock;
use sim_reports::lang::{Both, Lang};
use sim_scenarios::LoadOptions;

/// A profile: its name in a scenario, what it is for, how long its picture lasts, and how it is written.
struct Profile {
    name: &'static str,
    about: &'static str,
    duration: &'static str,
    window: &'static str,
    entries: &'static [&'static str],
}

/// What `replay` shows.
const RECORDING: &str = "world-cup-sample.csv";

const PROFILES: [Profile; 13] = [
    Profile { name: "constant", about: "The same rate all the time.", duration: "10m", window: "10s", entries: &["{constant: 100/s}"] },
    Profile {
        name: "stages",
        about: "Ramps between rates, as in k6.",
        duration: "10m",
        window: "5s",
        entries: &[
            "{stages: [{duration: 2m, target: 150/s}, {duration: 3m, target: 150/s}, {duration: 0s, target: 60/s}, {duration: 2m, target: 60/s}, {duration: 3m, target: 0/s}]}",
        ],
    },
    Profile {
        name: "steps",
        about: "Rates that hold from one time to the next.",
        duration: "10m",
        window: "5s",
        entries: &["{steps: [[0s, 50/s], [2m, 120/s], [5m, 200/s], [8m, 80/s]]}"],
    },
    Profile {
        name: "diurnal",
        about: "Days and nights around a mean; a peak of more than twice the mean is narrower than a sine wave.",
        duration: "2d",
        window: "10m",
        entries: &["{diurnal: {mean: 10/s, peakAt: \"20:00\", peakToMean: 2.5, trough: 2/s}}"],
    },
    Profile {
        name: "weekly",
        about: "Days and nights with busier and quieter days.",
        duration: "7d",
        window: "30m",
        entries: &["{weekly: {mean: 10/s, peakAt: \"20:00\", peakToMean: 2, days: {fri: 1.3, sat: 0.6, sun: 0.5}}}"],
    },
    Profile {
        name: "flashSale",
        about: "A rush at a known time: up, hold, down.",
        duration: "20m",
        window: "5s",
        entries: &["{constant: 20/s}", "{flashSale: {at: 4m, peak: 300/s, rampUp: 10s, hold: 5m, decay: 6m}}"],
    },
    Profile {
        name: "promotion",
        about: "Hours of higher load with soft edges, and a rush when it opens.",
        duration: "12h",
        window: "5m",
        entries: &["{constant: 10/s}", "{promotion: {at: 3h, rate: 40/s, rampUp: 30m, hold: 4h, decay: 2h, opening: 1.5}}"],
    },
    Profile {
        name: "crawler",
        about: "Bursts that come and go by the clock.",
        duration: "40m",
        window: "15s",
        entries: &["{constant: 30/s}", "{crawler: {rate: 120/s, on: 2m, off: 8m, start: 4m}}"],
    },
    Profile {
        name: "mmpp",
        about: "A rate that jumps at random between states; each seed draws its own path.",
        duration: "60m",
        window: "15s",
        entries: &["{mmpp: [{rate: 120/s, mean: 3m}, {rate: 40/s, mean: 6m}, {rate: 0/s, mean: 2m}]}"],
    },
    Profile {
        name: "classStart",
        about: "Classes whose students all come around the hour.",
        duration: "12h",
        window: "2m",
        entries: &["{classStart: {at: [\"02:00\", \"08:00\"], students: 2000, requests: 20, early: 20m, late: 10m}}"],
    },
    Profile {
        name: "surge",
        about: "Multiplies the other rates of the service for a while.",
        duration: "2d",
        window: "10m",
        entries: &["{diurnal: {mean: 10/s, peakAt: \"20:00\", peakToMean: 2}}", "{surge: {at: 18h, factor: 2.5, rampUp: 30m, hold: 2h, decay: 2h}}"],
    },
    Profile {
        name: "replay",
        about: "A recording of requests per interval, from a CSV file.",
        duration: "30m",
        window: "1m",
        entries: &["{replay: {file: world-cup-sample.csv, scale: 0.01}}"],
    },
    Profile {
        name: "users",
        about: "Users who wait for each answer and think: their requests follow from how fast answers come. At most 100 a second get through here.",
        duration: "20m",
        window: "5s",
        entries: &["{users: {stages: [{duration: 5m, target: 100}, {duration: 5m, target: 200}, {duration: 10m, target: 0}], think: 900ms}}"],
    },
];

impl Profile {
    /// Requests a second, window by window, of a run with this profile.
    fn chart(&self) -> NamedChart {
        let entries: String = self.entries.iter().fold(String::new(), |text, entry| text + "    - " + entry + "\n");
        let service = if self.name == "users" { "{serviceTime: 100ms, concurrency: 10}" } else { "{serviceTime: 1us, concurrency: 1000, arrivals: constant}" };
        let text = format!(
            "name: {}\nduration: {}\nwindow: {}\nnodes: [{{name: node, capacity: {{cpu: 4}}}}]\nservices: {{web: {service}}}\nload:\n  web:\n{entries}",
            self.name, self.duration, self.window
        );
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("profiles");
        fs::create_dir_all(&folder).unwrap();
        fs::copy(docs().join("../scenarios/gallery/data").join(RECORDING), folder.join(RECORDING)).unwrap();
        fs::write(folder.join("profile.yaml"), text).unwrap();
        let loaded = sim_scenarios::load(&folder.join("profile.yaml"), &LoadOptions::default());
        let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
        let record = sim_core::simulation::run(plan, loaded.seed, |_| {});
        assert!(record.summary.requests.offered > 1000, "{}: {:?}", self.name, record.summary.requests);
        let rows = &record.workload_series;
        let width = rows[1].t - rows[0].t;
        let points = rows.iter().map(|row| (row.t + width / 2.0, Some(row.offered as f64 / width))).collect();
        let mut panel = Panel::new("requests a second", Unit::Number);
        panel.marks.push(Mark::Line(Series { label: String::new(), is_name: true, color: INK, points }));
        let spec = ChartSpec {
            title: self.name.to_owned(),
            subtitle: Both::new(self.about, self.about),
            end_s: record.summary.simulated_s,
            clock: Clock::default(),
            panels: vec![panel],
        };
        NamedChart { name: self.name.to_owned(), spec }
    }

    fn section(&self) -> String {
        let entries: String = self.entries.iter().fold(String::new(), |text, entry| text + "    - " + entry + "\n");
        format!("\n## {0}\n\n{1}\n\n```yaml\nload:\n  web:\n{entries}```\n\n![{0}](profiles/{0}.svg)\n", self.name, self.about)
    }
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

#[test]
fn the_pictures_of_profiles_are_those_of_the_program() {
    let mut page = String::from(
        "# Load profiles\n\nWhat can ask a service for work. Rates of one service add up. `timestamps` replays single recorded requests and looks like its recording; \
         `cpuDemand` gives a CPU demand instead of requests.\n\nMade by a test from runs of the program (`OVERSPILL_BLESS=1 cargo test -p overspill --test profiles`), so the pictures are what is \
         simulated.\n",
    );
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for profile in &PROFILES {
        page += &profile.section();
        files.push((docs().join("profiles").join(format!("{}.svg", profile.name)), profile.chart().svg(Lang::En)));
    }
    files.push((docs().join("profiles.md"), page));
    for (file, text) in files {
        if std::env::var_os("OVERSPILL_BLESS").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let committed = fs::read_to_string(&file).unwrap_or_default();
        assert!(committed == text, "{} is out of date; run this test with OVERSPILL_BLESS=1", file.display());
    }
}
