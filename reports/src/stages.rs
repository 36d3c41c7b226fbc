//! Where a pod's time from creation to ready went, from its row.

use sim_core::record::{PodRow, StartUpSummary};

use crate::chart::palette::{BLUE, Color, GREEN, GREY, ORANGE, PURPLE, SKY, YELLOW};

/// How many stages there are.
pub(crate) const COUNT: usize = 10;

/// The colour of each stage, in the order of [`StartUpSummary::stages`]. Neighbours differ in lightness too.
pub(crate) const COLORS: [Color; COUNT] = [PURPLE, Color(0x33, 0x88, 0x77), GREY, SKY, BLUE, YELLOW, ORANGE, GREEN, Color(0x66, 0x50, 0x9E), ORANGE];

/// Names of the stages, in order.
pub(crate) fn names() -> [&'static str; COUNT] {
    StartUpSummary::default().stages().map(|(name, _)| label(name))
}

/// What a stage of [`StartUpSummary`] is called: what no stage accounts for is the start-up of nodes that give it as a whole.
pub(crate) fn label(name: &'static str) -> &'static str {
    if name == "unsplit" { "start-up as a whole" } else { name }
}

/// Seconds by stage, in the order of [`StartUpSummary::stages`]; none if the pod never got ready. What no stage accounts for is unsplit, so that they add up.
pub(crate) fn of(pod: &PodRow) -> Option<[f64; COUNT]> {
    let (scheduled, ready) = (pod.scheduled?, pod.ready?);
    let starting = pod.starting.unwrap_or(scheduled);
    let cells = [pod.scheduling_s, pod.sandbox_s, pod.pull_s, pod.application_s, pod.readiness_s, pod.load_balancer_s];
    let [scheduling, sandbox, pull, application, readiness, load_balancer] = cells.map(|cell| cell.seconds().unwrap_or(0.0));
    // A machine starts a pod when it binds it, and the kubelet's delay comes after; a virtual node calls its provider after that delay.
    let creation = (starting - scheduled - scheduling).max(0.0);
    let provisioning = pod.provisioning_s.seconds().unwrap_or(0.0);
    let mut stages =
        [(scheduled - pod.created - provisioning).max(0.0), provisioning, scheduling, creation, sandbox, pull, application, readiness, load_balancer, 0.0];
    let rest = ready - pod.created - stages.iter().sum::<f64>();
    // Columns are rounded to milliseconds.
    stages[COUNT - 1] = if rest > 0.005 { rest } else { 0.0 };
    Some(stages)
}
