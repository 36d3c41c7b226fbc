//! A picture as PNG, with smooth edges, at twice the size so that it stays sharp on a slide.

mod canvas;

use ab_glyph_rasterizer::{Point, point};

use super::font::{Step, Weight};
use super::picture::{GRID, Picture, Shape};
use canvas::Canvas;

/// Pixels of the image for a pixel of the layout.
const DENSITY: f32 = 2.0;
/// Straight pieces of a curve; a letter's curve is a few pixels long.
const PIECES: u8 = 8;

/// The picture as a PNG file.
pub(super) fn file(picture: &Picture) -> Vec<u8> {
    let mut canvas = Canvas::new(size(picture.width), size(picture.height));
    for shape in &picture.shapes {
        match shape {
            Shape::Line { points, width, color } => {
                let points: Vec<Point> = points.iter().map(|(x, y)| place(*x as f32, *y as f32)).collect();
                canvas.stroke(&points, *width as f32 * scale() / 2.0, *color);
            }
            Shape::Fill { points, color } => {
                let points: Vec<Point> = points.iter().map(|(x, y)| place(*x as f32, *y as f32)).collect();
                canvas.fill(&[points], *color);
            }
            Shape::Text { text, at, size, weight, color } => canvas.fill(&contours(text, *at, *size, *weight), *color),
        }
    }
    canvas.encode()
}

fn scale() -> f32 {
    DENSITY / GRID as f32
}

fn size(grid: u32) -> usize {
    (grid as f32 * scale()).round() as usize
}

fn place(x: f32, y: f32) -> Point {
    point(x * scale(), y * scale())
}

/// The outlines of a text as polygons.
fn contours(text: &str, (x, y): (i32, i32), size: f64, weight: Weight) -> Vec<Vec<Point>> {
    let mut contours = Vec::new();
    for drawn in weight.draw(text) {
        let (zoom, left) = ((size / drawn.units_per_em) as f32, (drawn.x * size) as f32);
        let at = |gx: f32, gy: f32| place(x as f32 + left + gx * zoom, y as f32 - gy * zoom);
        let mut contour: Vec<Point> = Vec::new();
        for step in drawn.steps {
            let from = contour.last().copied();
            match (step, from) {
                (Step::Move(x, y) | Step::Line(x, y), _) => contour.push(at(x, y)),
                (Step::Quad(x1, y1, x, y), Some(from)) => contour.extend(pieces(|t| quad(t, from, at(x1, y1), at(x, y)))),
                (Step::Cubic(x1, y1, x2, y2, x, y), Some(from)) => {
                    let (first, second, to) = (at(x1, y1), at(x2, y2), at(x, y));
                    contour.extend(pieces(|t| mix(t, quad(t, from, first, second), quad(t, first, second, to))));
                }
                (Step::Close, _) => contours.push(std::mem::take(&mut contour)),
                (Step::Quad(..) | Step::Cubic(..), None) => {}
            }
        }
    }
    contours
}

/// Points of a curve after its start.
fn pieces(curve: impl Fn(f32) -> Point) -> impl Iterator<Item = Point> {
    (1..=PIECES).map(move |i| curve(f32::from(i) / f32::from(PIECES)))
}

fn quad(t: f32, a: Point, b: Point, c: Point) -> Point {
    mix(t, mix(t, a, b), mix(t, b, c))
}

fn mix(t: f32, a: Point, b: Point) -> Point {
    point(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
}
