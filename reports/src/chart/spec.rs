//! What a chart shows, without how it is drawn.
//!
//! Charts are built from these values and rendered in one place. Another renderer needs nothing but this file.

use super::palette::Color;
use crate::clock::Clock;
use crate::lang::{Both, Lang};

/// A series over time: seconds since the start and a value, or none where there is nothing to show. Times never decrease.
pub type Points = Vec<(f64, Option<f64>)>;

/// A picture: panels below each other that share the time axis.
#[derive(Clone, Debug)]
pub struct ChartSpec {
    /// What it shows, in English.
    pub title: String,
    /// Of which run, and the figures to remember.
    pub subtitle: Both,
    /// Turns its seconds into what clocks show.
    pub clock: Clock,
    /// End of the time axis in seconds; it starts at zero.
    pub end_s: f64,
    /// From top to bottom.
    pub panels: Vec<Panel>,
}

/// One coordinate system.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What the value axis measures, with its unit.
    pub heading: String,
    /// How its values are written.
    pub unit: Unit,
    /// How they are spread.
    pub scale: Scale,
    /// Share of the height, relative to the other panels.
    pub weight: u32,
    /// What is drawn, back to front.
    pub marks: Vec<Mark>,
    /// Stretches of time to shade, for instance breaches of an objective, with the legend's words for them.
    pub shades: Option<Shades>,
    /// When something was broken, with the legend's words for it.
    pub faults: Option<Shades>,
    /// The service that it is about; none for the whole estate.
    pub about: Option<String>,
}

/// How values are written at an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Any number; the heading names its unit.
    Number,
    /// Whole things: an axis never shows half a pod.
    Count,
    /// Milliseconds, written as ms or s.
    Milliseconds,
}

/// How values are spread over an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Evenly, from zero.
    Linear,
    /// By ratio, for values over several orders of magnitude. Zero and less cannot be shown and leave a gap.
    Log,
}

/// Something drawn.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A line from point to point.
    Line(Series),
    /// A line that keeps its value until the next point.
    Step(Series),
    /// Areas on top of each other, the first at the bottom, each with the same times. A missing value counts as zero.
    Stack {
        /// The areas.
        layers: Vec<Series>,
        /// Whether values hold until the next point.
        step: bool,
    },
    /// The area between two series with the same times and the same gaps.
    Band {
        /// Upper edge; names and colours the area.
        high: Series,
        /// Lower edge.
        low: Points,
    },
    /// A dashed horizontal line.
    Threshold {
        /// What it is.
        label: String,
        /// Where it is.
        value: f64,
    },
}

/// A named, coloured series.
#[derive(Clone, Debug)]
pub struct Series {
    /// Name in the legend; empty for none.
    pub label: String,
    /// Whether that is what somebody called a thing, which no language has another word for.
    pub is_name: bool,
    /// Its colour.
    pub color: Color,
    /// Its values.
    pub points: Points,
}

/// Shaded stretches of time.
#[derive(Clone, Debug)]
pub struct Shades {
    /// Name in the legend.
    pub label: String,
    /// From and to in seconds.
    pub spans: Vec<(f64, f64)>,
}

impl ChartSpec {
    /// The same chart with the words of a language; names stay as they are.
    #[must_use]
    pub(super) fn in_words_of(mut self, lang: Lang) -> Self {
        let word = |en: &str| lang.word(en);
        self.title = word(&self.title);
        for panel in &mut self.panels {
            panel.heading = word(&panel.heading);
            for shades in panel.shades.iter_mut().chain(&mut panel.faults) {
                shades.label = word(&shades.label);
            }
            for mark in &mut panel.marks {
                match mark {
                    Mark::Line(series) | Mark::Step(series) => series.label = series.label_in(lang),
                    Mark::Stack { layers, .. } => layers.iter_mut().for_each(|layer| layer.label = layer.label_in(lang)),
                    Mark::Band { high, .. } => high.label = high.label_in(lang),
                    Mark::Threshold { label, .. } => *label = word(label),
                }
            }
        }
        self
    }
}

impl Series {
    /// Its name in a language.
    pub(crate) fn label_in(&self, lang: Lang) -> String {
        if self.is_name { self.label.clone() } else { lang.word(&self.label) }
    }
}

impl Panel {
    /// A linear panel of ordinary height with nothing in it.
    pub fn new(heading: impl Into<String>, unit: Unit) -> Self {
        Self { heading: heading.into(), unit, scale: Scale::Linear, weight: 2, marks: Vec::new(), shades: None, faults: None, about: None }
    }

    /// Every value that has to fit on the axis.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> {
        self.marks.iter().flat_map(|mark| -> Vec<f64> {
            let of = |points: &Points| points.iter().filter_map(|(_, value)| *value).collect::<Vec<_>>();
            match mark {
                Mark::Line(series) | Mark::Step(series) => of(&series.points),
                Mark::Stack { layers, .. } => layers.last().map(|_| of(&stacked(layers, layers.len()))).unwrap_or_default(),
                Mark::Band { high, low } => [of(&high.points), of(low)].concat(),
                Mark::Threshold { value, .. } => vec![*value],
            }
        })
    }
}

/// The upper edge of the first `count` layers of a stack.
pub(crate) fn stacked(layers: &[Series], count: usize) -> Points {
    let Some(first) = layers.first() else { return Points::new() };
    let height = |i: usize| layers[..count].iter().filter_map(|layer| layer.points.get(i)?.1).sum::<f64>();
    first.points.iter().enumerate().map(|(i, (t, _))| (*t, Some(height(i)))).collect()
}
