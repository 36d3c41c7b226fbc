//! Charts of studies: what several runs say together.
//!
//! They have no time axis, so they are drawn as shapes straight away, in the colours and letters of the other charts.

mod changes;
mod effects;
mod frontier;
mod heat;
mod sheet;

pub use changes::{Change, changes, tornado};
pub use effects::{Effect, effects};
pub use frontier::{Dot, frontier};
pub use heat::{Cell, heat_map};

use super::picture::Picture;
use super::{png, svg};

/// A chart of a study.
pub struct StudyChart {
    title: String,
    subtitle: String,
    picture: Picture,
}

impl std::fmt::Debug for StudyChart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StudyChart").field("title", &self.title).finish_non_exhaustive()
    }
}

impl StudyChart {
    /// The chart as an SVG document.
    pub fn svg(&self) -> String {
        svg::document(&self.picture, &self.title, &self.subtitle)
    }

    /// The chart as a PNG file, at twice the size of the SVG.
    pub fn png(&self) -> Vec<u8> {
        png::file(&self.picture)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Change, Dot, Effect, changes, effects, frontier, heat_map, tornado};

    #[test]
    fn every_chart_names_what_it_shows() {
        let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let cell = |x: usize, y: usize, value: f64| Cell { x, y, value };
        let heat = heat_map(
            "p99",
            "by floor and target",
            ("floor", &texts(&["10", "20"])),
            ("target", &texts(&["40", "60"])),
            "latency_ms.p99",
            &[cell(0, 0, 200.0), cell(1, 1, 900.0)],
        );
        let dot = |x: f64, y: f64, best: bool| Dot { x, y, half: Some((0.1, 5.0)), best, label: "floor=10".to_owned() };
        let dots = frontier(
            "Cost against p99",
            "three points",
            "cost.total",
            "latency_ms.p99",
            &[dot(1.0, 900.0, true), dot(3.0, 200.0, true), dot(4.0, 400.0, false)],
        );
        let effect = Effect { axis: "floor".to_owned(), levels: vec![("10".to_owned(), 900.0), ("20".to_owned(), 300.0)] };
        let main = effects("What moves p99", "means", "latency_ms.p99", &[effect]);
        let change = Change { label: "cost.total".to_owned(), share: -0.12, half: Some(0.01), told_apart: true };
        let compared = changes("What changes", "B against A", std::slice::from_ref(&change));
        let storm = tornado("What matters", "elasticities of p99", &[change]);
        for (chart, words) in [
            (&heat, ["floor", "target", "900 ms"]),
            (&dots, ["cost.total", "latency_ms.p99", "floor=10"]),
            (&main, ["floor", "10", "latency_ms.p99"]),
            (&compared, ["cost.total", "-12 %", "What changes"]),
            (&storm, ["cost.total", "-0.12", "What matters"]),
        ] {
            let svg = chart.svg();
            for word in words {
                assert!(svg.contains(&format!("\"{word}\"")) || svg.contains(&format!(">{word}<")), "{word} is missing in {chart:?}");
            }
            assert!(chart.png().starts_with(b"\x89PNG"));
        }
    }

    #[test]
    fn charts_of_nothing_are_drawn_all_the_same() {
        for chart in
            [heat_map("a", "b", ("x", &[]), ("y", &[]), "z", &[]), frontier("a", "b", "x", "y", &[]), effects("a", "b", "y", &[]), changes("a", "b", &[])]
        {
            assert!(chart.svg().contains("<svg"));
        }
    }
}
