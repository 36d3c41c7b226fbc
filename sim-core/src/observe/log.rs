//! Everything that was decided, kept small: most of it is pods that were placed and jobs that came and went, and a run has a million of them.

use super::Decision;
use crate::cluster::{Cause, Pod};
use crate::id::Id;
use crate::ledger::Lives;
use crate::plan::{Job, Node, Placement, Plan};
use crate::record::DecisionRow;
use crate::scheduling::policy::resource_policy::Passed;
use crate::units::Time;

/// What was decided, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Vec<(Time, Entry)>);

/// A decision.
#[derive(Clone, Debug)]
enum Entry {
    Placed { pod: Id<Pod>, node: Id<Node>, unit: u16, passed: Option<Passed> },
    Evicted { pod: Id<Pod>, cause: Cause },
    Submitted { job: Id<Job>, run: u32 },
    Completed { job: Id<Job>, run: u32 },
    Other(Box<Decision>),
    Told(Box<DecisionRow>),
}

const _: () = assert!(size_of::<(Time, Entry)>() <= 24, "a run keeps a million of them");

/// What the words of common decisions need of a plan.
#[derive(Clone, Debug)]
pub(crate) struct Wording {
    /// How pods of each class are placed.
    placements: Vec<PlacementWords>,
    /// Name and pods of each job.
    jobs: Vec<(String, u32)>,
}

#[derive(Clone, Debug)]
enum PlacementWords {
    Scheduler,
    Weights,
    Prefer { policy: String, tiers: Vec<String> },
}

impl Log {
    /// Adds what was decided at `now`, which is not before what was decided last.
    pub(crate) fn push(&mut self, now: Time, decision: Decision) {
        let entry = match decision {
            Decision::Placed { pod, node, unit, passed } if u16::try_from(unit).is_ok() => Entry::Placed { pod, node, unit: unit as u16, passed },
            Decision::Evicted { pod, cause } => Entry::Evicted { pod, cause },
            Decision::Submitted { job, run } => Entry::Submitted { job, run },
            Decision::Completed { job, run } => Entry::Completed { job, run },
            other => Entry::Other(Box::new(other)),
        };
        self.0.push((now, entry));
    }

    /// Puts what is not common into words, by what only the run itself knows.
    pub(crate) fn tell(&mut self, words: impl Fn(Time, &Decision) -> DecisionRow) {
        for (at, entry) in &mut self.0 {
            if let Entry::Other(decision) = entry {
                *entry = Entry::Told(Box::new(words(*at, decision)));
            }
        }
    }

    /// All decisions in words.
    pub(crate) fn rows(&self, lives: &Lives, wording: &Wording) -> Vec<DecisionRow> {
        self.0.iter().map(|(at, entry)| row(*at, entry, lives, wording)).collect()
    }
}

fn row(at: Time, entry: &Entry, lives: &Lives, wording: &Wording) -> DecisionRow {
    let name = |pod: Id<Pod>| lives.name(&lives.pods[pod.index()]);
    let run_of = |job: Id<Job>, run: u32| format!("{}-{run}", wording.jobs[job.index()].0);
    let (controller, action, subject, object, reason) = match entry {
        Entry::Told(row) => return (**row).clone(),
        Entry::Other(_) => unreachable!("what is not common was put into words at the end of the run"),
        Entry::Placed { pod, node, unit, passed } => {
            let class = lives.pods[pod.index()].class as usize;
            ("scheduler", "placed", name(*pod), lives.names.nodes[node.index()].name.clone(), wording.placed(class, usize::from(*unit), *passed))
        }
        Entry::Evicted { pod, cause } => (cause.controller(), "evicted", name(*pod), String::new(), cause.name().to_owned()),
        Entry::Submitted { job, run } => ("job", "submitted", run_of(*job, *run), format!("{} pods", wording.jobs[job.index()].1), String::new()),
        Entry::Completed { job, run } => ("job", "completed", run_of(*job, *run), String::new(), String::new()),
    };
    DecisionRow { t: at.as_secs_f64(), controller: controller.into(), action: action.into(), subject, object, reason }
}

impl Wording {
    /// The words for a plan.
    pub(crate) fn of(plan: &Plan) -> Self {
        let placement = |class| match &plan.template(class).placement {
            Placement::Weights => PlacementWords::Weights,
            Placement::Scheduler | Placement::Subsets(_) => PlacementWords::Scheduler,
            Placement::Prefer { policy, units, .. } => {
                PlacementWords::Prefer { policy: policy.clone(), tiers: units.iter().map(|unit| plan.tiers[unit.tier].name.clone()).collect() }
            }
        };
        Self { placements: (0..plan.class_count()).map(placement).collect(), jobs: plan.jobs.values().map(|job| (job.name.clone(), job.pods)).collect() }
    }

    /// Why a pod of a class was placed in a unit.
    fn placed(&self, class: usize, unit: usize, passed: Option<Passed>) -> String {
        match &self.placements[class] {
            PlacementWords::Weights if unit == 0 => "highest weight of preferred affinity".to_owned(),
            PlacementWords::Weights => "next lower weight of preferred affinity: nodes of higher weight have no room".to_owned(),
            PlacementWords::Scheduler => "highest score among the nodes that fit".to_owned(),
            PlacementWords::Prefer { policy, tiers } => {
                let name = |unit: usize| format!("unit {} ({})", unit + 1, tiers[unit]);
                let why = passed.map_or_else(String::new, |passed| format!(": {} was {}", name(unit - 1), passed.words()));
                format!("{} of {policy}{why}", name(unit))
            }
        }
    }
}
