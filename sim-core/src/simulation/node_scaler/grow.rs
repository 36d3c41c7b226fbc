//! Pools grow for pods without a node.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::Simulation;
use super::NEW_PODS;
use super::snapshot::{Snapshot, Trial};
use crate::autoscaling::nodes::{ExpansionOption, Share, balance, choose, estimate, pod_share};
use crate::cluster::NodeStatus;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Expander, Machine, Node, NodeKind, NodePool, ScalingMode};
use crate::random::below;
use crate::units::Resources;

/// Pods of a class that wait.
#[derive(Clone, Copy, Debug)]
struct Group {
    class: usize,
    count: u32,
}

impl Simulation<'_> {
    /// Has pools grow for pods that found no node. True if one did, or if it is too early to say: then no node goes either.
    pub(super) fn grow_pools(&mut self) -> bool {
        let Some(mut groups) = self.waiting_groups() else { return false };
        if groups.is_empty() {
            return true;
        }
        let instantly = matches!(self.plan.node_scaling.mode, ScalingMode::Events { .. });
        // Pods are taken as placed on nodes that are there or on their way, the most important first.
        let mut there = self.snapshot();
        groups.sort_by_key(|group| (Reverse(self.plan.template(group.class).priority), group.class));
        let mut grown = Vec::new();
        for group in &mut groups {
            group.count -= self.packed(&mut there, *group);
        }
        groups.retain(|group| group.count > 0);
        if groups.is_empty() {
            return false;
        }
        let mut refused = Vec::new();
        let mut extra = vec![0; self.plan.pools.len()];
        let mut ties = self.node_scaler.ties.clone();
        loop {
            refused.clear();
            let mut options = Vec::new();
            for pool in self.plan.pools.ids() {
                match self.expansion(pool, extra[pool.index()], &groups, &mut there) {
                    Ok(option) => options.push(option),
                    Err(reason) => refused.push(format!("{}: {reason}", self.plan.pools[pool].name)),
                }
            }
            let expanders = &self.plan.node_scaling.expanders;
            let figures: Vec<ExpansionOption> = options.iter().map(|(option, _)| *option).collect();
            let Some(chosen) = choose(&figures, expanders, |n| below(&mut ties, n as u64) as usize) else { break };
            let (option, pods) = &options[chosen.place];
            let waiting: u32 = groups.iter().map(|group| group.count).sum();
            let reason = self.why(waiting, option, chosen.by, &figures);
            let pool = Id::new(option.pool);
            let nodes = self.capped(option, extra.iter().sum());
            if nodes == 0 {
                refused.push("the cluster is as large as it may be".to_owned());
                break;
            }
            grown.extend(self.shares(pool, nodes, instantly).into_iter().map(|(pool, count)| (pool, count, reason.clone())));
            if !instantly {
                break;
            }
            // What finds room there waits no more; the rest may need other pools.
            let places = self.next_places(pool, extra[option.pool] + nodes, Some(self.now));
            let template = self.template_of(pool);
            for node in places.iter().skip(extra[option.pool] as usize) {
                there.add(*node, template);
            }
            extra[option.pool] += nodes;
            let before = groups.len();
            for (group, helped) in groups.iter_mut().zip(pods) {
                group.count -= helped;
            }
            let placed: u32 = pods.iter().sum();
            groups.retain(|group| group.count > 0);
            if placed == 0 || groups.is_empty() && before > 0 {
                break;
            }
        }
        drop(there);
        self.node_scaler.ties = ties;
        if grown.is_empty() {
            self.say_why_not(&groups, &refused);
            return false;
        }
        self.node_scaler.said.clear();
        self.node_scaler.added = Some(self.now);
        let batch = if let ScalingMode::Events { batch, .. } = self.plan.node_scaling.mode { batch.max(1) } else { u32::MAX };
        for (pool, count, reason) in grown {
            let mut left = count;
            while left > 0 {
                let part = left.min(batch);
                let from = self.fleet.pools[pool.index()].size();
                self.decide(Decision::Grown { pool, from, to: from + part, reason: reason.clone() });
                self.ask_for_machines(pool, part);
                left -= part;
            }
        }
        true
    }

    /// Pods that found no node and may make pools grow, by class; empty if it is too early to say, none if there are none.
    fn waiting_groups(&self) -> Option<Vec<Group>> {
        let rules = &self.plan.node_scaling;
        let mut counts = BTreeMap::new();
        let mut oldest = None;
        for (class, pod) in self.pending.unschedulable() {
            let created = self.pods[pod].created;
            let counts_now = self.plan.template(class).priority >= rules.expendable_below
                && !self.nominated.contains_key(&pod)
                && created.saturating_add(rules.new_pod_delay) <= self.now;
            if counts_now {
                *counts.entry(class).or_insert(0) += 1;
                oldest = oldest.into_iter().chain([created]).min();
            }
        }
        let oldest = oldest?;
        let too_new = matches!(rules.mode, ScalingMode::Scan { .. }) && oldest.saturating_add(NEW_PODS) > self.now;
        Some(if too_new { Vec::new() } else { counts.into_iter().map(|(class, count)| Group { class, count }).collect() })
    }

    /// How many pods of a group find room on nodes that are there or on their way.
    fn packed(&self, there: &mut Snapshot<'_>, group: Group) -> u32 {
        let is_plain = there.is_plain(group.class);
        let nodes: Vec<Id<Node>> = self.plan.nodes.ids().filter(|node| self.nodes[node.index()].status != NodeStatus::Absent).collect();
        let (mut first, mut found) = (0, 0);
        for _ in 0..group.count {
            let Some(place) = (first..nodes.len()).find(|place| there.fits(group.class, nodes[*place])) else { break };
            there.place(group.class, nodes[place]);
            found += 1;
            if is_plain {
                first = place;
            }
        }
        found
    }

    /// What a pool could do for pods that wait: the option, and the pods of each group that it helps. An error says why it can do nothing.
    fn expansion(&self, pool: Id<NodePool>, extra: u32, groups: &[Group], there: &mut Snapshot<'_>) -> Result<(ExpansionOption, Vec<u32>), String> {
        let rules = &self.plan.node_scaling;
        let (plan, state) = (&self.plan.pools[pool], &self.fleet.pools[pool.index()]);
        let instantly = matches!(rules.mode, ScalingMode::Events { .. });
        if state.size() + extra >= plan.max {
            return Err(format!("at its maximum of {}", plan.max));
        }
        if let Some(backoff) = state.backoff.filter(|backoff| self.now < backoff.until) {
            return Err(format!("left alone until {}", backoff.until));
        }
        let most = (plan.max - state.size() - extra).min(rules.max_per_scale_up);
        // Instant elasticity knows what the provider has.
        let places: Vec<Id<Node>> = self.next_places(pool, extra + most, instantly.then_some(self.now)).into_iter().skip(extra as usize).collect();
        if places.is_empty() {
            return Err("the provider has no machine".to_owned());
        }
        let template = self.template_of(pool);
        let mut order: Vec<usize> = (0..groups.len()).collect();
        let share = |group: &usize| pod_share(self.plan.template(groups[*group].class).requests, template);
        order.sort_by(|a, b| share(b).total_cmp(&share(a)));
        order.retain(|group| places.iter().any(|node| self.candidates[groups[*group].class].holds(*node)) && self.unit_is_open(groups[*group].class, &places));
        let classes: Vec<usize> = order.iter().map(|group| groups[*group].class).collect();
        let counts: Vec<u32> = order.iter().map(|group| groups[*group].count).collect();
        let mut trial = Trial { snapshot: there, classes: &classes, places: &places, template, added: 0, placed: Vec::new() };
        let found = estimate(&counts, &mut trial);
        trial.undo();
        if found.nodes == 0 {
            return Err("its nodes do not take the pods".to_owned());
        }
        let mut pods = vec![0; groups.len()];
        let mut requested = Resources::default();
        for (place, helped) in order.iter().zip(&found.pods) {
            pods[*place] = *helped;
            for _ in 0..*helped {
                requested += self.plan.template(groups[*place].class).requests;
            }
        }
        let (capacity, hourly) = self.machine_of(pool);
        let option =
            ExpansionOption { pool: pool.index(), nodes: found.nodes, pods: found.pods.iter().sum(), requested, capacity, hourly, priority: plan.priority };
        Ok((option, pods))
    }

    /// Whether a class's policy lets one more pod onto the pool's nodes. Only instant elasticity knows about maxima of units.
    fn unit_is_open(&self, class: usize, places: &[Id<Node>]) -> bool {
        matches!(self.plan.node_scaling.mode, ScalingMode::Scan { .. })
            || (self.candidates[class].units.iter().enumerate())
                .any(|(unit, entry)| !self.units.is_at_max(self.plan, class, unit) && places.iter().any(|node| entry.holds(*node)))
    }

    /// How many of an option's nodes the limits of the cluster allow, with those that others get just now.
    fn capped(&self, option: &ExpansionOption, extra: u32) -> u32 {
        let rules = &self.plan.node_scaling;
        let upcoming = self.nodes.iter().filter(|node| node.status == NodeStatus::Provisioning).count();
        let total = (self.registered_nodes + upcoming) as u32 + extra;
        let by_count = rules.max_nodes.map_or(u32::MAX, |max| max.saturating_sub(total));
        let (cpu, memory) = self.installed();
        let by = |max: u64, used: u64, each: u64| max.saturating_sub(used).checked_div(each).map_or(u32::MAX, |nodes| u32::try_from(nodes).unwrap_or(u32::MAX));
        let by_cpu = by(rules.cpu_milli.1, cpu, option.capacity.cpu.0);
        let by_memory = by(rules.memory_bytes.1, memory, option.capacity.memory.0);
        option.nodes.min(by_count).min(by_cpu).min(by_memory)
    }

    /// How many machines each pool gets: all to the one that was chosen, unless pools like it share them.
    fn shares(&self, chosen: Id<NodePool>, nodes: u32, instantly: bool) -> Vec<(Id<NodePool>, u32)> {
        let mut alike = vec![chosen];
        if self.plan.node_scaling.balances_similar && !instantly {
            let open = |pool: &Id<NodePool>| self.fleet.pools[pool.index()].backoff.is_none_or(|backoff| backoff.until <= self.now);
            alike.extend(self.plan.pools.ids().filter(|pool| *pool != chosen && open(pool) && self.are_similar(chosen, *pool)));
        }
        let sizes: Vec<Share> = alike.iter().map(|pool| Share { size: self.fleet.pools[pool.index()].size(), max: self.plan.pools[*pool].max }).collect();
        alike.into_iter().zip(balance(&sizes, nodes)).filter(|(_, count)| *count > 0).collect()
    }

    /// Whether nodes of two pools are alike: the same size up to 1.5 % of memory, the same taints and the same labels but for those that tell nodes,
    /// zones and pools apart.
    fn are_similar(&self, one: Id<NodePool>, other: Id<NodePool>) -> bool {
        let (Some(a), Some(b)) = (self.first_place(one), self.first_place(other)) else { return false };
        let ((a, of_a), (b, of_b)) = ((&self.plan.nodes[a], self.machine_of(one).0), (&self.plan.nodes[b], self.machine_of(other).0));
        let is_own = |key: &str| {
            matches!(key, "kubernetes.io/hostname" | "topology.kubernetes.io/zone" | "topology.kubernetes.io/region" | "alibabacloud.com/nodepool-id")
        };
        let labels = |node: &Node| node.labels.iter().filter(|(key, _)| !is_own(key)).map(|(key, value)| (key.clone(), value.clone())).collect::<Vec<_>>();
        let memory = of_a.memory.0.abs_diff(of_b.memory.0) as f64 <= 0.015 * of_a.memory.0.max(of_b.memory.0) as f64;
        of_a.cpu == of_b.cpu && memory && of_a.extended == of_b.extended && a.taints == b.taints && labels(a) == labels(b)
    }

    fn first_place(&self, pool: Id<NodePool>) -> Option<Id<Node>> {
        self.plan.pools[pool].offers.first()?.nodes().next()
    }

    fn machines_of(&self, pool: Id<NodePool>) -> impl Iterator<Item = &Machine> {
        let first = self.plan.pools[pool].offers.iter().filter_map(|offer| offer.nodes().next());
        first.filter_map(|node| if let NodeKind::Machine(machine) = &self.plan.nodes[node].kind { Some(&**machine) } else { None })
    }

    /// What pods can request of a pool's new node at least: a pool of several types is taken for its smallest.
    pub(super) fn template_of(&self, pool: Id<NodePool>) -> Resources {
        self.machines_of(pool).map(Machine::allocatable).reduce(least).unwrap_or_default()
    }

    /// What a pool's new node has installed at least, and what its first type costs an hour.
    fn machine_of(&self, pool: Id<NodePool>) -> (Resources, f64) {
        let capacity = self.machines_of(pool).map(|machine| machine.capacity).reduce(least).unwrap_or_default();
        let hourly = self.machines_of(pool).next().map_or(0.0, |machine| machine.price.price.hourly().as_f64());
        (capacity, hourly)
    }

    /// Why a pool grows, in a sentence.
    fn why(&self, waiting: u32, option: &ExpansionOption, by: Option<Expander>, all: &[ExpansionOption]) -> String {
        let pods = |count: u32| if count == 1 { "1 pod".to_owned() } else { format!("{count} pods") };
        let nodes = if option.nodes == 1 { "1 node".to_owned() } else { format!("{} nodes", option.nodes) };
        let need = format!("{} found no node; {nodes} would take {}", pods(waiting), option.pods);
        let Some(by) = by else { return need };
        let figure = |option: &ExpansionOption| {
            let name = &self.plan.pools[Id::new(option.pool)].name;
            match by {
                Expander::Random => name.clone(),
                Expander::MostPods => format!("{name} {}", option.pods),
                Expander::LeastWaste => format!("{name} {:.3}", option.waste()),
                Expander::Price => format!("{name} {:.4}", option.cost()),
                Expander::Priority => format!("{name} {}", option.priority),
                Expander::LeastNodes => format!("{name} {}", option.nodes),
            }
        };
        let figures: Vec<String> = all.iter().map(figure).collect();
        format!("{need}; {} chose among {}", by.name(), figures.join(", "))
    }

    /// Says why no pool grows, once until the reason changes.
    fn say_why_not(&mut self, groups: &[Group], refused: &[String]) {
        let count: u32 = groups.iter().map(|group| group.count).sum();
        let why = refused.join("; ");
        if self.node_scaler.said != why {
            self.node_scaler.said.clone_from(&why);
            self.decide(Decision::NotGrown { reason: format!("{count} pods found no node, and no pool grows: {why}") });
        }
    }
}

fn least(a: Resources, b: Resources) -> Resources {
    Resources { cpu: a.cpu.min(b.cpu), memory: a.memory.min(b.memory), extended: std::array::from_fn(|place| a.extended[place].min(b.extended[place])) }
}
