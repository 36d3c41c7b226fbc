//! An axis for plotters: our ticks, values kept inside.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// A linear or logarithmic axis with fixed ticks.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// A linear axis.
    pub(super) fn linear(low: f64, high: f64, ticks: Vec<(f64, String)>) -> Self {
        Self { low, high, logarithmic: false, ticks }
    }

    /// A logarithmic axis between two positive values.
    pub(super) fn logarithmic(low: f64, high: f64, ticks: Vec<(f64, String)>) -> Self {
        assert!(low > 0.0 && high > low, "a logarithmic axis from {low} to {high}");
        Self { low, high, logarithmic: true, ticks }
    }

    /// The labels of its ticks.
    pub(super) fn labels(&self) -> impl Iterator<Item = &str> {
        self.ticks.iter().map(|(_, label)| label.as_str())
    }

    /// The same axis with its grid but without labels, for panels above another.
    pub(super) fn unlabelled(mut self) -> Self {
        for (_, label) in &mut self.ticks {
            label.clear();
        }
        self
    }

    /// The lower end.
    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// The upper end.
    pub(super) fn high(&self) -> f64 {
        self.high
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    /// Values outside are drawn at the edge: a line must not leave the panel.
    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let value = value.clamp(self.low, self.high);
        let share = if self.logarithmic { (value / self.low).ln() / (self.high / self.low).ln() } else { (value - self.low) / (self.high - self.low) };
        start + (f64::from(end - start) * share).round() as i32
    }

    /// Plotters asks twice, for a fine and a coarse grid; there is only the coarse one.
    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.iter().map(|(value, _)| *value).collect() }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        self.ticks.iter().find(|(tick, _)| tick == value).map(|(_, label)| label.clone()).unwrap_or_default()
    }
}
