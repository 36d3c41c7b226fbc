//! Where scale-out time goes.

use sim_core::record::{Record, StartUpSummary};

use super::page::Page;
use super::table::Table;
use crate::format::{count, fixed};
use crate::tiers;

/// The time from creation to ready by tier, stage by stage, where pods were started in the run and the stages are known.
pub(super) fn start_up(page: &mut Page, record: &Record) {
    let summary = &record.summary;
    let rows: Vec<(&str, StartUpSummary)> =
        tiers::in_order(record).into_iter().filter_map(|name| Some((name, summary.tiers.get(name)?.start_up))).filter(|(_, all)| all.pods > 0).collect();
    let is_shown = |(name, mean): (&str, f64)| mean >= 0.0005 && name != "unsplit";
    if !rows.iter().any(|(_, all)| all.stages().iter().any(|(name, stage)| is_shown((name, stage.mean)))) {
        return;
    }
    page.section("Where scale-out time goes", "mean seconds a pod, from creation to ready");
    let shown: Vec<usize> =
        (0..StartUpSummary::default().stages().len()).filter(|stage| rows.iter().any(|(_, all)| all.stages()[*stage].1.mean >= 0.0005)).collect();
    let names = StartUpSummary::default().stages();
    let mut figures = vec!["pods".to_owned()];
    figures.extend(shown.iter().map(|stage| crate::stages::label(names[*stage].0).to_owned()));
    figures.extend(["in all".to_owned(), "p95".to_owned()]);
    let mut table = Table::of(&["tier".to_owned()], &figures);
    for (tier, all) in rows {
        let stages = all.stages();
        let cells = shown.iter().map(|stage| fixed(stages[*stage].1.mean, 1));
        let ends = [fixed(all.total.mean, 1), fixed(all.p95, 1)];
        table.add(&[tier.to_owned(), count(all.pods)].into_iter().chain(cells).chain(ends).collect::<Vec<_>>());
    }
    table.write(page);
}
