//! How long pods took from creation to ready, stage by stage and tier by tier.

use serde::Serialize;
use sim_core::record::{PodRow, Record};

use super::lang::{Both, zh_time};
use crate::format::{count, duration};
use crate::tiers;

/// The stages in order, with the colour of each.
const STAGES: [(&str, &str); 3] = [("waiting for a node", "purple"), ("waiting for its creation", "sky"), ("starting", "orange")];

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
    pub color: &'static str,
    pub percent: f64,
    pub time: Both,
}

/// A row for each tier in which pods became ready.
pub(super) fn rows(record: &Record) -> Vec<Row> {
    let measured: Vec<_> = tiers::in_order(record).into_iter().filter_map(|tier| of_tier(record, tier)).collect();
    let longest = measured.iter().map(|(_, _, means, _)| means.iter().sum::<f64>()).fold(0.0, f64::max);
    if longest <= 0.0 {
        return Vec::new();
    }
    let both = |seconds: f64| {
        let time = duration(seconds);
        Both::new(time.clone(), zh_time(&time))
    };
    let row = |(tier, pods, means, slowest): (&str, usize, [f64; 3], f64)| {
        let parts = STAGES.iter().zip(means).filter(|(_, mean)| *mean > 0.0);
        let parts = parts.map(|((name, color), mean)| Part { name: Both::of(name), color, percent: mean / longest * 100.0, time: both(mean) }).collect();
        Row { tier: tier.to_owned(), pods: count(pods as u64), mean: both(means.iter().sum()), slowest: both(slowest), parts }
    };
    measured.into_iter().map(row).collect()
}

/// Pods that became ready, the mean of each stage, and the slowest pod.
fn of_tier<'a>(record: &Record, tier: &'a str) -> Option<(&'a str, usize, [f64; 3], f64)> {
    let stages: Vec<[f64; 3]> = record.pods.iter().filter(|pod| pod.tier == tier).filter_map(stages).collect();
    let mean = |i: usize| stages.iter().map(|stage| stage[i]).sum::<f64>() / stages.len() as f64;
    let slowest = stages.iter().map(|stage| stage.iter().sum::<f64>()).fold(0.0, f64::max);
    (!stages.is_empty()).then(|| (tier, stages.len(), [mean(0), mean(1), mean(2)], slowest))
}

fn stages(pod: &PodRow) -> Option<[f64; 3]> {
    let (scheduled, ready) = (pod.scheduled?, pod.ready?);
    let starting = pod.starting.unwrap_or(scheduled);
    Some([scheduled - pod.created, starting - scheduled, ready - starting])
}
