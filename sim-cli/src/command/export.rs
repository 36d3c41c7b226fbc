//! `overspill export`: a record in the formats of other tools.

use std::fs;
use std::io::{self, Write};

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use sim_core::record::Record;
use sim_reports::export;

use crate::args::{ExportArgs, ExportFormat};
use crate::exit::Outcome;
use crate::output;

/// When a run begins that does not say so: early enough to lie in the past of every clock.
const START: &str = "2026-01-01T00:00:00Z";

/// Runs the command.
pub(crate) fn run(args: &ExportArgs) -> anyhow::Result<Outcome> {
    let Some(stored) = output::open(&args.dir) else { return Ok(Outcome::WrongInput) };
    let record = stored.record;
    let origin = record.basis.terms.calendar.origin.clone();
    let text = args.start.as_deref().unwrap_or(if origin.is_empty() { START } else { &origin });
    let Some(start) = unix(text) else { return Ok(output::wrong(format!("`{text}` is not a time; expected one such as `{START}`"))) };
    let Some(bytes) = render(&record, args.format, start)? else {
        return Ok(output::wrong("this program was built without Parquet; build it with `--features parquet`, or export CSV"));
    };
    match &args.out {
        Some(file) => fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))?,
        None => io::stdout().lock().write_all(&bytes)?,
    }
    Ok(Outcome::Done)
}

/// The record in a format; none if the program does not have it.
fn render(record: &Record, format: ExportFormat, start: f64) -> anyhow::Result<Option<Vec<u8>>> {
    Ok(Some(match format {
        ExportFormat::Csv => export::csv(record)?,
        ExportFormat::Openmetrics => export::openmetrics(record, start).into_bytes(),
        ExportFormat::Trace => export::trace(record).into_bytes(),
        ExportFormat::Markdown => export::markdown(record).into_bytes(),
        #[cfg(feature = "parquet")]
        ExportFormat::Parquet => export::parquet(record)?,
        #[cfg(not(feature = "parquet"))]
        ExportFormat::Parquet => return Ok(None),
    }))
}

/// Unix time in seconds. A time without a zone is in UTC.
fn unix(text: &str) -> Option<f64> {
    let civil = || text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0))).ok();
    let stamp = text.parse::<Timestamp>().ok().or_else(|| Some(civil()?.to_zoned(TimeZone::UTC).ok()?.timestamp()))?;
    Some(stamp.as_millisecond() as f64 / 1000.0)
}
