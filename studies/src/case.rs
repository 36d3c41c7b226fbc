//! One plan, to be run with the seeds of a study.

use serde::{Deserialize, Serialize};
use sim_core::plan::Plan;
use sim_core::record::Record;
use sim_core::simulation;

use crate::figures::{self, Figures};
use crate::identity::{Hash, Hasher};
use crate::seed;

/// A plan with its identity.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is run.
    pub plan: Plan,
    /// Identity of the plan and of the simulator.
    pub hash: Hash,
    /// Seed of the first replication, from which those of the others follow.
    pub base_seed: u64,
}

/// What one run left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Seed of the run.
    pub seed: u64,
    /// Hash of everything deterministic in it.
    pub digest: String,
    /// Every number of its summary.
    pub figures: Figures,
}

impl Case {
    /// A plan to be run with seeds that follow from `base_seed`.
    pub fn new(plan: Plan, base_seed: u64) -> Self {
        Self { hash: Hash::of_plan(&plan), plan, base_seed }
    }

    /// Identity of one replication's result: two runs with the same identity leave the same outcome, in whatever study they are.
    pub fn id(&self, replication: u32) -> Hash {
        let mut hasher = Hasher::new();
        hasher.hash(&self.hash);
        hasher.text(&seed::of_replication(self.base_seed, replication));
        hasher.finish()
    }

    /// Runs one replication, counted from 0.
    pub fn record(&self, replication: u32) -> Record {
        simulation::run(&self.plan, seed::of_replication(self.base_seed, replication), |_| {})
    }

    /// Runs one replication and keeps its figures only.
    pub fn run(&self, replication: u32) -> Outcome {
        Outcome::of(&self.record(replication))
    }
}

impl Outcome {
    /// The outcome that a record shows.
    pub fn of(record: &Record) -> Self {
        Self { seed: record.summary.seed, digest: record.summary.digest.clone(), figures: figures::of(&record.summary) }
    }
}
