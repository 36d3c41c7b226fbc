//! When objectives were not held, and what held capacity back.

use sim_core::record::{Breach, ObjectiveSummary, Record};
use sim_core::units::Money;

use super::{instant, item, say};
use crate::format::{count, duration, money_in, percent};
use crate::terminal::page::{Ink, Page};

/// Breaches listed before the rest is only counted.
const LISTED: usize = 40;

pub(super) fn write(page: &mut Page, record: &Record) {
    if record.summary.objectives.is_empty() {
        return say(page, "The scenario states no objectives, so nothing could be breached.");
    }
    for objective in &record.summary.objectives {
        page.line(&[(Ink::Strong, &objective.name)]);
        let (attained, asked) = (percent(objective.attained), percent(objective.target));
        say(page, &format!("It held in {attained} of the windows with requests; {asked} were asked for: {}.", if objective.met { "met" } else { "not met" }));
        if objective.breaches.is_empty() {
            continue;
        }
        causes(page, objective);
        say(page, &price(record, objective));
        for breach in objective.breaches.iter().take(LISTED) {
            page.paragraph(Ink::Plain, &format!("  {} to {}  ", instant(breach.from), instant(breach.to)), &breach.cause);
        }
        if objective.breaches.len() > LISTED {
            say(page, &format!("and {} more.", count((objective.breaches.len() - LISTED) as u64)));
        }
    }
}

/// Seconds by cause, the largest first: they add up to the breached time.
pub(super) fn causes(page: &mut Page, objective: &ObjectiveSummary) {
    let by_cause = shares(objective);
    let total: f64 = objective.breaches.iter().map(|breach| breach.to - breach.from).sum();
    say(page, &format!("It was breached for {}, which is charged to:", duration(total)));
    for (cause, seconds) in by_cause {
        item(page, &format!("{cause}: {} ({})", duration(seconds), percent(seconds / total)));
    }
}

/// What the breached time of an objective is charged to, the largest first. Records of older programs know one cause for each breach.
pub(super) fn shares(objective: &ObjectiveSummary) -> Vec<(String, f64)> {
    if !objective.attribution.is_empty() {
        let mut shares: Vec<(String, f64)> = objective.attribution.clone().into_iter().collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        return shares;
    }
    let mut by_cause: Vec<(String, f64)> = Vec::new();
    for breach in &objective.breaches {
        match by_cause.iter_mut().find(|entry| entry.0 == breach.cause) {
            Some(entry) => entry.1 += breach.to - breach.from,
            None => by_cause.push((breach.cause.clone(), breach.to - breach.from)),
        }
    }
    by_cause.sort_by(|a, b| b.1.total_cmp(&a.1));
    by_cause
}

/// What a breach cost: requests that got no answer, and what the estate cost in that time.
pub(super) fn price(record: &Record, objective: &ObjectiveSummary) -> String {
    let inside = |t: f64| objective.breaches.iter().any(|breach| (breach.from..breach.to).contains(&t));
    let rows = record.workload_series.iter().filter(|row| objective.workload.as_ref().is_none_or(|name| *name == row.workload) && inside(row.t));
    let (offered, lost) = rows.fold((0, 0), |(offered, lost), row| (offered + row.offered, lost + row.timed_out + row.rejected + row.failed));
    let spent: Money = objective.breaches.iter().map(|breach| spent(record, breach)).sum();
    format!(
        "In that time {} of {} requests got no answer, and the estate cost {}.",
        count(lost),
        count(offered),
        money_in(spent, &record.summary.cost.currency)
    )
}

/// What the estate cost over a breach: the running cost at its end without that at its start.
fn spent(record: &Record, breach: &Breach) -> Money {
    // A row's cost is that at the end of its window, which is the start of the next.
    let until = |t: f64| -> Money {
        let last = record.tier_series.iter().filter(|row| row.t < t).map(|row| row.t).fold(f64::NEG_INFINITY, f64::max);
        record.tier_series.iter().filter(|row| row.t == last).map(|row| row.cost).sum()
    };
    until(breach.to) - until(breach.from)
}
