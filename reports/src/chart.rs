//! Charts of a record, as SVG and PNG that show their text on a machine without any font.
//!
//! [`all`] decides what is worth a picture; [`ChartSpec`] says what a picture shows; plotters lays it out. The same record gives the
//! same bytes every time.

mod axis;
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

use crate::words;

/// A chart with the name of its file.
#[derive(Clone, Debug)]
pub struct NamedChart {
    /// File name without ending, for instance `latency-web`.
    pub name: String,
    /// What it shows.
    pub spec: ChartSpec,
}

/// Every chart that says something about `record`: load, replicas, latency by service, utilisation, start-up, cost, jobs.
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
    /// The chart as an SVG document.
    pub fn svg(&self) -> String {
        svg::document(&self.picture(), &self.spec.title, &self.spec.subtitle)
    }

    /// The chart as a PNG file, at twice the size of the SVG.
    pub fn png(&self) -> Vec<u8> {
        png::file(&self.picture())
    }

    /// The chart as an SVG document with Chinese words, which the viewer's own font shows. The subtitle and names stay as they are.
    pub fn svg_in_chinese(&self) -> String {
        let spec = self.spec.clone().in_other_words(words::zh);
        let picture = layout::draw(&spec, words::zh).expect("recording shapes cannot fail");
        svg::document(&picture, &spec.title, &spec.subtitle)
    }

    fn picture(&self) -> Picture {
        layout::draw(&self.spec, str::to_owned).expect("recording shapes cannot fail")
    }
}
