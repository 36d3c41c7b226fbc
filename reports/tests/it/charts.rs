//! Charts: complete, the same every time, and readable on a machine without fonts.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use sim_core::record::{Record, WorkloadRow};
use sim_reports::chart::{NamedChart, all};
use sim_reports::lang::Lang;

use crate::example;

/// Folder where people can look at what the tests drew.
fn gallery(record: &Record) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("charts").join(&record.summary.scenario);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Draws every chart of `record` as SVG and checks which there are.
#[track_caller]
fn check(record: &Record, names: &[&str]) -> Vec<NamedChart> {
    let charts = all(record);
    assert_eq!(charts.iter().map(|chart| chart.name.as_str()).collect::<Vec<_>>(), names);
    for chart in &charts {
        let svg = chart.svg(Lang::En);
        fs::write(gallery(record).join(format!("{}.svg", chart.name)), &svg).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{}", chart.name);
        assert!(!svg.contains("<text"), "{}: text that depends on the viewer's fonts", chart.name);
        assert!(svg.contains(&format!("aria-label=\"{}\"", chart.spec.title)), "{}: no title", chart.name);
        assert!(svg.len() < 150_000, "{}: {} bytes of SVG", chart.name, svg.len());
        assert_eq!(svg, chart.svg(Lang::En), "{}: not the same twice", chart.name);
    }
    charts
}

/// Width, height and the darkest value of each row of a PNG file.
fn darkness(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let rows = pixels.chunks(info.width as usize * 3).map(|row| *row.iter().min().unwrap());
    (info.width, info.height, rows.collect())
}

#[test]
fn a_flash_sale_has_load_replicas_latency_and_cost() {
    let record = example::flash_sale();
    for chart in check(&record, &["load", "replicas", "latency-web", "utilization", "startup", "cost"]) {
        let file = chart.png(Lang::En);
        fs::write(gallery(&record).join(format!("{}.png", chart.name)), &file).unwrap();
        let (width, height, darkest) = darkness(&file);
        assert_eq!((width, height), (2400, 1200));
        assert!(darkest[..40].iter().all(|value| *value == 255), "{}: the margin is not white", chart.name);
        // Capitals of the title stand between 24 and 42 pixels from the top, at twice the size.
        assert!(darkest[52..82].iter().all(|value| *value < 0x40), "{}: no title", chart.name);
        assert!(darkest.iter().filter(|value| **value < 200).count() > 700, "{}: almost empty", chart.name);
    }
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    let draw = || all(&example::only_jobs()).last().map(|chart| (chart.name.clone(), chart.svg(Lang::En), chart.png(Lang::En)));
    assert_eq!(draw(), draw());
}

#[test]
fn each_service_has_its_latency_and_shares_the_rest() {
    let charts = check(&example::two_services(), &["load", "replicas", "latency-checkout", "latency-web", "utilization", "startup", "cost"]);
    assert_eq!(charts[0].spec.panels.len(), 2, "load by service");
    let thresholds = |chart: &NamedChart| chart.svg(Lang::En).contains("objective: p99 ≤ 300 ms");
    assert_eq!([thresholds(&charts[2]), thresholds(&charts[3])], [false, true], "an objective is shown at its service");
}

#[test]
fn cpu_demand_has_no_latency() {
    check(&example::cpu_demand(), &["load", "replicas", "utilization", "startup", "cost"]);
}

#[test]
fn jobs_on_free_machines_have_no_cost() {
    check(&example::only_jobs(), &["replicas", "utilization", "jobs"]);
}

#[test]
fn a_name_that_the_font_lacks_is_left_to_the_viewer() {
    let mut record = example::flash_sale();
    "大促 <1>".clone_into(&mut record.summary.scenario);
    let svg = all(&record)[0].svg(Lang::En);
    assert_eq!(svg.matches("<text").count(), 1);
    assert!(svg.contains(">大促 &lt;1&gt;, seed 42: "));
}

#[test]
fn an_svg_can_be_chinese() {
    for chart in all(&example::flash_sale()) {
        let svg = chart.svg(Lang::Zh);
        fs::write(gallery(&example::flash_sale()).join(format!("{}.zh.svg", chart.name)), &svg).unwrap();
        assert!(svg.matches("<text").count() >= 4, "{}: title, headings and legend are left to the viewer's font", chart.name);
        assert!(svg.contains("自开始的时间"), "{}: the time axis", chart.name);
        assert!(svg.contains("随机种子 42"), "{}: the subtitle", chart.name);
    }
}

#[test]
fn a_year_of_minutes_is_drawn_with_its_peak() {
    let mut record = example::flash_sale();
    let (minute, year) = (60.0, 365.0 * 86_400.0);
    record.summary.simulated_s = year;
    record.tier_series.clear();
    let row = record.workload_series[0].clone();
    let rows = (0..525_600u32).map(|i| WorkloadRow { t: f64::from(i) * minute, offered: if i == 400_000 { 6_000_000 } else { 60_000 }, ..row.clone() });
    record.workload_series = rows.collect();
    let load = &all(&record)[0];
    let svg = load.svg(Lang::En);
    assert!(svg.len() < 300_000, "{} bytes", svg.len());
    assert!(svg.contains("aria-label=\"360 d\"") && svg.contains("aria-label=\"100,000\""), "the axes reach the end and the peak");
}

#[test]
fn odd_records_are_drawn_too() {
    let mut record = example::flash_sale();
    "two-minutes".clone_into(&mut record.summary.scenario);
    record.summary.simulated_s = 120.0;
    record.workload_series.retain(|row| row.t < 120.0);
    record.tier_series.retain(|row| row.t < 120.0);
    for row in &mut record.tier_series {
        row.tier = row.tier.replace("ecs", "reserved-instances-of-a-long-name").replace("eci", "spot");
        row.pods_ready += 3;
    }
    check(&record, &["load", "replicas", "latency-web", "utilization", "startup", "cost"]);
    for service in ["../web", "..\\web"] {
        let totals = record.summary.workloads["web"].clone();
        record.summary.workloads.insert(service.to_owned(), totals);
        let rows: Vec<WorkloadRow> = record.workload_series.iter().filter(|row| row.workload == "web").cloned().collect();
        record.workload_series.extend(rows.into_iter().map(|row| WorkloadRow { workload: service.to_owned(), ..row }));
    }
    // A name never leads out of the folder, and two names never share a file.
    check(&record, &["load", "replicas", "latency-..-web", "latency-..-web_", "latency-web", "utilization", "startup", "cost"]);
    record.summary.workloads.retain(|name, _| name == "web");
    record.summary.simulated_s = 0.0;
    record.workload_series.truncate(1);
    record.tier_series.clear();
    "nothing".clone_into(&mut record.summary.scenario);
    check(&record, &["load", "latency-web", "utilization", "startup"]);
    record.workload_series.clear();
    check(&record, &[]);
}
