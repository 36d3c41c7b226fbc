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
use super::{png, svg, writes_chinese};
use crate::lang::{Both, Lang};

/// A chart of a study, in both languages.
pub struct StudyChart {
    title: Both,
    subtitle: Both,
    english: Picture,
    chinese: Picture,
}

impl std::fmt::Debug for StudyChart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StudyChart").field("title", &self.title.en).finish_non_exhaustive()
    }
}

impl StudyChart {
    fn drawn(title: &str, subtitle: &str, draw: impl Fn(Lang) -> Picture) -> Self {
        Self { title: Both::of(title), subtitle: Both::of(subtitle), english: draw(Lang::En), chinese: draw(Lang::Zh) }
    }

    fn picture(&self, lang: Lang) -> &Picture {
        if lang == Lang::Zh { &self.chinese } else { &self.english }
    }

    /// The chart as an SVG document. Chinese words are shown by the viewer's own font.
    pub fn svg(&self, lang: Lang) -> String {
        svg::document(self.picture(lang), self.title.get(lang), self.subtitle.get(lang))
    }

    /// The chart as a PNG file, at twice the size of the SVG. Without a Chinese font on this machine Chinese charts are in English: see [`writes_chinese`].
    pub fn png(&self, lang: Lang) -> Vec<u8> {
        png::file(self.picture(if writes_chinese() { lang } else { Lang::En }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Change, Dot, Effect, Lang, changes, effects, frontier, heat_map, tornado};

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
            let svg = chart.svg(Lang::En);
            for word in words {
                assert!(svg.contains(&format!("\"{word}\"")) || svg.contains(&format!(">{word}<")), "{word} is missing in {chart:?}");
            }
            assert!(chart.png(Lang::Zh).starts_with(b"\x89PNG"));
        }
    }

    #[test]
    fn charts_speak_chinese_and_leave_figures_and_axes_as_they_are() {
        let subtitle = "shop, 3 points, 5 replications each on common random numbers; means over all points with a value";
        let chart = effects("What moves latency_ms.p99", subtitle, "latency_ms.p99", &[]).svg(Lang::Zh);
        assert!(chart.contains("影响 latency_ms.p99 的因素") && chart.contains("shop，3 个点，每个点用公共随机数重复 5 次；对取该值的所有点取平均"), "{chart}");
    }

    #[test]
    fn charts_of_nothing_are_drawn_all_the_same() {
        for chart in
            [heat_map("a", "b", ("x", &[]), ("y", &[]), "z", &[]), frontier("a", "b", "x", "y", &[]), effects("a", "b", "y", &[]), changes("a", "b", &[])]
        {
            assert!(chart.svg(Lang::Zh).contains("<svg"));
        }
    }
}
