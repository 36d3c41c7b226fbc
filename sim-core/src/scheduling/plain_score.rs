//! The scores of [`super::fit_score`] and [`super::balanced_score`] for what most schedulers are told and most pods ask for: CPU and memory alone, least
//! allocated first. The same numbers by straight arithmetic, because a placement works them out for many nodes.

use super::ScoreWeights;
use super::resource_score::{EXACT, MAX_SCORE};
use crate::plan::{Balance, Scheduler, ScoringStrategy};
use crate::units::{Resource, Resources};

/// CPU and memory of a machine. All amounts are below 2^46, so that doubles hold their hundredfold exactly.
#[derive(Clone, Copy, Debug)]
pub struct MachineUse {
    capacity: [f64; 2],
    /// What is left of the capacity after the requests of pods.
    free: [f64; 2],
    /// The same with stand-ins for what containers leave open; not below zero.
    scored_free: [f64; 2],
}

/// What a pod asks for, and what scores weigh.
#[derive(Clone, Copy, Debug)]
pub struct PlainScore {
    requests: [f64; 2],
    scored: [f64; 2],
    fit: u32,
    balanced: u32,
}

impl MachineUse {
    /// A machine with this capacity, of which pods request `requested`, or `scored` with stand-ins. None if it is too large, or lacks one of them.
    pub fn of(capacity: Resources, requested: Resources, scored: Resources) -> Option<Self> {
        let [capacity, requested, scored] = [capacity, requested, scored].map(both);
        let is_exact = |amounts: [u64; 2]| amounts.iter().all(|amount| *amount < EXACT);
        (capacity[0] > 0 && capacity[1] > 0 && is_exact(capacity)).then(|| Self {
            capacity: capacity.map(|amount| amount as f64),
            free: [0, 1].map(|place| capacity[place].saturating_sub(requested[place]) as f64),
            scored_free: [0, 1].map(|place| capacity[place].saturating_sub(scored[place]) as f64),
        })
    }
}

impl PlainScore {
    /// For a pod with these requests, as the scheduler is configured; none if other resources matter or other rules apply.
    pub fn of(scheduler: &Scheduler, weights: ScoreWeights, requests: Resources, scored: Resources) -> Option<Self> {
        let is_plain = scheduler.strategy == ScoringStrategy::LeastAllocated
            && scheduler.balance == Balance::Deviation
            && scheduler.scored == [(Resource::Cpu, 1), (Resource::Memory, 1)]
            && scheduler.balanced == [Resource::Cpu, Resource::Memory];
        let [both_requests, both_scored] = [requests, scored].map(both);
        let is_exact = both_requests.iter().chain(&both_scored).all(|amount| *amount < EXACT);
        let asks_only_for_them = requests.extended.iter().all(|amount| *amount == 0) && both_requests != [0, 0];
        (is_plain && is_exact && asks_only_for_them).then(|| Self {
            requests: both_requests.map(|amount| amount as f64),
            scored: both_scored.map(|amount| amount as f64),
            fit: weights.fit as u32,
            balanced: weights.balanced as u32,
        })
    }

    /// The weighted sum of both scores; none if the pod does not fit.
    #[inline]
    pub fn score(&self, machine: &MachineUse) -> Option<u32> {
        let MachineUse { capacity, free, scored_free } = machine;
        if self.requests[0] > free[0] || self.requests[1] > free[1] {
            return None;
        }
        let percent = |place: usize| ((scored_free[place] - self.scored[place]).max(0.0) * 100.0 / capacity[place]) as u32;
        // At most one, because the pod fits.
        let fraction = |place: usize| (capacity[place] - free[place] + self.requests[place]) / capacity[place];
        let fit = u32::midpoint(percent(0), percent(1));
        let balanced = ((1.0 - (fraction(0) - fraction(1)).abs() / 2.0) * MAX_SCORE as f64) as u32;
        Some(self.fit * fit + self.balanced * balanced)
    }
}

const fn both(resources: Resources) -> [u64; 2] {
    [resources.cpu.0, resources.memory.0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MachineUse, PlainScore};
    use crate::plan::{KubernetesVersion, Scheduler};
    use crate::scheduling::{ScoreWeights, balanced_score, fit_score, fits};
    use crate::units::{Bytes, MilliCpu, Resources};

    fn resources((cpu, memory): (u64, u64)) -> Resources {
        Resources::new(MilliCpu(cpu), Bytes(memory))
    }

    proptest! {
        #[test]
        fn the_same_as_one_by_one(
            capacity in (1u64..200_000, 1u64..(1 << 45)),
            used in (0.0..1.1, 0.0..1.1),
            stand_ins in (0u64..1000, 0u64..(1 << 30)),
            asked in (0u64..50_000, 0u64..(1 << 40)),
        ) {
            let scheduler = Scheduler::default();
            let weights = ScoreWeights::of(KubernetesVersion { major: 1, minor: 33 });
            let requested = ((capacity.0 as f64 * used.0) as u64, (capacity.1 as f64 * used.1) as u64);
            let scored = (requested.0 + stand_ins.0, requested.1 + stand_ins.1);
            let pod_scored = (asked.0 + stand_ins.0, asked.1 + stand_ins.1);
            let [capacity, requested, scored, asked, pod_scored] = [capacity, requested, scored, asked, pod_scored].map(resources);
            let expected = fits(asked, requested, capacity).then(|| {
                let fit = fit_score(&scheduler.strategy, &scheduler.scored, pod_scored, scored + pod_scored, capacity);
                let balanced = balanced_score(scheduler.balance, &scheduler.balanced, asked, requested + asked, capacity);
                (weights.fit * fit + weights.balanced * balanced.unwrap_or(0)) as u32
            });
            if let Some(plain) = PlainScore::of(&scheduler, weights, asked, pod_scored) {
                let machine = MachineUse::of(capacity, requested, scored).unwrap();
                prop_assert_eq!(plain.score(&machine), expected);
            }
        }
    }
}
