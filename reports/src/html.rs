//! A record as one page for people: `report.html`.
//!
//! The file holds everything that it shows: no request leaves it, and a policy in its head forbids any. Sentences, tables and the
//! scenario are plain HTML that reads and prints without a script; a script of our own draws the charts from the data in the page.
//! Both languages are in the page; a switch shows one of them.
//!
//! `answer` says what the run means, `figure` turns charts into data, `page` puts it all together.

mod answer;
mod causes;
mod decisions;
mod escape;
mod figure;
mod invoice;
mod page;
mod stages;
mod thin;
mod tiles;
mod yaml;

pub use crate::lang::Lang;

use sim_core::record::Record;

use crate::record_dir::Input;

/// Name of the page in a record's folder.
pub const FILE: &str = "report.html";

/// What the page shows besides the record.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Version of the tool that ran the scenario.
    pub tool_version: &'a str,
    /// The scenario as given.
    pub scenario_yaml: &'a str,
    /// Every file that the scenario was read from, the scenario first; may be empty.
    pub inputs: &'a [Input],
    /// What `--set` changed.
    pub overrides: &'a [String],
    /// The language that the page opens in; the browser's if none.
    pub lang: Option<Lang>,
}

/// The page.
pub fn page(record: &Record, source: &Source<'_>) -> String {
    page::render(record, source)
}
