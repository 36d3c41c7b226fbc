//! Charts of a record, as SVG and PNG that show their text on a machine without any font.
//!
//! [`all`] decides what is worth a picture; [`ChartSpec`] says what a picture shows; plotters lays it out. The same record gives the
//! same bytes every time.

mod axis;
mod cjk;
mod font;
mod layout;
mod legend;
pub mod palette;
mod picture;
mod plot;
mod png;
mod sample;
pub mod spec;
pub mod study;
mod svg;
mod ticks;
mod topics;

use sim_core::record::Record;

use picture::Picture;
use spec::ChartSpec;

use crate::lang::Lang;

/// A chart with the name of its file.
#[derive(Clone, Debug)]
pub struct NamedChart {
    /// File name without ending, for instance `latency-web`.
    pub name: String,
    /// What it shows.
    pub spec: ChartSpec,
}

/// Every chart that says something about `record`: load, replicas, latency by service, what it is made of, nodes of pools, utilisation, start-up, cost, jobs.
pub fn all(record: &Record) -> Vec<NamedChart> {
    let mut charts: Vec<NamedChart> = Vec::new();
    let mut add = |name: &str, spec: Option<ChartSpec>| {
        if let Some(spec) = spec {
            let name = file_name(name, &charts);
            charts.push(NamedChart { name, spec });
        }
    };
    add("load", topics::load::spec(record));
    add("replicas", topics::replicas::spec(record));
    for service in record.summary.workloads.keys() {
        add(&format!("latency-{service}"), topics::latency::spec(record, service));
    }
    add("latency-parts", topics::latency_parts::spec(record));
    add("nodes", topics::nodes::spec(record));
    add("utilization", topics::utilization::spec(record));
    add("startup", topics::startup::spec(record));
    add("cost", topics::cost::spec(record));
    add("jobs", topics::jobs::spec(record));
    charts
}

/// `name` without what means something in a path, and different from the names of `others`.
fn file_name(name: &str, others: &[NamedChart]) -> String {
    let mut name: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' }).collect();
    while others.iter().any(|other| other.name == name) {
        name.push('_');
    }
    name
}

impl NamedChart {
    /// The chart as an SVG document. Chinese words are shown by the viewer's own font.
    pub fn svg(&self, lang: Lang) -> String {
        let spec = self.spec.clone().in_words_of(lang);
        svg::document(&picture(&spec, lang), &spec.title, spec.subtitle.get(lang))
    }

    /// The chart as a PNG file, at twice the size of the SVG. Without a Chinese font on this machine Chinese charts are in English: see [`writes_chinese`].
    pub fn png(&self, lang: Lang) -> Vec<u8> {
        let lang = if writes_chinese() { lang } else { Lang::En };
        png::file(&picture(&self.spec.clone().in_words_of(lang), lang))
    }
}

/// Whether this machine has a font for Chinese words in PNG charts.
pub fn writes_chinese() -> bool {
    cjk::face().is_some()
}

fn picture(spec: &ChartSpec, lang: Lang) -> Picture {
    layout::draw(spec, lang).expect("recording shapes cannot fail")
}
