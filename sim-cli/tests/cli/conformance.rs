//! Vectors from the command line.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Folder, json, text};

/// A folder with two of the committed vector files.
fn vectors() -> Folder {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/vectors");
    let folder = Folder::new();
    folder.write("vectors/order.json", fs::read(committed.join("replicaset_scale_down_order.json")).unwrap());
    folder.write("vectors/more/behavior.json", fs::read(committed.join("hpa_behavior.json")).unwrap());
    folder
}

/// The files with the expectation of one case turned around.
fn planted() -> (Folder, String) {
    let folder = vectors();
    let mut file: Value = serde_json::from_str(&fs::read_to_string(folder.path().join("vectors/order.json")).unwrap()).unwrap();
    let case = &mut file["cases"][3];
    let name = case["name"].as_str().unwrap().to_owned();
    for direction in ["a_before_b", "b_before_a"] {
        case["expect"][direction] = (!case["expect"][direction].as_bool().unwrap()).into();
    }
    folder.write("vectors/order.json", file.to_string());
    (folder, name)
}

#[test]
fn vectors_pass() {
    let folder = vectors();
    let output = folder.run(&["conformance", "vectors"]);
    assert_eq!(text(&output.stdout), "pass  vectors/more/behavior.json  (51 cases)\npass  vectors/order.json  (19 cases)\n70 passed, 0 failed\n");
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
    let one = folder.run(&["conformance", "vectors/order.json"]);
    assert_eq!((one.status.code(), text(&one.stdout).ends_with("\n19 passed, 0 failed\n")), (Some(0), true));
    assert_eq!(json(&folder.run(&["conformance", "vectors", "--json"]))["passed"], 70);
}

#[test]
fn a_case_that_differs_is_named() {
    let (folder, name) = planted();
    let output = folder.run(&["conformance", "vectors"]);
    let shown = text(&output.stdout);
    assert_eq!((output.status.code(), shown.ends_with("\n69 passed, 1 failed\n")), (Some(3), true), "{shown}");
    assert!(shown.contains("FAIL  vectors/order.json  (1 of 19 cases)") && shown.contains(&format!("        {name}: order: expected ")), "{shown}");

    let output = folder.run(&["conformance", "vectors", "--json"]);
    assert_eq!(output.status.code(), Some(3));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let failure = &report["files"][1]["failures"][0];
    assert_eq!((report["failed"].as_u64(), failure["case"].as_str()), (Some(1), Some(name.as_str())));
    assert!(["kind", "what", "expected", "found"].iter().all(|key| failure[*key].is_string()), "{failure}");
}

#[test]
fn what_is_no_vector_file_is_refused() {
    let folder = vectors();
    folder.write("foreign.json", r#"{"name": "left-pad", "version": "1.3.0"}"#).write("broken.json", "{").write("none/notes.txt", "");
    for (path, expected) in
        [("foreign.json", "not a vector file"), ("broken.json", "not a vector file"), ("nowhere.json", "cannot be read"), ("none", "no vector file")]
    {
        let output = folder.run(&["conformance", path]);
        assert_eq!((output.status.code(), text(&output.stderr).contains(expected)), (Some(2), true), "{}", text(&output.stderr));
    }
    // The others are checked all the same.
    let output = folder.run(&["conformance", "vectors", "foreign.json"]);
    assert_eq!((output.status.code(), text(&output.stdout).ends_with("\n70 passed, 0 failed\n")), (Some(2), true), "{}", text(&output.stdout));
}

#[test]
fn cases_that_nothing_checks_are_said() {
    let folder = Folder::new();
    folder.write("weather.json", r#"{"cases": [{"name": "rain", "kind": "weather", "input": {}, "expect": {}}]}"#);
    let output = folder.run(&["conformance", "weather.json"]);
    let expected = "skip  weather.json  (1 case)\n        1 case left out: the kind `weather` is not covered\n0 passed, 0 failed\n";
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), expected));
}
