//! TOML files read with positions: every mistake at once, each with file, line,
//! column and the nearest word that would have been right.
//!
//! [`read`] parses the text and hands the root [`Table`] to a function that asks
//! it for keys. A key nobody asked for is a mistake, so the list of valid keys
//! is never written down a second time.

mod field;
mod once;
mod ranges;
mod source;
mod table;

use std::fmt;
use std::path::{Path, PathBuf};

pub use field::Field;
pub use once::Once;
pub use ranges::{LONGEST_RANGE, RangeMistake, expand};
pub use table::Table;

use source::Source;

/// One mistake in a file that an operator wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file.display(),
            self.line,
            self.column,
            self.message
        )
    }
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Spot {
    /// The mistake of this place in a file.
    pub fn mistake(self, file: &Path, message: impl Into<String>) -> Mistake {
        Mistake {
            file: file.to_owned(),
            line: self.line,
            column: self.column,
            message: message.into(),
        }
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub spot: Spot,
}

/// Reads a file: parses `text`, lets `reader` ask the root table for its keys,
/// and returns what it made of them. `file` names the file in mistakes.
///
/// `reader` must always make something, whatever was wrong; it is thrown away
/// if there was a mistake.
///
/// # Errors
/// Every mistake in the file, in the order of the text. Where the text is not
/// TOML only that is told: what the rest means is not certain then. A key given
/// twice is the exception, as the rest stays readable.
pub fn read<T>(
    text: &str,
    file: &Path,
    reader: impl FnOnce(&mut Table<'_>) -> T,
) -> Result<T, Vec<Mistake>> {
    let source = Source::new(text, file);
    let (document, errors) = toml::de::DeTable::parse_recoverable(text);
    let broken = errors.iter().any(|e| e.message() != DUPLICATE_KEY);
    let mut line = 0;
    for error in errors {
        let spot = source.spot(error.span().map_or(0, |span| span.start));
        // Later complaints about the same line mostly follow from the first.
        if spot.line != line {
            source.mistake(spot, error.message());
        }
        line = spot.line;
    }
    if broken {
        return Err(source.into_mistakes());
    }
    let start = Spot { line: 1, column: 1 };
    let mut root = Table::new(&source, document.get_ref(), start);
    let made = reader(&mut root);
    root.finish();
    let mistakes = source.into_mistakes();
    if mistakes.is_empty() {
        Ok(made)
    } else {
        Err(mistakes)
    }
}

/// What the `toml` crate says of a key given twice.
const DUPLICATE_KEY: &str = "duplicate key";

/// The valid word that is most likely meant by `word`; none if all are far off.
pub fn nearest<'a>(word: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let furthest = (word.chars().count() / 3).max(2);
    valid
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, near)| *distance <= furthest && *distance < near.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str, reader: impl FnOnce(&mut Table<'_>)) -> Vec<String> {
        read(text, Path::new("f.toml"), reader)
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn text_that_is_not_toml_is_told_with_every_place() {
        let told = mistakes("a = \n[b\nc = 1\nd == 2\n", |_| ());
        assert_eq!(told.len(), 3, "{told:#?}");
        for (mistake, place) in told.iter().zip(["1:5", "2:3", "4:4"]) {
            assert!(
                mistake.starts_with(&format!("f.toml:{place}: ")),
                "{told:#?}"
            );
        }
    }

    #[test]
    fn a_key_given_twice_leaves_the_rest_readable() {
        let told = mistakes("a = 1\n'äöüß' = 2\na = 3\n", |root| {
            assert_eq!(root.key("a").whole_in(0..=9).unwrap().value, 1);
        });
        assert_eq!(
            told,
            [
                "f.toml:2:1: unknown key `äöüß`; known here: `a`",
                "f.toml:3:1: duplicate key",
            ]
        );
    }

    #[test]
    fn the_nearest_word_is_near() {
        let words = ["allowed", "denied", "warned"];
        assert_eq!(nearest("alowed", words), Some("allowed"));
        assert_eq!(nearest("warnde", words), Some("warned"));
        assert_eq!(nearest("coherent", words), None);
    }
}
