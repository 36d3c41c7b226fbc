//! Every evaluation of an HPA, as a second run of the scenario saw it.

use sim_core::simulation::Sync;

use super::reason::Verdict;
use super::scale;
use super::teller::Teller;
use crate::words;

/// The evaluations around an instant, step by step; the last one at or before it is in force then.
pub(super) fn around(teller: &mut Teller<'_>, syncs: &[Sync], at: f64) {
    teller.section("Each sync around then", "此刻前后的每次同步", "");
    let now = syncs.partition_point(|sync| sync.at.as_secs_f64() <= at);
    for (place, sync) in syncs.iter().enumerate() {
        let (en, zh) = if place + 1 == now { (" (in force then)", "（此刻生效）") } else { ("", "") };
        let (current, desired) = (sync.current, sync.desired);
        let reason = sync.decision.reason.to_string();
        teller.entry(
            &teller.at(sync.at.as_secs_f64()),
            format!("{current} -> {desired}{en}: {reason}"),
            format!("{current} -> {desired}{zh}：{}", words::zh(&reason)),
        );
        let [measured, unready, missing] = sync.groups;
        teller.item(
            format!("pods: {measured} measured, {unready} not ready or not trusted yet, {missing} without a sample"),
            format!("Pod 分组：{measured} 个有可信样本，{unready} 个未就绪或暂不可信，{missing} 个没有样本"),
        );
        if let Some(verdict) = Verdict::of(&reason) {
            scale::verdict(teller, &verdict, true);
        }
        if let Some((low, high, n)) = sync.recommendations {
            teller.item(format!("{n} recommendations remembered, {low} to {high}"), format!("窗口内保留 {n} 条建议，{low} 到 {high} 个"));
        }
    }
}
