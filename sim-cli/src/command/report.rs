//! `overspill report`: the page of a record, again or elsewhere.

use std::fs;
use std::path::Path;

use anyhow::Context;
use sim_reports::chart;
use sim_reports::html::{self, Lang};
use sim_reports::record_dir::{self, Provenance};

use crate::args::{Language, ReportArgs};
use crate::exit::Outcome;
use crate::output;

/// Runs the command.
pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<Outcome> {
    let stored = match record_dir::open(&args.dir) {
        Ok(stored) => stored,
        Err(problem) => {
            eprintln!("error: {problem}");
            return Ok(Outcome::WrongInput);
        }
    };
    let manifest = &stored.manifest;
    let provenance = Provenance {
        tool_version: &manifest.tool.version,
        scenario_yaml: &stored.scenario_yaml,
        inputs: &stored.inputs,
        overrides: &manifest.overrides,
        lang: args.lang.map(Into::into),
    };
    let file = args.out.clone().unwrap_or_else(|| args.dir.join(html::FILE));
    write(&file, html::page(&stored.record, &provenance.source()).as_bytes())?;
    output::print(&format!("{}\n", file.display()))?;
    if let Some(folder) = &args.charts {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        for chart in chart::all(&stored.record) {
            let svg = if args.lang == Some(Language::Zh) { chart.svg_in_chinese() } else { chart.svg() };
            write(&folder.join(format!("{}.svg", chart.name)), svg.as_bytes())?;
            write(&folder.join(format!("{}.png", chart.name)), &chart.png())?;
            output::print(&format!("{}\n", folder.join(format!("{}.{{svg,png}}", chart.name)).display()))?;
        }
        if args.lang == Some(Language::Zh) {
            output::print("PNG charts keep English words: the font that is part of the program has no Chinese; the SVG charts are Chinese\n")?;
        }
    }
    Ok(Outcome::Done)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::Zh => Self::Zh,
        }
    }
}
