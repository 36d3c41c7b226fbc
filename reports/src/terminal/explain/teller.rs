//! Who tells: lines, languages and clocks in one place.

use sim_core::record::{DecisionRow, Record};
use sim_core::simulation::Watched;

use super::Manner;
use crate::clock::Clock;
use crate::format::clock;
use crate::lang::{Both, Lang};
use crate::terminal::NARROWEST;
use crate::terminal::page::{Ink, Page};

pub(super) struct Teller<'a> {
    page: Page,
    pub lang: Lang,
    clock: Clock,
    pub watched: Option<&'a Watched>,
    can_run_again: bool,
}

impl<'a> Teller<'a> {
    pub(super) fn new(record: &Record, manner: Manner<'a>) -> Self {
        let Manner { width, color, lang, watched, can_run_again } = manner;
        Self { page: Page::new(width.max(NARROWEST), color), lang, clock: Clock::of(record), watched, can_run_again }
    }

    pub(super) fn finish(self) -> String {
        self.page.finish()
    }

    /// The date and time at which the run starts; empty without one.
    pub(super) fn start(&self) -> &str {
        self.clock.start()
    }

    /// The first line.
    pub(super) fn title(&mut self, en: &str, zh: &str) {
        let text = self.pick(en, zh).to_owned();
        self.page.line(&[(Ink::Strong, &text)]);
    }

    pub(super) fn section(&mut self, en: &str, zh: &str, note: &str) {
        let title = self.pick(en, zh).to_owned();
        self.page.section(&title, note);
    }

    /// A sentence of its own.
    pub(super) fn say(&mut self, en: impl Into<String>, zh: impl Into<String>) {
        let text = Both::new(en, zh);
        self.page.paragraph(Ink::Plain, "", text.get(self.lang));
    }

    /// One of several things.
    pub(super) fn item(&mut self, en: impl Into<String>, zh: impl Into<String>) {
        let text = Both::new(en, zh);
        self.page.paragraph(Ink::Plain, "  - ", text.get(self.lang));
    }

    /// What happened at an instant.
    pub(super) fn entry(&mut self, at: &str, en: impl Into<String>, zh: impl Into<String>) {
        let text = Both::new(en, zh);
        self.page.paragraph(Ink::Plain, &format!("  {at}  "), text.get(self.lang));
    }

    /// Says what is left out because the scenario cannot be run a second time.
    pub(super) fn left_out(&mut self, en: &str, zh: &str) {
        if !self.can_run_again {
            self.section("What only another run shows", "重新运行才能得到的内容", "");
            self.say(
                format!(
                    "Left out: {en}. They are found by running the scenario again, and this record does not hold all of its files: large ones stay where \
                     they are. Ask `explain SCENARIO …` with the scenario itself."
                ),
                format!(
                    "略去：{zh}。它们需要重新运行场景才能得到，而本记录没有场景的全部文件（过大的文件不复制）。可对场景文件本身使用 `explain SCENARIO …`。"
                ),
            );
        }
    }

    /// A decision as the record has it: when, who, what, about what, why.
    pub(super) fn decision(&mut self, row: &DecisionRow) {
        let (action, object, reason) = (self.word(&row.action), self.word(&row.object), self.word(&row.reason));
        let object = if object.is_empty() { String::new() } else { format!(" {object}") };
        let colon = self.pick(": ", "：");
        let reason = if reason.is_empty() { String::new() } else { format!("{colon}{reason}") };
        let text = format!("{} {action}{object}{reason}", row.controller);
        self.entry(&self.at(row.t), text.clone(), text);
    }

    /// Words of the record in the language.
    pub(super) fn word(&self, en: &str) -> String {
        self.lang.word(en)
    }

    pub(super) fn duration(&self, s: f64) -> String {
        self.lang.duration(s)
    }

    pub(super) fn pick<'t>(&self, en: &'t str, zh: &'t str) -> &'t str {
        if self.lang == Lang::Zh { zh } else { en }
    }

    /// An instant with the fraction of its second, where it has one: what happens within a second must be told apart. Where the scenario says when it
    /// starts, what the clock on the wall shows stands behind.
    pub(super) fn at(&self, s: f64) -> String {
        let millis = ((s - s.floor()) * 1000.0).floor() as u32;
        let since = if self.lang == Lang::Zh { clock(s).replace(" d ", " 天 ") } else { clock(s) };
        let since = if millis == 0 { since } else { format!("{since}.{millis:03}") };
        if self.clock.start().is_empty() { since } else { format!("{since} ({})", self.clock.instant(s, self.lang)) }
    }
}
