//! What controllers decided, like decisions of one instant together: forty pods placed on one tier are one entry.

use std::collections::BTreeMap;

use serde::Serialize;
use sim_core::record::{DecisionRow, Record};

/// Entries that a page shows; a larger run leaves out what says least.
const MOST: usize = 4000;
/// Subjects named in an entry.
const NAMED: usize = 3;

/// Decisions of one instant, controller, action and reason.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub t: f64,
    /// Controller and action.
    pub c: String,
    pub a: String,
    /// How many.
    pub n: usize,
    /// About what, the first few.
    pub s: String,
    /// Where to, or by how much, the first few.
    pub o: String,
    /// Why.
    pub r: String,
}

/// Entries in the order of time, and how many there would be.
pub(super) fn entries(record: &Record) -> (Vec<Entry>, usize) {
    let mut groups: Vec<Vec<&DecisionRow>> = Vec::new();
    for instant in record.decisions.chunk_by(|a, b| a.t == b.t) {
        let mut places: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
        for row in instant {
            // What the HPA chose for one workload is never mixed with another's.
            let about = if matches!(row.action.as_ref(), "scaled" | "kept") { row.subject.as_str() } else { row.reason.as_str() };
            let place = *places.entry((&row.controller, &row.action, about)).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[place].push(row);
        }
    }
    let all = groups.len();
    for dull in ["kept", "completed", "submitted", "placed", "evicted", "waited", "refused"] {
        if groups.len() <= MOST {
            break;
        }
        let excess = groups.len() - MOST;
        let every = groups.iter().filter(|group| group[0].action == dull).count().max(1).div_ceil(excess.max(1)).max(1);
        let mut seen = 0;
        groups.retain(|group| {
            seen += usize::from(group[0].action == dull);
            group[0].action != dull || !seen.is_multiple_of(every)
        });
    }
    groups.truncate(MOST);
    (groups.into_iter().map(|group| entry(&group)).collect(), all)
}

fn entry(group: &[&DecisionRow]) -> Entry {
    let first = group[0];
    let few = |value: fn(&DecisionRow) -> &str| {
        let mut names: Vec<&str> = Vec::new();
        for name in group.iter().map(|row| value(row)).filter(|name| !name.is_empty()) {
            if !names.contains(&name) {
                names.push(name);
            }
            if names.len() > NAMED {
                break;
            }
        }
        let more = if names.len() > NAMED { ", …" } else { "" };
        names.truncate(NAMED);
        names.join(", ") + more
    };
    Entry {
        t: (first.t * 1000.0).round() / 1000.0,
        c: first.controller.clone().into_owned(),
        a: first.action.clone().into_owned(),
        n: group.len(),
        s: few(|row| &row.subject),
        o: few(|row| &row.object),
        r: first.reason.clone(),
    }
}
