//! A vector file: its cases, and which check each kind of case goes to.
//!
//! Inputs may hold more than a check reads; expectations may not, so that none is passed over.

use std::fmt;
use std::panic::{self, AssertUnwindSafe};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::hpa::{behavior, calculator, reconcile};
use crate::report::{Difference, Failure, Report};
use crate::scheduler::{node_affinity, pod_affinity, resources, spread, taints};
use crate::{billing, cron, instances, nodes, quantity, victims};

/// A text that is no vector file; the message says why, as a lowercase fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotVectors(String);

impl fmt::Display for NotVectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotVectors {}

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    kind: String,
    input: Value,
    expect: Value,
}

/// Runs every case of a file.
pub fn run(text: &str) -> Result<Report, NotVectors> {
    let file: File = serde_json::from_str(text).map_err(|error| NotVectors(format!("not a vector file: {error}")))?;
    if file.cases.is_empty() {
        return Err(NotVectors("not a vector file: it has no cases".to_owned()));
    }
    let mut report = Report::default();
    for Case { name, kind, input, expect } in file.cases {
        match guarded(|| check(&kind, input, expect)) {
            None => *report.skipped.entry(kind).or_default() += 1,
            Some(Ok(())) => report.passed += 1,
            Some(Err(difference)) => report.failures.push(Failure { case: name, kind, difference }),
        }
    }
    Ok(report)
}

/// A rule that cannot cope with a case has failed it; the other cases still count.
fn guarded(check: impl FnOnce() -> Option<Result<(), Difference>>) -> Option<Result<(), Difference>> {
    panic::catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| Some(Err(Difference::new("result", "a decision", "a broken assertion"))))
}

/// Checks one case; none if there is nothing to check its kind against.
fn check(kind: &str, input: Value, expect: Value) -> Option<Result<(), Difference>> {
    let case = Checked { input, expect };
    Some(match kind {
        "resource_utilization" => case.with(calculator::utilization),
        "pods" | "object" | "object_per_pod" | "external" | "external_per_pod" => case.with(|input, expect| calculator::value(kind, input, expect)),
        "group_pods" => case.with(calculator::groups),
        "calculate_requests" => case.with(calculator::requests),
        "convert_no_behavior" => case.with(behavior::convert_without),
        "convert_with_behavior" => case.with(behavior::convert_with),
        "scale_up_limit" => case.with(behavior::up_limit),
        "scale_down_limit" => case.with(behavior::down_limit),
        "stabilize_no_behavior" => case.with(behavior::stabilize_without),
        "stabilize_with_behavior" => case.with(behavior::stabilize_with),
        "store_scale_event" => case.with(behavior::store),
        "reconcile" => case.with(reconcile::reconcile),
        "scale_down_order" => case.with(victims::order),
        "tolerates" => case.with(taints::pair),
        "taint_filter" => case.with(taints::filter),
        "taint_score" => case.with(taints::score),
        "node_affinity_filter" => case.with(node_affinity::filter),
        "node_selector_match" => case.with(node_affinity::selector),
        "requirements_to_selector" => case.with(node_affinity::written),
        "preferred_terms_score" => case.with(node_affinity::preferred_score),
        "node_affinity_score" => case.with(node_affinity::scores),
        "resources_fit" => case.with(resources::fit),
        "resource_score" => case.with(resources::score),
        "broken_linear" => case.with(resources::lines),
        "spread_filter" => case.with(spread::filter),
        "spread_score" => case.with(spread::score),
        "interpod_filter" => case.with(pod_affinity::filter),
        // Two topics have a kind of this name.
        "parse" if case.input.get("expr").is_some() => case.with(cron::parse),
        "parse" => case.with(quantity::parse),
        "range" => case.with(cron::range),
        "field" => case.with(cron::field),
        "next" => case.with(cron::next),
        "activates" => case.with(cron::activates),
        "round_instance" => case.with(instances::round),
        "parse_and_emit" => case.with(quantity::parse_and_print),
        "canonical" => case.with(quantity::canonical),
        "to_string" => case.with(quantity::print),
        "round_up" => case.with(quantity::round_up),
        "scaled_value" => case.with(quantity::scaled),
        "compare" | "compare_text" => case.with(quantity::compare),
        "add" => case.with(quantity::add),
        "sub" => case.with(quantity::subtract),
        "neg" => case.with(quantity::negate),
        "mul" => case.with(quantity::multiply),
        "float" => case.with(quantity::float),
        "node_estimate" => case.with(nodes::needed),
        "node_expander" => case.with(nodes::picked),
        "node_balance" => case.with(nodes::shared),
        "node_utilization" => case.with(nodes::low),
        "node_removal" => case.with(nodes::going),
        "node_backoff" => case.with(nodes::paused),
        "billing" => case.with(billing::bill),
        "spot_billing" => case.with(billing::spot),
        _ => return None,
    })
}

struct Checked {
    input: Value,
    expect: Value,
}

impl Checked {
    fn with<I: DeserializeOwned, E: DeserializeOwned>(self, check: impl FnOnce(&I, &E) -> Result<(), Difference>) -> Result<(), Difference> {
        check(&decode("input", self.input)?, &decode("expect", self.expect)?)
    }
}

fn decode<T: DeserializeOwned>(part: &str, value: Value) -> Result<T, Difference> {
    serde_json::from_value(value).map_err(|error| Difference::new(part, "what this kind of case holds", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{guarded, run};

    #[test]
    fn a_difference_is_told_and_the_other_cases_count() {
        let case = |name: &str, text: &str, value: &str| {
            format!(r#"{{"name": "{name}", "kind": "canonical", "input": {{"text": "{text}"}}, "expect": {{"text": "{value}"}}}}"#)
        };
        let odd = r#"{"name": "odd", "kind": "weather", "input": {}, "expect": {}}"#;
        let short = r#"{"name": "short", "kind": "canonical", "input": {}, "expect": {}}"#;
        let report = run(&format!(r#"{{"cases": [{}, {}, {odd}, {short}]}}"#, case("good", "1024Mi", "1Gi"), case("bad", "1000M", "1T"))).unwrap();
        let told: Vec<String> = report.failures.iter().map(|failure| format!("{}: {}", failure.case, failure.difference)).collect();
        assert_eq!(told, ["bad: text: expected \"1T\", found \"1G\"", "short: input: expected what this kind of case holds, found missing field `text`"]);
        assert_eq!((report.passed, report.skipped.into_iter().collect::<Vec<_>>()), (1, vec![("weather".to_owned(), 1)]));
    }

    #[test]
    fn what_is_no_vector_file_is_refused() {
        for text in ["", "[]", "{}", "{\"cases\": []}", "{\"cases\": [{\"name\": \"x\"}]}", "name: x"] {
            assert!(run(text).unwrap_err().to_string().starts_with("not a vector file"), "{text}");
        }
    }

    #[test]
    fn a_broken_assertion_fails_its_case() {
        assert!(matches!(guarded(|| panic!("a bug")), Some(Err(_))));
    }
}
