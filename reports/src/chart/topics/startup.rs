//! Pending and start-up: pods on their way to being ready, and how long each stage took.

use sim_core::record::{Record, WorkloadRow};

use super::{Windows, over_time, series, sum};
use crate::chart::palette::{ORANGE, PURPLE};
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Unit};
use crate::lang::Both;
use crate::stages;

/// Stretches of time over which stages are averaged.
const STRETCHES: usize = 120;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let panels: Vec<Panel> = [on_their_way(record), by_stage(record)].into_iter().flatten().collect();
    if panels.is_empty() {
        return None;
    }
    let slowest = record.summary.workloads.values().map(|service| service.pending_s.max).fold(0.0, f64::max);
    let slowest = Both::duration(slowest);
    let facts = Both::new(format!("the slowest pod was ready after {}", slowest.en), format!("最慢的 Pod 用了 {}才就绪", slowest.zh));
    Some(over_time(record, "Pending and start-up", &facts, panels))
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
fn by_stage(record: &Record) -> Option<Panel> {
    let end_s = record.summary.simulated_s;
    if end_s <= 0.0 {
        return None;
    }
    let length = end_s / STRETCHES as f64;
    let mut sums = vec![(0u32, [0.0; stages::COUNT]); STRETCHES];
    for pod in record.pods.iter().filter(|pod| record.summary.workloads.contains_key(&pod.workload)) {
        let Some(parts) = stages::of(pod) else { continue };
        let (pods, sum) = &mut sums[((pod.created / length) as usize).min(STRETCHES - 1)];
        *pods += 1;
        sum.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
    }
    let mean = |stage: usize| -> Points {
        let means = sums.iter().map(|(pods, sum)| if *pods == 0 { 0.0 } else { sum[stage] / f64::from(*pods) });
        means.chain([0.0]).enumerate().map(|(i, value)| (i as f64 * length, Some(value))).collect()
    };
    let layers = stages::names().into_iter().zip(stages::COLORS).enumerate().map(|(i, (name, color))| series(name, color, mean(i)));
    let layers: Vec<_> = layers.filter(|layer| layer.points.iter().any(|(_, value)| *value > Some(0.0005))).collect();
    if layers.is_empty() {
        return None;
    }
    let mut panel = Panel::new("seconds from creation to ready, by stage", Unit::Number);
    panel.marks.push(Mark::Stack { layers, step: true });
    Some(panel)
}
