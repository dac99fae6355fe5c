//! The text that is being read: places in it, and the mistakes found so far.

use std::cell::RefCell;
use std::path::Path;

use super::{Mistake, Spot};

/// A file's text with the mistakes found in it so far.
#[derive(Debug)]
pub(super) struct Source<'a> {
    text: &'a str,
    file: &'a Path,
    line_starts: Vec<usize>,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'a> Source<'a> {
    /// A text without mistakes as yet.
    pub(super) fn new(text: &'a str, file: &'a Path) -> Self {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            file,
            line_starts: std::iter::once(0).chain(after_breaks).collect(),
            mistakes: RefCell::default(),
        }
    }

    /// The place of a byte of the text.
    pub(super) fn spot(&self, byte: usize) -> Spot {
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let start = line.checked_sub(1).and_then(|n| self.line_starts.get(n));
        let before = start.and_then(|start| self.text.get(*start..byte));
        Spot {
            line,
            column: before.map_or(1, |text| text.chars().count() + 1),
        }
    }

    /// Remembers a mistake.
    pub(super) fn mistake(&self, spot: Spot, message: impl Into<String>) {
        let mistake = spot.mistake(self.file, message);
        self.mistakes.borrow_mut().push(mistake);
    }

    /// Every mistake in the order of the text.
    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        mistakes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = Source::new("a\nµµ = 1\n", Path::new("f"));
        assert_eq!(source.spot(0), Spot { line: 1, column: 1 });
        assert_eq!(source.spot(2), Spot { line: 2, column: 1 });
        assert_eq!(source.spot(7), Spot { line: 2, column: 4 });
        assert_eq!(source.spot(11).line, 3);
        assert_eq!(source.spot(999), Spot { line: 3, column: 1 });
    }
}
