use std::time::{Duration, Instant};

use super::*;
use crate::render;
use crate::testing::{flat, same};

fn read(text: &str) -> (Vec<Node>, String) {
    let mut sources = Sources::new();
    let mut issues = Issues::default();
    let id = sources.add("a.yaml", text);
    let documents = parse_all(&sources, id, &mut issues);
    (documents, render::text(&issues, &sources, false))
}

fn trees(text: &str) -> Vec<String> {
    read(text).0.iter().map(flat).collect()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    same(&read(text).1, expected);
}

/// Title and first place of the only report.
fn headline(text: &str) -> String {
    let report = read(text).1;
    let mut lines = report.lines();
    let title = lines.next().unwrap_or_default();
    let place = lines.next().unwrap_or_default().trim().trim_start_matches("--> a.yaml:");
    format!("{title} at {place}")
}

#[test]
fn scalars_keep_their_text() {
    assert_eq!(trees("a: 0.50\nb: '1'\nc: ~\nd:\ne: null\nf: \"\"\n"), ["{a: 0.50, b: \"1\", c: null, d: null, e: null, f: \"\"}"]);
    assert_eq!(trees("null: a\ntrue: b\n3: c\n"), ["{null: a, true: b, 3: c}"]);
    assert_eq!(trees("a: !!str 5\nb: !!int \"5\"\nc: ! 5\n"), ["{a: \"5\", b: 5, c: \"5\"}"]);
    assert_eq!(trees("a: |\n  x\n  y\nb: >-\n  x\n  y\n"), ["{a: \"x\\ny\\n\", b: \"x y\"}"]);
}

#[test]
fn documents_of_a_stream() {
    let manifests = "# head\n---\nkind: Deployment\n---\n# nothing\n---\nkind: Service\n...\n---\n";
    assert_eq!(trees(manifests), ["{kind: Deployment}", "{kind: Service}"]);
    // Anchors belong to their document.
    assert!(read("a: &x 1\n---\nb: *x\n").1.contains("no anchor `&x`"));
    // A broken document does not hide the others.
    let (documents, report) = read("a: 1\n---\nb: [\n---\nc: }\n---\nd: 4\n");
    assert_eq!(documents.iter().map(flat).collect::<Vec<_>>(), ["{a: 1}", "{d: 4}"]);
    assert_eq!(report.matches("error[S0010]").count(), 2, "{report}");
}

#[test]
fn one_document_is_expected() {
    let mut sources = Sources::new();
    for (text, code) in [("", code::EMPTY), ("# only a comment\n", code::EMPTY), ("---\n", code::EMPTY), ("a: 1\n---\nb: 2\n", code::DOCUMENTS)] {
        let mut issues = Issues::default();
        let id = sources.add("a.yaml", text);
        assert_eq!(parse(&sources, id, &mut issues), None);
        assert_eq!(issues.iter().map(|issue| issue.code).collect::<Vec<_>>(), [code], "{text:?}");
        assert!(!render::text(&issues, &sources, false).is_empty());
    }
}

#[test]
fn aliases_and_merge_keys() {
    assert_eq!(trees("a: &x [1, 2]\nb: *x\n"), ["{a: [1, 2], b: [1, 2]}"]);
    assert_eq!(trees("base: &b {cpu: 1, memory: 2}\nweb: {<<: *b, cpu: 3}\n"), ["{base: {cpu: 1, memory: 2}, web: {cpu: 3, memory: 2}}"]);
    assert_eq!(trees("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n"), ["{a: {x: 1, y: 1}, b: {y: 2, z: 2}, c: {x: 1, y: 1, z: 2}}"]);
    assert_eq!(trees("'<<': 1\n"), ["{\"<<\": 1}"]);
    check(
        "a: *x\nb: &y [*y]\nc: {<<: 3}\n",
        r"
error[S0013]: there is no anchor `&x` above
 --> a.yaml:1:4
  |
1 | a: *x
  |    ^^
  |
  = help: a value that starts with `*` repeats an anchor; put it in quotes if it is text

error[S0013]: an alias cannot stand inside the value that it repeats
 --> a.yaml:2:8
  |
2 | b: &y [*y]
  |        ^^

error[S0013]: `<<` merges a mapping or a list of mappings, found `3`
 --> a.yaml:3:9
  |
3 | c: {<<: 3}
  |         ^
",
    );
}

#[test]
fn duplicate_keys_name_both_places() {
    check(
        "a: 1\nb:\n  c: 2\n  \"c\": 3\na: 4\n",
        r#"
error[S0011]: key `c` is given twice
 --> a.yaml:4:3
  |
3 |   c: 2
  |   - first given here
4 |   "c": 3
  |   ^^^

error[S0011]: key `a` is given twice
 --> a.yaml:5:1
  |
1 | a: 1
  | - first given here
...
5 | a: 4
  | ^
"#,
    );
    assert_eq!(trees("a: 1\na: 2\n"), ["{a: 1}"]);
}

#[test]
fn tabs_are_shown() {
    check(
        "a:\n\tb: 1\n",
        r"
error[S0010]: a tab is used for indentation
 --> a.yaml:2:1
  |
2 |     b: 1
  | ^^^^
  |
  = help: YAML is indented with spaces only: replace the tab by spaces
",
    );
    assert_eq!(headline("a:\n  - b\n\t- c\n"), "error[S0010]: a tab is used for indentation at 3:1");
}

#[test]
fn columns_count_characters() {
    check(
        "\u{feff}服务: {名字: [甲, 乙, *丙]}\n",
        r"
error[S0013]: there is no anchor `&丙` above
 --> a.yaml:1:17
  |
1 | 服务: {名字: [甲, 乙, *丙]}
  |                       ^^^
  |
  = help: a value that starts with `*` repeats an anchor; put it in quotes if it is text
",
    );
}

#[test]
fn syntax_errors_in_plain_words() {
    let cases = [
        ("a: 1\n  b: 2\n", "unexpected `:` at 2:4"),
        ("a:\n   b: 1\n  c: 2\n", "this line does not fit the keys above it at 3:3"),
        ("a: 1\n- b\n", "this line does not fit the keys above it at 2:3"),
        ("- a\nb: 1\n", "this line does not fit the list above it at 2:1"),
        ("name: flash: sale\n", "unexpected `:` at 1:12"),
        ("a: 1\nname flash\nb: 1\n", "expected `key: value` at 2:1"),
        ("a: [1, 2\nb: 3\n", "expected `,` or `]` at 2:2"),
        ("a: {b: 1", "`{` is never closed at 1:4"),
        ("a: [1}\n", "`[` is closed by `}` at 1:4"),
        ("a: \"foo\nb: 2\n", "quoted text is not closed before this line at 2:1"),
        ("a: \"C:\\path\"\n", "unknown escape in double quotes at 1:4"),
        ("a: \"x\" y\n", "text goes on behind the closing quote at 1:8"),
        ("a: @foo\n", "a value cannot start with `@` at 1:4"),
        ("a: \u{0}\n", "the control character `\\u{0}` is not allowed at 1:4"),
        ("a: *\n", "a name is missing behind `&` or `*` at 1:4"),
        ("{{- if x }}\n", "template marks are not YAML at 1:3"),
        ("a: 1\n<<<<<<< HEAD\nb: 1\n", "a merge conflict is not resolved at 2:1"),
    ];
    for (text, expected) in cases {
        assert_eq!(headline(text), format!("error[S0010]: {expected}"), "{text:?}");
    }
    assert_eq!(headline("a: {{ .Values.x }}\n"), "error[S0014]: a key must be text, found a mapping at 1:5");
    assert_eq!(headline(": b\n"), "error[S0014]: a key must be text, found nothing before the `:` at 1:1");
    assert_eq!(headline("a: !Ref x\n"), "error[S0015]: the tag `!Ref` means nothing here at 1:4");
}

fn numbered(count: usize, line: impl FnMut(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().concat()
}

#[test]
fn limits_hold_and_are_fast() {
    let bomb: String = (0..30).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
        let next = level + 1;
        let names = vec![format!("*a{level}"); 9].join(", ");
        format!("{text}a{next}: &a{next} [{names}]\n")
    });
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(1000));
    let merges = format!("a: &a {{{}}}\nb: [{}]\n", numbered(1000, |at| format!("k{at}: 1, ")), "{<<: *a}, ".repeat(1000));
    let nested_anchors = format!("{}x", numbered(60, |at| format!("{}a: &a{at}\n", " ".repeat(at))));
    let cases = [
        ("aliases of aliases", bomb, "more than 200000 keys and values with aliases written out, which is the limit for a file"),
        ("aliases of a long text", long, "more than 64 MiB of text with aliases written out, which is the limit for a file"),
        ("merged again and again", merges, "more than 200000 keys and values with aliases written out, which is the limit for a file"),
        ("many values", "- x\n".repeat(MAX_NODES), "more than 200000 keys and values with aliases written out, which is the limit for a file"),
        ("deep flow", "[".repeat(100_000), "nested more than 64 levels deep, which is the limit"),
        ("deep block", "- ".repeat(100_000), "nested more than 64 levels deep, which is the limit"),
        // Every level keeps a copy of all levels below: a few thousand nodes, which is allowed.
        ("anchors in anchors", nested_anchors, ""),
    ];
    for (name, text, message) in cases {
        let start = Instant::now();
        let (documents, report) = read(&text);
        assert!(start.elapsed() < Duration::from_secs(2), "{name}: {:?}", start.elapsed());
        if !message.is_empty() {
            assert!(documents.is_empty(), "{name}");
            assert!(report.starts_with(&format!("error[S0012]: {message}\n")), "{name}: {report}");
        }
    }
}
