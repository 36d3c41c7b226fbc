//! Answers to "why?" from a record alone: the story of a run, of a pod, of a workload's size, of a breach, of a bill.
//!
//! Every sentence repeats what a decision or a figure of the record says; nothing is computed that could disagree with it.

mod breach;
mod cost;
mod pod;
mod reason;
mod scale;
mod story;
mod unknown;

pub use unknown::Unknown;

use sim_core::record::{DecisionRow, Record};

use super::NARROWEST;
use super::page::{Ink, Page};
use crate::format::clock;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Question<'a> {
    /// What happened in the run.
    Story,
    /// What became of a pod, and why.
    Pod(&'a str),
    /// Why a workload had the size that it had.
    Scale {
        /// The workload.
        workload: &'a str,
        /// Around which time, in seconds; the whole run if none.
        at: Option<f64>,
    },
    /// What held capacity back while objectives were not held.
    Breach,
    /// Where the money went.
    Cost,
}

/// The answer in lines of at most `width` columns (never fewer than 40), with ANSI colours if `color`.
pub fn answer(record: &Record, question: Question<'_>, width: usize, color: bool) -> Result<String, Unknown> {
    let mut page = Page::new(width.max(NARROWEST), color);
    match question {
        Question::Story => story::write(&mut page, record),
        Question::Pod(name) => pod::write(&mut page, record, name)?,
        Question::Scale { workload, at } => scale::write(&mut page, record, workload, at)?,
        Question::Breach => breach::write(&mut page, record),
        Question::Cost => cost::write(&mut page, record),
    }
    Ok(page.finish())
}

/// A sentence of its own.
fn say(page: &mut Page, text: &str) {
    page.paragraph(Ink::Plain, "", text);
}

/// One of several things.
fn item(page: &mut Page, text: &str) {
    page.paragraph(Ink::Plain, "  - ", text);
}

/// A decision as the record has it: when, who, what, about what, why.
fn decision(page: &mut Page, row: &DecisionRow) {
    let object = if row.object.is_empty() { String::new() } else { format!(" {}", row.object) };
    let reason = if row.reason.is_empty() { String::new() } else { format!(": {}", row.reason) };
    page.paragraph(Ink::Plain, &format!("  {}  ", instant(row.t)), &format!("{} {}{object}{reason}", row.controller, row.action));
}

/// An instant with the fraction of its second, where it has one: what happens within a second must be told apart.
fn instant(s: f64) -> String {
    let millis = ((s - s.floor()) * 1000.0).floor() as u32;
    if millis == 0 { clock(s) } else { format!("{}.{millis:03}", clock(s)) }
}
