//! The life of a pod: when it reached each phase, what its start-up took, who refused, placed and removed it.

use sim_core::record::{DecisionRow, PodRow, Record};

use super::teller::Teller;
use super::{Unknown, nodes};
use crate::format::percent;
use crate::lang::Both;
use crate::{stages, words};

pub(super) fn write(teller: &mut Teller<'_>, record: &Record, name: &str) -> Result<(), Unknown> {
    let find = || record.pods.iter().find(|pod| pod.pod == name);
    let pod = find().ok_or_else(|| Unknown::new("pod", name, record.pods.iter().map(|pod| pod.pod.as_str())))?;
    teller.title(&format!("Pod {name}"), &format!("Pod {name}"));
    let place = place(pod);
    teller.say(
        format!("It is of {} in namespace {}, {}, and ended the run {}.", pod.workload, pod.namespace, place.en, pod.phase),
        format!("它属于命名空间 {} 的 {}，{}，运行结束时的阶段为 {}。", pod.namespace, pod.workload, place.zh, pod.phase),
    );
    phases(teller, pod);
    start_up(teller, pod);
    refusals(teller, record, pod);
    nodes::write(teller, record, pod);
    let own: Vec<&DecisionRow> = record.decisions.iter().filter(|row| row.subject == name).collect();
    teller.section("What was decided about it", "与它有关的决策", "");
    for row in &own {
        teller.decision(row);
    }
    if own.is_empty() {
        teller.say("Nothing: it was there from the start and stayed.", "没有：它从一开始就在，并一直保留。");
    }
    removal(teller, record, pod);
    Ok(())
}

/// Where it ran.
fn place(pod: &PodRow) -> Both {
    if pod.node.is_empty() {
        return Both::new("never found a node", "始终没有找到节点");
    }
    let mut place = Both::new(format!("ran on {}, tier {}", pod.node, pod.tier), format!("运行在节点 {}（层级 {}", pod.node, pod.tier));
    if !pod.zone.is_empty() {
        place.en += &format!(", zone {}", pod.zone);
        place.zh += &format!("，可用区 {}", pod.zone);
    }
    if !pod.spec.is_empty() {
        place.en += &format!(" as an instance of {}", pod.spec);
        place.zh += &format!("，实例规格 {}", pod.spec);
    }
    place.zh += "）";
    place
}

/// Each phase that it reached, with the time since the one before.
fn phases(teller: &mut Teller<'_>, pod: &PodRow) {
    teller.section("Phases", "阶段", "");
    let reached = [
        ("created", "创建", Some(pod.created)),
        ("bound to a node", "绑定到节点", pod.scheduled),
        ("containers being created", "开始创建容器", pod.starting),
        ("ready", "就绪", pod.ready),
        ("asked to terminate", "收到终止请求", pod.terminating),
        ("ended", "结束", pod.ended),
    ];
    let mut before: Option<f64> = None;
    for (en, zh, at) in reached.into_iter().filter_map(|(en, zh, at)| Some((en, zh, at?))) {
        let took = before.map(|before| at - before).filter(|took| *took > 0.0).map(Both::duration);
        let (later, after) = took.map_or_else(Default::default, |took| (format!(", {} later", took.en), format!("，{} 后", took.zh)));
        teller.entry(&teller.at(at), format!("{en}{later}"), format!("{zh}{after}"));
        before = Some(at);
    }
}

/// Where the time from creation to ready went.
fn start_up(teller: &mut Teller<'_>, pod: &PodRow) {
    let (Some(ready), Some(parts)) = (pod.ready, stages::of(pod)) else { return };
    let total = ready - pod.created;
    if total <= 0.0 {
        return;
    }
    let note = teller.duration(total);
    teller.section("Start-up", "启动", &note);
    let names: [&str; stages::COUNT] = [
        "pending: no node yet",
        "waiting for a machine to be provisioned",
        "scheduling",
        "waiting for the creation call to be accepted",
        "sandbox",
        "image pull",
        "application",
        "readiness probe",
        "load balancer",
        "start-up as a whole",
    ];
    for ((en, key), took) in names.into_iter().zip(stages::names()).zip(parts).filter(|(_, took)| *took > 0.0005) {
        let (time, part) = (Both::duration(took), percent(took / total));
        teller.item(format!("{en}: {} ({part})", time.en), format!("{}：{}（{part}）", words::zh(key), time.zh));
    }
}

/// Why nodes refused it while it waited. The scheduler says a reason once for all pods that are alike, about the first of them.
fn refusals(teller: &mut Teller<'_>, record: &Record, pod: &PodRow) {
    let until = pod.scheduled.or(pod.ended).unwrap_or(record.summary.simulated_s);
    if until <= pod.created {
        return;
    }
    let workload_of = |name: &str| name.rsplit_once('-').map(|(workload, _)| workload.to_owned());
    let own = workload_of(&pod.pod);
    let refused = |row: &&DecisionRow| row.controller == "scheduler" && row.action == "refused" && row.t <= until && workload_of(&row.subject) == own;
    let said: Vec<&DecisionRow> = record.decisions.iter().filter(refused).collect();
    // The reason that held when it was created was said before.
    let first = said.partition_point(|row| row.t <= pod.created).saturating_sub(1);
    let said = said.get(first..).unwrap_or_default();
    if said.is_empty() {
        return;
    }
    teller.section("Nodes that refused it", "拒绝它的节点", "");
    for row in said {
        let other = &row.subject;
        let about = if *other == pod.pod {
            Both::default()
        } else {
            Both::new(format!(" (said of {other}, the first of those that waited)"), format!("（记在 {other} 名下，它是等待者中的第一个）"))
        };
        teller.entry(&teller.at(row.t), format!("{}{}", row.reason, about.en), format!("{}{}", words::zh(&row.reason), about.zh));
        for (nodes, why) in words::filters(&row.reason) {
            teller.item(format!("{nodes} {}: {why}", if nodes == 1 { "node" } else { "nodes" }), format!("{nodes} 个节点：{}", words::zh(why)));
        }
    }
}

/// Why it was removed, and the decision that wanted fewer.
fn removal(teller: &mut Teller<'_>, record: &Record, pod: &PodRow) {
    let Some(gone) = pod.terminating.or(pod.ended) else { return };
    let at = teller.at(gone);
    teller.section("Why it went", "为什么离开", "");
    if pod.phase == "Succeeded" {
        return teller.say(format!("It had done its work at {at}."), format!("它在 {at} 完成了工作。"));
    }
    let reason = if pod.reason.is_empty() { Both::new("no reason is recorded", "没有记录原因") } else { Both::of(&pod.reason) };
    teller.say(format!("It was asked to go at {at}: {}.", reason.en), format!("它在 {at} 被要求离开：{}。", reason.zh));
    let shrinks = |row: &&DecisionRow| row.subject == pod.workload && row.action == "scaled" && row.t <= gone;
    if let Some(row) = record.decisions.iter().rfind(shrinks).filter(|_| pod.reason == "scale-in") {
        teller.say("The decision that wanted fewer:", "要求缩容的决策：");
        teller.decision(row);
    }
}
