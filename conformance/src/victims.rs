//! The order in which a `ReplicaSet` deletes pods.

use serde::Deserialize;
use sim_core::cluster::victims::{VictimPhase, VictimRules, VictimView};

use crate::hpa::seconds;
use crate::report::{Difference, same};

#[derive(Deserialize)]
pub(crate) struct Pair {
    a: Pod,
    b: Pod,
    rank_a: u32,
    rank_b: u32,
    pod_deletion_cost_enabled: bool,
    logarithmic_scale_down: bool,
}

#[derive(Deserialize)]
struct Pod {
    #[serde(rename = "name")]
    _name: String,
    uid: String,
    node: String,
    phase: PhaseJson,
    ready: bool,
    restarts: u32,
    ready_age_s: Option<i64>,
    created_age_s: Option<i64>,
    deletion_cost: Option<i32>,
}

#[derive(Clone, Copy, Deserialize)]
enum PhaseJson {
    Pending,
    Unknown,
    Running,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    a_before_b: bool,
    b_before_a: bool,
}

impl Pod {
    /// `uid`: the place of the pod's uid among those of both.
    fn view(&self, rank: u32, uid: u64) -> VictimView {
        VictimView {
            assigned: !self.node.is_empty(),
            phase: match self.phase {
                PhaseJson::Pending => VictimPhase::Pending,
                PhaseJson::Unknown => VictimPhase::Unknown,
                PhaseJson::Running => VictimPhase::Running,
            },
            ready: self.ready,
            deletion_cost: self.deletion_cost.unwrap_or(0),
            rank,
            ready_since_ns: self.ready_age_s.map(|age| seconds(-age)),
            created_ns: self.created_age_s.map(|age| seconds(-age)),
            restarts: self.restarts,
            uid,
        }
    }
}

pub(crate) fn order(input: &Pair, expect: &Order) -> Result<(), Difference> {
    let rules = VictimRules { deletion_cost: input.pod_deletion_cost_enabled, age_buckets: input.logarithmic_scale_down };
    let a = input.a.view(input.rank_a, u64::from(input.a.uid > input.b.uid));
    let b = input.b.view(input.rank_b, u64::from(input.b.uid > input.a.uid));
    same("order", &Order { a_before_b: rules.compare(&a, &b, 0).is_lt(), b_before_a: rules.compare(&b, &a, 0).is_lt() }, expect)
}
