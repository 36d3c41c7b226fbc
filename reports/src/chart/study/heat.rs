//! A figure over two axes, as colours.

use super::StudyChart;
use super::sheet::{Anchor, MARGIN, SMALL, Sheet, TOP, WIDTH, fitted, width};
use crate::chart::font::Weight;
use crate::chart::palette::{BLUE, INK, PAPER};
use crate::format;

/// One combination.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// Place among the values of the first axis.
    pub x: usize,
    /// Place among the values of the second.
    pub y: usize,
    /// The figure there.
    pub value: f64,
}

/// Height of a row.
const ROW: f64 = 44.0;
/// Below this width a cell shows its colour only.
const READABLE: f64 = 56.0;

/// The figure over two axes, each a name and its values; darker is larger.
pub fn heat_map(title: &str, subtitle: &str, x: (&str, &[String]), y: (&str, &[String]), figure: &str, cells: &[Cell]) -> StudyChart {
    StudyChart::drawn(title, subtitle, |lang| {
        let rows = y.1.len().max(1) as f64;
        let mut sheet = Sheet::new(lang, title, subtitle, TOP + rows * ROW + 96.0);
        let labels = y.1.iter().map(|label| width(label)).fold(width(y.0), f64::max).min(260.0);
        let left = MARGIN + labels + 16.0;
        let (right, top) = (WIDTH - MARGIN, TOP + 14.0);
        let column = (right - left) / x.1.len().max(1) as f64;
        let (low, high) = cells.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), cell| (low.min(cell.value), high.max(cell.value)));
        for cell in cells {
            let share = if high > low { (cell.value - low) / (high - low) } else { 0.5 };
            let at = (left + cell.x as f64 * column, top + cell.y as f64 * ROW);
            sheet.rect((at.0 + 1.0, at.1 + 1.0), (at.0 + column - 1.0, at.1 + ROW - 1.0), BLUE.tint(share.mul_add(0.9, 0.06)), 1.0);
            if column >= READABLE {
                let ink = if share > 0.55 { PAPER } else { INK };
                let text = fitted(&format::figure(figure, cell.value), column - 4.0);
                sheet.words(&text, (at.0 + column / 2.0, at.1 + ROW / 2.0 + 5.0), SMALL, Weight::Regular, ink, Anchor::Middle);
            }
        }
        for (i, label) in y.1.iter().enumerate() {
            sheet.text(&fitted(label, labels), (left - 10.0, (i as f64).mul_add(ROW, top) + ROW / 2.0 + 5.0), Anchor::Right);
        }
        sheet.strong(&fitted(y.0, labels + 40.0), (MARGIN, top - 8.0), Anchor::Left);
        let below = rows.mul_add(ROW, top) + 20.0;
        // Where there are many values, every so many is named.
        let every = (40.0 / column).ceil().max(1.0) as usize;
        for (i, label) in x.1.iter().enumerate().step_by(every) {
            sheet.text(&fitted(label, column * every as f64), ((i as f64 + 0.5).mul_add(column, left), below), Anchor::Middle);
        }
        sheet.strong(x.0, (f64::midpoint(left, right), below + 26.0), Anchor::Middle);
        sheet.done()
    })
}
