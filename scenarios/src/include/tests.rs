use super::*;
use crate::testing::{Folder, flat, same};

fn load(files: &[(&str, &str)]) -> (Option<Node>, String) {
    Folder::new(files).load("main.yaml", Sources::new())
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    let (root, report) = load(files);
    assert_eq!(root, None);
    same(&report, expected);
}

#[test]
fn later_files_win_key_by_key() {
    let (root, report) = load(&[
        ("main.yaml", "include: [parts/a.yaml, b.yaml]\nweb: {cpu: 3, list: [9]}\nname: main\n"),
        ("parts/a.yaml", "include: ../c.yaml\nweb: {cpu: 1, memory: 1, list: [1, 2, 3]}\n"),
        ("b.yaml", "web: {memory: 2}\nname: b\n"),
        ("c.yaml", "duration: 2h\nname: c\n"),
    ]);
    assert_eq!(report, "");
    assert_eq!(flat(&root.unwrap()), "{duration: 2h, name: main, web: {cpu: 3, memory: 2, list: [9]}}");
}

#[test]
fn a_file_may_be_included_twice() {
    let (root, report) =
        load(&[("main.yaml", "include: [a.yaml, b.yaml]\n"), ("a.yaml", "include: c.yaml\n"), ("b.yaml", "include: c.yaml\nb: 1\n"), ("c.yaml", "c: 1\n")]);
    assert_eq!((flat(&root.unwrap()).as_str(), report.as_str()), ("{c: 1, b: 1}", ""));
}

#[test]
fn circles_show_the_chain() {
    check(
        &[("main.yaml", "include: a.yaml\n"), ("a.yaml", "x: 1\ninclude: [b.yaml]\n"), ("b.yaml", "include: main.yaml\n")],
        r"
error[S0007]: files include each other: `main.yaml` -> `a.yaml` -> `b.yaml` -> `main.yaml`
 --> b.yaml:1:10
  |
1 | include: main.yaml
  |          ^^^^^^^^^
",
    );
    assert!(load(&[("main.yaml", "include: main.yaml\n")]).1.contains("`main.yaml` -> `main.yaml`"));
}

#[test]
fn problems_of_several_files_at_once() {
    check(
        &[("main.yaml", "include: [a.yaml, base.yml, b.yaml, sub, {c: d}]\n"), ("a.yaml", "x: [1\n"), ("b.yaml", "y: 1\ny: 2\nz: }\n"), ("base.yaml", "")],
        r"
error[S0009]: expected the name of a file, found a mapping
 --> main.yaml:1:42
  |
1 | include: [a.yaml, base.yml, b.yaml, sub, {c: d}]
  |                                          ^^^^^^
  |
  = help: write `include: base.yaml` or `include: [base.yaml, prices.yaml]`
",
    );
    check(
        &[
            ("main.yaml", "include:\n- a.yaml\n- base.yml\n- b.yaml\n- sub\n- list.yaml\n- empty.yaml\n"),
            ("a.yaml", "x: [1\n"),
            ("b.yaml", "y: 1\nz: }\n"),
            ("base.yaml", ""),
            ("sub/x.yaml", ""),
            ("list.yaml", "[1]"),
            ("empty.yaml", "# nothing\n"),
        ],
        r"
error[S0001]: cannot read `base.yml`: there is no such file
 --> main.yaml:3:3
  |
3 | - base.yml
  |   ^^^^^^^^
  |
  = help: did you mean `base.yaml`?

error[S0002]: `sub` is a folder; a file is expected
 --> main.yaml:5:3
  |
5 | - sub
  |   ^^^

error[S0009]: an included file holds a mapping, `list.yaml` holds a list
 --> main.yaml:6:3
  |
6 | - list.yaml
  |   ^^^^^^^^^

error[S0010]: `[` is never closed
 --> a.yaml:1:4
  |
1 | x: [1
  |    ^

error[S0010]: this bracket closes nothing
 --> b.yaml:2:4
  |
2 | z: }
  |    ^
  |
  = help: put text that starts with a bracket in quotes

error[S0005]: `empty.yaml` is empty
 --> empty.yaml:1:1
  |
1 | # nothing
  | ^
",
    );
}

#[test]
fn chains_and_crowds_end() {
    let chain: Vec<(String, String)> = (0..20).map(|at| (format!("f{at}.yaml"), format!("include: f{}.yaml\n", at + 1))).collect();
    let mut files: Vec<(&str, &str)> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.push(("main.yaml", "include: f0.yaml\n"));
    assert!(load(&files).1.starts_with("error[S0008]: more than 16 files include one another in a chain"));

    // Each file includes the next one twice: two to the tenth without a limit.
    let doubled: Vec<(String, String)> = (0..10).map(|at| (format!("f{at}.yaml"), format!("include: [f{0}.yaml, f{0}.yaml]\n", at + 1))).collect();
    let mut files: Vec<(&str, &str)> = doubled.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.extend([("main.yaml", "include: f0.yaml\n"), ("f10.yaml", "a: 1\n")]);
    let report = load(&files).1;
    assert!(report.starts_with("error[S0008]: more than 64 files are included"), "{report}");
    assert_eq!(report.matches("error[").count(), 1);
}

#[test]
fn files_outside_the_folder_are_refused() {
    let folder = Folder::new(&[
        ("own/main.yaml", "include: ../secret.yaml\n"),
        ("own/by-link.yaml", "include: link.yaml\n"),
        ("own/nested.yaml", "include: sub/a.yaml\n"),
        ("own/sub/a.yaml", "include: ../../secret.yaml\n"),
        ("secret.yaml", "a: 1\n"),
    ]);
    same(
        &folder.load("own/main.yaml", Sources::new()).1,
        r"
error[S0006]: `secret.yaml` lies outside the folder of the scenario
 --> own/main.yaml:1:10
  |
1 | include: ../secret.yaml
  |          ^^^^^^^^^^^^^^
  |
  = help: a scenario reads only files in its own folder and below; copy the file there, or allow files outside explicitly
",
    );
    let absolute = format!("include: {}\n", folder.path("secret.yaml").display());
    folder.write("own/absolute.yaml", absolute.as_bytes());
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path("secret.yaml"), folder.path("own/link.yaml")).unwrap();
    for name in [
        "own/absolute.yaml",
        "own/nested.yaml",
        #[cfg(unix)]
        "own/by-link.yaml",
    ] {
        let (root, report) = folder.load(name, Sources::new());
        assert_eq!(root, None);
        assert!(report.starts_with("error[S0006]: "), "{report}");
        assert_eq!(folder.load(name, Sources::new().allow_outside()).0.map(|root| flat(&root)).as_deref(), Some("{a: 1}"));
    }
}
