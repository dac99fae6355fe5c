//! A table of text with aligned columns and no trailing blanks.

use std::fmt::Write as _;

use crate::report::plain::plain;

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows of cells under an optional head. Every cell is made fit for a terminal.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    /// A grid whose columns stand so; further columns stand left.
    pub(crate) fn new(aligns: &[Align]) -> Self {
        Self {
            aligns: aligns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let cells = cells.into_iter();
        self.rows.push(
            cells
                .map(|cell| plain(cell.as_ref()).into_owned())
                .collect(),
        );
    }

    /// Leaves out the columns that hold nothing, or `nothing`, below their head.
    pub(crate) fn without_empty_columns(mut self, nothing: &str) -> Self {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let says = |cell: &String| !cell.is_empty() && cell != nothing;
        let keep: Vec<bool> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().skip(1).filter_map(|row| row.get(column));
                cells.into_iter().any(says)
            })
            .collect();
        let mut kept = keep.iter().cycle();
        self.aligns.resize(columns, Align::Left);
        self.aligns.retain(|_| kept.next() != Some(&false));
        for row in &mut self.rows {
            let mut kept = keep.iter();
            row.retain(|_| kept.next() != Some(&false));
        }
        self
    }

    /// Writes the grid, each line after `indent` blanks, columns two apart.
    pub(crate) fn write(&self, indent: usize, out: &mut String) {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        };
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let gap = if column == 0 { "" } else { "  " };
                // Writing to a String cannot fail.
                let _ = match self.aligns.get(column).unwrap_or(&Align::Left) {
                    Align::Left => write!(line, "{gap}{cell:<width$}"),
                    Align::Right => write!(line, "{gap}{cell:>width$}"),
                };
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_say_nothing_are_left_out() {
        let mut grid = Grid::new(&[Align::Left, Align::Left, Align::Right]);
        grid.row(["lane", "app", "mW"]);
        grid.row(["1", "-", "1.0"]);
        grid.row(["", "", "22.0"]);
        let mut out = String::new();
        grid.without_empty_columns("-").write(0, &mut out);
        assert_eq!(out, "lane    mW\n1      1.0\n      22.0\n");
    }

    #[test]
    fn columns_align_and_lines_end_where_text_ends() {
        let mut grid = Grid::new(&[Align::Left, Align::Right]);
        grid.row(["port", "°C", "note"]);
        grid.row(["Ethernet10", "5.0", ""]);
        grid.row(["x", "-15.0", "cold\n"]);
        let mut out = String::new();
        grid.write(1, &mut out);
        assert_eq!(
            out,
            " port           °C  note\n Ethernet10    5.0\n x           -15.0  cold\\u{a}\n"
        );
    }
}
