//! The end of the warm-up: from here on the summary counts.
//!
//! The world goes on as it is; only what was counted so far is forgotten. Requests in flight at this instant count as offered, so that what becomes of
//! them can be counted too. Machines and instances are billed from here on, an instance at its own price from its first second here.

use super::Simulation;
use super::objectives::ObjectiveState;
use super::workload::{Baseline, Meter};
use crate::units::Time;

impl Simulation<'_> {
    /// Forgets what was counted so far.
    pub(super) fn start_measuring(&mut self) {
        self.close_window();
        for place in 0..self.services.len() {
            let cpu = self.cpu_counter(place);
            let state = &mut self.services[place];
            state.before = Baseline { cpu, ready_ns: state.ready_ns };
            state.cpu.max = 0.0;
            // A rise that goes on began before anything counts.
            state.spikes.clear();
            match &mut state.meter {
                Meter::None => {}
                Meter::Requests(kernel) => kernel.restart(),
                Meter::Demand(demand) => demand.restart(),
            }
        }
        self.restart_chains();
        for state in &mut self.workloads {
            state.in_tier.iter_mut().for_each(|(bound, peak)| *peak = *bound);
        }
        for tier in &mut self.tiers {
            tier.peak = tier.bound;
        }
        self.objectives = vec![ObjectiveState::default(); self.objectives.len()];
    }

    /// Since when the summary counts.
    pub(super) fn measured_from(&self) -> Time {
        self.plan.measured_from()
    }

    /// How long the summary counts, in seconds.
    pub(super) fn measured_s(&self) -> f64 {
        (self.plan.end() - self.measured_from()).as_secs_f64()
    }
}

/// The steps of a count from `from` on: what it was then comes first.
pub(super) fn since(steps: &[(Time, u32)], from: Time) -> Vec<(Time, u32)> {
    let later = steps.partition_point(|(at, _)| *at <= from);
    let held = later.checked_sub(1).map(|last| (from, steps[last].1));
    held.into_iter().chain(steps[later..].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Time, since};

    #[test]
    fn steps_start_with_what_held() {
        let at = Time::from_secs;
        let steps = [(at(0), 2), (at(10), 5), (at(20), 3)];
        assert_eq!(since(&steps, at(0)), steps);
        assert_eq!(since(&steps, at(15)), [(at(15), 5), (at(20), 3)]);
        assert_eq!(since(&steps, at(20)), [(at(20), 3)]);
        assert!(since(&[], at(1)).is_empty());
    }
}
