use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;

use super::*;
use crate::render;
use crate::source::Sources;
use crate::testing::same;
use crate::tree;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scenario {
    name: String,
    duration: Duration,
    #[serde(default)]
    nodes: Vec<Node>,
    #[serde(default)]
    virtual_nodes: Vec<Node>,
    #[serde(default)]
    services: BTreeMap<String, Service>,
    #[serde(default)]
    steps: Vec<(Duration, u32)>,
    seed: Option<u64>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    expect: Vec<serde_json::Value>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Node {
    name: String,
    #[serde(default)]
    count: u8,
    capacity: Option<Capacity>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Capacity {
    cpu: String,
    memory: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Service {
    replicas: Option<u32>,
    #[serde(default)]
    window: Option<Window>,
    autoscaler: Option<Autoscaler>,
    #[serde(default)]
    weight: f64,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Autoscaler {
    None,
    Hpa { min: u32, max: u32 },
    Fixed(Fixed),
}

#[derive(Debug, PartialEq, Default, Deserialize)]
#[serde(default)]
struct Fixed {
    replicas: u32,
}

/// A mapping with a rule of its own.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawWindow")]
struct Window {
    from: u32,
    to: u32,
}

#[derive(Deserialize)]
struct RawWindow {
    from: u32,
    to: u32,
}

impl TryFrom<RawWindow> for Window {
    type Error = String;

    fn try_from(RawWindow { from, to }: RawWindow) -> Result<Self, String> {
        if from < to { Ok(Self { from, to }) } else { Err(format!("the window ends at {to}, before it starts at {from}")) }
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Duration(u64);

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_suffix('s').and_then(|digits| digits.parse().ok());
        digits.map(Self).ok_or_else(|| format!("expected a duration, found {}{HELP}write 30s or 1h30m", quote(text)))
    }
}

impl TryFrom<String> for Duration {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

mod reports;
mod together;

fn read(text: &str) -> (Option<Scenario>, String) {
    let mut sources = Sources::new();
    let mut issues = Issues::default();
    let id = sources.add("flash.yaml", text);
    let root = tree::parse(&sources, id, &mut issues);
    let scenario = root.and_then(|root| decode(&root, &mut issues));
    assert_eq!(issues.len(), issues.sorted().len(), "something is reported twice");
    (scenario, render::text(&issues, &sources, false))
}

#[track_caller]
fn check(text: &str, expected: &str) {
    same(&read(text).1, expected);
}

/// A scenario that is correct but for the lines given.
fn with(lines: &str) -> String {
    format!("name: flash\nduration: 2s\n{lines}")
}

#[test]
fn a_correct_scenario() {
    let (scenario, report) = read(&with(
        "nodes:\n- {name: 1e3, count: 0x10, capacity: {cpu: 0.50, memory: '64Gi'}}\n\
         services:\n  web: {autoscaler: {hpa: {min: 1, max: 1e3}}, weight: 2, window: {from: 1, to: 2}}\n  api: {autoscaler: none}\n  job: {autoscaler: fixed, replicas: ~}\n\
         virtualNodes:\nsteps: [[0s, 22], [15s, 44]]\nexpect: [{at: 84, ok: true, cost: \"1.50\", none: , list: [1.5, -3]}]\n",
    ));
    assert_eq!(report, "");
    let scenario = scenario.unwrap();
    let capacity = Some(Capacity { cpu: "0.50".into(), memory: "64Gi".into() });
    assert_eq!(scenario.nodes, [Node { name: "1e3".into(), count: 16, capacity }]);
    assert_eq!(
        scenario.services["web"],
        Service { replicas: None, window: Some(Window { from: 1, to: 2 }), autoscaler: Some(Autoscaler::Hpa { min: 1, max: 1000 }), weight: 2.0 }
    );
    assert_eq!(scenario.services["api"].autoscaler, Some(Autoscaler::None));
    assert_eq!(scenario.services["job"].autoscaler, Some(Autoscaler::Fixed(Fixed { replicas: 0 })));
    assert_eq!(scenario.steps, [(Duration(0), 22), (Duration(15), 44)]);
    assert_eq!(scenario.expect, [serde_json::json!({"at": 84, "ok": true, "cost": "1.50", "none": null, "list": [1.5, -3]})]);
    assert_eq!(scenario.virtual_nodes, []);
}

#[test]
fn what_can_be_read_is_returned() {
    let (scenario, _) = read(&with("nodes: [{name: a}, {name: b, count: x}, {count: 1}, {name: c}]\nseed: x\n"));
    let scenario = scenario.unwrap();
    assert_eq!(scenario.seed, None);
    assert_eq!(scenario.nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(scenario.nodes[1].count, 0);
    assert_eq!(read("name: flash\nduration: x\n").0, None);
}

#[test]
fn keys_of_others_are_skipped_on_demand() {
    let mut sources = Sources::new();
    let mut issues = Issues::default();
    let id = sources.add("web.yaml", "name: a\nspec: {x: 1}\ncapacity: {cpu: 1, memory: 2, pods: 3}\n");
    let root = tree::parse(&sources, id, &mut issues).unwrap();
    assert!(decode_known::<Node>(&root, &mut issues).is_some());
    assert!(issues.is_empty());
    assert!(decode::<Node>(&root, &mut issues).is_some());
    assert_eq!(issues.len(), 2);
}

#[test]
fn a_file_full_of_errors_ends_soon() {
    let nodes = "- {count: x, capacity: {cpu: [], memry: 1}}\n".repeat(5000);
    let start = std::time::Instant::now();
    let (scenario, report) = read(&with(&format!("nodes:\n{nodes}")));
    assert_eq!(scenario, None);
    assert!(report.matches("error[").count() <= 2 * MAX_ERRORS);
    assert!(start.elapsed() < std::time::Duration::from_secs(30), "{:?}", start.elapsed());
}
