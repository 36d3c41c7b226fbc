//! The scheduler's filters and scores as pure functions, and the queue of pods without a node.
//!
//! Every file is one plugin of kube-scheduler; Kubernetes' own test tables run against the same functions.
//! What depends on the pods around a pod is kept as counts that change pod by pod: [`SpreadFilter`], [`SpreadScore`], [`PodAffinityRules`].

mod by_pods;
mod filter;
mod fit;
pub mod gang;
mod labels;
mod node_affinity;
mod plain_score;
mod pod_affinity;
pub mod policy;
mod queue;
mod ranking;
mod requests;
mod resource_score;
mod score;
mod spread;
mod taints;
#[cfg(test)]
mod testing;
mod topology;

pub use by_pods::{ByPods, Level};
pub use filter::{Refusal, Verdict, is_excluded, static_refusal};
pub use fit::{Ignored, Shortage, fits, ignored, shortages};
pub use labels::{BadPart, Labels, bad_part, is_label_key, is_label_value, selects};
pub use node_affinity::{BadRequirement, bad_parts, bad_preferences, matches_terms, pinned_nodes, preference, suits};
pub use plain_score::{MachineUse, PlainScore};
pub use pod_affinity::{PodAffinityRules, reaches};
pub use queue::{PendingQueue, Waiting};
pub use ranking::Ranking;
pub use requests::{ContainerRequest, STAND_IN_CPU, STAND_IN_MEMORY, pod_request};
pub use resource_score::{BadResources, bad_resources, balanced_score, broken_linear, fit_score};
pub use score::{ScoreWeights, normalise, normalise_between};
pub use spread::{SpreadFilter, SpreadRules, SpreadScore};
pub use taints::{tolerates, untolerated, untolerated_preferences};
pub use topology::{Topologies, Topology};
