//! One thing in use for one stretch of time.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::held::{Held, Reduced};
use super::instant;
use crate::plan::Purchase;
use crate::record::Rows;
use crate::units::{Time, UnitPrice};

/// Everything that was used in a run: machines in the order of the plan, then pods in the order of creation.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The entries.
    pub entries: Rows<Entry>,
    /// The same of a run, as long as nobody looks.
    pub(super) reduced: Option<Arc<Reduced>>,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A machine, whether pods use it or nobody.
    #[default]
    Machine,
    /// A pod on a virtual node: an instance of a provider.
    Instance,
    /// A pod on a machine. It costs nothing itself, but has a share in what its machine costs.
    Pod,
    /// A virtual node.
    VirtualNode,
}

/// One thing in use for one stretch of time: a row of `ledger.csv`.
///
/// Times are since the start of the run; empty for what did not happen before its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Name of the node or pod.
    pub resource: String,
    /// What it is.
    pub kind: Kind,
    /// Tier.
    pub tier: String,
    /// Zone, empty if none was given.
    pub zone: String,
    /// The node that it is, or is on.
    pub node: String,
    /// The service or job that owns it, empty for nodes.
    pub workload: String,
    /// Provider of an instance.
    pub provider: String,
    /// What the invoice calls it.
    pub item: String,
    /// Machine type by which it is billed, empty for what is billed by its size.
    pub instance_type: String,
    /// Compute category of an instance, for instance `economy`; empty for the usual one.
    pub category: String,
    /// How it was bought.
    pub purchase: Purchase,
    /// CPU that is billed: of the machine, or of the instance's size.
    pub cpu_milli: u64,
    /// Memory that is billed, likewise.
    pub memory_bytes: u64,
    /// CPU that pods can request of the machine; CPU that the pod requests.
    pub request_cpu_milli: u64,
    /// Memory that pods can request of the machine; memory that the pod requests.
    pub request_memory_bytes: u64,
    /// Most pods that the machine takes.
    pub max_pods: u32,
    /// CPU that the pod used, in milliCPU-nanoseconds.
    pub used_milli_ns: u128,
    /// A price that the scenario gives, which wins over the price book.
    pub price: Option<UnitPrice>,
    /// The most that a spot instance may cost, if it was bought with a limit.
    pub bid: Option<UnitPrice>,
    /// Until when a spot instance keeps the price that it was bought at; the price book's protection counts if empty.
    #[serde(with = "instant")]
    pub protected: Option<Time>,
    /// When a node was asked for or a pod was bound.
    #[serde(with = "instant")]
    pub requested: Option<Time>,
    /// When a machine started; when a provider accepted the creation call and began to pull the image.
    #[serde(with = "instant")]
    pub started: Option<Time>,
    /// When it was ready.
    #[serde(with = "instant")]
    pub ready: Option<Time>,
    /// When it stopped: the machine was released, the pod succeeded, failed or was terminated.
    #[serde(with = "instant")]
    pub stopped: Option<Time>,
    /// When the object was deleted, for a pod that stopped by itself.
    #[serde(with = "instant")]
    pub deleted: Option<Time>,
    /// Why it started.
    pub start_reason: String,
    /// Why it stopped; empty for what was still in use.
    pub stop_reason: String,
    /// The pool that a machine belongs to; empty for what is in none.
    #[serde(default)]
    pub pool: String,
}

impl Entry {
    /// The machine type without its size: `ecs.g7` of `ecs.g7.4xlarge`. Regional reservations and savings plans are for families.
    pub fn family(&self) -> &str {
        family(&self.instance_type)
    }

    /// Whether it has a price of its own.
    pub const fn is_billed(&self) -> bool {
        matches!(self.kind, Kind::Machine | Kind::Instance)
    }
}

/// The family of a machine type.
pub(crate) fn family(instance_type: &str) -> &str {
    instance_type.rsplit_once('.').map_or(instance_type, |(family, _)| family)
}

impl Ledger {
    /// Asserts what every ledger must satisfy: times in order, and pods on nodes that exist for as long.
    pub fn assert_conserved(&self, end: Time) {
        let mut nodes = BTreeMap::<&str, Vec<&Entry>>::new();
        for entry in self.things() {
            let times = [entry.requested, entry.started, entry.ready, entry.stopped, entry.deleted];
            let known: Vec<Time> = times.into_iter().flatten().chain([end]).collect();
            assert!(known.is_sorted(), "the times of {} are not in order: {known:?}", entry.resource);
            if matches!(entry.kind, Kind::Machine | Kind::VirtualNode) {
                nodes.entry(entry.node.as_str()).or_default().push(entry);
            }
        }
        let none = Vec::new();
        let is_there = |node: &Vec<&Entry>, pod: &Held<'_>| {
            let until = |stopped: Option<Time>| stopped.unwrap_or(end);
            let holds =
                |node: &&Entry| node.ready.is_some_and(|ready| pod.requested.is_some_and(|from| ready <= from)) && until(pod.stopped) <= until(node.stopped);
            node.iter().any(holds)
        };
        let check = |node: &Vec<&Entry>, pod: &Held<'_>| {
            let known = [pod.requested, pod.started, pod.ready, pod.stopped, Some(end)];
            let mut last = Time::ZERO;
            for at in known.into_iter().flatten() {
                assert!(last <= at, "the times of a pod of {} are not in order: {known:?}", pod.workload);
                last = at;
            }
            assert!(is_there(node, pod), "a pod of {} is on {}, which is not there as long as it", pod.workload, pod.node);
        };
        for (name, pods) in self.held_by_node() {
            let node = nodes.get(name).unwrap_or(&none);
            for pod in pods {
                check(node, &self.held_at(pod));
            }
        }
        for instance in self.things().filter(|entry| entry.kind == Kind::Instance).map(Held::of) {
            check(nodes.get(instance.node).unwrap_or(&none), &instance);
        }
    }
}
