//! Whatever a file holds, reading it ends, soon and without a panic.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::issue::Issues;
use crate::source::Sources;
use crate::{decode, overrides, render, tree};

const ROUNDS: usize = 4000;

const SAMPLE: &str = "name: flash-sale\nduration: 2h\nkubernetes: {version: \"1.33\"}\nnodes:\n- &idc {name: idc, count: 2, capacity: {cpu: 16, memory: 64Gi}}\n\
                      - <<: *idc\n  name: ecs\nservices:\n  网站:\n    text: |\n      one\n        two\n    autoscaler: {hpa: {min: 10, max: 400}}\n    steps: [[0s, 22], [15s, 44]]\n\
                      ? long key\n: 'single' \n---\nkind: Deployment\n";

const PIECES: [&str; 40] = [
    "[", "]", "{", "}", ":", ": ", ",", "-", "- ", "? ", "? - ", "&a ", "*a", "*idc", "!x ", "!!int ", "|\n", ">-\n", "'", "\"", "\\", "%", "@", "`", "#",
    " #", "\n", "\n\n", "\t", "  ", "---\n", "...\n", "<<: ", "~", "0x", "\r", "\u{feff}", "\u{85}", "字", "\u{0}",
];

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only the reading is tested")]
struct Scenario {
    name: String,
    duration: String,
    kubernetes: BTreeMap<String, String>,
    nodes: Vec<Node>,
    services: BTreeMap<String, Service>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only the reading is tested")]
struct Node {
    name: String,
    count: u32,
    capacity: Capacity,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only the reading is tested")]
struct Capacity {
    cpu: f64,
    memory: String,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only the reading is tested")]
struct Service {
    text: Option<String>,
    autoscaler: Autoscaler,
    steps: Vec<(String, u32)>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading is tested")]
enum Autoscaler {
    None,
    Hpa { min: u32, max: u32 },
    Nested(Box<Self>),
}

/// A small generator of its own, so that a failing round is the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn mutate(&mut self, text: &mut Vec<u8>) {
        let at = self.below(text.len().max(1)).min(text.len());
        let end = (at + self.below(12)).min(text.len());
        match self.below(5) {
            0 => drop(text.drain(at..end)),
            1 => {
                let piece: Vec<u8> = text[at..end].to_vec();
                let to = self.below(text.len() + 1);
                text.splice(to..to, piece);
            }
            2 if at < text.len() => text[at] = self.below(256) as u8,
            _ => {
                let piece = PIECES[self.below(PIECES.len())];
                text.splice(at..at, piece.bytes());
            }
        }
    }
}

/// Everything that happens to a text, from the parser to the report.
fn read(text: &str, argument: &str) -> String {
    let mut sources = Sources::new();
    let mut issues = Issues::default();
    let id = sources.add("fuzz.yaml", text);
    for mut root in tree::parse_all(&sources, id, &mut issues) {
        overrides::set(&mut root, "--set", argument, &mut sources, &mut issues);
        let _: Option<Scenario> = decode::decode(&root, &mut issues);
        let _: Option<serde_json::Value> = decode::decode_known(&root, &mut issues);
        issues.locate(&root);
    }
    render::rows(&issues, &sources);
    render::text(&issues, &sources, false)
}

#[test]
fn mutated_scenarios_never_panic() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let start = Instant::now();
    for round in 0..ROUNDS {
        let mut text = SAMPLE.as_bytes().to_vec();
        let mut argument = b"services.web.steps[1]=[1, {a: b}]".to_vec();
        for _ in 0..=dice.below(8) {
            dice.mutate(&mut text);
            dice.mutate(&mut argument);
        }
        let (text, argument) = (String::from_utf8_lossy(&text).into_owned(), String::from_utf8_lossy(&argument).into_owned());
        let before = Instant::now();
        read(&text, &argument);
        assert!(before.elapsed() < Duration::from_secs(5), "round {round} took {:?}:\n{text}", before.elapsed());
    }
    assert!(start.elapsed() < Duration::from_mins(2), "{:?}", start.elapsed());
}

#[test]
fn the_sample_is_readable() {
    let report = read(SAMPLE, "name=x");
    assert!(report.contains("unknown key `long key`"), "{report}");
}
