//! The tidy table as Parquet.

use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use sim_core::record::Record;

use super::tidy::{self, Value};

/// Rows of a row group.
const ROWS: usize = 1 << 16;

/// The same rows and columns as the CSV: times and values as doubles, the rest as text.
pub fn parquet(record: &Record) -> io::Result<Vec<u8>> {
    let mut rows = Vec::new();
    tidy::each(record, |value| rows.push(value));
    write(&rows).map_err(io::Error::other)
}

fn write(rows: &[Value<'_>]) -> Result<Vec<u8>, ParquetError> {
    let column = |name: &str, physical: Physical| {
        let text = (physical == Physical::BYTE_ARRAY).then_some(LogicalType::String);
        Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED).with_logical_type(text).build().map(Arc::new)
    };
    let texts = ["kind", "name", "metric", "unit"].map(|name| column(name, Physical::BYTE_ARRAY));
    let mut columns = vec![column("t", Physical::DOUBLE)?];
    columns.extend(texts.into_iter().collect::<Result<Vec<_>, _>>()?);
    columns.push(column("value", Physical::DOUBLE)?);
    let schema = Arc::new(Type::group_type_builder("series").with_fields(columns).build()?);
    let properties = Arc::new(WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("overspill".to_owned()).build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties)?;
    for rows in rows.chunks(ROWS) {
        let mut group = writer.next_row_group()?;
        let mut at = 0;
        while let Some(mut column) = group.next_column()? {
            match column.untyped() {
                ColumnWriter::ByteArrayColumnWriter(column) => {
                    let text = |row: &Value<'_>| ByteArray::from([row.kind, row.name, row.metric, row.unit][at - 1]);
                    column.write_batch(&rows.iter().map(text).collect::<Vec<_>>(), None, None)?;
                }
                ColumnWriter::DoubleColumnWriter(column) => {
                    let number = |row: &Value<'_>| if at == 0 { row.t } else { row.value };
                    column.write_batch(&rows.iter().map(number).collect::<Vec<_>>(), None, None)?;
                }
                _ => unreachable!("the schema has columns of two kinds"),
            }
            column.close()?;
            at += 1;
        }
        group.close()?;
    }
    writer.close()?;
    Ok(bytes)
}
