//! The answer in plain sentences: what it costs, how slow it got, what held capacity back.

use serde::Serialize;
use sim_core::record::{ObjectiveSummary, Record, WorkloadRow};
use sim_core::units::Money;

use super::causes;
use crate::clock::Clock;
use crate::format::{count, duration, latency, money_in, percent, plural};
use crate::lang::{Both, zh_time};
use crate::shares::{self, Group};
use crate::tiers;

/// A sentence, and whether it tells of success, of a failure or of neither.
#[derive(Debug, Serialize)]
pub(super) struct Sentence {
    pub mood: &'static str,
    pub text: Both,
}

fn say(mood: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Sentence {
    Sentence { mood, text: Both::new(en, zh) }
}

/// The sentences, the most important first.
pub(super) fn sentences(record: &Record, groups: &[Group<'_>]) -> Vec<Sentence> {
    [verdict(record), cost(record), served(record), slow(record), bound(record, groups), capacity(record), jobs(record), left_over(record)]
        .into_iter()
        .flatten()
        .collect()
}

/// A share in whole percents: more digits would not make the sentence truer.
pub(super) fn rough(share: f64) -> String {
    match share * 100.0 {
        p if p > 0.0 && p < 1.0 => "< 1 %".to_owned(),
        p if p > 99.0 && p < 100.0 => "> 99 %".to_owned(),
        p => format!("{p:.0} %"),
    }
}

/// Whether the objectives were met, in a line.
pub(super) fn verdict(record: &Record) -> Option<Sentence> {
    let objectives = &record.summary.objectives;
    let missed = objectives.iter().filter(|objective| !objective.met).count();
    let (en, zh) = match (objectives.len(), missed) {
        (0, _) => return None,
        (1, 0) => ("The objective was met.".to_owned(), "目标已达成。".to_owned()),
        (n, 0) => (format!("All {n} objectives were met."), format!("全部 {n} 个目标均已达成。")),
        (1, _) => ("The objective was missed.".to_owned(), "目标未达成。".to_owned()),
        (n, missed) => (format!("{missed} of {n} objectives were missed."), format!("{n} 个目标中有 {missed} 个未达成。")),
    };
    Some(say(if missed == 0 { "good" } else { "bad" }, en, zh))
}

/// Requests and what became of them.
fn served(record: &Record) -> Option<Sentence> {
    let requests = &record.summary.requests;
    if requests.offered == 0 {
        return None;
    }
    let failed = if record.summary.calls.is_empty() {
        ("were lost with their pod", "随 Pod 丢失")
    } else {
        ("failed with a call or their pod", "因调用失败或随 Pod 丢失")
    };
    let fates = [("turned away", "被拒绝", requests.rejected), ("timed out", "超时", requests.timed_out), (failed.0, failed.1, requests.failed)];
    let lost: Vec<_> = fates.into_iter().filter(|(_, _, n)| *n > 0).collect();
    let (all, share) = (count(requests.offered), percent(requests.success_rate));
    let (mut en, mut zh) = (format!("{share} of {all} requests were answered in time"), format!("{all} 个请求中有 {share} 得到按时应答"));
    if !lost.is_empty() {
        en += &format!("; {}", lost.iter().map(|(word, _, n)| format!("{} {word}", count(*n))).collect::<Vec<_>>().join(", "));
        zh += &format!("；{}", lost.iter().map(|(_, word, n)| format!("{} 个{word}", count(*n))).collect::<Vec<_>>().join("，"));
    }
    Some(say(if requests.success_rate < 0.999 { "bad" } else { "plain" }, en + ".", zh + "。"))
}

/// How slow it got, and when it was worst.
fn slow(record: &Record) -> Option<Sentence> {
    let ms = &record.summary.latency_ms;
    if ms.p99 <= 0.0 {
        return None;
    }
    let [half, most] = [latency(ms.p50), latency(ms.p99)];
    let mut en = format!("Half of the answers took less than {half}, one in a hundred more than {most}");
    let mut zh = format!("一半的应答快于 {half}，百分之一慢于 {most}");
    let worst = record.workload_series.iter().filter_map(|row| Some((row, row.latency_p99_ms?)));
    if let Some((row, p99)) = worst.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, p99)| *p99 > 2.0 * ms.p50) {
        let (when, p99) = (Clock::of(record).both(row.t), latency(p99));
        let WorkloadRow { workload, .. } = row;
        en += &format!("; the worst window was at {}, with a p99 of {p99} at {workload}", when.en);
        zh += &format!("；最差的时间窗在 {}，{workload} 的 p99 为 {p99}", when.zh);
    }
    Some(say("plain", en + ".", zh + "。"))
}

/// What held capacity back while objectives were missed.
fn bound(record: &Record, groups: &[Group<'_>]) -> Option<Sentence> {
    let longest = groups.first()?;
    let breaches = record.summary.objectives.iter().flat_map(|objective| &objective.breaches);
    let total = Both::duration(causes::union(breaches.map(|breach| (breach.from, breach.to)).collect()));
    let parts: Vec<(Both, String)> =
        longest.causes.iter().take(3).map(|(cause, seconds)| (shares::meaning(cause), rough(seconds / longest.breached_s))).collect();
    let (first, share) = parts.first()?;
    let mut en = format!("For {} an objective did not hold. What held capacity back: {} ({share})", total.en, first.en);
    let mut zh = format!("未达目标的时间共 {}。瓶颈：{}（{share}）", total.zh, first.zh);
    for (place, (cause, share)) in parts.iter().enumerate().skip(1) {
        en += &format!(", then {} ({share})", cause.en);
        zh += &format!("，{}{}（{share}）", if place == 1 { "其次是" } else { "再次是" }, cause.zh);
    }
    if let Some(whose) = shares::whose(record, longest) {
        en += &format!(". {}", whose.en);
        zh += &format!("。{}", whose.zh);
    }
    Some(say("bad", en + ".", zh + "。"))
}

/// How capacity followed the load.
fn capacity(record: &Record) -> Option<Sentence> {
    let summary = &record.summary;
    let (name, service) = summary.workloads.iter().max_by_key(|(_, service)| service.replicas.max - service.replicas.min)?;
    let replicas = &service.replicas;
    if replicas.max == replicas.min {
        let (n, pods) = (replicas.max, plural(u64::from(replicas.max), "replica", "replicas"));
        return Some(say("plain", format!("{name} kept {pods} throughout."), format!("{name} 始终保持 {n} 个副本。")));
    }
    let mut en = format!("{name} went from {} to {} replicas", replicas.min, replicas.max);
    let mut zh = format!("{name} 的副本数在 {} 到 {} 之间变化", replicas.min, replicas.max);
    let spikes: Vec<_> = summary.spikes.iter().filter(|spike| spike.workload == *name).collect();
    if spikes.iter().any(|spike| spike.time_to_capacity_s.is_none()) {
        en += "; at least one rise was never followed in full";
        zh += "；至少有一次上升始终没有完全跟上";
    } else if let Some(slowest) = spikes.iter().filter_map(|spike| spike.time_to_capacity_s).reduce(f64::max) {
        let slowest = duration(slowest);
        en += &format!("; the slowest rise took {slowest} until all that were asked for were ready");
        zh += &format!("；最慢的一次扩容用了 {}才全部就绪", zh_time(&slowest));
    }
    Some(say("plain", en + ".", zh + "。"))
}

fn jobs(record: &Record) -> Option<Sentence> {
    let jobs = &record.summary.jobs;
    let total = |value: fn(&sim_core::record::JobSummary) -> u64| jobs.values().map(value).sum::<u64>();
    let [submitted, completed, failed, unfinished] =
        [total(|job| job.submitted), total(|job| job.completed), total(|job| job.failed), total(|job| job.unfinished)];
    if submitted == 0 {
        return None;
    }
    let mut en = format!("{} of {} completed", count(completed), plural(submitted, "job", "jobs"));
    let mut zh = format!("{} 个任务中完成了 {} 个", count(submitted), count(completed));
    if failed > 0 {
        en += &format!(", {} failed", count(failed));
        zh += &format!("，{} 个失败", count(failed));
    }
    if unfinished > 0 {
        en += &format!(", {} had not ended", count(unfinished));
        zh += &format!("，{} 个尚未结束", count(unfinished));
    }
    let slowest = duration(jobs.values().map(|job| job.wait_s.max).fold(0.0, f64::max));
    en += &format!("; no pod waited longer than {slowest} to start");
    zh += &format!("；Pod 等待启动最长 {}", zh_time(&slowest));
    Some(say(if failed > 0 { "bad" } else { "plain" }, en + ".", zh + "。"))
}

/// What it costs, where the money goes and how much of it is idle.
fn cost(record: &Record) -> Option<Sentence> {
    let cost = &record.summary.cost;
    if cost.total == Money::ZERO {
        return None;
    }
    let (total, length) = (money_in(cost.total, &cost.currency), duration(record.summary.simulated_s));
    let of_all = |amount: Money| rough(amount.as_f64() / cost.total.as_f64());
    let mut parts: Vec<(&str, Money)> = tiers::in_order(record).into_iter().filter_map(|tier| Some((tier, *cost.by_tier.get(tier)?))).collect();
    parts.retain(|(_, amount)| *amount != Money::ZERO);
    let shares: Vec<String> = parts.iter().map(|(tier, amount)| format!("{tier} {}", of_all(*amount))).collect();
    let (mut en, mut zh) = (format!("It cost {total} for {length}"), format!("{}共花费 {total}", zh_time(&length)));
    if shares.len() > 1 {
        en += &format!(": {}", shares.join(", "));
        zh += &format!("：{}", shares.join("，"));
    }
    if cost.idle > Money::ZERO {
        let (idle, share) = (money_in(cost.idle, &cost.currency), of_all(cost.idle));
        en += &format!("; {idle} ({share}) paid for machines that no pod requested");
        zh += &format!("；其中 {idle}（{share}）花在没有 Pod 申请的机器上");
    }
    Some(say("plain", en + ".", zh + "。"))
}

/// Pods that had no place at the end.
fn left_over(record: &Record) -> Option<Sentence> {
    let pods: u64 = record.summary.pending.iter().map(|kind| u64::from(kind.pods)).sum();
    (pods > 0).then(|| say("bad", format!("At the end {} had no node.", plural(pods, "pod", "pods")), format!("结束时有 {pods} 个 Pod 没有节点。")))
}

/// Objectives as the page lists them.
#[derive(Debug, Serialize)]
pub(super) struct Objective {
    pub name: Both,
    pub met: bool,
    pub attained: String,
    pub target: String,
    pub breaches: usize,
    pub shown_breaches: String,
    pub time: Both,
}

/// Every objective.
pub(super) fn objectives(record: &Record) -> Vec<Objective> {
    let shown = |objective: &ObjectiveSummary| {
        let time = duration(objective.breaches.iter().map(|breach| breach.to - breach.from).sum());
        Objective {
            name: Both::of(&objective.name),
            met: objective.met,
            attained: percent(objective.attained),
            target: percent(objective.target),
            breaches: objective.breaches.len(),
            shown_breaches: count(objective.breaches.len() as u64),
            time: Both::new(time.clone(), zh_time(&time)),
        }
    };
    record.summary.objectives.iter().map(shown).collect()
}
