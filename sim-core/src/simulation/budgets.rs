//! Disruption budgets during a run: how many pods may be disrupted now.

use super::Simulation;
use crate::cluster::{Owner, Phase, Pod};
use crate::id::Id;
use crate::plan::DisruptionBudget;
use crate::scheduling::selects;

impl Simulation<'_> {
    /// By budget: how many more of its pods may be disrupted now. What controllers want counts as expected; healthy are those that are ready.
    pub(super) fn disruptions_allowed(&self) -> Vec<u32> {
        self.plan.disruption_budgets.iter().map(|budget| self.allowed_by(budget)).collect()
    }

    fn allowed_by(&self, budget: &DisruptionBudget) -> u32 {
        let (mut expected, mut healthy) = (0, 0);
        for (id, service) in self.plan.services.iter() {
            if service.template.namespace == budget.namespace && selects(&budget.selector, &service.template.labels) {
                expected += self.services[id.index()].desired;
                healthy += self.workloads[id.index()].count(Phase::Ready);
            }
        }
        let services = self.plan.services.len();
        for job in self.plan.jobs.ids() {
            let template = &self.plan.jobs[job].template;
            if template.namespace == budget.namespace && selects(&budget.selector, &template.labels) {
                let state = &self.workloads[services + job.index()];
                expected +=
                    [Phase::Pending, Phase::Scheduled, Phase::Starting, Phase::Unready, Phase::Ready].map(|phase| state.count(phase)).iter().sum::<u32>();
                healthy += state.count(Phase::Ready);
            }
        }
        budget.bound.disruptions_allowed(expected, healthy)
    }

    /// Whether a budget is about a pod.
    pub(super) fn is_covered(&self, budget: &DisruptionBudget, pod: &Pod) -> bool {
        let template = self.plan.template(pod.class);
        template.namespace == budget.namespace && selects(&budget.selector, &template.labels)
    }

    /// The disruption budget that does not allow the eviction of a pod now. Pods that never ran are nobody's loss.
    pub(super) fn protected_by(&self, id: Id<Pod>) -> Option<String> {
        let pod = &self.pods[id];
        if matches!(pod.phase, Phase::Pending | Phase::Scheduled | Phase::Starting)
            || matches!(pod.owner, Owner::Job { .. }) && self.plan.disruption_budgets.is_empty()
        {
            return None;
        }
        let refuses = |budget: &&DisruptionBudget| self.is_covered(budget, pod) && self.allowed_by(budget) == 0;
        self.plan.disruption_budgets.iter().find(refuses).map(|budget| budget.name.clone())
    }
}
