//! What each node said to a pod, as a second run of the scenario saw it.

use std::collections::BTreeMap;

use sim_core::record::{PodRow, Record};
use sim_core::simulation::{Attempt, NodeSeen};

use super::teller::Teller;
use crate::words;

/// Nodes listed before the rest is only counted.
const LISTED: usize = 12;

pub(super) fn write(teller: &mut Teller<'_>, record: &Record, pod: &PodRow) {
    let Some(watched) = teller.watched else {
        return teller.left_out("what every node said to it, with scores", "各节点的答复和得分");
    };
    let placed = |attempt: &&Attempt| attempt.pod == pod.pod && attempt.chosen.as_deref() == Some(pod.node.as_str());
    let agrees = pod.node.is_empty() || watched.attempts.iter().filter(placed).any(|attempt| pod.scheduled == Some(attempt.at.as_secs_f64()));
    teller.section("What every node said", "每个节点的答复", "");
    if !agrees {
        return teller.say(
            "Another run of the scenario in this record did not place the pod as the record says, so its scores are left out: it is of another version.",
            "用记录中的场景重新运行，Pod 的放置与记录不一致（版本不同），因此不列出得分。",
        );
    }
    let nodes = record.nodes.len();
    for attempt in &watched.attempts {
        one(teller, attempt, &pod.pod, nodes);
    }
    if watched.attempts.is_empty() {
        teller.say("The scheduler never looked for a node.", "调度器从未为它寻找节点。");
    }
}

fn one(teller: &mut Teller<'_>, attempt: &Attempt, pod: &str, nodes: usize) {
    let stead = if attempt.pod == pod {
        <(String, String)>::default()
    } else {
        (format!(", tried with {} in its stead", attempt.pod), format!("，以同类的 {} 尝试", attempt.pod))
    };
    let (en, zh) = match &attempt.chosen {
        Some(node) => (format!("placed on {node}{}", stead.0), format!("放置到 {node}{}", stead.1)),
        None => (format!("no node took it{}", stead.0), format!("没有节点接受{}", stead.1)),
    };
    teller.entry(&teller.at(attempt.at.as_secs_f64()), en, zh);
    let mut scored: Vec<&NodeSeen> = attempt.nodes.iter().filter(|node| !node.scores.is_empty()).collect();
    scored.sort_by(|a, b| b.total().cmp(&a.total()).then((Some(&b.node) == attempt.chosen.as_ref()).cmp(&(Some(&a.node) == attempt.chosen.as_ref()))));
    let top = scored.first().map_or(0, |node| node.total());
    let ties = scored.iter().filter(|node| node.total() == top).count();
    for node in scored.iter().take(LISTED) {
        let parts: Vec<String> = node.scores.iter().filter(|part| part.1 != 0).map(|(name, score)| format!("{name} {score}")).collect();
        let parts = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
        let is_chosen = Some(&node.node) == attempt.chosen.as_ref();
        let (en, zh) = match (is_chosen, ties) {
            (true, 2..) => (format!(": chosen at random among {ties} with the same score"), format!("：{ties} 个同分节点中随机选中")),
            (true, _) => (": chosen".to_owned(), "：选中".to_owned()),
            (false, _) => Default::default(),
        };
        teller.item(format!("{}: score {}{parts}{en}", node.node, node.total()), format!("{}：得分 {}{parts}{zh}", node.node, node.total()));
    }
    if scored.len() > LISTED {
        let rest = scored.len() - LISTED;
        teller.item(format!("{rest} more with lower or equal scores"), format!("另有 {rest} 个节点得分更低或相同"));
    }
    // Refusals by what they say: hundreds of nodes are often full for the same reason.
    let mut refused: BTreeMap<&[String], Vec<&str>> = BTreeMap::new();
    for node in attempt.nodes.iter().filter(|node| !node.refusals.is_empty()) {
        refused.entry(&node.refusals).or_default().push(&node.node);
    }
    for (why, names) in refused {
        let more = if names.len() > LISTED { format!(" … ({})", names.len()) } else { String::new() };
        let list = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
        let zh: Vec<String> = why.iter().map(|why| words::zh(why)).collect();
        teller.item(format!("{list}{more}: {}", why.join(", ")), format!("{list}{more}：{}", zh.join("，")));
    }
    let unasked = nodes.saturating_sub(attempt.nodes.iter().filter(|node| !node.scores.is_empty() || !node.refusals.is_empty()).count());
    if unasked > 0 {
        teller.item(
            format!("{unasked} had room but were not asked: a unit before theirs took the pod"),
            format!("{unasked} 个节点有空位但未被询问：排在前面的单元已接收该 Pod"),
        );
    }
    if attempt.is_sampled {
        teller.item("only a sample of the nodes with room was scored (percentageOfNodesToScore)", "只对部分有空位的节点打分（percentageOfNodesToScore）");
    }
}
