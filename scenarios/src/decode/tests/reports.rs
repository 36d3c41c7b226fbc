//! One mistake of each kind, as a user reads it.

use super::{check, with};

#[test]
fn an_unknown_key_comes_with_a_suggestion() {
    check(
        &with("nodse: 3\nweather: sunny\nservices: {web: {max_weight: 3, weight:3}}\n"),
        r"
error[S0101]: unknown key `nodse`
 --> flash.yaml:3:1
  |
3 | nodse: 3
  | ^^^^^
  |
  = help: did you mean `nodes`?

error[S0101]: unknown key `weather`
 --> flash.yaml:4:1
  |
4 | weather: sunny
  | ^^^^^^^
  |
  = help: possible keys are `name`, `duration`, `nodes`, `virtualNodes`, `services`, `steps`, `seed`, `strict` and `expect`

error[S0101]: unknown key `max_weight`
 --> flash.yaml:5:18
  |
5 | services: {web: {max_weight: 3, weight:3}}
  |                  ^^^^^^^^^^
  |
  = help: did you mean `weight`?

error[S0101]: unknown key `weight:3`
 --> flash.yaml:5:33
  |
5 | services: {web: {max_weight: 3, weight:3}}
  |                                 ^^^^^^^^
  |
  = help: write a space behind the colon: `weight: …`
",
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_described() {
    check(
        &with("nodes: abc\nvirtualNodes: {a: b}\nservices: [web]\nsteps: -x\nseed: 2.5\nstrict: yes\n"),
        r"
error[S0102]: expected a list of nodes, found text `abc`
 --> flash.yaml:3:8
  |
3 | nodes: abc
  |        ^^^
  |
  = help: a list of one is written `[abc]`

error[S0102]: expected a list of virtual nodes, found a mapping
 --> flash.yaml:4:15
  |
4 | virtualNodes: {a: b}
  |               ^^^^^^
  |
  = help: each element of a list starts with `- `

error[S0102]: expected a mapping, found a list
 --> flash.yaml:5:11
  |
5 | services: [web]
  |           ^^^^^
  |
  = help: write `key: value`

error[S0102]: expected a list of steps, found text `-x`
 --> flash.yaml:6:8
  |
6 | steps: -x
  |        ^^
  |
  = help: write a space behind the dash: `- …`

error[S0102]: expected a whole number, found `2.5`
 --> flash.yaml:7:7
  |
7 | seed: 2.5
  |       ^^^

error[S0102]: expected `true` or `false`, found text `yes`
 --> flash.yaml:8:9
  |
8 | strict: yes
  |         ^^^
  |
  = help: write `true`
",
    );
}

#[test]
fn numbers_out_of_range_or_of_another_notation() {
    let services = "services: {a: {replicas: 1_000}, b: {replicas: 010}, c: {replicas: \"3\"}, d: {weight: .inf}, e: {replicas: 5000000000}}\n";
    check(
        &with(&format!("nodes: [{{name: x, count: 300}}, {{name: y, count: -1}}]\n{services}")),
        r#"
error[S0106]: expected a whole number from 0 to 255, found `300`
 --> flash.yaml:3:26
  |
3 | nodes: [{name: x, count: 300}, {name: y, count: -1}]
  |                          ^^^

error[S0106]: expected a whole number of 0 or more, found `-1`
 --> flash.yaml:3:49
  |
3 | nodes: [{name: x, count: 300}, {name: y, count: -1}]
  |                                                 ^^

error[S0102]: expected a whole number, found text `1_000`
 --> flash.yaml:4:26
  |
4 | services: {a: {replicas: 1_000}, b: {replicas: 010}, c: {replicas: "3"}, d: {weight: .inf}, e: {replicas: 5000000000}}
  |                          ^^^^^
  |
  = help: write it without separators: `1000`

error[S0102]: expected a whole number, found text `010`
 --> flash.yaml:4:48
  |
4 | services: {a: {replicas: 1_000}, b: {replicas: 010}, c: {replicas: "3"}, d: {weight: .inf}, e: {replicas: 5000000000}}
  |                                                ^^^
  |
  = help: a leading zero is ambiguous: write `10`

error[S0102]: expected a whole number, found text `"3"`
 --> flash.yaml:4:68
  |
4 | services: {a: {replicas: 1_000}, b: {replicas: 010}, c: {replicas: "3"}, d: {weight: .inf}, e: {replicas: 5000000000}}
  |                                                                    ^^^
  |
  = help: remove the quotes: `3`

error[S0102]: expected a number, found text `.inf`
 --> flash.yaml:4:86
  |
4 | services: {a: {replicas: 1_000}, b: {replicas: 010}, c: {replicas: "3"}, d: {weight: .inf}, e: {replicas: 5000000000}}
  |                                                                                      ^^^^
  |
  = help: numbers are finite here

error[S0106]: expected a whole number from 0 to 4294967295, found `5000000000`
 --> flash.yaml:4:107
  |
4 | services: {a: {replicas: 1_000}, b: {replicas: 010}, c: {replicas: "3"}, d: {weight: .inf}, e: {replicas: 5000000000}}
  |                                                                                                           ^^^^^^^^^^
"#,
    );
}

#[test]
fn choices() {
    check(
        &with(
            "services:\n  a: {autoscaler: hpaa}\n  b: {autoscaler: {hpaa: {}}}\n  c: {autoscaler: {hpa: {min: x, max: y}}}\n  \
             d: {autoscaler: {hpa: {min: 1, max: 2}, max: 3}}\n  e: {autoscaler: [none]}\n  f: {autoscaler: {none: 5}}\n  g: {autoscaler: hpa}\n",
        ),
        r"
error[S0104]: expected `none`, `hpa` or `fixed`, found `hpaa`
 --> flash.yaml:4:19
  |
4 |   a: {autoscaler: hpaa}
  |                   ^^^^
  |
  = help: did you mean `hpa`?

error[S0104]: expected `none`, `hpa` or `fixed`, found `hpaa`
 --> flash.yaml:5:20
  |
5 |   b: {autoscaler: {hpaa: {}}}
  |                    ^^^^
  |
  = help: did you mean `hpa`?

error[S0102]: expected a whole number, found text `x`
 --> flash.yaml:6:31
  |
6 |   c: {autoscaler: {hpa: {min: x, max: y}}}
  |                               ^

error[S0102]: expected a whole number, found text `y`
 --> flash.yaml:6:39
  |
6 |   c: {autoscaler: {hpa: {min: x, max: y}}}
  |                                       ^

error[S0104]: expected exactly one of `none`, `hpa` or `fixed`, found 2 keys
 --> flash.yaml:7:19
  |
7 |   d: {autoscaler: {hpa: {min: 1, max: 2}, max: 3}}
  |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: what belongs to `hpa` is indented below it

error[S0102]: expected `none`, `hpa` or `fixed`, found a list
 --> flash.yaml:8:19
  |
8 |   e: {autoscaler: [none]}
  |                   ^^^^^^

error[S0102]: `none` stands alone, found `5`
 --> flash.yaml:9:26
  |
9 |   f: {autoscaler: {none: 5}}
  |                          ^

error[S0103]: missing key `min`
  --> flash.yaml:10:19
   |
10 |   g: {autoscaler: hpa}
   |                   ^^^
",
    );
}
