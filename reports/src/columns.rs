//! What the columns of a record's tables mean: the only place where they are described.
//!
//! The writers take their headers from here and a test compares these with the fields of the rows, so a column cannot be added, renamed
//! or moved without its description. `COLUMNS.md` is this file rendered.

mod tables;

pub use tables::{DECISIONS, LEDGER, NODES, PODS, POOLS, TIERS, WORKLOADS};

/// A column, or a key of a JSON line.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name in the file.
    pub name: &'static str,
    /// Unit; empty for names and texts.
    pub unit: &'static str,
    /// What it says, as a sentence.
    pub meaning: &'static str,
}

/// A file of the record that holds rows.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Name in the record's folder.
    pub file: &'static str,
    /// What a row is, as a sentence.
    pub row: &'static str,
    /// Columns in the order of the file.
    pub columns: &'static [Column],
}

/// Every table of a record.
pub const TABLES: [&Table; 7] = [&WORKLOADS, &TIERS, &POOLS, &PODS, &NODES, &LEDGER, &DECISIONS];

/// The column reference as Markdown.
pub fn markdown() -> String {
    let mut page = String::from("# Columns of a record\n\nGenerated from `src/columns/tables.rs`; a test compares the two.\n");
    page += "Empty cells mean \"no value\": a phase that was not reached, a window in which nothing completed.\n";
    page += "Money is a decimal with all its places; times are seconds since the start of the run.\n";
    for table in TABLES {
        page += &format!("\n## {}\n\n{}\n\n| column | unit | meaning |\n|---|---|---|\n", table.file, table.row);
        for column in table.columns {
            page += &format!("| `{}` | {} | {} |\n", column.name, column.unit, column.meaning);
        }
    }
    page
}
