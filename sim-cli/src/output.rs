//! Where output goes: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Instant;

use sim_reports::format::duration;
use sim_reports::html::Lang;
use sim_reports::record_dir::{self, Stored};
use sim_reports::terminal::Look;
use sim_scenarios::Loaded;
use sim_scenarios::issue::Severity;

use crate::args::{Color, Global, Language};
use crate::exit::Outcome;

/// Widest table; wider terminals get this.
const WIDTH_MAX: usize = 120;
/// Width where the terminal does not tell its own.
const WIDTH_DEFAULT: usize = 80;

impl Global {
    /// Whether to colour what goes to a stream that is a terminal or is not.
    pub(crate) fn colors(&self, terminal: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }

    /// The language of texts and charts.
    pub(crate) fn lang(&self) -> Lang {
        if self.lang == Some(Language::Zh) { Lang::Zh } else { Lang::En }
    }

    /// How results on standard output are set.
    pub(crate) fn look(&self) -> Look {
        Look { width: width(), color: self.colors(io::stdout().is_terminal()), lang: self.lang() }
    }
}

/// The width to lay standard output out for.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.or_else(terminal_width).unwrap_or(WIDTH_DEFAULT).clamp(60, WIDTH_MAX)
}

/// The columns of the terminal that standard output is.
#[cfg(unix)]
fn terminal_width() -> Option<usize> {
    // Asked directly: some terminals know their columns and say zero rows, which is no reason to ignore the columns.
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then(|| usize::from(size.ws_col))
}

/// The columns of the terminal that standard output is.
#[cfg(not(unix))]
fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// Prints a result.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Says so where pictures cannot have the Chinese words that are asked for.
pub(crate) fn note_fonts(lang: Lang) {
    if lang == Lang::Zh && !sim_reports::chart::writes_chinese() {
        eprintln!("note: PNG charts have English words, because this machine has no Chinese font; SVG charts are in Chinese");
        eprintln!(
            "  = help: install one, for instance Debian's fonts-noto-cjk; charts of a record are written again by `overspill report DIR --lang zh --charts DIR`"
        );
    }
}

/// Says what was done and how long it took, to those who want to know.
pub(crate) fn tell(global: &Global, started: Instant, what: impl FnOnce() -> String) {
    if global.verbose {
        eprintln!("{} in {}", what(), duration(started.elapsed().as_secs_f64()));
    }
}

/// Says what is wrong with what the user asked for. Nothing was done.
pub(crate) fn wrong(message: impl std::fmt::Display) -> Outcome {
    eprintln!("error: {message}");
    Outcome::WrongInput
}

/// Opens a record; what is wrong with it has been said where there is none.
pub(crate) fn open(dir: &Path) -> Option<Stored> {
    match record_dir::open(dir) {
        Ok(stored) => Some(stored),
        Err(problem) => {
            wrong(problem);
            None
        }
    }
}

/// Shows the problems of an input on standard error. Warnings are left out when the user wants quiet.
pub(crate) fn show_issues(loaded: &Loaded, global: &Global) {
    if loaded.issues.is_empty() || (global.quiet && !loaded.issues.has_errors()) {
        return;
    }
    let color = global.colors(io::stderr().is_terminal());
    eprint!("{}", loaded.report(color));
}

/// The warnings of an input, for the summary.
pub(crate) fn warnings(loaded: &Loaded) -> Vec<String> {
    let warnings = loaded.issues.sorted().into_iter().filter(|issue| issue.severity == Severity::Warning);
    warnings.map(|issue| issue.message.clone()).collect()
}
