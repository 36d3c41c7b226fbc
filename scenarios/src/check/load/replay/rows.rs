//! Rows of a recording: a CSV file, gzipped if its name ends in `.gz`.

use std::fs::File;
use std::io::Read;
use std::path::Path as FilePath;

use jiff::civil;
use sim_core::units::Span;

use crate::check::limits::{RECORDING_BYTES_MAX, RECORDING_ROWS_MAX};
use crate::check::{Context, code};
use crate::issue::Path;
use crate::spec::Replay;
use crate::suggest;
use crate::text::DateTime;
use crate::wording::{either, quote};

/// What is wrong with a recording, and which entry of the profile to blame.
pub(super) struct Problem {
    key: &'static str,
    message: String,
    help: Option<String>,
}

impl Problem {
    pub(super) fn at(key: &'static str, message: impl Into<String>) -> Self {
        Self { key, message: message.into(), help: None }
    }

    pub(super) fn report(self, cx: &mut Context<'_>, path: &Path) {
        cx.issues.error(code::BAD_RECORDING, path.key(self.key), self.message).help = self.help;
    }
}

/// The time of a row on the recording's own clock.
pub(super) enum Clock {
    /// A date.
    Date(civil::DateTime),
    /// Nanoseconds.
    Number(i128),
}

impl Clock {
    pub(super) fn nanos(&self) -> i128 {
        match self {
            Self::Date(date) => nanos_of(*date),
            Self::Number(nanos) => *nanos,
        }
    }
}

/// Nanoseconds from a fixed date.
pub(super) fn nanos_of(date: civil::DateTime) -> i128 {
    date.duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0)).as_nanos()
}

/// One interval.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) clock: Clock,
    pub(super) count: f64,
}

/// Reads a recording row by row.
pub(super) struct Rows {
    reader: csv::Reader<Box<dyn Read>>,
    record: csv::StringRecord,
    count: usize,
    time: Option<usize>,
    interval: Span,
    index: u64,
}

impl Rows {
    pub(super) fn open(path: &FilePath, written: &Replay, interval: Span) -> Result<Self, Problem> {
        let file = File::open(path).map_err(|error| Problem::at("file", format!("cannot read {}: {error}", quote(&written.file))))?;
        let is_packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        let bytes: Box<dyn Read> = if is_packed { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
        // A small packed file can hold an endless text.
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(Box::new(bytes.take(RECORDING_BYTES_MAX)) as Box<dyn Read>);
        let names = reader.headers().map_err(|error| wrong(&error))?.clone();
        let column = |key: &'static str, name: &str| {
            names.iter().position(|known| known == name).ok_or_else(|| {
                let mut problem = Problem::at(key, format!("the recording has no column {}", quote(name)));
                problem.help = Some(match suggest::nearest(name, names.iter()) {
                    Some(near) => format!("did you mean {}?", quote(near)),
                    None => format!("it has {}", either(names.iter())),
                });
                problem
            })
        };
        let time = match &written.time_column {
            Some(name) => Some(column("timeColumn", name)?),
            None => (names.len() > 1).then_some(0),
        };
        let count = match &written.column {
            Some(name) => column("column", name)?,
            None => names.len().saturating_sub(1),
        };
        Ok(Self { reader, record: csv::StringRecord::new(), count, time, interval, index: 0 })
    }

    fn row(&self) -> Result<Row, Problem> {
        let line = self.record.position().map_or(0, csv::Position::line);
        let text = &self.record[self.count];
        let count = text.parse().ok().filter(|count: &f64| count.is_finite() && *count >= 0.0);
        let count = count.ok_or_else(|| Problem::at("column", format!("line {line}: {} is not a count", quote(text))))?;
        let clock = match self.time {
            None => Clock::Number(i128::from(self.interval.as_nanos()) * i128::from(self.index)),
            Some(column) => {
                let text = &self.record[column];
                clock(text).ok_or_else(|| Problem::at("timeColumn", format!("line {line}: {} is neither a date nor a number of seconds", quote(text))))?
            }
        };
        Ok(Row { line, clock, count })
    }
}

fn clock(text: &str) -> Option<Clock> {
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds.abs() < 1e11).then_some(Clock::Number((seconds * 1e9).round() as i128));
    }
    text.parse::<DateTime>().ok().map(|date| Clock::Date(date.civil))
}

fn wrong(error: &csv::Error) -> Problem {
    Problem::at("file", format!("the recording is not CSV: {error}"))
}

impl Iterator for Rows {
    type Item = Result<Row, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.reader.read_record(&mut self.record);
        match read {
            Ok(false) => None,
            Ok(true) if self.index == RECORDING_ROWS_MAX => Some(Err(Problem::at("file", format!("the recording has more than {RECORDING_ROWS_MAX} rows")))),
            Ok(true) => {
                let row = self.row();
                self.index += 1;
                Some(row)
            }
            Err(error) => Some(Err(wrong(&error))),
        }
    }
}
