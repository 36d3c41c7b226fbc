//! How evenly pods are spread over the domains of topologies (kube-scheduler's `PodTopologySpread`).
//!
//! Counts are kept up to date pod by pod instead of being taken anew for every pod that is placed.

mod filter;
mod score;

use std::borrow::Cow;
use std::rc::Rc;

use super::labels::selects;
use super::node_affinity::suits;
use super::taints::{repels, taints_of};
use super::topology::{Topologies, Topology};
use crate::id::Id;
use crate::plan::{DefaultSpread, InclusionPolicy, LabelSelector, Node, Operator, Placement, PodTemplate, Requirement, SpreadConstraint, WhenUnsatisfiable};

pub use filter::SpreadFilter;
pub use score::SpreadScore;

/// The label that tells nodes apart.
const HOSTNAME: &str = "kubernetes.io/hostname";
/// The label that tells zones apart.
const ZONE: &str = "topology.kubernetes.io/zone";

/// The constraints that hold for a pod.
#[derive(Clone, Debug)]
pub struct SpreadRules<'a> {
    constraints: Cow<'a, [SpreadConstraint]>,
    /// Whether a node has to have all topology keys to be scored: it need not for Kubernetes' own constraints, so that hostnames are spread
    /// where there are no zones.
    needs_all_keys: bool,
}

impl<'a> SpreadRules<'a> {
    /// The pod's own constraints, or else the default ones if a controller or service selects it.
    pub fn of(pod: &'a PodTemplate, default: &DefaultSpread, is_selected: bool) -> Self {
        if !pod.spread.is_empty() || !is_selected || pod.labels.is_empty() {
            return Self { constraints: Cow::Borrowed(&pod.spread), needs_all_keys: true };
        }
        match default {
            DefaultSpread::System | DefaultSpread::SystemWithZones => Self {
                constraints: Cow::Owned(vec![system_default(HOSTNAME, 3, pod), system_default(ZONE, 5, pod)]),
                needs_all_keys: *default == DefaultSpread::SystemWithZones,
            },
            DefaultSpread::List(list) => {
                let constraints = list.iter().map(|constraint| SpreadConstraint { selector: Some(selector_of(pod)), ..constraint.clone() });
                Self { constraints: constraints.collect(), needs_all_keys: true }
            }
        }
    }

    fn with(&self, when: WhenUnsatisfiable) -> impl Iterator<Item = &SpreadConstraint> {
        self.constraints.iter().filter(move |constraint| constraint.when_unsatisfiable == when)
    }
}

fn system_default(topology_key: &str, max_skew: u32, pod: &PodTemplate) -> SpreadConstraint {
    SpreadConstraint {
        max_skew,
        topology_key: topology_key.to_owned(),
        when_unsatisfiable: WhenUnsatisfiable::ScheduleAnyway,
        selector: Some(selector_of(pod)),
        match_label_keys: Vec::new(),
        min_domains: None,
        node_affinity_policy: InclusionPolicy::Honor,
        node_taints_policy: InclusionPolicy::Ignore,
    }
}

/// What a service or controller selects its pods by.
fn selector_of(pod: &PodTemplate) -> LabelSelector {
    LabelSelector { requirements: pod.labels.iter().map(|(key, value)| is(key, value)).collect() }
}

fn is(key: &str, value: &str) -> Requirement {
    Requirement { key: key.to_owned(), operator: Operator::In, values: vec![value.to_owned()] }
}

/// Matching pods by domain.
#[derive(Clone, Debug)]
struct Tally {
    topology: Rc<Topology>,
    /// Templates whose pods are counted, in order.
    selected: Vec<usize>,
    /// By node: whether its pods are counted.
    counted: Vec<bool>,
    /// By domain.
    pods: Vec<u32>,
}

impl Tally {
    /// An empty tally of one constraint. A node is counted only if it has all labels of `keys`.
    fn new(
        constraint: &SpreadConstraint,
        topology: Rc<Topology>,
        keys: &[Rc<Topology>],
        pod: &PodTemplate,
        others: &[&PodTemplate],
        among: &Topologies<'_>,
    ) -> Self {
        let selector = merged(constraint, pod);
        let is_selected = |other: &&PodTemplate| {
            other.namespace == pod.namespace && selector.as_ref().is_some_and(|selector| !selector.requirements.is_empty() && selects(selector, &other.labels))
        };
        // A preference for tiers tolerates the taint of virtual nodes by itself.
        let tolerate_virtual = matches!(pod.placement, Placement::Prefer { .. });
        let is_counted = |(id, node): (Id<Node>, &Node)| {
            keys.iter().all(|key| key.domain(id).is_some())
                && (constraint.node_affinity_policy == InclusionPolicy::Ignore || suits(pod, node))
                && (constraint.node_taints_policy == InclusionPolicy::Ignore || !repels(pod, &taints_of(node), tolerate_virtual))
        };
        Self {
            pods: vec![0; topology.len()],
            selected: (0..others.len()).filter(|other| is_selected(&others[*other])).collect(),
            counted: among.nodes().iter().map(is_counted).collect(),
            topology,
        }
    }

    fn selects(&self, other: usize) -> bool {
        self.selected.binary_search(&other).is_ok()
    }

    /// The domain in which pods on a node count.
    fn home_of(&self, node: Id<Node>) -> Option<usize> {
        if self.counted[node.index()] { self.topology.domain(node) } else { None }
    }

    /// The domain in which a pod of the `other`-th template counts on a node.
    fn domain_of(&self, other: usize, node: Id<Node>) -> Option<usize> {
        if self.selects(other) { self.home_of(node) } else { None }
    }
}

/// The selector with what `match_label_keys` adds; none selects nothing.
fn merged(constraint: &SpreadConstraint, pod: &PodTemplate) -> Option<LabelSelector> {
    let shared: Vec<Requirement> = constraint.match_label_keys.iter().filter_map(|key| Some(is(key, pod.labels.get(key)?))).collect();
    match &constraint.selector {
        None if shared.is_empty() => None,
        selector => {
            let own = selector.iter().flat_map(|selector| selector.requirements.iter().cloned());
            Some(LabelSelector { requirements: shared.into_iter().chain(own).collect() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HOSTNAME, SpreadFilter, SpreadRules, SpreadScore, ZONE};
    use crate::id::Id;
    use crate::plan::{DefaultSpread, LabelSelector, SpreadConstraint, WhenUnsatisfiable};
    use crate::scheduling::Topologies;
    use crate::scheduling::testing::{nodes, pod};

    #[test]
    fn system_defaults_score_nodes_without_a_zone_by_their_name() {
        let nodes = nodes([&[(HOSTNAME, "a"), (ZONE, "z")], &[(HOSTNAME, "b"), (ZONE, "z")], &[(HOSTNAME, "c")]]);
        let web = pod(&[("app", "web")]);
        let rules = SpreadRules::of(&web, &DefaultSpread::System, true);
        let mut topologies = Topologies::new(&nodes);
        assert!(SpreadFilter::new(&rules, &web, &[&web], &mut topologies).is_none());
        let mut preference = SpreadScore::new(&rules, &web, &[&web], &mut topologies).unwrap();
        let every: Vec<_> = nodes.ids().collect();
        preference.add(0, Id::new(0));
        // Hostnames weigh ln 5, zones (one, and none at all) ln 4: 1.609 + 2 + 1.386 + 4 = 9; 2 + 1.386 + 4 = 7; 2.
        assert_eq!(preference.scores(&every), [100 * 2 / 9, 100 * 4 / 9, 100]);
        assert!(SpreadScore::new(&SpreadRules::of(&web, &DefaultSpread::System, false), &web, &[&web], &mut topologies).is_none());
    }

    #[test]
    fn default_constraints_count_the_pods_of_the_service() {
        let nodes = nodes([&[(ZONE, "a")], &[(ZONE, "b")]]);
        let (web, other) = (pod(&[("app", "web")]), pod(&[("app", "other")]));
        let written = SpreadConstraint { when_unsatisfiable: WhenUnsatisfiable::DoNotSchedule, selector: None, ..super::system_default(ZONE, 1, &web) };
        let default = DefaultSpread::List(vec![written]);
        let mut bounds = SpreadFilter::new(&SpreadRules::of(&web, &default, true), &web, &[&web, &other], &mut Topologies::new(&nodes)).unwrap();
        assert!(bounds.feels(0) && !bounds.feels(1));
        bounds.add(0, Id::new(0));
        assert_eq!([bounds.refusal(Id::new(0)).is_some(), bounds.refusal(Id::new(1)).is_some()], [true, false]);
    }

    #[test]
    fn an_empty_selector_counts_no_pod() {
        let nodes = nodes([&[(ZONE, "a")], &[(ZONE, "b")]]);
        let mut web = pod(&[("app", "web")]);
        web.spread = vec![SpreadConstraint {
            when_unsatisfiable: WhenUnsatisfiable::DoNotSchedule,
            selector: Some(LabelSelector::default()),
            ..super::system_default(ZONE, 1, &web)
        }];
        let rules = SpreadRules::of(&web, &DefaultSpread::System, true);
        let mut bounds = SpreadFilter::new(&rules, &web, &[&web], &mut Topologies::new(&nodes)).unwrap();
        (0..3).for_each(|_| bounds.add(0, Id::new(0)));
        assert_eq!(bounds.refusal(Id::new(0)), None);
    }
}
