//! Error ratios, margins and trends of a port, and since when its link is up.

use super::grid::{Align, Grid};
use super::{heading, line};
use crate::health::figures::Figures;
use crate::report::figures_in_words::{self as words, BER_COLUMNS};

/// Writes what is known of the port's error ratios; nothing where nothing is.
pub(super) fn write(health: &Figures, out: &mut String) {
    let rows = words::standings(health);
    let lines = words::sentences(health);
    if rows.is_empty() && lines.is_empty() {
        return;
    }
    heading("Error ratios before correction", out);
    if !rows.is_empty() {
        use Align::{Left, Right};
        let mut grid = Grid::new(&[Left, Left, Right, Right, Right, Right, Right, Left]);
        grid.row(BER_COLUMNS);
        for row in rows {
            grid.row(row);
        }
        grid.without_empty_columns("").write(2, out);
    }
    for text in &lines {
        line(text, out);
    }
}
