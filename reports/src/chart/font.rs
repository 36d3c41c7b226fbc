//! Text as outlines, from a font that arrives as a dependency.
//!
//! Neither picture format relies on an installed font: a server in a container has none, and a chart without figures is worthless.

use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::cjk;

/// Noto Sans, SIL Open Font License 1.1.
static REGULAR: LazyLock<Face<'static>> = LazyLock::new(|| face(notosans::REGULAR_TTF));
/// Noto Sans Bold, SIL Open Font License 1.1.
static BOLD: LazyLock<Face<'static>> = LazyLock::new(|| face(notosans::BOLD_TTF));

/// Heaviness of the strokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// For everything.
    Regular,
    /// For titles.
    Bold,
}

/// A glyph of the program's own font with its place in a line of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// Number in the font.
    pub(super) glyph: u16,
    /// Distance of its origin from the start of the text, in font units.
    pub(super) x: u32,
}

/// A glyph of any font as an outline, for pictures that cannot leave text to their viewer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Drawn {
    /// Its outline in units of its font.
    pub(super) steps: Vec<Step>,
    /// Units of its font in the size of the text.
    pub(super) units_per_em: f64,
    /// Distance of its origin from the start of the text, in sizes of the text.
    pub(super) x: f64,
}

/// A step of an outline, in font units with y upwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    /// Starts a contour.
    Move(f32, f32),
    /// A straight line.
    Line(f32, f32),
    /// A quadratic curve: control point, end.
    Quad(f32, f32, f32, f32),
    /// A cubic curve: control points, end.
    Cubic(f32, f32, f32, f32, f32, f32),
    /// Closes the contour.
    Close,
}

impl Weight {
    fn face(self) -> &'static Face<'static> {
        match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
        }
    }

    /// Font units in the size of the text.
    pub(super) fn units_per_em(self) -> f64 {
        f64::from(self.face().units_per_em())
    }

    /// Height of capitals and figures in relation to the size of the text.
    pub(super) fn cap_height(self) -> f64 {
        self.face().capital_height().map_or(0.7, |height| f64::from(height) / self.units_per_em())
    }

    /// Width of `text` at `size`.
    pub(super) fn width(self, text: &str, size: f64) -> f64 {
        text.chars().map(|c| self.ems(c)).sum::<f64>() * size
    }

    /// Width of a character in sizes of the text. What the own font lacks is as wide as in the machine's Chinese font, or square.
    fn ems(self, c: char) -> f64 {
        if self.face().glyph_index(c).is_some() {
            return f64::from(self.advance(self.glyph(c))) / self.units_per_em();
        }
        let foreign = || {
            let face = cjk::face()?;
            Some(f64::from(face.glyph_hor_advance(face.glyph_index(c)?)?) / f64::from(face.units_per_em()))
        };
        foreign().unwrap_or(1.0)
    }

    /// The outlines of `text` in a row; characters that the own font lacks come from the machine's Chinese font if it has one.
    pub(super) fn draw(self, text: &str) -> Vec<Drawn> {
        let mut x = 0.0;
        let mut drawn = Vec::new();
        for c in text.chars() {
            let foreign = cjk::face().filter(|_| self.face().glyph_index(c).is_none()).and_then(|face| Some((face, face.glyph_index(c)?)));
            let (face, glyph) = foreign.unwrap_or_else(|| (self.face(), self.glyph(c)));
            let mut steps = Steps(Vec::new());
            face.outline_glyph(glyph, &mut steps);
            if !steps.0.is_empty() {
                drawn.push(Drawn { steps: steps.0, units_per_em: f64::from(face.units_per_em()), x });
            }
            x += self.ems(c);
        }
        drawn
    }

    /// Whether the font has every character of `text`.
    pub(super) fn covers(self, text: &str) -> bool {
        text.chars().all(|c| self.face().glyph_index(c).is_some())
    }

    /// The glyphs of `text` in a row. A character that the font lacks becomes its box for missing glyphs.
    pub(super) fn lay_out(self, text: &str) -> Vec<Placed> {
        let mut x = 0;
        text.chars()
            .map(|c| {
                let glyph = self.glyph(c);
                let placed = Placed { glyph: glyph.0, x };
                x += self.advance(glyph);
                placed
            })
            .collect()
    }

    /// The outline of a glyph; empty for a space.
    pub(super) fn outline(self, glyph: u16) -> Vec<Step> {
        let mut steps = Steps(Vec::new());
        self.face().outline_glyph(GlyphId(glyph), &mut steps);
        steps.0
    }

    fn glyph(self, c: char) -> GlyphId {
        self.face().glyph_index(c).unwrap_or(GlyphId(0))
    }

    fn advance(self, glyph: GlyphId) -> u32 {
        u32::from(self.face().glyph_hor_advance(glyph).unwrap_or(0))
    }
}

fn face(bytes: &'static [u8]) -> Face<'static> {
    Face::parse(bytes, 0).expect("the embedded font is well-formed")
}

/// Collects what the parser reports.
struct Steps(Vec<Step>);

impl OutlineBuilder for Steps {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push(Step::Move(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.push(Step::Line(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.push(Step::Quad(x1, y1, x, y));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.push(Step::Cubic(x1, y1, x2, y2, x, y));
    }

    fn close(&mut self) {
        self.0.push(Step::Close);
    }
}

#[cfg(test)]
mod tests {
    use super::Weight;

    #[test]
    fn the_font_has_what_charts_write() {
        for weight in [Weight::Regular, Weight::Bold] {
            assert!(weight.covers("0123456789 aZ äé%,.:;-–—·×≤≥µ()/€¥$"), "{weight:?}");
            assert!(!weight.covers("容量"), "Chinese needs a viewer's font");
            assert!(!weight.outline(weight.lay_out("8")[0].glyph).is_empty());
        }
        assert!(Weight::Bold.width("capacity", 10.0) > Weight::Regular.width("capacity", 10.0));
        assert_eq!(Weight::Regular.lay_out("ab")[0].x, 0);
    }
}
