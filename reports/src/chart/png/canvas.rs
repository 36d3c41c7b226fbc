//! Pixels, and how much of each a shape covers.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use plotters_backend::BackendColor;

/// Corners of a round line end.
const CAP: u8 = 8;

/// An opaque image that starts white.
pub(super) struct Canvas {
    width: usize,
    height: usize,
    /// Red, green and blue of each pixel.
    pixels: Vec<u8>,
    rasterizer: Rasterizer,
}

/// Pixels that a shape may touch; the upper left corner can lie outside the image.
#[derive(Clone, Copy)]
struct Frame {
    left: i32,
    top: i32,
    width: usize,
    height: usize,
}

impl Frame {
    /// The pixels within `margin` of `points`.
    fn around<'a>(points: &(impl Iterator<Item = &'a Point> + Clone), margin: f32) -> Self {
        let least = |value: fn(&Point) -> f32| points.clone().map(value).fold(f32::INFINITY, f32::min) - margin;
        let most = |value: fn(&Point) -> f32| points.clone().map(value).fold(f32::NEG_INFINITY, f32::max) + margin;
        let (left, top) = (least(|p| p.x).floor() as i32, least(|p| p.y).floor() as i32);
        // Two pixels more, because the rasterizer writes behind the last column.
        let span = |from: i32, to: f32| (to.ceil() as i32 - from + 2).max(0) as usize;
        Self { left, top, width: span(left, most(|p| p.x)), height: span(top, most(|p| p.y)) }
    }
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![255; width * height * 3], rasterizer: Rasterizer::new(0, 0) }
    }

    /// Fills polygons; a contour inside another in the opposite direction is a hole.
    pub(super) fn fill(&mut self, contours: &[Vec<Point>], color: BackendColor) {
        if contours.iter().all(Vec::is_empty) {
            return;
        }
        let frame = Frame::around(&contours.iter().flatten(), 0.0);
        let mut coverage = vec![0.0; frame.width * frame.height];
        self.cover(frame, contours, |at, share| coverage[at] = share);
        self.blend(frame, &coverage, color);
    }

    /// Draws a polyline with round joins. A pixel that two pieces share is covered as far as the better of them covers it, so joins
    /// are not darker than the rest.
    pub(super) fn stroke(&mut self, points: &[Point], radius: f32, color: BackendColor) {
        let frame = Frame::around(&points.iter(), radius + 1.0);
        let mut coverage = vec![0.0f32; frame.width * frame.height];
        for pair in points.windows(2) {
            let piece = vec![capsule(pair[0], pair[1], radius)];
            let part = Frame::around(&piece[0].iter(), 0.0);
            let (dx, dy) = ((part.left - frame.left) as usize, (part.top - frame.top) as usize);
            self.cover(part, &piece, |at, share| {
                let (x, y) = (at % part.width + dx, at / part.width + dy);
                if share > 0.0 && x < frame.width && y < frame.height {
                    let old = &mut coverage[y * frame.width + x];
                    *old = old.max(share);
                }
            });
        }
        self.blend(frame, &coverage, color);
    }

    /// Reports how much of each pixel of the frame the contours cover.
    fn cover(&mut self, frame: Frame, contours: &[Vec<Point>], mut report: impl FnMut(usize, f32)) {
        self.rasterizer.reset(frame.width, frame.height);
        let inside = |p: Point| point(p.x - frame.left as f32, p.y - frame.top as f32);
        for contour in contours {
            let next = contour.iter().cycle().skip(1);
            for (from, to) in contour.iter().zip(next) {
                self.rasterizer.draw_line(inside(*from), inside(*to));
            }
        }
        self.rasterizer.for_each_pixel(|at, share| report(at, share.min(1.0)));
    }

    fn blend(&mut self, frame: Frame, coverage: &[f32], color: BackendColor) {
        for (row, shares) in coverage.chunks_exact(frame.width).enumerate() {
            let y = frame.top + row as i32;
            if y < 0 || y as usize >= self.height {
                continue;
            }
            for (column, share) in shares.iter().enumerate() {
                let x = frame.left + column as i32;
                // Less than half a step of a colour channel cannot be seen, and is where rounding errors are.
                if *share < 0.002 || x < 0 || x as usize >= self.width {
                    continue;
                }
                let alpha = share * color.alpha as f32;
                let at = (y as usize * self.width + x as usize) * 3;
                for (old, new) in self.pixels[at..at + 3].iter_mut().zip(<[u8; 3]>::from(color.rgb)) {
                    *old = (f32::from(*old) + (f32::from(new) - f32::from(*old)) * alpha).round() as u8;
                }
            }
        }
    }

    /// The image as a PNG file.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Balanced);
        encoder.write_header().and_then(|mut writer| writer.write_image_data(&self.pixels)).expect("writing to memory cannot fail");
        file
    }
}

/// The outline of a line piece with round ends.
fn capsule(from: Point, to: Point, radius: f32) -> Vec<Point> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let start = dy.atan2(dx) + std::f32::consts::FRAC_PI_2;
    let end = |center: Point, first: f32| {
        (0..=CAP).map(move |i| {
            let (sin, cos) = (first + std::f32::consts::PI * f32::from(i) / f32::from(CAP)).sin_cos();
            point(center.x + cos * radius, center.y + sin * radius)
        })
    };
    end(from, start).chain(end(to, start + std::f32::consts::PI)).collect()
}

#[cfg(test)]
mod tests {
    use ab_glyph_rasterizer::point;
    use plotters_backend::BackendColor;

    use super::Canvas;

    const BLACK: BackendColor = BackendColor { alpha: 1.0, rgb: (0, 0, 0) };

    fn red(canvas: &Canvas, x: usize, y: usize) -> u8 {
        canvas.pixels[(y * canvas.width + x) * 3]
    }

    #[test]
    fn a_polygon_covers_its_pixels_and_half_of_a_border_pixel() {
        let mut canvas = Canvas::new(10, 10);
        canvas.fill(&[vec![point(2.0, 2.0), point(6.5, 2.0), point(6.5, 6.0), point(2.0, 6.0)]], BLACK);
        assert_eq!([red(&canvas, 1, 3), red(&canvas, 2, 3), red(&canvas, 6, 3), red(&canvas, 7, 3)], [255, 0, 128, 255]);
    }

    #[test]
    fn a_bent_line_is_even_and_may_leave_the_image() {
        let mut canvas = Canvas::new(20, 20);
        canvas.stroke(&[point(-5.0, 10.0), point(10.0, 10.0), point(10.0, 40.0)], 2.0, BLACK);
        assert_eq!([red(&canvas, 0, 9), red(&canvas, 9, 9), red(&canvas, 10, 19), red(&canvas, 15, 15)], [0, 0, 0, 255]);
    }
}
