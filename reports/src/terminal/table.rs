//! Tables that give up their least important columns before they give up being readable.

use std::borrow::Cow;

use comfy_table::{Cell, CellAlignment, ContentArrangement, TableStyle};
use unicode_width::UnicodeWidthStr;

use super::page::{Ink, Page, printable};

/// No rules at all: the section's title has one, and alignment does the rest.
const STYLE: TableStyle = TableStyle::new();

/// Columns between two columns, and before the first.
const GAP: usize = 2;

/// A column of a table.
pub(super) struct Column {
    title: Cow<'static, str>,
    align: CellAlignment,
    rank: u8,
}

/// Text, aligned left.
pub(super) const fn text(title: &'static str) -> Column {
    Column { title: Cow::Borrowed(title), align: CellAlignment::Left, rank: 0 }
}

/// A figure, aligned right.
pub(super) const fn figure(title: &'static str) -> Column {
    Column { title: Cow::Borrowed(title), align: CellAlignment::Right, rank: 0 }
}

impl Column {
    /// Lets the column go when the page is narrow, the highest rank first.
    pub(super) const fn expendable(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }
}

/// A table under construction.
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new<const N: usize>(columns: [Column; N]) -> Self {
        Self { columns: columns.into(), rows: Vec::new() }
    }

    /// A table whose columns are known only when it is made: names first, figures behind them.
    pub(super) fn of(names: &[String], figures: &[String]) -> Self {
        let column = |title: &String, align: CellAlignment| Column { title: Cow::Owned(printable(title)), align, rank: 0 };
        let names = names.iter().map(|title| column(title, CellAlignment::Left));
        Self { columns: names.chain(figures.iter().map(|title| column(title, CellAlignment::Right))).collect(), rows: Vec::new() }
    }

    /// Lets a column go when the page is narrow, the highest rank first.
    pub(super) fn rank(&mut self, column: usize, rank: u8) {
        if let Some(column) = self.columns.get_mut(column) {
            column.rank = rank;
        }
    }

    /// Wraps the text of a column at this width, at commas.
    pub(super) fn narrow(&mut self, column: usize, width: usize) {
        for row in &mut self.rows {
            let mut lines: Vec<String> = Vec::new();
            for part in row[column].split_inclusive(", ") {
                match lines.last_mut() {
                    Some(line) if line.width() + part.trim_end().width() <= width => line.push_str(part),
                    _ => lines.push(part.to_owned()),
                }
            }
            row[column] = lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n");
        }
    }

    /// Adds a row to a table made by [`Table::of`].
    pub(super) fn add(&mut self, cells: &[String]) {
        assert_eq!(cells.len(), self.columns.len(), "a row has a cell for each column");
        self.rows.push(cells.iter().map(|cell| printable(cell)).collect());
    }

    /// Adds a row with a cell for each column.
    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        assert_eq!(N, self.columns.len(), "a row has a cell for each column");
        self.rows.push(cells.into_iter().map(|cell| printable(&cell)).collect());
    }

    /// Writes the table. Columns without any content are left out; long texts are wrapped. Titles of columns that the page has no room for are returned.
    pub(super) fn write(mut self, page: &mut Page) -> Vec<String> {
        for i in (0..self.columns.len()).rev() {
            if self.rows.iter().all(|row| row[i].is_empty()) {
                self.drop_column(i);
            }
        }
        for column in &mut self.columns {
            column.title = Cow::Owned(page.word(&column.title));
        }
        let mut dropped = Vec::new();
        while self.natural_width() > page.width() {
            let Some(i) = (0..self.columns.len()).filter(|i| self.columns[*i].rank > 0).max_by_key(|i| self.columns[*i].rank) else { break };
            dropped.push(self.columns[i].title.to_string());
            self.drop_column(i);
        }
        dropped.reverse();
        let mut table = comfy_table::Table::new();
        table.load_style(STYLE).set_width(page.width() as u16).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(self.columns.iter().map(|column| Cell::new(&column.title)).collect::<Vec<_>>());
        for row in self.rows {
            table.add_row(row.into_iter().map(Cell::new).collect::<Vec<_>>());
        }
        for (i, column) in self.columns.iter().enumerate() {
            if let Some(styled) = table.column_mut(i) {
                styled.set_padding((GAP as u16, 0)).set_cell_alignment(column.align);
            }
        }
        for (i, line) in table.lines().enumerate() {
            if i == 0 { page.line(&[(Ink::Faint, &line)]) } else { page.marked(&line) }
        }
        dropped
    }

    fn drop_column(&mut self, i: usize) {
        self.columns.remove(i);
        for row in &mut self.rows {
            row.remove(i);
        }
    }

    /// Width without wrapping anything.
    pub(super) fn natural_width(&self) -> usize {
        let widest =
            |i: usize| self.rows.iter().flat_map(|row| row[i].lines()).map(UnicodeWidthStr::width).max().unwrap_or(0).max(self.columns[i].title.width());
        (0..self.columns.len()).map(|i| widest(i) + GAP).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, Table, figure, text};

    #[test]
    fn a_narrow_page_loses_the_expendable_columns() {
        let table = || {
            let mut table = Table::new([text("name"), figure("requests"), figure("mean of all").expendable(1), figure("empty")]);
            table.row(["web".into(), "1,000".into(), "42 ms".into(), String::new()]);
            table
        };
        let mut wide = Page::new(60, false);
        table().write(&mut wide);
        assert_eq!(wide.finish(), "  name  requests  mean of all\n  web      1,000        42 ms\n");
        let mut narrow = Page::new(20, false);
        table().write(&mut narrow);
        assert_eq!(narrow.finish(), "  name  requests\n  web      1,000\n");
    }
}
