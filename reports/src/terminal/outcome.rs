//! Whether it was good enough: objectives with their breaches, and how fast capacity followed the load.

use sim_core::record::{ObjectiveSummary, Record};

use super::page::{Ink, Page};
use super::table::{Table, figure, text};
use crate::format::{clock, count, duration, percent, plural};

/// Breaches and spikes listed before the rest is only counted.
const LISTED: usize = 6;

/// Time to capacity of each spike.
pub(super) fn spikes(page: &mut Page, record: &Record) {
    let spikes = &record.summary.spikes;
    if spikes.is_empty() {
        return;
    }
    page.section("Time to capacity", "until all replicas that were asked for were ready");
    let mut table = Table::new([figure("at"), text("service"), figure("ready before"), figure("replicas asked for"), figure("time to capacity")]);
    for spike in spikes.iter().take(LISTED) {
        let time = spike.time_to_capacity_s.map_or_else(|| page.word("✗ never"), duration);
        let [from, to] = [spike.from_ready, spike.to_replicas].map(|n| count(u64::from(n)));
        table.row([clock(spike.at_s), spike.workload.clone(), from, to, time]);
    }
    table.write(page);
    let reached = spikes.iter().filter_map(|spike| spike.time_to_capacity_s);
    if spikes.len() > LISTED {
        let slowest = reached.reduce(f64::max).map(|slowest| format!("; the slowest that succeeded took {}", duration(slowest)));
        page.paragraph(Ink::Faint, "  ", &format!("and {} more{}", count((spikes.len() - LISTED) as u64), slowest.unwrap_or_default()));
    }
}

/// Objectives, each with when and why it did not hold.
pub(super) fn objectives(page: &mut Page, record: &Record) {
    if record.summary.objectives.is_empty() {
        return;
    }
    page.section("Objectives", "");
    for objective in &record.summary.objectives {
        let (ink, mark) = if objective.met { (Ink::Good, "✓") } else { (Ink::Bad, "✗") };
        let held = page.word(&format!("held in {}, asked {}", percent(objective.attained), percent(objective.target)));
        let name = page.word(&objective.name);
        page.ends(&[(Ink::Plain, "  "), (ink, mark), (Ink::Plain, " "), (Ink::Strong, &name)], (ink, &held));
        breaches(page, objective);
    }
}

fn breaches(page: &mut Page, objective: &ObjectiveSummary) {
    for breach in objective.breaches.iter().take(LISTED) {
        let cause = if breach.cause.is_empty() { String::new() } else { format!(": {}", breach.cause) };
        let lead = format!("    {} to {}", clock(breach.from), clock(breach.to));
        page.paragraph(Ink::Plain, "    ", &format!("{} ({}){cause}", lead.trim_start(), duration(breach.to - breach.from)));
    }
    let rest = objective.breaches.len().saturating_sub(LISTED) as u64;
    if rest > 0 {
        let time = duration(objective.breaches.iter().map(|breach| breach.to - breach.from).sum());
        page.paragraph(Ink::Faint, "    ", &format!("and {}; {time} in all", plural(rest, "more breach", "more breaches")));
    }
}
