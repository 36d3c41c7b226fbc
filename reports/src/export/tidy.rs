//! One tidy table: a row for each value of each series.

use serde::Serialize;
use sim_core::record::Record;

use crate::columns::{POOLS, TIERS, Table, WORKLOADS};

/// A value of a series.
#[expect(clippy::struct_field_names, reason = "the columns of the table")]
#[derive(Clone, Debug, Serialize)]
pub(super) struct Value<'a> {
    /// Start of the window in seconds.
    pub t: f64,
    /// `workload`, `tier` or `pool`.
    pub kind: &'static str,
    /// Its name.
    pub name: &'a str,
    /// The column of the series.
    pub metric: &'static str,
    /// Unit of the value.
    pub unit: &'static str,
    /// The value.
    pub value: f64,
}

/// The table as CSV, with the columns `t`, `kind`, `name`, `metric`, `unit` and `value`. What has no value in a window has no row.
pub fn csv(record: &Record) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["t", "kind", "name", "metric", "unit", "value"])?;
    let mut result = Ok(());
    each(record, |value| {
        if result.is_ok() {
            result = writer.write_record([&value.t.to_string(), value.kind, value.name, value.metric, value.unit, &value.value.to_string()]);
        }
    });
    result?;
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

/// Visits every value, the series of workloads first, in the order of time.
pub(super) fn each<'a>(record: &'a Record, mut visit: impl FnMut(Value<'a>)) {
    for row in &record.workload_series {
        of_row(&WORKLOADS, row, ("workload", &row.workload, row.t), &mut visit);
    }
    for row in &record.tier_series {
        of_row(&TIERS, row, ("tier", &row.tier, row.t), &mut visit);
    }
    for row in &record.pool_series {
        of_row(&POOLS, row, ("pool", &row.pool, row.t), &mut visit);
    }
}

fn of_row<'a>(table: &Table, row: &impl Serialize, (kind, name, t): (&'static str, &'a str, f64), visit: &mut impl FnMut(Value<'a>)) {
    let Ok(fields) = serde_json::to_value(row) else { return };
    for column in table.columns.iter().filter(|column| column.name != "t" && column.name != kind) {
        // Money is a decimal in quotes.
        let value = fields.get(column.name).and_then(|value| value.as_f64().or_else(|| value.as_str()?.parse().ok()));
        if let Some(value) = value {
            visit(Value { t, kind, name, metric: column.name, unit: column.unit, value });
        }
    }
}
