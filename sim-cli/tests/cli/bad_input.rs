//! Wrong input: a clear error, exit code 2, quickly, and nothing written.

use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Folder, SHOP, text};

/// Runs `file` and expects it to be refused with all of `expected` in the message.
#[track_caller]
fn refused(folder: &Folder, file: &str, expected: &[&str]) {
    let started = Instant::now();
    let output = folder.run(&["run", file, "--out", "record"]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(started.elapsed() < Duration::from_secs(5), "it took {:?}", started.elapsed());
    assert!(!message.contains("panicked"), "{message}");
    for part in expected {
        assert!(message.contains(part), "`{part}` is not in:\n{message}");
    }
    assert!(output.stdout.is_empty() && !folder.path().join("record").exists(), "something was written");
}

/// `SHOP` with `from` replaced by `to`.
fn shop_with(from: &str, to: &str) -> Folder {
    assert!(SHOP.contains(from), "{from}");
    let folder = Folder::new();
    folder.write("shop.yaml", SHOP.replacen(from, to, 1));
    folder
}

#[test]
fn an_unknown_key_gets_a_suggestion() {
    refused(&shop_with("concurrency: 2", "concurency: 2"), "shop.yaml", &["shop.yaml:11:5", "concurency", "concurrency"]);
}

#[test]
fn a_wrong_unit_is_shown_with_what_was_expected() {
    refused(&shop_with("duration: 10m", "duration: 10 parsecs"), "shop.yaml", &["shop.yaml:2:", "10 parsecs", "duration"]);
    refused(&shop_with("memory: 16Gi", "memory: 16gigs"), "shop.yaml", &["shop.yaml:4:", "16gigs"]);
    refused(&shop_with("constant: 60/s", "constant: 60"), "shop.yaml", &["shop.yaml:", "60"]);
}

#[test]
fn a_negative_count_is_refused() {
    refused(&shop_with("{name: ecs,", "{name: ecs, count: -3,"), "shop.yaml", &["shop.yaml:4:", "-3"]);
}

#[test]
fn missing_files_are_named() {
    refused(&Folder::new(), "nowhere.yaml", &["nowhere.yaml"]);
    refused(&shop_with("name: shop", "name: shop\nmanifests: [k8s/web.yaml]"), "shop.yaml", &["shop.yaml:2:", "k8s/web.yaml"]);
    refused(&shop_with("constant: 60/s", "replay: {file: counts.csv}"), "shop.yaml", &["counts.csv"]);
}

#[test]
fn more_requests_than_anyone_can_wait_for_are_refused() {
    refused(&shop_with("60/s", "1e18/s"), "shop.yaml", &["shop.yaml:"]);
    refused(&shop_with("60/s", "100000000000000000/s"), "shop.yaml", &["shop.yaml:"]);
}

#[test]
fn an_alias_bomb_does_not_go_off() {
    let mut bomb = String::from("name: bomb\nduration: 1m\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    let folder = Folder::new();
    folder.write("bomb.yaml", bomb);
    refused(&folder, "bomb.yaml", &["bomb.yaml:"]);
}

#[test]
fn includes_may_not_go_in_circles_or_leave_the_folder() {
    let folder = Folder::new();
    folder.write("a.yaml", format!("include: b.yaml\n{SHOP}")).write("b.yaml", "include: a.yaml\n");
    refused(&folder, "a.yaml", &["a.yaml", "b.yaml"]);
    let folder = Folder::new();
    folder.write("inside/shop.yaml", format!("include: ../outside.yaml\n{SHOP}")).write("outside.yaml", "window: 10s\n");
    refused(&folder, "inside/shop.yaml", &["../outside.yaml"]);
    assert!(folder.run(&["check", "inside/shop.yaml", "--allow-outside"]).status.success());
}

#[test]
fn what_is_no_scenario_is_refused() {
    let folder = Folder::new();
    folder.write("empty.yaml", "").write("binary.yaml", [0xff, 0xfe, 0x00, 0x80]).write("list.yaml", "- 1\n- 2\n").write("folder/x", "");
    for file in ["empty.yaml", "binary.yaml", "list.yaml", "folder"] {
        refused(&folder, file, &[file]);
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let folder = Folder::new();
    let broken = SHOP.replace("10m", "10 parsecs").replace("concurrency: 2", "concurency: 2").replace("[ecs, eci]", "[ecx, eci]").replace("min: 4", "min: 44");
    folder.write("shop.yaml", broken);
    refused(&folder, "shop.yaml", &["10 parsecs", "concurency", "ecx", "44"]);
}

#[test]
fn a_folder_that_is_not_a_record_is_left_alone() {
    let folder = Folder::new();
    folder.write("shop.yaml", SHOP).write("precious/thesis.tex", "years of work");
    let output = folder.run(&["run", "shop.yaml", "--out", "precious"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_dir(folder.path().join("precious")).unwrap().count(), 1);
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let folder = Folder::new();
    folder.write("shop.yaml", SHOP);
    let program = env!("CARGO_BIN_EXE_overspill");
    let output = Command::new("sh").arg("-c").arg(format!("{program} run shop.yaml --json | head -c 10")).current_dir(folder.path()).output().unwrap();
    assert!(!text(&output.stderr).contains("panicked"), "{}", text(&output.stderr));
}
