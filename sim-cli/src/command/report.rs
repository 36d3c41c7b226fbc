//! `overspill report`: the page of a record, again or elsewhere.

use std::fs;
use std::path::Path;

use anyhow::Context;
use sim_reports::chart;
use sim_reports::html;
use sim_reports::record_dir::Provenance;

use crate::args::{Global, ReportArgs};
use crate::exit::Outcome;
use crate::output;

/// Runs the command.
pub(crate) fn run(args: &ReportArgs, global: &Global) -> anyhow::Result<Outcome> {
    let Some(stored) = output::open(&args.dir) else { return Ok(Outcome::WrongInput) };
    let manifest = &stored.manifest;
    let provenance = Provenance {
        tool_version: &manifest.tool.version,
        scenario_yaml: &stored.scenario_yaml,
        inputs: &stored.inputs,
        overrides: &manifest.overrides,
        lang: global.lang.map(|_| global.lang()),
    };
    let file = args.out.clone().unwrap_or_else(|| args.dir.join(html::FILE));
    write(&file, html::page(&stored.record, &provenance.source()).as_bytes())?;
    output::print(&format!("{}\n", file.display()))?;
    if let Some(folder) = &args.charts {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        for chart in chart::all(&stored.record) {
            let lang = global.lang();
            write(&folder.join(format!("{}.svg", chart.name)), chart.svg(lang).as_bytes())?;
            write(&folder.join(format!("{}.png", chart.name)), &chart.png(lang))?;
            output::print(&format!("{}\n", folder.join(format!("{}.{{svg,png}}", chart.name)).display()))?;
        }
        output::note_fonts(global.lang());
    }
    Ok(Outcome::Done)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
