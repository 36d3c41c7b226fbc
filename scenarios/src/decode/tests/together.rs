//! Several mistakes, all shown at once and none of them twice.

use super::{Scenario, check};
use crate::issue::Issues;
use crate::source::Sources;
use crate::testing::{Folder, same};
use crate::{decode, include, render};

#[test]
fn a_misspelt_key_is_not_missing_too() {
    check(
        "nmae: flash\nduration: 2s\n",
        r"
error[S0101]: unknown key `nmae`
 --> flash.yaml:1:1
  |
1 | nmae: flash
  | ^^^^
  |
  = help: did you mean `name`?
",
    );
}

#[test]
fn several_problems_at_once() {
    check(
        "name: [flash]\nduration: 5 apples\nnodes:\n- name: idc\n  capacity: {cpu: 1, memery: 2}\n- count: x\n- {name: x, capacity: {cpu: , memory: [1]}}\n\
         steps: [[0s, 1], [1s], [x, 2], [1s, x]]\n",
        r"
error[S0102]: expected text, found a list
 --> flash.yaml:1:7
  |
1 | name: [flash]
  |       ^^^^^^^

error[S0105]: expected a duration, found `5 apples`
 --> flash.yaml:2:11
  |
2 | duration: 5 apples
  |           ^^^^^^^^
  |
  = help: write 30s or 1h30m

error[S0101]: unknown key `memery`
 --> flash.yaml:5:22
  |
5 |   capacity: {cpu: 1, memery: 2}
  |                      ^^^^^^
  |
  = help: did you mean `memory`?

error[S0103]: missing key `name`
 --> flash.yaml:6:3
  |
6 | - count: x
  |   ^^^^^

error[S0102]: expected a whole number, found text `x`
 --> flash.yaml:6:10
  |
6 | - count: x
  |          ^

error[S0102]: expected a value, found nothing
 --> flash.yaml:7:27
  |
7 | - {name: x, capacity: {cpu: , memory: [1]}}
  |                           ^

error[S0102]: expected text, found a list
 --> flash.yaml:7:39
  |
7 | - {name: x, capacity: {cpu: , memory: [1]}}
  |                                       ^^^

error[S0105]: expected a list of 2 elements, found 1
 --> flash.yaml:8:18
  |
8 | steps: [[0s, 1], [1s], [x, 2], [1s, x]]
  |                  ^^^^

error[S0105]: expected a duration, found `x`
 --> flash.yaml:8:25
  |
8 | steps: [[0s, 1], [1s], [x, 2], [1s, x]]
  |                         ^
  |
  = help: write 30s or 1h30m

error[S0102]: expected a whole number, found text `x`
 --> flash.yaml:8:37
  |
8 | steps: [[0s, 1], [1s], [x, 2], [1s, x]]
  |                                     ^
",
    );
}

#[test]
fn all_missing_keys_at_once() {
    check(
        "nodes:\n- {count: 1}\n- name: a\n  capacity: {cpu: 1}\nservices: {web: {autoscaler: {hpa: {}}}}\n",
        r"
error[S0103]: missing key `name`
 --> flash.yaml:1:1
  |
1 | nodes:
  | ^^^^^

error[S0103]: missing key `duration`
 --> flash.yaml:1:1
  |
1 | nodes:
  | ^^^^^

error[S0103]: missing key `name`
 --> flash.yaml:2:4
  |
2 | - {count: 1}
  |    ^^^^^

error[S0103]: missing key `memory`
 --> flash.yaml:4:3
  |
4 |   capacity: {cpu: 1}
  |   ^^^^^^^^

error[S0103]: missing key `min`
 --> flash.yaml:5:31
  |
5 | services: {web: {autoscaler: {hpa: {}}}}
  |                               ^^^

error[S0103]: missing key `max`
 --> flash.yaml:5:31
  |
5 | services: {web: {autoscaler: {hpa: {}}}}
  |                               ^^^
",
    );
}

#[test]
fn problems_of_two_files_at_once() {
    let folder = Folder::new(&[
        ("main.yaml", "include: base.yaml\nduration: 5 apples\nservices:\n  web: {autoscaler: {fixed: {}}}\n"),
        ("base.yaml", "name: [x]\nservices:\n  web:\n    autoscaler: {hpa: {min: 1, max: 2}}\n    weigth: 3\n"),
    ]);
    let mut sources = Sources::new();
    let mut issues = Issues::default();
    let id = folder.open("main.yaml", &mut sources).unwrap();
    let root = include::load(&mut sources, id, &mut issues).unwrap();
    assert_eq!(decode::decode::<Scenario>(&root, &mut issues), None);
    same(
        &folder.shorten(&render::text(&issues, &sources, false)),
        r"
error[S0105]: expected a duration, found `5 apples`
 --> main.yaml:2:11
  |
2 | duration: 5 apples
  |           ^^^^^^^^
  |
  = help: write 30s or 1h30m

error[S0104]: expected exactly one of `none`, `hpa` or `fixed`, found 2 keys
 --> main.yaml:4:21
  |
4 |   web: {autoscaler: {fixed: {}}}
  |                     ^^^^^^^^^^^
  |
 ::: base.yaml:4:18
  |
4 |     autoscaler: {hpa: {min: 1, max: 2}}
  |                  --- also chosen here
  |
  = help: an included file is merged key by key

error[S0102]: expected text, found a list
 --> base.yaml:1:7
  |
1 | name: [x]
  |       ^^^

error[S0101]: unknown key `weigth`
 --> base.yaml:5:5
  |
5 |     weigth: 3
  |     ^^^^^^
  |
  = help: did you mean `weight`?
",
    );
}

#[test]
fn rules_of_a_mapping_are_checked_beside_missing_keys() {
    // What stands in for a missing key never shows in a message: `to` would break the rule of the second window.
    check(
        "name: x\nservices:\n  a: {window: {from: 5, to: 3}}\n  b: {window: {from: 5}}\n  c: {window: {from: x, to: 3}}\n  d: {window: {from: 7, to: 2}}\n",
        r"
error[S0103]: missing key `duration`
 --> flash.yaml:1:1
  |
1 | name: x
  | ^^^^

error[S0105]: the window ends at 3, before it starts at 5
 --> flash.yaml:3:15
  |
3 |   a: {window: {from: 5, to: 3}}
  |               ^^^^^^^^^^^^^^^^

error[S0103]: missing key `to`
 --> flash.yaml:4:7
  |
4 |   b: {window: {from: 5}}
  |       ^^^^^^

error[S0102]: expected a whole number, found text `x`
 --> flash.yaml:5:22
  |
5 |   c: {window: {from: x, to: 3}}
  |                      ^

error[S0105]: the window ends at 2, before it starts at 7
 --> flash.yaml:6:15
  |
6 |   d: {window: {from: 7, to: 2}}
  |               ^^^^^^^^^^^^^^^^
",
    );
}
