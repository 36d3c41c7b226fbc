//! Decisions in words, but for the common ones, for which the log has its own.

use super::super::Simulation;
use crate::cluster::Pod;
use crate::id::Id;
use crate::ledger::Lives;
use crate::observe::Decision;
use crate::record::DecisionRow;
use crate::units::Time;

impl Simulation<'_> {
    pub(super) fn decision_row(&self, lives: &Lives, at: Time, decision: &Decision) -> DecisionRow {
        let plan = self.plan;
        let pod_name = |pod: &Id<Pod>| lives.name(&lives.pods[pod.index()]);
        let (controller, action, subject, object, reason) = match decision {
            Decision::Refused { pod, reason } => ("scheduler", "refused", pod_name(pod), String::new(), reason.clone()),
            Decision::Waited { pod, until } => ("provider", "waited", pod_name(pod), format!("{until}"), "creation limit: its turn has not come".to_owned()),
            Decision::Scaled { service, controller, from, to, reason } => {
                (*controller, "scaled", plan.services[*service].name.clone(), format!("{from} -> {to}"), reason.clone())
            }
            Decision::Protected { pod, budget } => {
                ("drain", "refused", pod_name(pod), String::new(), format!("the disruption budget {budget} allows no eviction now"))
            }
            Decision::JobEnded { job, run, what, reason } => ("job", *what, format!("{}-{run}", plan.jobs[*job].name), String::new(), (*reason).to_owned()),
            Decision::Restarted { pod, cause, pause } => ("kubelet", "restarted", pod_name(pod), format!("after {pause}"), cause.name().to_owned()),
            Decision::Resized { service, revision, from, to, reason } => {
                ("deployment", "scaled", format!("{} revision {revision}", plan.services[*service].name), format!("{from} -> {to}"), (*reason).to_owned())
            }
            Decision::RolledOut { service, revision, what, reason } => {
                ("deployment", *what, plan.services[*service].name.clone(), format!("revision {revision}"), (*reason).to_owned())
            }
            Decision::Noted { service, controller, action, object, reason } => {
                (*controller, *action, plan.services[*service].name.clone(), object.clone(), reason.clone())
            }
            Decision::Kept { service, reason } => ("hpa", "kept", plan.services[*service].name.clone(), String::new(), reason.clone()),
            Decision::Nominated { pod, node, victims } => {
                let priority = plan.template(lives.pods[pod.index()].class as usize).priority;
                let reason = format!("preempts {victims} pods of a priority below {priority}");
                ("scheduler", "nominated", pod_name(pod), plan.nodes[*node].name.clone(), reason)
            }
            Decision::Fault { place, begins, until } => {
                let fault = &plan.faults.list[*place as usize];
                let object = until.filter(|until| *begins && *until <= plan.end()).map_or_else(String::new, |until| format!("until {until}"));
                ("fault", if *begins { "broken" } else { "repaired" }, fault.target.clone(), object, fault.kind.name().to_owned())
            }
            Decision::NodeCondition { node, ready } => {
                let reason = if *ready { "its kubelet is heard from again".to_owned() } else { format!("its kubelet is silent for {}", plan.faults.grace) };
                ("node-lifecycle", if *ready { "Ready" } else { "NotReady" }, plan.nodes[*node].name.clone(), String::new(), reason)
            }
            Decision::Lost { pod, cause } => (cause.controller(), "lost", pod_name(pod), String::new(), cause.name().to_owned()),
            Decision::Policy { workload, what, reason } => ("policy", "policy", plan.workload_name(*workload).to_owned(), what.clone(), reason.clone()),
            Decision::Changed { verb, subject, what } => ("kubectl", *verb, subject.clone(), what.clone(), String::new()),
            Decision::Supply { pod, note } => {
                let node = lives.node(&lives.pods[pod.index()]).map_or_else(String::new, |node| node.name.clone());
                ("provider", note.event(), pod_name(pod), node, note.reason().to_owned())
            }
            Decision::Reloaded { place } => {
                let reload = &plan.supply.reloads[*place as usize];
                let (action, reason) = match &reload.error {
                    None => ("reloaded", "counts for pods created from now on".to_owned()),
                    Some(error) => ("malformed", format!("the old values stay: {error}")),
                };
                ("virtual-kubelet", action, "eci-profile".to_owned(), String::new(), reason)
            }
            Decision::Grown { pool, from, to, reason } => {
                (plan.node_scaling.controller(), "grown", plan.pools[*pool].name.clone(), format!("{from} -> {to}"), reason.clone())
            }
            Decision::BackedOff { pool, reason, until } => {
                let reason = format!("{reason}; left alone until {until}");
                (plan.node_scaling.controller(), "backed-off", plan.pools[*pool].name.clone(), String::new(), reason)
            }
            Decision::NotGrown { reason } => (plan.node_scaling.controller(), "kept", "node pools".to_owned(), String::new(), reason.clone()),
            Decision::Node { node, what, reason } => {
                let pool = self.fleet.pool_of(*node).map_or_else(String::new, |pool| plan.pools[pool].name.clone());
                ("node-pool", *what, plan.nodes[*node].name.clone(), pool, reason.clone())
            }
            Decision::Placed { .. } | Decision::Evicted { .. } | Decision::Submitted { .. } | Decision::Completed { .. } => {
                unreachable!("the log has words for these")
            }
        };
        DecisionRow { t: at.as_secs_f64(), controller: controller.into(), action: action.into(), subject, object, reason }
    }
}
