//! A picture as SVG that needs no font: letters are outlines, defined once and placed by reference.

use std::collections::BTreeSet;
use std::fmt::Write;

use plotters_backend::{BackendColor, BackendCoord};

use super::font::{Step, Weight};
use super::picture::{GRID, Picture, Shape};

/// The picture as a document; `title` and `description` are what a screen reader says.
pub(super) fn document(picture: &Picture, title: &str, description: &str) -> String {
    let mut body = String::new();
    let mut glyphs = BTreeSet::new();
    for shape in &picture.shapes {
        match shape {
            Shape::Line { points, width, color } => {
                let path = path(points);
                push(&mut body, format_args!(r#"<path d="{path}" fill="none" stroke="{}" stroke-width="{width}""#, hex(*color)));
                push(&mut body, format_args!("{} stroke-linejoin=\"round\"/>\n", opacity("stroke-opacity", *color)));
            }
            Shape::Fill { points, color } => {
                push(&mut body, format_args!("<path d=\"{}z\" fill=\"{}\"{}/>\n", path(points), hex(*color), opacity("fill-opacity", *color)));
            }
            Shape::Text { text, at, size, weight, color } => run(&mut body, &mut glyphs, text, *at, *size, *weight, *color),
        }
    }
    let (width, height) = (picture.width, picture.height);
    let (shown_width, shown_height) = (width / GRID as u32, height / GRID as u32);
    let mut out = String::new();
    push(&mut out, format_args!(r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink""#));
    push(&mut out, format_args!(r#" width="{shown_width}" height="{shown_height}" viewBox="0 0 {width} {height}" role="img">"#));
    push(&mut out, format_args!("\n<title>{}</title>\n<desc>{}</desc>\n<defs>\n", escaped(title), escaped(description)));
    for (weight, glyph) in glyphs {
        push(&mut out, format_args!("<path id=\"{}\" d=\"{}\"/>\n", name(weight, glyph), outline(weight, glyph)));
    }
    push(&mut out, format_args!("</defs>\n{body}</svg>\n"));
    out
}

/// Writes a line of text, and notes the glyphs that it needs.
fn run(out: &mut String, glyphs: &mut BTreeSet<(Weight, u16)>, text: &str, (x, y): BackendCoord, size: f64, weight: Weight, color: BackendColor) {
    let (fill, label) = (hex(color), escaped(text));
    if !weight.covers(text) {
        // Scripts that the embedded font lacks are left to the viewer: it may have a font for them, and a box says nothing.
        let bold = if weight == Weight::Bold { r#" font-weight="bold""# } else { "" };
        push(out, format_args!("<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" font-family=\"sans-serif\"{bold} fill=\"{fill}\">{label}</text>\n"));
        return;
    }
    let scale = size / weight.units_per_em();
    push(out, format_args!("<g role=\"img\" aria-label=\"{label}\" fill=\"{fill}\" transform=\"translate({x} {y}) scale({scale:.5})\">"));
    for placed in weight.lay_out(text) {
        if !weight.outline(placed.glyph).is_empty() {
            glyphs.insert((weight, placed.glyph));
            push(out, format_args!(r##"<use xlink:href="#{}" x="{}"/>"##, name(weight, placed.glyph), placed.x));
        }
    }
    out.push_str("</g>\n");
}

/// Identifier of a glyph. The same letter has the same name and outline in every chart, so that several can be pasted into one page.
fn name(weight: Weight, glyph: u16) -> String {
    format!("{}{glyph}", if weight == Weight::Bold { "os-b" } else { "os-r" })
}

/// A glyph's outline in font units, with y downwards.
fn outline(weight: Weight, glyph: u16) -> String {
    let mut d = String::new();
    for step in weight.outline(glyph) {
        match step {
            Step::Move(x, y) => push(&mut d, format_args!("M{x} {}", -y)),
            Step::Line(x, y) => push(&mut d, format_args!("L{x} {}", -y)),
            Step::Quad(x1, y1, x, y) => push(&mut d, format_args!("Q{x1} {} {x} {}", -y1, -y)),
            Step::Cubic(x1, y1, x2, y2, x, y) => push(&mut d, format_args!("C{x1} {} {x2} {} {x} {}", -y1, -y2, -y)),
            Step::Close => d.push('z'),
        }
    }
    d
}

/// A polyline as path data with relative steps, which are shorter.
fn path(points: &[BackendCoord]) -> String {
    let mut d = String::new();
    let mut last = (0, 0);
    for (i, point) in points.iter().enumerate() {
        let (dx, dy) = (point.0 - last.0, point.1 - last.1);
        match (i, dx, dy) {
            (0, ..) => push(&mut d, format_args!("M{dx} {dy}")),
            (_, 0, 0) => {}
            (_, _, 0) => push(&mut d, format_args!("h{dx}")),
            (_, 0, _) => push(&mut d, format_args!("v{dy}")),
            _ => push(&mut d, format_args!("l{dx} {dy}")),
        }
        last = *point;
    }
    d
}

fn hex(color: BackendColor) -> String {
    let (r, g, b) = color.rgb;
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// An opacity attribute, unless it would say nothing.
fn opacity(attribute: &str, color: BackendColor) -> String {
    if color.alpha < 1.0 { format!(" {attribute}=\"{}\"", color.alpha) } else { String::new() }
}

/// Text for XML, which has no way to write control characters.
fn escaped(text: &str) -> String {
    text.replace(char::is_control, " ").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string cannot fail");
}
