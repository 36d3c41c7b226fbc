//! Bars to both sides of nothing: what differs between two plans, and what an input moves.

use super::StudyChart;
use super::sheet::{Anchor, MARGIN, Scale, Sheet, TOP, WIDTH, fitted};
use crate::chart::palette::{BLUE, GREY, INK, ORANGE};
use crate::format;

/// A bar.
#[derive(Clone, Debug)]
pub struct Change {
    /// What changes.
    pub label: String,
    /// By how much: a share of what it was, or an elasticity.
    pub share: f64,
    /// Half the width of the interval.
    pub half: Option<f64>,
    /// Whether it is more than chance.
    pub told_apart: bool,
}

/// Height of a bar with its space.
const ROW: f64 = 30.0;
/// Width for labels.
const LABELS: f64 = 380.0;

/// Changes as shares, in the order given; what chance may have done is grey.
pub fn changes(title: &str, subtitle: &str, all: &[Change]) -> StudyChart {
    let percent = |share: f64| if share < 0.0 { format!("-{}", format::percent(-share)) } else { format::percent(share) };
    bars(title, subtitle, all, percent)
}

/// Elasticities, the largest on top.
pub fn tornado(title: &str, subtitle: &str, all: &[Change]) -> StudyChart {
    let mut sorted = all.to_vec();
    sorted.sort_by(|a, b| b.share.abs().total_cmp(&a.share.abs()));
    bars(title, subtitle, &sorted, |value| format!("{value:.2}"))
}

fn bars(title: &str, subtitle: &str, all: &[Change], show: impl Fn(f64) -> String) -> StudyChart {
    StudyChart::drawn(title, subtitle, |lang| {
        let mut sheet = Sheet::new(lang, title, subtitle, TOP + all.len().max(1) as f64 * ROW + 60.0);
        let most = all.iter().map(|change| change.share.abs() + change.half.unwrap_or(0.0)).fold(0.0, f64::max);
        let most = if most > 0.0 && most.is_finite() { most * 1.12 } else { 1.0 };
        let scale = Scale::new((-most, most), (MARGIN + LABELS + 60.0, WIDTH - MARGIN - 60.0));
        let bottom = (all.len() as f64).mul_add(ROW, TOP);
        for tick in scale.ticks() {
            sheet.line(&[(scale.at(tick), TOP), (scale.at(tick), bottom)], INK, if tick == 0.0 { 0.5 } else { 0.1 }, 1.0);
            sheet.text(&show(tick), (scale.at(tick), bottom + 22.0), Anchor::Middle);
        }
        for (i, change) in all.iter().enumerate() {
            let y = (i as f64).mul_add(ROW, TOP);
            let middle = y + ROW / 2.0;
            let color = match change {
                Change { told_apart: false, .. } => GREY,
                Change { share, .. } if *share > 0.0 => ORANGE,
                Change { .. } => BLUE,
            };
            sheet.text(&fitted(&change.label, LABELS), (MARGIN + LABELS, middle + 5.0), Anchor::Right);
            let (zero, end) = (scale.at(0.0), scale.at(change.share.clamp(-most, most)));
            sheet.rect((zero.min(end), y + 6.0), (zero.max(end), y + ROW - 6.0), color, 0.85);
            if let Some(half) = change.half {
                sheet.line(&[(scale.at(change.share - half), middle), (scale.at(change.share + half), middle)], INK, 0.7, 1.5);
            }
            let beyond = change.half.unwrap_or(0.0);
            let (at, anchor) =
                if change.share < 0.0 { (scale.at(change.share - beyond) - 6.0, Anchor::Right) } else { (scale.at(change.share + beyond) + 6.0, Anchor::Left) };
            sheet.text(&show(change.share), (at, middle + 5.0), anchor);
        }
        sheet.done()
    })
}
