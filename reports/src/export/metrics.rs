//! Samples of metrics, gathered by family and by series as OpenMetrics wants them.

use std::collections::BTreeMap;

/// A family of metrics.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    /// Name of its samples; a counter's ends with `_total`.
    pub name: &'static str,
    /// Whether it only grows.
    pub is_counter: bool,
    /// What it says.
    pub help: &'static str,
}

impl Family {
    pub(super) const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, is_counter: false, help }
    }

    pub(super) const fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, is_counter: true, help }
    }
}

/// Values over time, by labels.
type ByLabels = BTreeMap<String, Vec<(f64, f64)>>;

/// Samples of all families.
#[derive(Debug, Default)]
pub(super) struct Samples {
    families: Vec<(Family, ByLabels)>,
}

impl Samples {
    /// Adds a sample: `t` in seconds since the start of the run, later than the one before of the same series.
    pub(super) fn add(&mut self, family: Family, labels: &[(&str, &str)], t: f64, value: f64) {
        let place = self.families.iter().position(|entry| entry.0.name == family.name).unwrap_or_else(|| {
            self.families.push((family, BTreeMap::new()));
            self.families.len() - 1
        });
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        self.families[place].1.entry(labels.join(",")).or_default().push((t, value));
    }

    /// Adds a series that has one value at all these times: what somebody is, or may have.
    pub(super) fn hold(&mut self, family: Family, labels: &[(&str, &str)], times: &[f64], value: f64) {
        for t in times {
            self.add(family, labels, *t, value);
        }
    }

    /// The exposition, with times counted from `start`, in Unix seconds.
    pub(super) fn render(&self, start: f64) -> String {
        let mut text = String::new();
        for (family, series) in &self.families {
            let (name, kind) = if family.is_counter { (family.name.trim_end_matches("_total"), "counter") } else { (family.name, "gauge") };
            text += &format!("# HELP {name} {}\n# TYPE {name} {kind}\n", family.help);
            for (labels, samples) in series {
                for (t, value) in samples {
                    text += &format!("{}{{{labels}}} {value} {:.3}\n", family.name, start + t);
                }
            }
        }
        text + "# EOF\n"
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
