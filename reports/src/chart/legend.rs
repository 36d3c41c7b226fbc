//! The row above a panel: what it measures, and what the colours mean. Above, because a legend inside would cover data.

use plotters::prelude::{Color as _, PathElement, Rectangle};

use super::font::Weight;
use super::layout::{Area, BODY, Problem, line, px, rgb, text};
use super::palette::{Color, INK, MUTED, VERMILION};
use super::plot::{BAND, FAULT, LINE, SHADE};
use super::spec::{Mark, Panel};

/// Height of a row in pixels.
const ROW: u32 = 25;
/// Width of a sample.
const SAMPLE: u32 = 24;
/// Space between sample and label, and half of that between entries.
const GAP: u32 = 7;
/// Space between entries.
const SPACE: u32 = 22;

/// How an entry is shown.
#[derive(Clone, Copy)]
enum Sample {
    Line,
    Dashes,
    Box(f64),
}

/// An entry.
struct Entry<'a> {
    label: &'a str,
    color: Color,
    sample: Sample,
}

/// Draws heading and legend, and returns their height in pixels. `indent` is where the value axis stands.
pub(super) fn draw(area: &Area<'_>, panel: &Panel, indent: u32) -> Result<u32, Problem> {
    let width = area.dim_in_pixel().0 / px(1);
    let entries = entries(panel);
    let length = |entry: &Entry<'_>| Weight::Regular.width(entry.label, BODY).ceil() as u32 + SAMPLE + GAP;
    let total: u32 = entries.iter().map(|entry| length(entry) + SPACE).sum();
    let heading = Weight::Bold.width(&panel.heading, BODY).ceil() as u32;
    let bold = text(BODY, INK, Weight::Bold);
    area.draw_text(&panel.heading, &bold, (0, px(5) as i32))?;
    // Beside the heading if there is room, else in rows of its own.
    let (start, mut top) = if heading + 2 * SPACE + total <= width + SPACE { (width + SPACE - total, 0) } else { (indent, ROW) };
    let mut left = start;
    for entry in &entries {
        if left > start && left + length(entry) > width {
            left = start;
            top += ROW;
        }
        draw_entry(area, entry, left, top)?;
        left += length(entry) + SPACE;
    }
    Ok(top + ROW)
}

fn draw_entry(area: &Area<'_>, entry: &Entry<'_>, left: u32, top: u32) -> Result<(), Problem> {
    let at = |x: u32, y: u32| (px(left + x) as i32, px(top + y) as i32);
    match entry.sample {
        Sample::Line => area.draw(&PathElement::new([at(0, 11), at(SAMPLE, 11)], line(entry.color, 1.0, LINE + 1.0)))?,
        Sample::Dashes => {
            for from in [0, 15] {
                area.draw(&PathElement::new([at(from, 11), at(from + 9, 11)], line(entry.color, 1.0, LINE)))?;
            }
        }
        Sample::Box(alpha) => area.draw(&Rectangle::new([at(4, 4), at(SAMPLE, 18)], rgb(entry.color).mix(alpha).filled()))?,
    }
    area.draw_text(entry.label, &text(BODY, INK, Weight::Regular), at(SAMPLE + GAP, 5))
}

fn entries(panel: &Panel) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    for mark in &panel.marks {
        match mark {
            Mark::Line(series) | Mark::Step(series) => entries.push(Entry { label: &series.label, color: series.color, sample: Sample::Line }),
            Mark::Stack { layers, .. } => {
                entries.extend(layers.iter().map(|layer| Entry { label: &layer.label, color: layer.color.area(), sample: Sample::Box(1.0) }));
            }
            Mark::Band { high, .. } => entries.push(Entry { label: &high.label, color: high.color.tint(BAND), sample: Sample::Box(1.0) }),
            Mark::Threshold { label, .. } => entries.push(Entry { label, color: VERMILION, sample: Sample::Dashes }),
        }
    }
    let shaded = panel.shades.iter().filter(|shades| !shades.spans.is_empty());
    entries.extend(shaded.map(|shades| Entry { label: &shades.label, color: VERMILION, sample: Sample::Box(SHADE) }));
    let broken = panel.faults.iter().filter(|faults| !faults.spans.is_empty());
    entries.extend(broken.map(|faults| Entry { label: &faults.label, color: MUTED, sample: Sample::Box(FAULT * 2.0) }));
    entries.retain(|entry| !entry.label.is_empty());
    entries
}
