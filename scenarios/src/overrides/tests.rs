use super::*;
use crate::render;
use crate::testing::{flat, same};
use crate::tree;

const BASE: &str = "nodes:\n- {name: idc, count: 2}\n- {name: ecs}\nservices:\n  web: {replicas: 1, prefer: [idc, ecs]}\n  empty:\nname: flash\n";

fn set(arguments: &[&str]) -> (String, String) {
    let mut sources = Sources::new();
    let mut issues = Issues::default();
    let id = sources.add("flash.yaml", BASE);
    let mut root = tree::parse(&sources, id, &mut issues).unwrap();
    for argument in arguments {
        super::set(&mut root, "--set", argument, &mut sources, &mut issues);
    }
    (flat(&root), render::text(&issues, &sources, false))
}

fn value(arguments: &[&str]) -> String {
    let (root, report) = set(arguments);
    assert_eq!(report, "");
    root
}

#[test]
fn values_are_replaced() {
    assert!(value(&["services.web.replicas=3"]).contains("web: {replicas: 3, prefer: [idc, ecs]}"));
    assert!(value(&["services.web.prefer[1]=eci"]).contains("prefer: [idc, eci]"));
    assert!(value(&["services.web.prefer=[eci]"]).contains("prefer: [eci]"));
    assert!(value(&["nodes[0].count=7", "nodes.ecs.count=9"]).starts_with("{nodes: [{name: idc, count: 7}, {name: ecs, count: 9}]"));
    assert!(value(&["name=\"a=b: c\""]).ends_with("name: \"a=b: c\"}"));
    assert!(value(&["name="]).ends_with("name: null}"));
    assert!(value(&["services=2h"]).ends_with("services: 2h, name: flash}"));
}

#[test]
fn missing_keys_are_created() {
    assert!(value(&["kubernetes.version=\"1.33\""]).ends_with("kubernetes: {version: \"1.33\"}}"));
    assert!(value(&["services.empty.autoscaler.hpa={min: 1, max: 2}"]).contains("empty: {autoscaler: {hpa: {min: 1, max: 2}}}"));
    assert!(value(&["labels.\"kubernetes.io/arch\"=arm64"]).ends_with("labels: {kubernetes.io/arch: arm64}}"));
}

#[test]
fn endless_paths_are_refused() {
    let report = set(&[&format!("{}a=1", "a.".repeat(100_000))]).1;
    assert!(report.starts_with("error[S0012]: the path has more than 64 steps"), "{report}");
}

#[test]
fn a_byte_order_mark_does_not_shift_places() {
    let report = set(&["\u{feff}name=[字"]).1;
    assert!(report.contains("--> --set name:1:6"), "{report}");
}

#[test]
fn bad_paths_and_values() {
    let bad = [
        "replicas",
        "=3",
        "a..b=1",
        "nodes[x]=1",
        "nodes[0=1",
        "a.[0]=1",
        "nodes[0]x=1",
        "\"a=1",
        "nodes[2].count=1",
        "nodes.idx.count=1",
        "nodes.zzz=1",
        "services[0]=1",
        "name.first=1",
        "services.empty[0]=1",
        "services.web.extra[0]=1",
        "services.web.prefer.idc=1",
        "services.wbe.replicas=3",
        "services.web.replicas=[1",
        "name=a: b: c",
        "名字.副本=[甲, @]",
    ];
    same(
        &set(&bad).1,
        r#"
error[S0150]: expected `=` and a value
 --> --set replicas:1:9
  |
1 | replicas
  |         ^
  |
  = help: write `--set PATH=VALUE`, for example `--set services.web.replicas=3`

error[S0150]: expected a key
 --> --set:1:1
  |
1 | =3
  | ^
  |
  = help: write `--set PATH=VALUE`, for example `--set services.web.replicas=3`

error[S0150]: expected a key
 --> --set a..b:1:3
  |
1 | a..b=1
  |   ^
  |
  = help: write `--set PATH=VALUE`, for example `--set services.web.replicas=3`

error[S0150]: expected the number of an element, as in `[0]`
 --> --set nodes[x]:1:7
  |
1 | nodes[x]=1
  |       ^
  |
  = help: write `--set PATH=VALUE`, for example `--set services.web.replicas=3`

error[S0150]: expected the number of an element, as in `[0]`
 --> --set nodes[0:1:7
  |
1 | nodes[0=1
  |       ^
  |
  = help: write `--set PATH=VALUE`, for example `--set services.web.replicas=3`

error[S0150]: expected a key behind the dot
 --> --set a.[0]:1:2
  |
1 | a.[0]=1
  |  ^
  |
  = help: write `--set PATH=VALUE`, for example `--set services.web.replicas=3`

error[S0150]: expected `.`, `[` or `=`
 --> --set nodes[0]x:1:9
  |
1 | nodes[0]x=1
  |         ^
  |
  = help: write `--set PATH=VALUE`, for example `--set services.web.replicas=3`

error[S0150]: the quote is never closed
 --> --set "a:1:5
  |
1 | "a=1
  |     ^
  |
  = help: write `--set PATH=VALUE`, for example `--set services.web.replicas=3`

error[S0151]: `nodes` has 2 elements, counted from 0
 --> --set nodes[2].count:1:6
  |
1 | nodes[2].count=1
  |      ^^^

error[S0151]: `nodes` is a list without an element named `idx`
 --> --set nodes.idx.count:1:7
  |
1 | nodes.idx.count=1
  |       ^^^
  |
  = help: did you mean `idc`?

error[S0151]: `nodes` is a list without an element named `zzz`
 --> --set nodes.zzz:1:7
  |
1 | nodes.zzz=1
  |       ^^^
  |
  = help: its elements are `idc` and `ecs`

error[S0151]: `services` is a mapping, not a list
 --> --set services[0]:1:9
  |
1 | services[0]=1
  |         ^^^
  |
  = help: its keys are `web` and `empty`

error[S0151]: `name` is text `flash`, with nothing inside
 --> --set name.first:1:6
  |
1 | name.first=1
  |      ^^^^^

error[S0151]: `services.empty` is empty
 --> --set services.empty[0]:1:15
  |
1 | services.empty[0]=1
  |               ^^^
  |
  = help: set the whole list: `PATH=[…]`

error[S0151]: there is no list at `services.web` to take an element of
 --> --set services.web.extra[0]:1:19
  |
1 | services.web.extra[0]=1
  |                   ^^^
  |
  = help: set the whole list: `PATH=[…]`

error[S0151]: `services.web.prefer` is a list without an element named `idc`
 --> --set services.web.prefer.idc:1:21
  |
1 | services.web.prefer.idc=1
  |                     ^^^
  |
  = help: its elements have no names: count them from 0, as in `[0]`

warning[S0151]: this creates `services.wbe`, which was not there
 --> --set services.wbe.replicas:1:10
  |
1 | services.wbe.replicas=3
  |          ^^^
  |
  = help: did you mean `web`?

error[S0010]: `[` is never closed
 --> --set services.web.replicas:1:23
  |
1 | services.web.replicas=[1
  |                       ^

error[S0010]: unexpected `:`
 --> --set name:1:10
  |
1 | name=a: b: c
  |          ^
  |
  = help: put text that holds `: ` in quotes; or a line is indented too far; or the line above lacks a `:` with a space behind it

error[S0010]: a value cannot start with `@`
 --> --set 名字.副本:1:11
  |
1 | 名字.副本=[甲, @]
  |                ^
  |
  = help: put the value in quotes
"#,
    );
}
