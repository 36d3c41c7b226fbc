//! What happened in a run: the peak, what bound, where scale-out time went, what a breach cost.

use std::collections::BTreeMap;

use sim_core::record::{Record, SpikeSummary, WorkloadRow};

use super::breach;
use super::teller::Teller;
use crate::format::{count, latency, money_in, number, percent, plural};
use crate::lang::{Both, Lang};
use crate::{faults, shares, words};

/// Reasons listed before the rest is only counted.
const LISTED: usize = 5;

pub(super) fn write(teller: &mut Teller<'_>, record: &Record) {
    headline(teller, record);
    peak(teller, record);
    broken(teller, record);
    bound(teller, record);
    scale_out(teller, record);
    breaches(teller, record);
    teller.section("Ask further", "继续追问", "");
    let questions = "`explain DIR pod NAME`, `explain DIR scale WORKLOAD --at TIME`, `explain DIR nodes`, `explain DIR breach`, `explain DIR cost`";
    teller.say(format!("{questions}."), questions.replace(", ", "、") + "。");
}

fn headline(teller: &mut Teller<'_>, record: &Record) {
    let summary = &record.summary;
    teller.title(&summary.scenario, &summary.scenario);
    let (requests, length) = (&summary.requests, Both::duration(summary.simulated_s));
    let (mut en, mut zh) = (format!("{} were simulated", length.en), format!("仿真时长 {}", length.zh));
    if !teller.start().is_empty() {
        let start = teller.start();
        en += &format!(" from {start} on");
        zh += &format!("，开始于 {start}");
    }
    if requests.offered > 0 {
        let (all, good, p99) = (count(requests.offered), percent(requests.success_rate), latency(summary.latency_ms.p99));
        en += &format!(": {all} requests, {good} of those that ended were answered in time, 99 % of them within {p99}");
        zh += &format!("：{all} 个请求，已结束的请求中 {good} 按时应答，其中 99 % 在 {p99} 以内");
    }
    let cost = money_in(summary.cost.total, &summary.cost.currency);
    teller.say(format!("{en}. It cost {cost}."), format!("{zh}。花费 {cost}。"));
}

/// The busiest window of each service.
fn peak(teller: &mut Teller<'_>, record: &Record) {
    teller.section("At the peak", "高峰时刻", "");
    let names = record.summary.workloads.keys().chain(record.summary.jobs.keys());
    for name in names {
        let rows: Vec<&WorkloadRow> = record.workload_series.iter().filter(|row| row.workload == *name).collect();
        let Some(text) = busiest(teller, &rows, record.summary.simulated_s) else { continue };
        teller.item(format!("{name}: {}", text.en), format!("{name}：{}", text.zh));
    }
}

fn busiest(teller: &Teller<'_>, rows: &[&WorkloadRow], end: f64) -> Option<Both> {
    let length = |place: usize| rows.get(place + 1).map_or(end, |next| next.t) - rows[place].t;
    let rate = |place: usize| rows[place].offered as f64 / length(place).max(f64::MIN_POSITIVE);
    let largest =
        |value: &dyn Fn(usize) -> f64| (0..rows.len()).max_by(|a, b| value(*a).total_cmp(&value(*b)).then(b.cmp(a))).filter(|place| value(*place) > 0.0);
    let state = |row: &WorkloadRow| {
        let (ready, starting, pending, asked) = (count(u64::from(row.pods_ready)), row.pods_starting, row.pods_pending, row.replicas_desired);
        let of = plural(u64::from(asked), "replica", "replicas");
        Both::new(
            format!("{ready} of {of} were ready, {starting} starting and {pending} without a node"),
            format!("期望 {asked} 个副本，{ready} 个就绪，{starting} 个启动中，{pending} 个没有节点"),
        )
    };
    if let Some(place) = largest(&rate) {
        let row = rows[place];
        let (state, at, most) = (state(row), teller.at(row.t), number(rate(place)));
        let room = if row.capacity_per_s > 0.0 { number(row.capacity_per_s) } else { String::new() };
        let (en, zh) =
            if room.is_empty() { (String::new(), String::new()) } else { (format!(", room for {room} a second"), format!("，处理能力每秒 {room}")) };
        return Some(Both::new(
            format!("most requests came at {at}, {most} a second; {}{en}.", state.en),
            format!("请求最多在 {at}，每秒 {most} 个；{}{zh}。", state.zh),
        ));
    }
    if let Some(place) = largest(&|place| rows[place].cpu_demand_cores) {
        let row = rows[place];
        let (state, at, cores) = (state(row), teller.at(row.t), number(row.cpu_demand_cores));
        return Some(Both::new(
            format!("the demand was highest at {at}, {cores} cores; {}.", state.en),
            format!("需求最高在 {at}，{cores} 核；{}。", state.zh),
        ));
    }
    let place = largest(&|place| f64::from(rows[place].replicas_desired))?;
    let (state, at) = (state(rows[place]), teller.at(rows[place].t));
    Some(Both::new(format!("most pods were asked for at {at}; {}.", state.en), format!("Pod 最多在 {at}；{}。", state.zh)))
}

/// What broke.
fn broken(teller: &mut Teller<'_>, record: &Record) {
    let all = &record.summary.faults;
    if all.is_empty() {
        return;
    }
    teller.section("What broke", "发生了哪些故障", "");
    for fault in all.iter().take(LISTED) {
        let (name, at) = (faults::name(fault), teller.at(fault.from_s));
        let length = fault.to_s.map(|to| Both::duration(to - fault.from_s));
        let length =
            length.map_or_else(|| Both::new("to the end", "直到结束"), |length| Both::new(format!("for {}", length.en), format!("持续 {}", length.zh)));
        let (hit, lost) = (fault.pods_hit, fault.pods_lost);
        teller.item(
            format!("{at}: {} {}; {} hit, {lost} lost.", name.en, length.en, plural(u64::from(hit), "pod", "pods")),
            format!("{at}：{}，{}；影响 {hit} 个 Pod，丢失 {lost} 个。", name.zh, length.zh),
        );
    }
    if all.len() > LISTED {
        let rest = (all.len() - LISTED) as u64;
        teller.say(format!("and {}.", plural(rest, "more fault", "more faults")), format!("另有 {rest} 次故障。"));
    }
}

/// What stood in the way of pods.
fn bound(teller: &mut Teller<'_>, record: &Record) {
    teller.section("What bound", "受什么限制", "");
    let mut reasons: BTreeMap<(&str, &str, &str), (u64, f64)> = BTreeMap::new();
    let binding = |action: &str| matches!(action, "refused" | "waited" | "NoStock" | "QuotaFull" | "IpNotEnough" | "ImageCacheMissed");
    for row in record.decisions.iter().filter(|row| binding(&row.action)) {
        reasons.entry((&row.controller, &row.action, &row.reason)).or_insert((0, row.t)).0 += 1;
    }
    let mut limits: BTreeMap<(&str, &str), (u64, f64)> = BTreeMap::new();
    for row in record.decisions.iter().filter(|row| row.controller == "hpa") {
        for mark in ["TooManyReplicas", "ScaleUpLimit", "ScaleUpStabilized"] {
            if row.reason.contains(mark) {
                limits.entry((&row.subject, mark)).or_insert((0, row.t)).0 += 1;
            }
        }
    }
    let full = backends(teller, record);
    if reasons.is_empty() && limits.is_empty() {
        if full {
            return;
        }
        return teller.say(
            "Nothing: no pod was refused or had to wait, and no limit of an autoscaler was reached.",
            "没有：没有 Pod 被拒绝或等待，也没有触及自动伸缩的限制。",
        );
    }
    for ((workload, mark), (times, first)) in limits {
        let (en, zh) = match mark {
            "TooManyReplicas" => ("its maximum of replicas", "最大副本数"),
            "ScaleUpLimit" => ("how fast it may grow", "扩容速率"),
            _ => ("its stabilisation window", "稳定窗口"),
        };
        let (decisions, first) = (plural(times, "decision", "decisions"), teller.at(first));
        teller.item(
            format!("The HPA of {workload} was limited by {en} ({mark}) in {decisions}, first at {first}."),
            format!("{workload} 的 HPA 有 {times} 次决策受{zh}限制（{mark}），首次在 {first}。"),
        );
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, (times, _))| std::cmp::Reverse(*times));
    for ((controller, action, reason), (times, first)) in reasons.iter().take(LISTED) {
        let first = teller.at(*first);
        teller.item(
            format!("{controller} {action}, {}, first at {first}: {reason}", plural(*times, "time", "times")),
            format!("{controller} {}，{times} 次，首次在 {first}：{}", words::zh(action), words::zh(reason)),
        );
    }
    if reasons.len() > LISTED {
        let rest = (reasons.len() - LISTED) as u64;
        teller.say(format!("and {} more.", plural(rest, "reason", "reasons")), format!("另有 {rest} 种原因。"));
    }
}

/// Backends that could not do what was asked of them; whether there are any.
fn backends(teller: &mut Teller<'_>, record: &Record) -> bool {
    let summary = &record.summary;
    let is_short = |name: &String| summary.objectives.iter().any(|objective| objective.bottlenecks.contains_key(name));
    let short: Vec<_> = summary.backends.iter().filter(|(name, _)| is_short(name)).collect();
    for (name, backend) in &short {
        let (most, mean, wait) = (number(backend.capacity_per_s), number(backend.requests.throughput_per_s), latency(backend.wait_ms.p99));
        teller.item(
            format!("The backend {name} answers at most {most} calls a second, however many pods ask: it answered {mean} on average, and one call in a hundred waited {wait} or longer."),
            format!("后端 {name} 每秒最多应答 {most} 次调用，与 Pod 数无关：平均应答 {mean} 次，百分之一的调用等待 {wait} 以上。"),
        );
    }
    !short.is_empty()
}

/// How long new pods took, stage by stage, and how long spikes went unserved.
fn scale_out(teller: &mut Teller<'_>, record: &Record) {
    teller.section("Where scale-out time went", "扩容时间花在哪里", "");
    let summary = &record.summary;
    let jobs = summary.jobs.iter().map(|(name, job)| (name, &job.start_up));
    let mut any = false;
    for (name, times) in summary.workloads.iter().map(|(name, workload)| (name, &workload.start_up)).chain(jobs).filter(|(_, times)| times.pods > 0) {
        any = true;
        let total = times.total.mean;
        let mut stages: Vec<_> = times.stages().into_iter().filter(|stage| stage.1.mean > 0.0).collect();
        stages.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean));
        let part = |(stage, took): &(&'static str, sim_core::record::StageSummary), lang: Lang| {
            format!("{} {} ({})", lang.word(crate::stages::label(stage)), lang.duration(took.mean), percent(took.mean / total))
        };
        let [en, zh] = [Lang::En, Lang::Zh].map(|lang| stages.iter().map(|stage| part(stage, lang)).collect::<Vec<_>>());
        let (mean, most) = (Both::duration(total), Both::duration(times.total.max));
        let detail = if stages.is_empty() { Both::default() } else { Both::new(format!(": {}", en.join(", ")), format!("：{}", zh.join("，"))) };
        teller.item(
            format!("{name}: {} took {} on average to get ready, {} at most{}.", plural(times.pods, "pod", "pods"), mean.en, most.en, detail.en),
            format!("{name}：{} 个 Pod 平均用 {}就绪，最长 {}{}。", count(times.pods), mean.zh, most.zh, detail.zh),
        );
    }
    if !any {
        teller.say("No pod was created and got ready in the run.", "运行期间没有新建并就绪的 Pod。");
    }
    let took = |spike: &SpikeSummary| spike.time_to_capacity_s.unwrap_or(f64::INFINITY);
    if let Some(spike) = summary.spikes.iter().max_by(|a, b| took(a).total_cmp(&took(b))) {
        let later = spike.time_to_capacity_s.map(Both::duration);
        let end = later.map_or_else(
            || Both::new("were never all ready", "始终没有全部就绪"),
            |later| Both::new(format!("were ready {} later", later.en), format!("{} 后全部就绪", later.zh)),
        );
        let (at, name, from, to) = (teller.at(spike.at_s), &spike.workload, spike.from_ready, spike.to_replicas);
        teller.say(
            format!("The slowest rise: at {at} {name} went from {from} to {to} replicas, which {}.", end.en),
            format!("最慢的一次扩容：{at}，{name} 从 {from} 扩到 {to} 个副本，{}。", end.zh),
        );
    }
}

/// When objectives were not held, why, and what that cost.
fn breaches(teller: &mut Teller<'_>, record: &Record) {
    teller.section("Objectives", "目标", "");
    let objectives = &record.summary.objectives;
    if objectives.is_empty() {
        return teller.say("The scenario states none.", "场景没有设定目标。");
    }
    for objective in objectives.iter().filter(|objective| objective.breaches.is_empty()) {
        breach::held(teller, objective);
    }
    for group in shares::groups(record) {
        for objective in &group.objectives {
            breach::held(teller, objective);
        }
        breach::causes(teller, record, &group);
        breach::price(teller, record, group.objectives[0]);
    }
}
