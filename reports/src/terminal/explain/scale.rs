//! Why a workload had the size that it had.

use sim_core::record::{DecisionRow, Record};

use super::reason::Verdict;
use super::teller::Teller;
use super::{Unknown, syncs};
use crate::format::{number, plural};
use crate::words;

/// Decisions listed before the rest is only counted.
const LISTED: usize = 80;
/// Decisions shown on each side of the instant that is asked about.
const AROUND: usize = 2;

pub(super) fn write(teller: &mut Teller<'_>, record: &Record, workload: &str, at: Option<f64>) -> Result<(), Unknown> {
    let summary = record.summary.workloads.get(workload);
    let Some(summary) = summary else {
        return Err(Unknown::new("service", workload, record.summary.workloads.keys().map(String::as_str)));
    };
    let all: Vec<&DecisionRow> = record.decisions.iter().filter(|row| row.subject == workload).collect();
    teller.title(&format!("Replicas of {workload}"), &format!("{workload} 的副本数"));
    let replicas = &summary.replicas;
    let (en, zh) = summary.hpa.map_or_else(
        || ("it has no HPA".to_owned(), "它没有 HPA".to_owned()),
        |hpa| (format!("its HPA may choose {} to {}", hpa.min, hpa.max), format!("HPA 允许 {} 到 {} 个", hpa.min, hpa.max)),
    );
    let (min, max, mean, last) = (replicas.min, replicas.max, number(replicas.mean), replicas.r#final);
    teller.say(
        format!("It asked for {min} to {max} replicas, {mean} on average and {last} at the end; {en}."),
        format!("期望副本数在 {min} 到 {max} 之间，平均 {mean}，结束时 {last}；{zh}。"),
    );
    match at {
        Some(at) => around(teller, record, workload, &all, at),
        None => whole(teller, workload, &all),
    }
    Ok(())
}

/// Everything that was decided about its size.
fn whole(teller: &mut Teller<'_>, workload: &str, all: &[&DecisionRow]) {
    teller.section("What was decided", "相关决策", "");
    all.iter().take(LISTED).for_each(|row| teller.decision(row));
    match all.len() {
        0 => teller.say("Nothing: it kept the replicas that it had at the start.", "没有：副本数始终保持初始值。"),
        n if n > LISTED => {
            let rest = (n - LISTED) as u64;
            teller.say(
                format!("and {} more: ask about a time with `scale {workload} --at TIME`.", plural(rest, "decision", "decisions")),
                format!("另有 {rest} 条：可用 `scale {workload} --at TIME` 查询某一时刻。"),
            );
        }
        _ => teller.say(
            "A verdict is said once until it changes: the syncs between had the same, with other figures.",
            "相同的结论只记一次：其间各次同步结论相同，只是数值不同。",
        ),
    }
}

/// What was decided last before an instant and next after it, step by step.
fn around(teller: &mut Teller<'_>, record: &Record, workload: &str, all: &[&DecisionRow], at: f64) {
    let window = record.workload_series.iter().rfind(|row| row.workload == workload && row.t <= at);
    if let Some(row) = window {
        let (from, desired, ready, starting, pending) = (teller.at(row.t), row.replicas_desired, row.pods_ready, row.pods_starting, row.pods_pending);
        let replicas = plural(u64::from(desired), "replica", "replicas");
        teller.say(
            format!("At the end of the window from {from} it asked for {replicas}; {ready} ready, {starting} starting, {pending} without a node."),
            format!("从 {from} 开始的时间窗结束时，期望 {desired} 个副本；{ready} 个就绪，{starting} 个启动中，{pending} 个没有节点。"),
        );
    }
    let now = all.partition_point(|row| row.t <= at);
    let near = now.saturating_sub(AROUND)..(now + AROUND).min(all.len());
    if near.is_empty() {
        return teller.say("No autoscaler decided anything about it.", "没有任何自动伸缩对它做过决策。");
    }
    for place in near {
        let row = all[place];
        let which = if place + 1 == now { teller.pick("in force then", "此刻生效") } else { "" };
        let object = teller.word(&row.object);
        let change = if object.is_empty() { String::new() } else { format!(" {object}") };
        let title = format!("{} {} {}{change}", teller.at(row.t), row.controller, teller.word(&row.action));
        teller.section(&title, &title, which);
        let reason = if row.reason.is_empty() { "It has no further reason." } else { &row.reason };
        teller.say(reason, if row.reason.is_empty() { "没有其他原因。".to_owned() } else { words::zh(&row.reason) });
        if let Some(found) = Verdict::of(&row.reason) {
            verdict(teller, &found, false);
        }
    }
    if let Some(watched) = teller.watched.filter(|watched| !watched.syncs.is_empty()) {
        syncs::around(teller, &watched.syncs, at);
    } else if record.summary.workloads.get(workload).is_some_and(|summary| summary.hpa.is_some()) {
        teller.left_out("the syncs around then that decided nothing new", "此刻前后没有新结论的各次同步");
    }
}

/// An HPA's reason, taken apart; `is_short` leaves out what the pods' groups say.
pub(super) fn verdict(teller: &mut Teller<'_>, verdict: &Verdict<'_>, is_short: bool) {
    teller.item(format!("metric: {}", verdict.metric), format!("指标：{}", words::zh(verdict.metric)));
    if let Some(ratio) = verdict.ratio.map(number) {
        teller.item(format!("ratio: {ratio}"), format!("比值：{ratio}"));
    }
    if !is_short {
        let zh: Vec<String> = verdict.groups.iter().map(|group| words::zh(group)).collect();
        if verdict.groups.is_empty() {
            teller.item("readiness groups: every pod was ready and measured", "就绪分组：所有 Pod 均就绪且有样本");
        } else {
            teller.item(format!("readiness groups: {}", verdict.groups.join(", ")), format!("就绪分组：{}", zh.join("，")));
        }
    }
    teller.item(format!("recommendation: {}", verdict.proposal), format!("建议：{}", words::zh(verdict.proposal)));
    let (en, zh) = if verdict.window.is_empty() {
        ("no earlier recommendation overruled it".to_owned(), "没有更早的建议改变它".to_owned())
    } else {
        (verdict.window.to_owned(), words::zh(verdict.window))
    };
    teller.item(format!("window: {en}"), format!("稳定窗口：{zh}"));
    let (en, zh) =
        if verdict.limit.is_empty() { ("none reached".to_owned(), "没有触及".to_owned()) } else { (verdict.limit.to_owned(), words::zh(verdict.limit)) };
    teller.item(format!("limits: {en}"), format!("上下限与限速：{zh}"));
    if !verdict.failures.is_empty() {
        teller.item(verdict.failures, words::zh(verdict.failures));
    }
}
