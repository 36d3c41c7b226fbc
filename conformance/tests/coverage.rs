//! Which tests cover which part of Kubernetes' behaviour: the table in `docs/kubernetes-coverage.md` is made from `docs/kubernetes-coverage.tsv`, whose lines
//! are section, title and the tests, all separated by tabs or blanks. A test is a function's name, `golden:` and a scenario, or `vectors:` and a file.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Sections of the reference, in order; a number is how many subsections follow.
const SECTIONS: [(u32, u32); 9] = [(1, 7), (2, 5), (3, 7), (4, 0), (5, 0), (6, 0), (7, 3), (8, 3), (9, 20)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust sources below a folder, as one text.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_section_has_tests_that_exist() {
    let mut code = String::new();
    for folder in ["sim-core/src", "sim-core/tests", "scenarios/src", "scenarios/tests", "conformance/src", "conformance/tests"] {
        sources(&root().join(folder), &mut code);
    }
    let exists = |test: &str| match test.split_once(':') {
        Some(("golden", name)) => root().join(format!("scenarios/golden/{name}.yaml")).exists(),
        Some(("vectors", name)) => root().join(format!("conformance/vectors/{name}.json")).exists(),
        _ => code.contains(&format!("fn {test}(")),
    };
    let table = fs::read_to_string(root().join("docs/kubernetes-coverage.tsv")).unwrap();
    let mut expected =
        SECTIONS.iter().flat_map(|(section, parts)| std::iter::once(section.to_string()).chain((1..=*parts).map(move |part| format!("{section}.{part}"))));
    let mut page = String::from(
        "# Kubernetes, section by section\n\nMade from `kubernetes-coverage.tsv` by a test, which fails on a section without tests and on a test that does not exist.\n\n| section | about | tests |\n|---|---|---|\n",
    );
    for line in table.lines() {
        let [section, title, tests] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("three columns: {line}") };
        assert_eq!(Some(section.to_owned()), expected.next(), "sections in order, and none left out");
        let tests: Vec<&str> = tests.split_whitespace().collect();
        assert!(!tests.is_empty(), "{section} has no test");
        for test in &tests {
            assert!(exists(test), "{section}: there is no test {test}");
        }
        let names: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
        writeln!(page, "| {section} | {title} | {} |", names.join(", ")).unwrap();
    }
    assert_eq!(expected.next(), None, "sections without a line");
    let place = root().join("docs/kubernetes-coverage.md");
    if std::env::var_os("OVERSPILL_BLESS").is_some() {
        fs::write(&place, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(&place).unwrap_or_default(), page, "write it anew with OVERSPILL_BLESS=1 cargo test -p sim-conformance --test coverage");
}
