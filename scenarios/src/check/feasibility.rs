//! What is possible but suspicious: pods that no node takes.

use sim_core::plan::{InstanceSpec, InstanceWish, Node, NodeKind, Placement, PodTemplate, Provider, Unit};
use sim_core::scheduling::{Refusal, static_refusal};
use sim_core::supply::offers;

use super::estate::Estate;
use super::{Context, code};
use crate::issue::Path;
use crate::wording::quote;

/// Warns of a workload that no node will ever take, or that will never go where it seems to want to.
pub(super) fn check(cx: &mut Context<'_>, name: &str, template: &PodTemplate, estate: &Estate, path: &Path) {
    let candidates = || estate.nodes.values().filter(|node| is_allowed(&template.placement, node));
    let is_willing = |node: &&Node| refusal(template, node).is_none();
    // Nearly always the first node decides, even in an estate of a hundred thousand.
    if candidates().any(|node| is_willing(&node) && is_large_enough(node, template, estate)) {
        warn_of_oversight(cx, name, template, estate, path);
        warn_of_extended(cx, name, template, estate, candidates(), path);
    } else if candidates().next().is_none() {
        if matches!(template.placement, Placement::Scheduler | Placement::Weights) {
            cx.issues.warning(code::NO_MATCH, path, format!("there is no node for {}: its pods stay Pending", quote(name))).on_key();
        }
    } else if candidates().any(|node| is_willing(&node)) {
        let requests = template.requests;
        let message = format!(
            "a pod of {} requests {} CPU and {} memory, more than any node or instance that it may use has: it stays Pending",
            quote(name),
            requests.cpu,
            requests.memory
        );
        cx.issues.warning(code::LARGE_POD, path.key("requests"), message).on_key();
    } else if candidates().any(|node| refusal(template, node) == Some(Refusal::Taint) && selects(template, node)) {
        cx.issues
            .warning(code::NOT_TOLERATED, path, format!("every node that {} may use has a taint that its pods do not tolerate: they stay Pending", quote(name)))
            .on_key()
            .with_help("add the taint to `tolerations`, or choose tiers with `placement: {prefer: […]}`");
    } else if let Some(Refusal::Rejected(rejection)) =
        candidates().map(|node| refusal(template, node)).find(|why| matches!(why, Some(Refusal::Rejected(_)))).flatten()
    {
        let message = format!("virtual nodes {}, and {} may use no others: its pods stay Pending", rejection.message(), quote(name));
        cx.issues.warning(code::NO_MATCH, path, message).on_key();
    } else if candidates().any(|node| refusal(template, node) == Some(Refusal::Cordoned) && selects(template, node)) {
        let message = format!("every node that {} may use is `unschedulable`: its pods stay Pending", quote(name));
        cx.issues.warning(code::NO_MATCH, path, message).on_key();
    } else {
        let message = format!("no node matches the `nodeSelector` and affinity of {}: its pods stay Pending", quote(name));
        cx.issues.warning(code::NO_MATCH, path, message).on_key();
    }
}

/// A selector that names a virtual node without a toleration is nearly always an oversight.
fn warn_of_oversight(cx: &mut Context<'_>, name: &str, template: &PodTemplate, estate: &Estate, path: &Path) {
    let picks = !template.node_selector.is_empty() || template.required_affinity.is_some();
    if matches!(template.placement, Placement::Prefer { .. }) || !picks {
        return;
    }
    let is_repelled =
        |node: &&Node| matches!(node.kind, NodeKind::Virtual(_)) && static_refusal(template, node, false) == Some(Refusal::Taint) && selects(template, node);
    if let Some(node) = estate.nodes.values().find(is_repelled) {
        let message = format!("{} selects the virtual node {} but does not tolerate its taint, so it never goes there", quote(name), quote(&node.name));
        cx.issues.warning(code::NOT_TOLERATED, path, message).on_key().with_help("add `{key: virtual-kubelet.io/provider, operator: Exists}` to `tolerations`");
    }
}

/// An instance has extended resources only if it has the shape of a machine type that has them.
fn warn_of_extended<'a>(
    cx: &mut Context<'_>,
    name: &str,
    template: &PodTemplate,
    estate: &Estate,
    mut candidates: impl Iterator<Item = &'a Node>,
    path: &Path,
) {
    let wants_more = template.requests.extended.iter().any(|count| *count > 0);
    let is_without = |node: &Node| matches!(&node.kind, NodeKind::Virtual(node) if specs(&estate.providers[node.provider], template).is_empty());
    if wants_more && candidates.any(|node| is_without(node) && refusal(template, node).is_none()) {
        let message = format!("no virtual node takes {}: an instance has extended resources only if a machine type that has them is asked for", quote(name));
        cx.issues
            .warning(code::LARGE_POD, path.key("requests"), message)
            .on_key()
            .with_help("name one with the annotation `k8s.aliyun.com/eci-use-specs`, for instance `ecs.gn5-c4g1.xlarge`");
    }
}

fn refusal(template: &PodTemplate, node: &Node) -> Option<Refusal> {
    let is_instance = matches!(template.placement, Placement::Prefer { .. }) && matches!(node.kind, NodeKind::Virtual(_));
    match (template.supply.rejected, &node.kind) {
        (Some(rejection), NodeKind::Virtual(_)) => Some(Refusal::Rejected(rejection)),
        _ => static_refusal(template, node, is_instance),
    }
}

/// The specs that pods created at the start may get.
fn specs(provider: &Provider, template: &PodTemplate) -> Vec<InstanceSpec> {
    let usual = InstanceWish::default();
    offers(provider, template.requests, template.supply.wishes.first().map_or(&usual, |(_, wish)| wish))
}

fn selects(template: &PodTemplate, node: &Node) -> bool {
    let mut untainted = node.clone();
    untainted.taints.clear();
    untainted.unschedulable = false;
    static_refusal(template, &untainted, false).is_none()
}

fn is_allowed(placement: &Placement, node: &Node) -> bool {
    let holds = |unit: &Unit| unit.tier == node.tier && unit.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value));
    match placement {
        Placement::Scheduler | Placement::Weights | Placement::Subsets(_) => true,
        Placement::Prefer { units, .. } => units.iter().any(holds),
    }
}

fn is_large_enough(node: &Node, template: &PodTemplate, estate: &Estate) -> bool {
    match &node.kind {
        NodeKind::Machine(machine) => template.requests.fits_in(machine.allocatable()),
        NodeKind::Virtual(node) => !specs(&estate.providers[node.provider], template).is_empty(),
    }
}
