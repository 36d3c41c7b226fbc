//! What a run must show.

use sim_core::plan::Plan;

use super::{Context, code, names};
use crate::expect::{Claim, Counted, Expectation};
use crate::issue::Path;
use crate::spec::{Bounds, Expect, Expected};
use crate::suggest;
use crate::wording::{either, quote};

/// The entries of a summary.
const SUMMARY: [&str; 28] = [
    "schema",
    "scenario",
    "seed",
    "fidelity",
    "simulated_s",
    "warm_up_s",
    "wall_s",
    "simulated_to_wall",
    "events",
    "digest",
    "requests",
    "latency_ms",
    "workloads",
    "jobs",
    "tiers",
    "pools",
    "pods_by_namespace",
    "pending",
    "cost",
    "calls",
    "backends",
    "objectives",
    "faults",
    "spikes",
    "start",
    "series",
    "warnings",
    "nodes",
];

/// The claims of one entry of `expect`.
pub(super) fn read(cx: &mut Context<'_>, written: &Expect, plan: &Plan, path: &Path, claims: &mut Vec<Expectation>) {
    let found = claims.len();
    let mut claim = |claim| claims.push(Expectation { path: path.clone(), claim });
    let counts = [(&written.pods, "pods", Counted::Bound), (&written.started, "started", Counted::Started), (&written.ready, "ready", Counted::Ready)];
    let has_counts = counts.iter().any(|(given, ..)| given.is_some()) || written.nodes.is_some();
    if let Some(of) = &written.of {
        workload(cx, of, plan, &path.key("of"));
    }
    match written.at {
        Some(at) if has_counts => {
            if at.0 > plan.duration {
                cx.issues.error(code::BAD_EXPECTATION, path.key("at"), "this instant comes after the end of the run");
            }
            for (of, count) in written.nodes.iter().flatten() {
                known_group(cx, of, plan, &path.key("nodes").key(of));
                claim(Claim::Nodes { at: at.0, of: of.clone(), zone: written.zone.clone(), nodes: count.clone() });
            }
            for (given, key, counted) in counts {
                for (tier, count) in given.iter().flatten() {
                    known_tier(cx, tier, plan, &path.key(key).key(tier));
                    let (of, zone) = (written.of.clone(), written.zone.clone());
                    claim(Claim::Pods { at: at.0, counted, of, zone, tier: tier.clone(), pods: count.clone() });
                }
            }
        }
        Some(_) => {
            cx.issues.error(code::BAD_EXPECTATION, path.key("at"), "`at` goes with `pods` or `nodes`").on_key();
        }
        None => {
            if written.nodes.is_some() {
                let help = "for instance `{at: 3m, nodes: {burst: 2}}`";
                cx.issues.error(code::BAD_EXPECTATION, path.key("nodes"), "`nodes` goes with `at`").on_key().with_help(help);
            }
            for (_, key, _) in counts.iter().filter(|(given, ..)| given.is_some()) {
                let help = "for instance `{at: 84s, pods: {idc: 2}}`";
                cx.issues.error(code::BAD_EXPECTATION, path.key(*key), format!("`{key}` goes with `at`")).on_key().with_help(help);
            }
            for (given, key) in [(&written.of, "of"), (&written.zone, "zone")] {
                if given.is_some() && !has_counts {
                    cx.issues.error(code::BAD_EXPECTATION, path.key(key), format!("`{key}` goes with `at` and `pods`")).on_key();
                }
            }
        }
    }
    for (action, expected) in &written.decisions {
        claim(Claim::Decisions { action: action.clone(), expected: expected.clone() });
    }
    for (service, steps) in &written.replicas.0 {
        let place = path.key("replicas").key(service);
        if plan.services.find(|known| known.name == *service).is_none() {
            names::unknown(cx, "service", service, plan.services.values().map(|service| service.name.as_str()), &place).on_key();
        }
        claim(Claim::Replicas { service: service.clone(), steps: steps.iter().map(|(at, n)| (at.0, *n)).collect() });
    }
    for (key, expected) in &written.values {
        let place = path.key(key);
        value_key(cx, key, plan, &place);
        if *expected == Expected::Bounds(Bounds::default()) {
            cx.issues.error(code::BAD_EXPECTATION, &place, "a bound is needed").with_help("for instance `{below: 300}` or `{between: [1, 2]}`");
        }
        claim(Claim::Value { key: key.clone(), expected: expected.clone() });
    }
    if claims.len() == found && written.at.is_none() && !has_counts && written.of.is_none() && written.zone.is_none() {
        cx.issues.error(code::BAD_EXPECTATION, path, "this expects nothing");
    }
}

/// Checks the parts of a dotted path that are known before the run.
fn value_key(cx: &mut Context<'_>, key: &str, plan: &Plan, path: &Path) {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    if !SUMMARY.contains(&first) {
        let issue = cx.issues.error(code::BAD_EXPECTATION, path, format!("the summary has no entry {}", quote(first))).on_key();
        match suggest::nearest(first, SUMMARY) {
            Some(near) => issue.with_help(format!("did you mean {}?", quote(near))),
            None => issue.with_help(format!("it has {}; `overspill run --json` shows them all", either(SUMMARY))),
        };
        return;
    }
    let starts_with = |name: &str| rest == name || rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    let names: Option<(&str, Vec<&str>)> = match first {
        "workloads" => Some(("service", plan.services.values().map(|service| service.name.as_str()).collect())),
        "jobs" => Some(("job", plan.jobs.values().map(|job| job.name.as_str()).collect())),
        "pools" => Some(("pool", plan.pools.values().map(|pool| pool.name.as_str()).collect())),
        "tiers" => Some(("tier", plan.tiers.values().map(|tier| tier.name.as_str()).collect())),
        "backends" => Some(("backend", plan.backends.values().map(|backend| backend.name.as_str()).collect())),
        "nodes" => Some(("node", plan.nodes.values().map(|node| node.name.as_str()).collect())),
        _ => None,
    };
    if let Some((what, names)) = names
        && !rest.is_empty()
        && !names.iter().any(|name| starts_with(name))
    {
        names::unknown(cx, what, rest.split('.').next().unwrap_or(rest), names, path).on_key();
    }
    if first == "cost"
        && let Some(tier) = rest.strip_prefix("by_tier.")
    {
        known_tier(cx, tier, plan, path);
    }
}

fn known_tier(cx: &mut Context<'_>, tier: &str, plan: &Plan, path: &Path) {
    if plan.tiers.find(|known| known.name == tier).is_none() {
        names::unknown(cx, "tier", tier, plan.tiers.values().map(|tier| tier.name.as_str()), path).on_key();
    }
}

/// A pool or a tier.
fn known_group(cx: &mut Context<'_>, name: &str, plan: &Plan, path: &Path) {
    let names = || plan.pools.values().map(|pool| pool.name.as_str()).chain(plan.tiers.values().map(|tier| tier.name.as_str()));
    if !names().any(|known| known == name) {
        names::unknown(cx, "pool or tier", name, names().collect::<Vec<_>>(), path).on_key();
    }
}

fn workload(cx: &mut Context<'_>, name: &str, plan: &Plan, path: &Path) {
    let names = || plan.services.values().map(|service| service.name.as_str()).chain(plan.jobs.values().map(|job| job.name.as_str()));
    if !names().any(|known| known == name) {
        names::unknown(cx, "service or job", name, names().collect::<Vec<_>>(), path);
    }
}

#[cfg(test)]
mod tests {
    use crate::LoadOptions;

    #[test]
    fn every_entry_of_a_summary_is_known() {
        let loaded = crate::load_text("test.yaml", "name: test\nduration: 1s\n", &LoadOptions::default());
        let record = sim_core::simulation::run(&loaded.plan.unwrap(), 1, |_| {});
        let summary = serde_json::to_value(&record.summary).unwrap();
        let mut entries: Vec<&str> = summary.as_object().unwrap().keys().map(String::as_str).collect();
        let mut known = super::SUMMARY;
        known.sort_unstable();
        entries.sort_unstable();
        assert_eq!(entries, known);
    }
}
