//! Load profiles: what they add up to.

use sim_core::plan::{Curve, Traffic};
use sim_core::units::Time;

use super::{issues, lines};
use crate::LoadOptions;
use crate::testing::Folder;

const SERVICE: &str = "services: {web: {serviceTime: 1ms}}\nnodes: [{name: n, capacity: {cpu: 8}}]\n";

fn scenario(duration: &str, profiles: &str) -> String {
    format!("name: test\nduration: {duration}\n{SERVICE}load:\n  web: [{profiles}]\n")
}

#[track_caller]
fn curve(duration: &str, profiles: &str) -> Curve {
    let loaded = crate::load_text("test.yaml", &scenario(duration, profiles), &LoadOptions::default());
    let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
    match &plan.services.values().next().unwrap().traffic {
        Traffic::Requests(requests) => requests.rate.clone(),
        Traffic::CpuDemand { demand, .. } => demand.clone(),
        Traffic::None => panic!("no traffic"),
    }
}

fn total(curve: &Curve, seconds: u64) -> f64 {
    curve.integral(Time::ZERO, Time::from_secs(seconds))
}

#[test]
fn profiles_have_the_integrals_of_their_shapes() {
    for (duration, profile, seconds, expected) in [
        ("10m", "{constant: 48k/min}", 600, 480_000.0),
        // A trapezium: 5 s up, 60 s at the top, 10 s down.
        ("10m", "{flashSale: {at: 1m, peak: 100/s, rampUp: 5s, hold: 60s, decay: 10s}}", 600, 250.0 + 6000.0 + 500.0),
        ("10m", "{flashSale: {at: 1m, peak: 100/s, hold: 60s}}", 600, 6000.0),
        // Bursts at 30 s, 180 s, 330 s, 480 s.
        ("10m", "{crawler: {rate: 10/s, on: 30s, off: 2m, start: 30s}}", 600, 4.0 * 300.0),
        ("10m", "{crawler: {rate: 10/s, on: 30s, off: 0s}}", 600, 6000.0),
        ("10m", "{steps: [[0s, 1/s], [1m, 2/s], [2m, 0]]}", 600, 60.0 + 120.0),
        ("10m", "{steps: [[1m, 2/s]]}", 600, 1080.0),
        ("10m", "{stages: [{duration: 1m, target: 10/s}, {duration: 1m, target: 10/s}, {duration: 0s, target: 2/s}]}", 600, 300.0 + 600.0 + 960.0),
        ("10m", "{stages: {startRate: 4/s, at: 1m, stages: [{duration: 2m, target: 0}]}}", 600, 240.0 + 240.0),
        ("1d", "{diurnal: {mean: 10/s, peakAt: \"20:00\", peakToMean: 2}}", 86_400, 864_000.0),
        ("1d", "{diurnal: {mean: 10/s, peakAt: \"20:00\", peakToMean: 1}}", 86_400, 864_000.0),
        ("1d", "{diurnal: {mean: 10/s, peakAt: \"08:00\", peakToMean: 5}}", 86_400, 864_000.0),
        ("1d", "{diurnal: {mean: 10/s, peakAt: \"08:00\", peakToMean: 1.5, trough: 1/s}}", 86_400, 864_000.0),
        ("1d", "{promotion: {at: 1h, rate: 10/s, rampUp: 10m, hold: 1h, decay: 10m}}", 86_400, 42_000.0),
        // A rush to three times the rate, over after 6 minutes.
        ("1d", "{promotion: {at: 1h, rate: 10/s, hold: 1h, opening: 3}}", 86_400, 36_000.0 + 0.5 * 20.0 * 360.0),
        ("1d", "{classStart: {at: [\"08:00\", \"14:00\"], students: 100, requests: 2, early: 10m, late: 5m}}", 86_400, 400.0),
        ("1d", "{classStart: {at: [\"00:05\"], students: 200, early: 10m, late: 10m}}", 3600, 200.0 * 0.875),
        ("10m", "{constant: 10/s}, {surge: {at: 1m, factor: 3, rampUp: 30s, hold: 1m, decay: 30s}}", 600, 6000.0 + 20.0 * 90.0),
        ("10m", "{constant: 1/s}, {constant: 2/s}, {steps: [[5m, 3/s]]}", 600, 1800.0 + 900.0),
        ("10m", "{cpuDemand: [[0s, 12375m], [60s, 24750m]]}", 120, 60.0 * (12375.0 + 24750.0)),
        ("10m", "{cpuDemand: {linear: [[0s, 0], [10s, 1], [10s, 3]]}}", 20, 5000.0 + 30_000.0),
    ] {
        let sum = total(&curve(duration, profile), seconds);
        assert!((sum / expected - 1.0).abs() < 1e-6, "{profile}: {sum} instead of {expected}");
    }
}

#[test]
fn a_daily_wave_peaks_at_its_time() {
    let text = "{diurnal: {mean: 100/s, peakAt: \"20:00\", peakToMean: 1.8}}";
    let rate = curve("2d", text);
    for (hour, expected) in [(20, 180.0), (8, 20.0), (2, 100.0), (44, 180.0)] {
        assert!((rate.at(Time::from_secs(hour * 3600)) - expected).abs() < 1e-6, "{hour} h");
    }
    let narrow = curve("1d", "{diurnal: {mean: 100/s, peakAt: \"20:00\", peakToMean: 4}}");
    assert!((narrow.at(Time::from_secs(20 * 3600)) - 400.0).abs() < 1e-6 && narrow.at(Time::from_secs(8 * 3600)) < 1e-6);
    let evening = crate::load_text("t", &(scenario("1h", text) + "start: \"2026-11-11T19:30:00+08:00\"\n"), &LoadOptions::default());
    assert!((rate_of(&evening).at(Time::from_secs(1800)) - 180.0).abs() < 1e-6);
}

const RECORDING: &str = "period,humans,count\n1998-06-10 00:00:00,1,60\n1998-06-10 00:01:00,1,120\n1998-06-10 00:04:00,1,240\n1998-06-10T00:05:00Z,1,300\n";

fn replay(options: &str, csv: &[u8], name: &str) -> crate::Loaded {
    let text = scenario("10m", &format!("{{replay: {{file: {name}, {options}}}}}"));
    let folder = Folder::new(&[("test.yaml", &text)]);
    folder.write(name, csv);
    crate::load(&folder.path("test.yaml"), &LoadOptions::default())
}

fn rate_of(loaded: &crate::Loaded) -> Curve {
    let Traffic::Requests(requests) = &loaded.plan.as_ref().unwrap().services.values().next().unwrap().traffic else { panic!("requests") };
    requests.rate.clone()
}

#[test]
fn recordings_are_entered_anywhere() {
    let all = replay("interval: 1m", RECORDING.as_bytes(), "day.csv");
    assert_eq!(lines(&all), ["S0314 load.web[0].replay.file: the recording ends 6m after the start of the run; no load follows"]);
    let curve = rate_of(&all);
    assert_eq!([0, 60, 120, 240, 300, 360].map(|s| curve.at(Time::from_secs(s))), [1.0, 2.0, 0.0, 4.0, 5.0, 0.0]);

    let part = rate_of(&replay("from: \"1998-06-10 00:01:30\", scale: 2, length: 4m", RECORDING.as_bytes(), "day.csv"));
    assert_eq!([0, 29, 30, 150, 210, 239, 240].map(|s| part.at(Time::from_secs(s))), [4.0, 4.0, 0.0, 8.0, 10.0, 10.0, 0.0]);
    assert_eq!(rate_of(&replay("from: 90s, column: humans, length: 1m", RECORDING.as_bytes(), "day.csv")).at(Time::ZERO), 1.0 / 60.0);

    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, b"n\n5\n10\n15\n").unwrap();
    let numbers = rate_of(&replay("interval: 5s, length: 15s", &packed.finish().unwrap(), "n.csv.gz"));
    assert_eq!([0, 5, 10, 15].map(|s| numbers.at(Time::from_secs(s))), [1.0, 2.0, 3.0, 0.0]);
}

#[test]
fn recordings_that_cannot_be_used_say_why() {
    for (options, csv, expected) in [
        ("column: cuont", RECORDING, "S0241 load.web[0].replay.column: the recording has no column `cuont`"),
        ("from: \"1999-01-01 00:00:00\"", RECORDING, "S0241 load.web[0].replay.from: the recording ends before this"),
        ("from: \"1998-01-01\"", RECORDING, "S0241 load.web[0].replay.from: the recording starts later than this"),
        ("interval: 5m", RECORDING, "S0241 load.web[0].replay.interval: line 3: this row starts before the interval of the one before is over"),
        ("interval: 1m", "t,n\n0,x\n", "S0241 load.web[0].replay.column: line 2: `x` is not a count"),
        ("interval: 1m", "t,n\nx,1\n", "S0241 load.web[0].replay.timeColumn: line 2: `x` is neither a date nor a number"),
        (
            "from: \"1998-01-01\"",
            "t,n\n0,1\n",
            "S0241 load.web[0].replay.from: the recording has no dates, so it cannot be entered at one; give a time after its first row",
        ),
    ] {
        assert_eq!(lines(&replay(options, csv.as_bytes(), "day.csv")), [expected], "{options}");
    }
    let missing = super::load(&format!("{SERVICE}load: {{web: [{{replay: {{file: none.csv}}}}]}}"));
    assert_eq!(lines(&missing), ["S0001 load.web[0].replay.file: cannot read `none.csv`: there is no such file"]);
}

#[test]
fn weekends_are_quieter() {
    // The 21st of November 2026 is a Saturday.
    let text = "start: \"2026-11-21\"\n".to_owned() + &scenario("14d", "{weekly: {mean: 10/s, peakAt: \"20:00\", peakToMean: 2, days: {sat: 0.5, sun: 0}}}");
    let loaded = crate::load_text("t", &text, &LoadOptions::default());
    let Traffic::Requests(requests) = &loaded.plan.as_ref().unwrap_or_else(|| panic!("{:?}", lines(&loaded))).services.values().next().unwrap().traffic else {
        panic!("no requests")
    };
    let day = |n: u64| requests.rate.integral(Time::from_secs(n * 86_400), Time::from_secs((n + 1) * 86_400)) / 864_000.0;
    let days: Vec<f64> = (0..14).map(day).collect();
    for (n, expected) in [(0, 0.5), (1, 0.0), (2, 1.0), (6, 1.0), (7, 0.5), (8, 0.0)] {
        assert!((days[n] - expected).abs() < 2e-3, "day {n}: {days:?}");
    }
}

#[test]
fn random_and_recorded_loads_are_checked() {
    let check = |profile: &str| issues(&format!("{SERVICE}load: {{web: [{profile}]}}"));
    assert_eq!(check("{mmpp: [{rate: 1/s, mean: 1s}]}"), ["S0207 load.web[0].mmpp: a modulated rate has at least two states"]);
    assert_eq!(check("{mmpp: [{rate: 1/s, mean: 1s}, {rate: 2/s, mean: 0s}]}"), ["S0204 load.web[0].mmpp[1].mean: a state lasts longer than 0"]);
    assert_eq!(check("{timestamps: {file: none.csv}}"), ["S0001 load.web[0].timestamps.file: cannot read `none.csv`: there is no such file"]);
    assert_eq!(check("{mmpp: [{rate: 1/s, mean: 1s}, {rate: 2/s, mean: 4s}]}"), [""; 0]);
}

#[test]
fn too_much_is_refused_at_once() {
    let check = |profile: &str| issues(&format!("{SERVICE}load: {{web: [{profile}]}}"));
    assert_eq!(check("{constant: 1000G/s}"), ["S0205 load.web[0]: a rate of 1000000000000 requests per second is too high: at most 100000000 are possible"]);
    let year = crate::load_text("t", &scenario("3650d", "{constant: 50M/s}"), &LoadOptions::default());
    assert_eq!(lines(&year), ["S0205 load.web: about 1.58e16 requests are too many: at most 1e12 are possible"]);
    let bursts = crate::load_text("t", &scenario("3650d", "{crawler: {rate: 1/s, on: 1s, off: 1s}}"), &LoadOptions::default());
    assert_eq!(lines(&bursts), ["S0205 load.web[0].crawler: 157680000 bursts are too many: at most 1000000 are possible"]);
    let long = "{diurnal: {mean: 1/s, peakAt: \"20:00\", peakToMean: 2}}, ".repeat(12);
    let years = crate::load_text("t", &scenario("3650d", &long), &LoadOptions::default());
    assert_eq!(lines(&years), ["S0205 load.web[10]: the load profiles are too detailed for a run as long as this"]);
    assert_eq!(check("{constant: 1/s}, {cpuDemand: [[0s, 1]]}"), ["S0240 load.web[1]: rates, `users` and `cpuDemand` do not mix in one service"]);
    assert_eq!(check("{steps: [[1m, 1/s], [1m, 2/s]]}"), ["S0206 load.web[0].steps[1][0]: 1m comes behind 1m: times are in ascending order"]);
    assert_eq!(
        check("{diurnal: {mean: 1/s, peakAt: \"20:00\", peakToMean: 0.5}}"),
        ["S0204 load.web[0].diurnal.peakToMean: a number from 1 to 10 is possible"]
    );
}
