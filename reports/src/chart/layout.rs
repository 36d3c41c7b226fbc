//! Where things are in a chart: title, legends, panels and axes.

use std::convert::Infallible;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::prelude::{ChartBuilder, Color as _, FontStyle, FontTransform, RGBColor, TRANSPARENT, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, ShapeStyle};

use super::axis::Axis;
use super::font::Weight;
use super::legend;
use super::palette::{Color, INK, MUTED, PAPER};
use super::picture::{GRID, Picture, Recorder};
use super::plot;
use super::spec::{ChartSpec, Panel, Scale, Unit};
use super::ticks;
use crate::lang::Lang;

/// Why drawing stopped: plotters could not lay something out.
pub(super) type Problem = DrawingAreaErrorKind<Infallible>;
/// A part of the picture in its own coordinates.
pub(super) type Area<'a> = DrawingArea<Recorder<'a>, Shift>;

/// Width of every chart in pixels.
const WIDTH: u32 = 1200;
/// Height of a chart of one or two panels.
const HEIGHT: u32 = 600;
/// What every further panel adds.
const FURTHER: u32 = 230;
/// Space around everything.
const MARGIN: u32 = 28;
/// Height of title and subtitle.
const HEAD: u32 = 72;
/// Height of the time axis' labels and title.
const FOOT: u32 = 48;
/// Space between two panels.
const BETWEEN: u32 = 14;

/// Size of the title.
const TITLE: f64 = 25.0;
/// Size of everything else.
pub(super) const BODY: f64 = 15.0;

/// Pixels in grid units.
pub(super) const fn px(pixels: u32) -> u32 {
    pixels * GRID as u32
}

/// Draws the chart, whose words are those of `lang` already.
pub(super) fn draw(spec: &ChartSpec, lang: Lang) -> Result<Picture, Problem> {
    let height = HEIGHT + FURTHER * (spec.panels.len() as u32).saturating_sub(2);
    let mut picture = Picture { width: px(WIDTH), height: px(height), shapes: Vec::new() };
    let root = Recorder(&mut picture).into_drawing_area();
    root.fill(&rgb(PAPER))?;
    let page = root.margin(px(MARGIN - 8), px(MARGIN - 12), px(MARGIN), px(MARGIN));
    let (head, body) = page.split_vertically(px(HEAD));
    let title = fitted(&spec.title, TITLE, Weight::Bold);
    head.draw_text(&title, &text(TITLE, INK, Weight::Bold), (0, px(4) as i32))?;
    let subtitle = fitted(spec.subtitle.get(lang), BODY, Weight::Regular);
    head.draw_text(&subtitle, &text(BODY, MUTED, Weight::Regular), (0, px(37) as i32))?;

    let axes: Vec<Axis> = spec.panels.iter().map(value_axis).collect();
    let labels = axes.iter().flat_map(Axis::labels).map(|label| Weight::Regular.width(label, BODY));
    let gutter = labels.fold(20.0, f64::max).ceil() as u32 + 16;
    let (time, title) = ticks::time(spec.end_s, 10, &spec.clock, lang);
    let title = lang.word(title);
    let time = Axis::linear(0.0, spec.end_s, time);
    let mut rest = body;
    let room = height - 2 * MARGIN + 20 - HEAD - FOOT;
    let weights: u32 = spec.panels.iter().map(|panel| panel.weight).sum();
    for (i, (panel, values)) in spec.panels.iter().zip(axes).enumerate() {
        let last = i + 1 == spec.panels.len();
        let share = room * panel.weight / weights.max(1);
        let (area, below) = if last { (rest.clone(), rest) } else { rest.split_vertically(px(share)) };
        rest = below;
        let area = area.margin(0, if last { 0 } else { px(BETWEEN) }, 0, 0);
        let time = if last { time.clone() } else { time.clone().unlabelled() };
        draw_panel(&area, panel, time, values, gutter, last.then_some(title.as_str()))?;
    }
    drop(rest);
    Ok(picture)
}

fn draw_panel(area: &Area<'_>, panel: &Panel, time: Axis, values: Axis, gutter: u32, foot: Option<&str>) -> Result<(), Problem> {
    let used = legend::draw(area, panel, gutter)?;
    let (_, area) = area.split_vertically(px(used));
    let column = time.high() / f64::from(WIDTH - 2 * MARGIN - gutter);
    let mut chart = ChartBuilder::on(&area)
        .y_label_area_size(px(gutter))
        .x_label_area_size(px(if foot.is_some() { FOOT } else { 0 }))
        .margin_top(px(8))
        .build_cartesian_2d(time, values)?;
    plot::areas(&mut chart, panel, column)?;
    let label = text(BODY, MUTED, Weight::Regular);
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh()
        .bold_line_style(line(INK, 0.13, 1.0))
        .light_line_style(TRANSPARENT)
        .axis_style(line(INK, 0.45, 1.0))
        .label_style(label.clone())
        .axis_desc_style(label)
        .x_labels(100)
        .y_labels(100)
        .set_all_tick_mark_size(px(5));
    if let Some(title) = foot {
        mesh.x_desc(title);
    }
    mesh.draw()?;
    plot::lines(&mut chart, panel, column)
}

/// A line of text as wide as the page at most, with an ellipsis where it was cut.
fn fitted(text: &str, size: f64, weight: Weight) -> String {
    let room = f64::from(WIDTH - 2 * MARGIN);
    if weight.width(text, size) <= room {
        return text.to_owned();
    }
    let mut cut = text.to_owned();
    while cut.pop().is_some() && weight.width(&cut, size) + size > room {}
    cut + "…"
}

/// The value axis that holds everything in the panel.
fn value_axis(panel: &Panel) -> Axis {
    let largest = panel.values().fold(0.0, f64::max);
    match panel.scale {
        Scale::Linear => {
            // A little more than the largest value, so that a line along the top is not mistaken for the border.
            let ticks = ticks::linear(largest * if panel.unit == Unit::Count { 1.0 } else { 1.03 }, panel.unit, 5);
            let top = ticks.last().map_or(1.0, |(value, _)| *value).max(largest * 1.03);
            Axis::linear(0.0, top, ticks)
        }
        Scale::Log => {
            let smallest = panel.values().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
            let smallest = if smallest.is_finite() { smallest } else { 1.0 };
            // A little room at both ends, so that a line is not mistaken for the border.
            let ticks = ticks::log(smallest * 0.97, largest.max(smallest) * 1.03, panel.unit);
            let (low, high) = (ticks.first().map_or(1.0, |tick| tick.0), ticks.last().map_or(10.0, |tick| tick.0));
            Axis::logarithmic(low, high, ticks)
        }
    }
}

/// The colour as plotters wants it.
pub(super) fn rgb(Color(r, g, b): Color) -> RGBColor {
    RGBColor(r, g, b)
}

/// A line of a width in pixels.
pub(super) fn line(color: Color, alpha: f64, width: f64) -> ShapeStyle {
    rgb(color).mix(alpha).stroke_width((width * f64::from(GRID)).round() as u32)
}

/// Text whose position is its upper left corner.
pub(super) fn text(size: f64, color: Color, weight: Weight) -> TextStyle<'static> {
    let style = if weight == Weight::Bold { FontStyle::Bold } else { FontStyle::Normal };
    let font = FontDesc::new(FontFamily::SansSerif, size * f64::from(GRID), style).transform(FontTransform::None);
    let color = rgb(color).to_backend_color();
    TextStyle { font, color, pos: Pos::new(HPos::Left, VPos::Top) }
}
