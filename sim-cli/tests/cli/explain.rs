//! Answers to "why?" agree with what the record says.

use std::fs;
use std::process::Output;

use serde_json::Value;

use crate::support::{Folder, SHOP, json, text};

/// The shop and its record in `out`.
fn recorded() -> Folder {
    let folder = Folder::new();
    folder.write("shop.yaml", SHOP);
    json(&folder.run(&["run", "shop.yaml", "--out", "out", "--json"]));
    folder
}

fn rows(folder: &Folder, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.path().join("out").join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The answer as one line, however it was wrapped.
fn answer(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_decision_about_a_pod_is_in_its_story() {
    let folder = recorded();
    let decisions = rows(&folder, "decisions.jsonl");
    let pods = fs::read_to_string(folder.path().join("out/pods.csv")).unwrap();
    let names: Vec<&str> = pods.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert!(names.len() > 20);
    for name in names.iter().step_by(12).chain(names.last()) {
        let told = answer(&folder.run(&["explain", "out", "pod", name]));
        for row in decisions.iter().filter(|row| row["subject"] == **name) {
            let field = |key: &str| row[key].as_str().unwrap();
            let reason = squeeze(field("reason"));
            assert!(told.contains(&reason) && told.contains(&format!("{} {}", field("controller"), field("action"))), "{name}: {row}\n{told}");
        }
    }
}

#[test]
fn every_sync_on_record_is_explained_step_by_step() {
    let folder = recorded();
    let of_web: Vec<Value> = rows(&folder, "decisions.jsonl").into_iter().filter(|row| row["subject"] == "web").collect();
    assert!(of_web.len() > 3);
    let whole = answer(&folder.run(&["explain", "out", "scale", "web"]));
    for row in &of_web {
        let (reason, at) = (squeeze(row["reason"].as_str().unwrap()), row["t"].to_string());
        assert!(whole.contains(&reason), "{row}\n{whole}");
        let near = answer(&folder.run(&["explain", "out", "scale", "web", "--at", &format!("{at}s")]));
        assert!(near.contains(&reason), "{row}\n{near}");
        assert_eq!(near, answer(&folder.run(&["explain", "out", "scale", "web", "at", &format!("{at}s")])));
    }
    let grown = of_web.iter().find(|row| row["action"] == "scaled").unwrap();
    let near = answer(&folder.run(&["explain", "out", "scale", "web", "--at", &format!("{}s", grown["t"])]));
    for step in ["- metric: cpu", "- ratio:", "- readiness groups:", "- recommendation:", "- window:", "- limits:"] {
        assert!(near.contains(step), "{step}: {near}");
    }
}

#[test]
fn the_story_has_the_figures_of_the_summary() {
    let folder = recorded();
    let summary: Value = serde_json::from_str(&fs::read_to_string(folder.path().join("out/summary.json")).unwrap()).unwrap();
    let story = answer(&folder.run(&["explain", "out"]));
    for part in ["At the peak", "What bound", "Where scale-out time went", "web p99 below 500ms", "which is charged to", "got no answer"] {
        assert!(story.contains(part), "{part}: {story}");
    }
    let breach = answer(&folder.run(&["explain", "out", "breach"]));
    for entry in summary["objectives"][0]["breaches"].as_array().unwrap() {
        assert!(breach.contains(entry["cause"].as_str().unwrap()), "{entry}\n{breach}");
    }
    for cause in summary["objectives"][0]["attribution"].as_object().unwrap().keys() {
        assert!(breach.contains(&format!("- {cause}:")), "{cause}\n{breach}");
    }
    let total: f64 = summary["cost"]["total"].as_str().unwrap().parse().unwrap();
    assert!(answer(&folder.run(&["explain", "out", "cost"])).contains(&format!("cost {total:.2} CNY")));
    assert_eq!(answer(&folder.run(&["explain", "shop.yaml"])), story, "a scenario is run first");
}

#[test]
fn names_that_do_not_exist_get_suggestions() {
    let folder = recorded();
    for (args, expected) in [
        (["explain", "out", "pod", "wbe-1"].as_slice(), "web-1"),
        (&["explain", "out", "scale", "wbe"], "did you mean `web`?"),
        (&["explain", "out", "scale", "web", "--at", "noon"], "is not a time"),
        (&["explain", "out", "scale", "web", "about", "noon"], "is not a time"),
        (&["explain", "nowhere"], "nowhere"),
    ] {
        let output = folder.run(args);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{args:?}");
        assert!(text(&output.stderr).contains(expected), "{args:?}: {}", text(&output.stderr));
    }
}
