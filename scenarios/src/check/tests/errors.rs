//! Many problems at once, each in its place.

use super::{issues, lines, load};
use crate::LoadOptions;
use crate::testing::same;

#[test]
fn all_problems_are_shown_with_their_places() {
    let loaded = load(
        "\
nodes:
  - {name: idc, tier: idc, capacity: {cpu: 4}, reserved: ack-1.28}
services:
  web:
    requests: {cpu: 500m}
    autoscaler: {hpa: {min: 10, max: 5, cpu: 60}}
    placement: {prefer: [idc, ecx]}
load:
  web: [{constant: 10/s}]
  wbe: [{constant: 10/s}]
objectives:
  - {p99: 300ms, of: webb}
  - {attain: 99%}
expect:
  - {at: 1h, pods: {idx: 1}}
  - {latency_m.p99: 3}
",
    );
    assert!(loaded.plan.is_none());
    same(
        &loaded.report(false),
        "\
error[S0209]: a service that gets requests needs `serviceTime`
 --> test.yaml:6:3
  |
6 |   web:
  |   ^^^
  |
  = help: for instance `serviceTime: {lognormal: {mean: 40ms, cv: 1.5}}`

error[S0206]: `max` is 5 while `min` is 10
 --> test.yaml:8:38
  |
8 |     autoscaler: {hpa: {min: 10, max: 5, cpu: 60}}
  |                                      ^

error[S0201]: there is no tier `ecx`
 --> test.yaml:9:31
  |
9 |     placement: {prefer: [idc, ecx]}
  |                               ^^^
  |
  = help: there is `idc`

error[S0201]: there is no service `wbe`
  --> test.yaml:12:3
   |
12 |   wbe: [{constant: 10/s}]
   |   ^^^
   |
   = help: did you mean `web`?

error[S0201]: there is no service `webb`
  --> test.yaml:14:22
   |
14 |   - {p99: 300ms, of: webb}
   |                      ^^^^
   |
   = help: did you mean `web`?

error[S0209]: an objective needs a bound
  --> test.yaml:15:5
   |
15 |   - {attain: 99%}
   |     ^^^^^^^^^^^^^
   |
   = help: for instance `{p99: 300ms, of: web, attain: 99%}` or `{errors: 0.1%}`

error[S0250]: this instant comes after the end of the run
  --> test.yaml:17:10
   |
17 |   - {at: 1h, pods: {idx: 1}}
   |          ^^

error[S0201]: there is no tier `idx`
  --> test.yaml:17:21
   |
17 |   - {at: 1h, pods: {idx: 1}}
   |                     ^^^
   |
   = help: did you mean `idc`?

error[S0250]: the summary has no entry `latency_m`
  --> test.yaml:18:6
   |
18 |   - {latency_m.p99: 3}
   |      ^^^^^^^^^^^^^
   |
   = help: did you mean `latency_ms`?
",
    );
}

#[test]
fn a_typing_error_does_not_hide_other_problems() {
    let loaded =
        load("window: 0s\nnodes: [{name: a, capacity: {cpu: x}}, {count: 2}]\nservices: {web: {replicas: -1, placement: {prefer: [gone]}, concurrency: 0}}");
    assert_eq!(
        lines(&loaded),
        [
            "S0204 window: a window is longer than 0",
            "S0105 nodes[0].capacity.cpu: `x` is not a quantity; expected a number with an optional suffix, such as `500m`, `2`, `1.5` or `64Gi`",
            "S0103 nodes[1]: missing key `name`",
            "S0106 services.web.replicas: expected a whole number of 0 or more, found `-1`",
            "S0204 services.web.concurrency: a pod works on 1 to 100000 requests at once",
        ]
    );
}

#[test]
fn unknown_keys_in_short_and_full_forms() {
    for (text, expected) in [
        ("nodez: []", "S0101 nodez: unknown key `nodez`"),
        (
            "virtualNodes: [{name: a, startUp: {lognromal: {mean: 1s, cv: 1}}}]",
            "S0104 virtualNodes[0].startUp.lognromal: expected `constant`, `exponential`, `lognormal`, `uniform`, `gamma`, `hyperexponential`, `weibull`, `pareto` or `empirical`, \
             found `lognromal`",
        ),
        ("virtualNodes: [{name: a, startUp: {lognormal: {mena: 1s, mean: 1s, cv: 1}}}]", "S0101 virtualNodes[0].startUp.lognormal.mena: unknown key `mena`"),
        (
            "virtualNodes: [{name: a, startUp: {lognormal: {mean: 1s, cv: 1}, constant: 2s}}]",
            "S0105 virtualNodes[0].startUp: `constant` is one key too many: exactly one form is expected",
        ),
        (
            "virtualNodes: [{name: a, startUp: soon}]",
            "S0105 virtualNodes[0].startUp: `soon` is not a duration; expected a number with a unit, such as `90s`, `1m30s`, `250ms` or `2h`",
        ),
        ("virtualNodes: [{name: a, startUp: [1s]}]", "S0102 virtualNodes[0].startUp: expected a duration such as `90s`, found a list"),
        ("nodes: [{name: a, capacity: {cpu: 1}, reserved: ack-1.27}]", "S0104 nodes[0].reserved: expected `none`, `ack-1.28` or `ack-1.20`, found `ack-1.27`"),
        ("nodes: [{name: a, capacity: {cpu: 1}, reserved: {polcy: ack-1.28}}]", "S0101 nodes[0].reserved.polcy: unknown key `polcy`"),
        ("services: {web: {placement: {prefer: [{teir: a}]}}}", "S0101 services.web.placement.prefer[0].teir: unknown key `teir`"),
    ] {
        assert_eq!(issues(text), [expected], "{text}");
    }
}

#[test]
fn runs_without_end_are_refused() {
    let of = |text: &str| lines(&crate::load_text("t", &format!("name: t\n{text}"), &LoadOptions::default()));
    assert_eq!(of("duration: 0s"), ["S0204 duration: a run is longer than 0"]);
    assert_eq!(of("duration: 11000d"), ["S0205 duration: a run lasts at most 10 years"]);
    assert_eq!(of("duration: 1h\nwindow: 1us"), ["S0204 window: 3600000000 windows are too many: at most 1000000 are possible"]);
    assert_eq!(of("duration: 1h\nwindow: 2h"), ["S0315 window: the window is longer than the run: there will be one row"]);
    assert_eq!(
        of("duration: 1h\nmetrics: {scrapeInterval: 1us}"),
        ["S0204 metrics.scrapeInterval: this would happen 3600000000 times: at most 100000000 are possible"]
    );
    assert_eq!(
        of("duration: 70d\nwindow: 7s\nnodes: [{name: n, capacity: {cpu: 1}}]\nservices: {a: , b: , c: , d: , e: , f: , g: , h: , i: , j: , k: }"),
        ["S0205 window: 10368000 rows of time series are too many: at most 10000000 are possible"]
    );
    assert_eq!(of("duration: 1h\nmetrics: {window: 20s}"), ["S0208 metrics.window: the window is a whole number of scrape intervals of 15s"]);
    assert_eq!(of("duration: 1h\nkubernetes: {version: \"1.9\"}"), ["S0261 kubernetes.version: `1.9` is not a Kubernetes release that can be simulated"]);
}
