//! How the node of a pod is chosen.

use sim_core::plan::{NodeKind, Placement, PreemptPolicy, PreferRules, TryNext, Unit};
use sim_core::units::{Bytes, MilliCpu, Resources, Span};

use super::estate::Estate;
use super::limits::SPAN_MAX;
use super::{Context, code, names, resources, subsets};
use crate::issue::Path;
use crate::spec::{self, CO_SCHEDULER, ClusterKind, Preference, ShortOr, TryNextPolicy};
use crate::wording::quote;

/// Tiers that ResourcePolicy knows: naming one of them without a node is possible, though suspicious.
const USUAL_TIERS: [&str; 5] = ["idc", "ecs", "eci", "elastic", "acs"];

/// How long a pod waits for a unit under `TimeoutOrExceedMax`, unless the policy says otherwise.
const TIMEOUT: Span = Span::from_secs(900);

/// What is written about a pod's nodes, unless its scheduler knows nothing of it: schedulers other than ACK's read no policies, nor does the default one of
/// a cluster that is merely registered.
pub(super) fn followed<'a>(cx: &mut Context<'_>, written: Option<&'a spec::Placement>, scheduler: Option<&str>, path: &Path) -> Option<&'a spec::Placement> {
    let Some(spec::Placement::ResourcePolicy(_)) = written else { return written };
    let place = path.key("resourcePolicy");
    match scheduler {
        Some(CO_SCHEDULER) => return written,
        None | Some("default-scheduler") if cx.cluster_kind != Some(ClusterKind::Registered) => return written,
        None | Some("default-scheduler") => {
            let message = format!("in a registered cluster a policy counts only for pods with `schedulerName: {CO_SCHEDULER}`");
            cx.issues.warning(code::UNUSED_POLICY, place, message).on_key().with_help("`prefer` says the same without a policy");
        }
        Some(other) => {
            cx.issues.warning(code::UNUSED_POLICY, place, format!("the scheduler {} does not read policies", quote(other))).on_key();
        }
    }
    None
}

/// The plan's placement; `policy` is what reasons call it. Weights matter only to pods that have some.
pub(super) fn read(cx: &mut Context<'_>, written: Option<&spec::Placement>, estate: &mut Estate, policy: &str, has_weights: bool, path: &Path) -> Placement {
    let by = |preference| if has_weights && preference == Preference::Strict { Placement::Weights } else { Placement::Scheduler };
    match written {
        None => by(cx.preference),
        Some(spec::Placement::Preference(preference)) => by(*preference),
        Some(spec::Placement::Scheduler) => by(Preference::KubeScore),
        Some(spec::Placement::Prefer(units)) => {
            let units = read_units(cx, units, estate, &path.key("prefer"));
            Placement::Prefer { policy: policy.to_owned(), units, rules: PreferRules::default() }
        }
        Some(spec::Placement::WorkloadSpread(written)) => subsets::spread(cx, written, estate, policy, &path.key("workloadSpread")),
        Some(spec::Placement::UnitedDeployment(written)) => subsets::united(cx, written, estate, policy, &path.key("unitedDeployment")),
        Some(spec::Placement::ElasticWorkload(written)) => subsets::elastic(cx, written, estate, policy, &path.key("elasticWorkload")),
        Some(spec::Placement::ResourcePolicy(written)) => {
            let path = path.key("resourcePolicy");
            let units = read_units(cx, &written.units, estate, &path.key("units"));
            Placement::Prefer { policy: policy.to_owned(), units, rules: rules(cx, written, &path) }
        }
    }
}

fn read_units(cx: &mut Context<'_>, units: &[ShortOr<String, spec::Unit>], estate: &mut Estate, path: &Path) -> Vec<Unit> {
    if units.is_empty() {
        cx.issues.error(code::EMPTY, path, "a preference needs at least one tier");
    }
    let read = |(i, unit): (usize, &ShortOr<String, spec::Unit>)| {
        let place = path.index(i);
        match unit {
            ShortOr::Short(tier) => read_unit(cx, &spec::Unit { tier: tier.clone(), ..spec::Unit::default() }, estate, &place, &place),
            ShortOr::Full(unit) => read_unit(cx, unit, estate, &place, &place.key("tier")),
        }
    };
    units.iter().enumerate().filter_map(read).collect()
}

fn rules(cx: &mut Context<'_>, written: &spec::ResourcePolicy, path: &Path) -> PreferRules {
    let when = written.when_try_next_units.unwrap_or_default();
    let timeout = when.timeout.map_or(TIMEOUT, |timeout| timeout.0);
    let place = path.key("whenTryNextUnits").key("timeout");
    if timeout > SPAN_MAX {
        cx.issues.error(code::TOO_LARGE, &place, "a time of at most 10 years is possible");
    }
    if when.timeout.is_some() && when.policy != TryNextPolicy::TimeoutOrExceedMax {
        cx.issues.warning(code::NO_EFFECT, &place, "a `timeout` has an effect with the policy `TimeoutOrExceedMax` only").on_key();
    }
    for (i, key) in written.match_label_keys.iter().enumerate() {
        if !names::is_label_key(key) {
            cx.issues.error(code::BAD_NAME, path.key("matchLabelKeys").index(i), format!("{} cannot be the key of a label", quote(key)));
        }
    }
    PreferRules {
        try_next: match when.policy {
            TryNextPolicy::ExceedMax => TryNext::ExceedMax,
            TryNextPolicy::TimeoutOrExceedMax => TryNext::TimeoutOrExceedMax { timeout },
            TryNextPolicy::LackResourceOrExceedMax => TryNext::LackResourceOrExceedMax,
            TryNextPolicy::LackResourceAndNoTerminating => TryNext::LackResourceAndNoTerminating,
        },
        preempt: match written.preempt_policy.unwrap_or_default() {
            spec::PreemptPolicy::BeforeNextUnit => PreemptPolicy::BeforeNextUnit,
            spec::PreemptPolicy::AfterAllUnits => PreemptPolicy::AfterAllUnits,
        },
        ignore_previous: written.ignore_previous_pod.unwrap_or(false),
        ignore_terminating: written.ignore_terminating_pod.unwrap_or(true),
        match_label_keys: written.match_label_keys.clone(),
        counted_with: written.counted_with,
    }
}

/// What a unit's pods may request together. What is not named is not limited.
fn max_resources(cx: &mut Context<'_>, written: &spec::Amounts, path: &Path) -> Resources {
    let sized = resources::read(cx, written, path);
    if sized.pods.is_some() {
        cx.issues.error(code::UNKNOWN_RESOURCE, path.key("pods"), "pods are limited by `max`");
    }
    let given = |name: &str| written.0.contains_key(name);
    let mut most = sized.resources;
    if !given("cpu") {
        most.cpu = MilliCpu(u64::MAX);
    }
    if !given("memory") {
        most.memory = Bytes(u64::MAX);
    }
    for (place, amount) in most.extended.iter_mut().enumerate() {
        if !cx.extended.get(place).is_some_and(|name| given(name)) {
            *amount = u64::MAX;
        }
    }
    most
}

fn read_unit(cx: &mut Context<'_>, unit: &spec::Unit, estate: &mut Estate, path: &Path, name_path: &Path) -> Option<Unit> {
    let known = estate.tiers.find(|tier| tier.name == unit.tier).is_some();
    if !known && !USUAL_TIERS.contains(&unit.tier.as_str()) {
        names::unknown(cx, "tier", &unit.tier, estate.tiers.values().map(|tier| tier.name.as_str()), name_path);
        return None;
    }
    let tier = estate.tier(&unit.tier);
    if !known {
        let message = format!("no node is in the tier {}: it is always skipped", quote(&unit.tier));
        cx.issues.warning(code::EMPTY_TIER, name_path, message);
    }
    if unit.max == Some(0) {
        cx.issues.warning(code::NO_EFFECT, path.key("max"), "a tier for 0 pods is always skipped");
    }
    names::labels(cx, &unit.node_selector, &path.key("nodeSelector"));
    let is_virtual = estate.nodes_of(tier).all(|node| matches!(node.kind, NodeKind::Virtual(_)));
    let mut node_selector = unit.node_selector.clone();
    if !node_selector.is_empty() && known && (unit.tier == "idc" || is_virtual) {
        let message = format!("a `nodeSelector` has no effect on the tier {}", quote(&unit.tier));
        cx.issues.warning(code::IGNORED_SELECTOR, path.key("nodeSelector"), message).on_key().with_help("in a ResourcePolicy it works for `ecs` only");
        node_selector.clear();
    }
    names::labels(cx, &unit.pod_labels, &path.key("podLabels"));
    Some(Unit {
        tier,
        max: unit.max,
        max_resources: unit.max_resources.as_ref().map(|written| max_resources(cx, written, &path.key("maxResources"))),
        node_selector,
        pod_labels: unit.pod_labels.clone(),
        pod_annotations: unit.pod_annotations.clone(),
    })
}
