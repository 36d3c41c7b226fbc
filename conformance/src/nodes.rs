//! The autoscaler of nodes: estimates, expanders, what nodes may go, pauses after failures.

use serde::Deserialize;
use sim_core::autoscaling::nodes::{
    Backoff, ExpansionOption, Removable, Removal, Share, Site, balance, choose, cooldown, estimate, pod_share, removals, utilization,
};
use sim_core::plan::{BackoffRules, Expander, PoolShrink, ShrinkRules};
use sim_core::scheduling::fits;
use sim_core::units::{Bytes, MilliCpu, Resources, Span, Time};

use crate::report::{Difference, same};

#[derive(Clone, Copy, Default, Deserialize)]
struct Amounts {
    #[serde(default)]
    cpu_milli: u64,
    #[serde(default)]
    memory_mib: u64,
    #[serde(default)]
    gpus: u64,
}

impl Amounts {
    const fn resources(self) -> Resources {
        Resources { cpu: MilliCpu(self.cpu_milli), memory: Bytes(self.memory_mib << 20), extended: [self.gpus, 0, 0, 0] }
    }
}

#[derive(Deserialize)]
struct Group {
    requests: Amounts,
    count: u32,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names that vector files use")]
pub(crate) struct Pods {
    /// What pods can request of a new node.
    template: Amounts,
    /// What pods of DaemonSets request of it.
    #[serde(default)]
    daemons: Amounts,
    #[serde(default = "many")]
    max_pods: u32,
    #[serde(default = "many")]
    max_nodes: u32,
    pods: Vec<Group>,
}

const fn many() -> u32 {
    1000
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Needed {
    nodes: u32,
    /// Pods that find room, by group in the order of the input.
    pods: Vec<u32>,
}

/// New nodes on which only resources count.
struct Rooms {
    template: Resources,
    daemons: Resources,
    max_pods: u32,
    max_nodes: u32,
    groups: Vec<Resources>,
    nodes: Vec<(Resources, u32)>,
}

impl Site for Rooms {
    fn add_node(&mut self) -> bool {
        let adds = self.nodes.len() < self.max_nodes as usize;
        if adds {
            self.nodes.push((self.daemons, 0));
        }
        adds
    }

    fn fits(&self, group: usize, node: usize) -> bool {
        let (requested, pods) = self.nodes[node];
        pods < self.max_pods && fits(self.groups[group], requested, self.template)
    }

    fn place(&mut self, group: usize, node: usize) {
        let (requested, pods) = &mut self.nodes[node];
        *requested += self.groups[group];
        *pods += 1;
    }

    fn only_fills(&self, _: usize) -> bool {
        true
    }
}

/// How many nodes pods need.
pub(crate) fn needed(input: &Pods, expect: &Needed) -> Result<(), Difference> {
    let template = input.template.resources();
    let mut order: Vec<usize> = (0..input.pods.len()).collect();
    let share = |place: &usize| pod_share(input.pods[*place].requests.resources(), template);
    order.sort_by(|a, b| share(b).total_cmp(&share(a)));
    let mut rooms = Rooms {
        template,
        daemons: input.daemons.resources(),
        max_pods: input.max_pods,
        max_nodes: input.max_nodes,
        groups: order.iter().map(|place| input.pods[*place].requests.resources()).collect(),
        nodes: Vec::new(),
    };
    let found = estimate(&order.iter().map(|place| input.pods[*place].count).collect::<Vec<_>>(), &mut rooms);
    let mut pods = vec![0; order.len()];
    for (place, helped) in order.into_iter().zip(found.pods) {
        pods[place] = helped;
    }
    same("estimate", &Needed { nodes: found.nodes, pods }, expect)
}

#[derive(Deserialize)]
struct OptionJson {
    pool: String,
    nodes: u32,
    pods: u32,
    #[serde(default)]
    requested: Amounts,
    #[serde(default)]
    capacity: Amounts,
    #[serde(default)]
    hourly: f64,
    #[serde(default)]
    priority: i32,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names that vector files use")]
pub(crate) struct Options {
    expanders: Vec<String>,
    options: Vec<OptionJson>,
    /// What chance says: the place among those that are left.
    #[serde(default)]
    draw: usize,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Picked {
    pool: Option<String>,
}

/// Which pool grows.
pub(crate) fn picked(input: &Options, expect: &Picked) -> Result<(), Difference> {
    const ALL: [Expander; 6] = [Expander::Random, Expander::MostPods, Expander::LeastWaste, Expander::Price, Expander::Priority, Expander::LeastNodes];
    let known = |name: &String| ALL.into_iter().find(|expander| expander.name() == name).ok_or_else(|| Difference::new("input", "an expander", name.clone()));
    let expanders = input.expanders.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let option = |(pool, option): (usize, &OptionJson)| ExpansionOption {
        pool,
        nodes: option.nodes,
        pods: option.pods,
        requested: option.requested.resources(),
        capacity: option.capacity.resources(),
        hourly: option.hourly,
        priority: option.priority,
    };
    let options: Vec<ExpansionOption> = input.options.iter().enumerate().map(option).collect();
    let found = choose(&options, &expanders, |n| input.draw.min(n - 1)).map(|chosen| input.options[chosen.place].pool.clone());
    same("pool", &Picked { pool: found }, expect)
}

#[derive(Deserialize)]
pub(crate) struct Pools {
    /// Size and maximum of each pool.
    pools: Vec<(u32, u32)>,
    new: u32,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Added {
    added: Vec<u32>,
}

/// How pools that are alike share new machines.
pub(crate) fn shared(input: &Pools, expect: &Added) -> Result<(), Difference> {
    let pools: Vec<Share> = input.pools.iter().map(|(size, max)| Share { size: *size, max: *max }).collect();
    same("added", &Added { added: balance(&pools, input.new) }, expect)
}

#[derive(Deserialize)]
pub(crate) struct Used {
    requested: Amounts,
    allocatable: Amounts,
    #[serde(default = "half")]
    threshold: f64,
}

const fn half() -> f64 {
    0.5
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Candidate {
    candidate: bool,
}

/// Whether little enough of a node is requested.
pub(crate) fn low(input: &Used, expect: &Candidate) -> Result<(), Difference> {
    let rules = PoolShrink { utilization_threshold: input.threshold, gpu_utilization_threshold: input.threshold, ..PoolShrink::default() };
    let found = utilization(input.requested.resources(), input.allocatable.resources(), Some(0)).is_low(&rules);
    same("candidate", &Candidate { candidate: found }, expect)
}

#[derive(Deserialize)]
struct NodeJson {
    #[serde(default)]
    pool: usize,
    empty: bool,
    #[serde(default = "yes")]
    ready: bool,
    since_s: u64,
    #[serde(default)]
    capacity: Amounts,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
pub(crate) struct Unneeded {
    now_s: u64,
    /// Size and minimum of each pool.
    pools: Vec<(u32, u32)>,
    nodes: Vec<NodeJson>,
    /// Nodes on their way out, and those of them that had pods.
    #[serde(default)]
    leaving: (u32, u32),
    /// When machines were last asked for, a node last went, and one last could not be emptied.
    added_s: Option<u64>,
    deleted_s: Option<u64>,
    failed_s: Option<u64>,
    /// What the cluster has above its least CPU and memory.
    spare: Option<Amounts>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verdicts {
    /// `goes`, `not yet`, `minimum size`, `minimum resources`, `crowded`; none of them during a pause.
    nodes: Vec<String>,
}

/// Which nodes go now.
pub(crate) fn going(input: &Unneeded, expect: &Verdicts) -> Result<(), Difference> {
    let at = |seconds: Option<u64>| seconds.map(Time::from_secs);
    let (rules, now) = (ShrinkRules::default(), Time::from_secs(input.now_s));
    if cooldown(&rules, now, at(input.added_s), at(input.deleted_s), at(input.failed_s)).is_some() {
        return same("nodes", &Verdicts { nodes: Vec::new() }, expect);
    }
    let node = |node: &NodeJson| Removable {
        pool: node.pool,
        is_empty: node.empty,
        is_ready: node.ready,
        since: Time::from_secs(node.since_s),
        capacity: node.capacity.resources(),
    };
    let nodes: Vec<Removable> = input.nodes.iter().map(node).collect();
    let pools: Vec<(PoolShrink, u32, u32)> = input.pools.iter().map(|(size, min)| (PoolShrink::default(), *size, *min)).collect();
    let spare = input.spare.map_or((u64::MAX, u64::MAX), |spare| (spare.cpu_milli, spare.memory_mib << 20));
    let words = |verdict: Removal| match verdict {
        Removal::Goes => "goes",
        Removal::NotYet => "not yet",
        Removal::MinimumSize => "minimum size",
        Removal::MinimumResources => "minimum resources",
        Removal::Crowded => "crowded",
    };
    let found = removals(&rules, &nodes, &pools, input.leaving, spare, now).into_iter().map(|verdict| words(verdict).to_owned()).collect();
    same("nodes", &Verdicts { nodes: found }, expect)
}

#[derive(Deserialize)]
pub(crate) struct Failures {
    /// When the pool failed.
    at_s: Vec<u64>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pauses {
    /// Until when it is left alone after each failure.
    until_s: Vec<u64>,
}

/// How long a pool is left alone.
pub(crate) fn paused(input: &Failures, expect: &Pauses) -> Result<(), Difference> {
    let mut state = None;
    let until = |at: &u64| {
        let after = Backoff::after(state, BackoffRules::default(), Time::from_secs(*at));
        state = Some(after);
        after.until.as_nanos() / Span::from_secs(1).as_nanos()
    };
    same("pauses", &Pauses { until_s: input.at_s.iter().map(until).collect() }, expect)
}
