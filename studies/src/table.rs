//! The results of a sweep as one tidy table: a row for each run, a column for each axis and figure.
//!
//! Rows are in the order of points and replications and numbers are written with as many digits as it takes to read them back, so equal results are
//! equal bytes. Memory does not grow with the number of points: the store is read twice, first for the names of the figures.

use std::collections::BTreeSet;
use std::fmt;
use std::io;

use crate::statistics::Estimate;
use crate::statistics::order;
use crate::store::{self, Store};
use crate::sweep::entry::{self, Entry};
use crate::sweep::manifest::Manifest;

/// Columns in front of those of figures, besides the axes: an axis cannot have their names.
pub const RESERVED: [&str; 4] = ["point", "replication", "seed", "digest"];

/// Results that are not complete.
#[derive(Debug)]
pub struct Missing(pub Vec<u64>);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = self.0.iter().take(10).map(ToString::to_string).collect();
        let more = if self.0.len() > shown.len() { " and more" } else { "" };
        write!(f, "there is no result of these points: {}{more}", shown.join(", "))
    }
}

impl std::error::Error for Missing {}

/// Most missing points that are listed.
const LISTED: usize = 11;

/// Reads the results of a study in the order of its points, and passes each to `f`.
pub fn each(store: &dyn Store, manifest: &Manifest, mut f: impl FnMut(Entry) -> io::Result<()>) -> io::Result<()> {
    let mut missing = Vec::new();
    for point in 0..manifest.points {
        match store::read::<Entry>(store, &entry::name(point)).map_err(io::Error::from)? {
            Some(entry) if entry.study == manifest.id && entry.point == point => {
                if missing.is_empty() {
                    f(entry)?;
                }
            }
            _ => missing.push(point),
        }
        if missing.len() >= LISTED {
            break;
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(io::Error::new(io::ErrorKind::NotFound, Missing(missing))) }
}

/// Names of all figures that any run has.
pub fn figure_names(store: &dyn Store, manifest: &Manifest) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    each(store, manifest, |entry| {
        for outcome in &entry.outcomes {
            for name in outcome.figures.keys() {
                if !names.contains(name) {
                    names.insert(name.clone());
                }
            }
        }
        Ok(())
    })?;
    Ok(names)
}

/// Writes `results.csv`.
pub fn results(store: &dyn Store, manifest: &Manifest, names: &BTreeSet<String>, out: impl io::Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let columns = ["point"].into_iter().chain(manifest.axes.iter().map(String::as_str)).chain(["replication", "seed", "digest"]);
    writer.write_record(columns.chain(names.iter().map(String::as_str)))?;
    each(store, manifest, |entry| {
        for (replication, outcome) in entry.outcomes.iter().enumerate() {
            writer.write_field(entry.point.to_string())?;
            entry.values.iter().try_for_each(|value| writer.write_field(value))?;
            writer.write_field(replication.to_string())?;
            writer.write_field(outcome.seed.to_string())?;
            writer.write_field(&outcome.digest)?;
            for name in names {
                writer.write_field(outcome.figures.get(name).map_or_else(String::new, ToString::to_string))?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    })?;
    writer.flush()
}

/// Writes `estimates.csv`: a row for each point and figure to show, with its mean and median and their intervals.
pub fn estimates(store: &dyn Store, manifest: &Manifest, shown: &[String], out: impl io::Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let columns = ["point"].into_iter().chain(manifest.axes.iter().map(String::as_str));
    writer.write_record(columns.chain(["figure", "n", "mean", "sd", "low", "high", "median", "median_low", "median_high"]))?;
    each(store, manifest, |entry| {
        for figure in shown {
            let values: Vec<f64> = entry.outcomes.iter().filter_map(|outcome| outcome.figures.get(figure).copied()).collect();
            let Some(estimate) = Estimate::of(&values, manifest.confidence) else { continue };
            let median = order::quantile(&values, 0.5, manifest.confidence);
            let interval = median.and_then(|median| median.interval);
            writer.write_field(entry.point.to_string())?;
            entry.values.iter().try_for_each(|value| writer.write_field(value))?;
            writer.write_field(figure)?;
            writer.write_field(estimate.n.to_string())?;
            let numbers = [Some(estimate.mean), estimate.sd, estimate.low(), estimate.high(), median.map(|median| median.value)];
            for number in numbers.into_iter().chain([interval.map(|interval| interval.0), interval.map(|interval| interval.1)]) {
                writer.write_field(number.map_or_else(String::new, |number| number.to_string()))?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    })?;
    writer.flush()
}
