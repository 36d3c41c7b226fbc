//! A line with live figures on standard error while a long run goes on.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sim_core::plan::Plan;
use sim_core::simulation::Progress;
use sim_reports::format::{clock, count, latency, plural};

/// How long a run takes before it gets a line: a shorter one would only flicker.
const PATIENCE: Duration = Duration::from_millis(500);
/// Columns of the scenario's name.
const NAME: usize = 20;

/// The line; hidden until the run has taken a moment, and for good where standard error is no terminal.
pub(super) struct Watch {
    bar: ProgressBar,
    started: Instant,
    wanted: bool,
}

impl Watch {
    pub(super) fn new(plan: &Plan, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(milliseconds(plan.duration.as_secs_f64())), ProgressDrawTarget::hidden());
        // The message takes what is left of the width and is cut there: the line never wraps.
        let style = ProgressStyle::with_template("{prefix} [{bar:12}] {percent:>3} % {eta:>3} left  {wide_msg}").expect("the template is valid");
        bar.set_style(style.progress_chars("█▌ "));
        bar.set_prefix(plan.name.chars().filter(|c| !c.is_control()).take(NAME).collect::<String>());
        Self { bar, started: Instant::now(), wanted: !quiet && std::io::stderr().is_terminal() }
    }

    pub(super) fn show(&self, progress: Progress) {
        if !self.wanted || self.started.elapsed() < PATIENCE {
            return;
        }
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        self.bar.set_position(milliseconds(progress.now.as_secs_f64()));
        self.bar.set_message(figures(&progress));
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0) as u64
}

/// The figures, those first that change most.
fn figures(progress: &Progress) -> String {
    let mut parts = vec![clock(progress.now.as_secs_f64()), plural(u64::from(progress.pods_ready), "pod", "pods")];
    if progress.pods_waiting > 0 {
        parts.push(format!("{} waiting", count(u64::from(progress.pods_waiting))));
    }
    parts.extend(progress.p99_ms.map(|p99| format!("p99 {}", latency(p99))));
    if progress.requests > 0 {
        parts.push(plural(progress.requests, "request", "requests"));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use sim_core::units::Time;

    use super::{Progress, figures};

    #[test]
    fn figures_fit_what_there_is() {
        let busy = Progress { now: Time::from_nanos(3_665_000_000_000), requests: 1_234_567, pods_ready: 326, pods_waiting: 41, p99_ms: Some(2134.0) };
        assert_eq!(figures(&busy), "1:01:05 · 326 pods · 41 waiting · p99 2.13 s · 1,234,567 requests");
        assert_eq!(figures(&Progress { requests: 0, pods_ready: 1, pods_waiting: 0, p99_ms: None, ..busy }), "1:01:05 · 1 pod");
    }
}
