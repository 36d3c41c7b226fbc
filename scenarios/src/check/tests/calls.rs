//! Calls between services, and backends.

use sim_core::plan::{Callee, Plan, Traffic};

use super::issues;
use crate::LoadOptions;

const NODES: &str = "nodes: [{name: n, capacity: {cpu: 8}}]\n";

fn plan(text: &str) -> Plan {
    let loaded = crate::load_text("test.yaml", &format!("name: test\nduration: 10m\n{NODES}{text}"), &LoadOptions::default());
    loaded.plan.clone().unwrap_or_else(|| panic!("{}", loaded.report(false)))
}

#[test]
fn steps_of_calls_become_a_chain() {
    let plan = plan(
        "services:\n  gate: {serviceTime: 1ms, holds: nothing, calls: [{to: shop, timeout: 1s}, [{to: db, probability: 30%}, {to: mail, optional: true}]]}\n  \
         shop: {serviceTime: 1ms, calls: [{to: db}]}\n  mail: {serviceTime: 1ms}\n  alone: {serviceTime: 1ms}\n\
         backends: {db: {concurrency: 20, capacity: 4000/s}}\nload: {gate: [{constant: 1/s}], alone: [{constant: 1/s}]}\n",
    );
    let chains = plan.chains();
    assert_eq!(chains.len(), 1);
    let names: Vec<&str> = chains[0].services.iter().map(|id| plan.services[*id].name.as_str()).collect();
    assert_eq!((names.as_slice(), chains[0].backends.len()), (&["gate", "shop", "mail"][..], 1));
    let Traffic::Requests(gate) = &plan.services.values().next().unwrap().traffic else { panic!("requests") };
    assert!(!gate.calls.hold_worker && gate.calls.steps.iter().map(Vec::len).eq([1, 2]));
    assert!(matches!(gate.calls.steps[1][0].to, Callee::Backend(_)) && gate.calls.steps[1][0].probability == 0.3 && gate.calls.steps[1][1].is_optional);
    // 20 at once and 4,000 a second: 5 ms each.
    assert!((plan.backends.values().next().unwrap().requests.service_time.mean() - 0.005).abs() < 1e-12);
}

#[test]
fn wrong_calls_say_why() {
    let of = |services: &str, rest: &str| issues(&format!("{NODES}services: {{{services}}}\nload: {{a: [{{constant: 1/s}}]}}\n{rest}"));
    let called = "b: {serviceTime: 1ms}";
    assert_eq!(
        of(&format!("a: {{serviceTime: 1ms, calls: [{{to: bb}}]}}, {called}"), ""),
        ["S0201 services.a.calls[0].to: there is no service or backend `bb`"]
    );
    assert_eq!(
        of("a: {serviceTime: 1ms, calls: [{to: b}]}, b: {serviceTime: 1ms, calls: [{to: c}]}, c: {serviceTime: 1ms, calls: [[{to: a}]]}", ""),
        ["S0242 services.a.calls: these calls never come to an end: a calls b calls c calls a"]
    );
    assert_eq!(of("a: {serviceTime: 1ms, calls: [{to: a}]}", ""), ["S0242 services.a.calls: these calls never come to an end: a calls a"]);
    assert_eq!(of("a: {serviceTime: 1ms, calls: [{to: b}]}, b: {}", ""), ["S0209 services.b: a service that gets requests needs `serviceTime`"]);
    assert_eq!(
        of(&format!("a: {{serviceTime: 1ms, calls: [[], {{to: b, timeout: 0s}}]}}, {called}"), ""),
        [
            "S0207 services.a.calls[0]: calls that are made together are at least one",
            "S0204 services.a.calls[1].timeout: a time of more than 0 and at most 10 years is possible"
        ]
    );
    assert_eq!(of("a: {serviceTime: 1ms, calls: [{to: db}]}", "backends: {db: {}}"), ["S0209 backends.db: a backend needs `serviceTime` or `capacity`"]);
    assert_eq!(
        of("a: {serviceTime: 1ms, calls: [{to: db}]}", "backends: {db: {serviceTime: 1ms, capacity: 5/s}}"),
        ["S0208 backends.db: the work of a backend is given by `serviceTime` or by `capacity`"]
    );
    assert_eq!(
        of(&format!("a: {{serviceTime: 1ms, holds: worker}}, {called}"), "backends: {b: {capacity: 1/s}}"),
        [
            "S0307 services.a.holds: a service without `calls` waits for nobody",
            "S0202 backends.b: `b` is both a service and a backend",
            "S0307 backends.b: no service calls the backend `b`"
        ]
    );
}

#[test]
fn wrong_shedding_says_why() {
    let service = |text: &str| issues(&format!("services: {{web: {{{text}}}}}\n{NODES}"));
    for (text, expected) in [
        ("shedding: {}", "S0209 services.web.shedding: a pod sheds load by `wait` or by `utilization`"),
        ("shedding: {utilization: 0%}", "S0204 services.web.shedding.utilization: a pod that sheds load from 0 % on serves nobody"),
    ] {
        let with_load = format!("serviceTime: 1ms, {text}");
        let found = issues(&format!("services: {{web: {{{with_load}}}}}\n{NODES}load: {{web: [{{constant: 1/s}}]}}\n"));
        assert_eq!(found, [expected], "{text}");
        assert!(service(text).is_empty());
    }
}
