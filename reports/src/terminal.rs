//! The summary that a terminal shows after a run.
//!
//! Sections say what happened in the order in which people ask: was it good, when was it not, who carried the load, what did it cost,
//! what is left to worry about. A section without content is not printed.

mod bill;
mod calls;
mod estate;
pub mod explain;
mod faults;
mod headline;
mod invoice;
mod jobs;
pub mod optimum;
mod outcome;
mod page;
mod pools;
pub mod resilience;
mod services;
mod spark;
mod start_up;
pub mod study;
mod table;
mod timeline;

use sim_core::record::Record;

pub use invoice::invoice;

use crate::lang::Lang;
use page::Page;

/// Narrowest page: below it columns cannot be told apart, so a smaller `width` is treated as this.
const NARROWEST: usize = 40;

/// How a text for people is set.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns of the page, at least 40.
    pub width: usize,
    /// Whether ANSI colours are used.
    pub color: bool,
    /// Its language.
    pub lang: Lang,
}

impl Look {
    fn page(self) -> Page {
        Page::new(self.width.max(NARROWEST), self.color).in_words_of(self.lang)
    }
}

/// Lines in a language, each a sentence of its own; indents stay.
pub fn said(text: &str, lang: Lang) -> String {
    let line = |line: &str| {
        let words = line.trim_start();
        format!("{}{}", &line[..line.len() - words.len()], lang.word(words))
    };
    if lang == Lang::En { text.to_owned() } else { text.split('\n').map(line).collect::<Vec<_>>().join("\n") }
}

/// The summary of `record` in lines of at most `width` columns (never fewer than 40), with ANSI colours if `color`.
pub fn summary(record: &Record, width: usize, color: bool, lang: Lang) -> String {
    let mut page = Page::new(width.max(NARROWEST), color).in_words_of(lang);
    headline::write(&mut page, record);
    services::write(&mut page, record);
    calls::write(&mut page, record);
    jobs::write(&mut page, record);
    timeline::write(&mut page, record);
    faults::write(&mut page, record);
    outcome::spikes(&mut page, record);
    outcome::objectives(&mut page, record);
    estate::tiers(&mut page, record);
    pools::pools(&mut page, record);
    start_up::start_up(&mut page, record);
    bill::write(&mut page, record);
    estate::nodes(&mut page, record);
    estate::pending(&mut page, record);
    estate::warnings(&mut page, record);
    page.finish()
}
