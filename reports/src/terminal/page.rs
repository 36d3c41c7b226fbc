//! Lines that fit: clipping, wrapping and colour in one place, so that no section can break the width.

use crate::lang::{Both, Lang};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text.
    Plain,
    /// Titles and key figures.
    Strong,
    /// What may be overlooked: rules, units, hints.
    Faint,
    /// An objective met.
    Good,
    /// An objective missed, requests lost.
    Bad,
    /// Something to look at.
    Warn,
    /// Sparklines.
    Accent,
}

impl Ink {
    /// The ANSI code that starts this colour; the sixteen basic colours follow the terminal's own theme.
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Faint => "\x1b[2m",
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[31m",
            Self::Warn => "\x1b[33m",
            Self::Accent => "\x1b[36m",
        }
    }
}

/// The text written so far.
pub(super) struct Page {
    width: usize,
    color: bool,
    lang: Lang,
    out: String,
}

impl Page {
    pub(super) fn new(width: usize, color: bool) -> Self {
        Self { width, color, lang: Lang::En, out: String::new() }
    }

    /// Says English titles, sentences and columns in a language.
    pub(super) fn in_words_of(mut self, lang: Lang) -> Self {
        self.lang = lang;
        self
    }

    /// A text in the language of the page.
    pub(super) fn pick<'t>(&self, text: &'t Both) -> &'t str {
        text.get(self.lang)
    }

    /// An English text in the language of the page.
    pub(super) fn word(&self, en: &str) -> String {
        self.lang.word(en)
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Writes one line; what does not fit is cut with an ellipsis.
    pub(super) fn line(&mut self, parts: &[(Ink, &str)]) {
        let mut parts: Vec<(Ink, String)> = parts.iter().map(|(ink, text)| (*ink, printable(text))).collect();
        while let Some((_, text)) = parts.last_mut() {
            text.truncate(text.trim_end().len());
            if !text.is_empty() {
                break;
            }
            parts.pop();
        }
        let total: usize = parts.iter().map(|(_, text)| text.width()).sum();
        let mut room = if total > self.width { self.width - 1 } else { self.width };
        for (ink, text) in &parts {
            let fitting = prefix(text, room);
            room -= fitting.width();
            self.paint(*ink, fitting);
            if fitting.len() < text.len() {
                break;
            }
        }
        if total > self.width {
            self.out.push('…');
        }
        self.out.push('\n');
    }

    /// Writes a line with `left` at the margin and `right` at the other end; without room for both, `right` gets its own line.
    pub(super) fn ends(&mut self, left: &[(Ink, &str)], right: (Ink, &str)) {
        let used: usize = left.iter().map(|(_, text)| text.width()).sum();
        if used + right.1.width() + 2 > self.width {
            self.line(left);
            self.line(&[right]);
        } else {
            let gap = " ".repeat(self.width - used - right.1.width());
            let mut parts = left.to_vec();
            parts.extend([(Ink::Plain, gap.as_str()), right]);
            self.line(&parts);
        }
    }

    /// Starts a section: an empty line, its title, a rule, and a note at the far end.
    pub(super) fn section(&mut self, title: &str, note: &str) {
        self.out.push('\n');
        let (title, note) = (&*self.word(title), self.word(note));
        let note = if note.is_empty() { String::new() } else { format!(" {note}") };
        let rule = self.width.saturating_sub(title.width() + 1 + note.width());
        if rule < 3 {
            self.line(&[(Ink::Strong, title)]);
            self.paragraph(Ink::Faint, "  ", note.trim_start());
        } else {
            self.line(&[(Ink::Strong, title), (Ink::Faint, &format!(" {}", "─".repeat(rule))), (Ink::Faint, &note)]);
        }
    }

    /// Writes `text` wrapped at words, and between Chinese characters. `lead` stands before the first line, spaces of its width before the others.
    pub(super) fn paragraph(&mut self, ink: Ink, lead: &str, text: &str) {
        let text = printable(&self.word(text));
        let indent = " ".repeat(lead.width());
        let room = self.width.saturating_sub(lead.width()).max(10);
        let mut line = String::new();
        let mut lead = lead;
        for (gap, piece) in pieces(&text) {
            let mut piece = piece;
            let space = usize::from(gap && !line.is_empty());
            if !line.is_empty() && line.width() + space + piece.width() > room {
                self.line(&[(ink, lead), (ink, &line)]);
                line.clear();
                lead = &indent;
            }
            while piece.width() > room {
                let (fitting, rest) = piece.split_at(prefix(piece, room).len());
                self.line(&[(ink, lead), (ink, fitting)]);
                lead = &indent;
                piece = rest;
            }
            if gap && !line.is_empty() {
                line.push(' ');
            }
            line.push_str(piece);
        }
        if !line.is_empty() {
            self.line(&[(ink, lead), (ink, &line)]);
        }
    }

    /// Writes `parts` with dots between them; a line ends between two parts, never inside one.
    pub(super) fn figures(&mut self, ink: Ink, parts: &[String]) {
        let mut line = String::new();
        for part in parts.iter().map(|part| self.word(part)).collect::<Vec<_>>() {
            if !line.is_empty() && line.width() + 3 + part.width() > self.width {
                self.line(&[(ink, &line)]);
                line.clear();
            }
            line += if line.is_empty() { "" } else { " · " };
            line += &part;
        }
        if !line.is_empty() {
            self.line(&[(ink, &line)]);
        }
    }

    /// Writes a line of a table, with its marks coloured.
    pub(super) fn marked(&mut self, text: &str) {
        let mut parts = Vec::new();
        for piece in text.split_inclusive(['✓', '✗']) {
            let (before, mark) = piece.char_indices().next_back().map_or((piece, ""), |(at, _)| piece.split_at(at));
            match mark {
                "✓" => parts.extend([(Ink::Plain, before), (Ink::Good, mark)]),
                "✗" => parts.extend([(Ink::Plain, before), (Ink::Bad, mark)]),
                _ => parts.push((Ink::Plain, piece)),
            }
        }
        self.line(&parts);
    }

    fn paint(&mut self, ink: Ink, text: &str) {
        let code = if self.color && !text.trim().is_empty() { ink.code() } else { "" };
        self.out.push_str(code);
        self.out.push_str(text);
        if !code.is_empty() {
            self.out.push_str("\x1b[0m");
        }
    }
}

/// What a line may be broken between, each with whether a space stands before it: words, and single Chinese characters with the punctuation after them,
/// which never begins a line.
fn pieces(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let is_wide = |c: char| c.width() == Some(2);
    let closes = |c: char| "，。；：！？）、”》」".contains(c);
    let opens = |c: char| "（“《「".contains(c);
    text.split_whitespace().flat_map(move |word| {
        let mut cuts = vec![0];
        for ((_, last), (at, next)) in word.char_indices().zip(word.char_indices().skip(1)) {
            if (is_wide(last) || is_wide(next)) && !closes(next) && !opens(last) {
                cuts.push(at);
            }
        }
        cuts.push(word.len());
        cuts.windows(2).map(|ends| (ends[0] == 0, &word[ends[0]..ends[1]])).collect::<Vec<_>>()
    })
}

/// The longest beginning of `text` that is at most `room` columns wide.
fn prefix(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > room {
            return &text[..at];
        }
    }
    text
}

/// `text` without control characters: names and reasons come from files, and an escape sequence in one must not reach the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Ink, Page};

    #[test]
    fn long_lines_are_cut_and_long_texts_wrapped() {
        let mut page = Page::new(12, false);
        page.line(&[(Ink::Bad, "0123456789"), (Ink::Plain, "abcdef")]);
        page.paragraph(Ink::Plain, "- ", "one two three 容量不足了吗， abcdefghijklmnop");
        assert_eq!(page.finish(), "0123456789a…\n- one two\n  three 容量\n  不足了吗，\n  abcdefghij\n  klmnop\n");
    }

    #[test]
    fn colour_is_asked_for_and_foreign_escapes_are_removed() {
        let mut page = Page::new(40, true);
        page.line(&[(Ink::Good, "\x1b[31mred?")]);
        assert_eq!(page.finish(), "\x1b[32m [31mred?\x1b[0m\n");
    }
}
