//! Recorded faults.

use std::fs::File;
use std::io::Read;

use sim_core::plan::{Backoff, FaultBegins, FaultKind, Faults, InstanceScope, PodsHit, Repair};
use sim_core::units::{Span, Time};

use super::targets::Targets;
use super::{mode, push};
use crate::check::limits::{RECORDING_BYTES_MAX, SPAN_MAX};
use crate::check::{Context, code};
use crate::issue::Path;
use crate::spec::FaultTrace;
use crate::wording::quote;

/// Most rows of a trace.
const ROWS_MAX: usize = 100_000;

/// Adds the faults of a trace.
pub(super) fn read(cx: &mut Context<'_>, written: &FaultTrace, targets: &Targets<'_>, path: &Path, faults: &mut Faults) {
    let place = path.key("file");
    let unit = written.unit.map_or(Span::from_secs(1), |unit| unit.0);
    if unit.is_zero() || unit > SPAN_MAX {
        cx.issues.error(code::TOO_SMALL, path.key("unit"), "a unit of time is longer than 0 and at most 10 years");
        return;
    }
    let located = match cx.files.locate(&place, &written.file) {
        Ok(located) => located,
        Err(problem) => {
            problem.report(cx.issues, place);
            return;
        }
    };
    let file = match File::open(&located.path) {
        Ok(file) => file,
        Err(error) => {
            cx.issues.error(code::BAD_RECORDING, &place, format!("cannot read {}: {error}", quote(&written.file)));
            return;
        }
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file.take(RECORDING_BYTES_MAX));
    let columns = match columns(&mut reader) {
        Ok(columns) => columns,
        Err(message) => {
            cx.issues.error(code::BAD_RECORDING, &place, message).with_help("it needs the columns `start`, `end`, `kind` and `target`");
            return;
        }
    };
    for (row, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) if row < ROWS_MAX => record,
            Ok(_) => {
                cx.issues.error(code::BAD_RECORDING, &place, format!("the recording has more than {ROWS_MAX} rows"));
                return;
            }
            Err(error) => {
                cx.issues.error(code::BAD_RECORDING, &place, format!("the recording is not CSV: {error}"));
                return;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let [start, end, kind, target] = columns.map(|column| record.get(column).unwrap_or_default());
        let problems = cx.issues.len();
        if let Err(message) = row_of(cx, (start, end, kind, target), unit, written, targets, &place, faults) {
            cx.issues.error(code::BAD_RECORDING, &place, format!("line {line}: {message}"));
        }
        if cx.issues.len() > problems + 20 {
            return;
        }
    }
}

fn columns(reader: &mut csv::Reader<impl Read>) -> Result<[usize; 4], String> {
    let names = reader.headers().map_err(|error| format!("the recording is not CSV: {error}"))?;
    let column = |name: &str| names.iter().position(|known| known == name).ok_or_else(|| format!("the recording has no column {}", quote(name)));
    Ok([column("start")?, column("end")?, column("kind")?, column("target")?])
}

fn row_of(
    cx: &mut Context<'_>,
    (start, end, kind, target): (&str, &str, &str, &str),
    unit: Span,
    written: &FaultTrace,
    targets: &Targets<'_>,
    place: &Path,
    faults: &mut Faults,
) -> Result<(), String> {
    let start = moment(start, unit)?;
    let repair = if end.is_empty() {
        Repair::Never
    } else {
        let end = moment(end, unit)?;
        if end <= start {
            return Err("it ends before it starts".to_owned());
        }
        Repair::After(end.since(start))
    };
    let times = (FaultBegins::At(start), repair);
    let mode = mode(written.mode);
    match kind {
        "zoneOutage" => {
            if targets.zone(cx, target, place) {
                push(faults, format!("zone {target}"), &times, FaultKind::Zone { zone: target.to_owned(), mode });
            }
        }
        "nodeCrash" => {
            for node in targets.nodes(cx, target, place) {
                push(faults, format!("node {target}"), &times, FaultKind::Node { node, mode });
            }
        }
        "partition" => {
            if targets.zones().contains(target) {
                push(faults, format!("zone {target}"), &times, FaultKind::Partition { zone: Some(target.to_owned()), node: None, serves: true });
            } else {
                for node in targets.nodes(cx, target, place) {
                    push(faults, format!("node {target}"), &times, FaultKind::Partition { zone: None, node: Some(node), serves: true });
                }
            }
        }
        "instanceFailure" => {
            let workload = if target.is_empty() { Some(None) } else { targets.workload(cx, target, place).map(Some) };
            if let Some(workload) = workload {
                let of = InstanceScope { workload, tier: None };
                push(faults, format!("instances of {target}"), &(times.0, Repair::Never), FaultKind::Instances { of, count: 1 });
            }
        }
        "registry" => {
            if let Some(registry) = targets.registry(cx, target, place) {
                push(faults, format!("registry {target}"), &times, FaultKind::Registry { registry, share: 0.0, fails: true });
            }
        }
        "providerApi" => {
            if let Some(provider) = targets.provider(cx, target, place) {
                let kind = FaultKind::Api { provider, errors: 1.0, limit: None, backoff: Backoff::default() };
                push(faults, format!("API of {target}"), &times, kind);
            }
        }
        "readinessFlap" => {
            if let Some(service) = targets.service(cx, target, place) {
                push(faults, format!("probes of {target}"), &times, FaultKind::Readiness { service, pods: PodsHit::Count(1) });
            }
        }
        other => return Err(format!("{} is not a kind of fault", quote(other))),
    }
    Ok(())
}

/// An instant: a number of units, or a duration since the start.
fn moment(text: &str, unit: Span) -> Result<Time, String> {
    let wrong = || format!("{} is neither a number nor a duration", quote(text));
    let span = match text.parse::<f64>() {
        Ok(number) if (0.0..1e12).contains(&number) => Span::from_secs_f64(number * unit.as_secs_f64()),
        Ok(_) => return Err(wrong()),
        Err(_) => text.parse::<Span>().map_err(|_| wrong())?,
    };
    if span > SPAN_MAX { Err("a time of at most 10 years is possible".to_owned()) } else { Ok(Time::ZERO + span) }
}
