//! Why nodes of pools came and went.

use sim_core::record::{DecisionRow, Record};

use super::Unknown;
use super::teller::Teller;
use crate::format::{count, plural};

/// Decisions listed before the rest is only counted.
const LISTED: usize = 200;

/// All pools, or one pool or node.
pub(super) fn write(teller: &mut Teller<'_>, record: &Record, name: Option<&str>) -> Result<(), Unknown> {
    let known = || record.summary.pools.keys().chain(record.nodes.iter().map(|node| &node.node));
    if let Some(name) = name.filter(|name| !known().any(|known| known == name)) {
        return Err(Unknown::new("node pool or node", name, known().map(String::as_str)));
    }
    let about = name.map_or_else(String::new, |name| format!(": {name}"));
    teller.title(&format!("Nodes{about}"), &format!("节点{about}"));
    for (pool, summary) in record.summary.pools.iter().filter(|(pool, _)| name.is_none_or(|name| name == *pool)) {
        let whole = |n: u32| count(u64::from(n));
        let (least, most) = summary.bounds;
        let [asked, released, peak, last] = [summary.asked, summary.released, summary.nodes.max, summary.nodes.r#final].map(whole);
        let mut en =
            format!("{pool}: {least} to {most} machines; {asked} were asked for, {released} released; at most {peak} nodes were ready, {last} at the end.");
        let mut zh = format!("{pool}：{least} 到 {most} 台；申请 {asked} 台，释放 {released} 台；就绪节点最多 {peak} 个，结束时 {last} 个。");
        if summary.provisioning_s.max > 0.0 {
            let (median, slowest) = (teller.duration(summary.provisioning_s.p50), teller.duration(summary.provisioning_s.max));
            en += &format!(" A machine took {median} in the median, {slowest} at most.");
            zh += &format!("创建一台的中位时间 {median}，最长 {slowest}。");
        }
        if summary.lacking + summary.failed > 0 {
            let [lacking, failed] = [summary.lacking, summary.failed].map(whole);
            en += &format!(" {lacking} were not in stock, {failed} never became nodes.");
            zh += &format!("{lacking} 台无库存，{failed} 台未能成为节点。");
        }
        teller.item(en, zh);
    }
    let is_about = |row: &&DecisionRow| {
        let scaler = matches!(row.controller.as_ref(), "cluster-autoscaler" | "instant-elasticity") && row.action != "evicted";
        let is_named = |name: &str| row.subject == name || row.object == name || row.reason.contains(&format!("{name}: "));
        (scaler || row.controller == "node-pool") && name.is_none_or(is_named)
    };
    let rows: Vec<&DecisionRow> = record.decisions.iter().filter(is_about).collect();
    teller.section("What was decided", "决策", "");
    if rows.is_empty() {
        teller.say("Nothing: no pool grew or shrank.", "没有：节点池没有伸缩。");
    }
    for row in rows.iter().take(LISTED) {
        let action = teller.word(&row.action);
        teller.decision(&DecisionRow { action: format!("{} {action}", row.subject).into(), ..(*row).clone() });
    }
    if rows.len() > LISTED {
        let more = (rows.len() - LISTED) as u64;
        teller.say(format!("and {} more in decisions.jsonl.", plural(more, "decision", "decisions")), format!("另有 {more} 条，见 decisions.jsonl。"));
    }
    Ok(())
}
