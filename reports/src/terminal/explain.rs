//! Answers to "why?": the story of a run, of a pod, of a workload's size, of nodes, of a breach, of a bill.
//!
//! Every sentence repeats what a decision or a figure of the record says; nothing is computed that could disagree with it. What a record does not hold,
//! scores of nodes and every evaluation of an HPA, comes from a second run of the same scenario, if the caller has made one.

mod breach;
mod cost;
mod nodes;
mod pod;
mod pools;
mod reason;
mod scale;
mod story;
mod syncs;
mod teller;
mod unknown;

pub use unknown::Unknown;

use sim_core::record::Record;
use sim_core::simulation::Watched;

use crate::lang::Lang;
use teller::Teller;

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
    /// Why nodes of pools came and went: all, or those of a pool or one node.
    Nodes(Option<&'a str>),
    /// What held capacity back while objectives were not held.
    Breach,
    /// Where the money went.
    Cost,
}

/// How an answer is told.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// Columns of a line; never fewer than 40.
    pub width: usize,
    /// Whether there are ANSI colours.
    pub color: bool,
    /// The language.
    pub lang: Lang,
    /// What a second run of the scenario showed, if there was one.
    pub watched: Option<&'a Watched>,
    /// Whether the scenario of the record can be run again; what only that could show is said to be missing.
    pub can_run_again: bool,
}

/// The answer.
pub fn answer(record: &Record, question: Question<'_>, manner: Manner<'_>) -> Result<String, Unknown> {
    let mut teller = Teller::new(record, manner);
    match question {
        Question::Story => story::write(&mut teller, record),
        Question::Pod(name) => pod::write(&mut teller, record, name)?,
        Question::Scale { workload, at } => scale::write(&mut teller, record, workload, at)?,
        Question::Nodes(name) => pools::write(&mut teller, record, name)?,
        Question::Breach => breach::write(&mut teller, record),
        Question::Cost => cost::write(&mut teller, record),
    }
    Ok(teller.finish())
}
