//! Rows of a recording: a CSV file, gzipped if its name ends in `.gz`.

use std::fs::File;
use std::io::Read;
use std::path::Path as FilePath;

use jiff::civil;
use sim_core::units::Span;

use crate::check::limits::{RECORDING_BYTES_MAX, RECORDING_ROWS_MAX};
use crate::check::{Context, code};
use crate::issue::Path;
use crate::suggest;
use crate::text::DateTime;
use crate::wording::{either, quote};

/// What is wrong with a recording, and which entry of the profile to blame.
pub(in super::super) struct Problem {
    key: &'static str,
    message: String,
    help: Option<String>,
}

impl Problem {
    pub(in super::super) fn at(key: &'static str, message: impl Into<String>) -> Self {
        Self { key, message: message.into(), help: None }
    }

    pub(in super::super) fn report(self, cx: &mut Context<'_>, path: &Path) {
        cx.issues.error(code::BAD_RECORDING, path.key(self.key), self.message).help = self.help;
    }
}

/// The time of a row on the recording's own clock.
pub(in super::super) enum Clock {
    /// A date.
    Date(civil::DateTime),
    /// Nanoseconds.
    Number(i128),
}

impl Clock {
    pub(in super::super) fn nanos(&self) -> i128 {
        match self {
            Self::Date(date) => nanos_of(*date),
            Self::Number(nanos) => *nanos,
        }
    }
}

/// Nanoseconds from a fixed date.
pub(in super::super) fn nanos_of(date: civil::DateTime) -> i128 {
    date.duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0)).as_nanos()
}

/// One interval.
pub(in super::super) struct Row {
    pub(in super::super) line: u64,
    pub(in super::super) clock: Clock,
    pub(in super::super) count: f64,
}

/// Reads a recording row by row.
pub(in super::super) struct Rows {
    reader: csv::Reader<Box<dyn Read>>,
    record: csv::StringRecord,
    /// None counts each row as one.
    count: Option<usize>,
    time: Option<usize>,
    /// Which entry of the profile is about times.
    time_key: &'static str,
    /// What a row without a time takes.
    interval: Span,
    /// What one unit of a number is.
    unit: Span,
    index: u64,
}

/// What to read from a recording.
pub(in super::super) struct Columns<'a> {
    /// Name of the file, as written.
    pub(in super::super) file: &'a str,
    /// Which entry of the profile names the time column, and the name; the first column without one, if there are several or the time is needed.
    pub(in super::super) time: (&'static str, Option<&'a str>),
    /// The same for the counts, if rows have any; the last column without a name.
    pub(in super::super) count: Option<(&'static str, Option<&'a str>)>,
    /// What a row without a time takes.
    pub(in super::super) interval: Span,
    /// What one unit of a number is.
    pub(in super::super) unit: Span,
}

impl Rows {
    pub(in super::super) fn open(path: &FilePath, columns: &Columns<'_>) -> Result<Self, Problem> {
        let file = File::open(path).map_err(|error| Problem::at("file", format!("cannot read {}: {error}", quote(columns.file))))?;
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
        let time = match columns.time {
            (key, Some(name)) => Some(column(key, name)?),
            (_, None) => (names.len() > 1 || columns.count.is_none()).then_some(0),
        };
        let count = match columns.count {
            Some((key, Some(name))) => Some(column(key, name)?),
            Some((_, None)) => Some(names.len().saturating_sub(1)),
            None => None,
        };
        let time_key = columns.time.0;
        Ok(Self { reader, record: csv::StringRecord::new(), count, time, time_key, interval: columns.interval, unit: columns.unit, index: 0 })
    }

    fn row(&self) -> Result<Row, Problem> {
        let line = self.record.position().map_or(0, csv::Position::line);
        let count = match self.count {
            None => 1.0,
            Some(column) => {
                let text = &self.record[column];
                let count = text.parse().ok().filter(|count: &f64| count.is_finite() && *count >= 0.0);
                count.ok_or_else(|| Problem::at("column", format!("line {line}: {} is not a count", quote(text))))?
            }
        };
        let clock = match self.time {
            None => Clock::Number(i128::from(self.interval.as_nanos()) * i128::from(self.index)),
            Some(column) => {
                let text = &self.record[column];
                clock(text, self.unit).ok_or_else(|| Problem::at(self.time_key, format!("line {line}: {} is neither a date nor a number", quote(text))))?
            }
        };
        Ok(Row { line, clock, count })
    }
}

fn clock(text: &str, unit: Span) -> Option<Clock> {
    if let Ok(number) = text.parse::<f64>() {
        let seconds = number * unit.as_secs_f64();
        return (seconds.abs() < 1e11).then_some(Clock::Number((number * unit.as_nanos() as f64).round() as i128));
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
