//! Users and retries.

use sim_core::plan::{Balancing, Requests, Traffic};
use sim_core::units::Time;

use super::issues;
use crate::LoadOptions;

const SERVICE: &str = "services: {web: {serviceTime: 1ms}}\nnodes: [{name: n, capacity: {cpu: 8}}]\n";

fn requests(service: &str, load: &str) -> Requests {
    let text = format!(
        "name: test\nduration: 10m\nservices: {{web: {{serviceTime: 1ms, {service}}}}}\nnodes: [{{name: n, capacity: {{cpu: 8}}}}]\nload: {{web: [{load}]}}\n"
    );
    let loaded = crate::load_text("test.yaml", &text, &LoadOptions::default());
    let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
    let Traffic::Requests(requests) = &plan.services.values().next().unwrap().traffic else { panic!("requests") };
    requests.clone()
}

fn changes(users: &str) -> Vec<(u64, u32)> {
    let requests = requests("", &format!("{{users: {{{users}}}}}"));
    let users = requests.users.unwrap();
    assert!(requests.rate.pieces().is_empty() && users.think.mean() == 0.9);
    users.count.iter().map(|(at, count)| (at.since(Time::ZERO).as_nanos() / 1_000_000, *count)).collect()
}

#[test]
fn numbers_of_users_become_changes() {
    assert_eq!(changes("count: 200, think: 900ms"), [(0, 200)]);
    assert_eq!(changes("count: 3, rampUp: 6s, think: {constant: 900ms}"), [(2000, 1), (4000, 2), (6000, 3)]);
    assert_eq!(changes("steps: [[0s, 100], [60s, 200]], think: {exponential: 900ms}"), [(0, 100), (60_000, 200)]);
    assert_eq!(
        changes("count: 1, stages: [{duration: 3s, target: 4}, {duration: 1m, target: 4}, {duration: 1s, target: 2}, {duration: 0s, target: 9}], think: 900ms"),
        [(0, 1), (1000, 2), (2000, 3), (3000, 4), (63_000, 4), (63_500, 3), (64_000, 2), (64_000, 9)]
    );
}

#[test]
fn least_request_is_what_envoy_does() {
    let of = |word: &str| requests(&format!("balancing: {word}"), "{constant: 1/s}").balancing;
    assert_eq!([of("leastRequest"), of("powerOfTwo")], [Balancing::PowerOfTwo, Balancing::PowerOfTwo]);
}

#[test]
fn retries_have_defaults() {
    let of = |retries: &str| {
        let plan = requests(&format!("retries: {retries}"), "{constant: 1/s}").retries.unwrap();
        (plan.attempts, plan.initial.to_string(), plan.max.to_string(), plan.jitter, plan.budget)
    };
    assert_eq!(of("{}"), (3, "100ms".to_owned(), "10s".to_owned(), 0.5, None));
    let full = "{attempts: 5, backoff: {initial: 50ms, max: 2s, jitter: 100%}, budget: 10%}";
    assert_eq!(of(full), (5, "50ms".to_owned(), "2s".to_owned(), 1.0, Some(0.1)));
    let anew = |retries: &str| requests(&format!("retries: {retries}"), "{constant: 1/s}").retries.unwrap().anew;
    assert_eq!([anew("{}"), anew("{work: same}"), anew("{work: anew}")], [false, false, true]);
    assert_eq!(requests("", "{constant: 1/s}").retries.map(|retries| retries.attempts), None);
}

#[test]
fn wrong_users_and_retries_say_why() {
    let users = |load: &str| issues(&format!("{SERVICE}load: {{web: [{load}]}}"));
    for (load, expected) in [
        ("{users: {count: 1, think: 1s}}, {constant: 1/s}", "S0240 load.web[1]: rates, `users` and `cpuDemand` do not mix in one service"),
        ("{users: {count: 1, think: 1s}}, {users: {count: 1, think: 1s}}", "S0208 load.web[1]: a service has one entry of `users`"),
        ("{users: {think: 1s}}", "S0209 load.web[0].users: users need a number: `count`, `steps` or `stages`"),
        (
            "{users: {count: 1, steps: [[0s, 1]], think: 1s}}",
            "S0208 load.web[0].users.steps: the number of users is given by `steps` alone, or by `count`, or by `stages`",
        ),
        ("{users: {steps: [[0s, 1]], rampUp: 1s, think: 1s}}", "S0208 load.web[0].users.rampUp: `rampUp` is for `count`"),
        ("{users: {steps: [], think: 1s}}", "S0207 load.web[0].users.steps: at least one point is needed"),
        ("{users: {steps: [[1s, 1], [0s, 2]], think: 1s}}", "S0206 load.web[0].users.steps[1][0]: 0s comes behind 1s: times are in ascending order"),
        ("{users: {steps: [[1s, 2000000]], think: 1s}}", "S0205 load.web[0].users: at most 1000000 users are possible"),
    ] {
        assert_eq!(users(load), [expected], "{load}");
    }
    let service = |retries: &str| issues(&format!("services: {{web: {{retries: {retries}}}}}\nnodes: [{{name: n, capacity: {{cpu: 8}}}}]\n"));
    assert_eq!(service("{attempts: 0}"), ["S0204 services.web.retries.attempts: a request is sent 1 to 100 times"]);
    assert_eq!(service("{backoff: {initial: 20s}}"), ["S0206 services.web.retries.backoff.initial: the first delay is longer than the longest, which is 10s"]);
}
