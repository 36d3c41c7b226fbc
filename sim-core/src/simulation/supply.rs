//! The state of supply: what accounts use, which images are where, what instances are doing.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::Pod;
use crate::id::Id;
use crate::plan::{InstanceSpec, InstanceWish, Node, NodeKind, Plan, Provider, VirtualNode};
use crate::record::StageTimes;
use crate::scheduling::Refusal;
use crate::supply::{Account, Lack, Link, Pull, offers};
use crate::units::{Span, Time};

/// What pods need besides room on a node, and what there is of it.
pub(super) struct SupplyState {
    /// By provider.
    pub accounts: Vec<Account>,
    /// By subnet: addresses that instances hold.
    pub addresses: Vec<u32>,
    /// By provider: pods whose virtual node asks for an instance again and again.
    pub waiting: Vec<BTreeSet<Id<Pod>>>,
    /// By provider: whether the next attempt is due already.
    pub retry_due: Vec<bool>,
    /// By registry.
    pub links: Vec<Link<Id<Pod>>>,
    /// Images on machines.
    pub images: BTreeMap<(Id<Node>, u32), OnNode>,
    /// Pods about which there is more to know than their phases say.
    pub instances: BTreeMap<Id<Pod>, Instance>,
    /// Virtual nodes that had no instance for a class of pods, until the next attempt.
    pub avoided: BTreeMap<(usize, Id<Node>), Lack>,
    /// By class of pods: what they wish for, and the specs that this means, by provider.
    wishes: Vec<Vec<Epoch>>,
}

/// What pods created from some time on wish for.
struct Epoch {
    from: Time,
    wish: InstanceWish,
    /// By provider.
    offers: Vec<Vec<InstanceSpec>>,
}

/// An image on a machine.
pub(super) enum OnNode {
    /// The first pod pulls it, and these wait for the same.
    Pulling(Vec<Id<Pod>>),
    /// It is there.
    Present,
}

/// What is known about a pod's start-up and its instance.
#[derive(Clone, Debug, Default)]
pub(super) struct Instance {
    /// Whether it counts against quota and stock.
    pub is_held: bool,
    /// Why there was none at the last attempt.
    pub lack: Option<Lack>,
    /// Its pull, while it goes on.
    pub pull: Option<(usize, Pull)>,
    /// When that began.
    pub pulling_since: Time,
    /// What its stages take.
    pub luck: Luck,
    /// What they took.
    pub stages: StageTimes,
    /// Whether it starts stage by stage.
    pub is_staged: bool,
    /// Whether a reclaim is on its way.
    pub is_doomed: bool,
}

/// Draws for the stages of one pod.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Luck {
    pub scheduling: Span,
    pub sandbox: Span,
    /// Uniform in 0..1: whether the image is in the cache.
    pub cache: f64,
    pub cached: Span,
    pub application: Span,
    pub load_balancer: Span,
}

impl SupplyState {
    pub(super) fn new(plan: &Plan) -> Self {
        let epochs = |class: usize| {
            let template = plan.template(class);
            let specs = |wish: &InstanceWish| plan.providers.values().map(|provider| offers(provider, template.requests, wish)).collect();
            let usual = InstanceWish::default();
            let first = Epoch { from: Time::ZERO, offers: specs(&usual), wish: usual };
            let further = template.supply.wishes.iter().map(|(from, wish)| Epoch { from: *from, offers: specs(wish), wish: wish.clone() });
            std::iter::once(first).chain(further).collect()
        };
        let providers = plan.providers.len();
        Self {
            accounts: plan.providers.values().map(Account::new).collect(),
            addresses: vec![0; plan.supply.vswitches.len()],
            waiting: vec![BTreeSet::new(); providers],
            retry_due: vec![false; providers],
            links: plan.supply.registries.values().map(|registry| Link::new(registry.bandwidth, registry.per_pull)).collect(),
            images: BTreeMap::new(),
            instances: BTreeMap::new(),
            avoided: BTreeMap::new(),
            wishes: (0..plan.class_count()).map(epochs).collect(),
        }
    }

    fn epoch(&self, class: usize, created: Time) -> &Epoch {
        let epochs = &self.wishes[class];
        epochs.iter().rfind(|epoch| epoch.from <= created).unwrap_or(&epochs[0])
    }

    /// What a pod that was created then wishes for.
    pub(super) fn wish(&self, class: usize, created: Time) -> &InstanceWish {
        &self.epoch(class, created).wish
    }

    /// The specs that it may get of a provider, most preferred first.
    pub(super) fn offers(&self, class: usize, created: Time, provider: Id<Provider>) -> &[InstanceSpec] {
        &self.epoch(class, created).offers[provider.index()]
    }

    /// Whether an instance for such a pod may be refused, chosen among several, or taken back.
    pub(super) fn is_contended(&self, plan: &Plan, class: usize, created: Time, node: &VirtualNode) -> bool {
        let supply = &plan.providers[node.provider].supply;
        let wish = self.wish(class, created);
        supply.quota.is_some()
            || supply.spot_quota.is_some()
            || !supply.stock.is_empty()
            || !node.vswitches.is_empty()
            || wish.spot.is_some()
            || wish.vswitches.is_some()
    }

    /// Why a virtual node takes no pod of a class now.
    pub(super) fn refusal(&self, plan: &Plan, class: usize, node: Id<Node>, now: Time) -> Option<Refusal> {
        let NodeKind::Virtual(virtual_node) = &plan.nodes[node].kind else { unreachable!("a machine has allocatable resources") };
        let provider = virtual_node.provider;
        if virtual_node.from > now {
            return Some(Refusal::NotRegistered);
        }
        if plan.providers[provider].supply.max_pods.is_some_and(|max| self.accounts[provider.index()].pods >= max) {
            return Some(Refusal::ClusterFull);
        }
        if self.offers(class, now, provider).is_empty() {
            return Some(Refusal::NoSpec);
        }
        match self.avoided.get(&(class, node)) {
            Some(Lack::NoStock) => Some(Refusal::NoStock),
            Some(Lack::QuotaFull) => Some(Refusal::QuotaFull),
            Some(Lack::IpNotEnough) => Some(Refusal::IpNotEnough),
            None => None,
        }
    }
}
