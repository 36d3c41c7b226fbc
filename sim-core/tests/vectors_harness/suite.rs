//! A vector file: its cases, and which check each kind of case goes to.
//!
//! Inputs may hold more than a check reads; expectations may not, so that none is passed over.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    check_behavior, check_calculator, check_node_affinity, check_pod_affinity, check_reconcile, check_resources, check_spread, check_taints, check_victims,
};

/// What came of a file.
pub(crate) struct Report {
    /// Cases that agree.
    pub(crate) passed: usize,
    /// The others, each as `name: what differs`.
    pub(crate) failures: Vec<String>,
}

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
pub(crate) fn run(text: &str) -> Report {
    let file: File = match serde_json::from_str(text) {
        Ok(file) => file,
        Err(error) => return Report { passed: 0, failures: vec![error.to_string()] },
    };
    let mut report = Report { passed: 0, failures: Vec::new() };
    for case in file.cases {
        match check(&case.kind, case.input, case.expect) {
            Ok(()) => report.passed += 1,
            Err(difference) => report.failures.push(format!("{}: {difference}", case.name)),
        }
    }
    report
}

fn check(kind: &str, input: Value, expect: Value) -> Result<(), String> {
    match kind {
        "resource_utilization" => check_calculator::utilization(&decode(input)?, &decode(expect)?),
        "pods" | "object" | "object_per_pod" | "external" | "external_per_pod" => check_calculator::value(kind, &decode(input)?, &decode(expect)?),
        "group_pods" => check_calculator::groups(&decode(input)?, &decode(expect)?),
        "calculate_requests" => check_calculator::requests(&decode(input)?, &decode(expect)?),
        "convert_no_behavior" => check_behavior::convert_without(&decode(input)?, &decode(expect)?),
        "convert_with_behavior" => check_behavior::convert_with(&decode(input)?, &decode(expect)?),
        "scale_up_limit" => check_behavior::up_limit(&decode(input)?, &decode(expect)?),
        "scale_down_limit" => check_behavior::down_limit(&decode(input)?, &decode(expect)?),
        "stabilize_no_behavior" => check_behavior::stabilize_without(&decode(input)?, &decode(expect)?),
        "stabilize_with_behavior" => check_behavior::stabilize_with(&decode(input)?, &decode(expect)?),
        "store_scale_event" => check_behavior::store(&decode(input)?, &decode(expect)?),
        "reconcile" => check_reconcile::reconcile(&decode(input)?, &decode(expect)?),
        "scale_down_order" => check_victims::order(&decode(input)?, &decode(expect)?),
        "tolerates" => check_taints::pair(&decode(input)?, &decode(expect)?),
        "taint_filter" => check_taints::filter(&decode(input)?, &decode(expect)?),
        "taint_score" => check_taints::score(&decode(input)?, &decode(expect)?),
        "node_affinity_filter" => check_node_affinity::filter(&decode(input)?, &decode(expect)?),
        "node_selector_match" => check_node_affinity::selector(&decode(input)?, &decode(expect)?),
        "requirements_to_selector" => check_node_affinity::written(&decode(input)?, &decode(expect)?),
        "preferred_terms_score" => check_node_affinity::preferred_score(&decode(input)?, &decode(expect)?),
        "node_affinity_score" => check_node_affinity::scores(&decode(input)?, &decode(expect)?),
        "resources_fit" => check_resources::fit(&decode(input)?, &decode(expect)?),
        "resource_score" => check_resources::score(&decode(input)?, &decode(expect)?),
        "broken_linear" => check_resources::lines(&decode(input)?, &decode(expect)?),
        "spread_filter" => check_spread::filter(&decode(input)?, &decode(expect)?),
        "spread_score" => check_spread::score(&decode(input)?, &decode(expect)?),
        "interpod_filter" => check_pod_affinity::filter(&decode(input)?, &decode(expect)?),
        _ => Err(format!("no check for kind `{kind}`")),
    }
}

fn decode<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// `Ok` if `actual` is what was expected.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(what: &str, actual: &T, expected: &T) -> Result<(), String> {
    if actual == expected { Ok(()) } else { Err(format!("{what} is {actual:?}, expected {expected:?}")) }
}
