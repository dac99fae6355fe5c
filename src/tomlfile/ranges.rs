//! Ranges in names: `"Ethernet{0..31}"` stands for 32 names.
//!
//! Both ends are included. Several ranges in one text run together, so
//! `"leaf{1..4}:eth{5..8}"` stands for four names. A first number with leading
//! zeros keeps its width: `{00..15}`.

use thiserror::Error;

/// The most names that one text may stand for: more is a slip of the pen.
pub const LONGEST_RANGE: usize = 4096;

/// Why a text with braces stands for no names.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RangeMistake {
    /// A brace without its partner, or one inside another.
    #[error("`{0}` has a brace without its partner; a range is written {{0..31}}")]
    Unbalanced(String),
    /// What stands in the braces is not a range.
    #[error("`{{{0}}}` is not a range; expected two whole numbers such as {{0..31}}")]
    NotARange(String),
    /// The last number is smaller than the first.
    #[error("`{{{0}}}` runs down; write the smaller number first")]
    Descending(String),
    /// More than [`LONGEST_RANGE`] names.
    #[error("`{{{0}}}` stands for more than {LONGEST_RANGE} names")]
    TooLong(String),
    /// Ranges of one text differ in length.
    #[error(
        "the ranges of `{text}` are {first} and {other} long; they run together, so must be of one length"
    )]
    Unequal {
        /// The whole text.
        text: String,
        /// Length of its first range.
        first: usize,
        /// Length of the one that differs.
        other: usize,
    },
}

/// The text between ranges, and the ranges.
#[derive(Debug, Clone, Copy)]
enum Piece<'a> {
    Text(&'a str),
    Range { first: u32, width: usize },
}

/// The names that a text stands for: itself if it has no range.
///
/// # Errors
/// Why the braces make no range.
pub fn expand(text: &str) -> Result<Vec<String>, RangeMistake> {
    let mut pieces = Vec::new();
    let mut length = None;
    let mut rest = text;
    while let Some((before, opened)) = rest.split_once('{') {
        let unbalanced = || RangeMistake::Unbalanced(text.to_owned());
        let (inside, after) = opened.split_once('}').ok_or_else(unbalanced)?;
        if before.contains('}') || inside.contains('{') {
            return Err(unbalanced());
        }
        let (range, own_length) = range(inside)?;
        let first_length = *length.get_or_insert(own_length);
        if first_length != own_length {
            return Err(RangeMistake::Unequal {
                text: text.to_owned(),
                first: first_length,
                other: own_length,
            });
        }
        pieces.extend([Piece::Text(before), range]);
        rest = after;
    }
    if rest.contains('}') {
        return Err(RangeMistake::Unbalanced(text.to_owned()));
    }
    pieces.push(Piece::Text(rest));
    Ok((0..length.unwrap_or(1))
        .zip(0..)
        .map(|(_, step)| name(&pieces, step))
        .collect())
}

/// The range between two braces, and how many numbers it has.
fn range(inside: &str) -> Result<(Piece<'_>, usize), RangeMistake> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let not_a_range = || RangeMistake::NotARange(inside.to_owned());
    let (left, right) = inside.split_once("..").ok_or_else(not_a_range)?;
    let first = number(left).ok_or_else(not_a_range)?;
    let last = number(right).ok_or_else(not_a_range)?;
    let further = last
        .checked_sub(first)
        .ok_or_else(|| RangeMistake::Descending(inside.to_owned()))?;
    let length = usize::try_from(further)
        .ok()
        .filter(|further| *further < LONGEST_RANGE)
        .ok_or_else(|| RangeMistake::TooLong(inside.to_owned()))?
        + 1;
    let width = if left.starts_with('0') { left.len() } else { 1 };
    Ok((Piece::Range { first, width }, length))
}

/// The name that stands `step` after the first one.
fn name(pieces: &[Piece<'_>], step: u32) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => (*text).to_owned(),
            Piece::Range { first, width } => {
                format!("{:0width$}", first.saturating_add(step), width = *width)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_includes_both_ends() {
        let names = expand("Ethernet{0..31}").unwrap();
        assert_eq!(names.len(), 32);
        assert_eq!(names[0], "Ethernet0");
        assert_eq!(names[31], "Ethernet31");
        assert_eq!(expand("Ethernet7").unwrap(), ["Ethernet7"]);
        assert_eq!(expand("e{3..3}x").unwrap(), ["e3x"]);
        assert_eq!(expand("e{08..10}").unwrap(), ["e08", "e09", "e10"]);
        assert_eq!(expand("e{0..4095}").unwrap().len(), LONGEST_RANGE);
    }

    #[test]
    fn ranges_of_one_text_run_together() {
        assert_eq!(
            expand("spine{1..2}:Ethernet{8..9}").unwrap(),
            ["spine1:Ethernet8", "spine2:Ethernet9"]
        );
    }

    #[test]
    fn what_is_no_range_is_refused() {
        let unbalanced = |text: &str| Err(RangeMistake::Unbalanced(text.to_owned()));
        for text in ["e{0..3", "e0..3}", "e{0{1..2}", "e{0..1}}", "}e{0..1}"] {
            assert_eq!(expand(text), unbalanced(text), "{text}");
        }
        for inside in ["", "3", "a..b", "1..", "-1..2", "0..99999999999"] {
            let mistake = expand(&format!("e{{{inside}}}"));
            assert_eq!(mistake, Err(RangeMistake::NotARange(inside.to_owned())));
        }
        assert_eq!(
            expand("e{3..2}"),
            Err(RangeMistake::Descending("3..2".to_owned()))
        );
        assert_eq!(
            expand("e{0..4096}"),
            Err(RangeMistake::TooLong("0..4096".to_owned()))
        );
        assert_eq!(
            expand("a{0..3}b{0..4}"),
            Err(RangeMistake::Unequal {
                text: "a{0..3}b{0..4}".to_owned(),
                first: 4,
                other: 5,
            })
        );
    }
}
