//! The mean of a figure at each value of each axis.

use super::StudyChart;
use super::sheet::{Anchor, MARGIN, Scale, Sheet, TOP, WIDTH, extent, fitted};
use crate::chart::palette::{BLUE, INK};
use crate::format;

/// An axis.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Its name.
    pub axis: String,
    /// Its values, each with the mean over all points that have it.
    pub levels: Vec<(String, f64)>,
}

const HEIGHT: f64 = 560.0;

/// Most axes beside each other.
const MOST: usize = 8;

/// Main effects: axes beside each other on one scale, so that the steepest is seen at once.
pub fn effects(title: &str, subtitle: &str, figure: &str, all: &[Effect]) -> StudyChart {
    StudyChart::drawn(title, subtitle, |lang| {
        let mut sheet = Sheet::new(lang, title, subtitle, HEIGHT);
        let all = &all[..all.len().min(MOST)];
        let (left, right, top, bottom) = (MARGIN + 92.0, WIDTH - MARGIN, TOP + 22.0, HEIGHT - 84.0);
        let up = Scale::new(extent(all.iter().flat_map(|effect| effect.levels.iter().map(|(_, mean)| *mean))), (bottom, top));
        for tick in up.ticks() {
            sheet.line(&[(left, up.at(tick)), (right, up.at(tick))], INK, 0.1, 1.0);
            sheet.text(&format::figure(figure, tick), (left - 10.0, up.at(tick) + 5.0), Anchor::Right);
        }
        sheet.strong(figure, (MARGIN, top - 8.0), Anchor::Left);
        let share = (right - left) / all.len().max(1) as f64;
        for (i, effect) in all.iter().enumerate() {
            let from = (i as f64).mul_add(share, left);
            let column = (share - 24.0) / effect.levels.len().max(1) as f64;
            let place = |level: usize| (level as f64 + 0.5).mul_add(column, from + 12.0);
            let points: Vec<(f64, f64)> = effect.levels.iter().enumerate().map(|(level, (_, mean))| (place(level), up.at(*mean))).collect();
            if points.len() > 1 {
                sheet.line(&points, BLUE, 1.0, 2.0);
            }
            for point in &points {
                sheet.disc(*point, 4.5, BLUE, 1.0);
            }
            let every = (44.0 / column).ceil().max(1.0) as usize;
            for (level, (label, _)) in effect.levels.iter().enumerate().step_by(every) {
                sheet.text(&fitted(label, column * every as f64), (place(level), bottom + 20.0), Anchor::Middle);
            }
            sheet.strong(&fitted(&effect.axis, share), (from + share / 2.0, bottom + 48.0), Anchor::Middle);
            if i > 0 {
                sheet.line(&[(from, top), (from, bottom)], INK, 0.25, 1.0);
            }
        }
        sheet.done()
    })
}
