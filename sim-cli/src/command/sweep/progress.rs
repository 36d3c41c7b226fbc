//! How far a sweep is, and how long it will take.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Time between two lines where standard error is a file.
const PERIOD: Duration = Duration::from_secs(10);

/// A progress bar on a terminal, lines now and then elsewhere, nothing if the user wants quiet.
pub(crate) struct Progress {
    bar: ProgressBar,
    quiet: bool,
    what: &'static str,
    started: Instant,
    last_line: Mutex<Instant>,
}

impl Progress {
    /// Starts the clock of points.
    pub(crate) fn new(quiet: bool) -> Self {
        Self::of(quiet, "points")
    }

    /// Starts the clock; `what` is counted.
    pub(crate) fn of(quiet: bool, what: &'static str) -> Self {
        let terminal = std::io::stderr().is_terminal() && !quiet;
        let bar = ProgressBar::with_draw_target(None, if terminal { ProgressDrawTarget::stderr_with_hz(5) } else { ProgressDrawTarget::hidden() });
        let style = ProgressStyle::with_template(&format!("[{{bar:30}}] {{pos}} of {{len}} {what}, {{msg}}")).expect("the template is valid");
        bar.set_style(style.progress_chars("█▌ "));
        let now = Instant::now();
        Self { bar, quiet, what, started: now, last_line: Mutex::new(now) }
    }

    /// So many points are done, of so many; `kept` of them cost no time.
    pub(crate) fn show(&self, done: u64, total: u64, kept: u64) {
        let elapsed = self.started.elapsed();
        let message =
            left(elapsed, done, total, kept).map_or_else(String::new, |left| format!("{} left", sim_reports::format::duration(left.as_secs_f64().round())));
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.bar.set_message(message.clone());
        if !self.quiet
            && self.bar.is_hidden()
            && let Ok(mut last) = self.last_line.lock()
            && last.elapsed() >= PERIOD
        {
            *last = Instant::now();
            eprintln!("{done} of {total} {}, {message}", self.what);
        }
    }

    /// Removes the bar.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Time left, if what was run so far is like what is to come; none before the first point.
fn left(elapsed: Duration, done: u64, total: u64, kept: u64) -> Option<Duration> {
    let run = done.checked_sub(kept).filter(|run| *run > 0)?;
    Some(elapsed.mul_f64((total - done) as f64 / run as f64))
}

#[cfg(test)]
mod tests {
    use super::{Duration, left};

    #[test]
    fn points_that_were_there_before_do_not_count_as_fast_ones() {
        let elapsed = Duration::from_secs(10);
        assert_eq!(left(elapsed, 60, 100, 50), Some(Duration::from_secs(40)));
        assert_eq!(left(elapsed, 50, 100, 50), None);
        assert_eq!(left(elapsed, 100, 100, 0), Some(Duration::ZERO));
    }
}
