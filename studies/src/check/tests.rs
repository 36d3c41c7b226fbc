use std::fs;
use std::path::PathBuf;

use sim_scenarios::LoadOptions;

use super::{Loaded, load};
use crate::spec::WarmUp;

pub(crate) const SCENARIO: &str = "\
name: shop
duration: 5m
nodes: [{name: idc, tier: idc, capacity: {cpu: 8, memory: 32Gi}, price: 1/h}]
services: {web: {requests: {cpu: 1}, replicas: 2, serviceTime: {exponential: {mean: 50ms}}}}
load: {web: [{constant: 20/s}]}
";

/// A folder with a scenario, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn load(&self, study: &str) -> Loaded {
        fs::write(self.0.join("study.yaml"), study).unwrap();
        load(&self.0.join("study.yaml"), &LoadOptions::default())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn folder(name: &str) -> Folder {
    let path = std::env::temp_dir().join(format!("overspill-check-{}-{name}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("shop.yaml"), SCENARIO).unwrap();
    Folder(path)
}

#[test]
fn a_study_says_what_varies() {
    let loaded = folder("whole").load(
        "scenario: shop.yaml
description: How many replicas?
set: {duration: 2m}
seed: 7
replications: {min: 3, max: 9, until: {p99: 5%}}
warmUp: auto
axes:
  services.web.replicas: [2, 4]
  rate: {path: 'load.web[0].constant', range: {from: 10/s, to: 20/s, step: 5/s}}
  machine: {path: nodes.idc.capacity, values: [{cpu: 8}, {cpu: 16}], labels: [small, large], when: rate > 10/s}
exclude: [services.web.replicas == 4 and rate < 15/s]
figures: [p99, cost]
",
    );
    let study = loaded.study.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
    assert_eq!((study.name.as_str(), study.base_seed, study.warm_up), ("shop", 7, Some(WarmUp::Auto)));
    assert_eq!(study.figures, ["latency_ms.p99", "cost.total"]);
    assert_eq!(study.replications.until, [("latency_ms.p99".to_owned(), 0.05)]);
    let texts: Vec<String> = study.design.points().map(|point| point.texts().join(" ")).collect();
    let expected = ["2 10/s ", "2 15/s small", "2 15/s large", "2 20/s small", "2 20/s large", "4 15/s small", "4 15/s large", "4 20/s small", "4 20/s large"];
    assert_eq!(texts, expected);
    let last = study.design.points().last().unwrap();
    let built = study.template.build(&last.changes());
    let plan = built.plan.as_ref().unwrap_or_else(|| panic!("{}", built.report(false)));
    assert_eq!(plan.duration.as_secs_f64(), 120.0);
}

#[test]
fn every_problem_is_shown_at_once_where_it_is() {
    let loaded = folder("wrong").load(
        "scenario: shop.yaml
replications: {min: 1, max: 0, until: {p9: 5%}, confidence: 100%}
axes:
  a: {values: [1, 1]}
  b: {range: {from: 10s, to: 20, step: 5s}}
  c: {range: {from: 1, to: 2}}
  d: {values: [1, 2], labels: [x]}
  e: {path: x, values: [1], when: f == 2}
  f: {}
zip: [[a, nobody], [c, a]]
exclude: [a]
figures: [latency]
surplus: 1
",
    );
    assert!(loaded.study.is_none());
    let report = loaded.report(false);
    for expected in [
        "unknown key `surplus`",
        "an interval takes at least 2 replications",
        "the most, 0, is below the least, 1",
        "a confidence lies between",
        "`p9` is no figure",
        "`1` is there twice",
        "the numbers of a range have one unit: 10s, 20, 5s",
        "its range is continuous",
        "there are 2 values and 1 labels",
        "`f == 2` names no axis",
        "needs either `values` or `range`",
        "there is no axis `nobody`",
        "is no condition",
        "`latency` is no figure",
        "study.yaml:13",
    ] {
        assert!(report.contains(expected), "{expected} is missing in\n{report}");
    }
}

#[test]
fn a_number_of_replications_may_stand_alone() {
    let loaded = folder("short").load("scenario: shop.yaml\nreplications: 5\naxes: {services.web.replicas: [2, 4]}\n");
    assert_eq!(loaded.study.unwrap().replications, super::Replications::fixed(5));
    let report = folder("short0").load("scenario: shop.yaml\nreplications: 0\naxes: {}\n").report(false);
    assert!(report.contains("at least once"), "{report}");
}

#[test]
fn the_problems_of_the_scenario_are_shown_in_it() {
    let folder = folder("scenario");
    fs::write(folder.0.join("shop.yaml"), SCENARIO.replace("replicas: 2", "replicas: two")).unwrap();
    let report = folder.load("scenario: shop.yaml\naxes: {duration: [1m, 2m]}\n").report(false);
    assert!(report.contains("shop.yaml:4"), "{report}");
    let report = folder.load("scenario: shp.yaml\naxes: {duration: [1m, 2m]}\n").report(false);
    assert!(report.contains("did you mean"), "{report}");
}

#[test]
fn a_study_without_points_and_an_axis_beside_what_is_there_are_told() {
    let none = folder("none").load("scenario: shop.yaml\naxes: {services.web.replicas: [2, 4]}\nexclude: [services.web.replicas > 1]\n");
    assert!(none.study.is_none() && none.report(false).contains("no point is left"), "{}", none.report(false));
    let beside = folder("beside").load("scenario: shop.yaml\naxes: {services.wbe.replicas: [2, 4]}\n");
    assert!(beside.report(false).contains("this creates `services.wbe`") && beside.report(false).contains("did you mean `web`?"), "{}", beside.report(false));
}
