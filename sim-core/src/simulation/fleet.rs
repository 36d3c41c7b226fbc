//! Nodes of pools during a run: which places are taken, by which machines, and what is on them.

use std::collections::{BTreeMap, BTreeSet};

use crate::autoscaling::nodes::Backoff;
use crate::cluster::{NodeLife, NodeState, NodeStatus, Pod};
use crate::id::{Id, Table};
use crate::plan::{Node, NodePool, Offer, Plan, ZonePolicy};
use crate::supply::is_sold;
use crate::units::{Span, Time};

/// The pools, and the machines that they ever had.
pub(super) struct Fleet {
    pub pools: Vec<PoolState>,
    /// Machines in the order of asking.
    pub lives: Vec<NodeLife>,
    /// Machines that are on their way: asked for and not ready.
    pub upcoming: BTreeSet<u32>,
    /// By node: its pool.
    pool_of: Vec<Option<Id<NodePool>>>,
    /// By node of a pool: its machines.
    lives_of: BTreeMap<Id<Node>, Vec<u32>>,
    /// By node of a pool that has some: its pods.
    pods_on: BTreeMap<Id<Node>, Vec<Id<Pod>>>,
}

/// A pool.
#[derive(Clone, Debug, Default)]
pub(super) struct PoolState {
    pub backoff: Option<Backoff>,
    /// Machines asked for so far, those at the start not counted.
    pub asked: u32,
    /// Machines released so far.
    pub released: u32,
    /// Machines that never became nodes.
    pub failed: u32,
    /// Machines that the provider did not have.
    pub lacking: u32,
    /// Ready nodes over time.
    pub steps: Vec<(Time, u32)>,
    /// From asking for a machine until its node was ready.
    pub waits: Vec<(Time, Span)>,
    /// Nodes by status.
    counts: [u32; 5],
}

impl PoolState {
    /// Nodes of a status.
    pub(super) const fn count(&self, status: NodeStatus) -> u32 {
        self.counts[status as usize]
    }

    /// Machines that the pool has or has asked for.
    pub(super) fn size(&self) -> u32 {
        self.counts[NodeStatus::Provisioning as usize..].iter().sum()
    }
}

impl Fleet {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut pool_of = vec![None; if plan.pools.is_empty() { 0 } else { plan.nodes.len() }];
        for (id, pool) in plan.pools.iter() {
            pool.offers.iter().flat_map(|offer| offer.places.clone()).for_each(|node| pool_of[node] = Some(id));
        }
        let mut fleet = Self {
            pools: vec![PoolState::default(); plan.pools.len()],
            lives: NodeLife::at_start(plan),
            upcoming: BTreeSet::new(),
            pool_of,
            lives_of: BTreeMap::new(),
            pods_on: BTreeMap::new(),
        };
        for (place, life) in fleet.lives.iter().enumerate() {
            fleet.lives_of.entry(life.node).or_default().push(place as u32);
        }
        for (id, pool) in plan.pools.iter() {
            let places: usize = pool.offers.iter().map(|offer| offer.places.len()).sum();
            let state = &mut fleet.pools[id.index()];
            state.counts[NodeStatus::Ready as usize] = pool.initial;
            state.counts[NodeStatus::Absent as usize] = places as u32 - pool.initial;
            state.steps.push((Time::ZERO, pool.initial));
        }
        fleet
    }

    /// A node's status before anything has happened.
    pub(super) fn status_at_start(&self, node: Id<Node>) -> NodeStatus {
        if self.pool_of(node).is_none() || self.lives_of.contains_key(&node) { NodeStatus::Ready } else { NodeStatus::Absent }
    }

    /// The pool of a node, if it has one.
    pub(super) fn pool_of(&self, node: Id<Node>) -> Option<Id<NodePool>> {
        self.pool_of.get(node.index()).copied().flatten()
    }

    /// A node changes its status.
    pub(super) fn changed(&mut self, node: Id<Node>, from: NodeStatus, to: NodeStatus, now: Time) {
        let Some(pool) = self.pool_of(node) else { return };
        let state = &mut self.pools[pool.index()];
        state.counts[from as usize] -= 1;
        state.counts[to as usize] += 1;
        let ready = state.count(NodeStatus::Ready);
        match state.steps.last_mut() {
            Some((at, count)) if *at == now => *count = ready,
            Some((_, count)) if *count == ready => {}
            _ => state.steps.push((now, ready)),
        }
    }

    /// A pod is bound to a node.
    pub(super) fn arrived(&mut self, node: Id<Node>, pod: Id<Pod>) {
        if self.pool_of(node).is_some() {
            self.pods_on.entry(node).or_default().push(pod);
        }
    }

    /// A pod left a node.
    pub(super) fn left(&mut self, node: Id<Node>, pod: Id<Pod>) {
        if let Some(pods) = self.pods_on.get_mut(&node) {
            pods.retain(|other| *other != pod);
        }
    }

    /// The pods on a node of a pool.
    pub(super) fn pods_on(&self, node: Id<Node>) -> &[Id<Pod>] {
        self.pods_on.get(&node).map_or(&[], Vec::as_slice)
    }

    /// Notes a machine that was asked for.
    pub(super) fn asked(&mut self, node: Id<Node>, now: Time) -> u32 {
        let life = self.lives.len() as u32;
        self.lives.push(NodeLife::new(node, now, "scale-out"));
        self.lives_of.entry(node).or_default().push(life);
        self.upcoming.insert(life);
        if let Some(pool) = self.pool_of(node) {
            self.pools[pool.index()].asked += 1;
        }
        life
    }

    /// The machine that a node is now.
    pub(super) fn life_of(&self, node: Id<Node>) -> Option<u32> {
        let life = *self.lives_of.get(&node)?.last()?;
        self.lives[life as usize].released.is_none().then_some(life)
    }

    /// How many machines a node was, one after the other: one unless it is a place of a pool.
    pub(super) fn machines_of(&self, node: Id<Node>) -> u32 {
        if self.pool_of(node).is_none() { 1 } else { self.lives_of.get(&node).map_or(0, |lives| lives.len() as u32) }
    }

    /// The machine that a node was when a pod came to it.
    pub(super) fn life_at(&self, node: Id<Node>, at: Time) -> Option<&NodeLife> {
        let lives = self.lives_of.get(&node)?;
        lives.iter().rev().map(|life| &self.lives[*life as usize]).find(|life| life.asked <= at)
    }
}

impl NodeLife {
    /// The machines of all pools that are there at the start.
    pub(crate) fn at_start(plan: &Plan) -> Vec<Self> {
        let nothing = |_| false;
        let places = plan.pools.values().flat_map(|pool| next_places(pool, pool.initial, nothing, |_| None));
        places.map(|node| Self { ready: Some(Time::ZERO), ..Self::new(node, Time::ZERO, "there at the start") }).collect()
    }
}

/// The places that a pool's next machines get, up to `most`: the preferred type first, its zones by the pool's policy. `is_taken` tells which places have
/// a machine, `has` how many the provider has of an offer; none for no limit.
pub(super) fn next_places(pool: &NodePool, most: u32, is_taken: impl Fn(Id<Node>) -> bool, has: impl Fn(&Offer) -> Option<u32>) -> Vec<Id<Node>> {
    struct Open<I> {
        kind: usize,
        zone: usize,
        left: u32,
        free: I,
    }
    let mut zones: Vec<(&str, u32)> = Vec::new();
    let mut offers = Vec::new();
    for offer in &pool.offers {
        let taken = offer.nodes().filter(|node| is_taken(*node)).count() as u32;
        let zone = zones.iter().position(|zone| zone.0 == offer.zone).unwrap_or_else(|| {
            zones.push((&offer.zone, 0));
            zones.len() - 1
        });
        zones[zone].1 += taken;
        let left = has(offer).map_or(u32::MAX, |stock| stock.saturating_sub(taken));
        offers.push(Open { kind: offer.kind, zone, left, free: offer.nodes().filter(|node| !is_taken(*node)).peekable() });
    }
    let mut places = Vec::new();
    while places.len() < most as usize {
        let open = offers.iter_mut().enumerate().filter_map(|(place, offer)| (offer.left > 0 && offer.free.peek().is_some()).then_some((place, offer)));
        let rank = |(place, offer): &(usize, &mut Open<_>)| {
            let crowd = if pool.zone_policy == ZonePolicy::Balance { zones[offer.zone].1 } else { 0 };
            (offer.kind, crowd, *place)
        };
        let Some((_, offer)) = open.min_by_key(rank) else { break };
        offer.left -= 1;
        zones[offer.zone].1 += 1;
        places.extend(offer.free.next());
    }
    places
}

impl super::Simulation<'_> {
    /// The places of a pool's next machines; with `now`, of those that the provider sells then.
    pub(super) fn next_places(&self, pool: Id<NodePool>, most: u32, now: Option<Time>) -> Vec<Id<Node>> {
        let plan = &self.plan.pools[pool];
        let has = |offer: &Offer| {
            let now = now?;
            let is_out = self.is_zone_out(&offer.zone) || plan.spot.is_some_and(|terms| !is_sold(&offer.spot_steps(), terms.bid, now));
            if is_out { Some(0) } else { offer.stock_at(now) }
        };
        next_places(plan, most, is_taken(&self.nodes), has)
    }

    /// What the fleet knows, by pool.
    pub(super) fn pool_states(&self) -> impl Iterator<Item = (Id<NodePool>, &NodePool, &PoolState)> {
        let pools: &Table<NodePool> = &self.plan.pools;
        pools.iter().zip(&self.fleet.pools).map(|((id, pool), state)| (id, pool, state))
    }
}

fn is_taken(nodes: &[NodeState]) -> impl Fn(Id<Node>) -> bool {
    |node| nodes[node.index()].status != NodeStatus::Absent
}
