//! The lines of one family in the text format, each with what it is sorted by.
//!
//! A scrape is some ten thousand lines, so they are written once, where they are
//! to stand, without an object for each. What comes out is what the encoder of
//! the `prometheus` crate would write: the tests hold them against each other.

use std::fmt::Write as _;
use std::ops::Range;

/// Between two label values of a key: below anything that stands in them.
const BETWEEN: char = '\0';

/// The lines of one family.
#[derive(Debug)]
pub(super) struct Rows {
    name: &'static str,
    text: String,
    /// The label values of all lines, one after the other.
    keys: String,
    rows: Vec<Row>,
}

/// Where a line and its key stand.
#[derive(Debug)]
struct Row {
    line: Range<usize>,
    key: Range<usize>,
}

impl Rows {
    /// No lines yet of the family of this name.
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            text: String::new(),
            keys: String::new(),
            rows: Vec::new(),
        }
    }

    /// Adds a line; the labels are to be the same ones each time.
    pub(super) fn add<'l>(
        &mut self,
        labels: impl Iterator<Item = &'l (&'l str, &'l str)>,
        value: f64,
    ) {
        let (line, key) = (self.text.len(), self.keys.len());
        self.text.push_str(self.name);
        let mut before = '{';
        for (name, value) in labels {
            self.text.push(before);
            self.text.push_str(name);
            self.text.push_str("=\"");
            escape(&mut self.text, value, true);
            self.text.push('"');
            before = ',';
            self.keys.push_str(value);
            self.keys.push(BETWEEN);
        }
        self.text.push_str(if before == ',' { "} " } else { " " });
        number(&mut self.text, value);
        self.text.push('\n');
        self.rows.push(Row {
            line: line..self.text.len(),
            key: key..self.keys.len(),
        });
    }

    /// All lines, sorted by their label values, the first label first.
    pub(super) fn sorted(self) -> String {
        let Self {
            text,
            keys,
            mut rows,
            ..
        } = self;
        let key = |row: &Row| keys.get(row.key.clone());
        // Mostly they are: ports come by name, and lanes by number.
        if rows.is_sorted_by_key(key) {
            return text;
        }
        rows.sort_by(|a, b| key(a).cmp(&key(b)));
        let lines = rows.iter();
        let lines = lines.filter_map(|row| text.get(row.line.clone()));
        let mut sorted = String::with_capacity(text.len());
        sorted.extend(lines);
        sorted
    }
}

/// Writes a number as short as it can be without loss.
fn number(text: &mut String, value: f64) {
    // Flags and states are most of a scrape.
    if value.to_bits() == 0 {
        text.push('0');
    } else if value.to_bits() == 1.0_f64.to_bits() {
        text.push('1');
    } else {
        // A string takes anything.
        let _ = write!(text, "{value}");
    }
}

/// Writes a text so that it stays on its line, and in its quotes if it is in some.
pub(super) fn escape(text: &mut String, raw: &str, quoted: bool) {
    let mut rest = raw;
    let special = |c: char| matches!(c, '\\' | '\n') || (quoted && c == '"');
    while let Some((plain, found, after)) = rest
        .find(special)
        .and_then(|at| Some((rest.get(..at)?, rest.get(at..=at)?, rest.get(at + 1..)?)))
    {
        text.push_str(plain);
        text.push('\\');
        text.push_str(if found == "\n" { "n" } else { found });
        rest = after;
    }
    text.push_str(rest);
}
