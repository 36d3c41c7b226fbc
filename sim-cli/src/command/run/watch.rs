//! A line with live figures on standard error while a long run goes on.

use std::cell::{Cell, RefCell};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sim_core::plan::Plan;
use sim_core::simulation::Progress;
use sim_core::units::Money;
use sim_reports::format::{clock, count, latency, money_in, number, plural};

use crate::args::Global;

/// How long a run takes before it gets a line: a shorter one would only flicker.
const PATIENCE: Duration = Duration::from_millis(500);
/// Time between two lines where standard error is a file and the user wants to know.
const PERIOD: Duration = Duration::from_secs(10);
/// Columns of the scenario's name.
const NAME: usize = 20;

/// The line; hidden until the run has taken a moment, and for good where standard error is no terminal.
pub(in crate::command) struct Watch {
    bar: ProgressBar,
    started: Instant,
    wanted: bool,
    /// When the next line is due where there is no terminal; none if nobody wants any.
    line: Option<Cell<Instant>>,
    currency: String,
    cost: RefCell<Cost>,
}

/// The running cost: worked out now and then, because it takes a look at every pod.
struct Cost {
    shown: Option<Money>,
    due: Instant,
}

impl Watch {
    pub(in crate::command) fn new(plan: &Plan, global: &Global) -> Self {
        let bar = ProgressBar::with_draw_target(Some(milliseconds(plan.duration.as_secs_f64())), ProgressDrawTarget::hidden());
        // The message takes what is left of the width and is cut there: the line never wraps.
        let style = ProgressStyle::with_template("{prefix} [{bar:12}] {percent:>3} % {eta:>3} left  {wide_msg}").expect("the template is valid");
        bar.set_style(style.progress_chars("█▌ "));
        bar.set_prefix(plan.name.chars().filter(|c| !c.is_control()).take(NAME).collect::<String>());
        let started = Instant::now();
        let cost = RefCell::new(Cost { shown: None, due: started });
        let is_terminal = std::io::stderr().is_terminal();
        let line = (global.verbose && !is_terminal).then(|| Cell::new(started + PERIOD));
        Self { bar, started, wanted: !global.quiet && is_terminal, line, currency: plan.currency.clone(), cost }
    }

    pub(in crate::command) fn show(&self, progress: &Progress<'_>) {
        if let Some(line) = self.line.as_ref().filter(|line| Instant::now() >= line.get()) {
            line.set(Instant::now() + PERIOD);
            let cost = self.cost(progress).map(|cost| money_in(cost, &self.currency));
            eprintln!("{}", figures(progress, cost));
        }
        if !self.wanted || self.started.elapsed() < PATIENCE {
            return;
        }
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        self.bar.set_position(milliseconds(progress.now.as_secs_f64()));
        let cost = self.cost(progress).map(|cost| money_in(cost, &self.currency));
        self.bar.set_message(figures(progress, cost));
    }

    /// What the run has cost when that was last worked out; no more than a twentieth of the time is spent on it.
    fn cost(&self, progress: &Progress<'_>) -> Option<Money> {
        let mut cost = self.cost.borrow_mut();
        if Instant::now() >= cost.due {
            let before = Instant::now();
            cost.shown = (progress.cost)();
            cost.due = Instant::now() + (before.elapsed() * 20).max(PATIENCE);
        }
        cost.shown.filter(|cost| *cost != Money::ZERO)
    }

    pub(in crate::command) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0) as u64
}

/// The figures, those first that change most.
fn figures(progress: &Progress<'_>, cost: Option<String>) -> String {
    let mut parts = vec![clock(progress.now.as_secs_f64())];
    if progress.requests > 0 {
        parts.push(format!("{}/s", number(progress.requests_per_s)));
    }
    parts.extend(progress.p99_ms.map(|p99| format!("p99 {}", latency(p99))));
    let tiers: Vec<String> = progress.tiers.iter().filter(|(_, pods)| *pods > 0).map(|(tier, pods)| format!("{tier} {}", count(u64::from(*pods)))).collect();
    parts.push(if tiers.is_empty() { plural(u64::from(progress.pods_ready), "pod", "pods") } else { tiers.join(" ") });
    if progress.pods_waiting > 0 {
        parts.push(format!("{} waiting", count(u64::from(progress.pods_waiting))));
    }
    parts.extend(cost);
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
        let busy = Progress {
            now: Time::from_nanos(3_665_000_000_000),
            requests: 1_234_567,
            requests_per_s: 12_840.2,
            pods_ready: 326,
            tiers: vec![("idc", 62), ("ecs", 0), ("eci", 264)],
            pods_waiting: 41,
            p99_ms: Some(2134.0),
            cost: &|| None,
        };
        assert_eq!(
            figures(&busy, Some("12.22 CNY".to_owned())),
            "1:01:05 · 12,840/s · p99 2.13 s · idc 62 eci 264 · 41 waiting · 12.22 CNY · 1,234,567 requests"
        );
        assert_eq!(figures(&Progress { requests: 0, pods_ready: 1, pods_waiting: 0, p99_ms: None, tiers: Vec::new(), ..busy }, None), "1:01:05 · 1 pod");
    }
}
