//! Rows as CSV and JSON lines.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::error::{At, RecordDirError};
use crate::columns::Table;

/// Writes `rows` under the headers of `table`, which are there even without any row.
pub(super) fn csv<R: Serialize>(folder: &Path, table: &Table, rows: &[R]) -> Result<(), RecordDirError> {
    let path = folder.join(table.file);
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(File::create(&path).at(&path)?);
    writer.write_record(table.columns.iter().map(|column| column.name)).at(&path)?;
    for row in rows {
        writer.serialize(row).at(&path)?;
    }
    writer.flush().at(&path)
}

/// Writes one JSON object a line.
pub(super) fn json_lines<R: Serialize>(folder: &Path, file: &str, rows: &[R]) -> Result<(), RecordDirError> {
    let path = folder.join(file);
    let mut writer = BufWriter::new(File::create(&path).at(&path)?);
    for row in rows {
        serde_json::to_writer(&mut writer, row).at(&path)?;
        writer.write_all(b"\n").at(&path)?;
    }
    writer.flush().at(&path)
}

/// Writes one object over several lines, for readers.
pub(super) fn json<T: Serialize>(folder: &Path, file: &str, value: &T) -> Result<(), RecordDirError> {
    let path = folder.join(file);
    let mut writer = BufWriter::new(File::create(&path).at(&path)?);
    serde_json::to_writer_pretty(&mut writer, value).at(&path)?;
    writer.write_all(b"\n").at(&path)?;
    writer.flush().at(&path)
}
