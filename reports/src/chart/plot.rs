//! The marks of a panel.

use plotters::chart::ChartContext;
use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::{Color as _, DashedLineSeries, PathElement, Polygon, Rectangle};

use super::axis::Axis;
use super::layout::{Problem, line, px, rgb};
use super::palette::{Color, MUTED, VERMILION};
use super::picture::Recorder;
use super::sample::{runs, thin};
use super::spec::{Mark, Panel, Points, Series, stacked};

/// A panel's coordinate system.
pub(super) type Chart<'a, 'b> = ChartContext<'a, Recorder<'b>, Cartesian2d<Axis, Axis>>;

/// Width of lines in pixels.
pub(super) const LINE: f64 = 2.0;
/// Strength of a band's colour.
pub(super) const BAND: f64 = 0.22;
/// Strength of shaded stretches of time.
pub(super) const SHADE: f64 = 0.16;
/// Strength of stretches in which something was broken.
pub(super) const FAULT: f64 = 0.14;

/// Draws what lies behind the grid. `column` is the width of a pixel in seconds.
pub(super) fn areas(chart: &mut Chart<'_, '_>, panel: &Panel, column: f64) -> Result<(), Problem> {
    let (bottom, top) = (chart.as_coord_spec().y_spec().low(), chart.as_coord_spec().y_spec().high());
    for (from, to) in panel.shades.iter().flat_map(|shades| &shades.spans) {
        // A breach of one window in a long run is still to be seen.
        let to = to.max(from + 2.0 * column);
        chart.draw_series([Rectangle::new([(*from, bottom), (to, top)], rgb(VERMILION).mix(SHADE).filled())])?;
    }
    for (from, to) in panel.faults.iter().flat_map(|faults| &faults.spans) {
        let to = to.max(from + 2.0 * column);
        chart.draw_series([Rectangle::new([(*from, bottom), (to, top)], rgb(MUTED).mix(FAULT).filled())])?;
        chart.draw_series([*from, to].map(|at| PathElement::new([(at, bottom), (at, top)], line(MUTED, 0.8, 1.0))))?;
    }
    for mark in &panel.marks {
        match mark {
            Mark::Stack { layers, step } => {
                // From the top down, each area over the lower part of the one before: no seams between neighbours.
                for count in (1..=layers.len()).rev() {
                    let upper = stacked(layers, count);
                    area(chart, &upper, *step, bottom, column, layers[count - 1].color.area())?;
                }
            }
            Mark::Band { high, low } => {
                for (upper, lower) in runs(&high.points, false).iter().zip(runs(low, false)) {
                    let corners: Vec<_> = thin(upper, column).into_iter().chain(thin(&lower, column).into_iter().rev()).collect();
                    chart.draw_series([Polygon::new(corners, rgb(high.color).mix(BAND))])?;
                }
            }
            Mark::Line(_) | Mark::Step(_) | Mark::Threshold { .. } => {}
        }
    }
    Ok(())
}

/// Draws what lies before the grid.
pub(super) fn lines(chart: &mut Chart<'_, '_>, panel: &Panel, column: f64) -> Result<(), Problem> {
    let end = chart.as_coord_spec().x_spec().high();
    for mark in &panel.marks {
        match mark {
            Mark::Line(series) => polyline(chart, series, false, column)?,
            Mark::Step(series) => polyline(chart, series, true, column)?,
            Mark::Threshold { value, .. } => {
                let style = line(VERMILION, 1.0, LINE);
                chart.draw_series(DashedLineSeries::new([(0.0, *value), (end, *value)], px(9), px(6), style))?;
            }
            Mark::Stack { .. } | Mark::Band { .. } => {}
        }
    }
    Ok(())
}

fn polyline(chart: &mut Chart<'_, '_>, series: &Series, step: bool, column: f64) -> Result<(), Problem> {
    for run in runs(&series.points, step) {
        let mut points = thin(&run, column);
        if let [only] = points[..] {
            // A value between two gaps would have no length.
            points = vec![(only.0 - column, only.1), (only.0 + column, only.1)];
        }
        chart.draw_series([PathElement::new(points, line(series.color, 1.0, LINE))])?;
    }
    Ok(())
}

fn area(chart: &mut Chart<'_, '_>, upper: &Points, step: bool, bottom: f64, column: f64, color: Color) -> Result<(), Problem> {
    for run in runs(upper, step) {
        let mut corners = thin(&run, column);
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            corners.extend([(last.0, bottom), (first.0, bottom)]);
        }
        chart.draw_series([Polygon::new(corners, rgb(color))])?;
    }
    Ok(())
}
