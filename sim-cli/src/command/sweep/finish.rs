//! What a complete sweep shows: tables, charts, and the points worth a look.

use std::path::Path;

use sim_reports::format;
use sim_reports::terminal::{Look, study};
use sim_studies::overview::Overview;
use sim_studies::results;
use sim_studies::store::Store;
use sim_studies::sweep::manifest::Manifest;

use crate::args::Global;
use crate::output;

/// Most points shown on the terminal.
const SHOWN: usize = 24;

/// Writes tables to `out` and shows the points.
pub(crate) fn finish(store: &dyn Store, manifest: &Manifest, out: &Path, global: &Global) -> anyhow::Result<()> {
    let known = results::write(store, manifest, out)?;
    let overview = Overview::read(store, manifest, &known)?;
    output::print(&points(&overview, global.look()))?;
    super::charts::write(&overview, out, global.lang())?;
    output::note_fonts(global.lang());
    output::print(&format!("\nresults: {}\ncharts:  {}\n", out.join("results.csv").display(), out.join("charts").display()))?;
    Ok(())
}

/// All points if they fit, else those that no other beats in cost and latency.
fn points(overview: &Overview, look: Look) -> String {
    let manifest = &overview.manifest;
    let mut chosen: Vec<usize> = (0..overview.points.len()).collect();
    let mut note = String::new();
    if chosen.len() > SHOWN
        && let (Some(cost), Some(latency)) = (overview.place("cost.total"), overview.place("latency_ms.p99"))
    {
        chosen = overview.frontier(cost, latency);
        "cheaper than all that are as fast".clone_into(&mut note);
    }
    let total = chosen.len();
    chosen.truncate(SHOWN);
    if total > chosen.len() {
        note = format!("the first {} of {total}; all are in results.csv", chosen.len());
    }
    let title = format!("{}: {} points, {} replications", manifest.name, format::count(manifest.points), manifest.replications);
    let names: Vec<String> = ["point".to_owned()].into_iter().chain(manifest.axes.iter().cloned()).collect();
    let figures: Vec<String> = overview.figures.iter().map(|figure| short(figure)).collect();
    let rows = chosen.iter().map(|point| {
        let summary = &overview.points[*point];
        let cell = |(figure, estimate): (&String, &Option<sim_studies::statistics::Estimate>)| {
            estimate.map_or_else(String::new, |estimate| {
                let half = estimate.half_width.map(|half| format!(" ± {}", format::figure(figure, half)));
                format::figure(figure, estimate.mean) + &half.unwrap_or_default()
            })
        };
        let cells = overview.figures.iter().zip(&summary.estimates).map(cell);
        std::iter::once(summary.index.to_string()).chain(summary.values.iter().cloned()).chain(cells).collect()
    });
    study::points(&title, &note, &names, &figures, &rows.collect::<Vec<Vec<String>>>(), look)
}

/// A figure's path without what every reader knows.
fn short(figure: &str) -> String {
    figure.strip_prefix("latency_ms.").or_else(|| figure.strip_prefix("requests.")).or_else(|| figure.strip_prefix("objectives.")).unwrap_or(figure).to_owned()
}
