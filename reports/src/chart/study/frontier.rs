//! Two figures against each other, and the points that no other beats.

use super::StudyChart;
use super::sheet::{Anchor, MARGIN, Scale, Sheet, TOP, WIDTH, extent, fitted, width};
use crate::chart::palette::{BLUE, GREY, INK, ORANGE};
use crate::format;

/// A point of a study.
#[derive(Clone, Debug)]
pub struct Dot {
    /// The first figure.
    pub x: f64,
    /// The second.
    pub y: f64,
    /// Half widths of their intervals.
    pub half: Option<(f64, f64)>,
    /// Whether no other point is better in both.
    pub best: bool,
    /// Its values, for instance `floor=80 target=60`.
    pub label: String,
}

const HEIGHT: f64 = 640.0;

/// Most points of the frontier that are named.
const NAMED: usize = 12;

/// Points by two figures, smaller being better in both.
pub fn frontier(title: &str, subtitle: &str, x: &str, y: &str, dots: &[Dot]) -> StudyChart {
    StudyChart::drawn(title, subtitle, |lang| {
        let mut sheet = Sheet::new(lang, title, subtitle, HEIGHT);
        let (left, right, top, bottom) = (MARGIN + 92.0, WIDTH - MARGIN, TOP + 22.0, HEIGHT - 68.0);
        let across = Scale::new(extent(dots.iter().map(|dot| dot.x)), (left, right));
        let up = Scale::new(extent(dots.iter().map(|dot| dot.y)), (bottom, top));
        for tick in across.ticks() {
            sheet.line(&[(across.at(tick), top), (across.at(tick), bottom)], INK, 0.1, 1.0);
            sheet.text(&format::figure(x, tick), (across.at(tick), bottom + 20.0), Anchor::Middle);
        }
        for tick in up.ticks() {
            sheet.line(&[(left, up.at(tick)), (right, up.at(tick))], INK, 0.1, 1.0);
            sheet.text(&format::figure(y, tick), (left - 10.0, up.at(tick) + 5.0), Anchor::Right);
        }
        sheet.strong(x, (f64::midpoint(left, right), HEIGHT - 22.0), Anchor::Middle);
        sheet.strong(y, (MARGIN, top - 8.0), Anchor::Left);
        let mut best: Vec<&Dot> = dots.iter().filter(|dot| dot.best).collect();
        best.sort_by(|a, b| a.x.total_cmp(&b.x));
        // What can be had lies above and to the right of the steps.
        let mut steps: Vec<(f64, f64)> = Vec::new();
        for dot in &best {
            if let Some(last) = steps.last().copied() {
                steps.push((across.at(dot.x), last.1));
            }
            steps.push((across.at(dot.x), up.at(dot.y)));
        }
        if steps.len() > 1 {
            sheet.line(&steps, ORANGE, 1.0, 2.0);
        }
        for dot in dots {
            let at = (across.at(dot.x), up.at(dot.y));
            if let Some((dx, dy)) = dot.half.filter(|_| dot.best) {
                sheet.line(&[(across.at(dot.x - dx), at.1), (across.at(dot.x + dx), at.1)], INK, 0.5, 1.0);
                sheet.line(&[(at.0, up.at(dot.y - dy)), (at.0, up.at(dot.y + dy))], INK, 0.5, 1.0);
            }
            if dot.best {
                sheet.disc(at, 5.0, BLUE, 1.0);
            } else {
                sheet.disc(at, 3.5, GREY, 0.7);
            }
        }
        let every = best.len().div_ceil(NAMED).max(1);
        for dot in best.iter().step_by(every) {
            let label = fitted(&dot.label, 320.0);
            let at = (across.at(dot.x), up.at(dot.y));
            let beside = if at.0 + 10.0 + width(&label) > right { (at.0 - 9.0, Anchor::Right) } else { (at.0 + 9.0, Anchor::Left) };
            sheet.text(&label, (beside.0, at.1 - 7.0), beside.1);
        }
        sheet.done()
    })
}
