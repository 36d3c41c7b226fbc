//! The table of results as Parquet.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use crate::store::Store;
use crate::sweep::manifest::Manifest;
use crate::table;

/// Rows of a row group: what is held in memory at once.
const ROWS: usize = 4096;

/// A run of the table.
struct Row {
    point: i64,
    values: Vec<String>,
    replication: i64,
    seed: i64,
    digest: String,
    figures: Vec<Option<f64>>,
}

/// Writes the same table as [`table::results`]: numbers of points, replications and seeds as integers, figures as doubles (null where a run has none), axes
/// as text.
pub fn write(store: &dyn Store, manifest: &Manifest, names: &BTreeSet<String>, out: &mut (impl Write + Send)) -> io::Result<()> {
    let properties = Arc::new(WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("overspill".to_owned()).build());
    let schema = Arc::new(schema(manifest, names).map_err(failed)?);
    let mut writer = SerializedFileWriter::new(out, schema, properties).map_err(failed)?;
    let mut rows = Vec::new();
    table::each(store, manifest, |entry| {
        for (replication, outcome) in entry.outcomes.iter().enumerate() {
            rows.push(Row {
                point: entry.point as i64,
                values: entry.values.clone(),
                replication: replication as i64,
                seed: outcome.seed as i64,
                digest: outcome.digest.clone(),
                figures: names.iter().map(|name| outcome.figures.get(name).copied()).collect(),
            });
            if rows.len() == ROWS {
                group(&mut writer, &rows).map_err(failed)?;
                rows.clear();
            }
        }
        Ok(())
    })?;
    if !rows.is_empty() {
        group(&mut writer, &rows).map_err(failed)?;
    }
    writer.close().map(|_| ()).map_err(failed)
}

fn schema(manifest: &Manifest, names: &BTreeSet<String>) -> Result<Type, ParquetError> {
    let column = |name: &str, physical: Physical| {
        let text = (physical == Physical::BYTE_ARRAY).then_some(LogicalType::String);
        let repetition = if physical == Physical::DOUBLE { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        Type::primitive_type_builder(name, physical).with_repetition(repetition).with_logical_type(text).build().map(Arc::new)
    };
    let mut columns = vec![column("point", Physical::INT64)?];
    for axis in &manifest.axes {
        columns.push(column(axis, Physical::BYTE_ARRAY)?);
    }
    columns.extend([column("replication", Physical::INT64)?, column("seed", Physical::INT64)?, column("digest", Physical::BYTE_ARRAY)?]);
    for name in names {
        columns.push(column(name, Physical::DOUBLE)?);
    }
    Type::group_type_builder("results").with_fields(columns).build()
}

/// Writes rows column by column.
fn group(writer: &mut SerializedFileWriter<impl Write + Send>, rows: &[Row]) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    let axes = rows[0].values.len();
    let mut at = 0;
    while let Some(mut column) = group.next_column()? {
        match column.untyped() {
            ColumnWriter::Int64ColumnWriter(column) => {
                let value = |row: &Row| match at {
                    0 => row.point,
                    at if at == axes + 1 => row.replication,
                    _ => row.seed,
                };
                column.write_batch(&rows.iter().map(value).collect::<Vec<_>>(), None, None)?;
            }
            ColumnWriter::ByteArrayColumnWriter(column) => {
                let value = |row: &Row| ByteArray::from(row.values.get(at - 1).unwrap_or(&row.digest).as_str());
                column.write_batch(&rows.iter().map(value).collect::<Vec<_>>(), None, None)?;
            }
            ColumnWriter::DoubleColumnWriter(column) => {
                let values = || rows.iter().map(|row| row.figures[at - axes - 4]);
                let levels: Vec<i16> = values().map(|value| i16::from(value.is_some())).collect();
                column.write_batch(&values().flatten().collect::<Vec<_>>(), Some(&levels), None)?;
            }
            _ => unreachable!("the schema has columns of three kinds"),
        }
        column.close()?;
        at += 1;
    }
    group.close().map(|_| ())
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}
