//! Tables: columns as wide as what stands in them, for people and for `awk`.

use console::{Alignment, measure_text_width, pad_str};

use crate::talk::{Ungiven, give, harmless};

/// What stands where there is nothing.
pub(crate) const NOTHING: &str = "-";

/// A column.
pub(crate) struct Column {
    title: &'static str,
    side: Alignment,
}

/// A column of words.
pub(crate) fn words(title: &'static str) -> Column {
    Column { title, side: Alignment::Left }
}

/// A column of numbers, which are compared by their ends.
pub(crate) fn numbers(title: &'static str) -> Column {
    Column { title, side: Alignment::Right }
}

/// A table.
pub(crate) struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(crate) fn new(columns: [Column; N]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row. Nothing in it can break the lines or drive the terminal.
    pub(crate) fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| harmless(&cell).replace('\n', " ")));
    }

    /// Gives the table on standard output.
    pub(crate) fn give(&self) -> Result<(), Ungiven> {
        self.lines().iter().try_for_each(give)
    }

    fn lines(&self) -> Vec<String> {
        let head = self.columns.each_ref().map(|column| column.title.to_owned());
        let all: Vec<&[String; N]> = std::iter::once(&head).chain(&self.rows).collect();
        let width = |place: usize| {
            all.iter()
                .filter_map(|row| row.get(place))
                .map(|cell| measure_text_width(cell))
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..N).map(width).collect();
        let line = |row: &&[String; N]| {
            let cells = row.iter().zip(&self.columns).zip(&widths);
            let cells = cells.map(|((cell, column), width)| pad_str(cell, *width, column.side, None));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        all.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let mut table = Table::new([words("NAME"), numbers("TOKENS"), words("NOTE")]);
        table.row(["owls\n日本".to_owned(), "7".to_owned(), String::new()]);
        table.row(["a".to_owned(), "12,345,678".to_owned(), "\u{1b}[2J".to_owned()]);
        assert_eq!(
            table.lines(),
            ["NAME           TOKENS  NOTE", "owls 日本           7", "a          12,345,678  [2J",]
        );
    }
}
