//! The life of a pod: when it reached each phase, what its start-up took, who refused, placed and removed it.

use sim_core::record::{DecisionRow, PodRow, Record, StageCell};

use super::{Unknown, decision, instant, item, reason, say};
use crate::format::{duration, percent};
use crate::terminal::page::{Ink, Page};

pub(super) fn write(page: &mut Page, record: &Record, name: &str) -> Result<(), Unknown> {
    let find = || record.pods.iter().find(|pod| pod.pod == name);
    let pod = find().ok_or_else(|| Unknown::new("pod", name, record.pods.iter().map(|pod| pod.pod.as_str())))?;
    let spec = if pod.spec.is_empty() { String::new() } else { format!(" as an instance of {}", pod.spec) };
    let place = match (pod.node.as_str(), pod.zone.as_str()) {
        ("", _) => "never found a node".to_owned(),
        (node, "") => format!("ran on {node}, tier {}{spec}", pod.tier),
        (node, zone) => format!("ran on {node}, tier {}, zone {zone}{spec}", pod.tier),
    };
    page.line(&[(Ink::Strong, &format!("Pod {name}"))]);
    say(page, &format!("It is of {} in namespace {}, {place}, and ended the run {}.", pod.workload, pod.namespace, pod.phase));
    phases(page, pod);
    stages(page, pod);
    refusals(page, record, pod);
    let own: Vec<&DecisionRow> = record.decisions.iter().filter(|row| row.subject == name).collect();
    page.section("What was decided about it", "");
    for row in &own {
        decision(page, row);
    }
    if own.is_empty() {
        say(page, "Nothing: it was there from the start and stayed.");
    }
    removal(page, record, pod);
    Ok(())
}

/// Each phase that it reached, with the time since the one before.
fn phases(page: &mut Page, pod: &PodRow) {
    page.section("Phases", "");
    let reached = [
        ("created", Some(pod.created)),
        ("bound to a node", pod.scheduled),
        ("containers being created", pod.starting),
        ("ready", pod.ready),
        ("asked to terminate", pod.terminating),
        ("ended", pod.ended),
    ];
    let mut before: Option<f64> = None;
    for (what, at) in reached.into_iter().filter_map(|(what, at)| Some((what, at?))) {
        let after = before.map(|before| at - before).filter(|took| *took > 0.0).map_or_else(String::new, |took| format!(", {} later", duration(took)));
        page.paragraph(Ink::Plain, &format!("  {}  ", instant(at)), &format!("{what}{after}"));
        before = Some(at);
    }
}

/// Where the time from creation to ready went.
fn stages(page: &mut Page, pod: &PodRow) {
    let Some(ready) = pod.ready else { return };
    let total = ready - pod.created;
    if total <= 0.0 {
        return;
    }
    page.section("Start-up", &duration(total));
    let cell = |cell: StageCell| cell.seconds().unwrap_or(0.0);
    let scheduled = pod.scheduled.unwrap_or(pod.created);
    let known: [(&str, f64); 6] = [
        ("scheduling", cell(pod.scheduling_s)),
        ("sandbox", cell(pod.sandbox_s)),
        ("image pull", cell(pod.pull_s)),
        ("application", cell(pod.application_s)),
        ("readiness probe", cell(pod.readiness_s)),
        ("load balancer", cell(pod.load_balancer_s)),
    ];
    let pending = scheduled - pod.created;
    let staged: f64 = known.iter().map(|stage| stage.1).sum();
    let is_staged = pod.sandbox_s.seconds().is_some();
    let bound_to_start = pod.starting.map_or(0.0, |starting| starting - scheduled);
    // What neither the queue nor a stage explains: the provider's creation limit and its stock, or a start-up that is given as a whole.
    let rest = if is_staged { total - pending - staged } else { total - pending - bound_to_start };
    let mut all = vec![("pending: no node yet", pending)];
    if is_staged {
        all.push(("waiting for the creation call to be accepted", rest));
        all.extend(known);
    } else {
        all.push(("waiting for the creation call to be accepted", bound_to_start));
        all.push(("start-up as a whole", rest));
    }
    for (what, took) in all.into_iter().filter(|stage| stage.1 > 0.0005) {
        item(page, &format!("{what}: {} ({})", duration(took), percent(took / total)));
    }
}

/// Why nodes refused it while it waited. The scheduler says a reason once for all pods that are alike, about the first of them.
fn refusals(page: &mut Page, record: &Record, pod: &PodRow) {
    let until = pod.scheduled.or(pod.ended).unwrap_or(record.summary.simulated_s);
    if until <= pod.created {
        return;
    }
    let workload_of = |name: &str| name.rsplit_once('-').map(|(workload, _)| workload.to_owned());
    let own = workload_of(&pod.pod);
    let refused = |row: &&DecisionRow| row.controller == "scheduler" && row.action == "refused" && row.t <= until && workload_of(&row.subject) == own;
    let said: Vec<&DecisionRow> = record.decisions.iter().filter(refused).collect();
    // The reason that held when it was created was said before.
    let first = said.partition_point(|row| row.t <= pod.created).saturating_sub(1);
    let said = said.get(first..).unwrap_or_default();
    if said.is_empty() {
        return;
    }
    page.section("Nodes that refused it", "");
    for row in said {
        let about = if row.subject == pod.pod { String::new() } else { format!(" (said of {}, the first of those that waited)", row.subject) };
        page.paragraph(Ink::Plain, &format!("  {}  ", instant(row.t)), &format!("{}{about}", row.reason));
        for (nodes, why) in reason::filters(&row.reason) {
            item(page, &format!("{nodes} {}: {why}", if nodes == 1 { "node" } else { "nodes" }));
        }
    }
}

/// Why it was removed, and the decision that wanted fewer.
fn removal(page: &mut Page, record: &Record, pod: &PodRow) {
    let Some(gone) = pod.terminating.or(pod.ended) else { return };
    page.section("Why it went", "");
    if pod.phase == "Succeeded" {
        return say(page, &format!("It had done its work at {}.", instant(gone)));
    }
    say(page, &format!("It was asked to go at {}: {}.", instant(gone), if pod.reason.is_empty() { "no reason is recorded" } else { &pod.reason }));
    let shrinks = |row: &&DecisionRow| row.subject == pod.workload && row.action == "scaled" && row.t <= gone;
    if let Some(row) = record.decisions.iter().rfind(shrinks).filter(|_| pod.reason == "scale-in") {
        say(page, "The decision that wanted fewer:");
        decision(page, row);
    }
}
