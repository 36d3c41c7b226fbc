//! A page to draw on, in pixels.

use plotters::prelude::Color as _;
use plotters_backend::BackendColor;

use crate::chart::font::Weight;
use crate::chart::layout::{BODY, px, rgb};
use crate::chart::palette::{Color, INK, MUTED, PAPER};
use crate::chart::picture::{GRID, Picture, Shape};
use crate::lang::Lang;

/// Width of every chart.
pub(super) const WIDTH: f64 = 1200.0;
/// Space around everything.
pub(super) const MARGIN: f64 = 28.0;
/// Where the drawing begins, below title and subtitle.
pub(super) const TOP: f64 = 92.0;
/// Size of small letters.
pub(super) const SMALL: f64 = 13.0;

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
}

/// A picture under construction.
pub(super) struct Sheet {
    picture: Picture,
}

/// A linear scale from values to pixels.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Values from `low` to `high` lie between two pixels; equal values lie in the middle.
    pub(super) const fn new((low, high): (f64, f64), (from, to): (f64, f64)) -> Self {
        Self { low, high, from, to }
    }

    pub(super) fn at(self, value: f64) -> f64 {
        if self.high > self.low { self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from) } else { f64::midpoint(self.from, self.to) }
    }

    /// Five round values or so within the scale.
    pub(super) fn ticks(self) -> Vec<f64> {
        let span = self.high - self.low;
        if span <= 0.0 || !span.is_finite() {
            return vec![self.low];
        }
        let raw = span / 5.0;
        let power = 10f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|digit| digit * power).find(|nice| *nice >= raw).unwrap_or(raw);
        let (first, last) = ((self.low / step - 1e-9).ceil() as i64, (self.high / step + 1e-9).floor() as i64);
        (first..=last).map(|i| i as f64 * step).collect()
    }
}

/// The smallest and largest of some values, with a little room; 0 to 1 without any.
pub(super) fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.filter(|value| value.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return (0.0, 1.0);
    }
    let room = if high > low { (high - low) * 0.06 } else { high.abs().max(1.0) * 0.06 };
    (low - room, high + room)
}

impl Sheet {
    pub(super) fn new(lang: Lang, title: &str, subtitle: &str, height: f64) -> Self {
        let picture = Picture { width: px(WIDTH as u32), height: px(height as u32), shapes: Vec::new() };
        let mut sheet = Self { picture };
        sheet.rect((0.0, 0.0), (WIDTH, height), PAPER, 1.0);
        sheet.words(&lang.word(title), (MARGIN, 44.0), 25.0, Weight::Bold, INK, Anchor::Left);
        sheet.words(&lang.word(subtitle), (MARGIN, 70.0), BODY, Weight::Regular, MUTED, Anchor::Left);
        sheet
    }

    pub(super) fn done(self) -> Picture {
        self.picture
    }

    pub(super) fn rect(&mut self, (x0, y0): (f64, f64), (x1, y1): (f64, f64), color: Color, alpha: f64) {
        let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)];
        self.polygon(&corners, color, alpha);
    }

    pub(super) fn polygon(&mut self, corners: &[(f64, f64)], color: Color, alpha: f64) {
        self.picture.shapes.push(Shape::Fill { points: corners.iter().copied().map(grid).collect(), color: mixed(color, alpha) });
    }

    pub(super) fn disc(&mut self, (x, y): (f64, f64), radius: f64, color: Color, alpha: f64) {
        let corner = |i: u32| {
            let (sin, cos) = (f64::from(i) / 24.0 * std::f64::consts::TAU).sin_cos();
            (x + cos * radius, y + sin * radius)
        };
        self.polygon(&(0..24).map(corner).collect::<Vec<_>>(), color, alpha);
    }

    pub(super) fn line(&mut self, points: &[(f64, f64)], color: Color, alpha: f64, width: f64) {
        let points = points.iter().copied().map(grid).collect();
        self.picture.shapes.push(Shape::Line { points, width: (width * f64::from(GRID)).round() as u32, color: mixed(color, alpha) });
    }

    /// Ordinary text with its baseline at a point.
    pub(super) fn text(&mut self, text: &str, at: (f64, f64), anchor: Anchor) {
        self.words(text, at, SMALL, Weight::Regular, MUTED, anchor);
    }

    pub(super) fn strong(&mut self, text: &str, at: (f64, f64), anchor: Anchor) {
        self.words(text, at, BODY, Weight::Bold, INK, anchor);
    }

    pub(super) fn words(&mut self, text: &str, (x, y): (f64, f64), size: f64, weight: Weight, color: Color, anchor: Anchor) {
        let width = weight.width(text, size);
        let left = match anchor {
            Anchor::Left => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::Right => x - width,
        };
        let size = size * f64::from(GRID);
        self.picture.shapes.push(Shape::Text { text: text.to_owned(), at: grid((left, y)), size, weight, color: mixed(color, 1.0) });
    }
}

/// The width of ordinary text.
pub(super) fn width(text: &str) -> f64 {
    Weight::Regular.width(text, SMALL)
}

/// A text that is no wider than this, with an ellipsis where it was cut.
pub(super) fn fitted(text: &str, room: f64) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut cut = text.to_owned();
    while cut.pop().is_some() && width(&cut) + SMALL > room {}
    cut + "…"
}

fn grid((x, y): (f64, f64)) -> (i32, i32) {
    let unit = |pixels: f64| (pixels * f64::from(GRID)).round() as i32;
    (unit(x), unit(y))
}

fn mixed(color: Color, alpha: f64) -> BackendColor {
    rgb(color).mix(alpha).to_backend_color()
}
