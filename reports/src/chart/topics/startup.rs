//! Pending and start-up: pods on their way to being ready, and how long each stage took.

use sim_core::record::{PodRow, Record, WorkloadRow};

use super::{Windows, series, subtitle, sum};
use crate::chart::palette::{ORANGE, PURPLE, SKY};
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Unit};
use crate::format::duration;

/// Stretches of time over which stages are averaged.
const STRETCHES: usize = 120;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let panels: Vec<Panel> = [on_their_way(record), stages(record)].into_iter().flatten().collect();
    if panels.is_empty() {
        return None;
    }
    let slowest = record.summary.workloads.values().map(|service| service.pending_s.max).fold(0.0, f64::max);
    let facts = format!("the slowest pod was ready after {}", duration(slowest));
    Some(ChartSpec { title: "Pending and start-up".to_owned(), subtitle: subtitle(record, &facts), end_s: record.summary.simulated_s, panels })
}

/// Pods of services that are not ready yet.
fn on_their_way(record: &Record) -> Option<Panel> {
    let level = |value: fn(&WorkloadRow) -> u32| sum(record.summary.workloads.keys().map(|name| Windows::of(record, name).levels(|row| f64::from(value(row)))));
    let layers = [series("without a node", PURPLE, level(|row| row.pods_pending)), series("starting", ORANGE, level(|row| row.pods_starting))];
    let layers: Vec<_> = layers.into_iter().filter(|layer| layer.points.iter().any(|(_, value)| *value > Some(0.0))).collect();
    if layers.is_empty() {
        return None;
    }
    let mut panel = Panel::new("pods not ready yet", Unit::Count);
    panel.marks.push(Mark::Stack { layers, step: true });
    Some(panel)
}

/// Mean length of each stage of the pods created in each stretch of time; pods that never got ready are left out.
fn stages(record: &Record) -> Option<Panel> {
    let end_s = record.summary.simulated_s;
    if end_s <= 0.0 {
        return None;
    }
    let length = end_s / STRETCHES as f64;
    let mut sums = vec![(0u32, [0.0; 3]); STRETCHES];
    for (created, stages) in record.pods.iter().filter(|pod| record.summary.workloads.contains_key(&pod.workload)).filter_map(stages_of) {
        let (pods, sum) = &mut sums[((created / length) as usize).min(STRETCHES - 1)];
        *pods += 1;
        sum.iter_mut().zip(stages).for_each(|(sum, stage)| *sum += stage);
    }
    let mean = |stage: usize| -> Points {
        let means = sums.iter().map(|(pods, sum)| if *pods == 0 { 0.0 } else { sum[stage] / f64::from(*pods) });
        means.chain([0.0]).enumerate().map(|(i, value)| (i as f64 * length, Some(value))).collect()
    };
    let layers = [("waiting for a node", PURPLE), ("waiting for its creation", SKY), ("starting", ORANGE)];
    let layers: Vec<_> = layers.into_iter().enumerate().map(|(i, (label, color))| series(label, color, mean(i))).collect();
    let layers: Vec<_> = layers.into_iter().filter(|layer| layer.points.iter().any(|(_, value)| *value > Some(0.0))).collect();
    if layers.is_empty() {
        return None;
    }
    let mut panel = Panel::new("seconds from creation to ready, by stage", Unit::Number);
    panel.marks.push(Mark::Stack { layers, step: true });
    Some(panel)
}

/// When a pod was created and how long it waited for a node, waited for its creation there, and started; none if it was never ready.
fn stages_of(pod: &PodRow) -> Option<(f64, [f64; 3])> {
    let (scheduled, ready) = (pod.scheduled?, pod.ready?);
    let starting = pod.starting.unwrap_or(scheduled);
    Some((pod.created, [scheduled - pod.created, starting - scheduled, ready - starting]))
}
