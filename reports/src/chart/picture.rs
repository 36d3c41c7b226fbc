//! A drawing as a list of shapes, recorded from plotters and written by [`svg`](super::svg) and [`png`](super::png).
//!
//! Plotters draws on integer coordinates. The grid here is ten times finer than a pixel, so curves stay smooth, and both formats show
//! exactly the same shapes and letters. Plotters' own SVG writer leaves text to the viewer's fonts, and its bitmap needs a font
//! registered for the whole program; recording needs neither.

use std::convert::Infallible;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle};

use super::font::Weight;

/// Grid units in a pixel.
pub(super) const GRID: i32 = 10;

/// A recorded drawing.
pub(super) struct Picture {
    /// Width in grid units.
    pub(super) width: u32,
    /// Height in grid units.
    pub(super) height: u32,
    /// From back to front.
    pub(super) shapes: Vec<Shape>,
}

/// Something visible.
pub(super) enum Shape {
    /// A polyline.
    Line {
        /// Its corners.
        points: Vec<BackendCoord>,
        /// Its width in grid units.
        width: u32,
        /// Its colour.
        color: BackendColor,
    },
    /// A filled polygon.
    Fill {
        /// Its corners.
        points: Vec<BackendCoord>,
        /// Its colour.
        color: BackendColor,
    },
    /// A line of text.
    Text {
        /// What it says.
        text: String,
        /// Left end of the baseline.
        at: BackendCoord,
        /// Size in grid units.
        size: f64,
        /// Heaviness.
        weight: Weight,
        /// Its colour.
        color: BackendColor,
    },
}

/// Records what plotters draws. All text is horizontal.
pub(super) struct Recorder<'a>(pub(super) &'a mut Picture);

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Recorder<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.0.width, self.0.height)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.fill(vec![(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)], color);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, (x0, y0): BackendCoord, (x1, y1): BackendCoord, style: &S, fill: bool) -> Drawn {
        let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)];
        if !fill {
            return self.draw_path(corners.into_iter().chain([(x0, y0)]), style);
        }
        self.fill(corners.to_vec(), style.color());
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let (mut points, width, color) = (path.into_iter().collect::<Vec<_>>(), style.stroke_width(), style.color());
        if color.alpha > 0.0 && points.len() > 1 {
            if width <= GRID as u32 {
                sharpen(&mut points);
            }
            self.0.shapes.push(Shape::Line { points, width, color });
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let corner = |i: u32| {
            let (sin, cos) = (f64::from(i) / 32.0 * std::f64::consts::TAU).sin_cos();
            (x + (cos * f64::from(radius)).round() as i32, y + (sin * f64::from(radius)).round() as i32)
        };
        if !fill {
            return self.draw_path((0..=32).map(corner), style);
        }
        self.fill((0..32).map(corner).collect(), style.color());
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Drawn {
        self.fill(corners.into_iter().collect(), style.color());
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        let (weight, size, anchor) = (weight(style), style.size(), style.anchor());
        let left = match anchor.h_pos {
            HPos::Left => 0.0,
            HPos::Center => weight.width(text, size) / 2.0,
            HPos::Right => weight.width(text, size),
        };
        // The box of a text is as high as its figures: that is what has to be centred at a tick.
        let down = match anchor.v_pos {
            VPos::Top => weight.cap_height() * size,
            VPos::Center => weight.cap_height() * size / 2.0,
            VPos::Bottom => 0.0,
        };
        let at = (x - left.round() as i32, y + down.round() as i32);
        self.0.shapes.push(Shape::Text { text: text.to_owned(), at, size, weight, color: style.color() });
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(&self, text: &str, style: &S) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let weight = weight(style);
        Ok((weight.width(text, style.size()).ceil() as u32, (weight.cap_height() * style.size()).ceil() as u32))
    }
}

impl Recorder<'_> {
    fn fill(&mut self, points: Vec<BackendCoord>, color: BackendColor) {
        if color.alpha > 0.0 && points.len() > 2 {
            self.0.shapes.push(Shape::Fill { points, color });
        }
    }
}

fn weight<S: BackendTextStyle>(style: &S) -> Weight {
    if matches!(style.style(), FontStyle::Bold) { Weight::Bold } else { Weight::Regular }
}

/// Moves a thin horizontal or vertical line to the middle of its row or column of pixels; between two it would be a grey smear.
fn sharpen(points: &mut [BackendCoord]) {
    let middle = |v: i32| v.div_euclid(GRID) * GRID + GRID / 2;
    if let [a, b] = points {
        if a.0 == b.0 {
            (a.0, b.0) = (middle(a.0), middle(b.0));
        } else if a.1 == b.1 {
            (a.1, b.1) = (middle(a.1), middle(b.1));
        }
    }
}
