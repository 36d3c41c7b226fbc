//! Who used what, from when to when: the only thing that billing reads.

use crate::cluster::Pod;
use crate::id::{Id, Table};
use crate::plan::{BillingStart, InstanceSpec, Node, NodeKind, Plan, Provider, Tier};
use crate::units::{Span, Time};

/// One thing in use for one stretch of time.
#[derive(Clone, Debug)]
pub struct Usage {
    /// What was used.
    pub what: Used,
    /// Its tier.
    pub tier: Id<Tier>,
    /// When the meter started.
    pub from: Time,
    /// When it stopped; the end of the run for what was still in use.
    pub to: Time,
    /// Whether it was still in use at the end of the run.
    pub open: bool,
}

/// What was used.
#[derive(Clone, Copy, Debug)]
pub enum Used {
    /// A machine, by pods or by nobody.
    Machine(Id<Node>),
    /// An instance of a provider, by its pod.
    Instance {
        /// Provider.
        provider: Id<Provider>,
        /// Size.
        spec: InstanceSpec,
        /// Workload of the pod: its place among services, then jobs.
        workload: usize,
    },
}

/// CPU requests that pods of one workload held on one machine.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// The machine.
    pub node: Id<Node>,
    /// Workload: its place among services, then jobs.
    pub workload: usize,
    /// Request times time, in milliCPU-nanoseconds.
    pub cpu_ns: u128,
}

/// Everything that was used in a run.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Machines and instances.
    pub usages: Vec<Usage>,
    /// Who requested how much of the machines.
    pub shares: Vec<Share>,
}

impl Ledger {
    /// Reads the ledger off the pods' records. `workload` gives the place of a pod's workload among services, then jobs.
    pub fn of_run(plan: &Plan, pods: &Table<Pod>, end: Time, workload: impl Fn(&Pod) -> usize) -> Self {
        let mut ledger = Self::default();
        for (id, node) in plan.nodes.iter() {
            if let NodeKind::Machine(_) = node.kind {
                ledger.usages.push(Usage { what: Used::Machine(id), tier: node.tier, from: Time::ZERO, to: end, open: true });
            }
        }
        let mut shares = std::collections::BTreeMap::<(Id<Node>, usize), u128>::new();
        for pod in pods.values() {
            let (Some(node_id), Some(scheduled)) = (pod.node, pod.scheduled) else { continue };
            let node = &plan.nodes[node_id];
            let (to, open) = pod.ended.map_or((end, true), |ended| (ended, false));
            assert!(scheduled <= to, "a pod ended before it was bound");
            let owner = workload(pod);
            match (&node.kind, pod.spec) {
                (NodeKind::Virtual(virtual_node), Some(spec)) => {
                    let start = match plan.providers[virtual_node.provider].billing.start {
                        BillingStart::Scheduled => Some(scheduled),
                        BillingStart::Created => pod.starting,
                        BillingStart::Ready => pod.ready,
                    };
                    if let Some(from) = start {
                        let what = Used::Instance { provider: virtual_node.provider, spec, workload: owner };
                        ledger.usages.push(Usage { what, tier: node.tier, from, to, open });
                    }
                }
                (NodeKind::Machine(_), None) => {
                    let cpu_ns = u128::from(plan.template(pod.class).requests.cpu.0) * u128::from((to - scheduled).as_nanos());
                    *shares.entry((node_id, owner)).or_default() += cpu_ns;
                }
                _ => unreachable!("a pod has an instance exactly on a virtual node"),
            }
        }
        ledger.shares = shares.into_iter().map(|((node, workload), cpu_ns)| Share { node, workload, cpu_ns }).collect();
        ledger
    }
}

impl Usage {
    /// The time that is billed: rounded up to the provider's granularity, and at least its minimum. What is still in use is rounded
    /// as if it ended now.
    pub fn billed(&self, plan: &Plan) -> Span {
        let used = self.to - self.from;
        match self.what {
            Used::Machine(_) => used,
            Used::Instance { provider, .. } => {
                let billing = &plan.providers[provider].billing;
                used.max(billing.minimum).round_up_to(billing.granularity)
            }
        }
    }
}
