//! Charts as data: what the script in the page draws.
//!
//! The same specifications that become SVG and PNG files, so that a picture and the page cannot disagree.

use serde::Serialize;

use super::thin;
use crate::chart::NamedChart;
use crate::chart::palette::{self, Color};
use crate::chart::spec::{Mark, Panel, Points, Scale, Series, Unit};
use crate::lang::{Both, Lang};

/// One coordinate system of the page.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub id: String,
    pub title: Both,
    /// The service that it is about.
    pub about: Option<String>,
    unit: &'static str,
    log: bool,
    /// Times that series refer to by their index.
    times: Vec<Vec<f64>>,
    marks: Vec<Drawn>,
    /// Windows that are left, and that there were.
    pub kept: (usize, usize),
}

#[derive(Debug, Serialize)]
#[serde(tag = "k", rename_all = "lowercase")]
enum Drawn {
    Line(Curve),
    Step(Curve),
    Stack { step: bool, layers: Vec<Curve> },
    Band { high: Curve, low: Vec<Option<f64>> },
    Limit { name: Both, v: f64 },
}

#[derive(Debug, Serialize)]
struct Curve {
    name: Both,
    color: String,
    t: usize,
    v: Vec<Option<f64>>,
}

/// Every panel of every chart.
pub(super) fn all(charts: &[NamedChart], several_services: bool, buckets: usize) -> Vec<Figure> {
    let panels = charts.iter().flat_map(|chart| chart.spec.panels.iter().enumerate().map(move |(i, panel)| (format!("{}-{i}", chart.name), panel)));
    panels.map(|(id, panel)| figure(id, panel, several_services, buckets)).collect()
}

fn figure(id: String, panel: &Panel, several_services: bool, buckets: usize) -> Figure {
    let heading = match &panel.about {
        Some(service) if several_services && !panel.heading.starts_with(service.as_str()) => format!("{service}: {}", panel.heading),
        _ => panel.heading.clone(),
    };
    let mut groups = Groups::new(panel, buckets);
    let curve = |groups: &mut Groups, series: &Series| {
        let (t, v) = groups.take(&series.points);
        Curve { name: Both::new(series.label_in(Lang::En), series.label_in(Lang::Zh)), color: name(series.color), t, v }
    };
    let marks = panel.marks.iter().map(|mark| match mark {
        Mark::Line(series) => Drawn::Line(curve(&mut groups, series)),
        Mark::Step(series) => Drawn::Step(curve(&mut groups, series)),
        Mark::Stack { layers, step } => Drawn::Stack { step: *step, layers: layers.iter().map(|layer| curve(&mut groups, layer)).collect() },
        Mark::Band { high, low } => Drawn::Band { low: groups.take(low).1, high: curve(&mut groups, high) },
        Mark::Threshold { label, value } => Drawn::Limit { name: Both::of(label), v: *value },
    });
    let marks = marks.collect();
    let kept = groups.list.iter().map(|group| (group.kept.len(), group.times.len())).max_by_key(|(_, all)| *all).unwrap_or_default();
    let unit = match panel.unit {
        Unit::Number => "number",
        Unit::Count => "count",
        Unit::Milliseconds => "ms",
    };
    let about = panel.about.clone();
    Figure { id, title: Both::of(&heading), about, unit, log: panel.scale == Scale::Log, times: groups.shown(), marks, kept }
}

/// Values of several series at the same times.
type Columns = Vec<Vec<Option<f64>>>;

/// Series that share their times, and the windows of each group that stay.
struct Groups {
    list: Vec<Group>,
}

struct Group {
    times: Vec<f64>,
    kept: Vec<usize>,
}

impl Groups {
    fn new(panel: &Panel, buckets: usize) -> Self {
        let mut groups: Vec<(Vec<f64>, Columns)> = Vec::new();
        let mut add = |points: &Points| {
            let values: Vec<Option<f64>> = points.iter().map(|(_, value)| *value).collect();
            match groups.iter_mut().find(|(times, _)| same(times, points)) {
                Some((_, columns)) => columns.push(values),
                None => groups.push((points.iter().map(|(t, _)| *t).collect(), vec![values])),
            }
        };
        for mark in &panel.marks {
            match mark {
                Mark::Line(series) | Mark::Step(series) => add(&series.points),
                Mark::Stack { layers, .. } => {
                    for layer in layers {
                        add(&layer.points);
                    }
                    // The top of a stack has peaks of its own.
                    add(&crate::chart::spec::stacked(layers, layers.len()));
                }
                Mark::Band { high, low } => [&high.points, low].into_iter().for_each(&mut add),
                Mark::Threshold { .. } => {}
            }
        }
        let list = groups.into_iter().map(|(times, columns)| Group { kept: thin::keep(&times, &columns, buckets), times }).collect();
        Self { list }
    }

    /// The group of a series and its values that stay.
    fn take(&mut self, points: &Points) -> (usize, Vec<Option<f64>>) {
        let at = self.list.iter().position(|group| same(&group.times, points)).unwrap_or(0);
        (at, self.list[at].kept.iter().map(|i| points[*i].1.map(short)).collect())
    }

    fn shown(&self) -> Vec<Vec<f64>> {
        self.list.iter().map(|group| group.kept.iter().map(|i| (group.times[*i] * 1000.0).round() / 1000.0).collect()).collect()
    }
}

fn same(times: &[f64], points: &Points) -> bool {
    times.len() == points.len() && times.iter().zip(points).all(|(t, point)| *t == point.0)
}

/// Six significant digits: more are not seen and would double the size of the page.
fn short(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10f64.powi(5 - value.abs().log10().floor() as i32);
    let rounded = (value * scale).round() / scale;
    if rounded.is_finite() { rounded } else { value }
}

/// The colour's name in the page's style sheet, where light and dark differ.
fn name(color: Color) -> String {
    let named = palette::NAMED.iter().find(|(_, known)| *known == color);
    named.map_or_else(|| format!("#{:02x}{:02x}{:02x}", color.0, color.1, color.2), |(name, _)| (*name).to_owned())
}

/// The colour as a style sheet says it.
pub(super) fn css(color: Color) -> String {
    let name = name(color);
    if name.starts_with('#') { name } else { format!("var(--c-{name})") }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn values_keep_six_digits() {
        assert_eq!([short(1_234_567.8), short(0.001_234_567_8), short(-12.0), short(0.0), short(f64::NAN)], [1_234_570.0, 0.001_234_57, -12.0, 0.0, 0.0]);
    }
}
