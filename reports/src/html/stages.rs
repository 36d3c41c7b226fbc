//! How long pods took from creation to ready, stage by stage and tier by tier.

use serde::Serialize;
use sim_core::record::Record;

use super::figure;
use crate::format::count;
use crate::lang::Both;
use crate::{stages, tiers};

/// Shorter means are not shown: nothing could be seen of them.
const LEAST_S: f64 = 0.0005;

/// A tier's start-ups.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub tier: String,
    pub pods: String,
    pub mean: Both,
    pub slowest: Both,
    /// Share of the longest tier's mean, in percent, by stage.
    pub parts: Vec<Part>,
}

/// A stage's part of the mean.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub name: Both,
    /// As in a style sheet.
    pub color: String,
    pub percent: f64,
    pub time: Both,
}

/// Means of the stages of the pods of a tier that were created in the run and got ready, how many, and the slowest.
struct Measured<'a> {
    tier: &'a str,
    pods: usize,
    means: [f64; stages::COUNT],
    slowest: f64,
}

/// A row for each tier in which pods became ready.
pub(super) fn rows(record: &Record) -> Vec<Row> {
    let measured: Vec<Measured<'_>> = tiers::in_order(record).into_iter().filter_map(|tier| of_tier(record, tier)).collect();
    let longest = measured.iter().map(|row| row.means.iter().sum::<f64>()).fold(0.0, f64::max);
    if longest <= 0.0 {
        return Vec::new();
    }
    let row = |row: Measured<'_>| {
        let parts = stages::names().into_iter().zip(stages::COLORS).zip(row.means).filter(|(_, mean)| *mean >= LEAST_S);
        let part =
            |((name, color), mean)| Part { name: Both::of(name), color: figure::css(color), percent: mean / longest * 100.0, time: Both::duration(mean) };
        let (mean, slowest) = (Both::duration(row.means.iter().sum()), Both::duration(row.slowest));
        Row { tier: row.tier.to_owned(), pods: count(row.pods as u64), mean, slowest, parts: parts.map(part).collect() }
    };
    measured.into_iter().map(row).collect()
}

fn of_tier<'a>(record: &Record, tier: &'a str) -> Option<Measured<'a>> {
    // What was there before the run started has no start-up.
    let of_pods: Vec<[f64; stages::COUNT]> = record.pods.iter().filter(|pod| pod.tier == tier && pod.ready > Some(0.0)).filter_map(stages::of).collect();
    let pods = of_pods.len();
    let means = std::array::from_fn(|stage| of_pods.iter().map(|stages| stages[stage]).sum::<f64>() / pods as f64);
    let slowest = of_pods.iter().map(|stages| stages.iter().sum::<f64>()).fold(0.0, f64::max);
    (pods > 0).then_some(Measured { tier, pods, means, slowest })
}
