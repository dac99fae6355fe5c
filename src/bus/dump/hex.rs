//! Words and lines of hexadecimal dumps, as several formats have them.

use std::fmt::Write as _;

use super::fault::DumpFault;

/// How many bytes a line of a hexadecimal dump has.
pub(super) const LINE: usize = 16;

/// How wide sixteen bytes are: three characters each, and a gap after eight.
const CELLS_WIDTH: usize = LINE * 3 + 1;

/// How much of a line an error repeats, in characters.
const EXCERPT: usize = 40;

/// A byte as two hexadecimal digits.
pub(super) fn byte(word: &str) -> Option<u8> {
    let digits = word.len() == 2 && is_hex(word);
    digits.then(|| u8::from_str_radix(word, 16).ok()).flatten()
}

/// Whether a word has hexadecimal digits only, and at least one.
pub(super) fn is_hex(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Words of two digits, each a byte.
///
/// # Errors
/// The first word that is not.
pub(super) fn bytes(cells: &str) -> Result<Vec<u8>, DumpFault> {
    let each = |word: &str| {
        byte(word).ok_or_else(|| DumpFault::NotHex {
            word: excerpt(word),
            expected: "a byte; expected two hexadecimal digits",
        })
    };
    cells.split_whitespace().map(each).collect()
}

/// The beginning of a line, for an error.
pub(super) fn excerpt(line: &str) -> String {
    line.trim().chars().take(EXCERPT).collect()
}

/// At most sixteen bytes as `hexdump -C` sets them, a space after each and one
/// more after eight, padded to the width of a full line.
pub(super) fn cells(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(CELLS_WIDTH);
    for (place, byte) in bytes.iter().enumerate() {
        if place == LINE / 2 {
            text.push(' ');
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x} ");
    }
    format!("{text:<CELLS_WIDTH$}")
}

/// Bytes as printable ASCII, a full stop for all others.
pub(super) fn ascii(bytes: &[u8]) -> String {
    let printable = |byte: &u8| match byte {
        b' '..=b'~' => char::from(*byte),
        _ => '.',
    };
    bytes.iter().map(printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_digits_are_a_byte() {
        assert_eq!(byte("0f"), Some(15));
        assert_eq!(byte("0F"), Some(15));
        for word in ["", "f", "0g", "00f", "+f", "é"] {
            assert_eq!(byte(word), None, "{word}");
        }
        assert!(bytes("00 11 2").is_err());
    }

    #[test]
    fn short_lines_are_as_wide_as_full_ones() {
        assert_eq!(cells(&[0; 16]).len(), CELLS_WIDTH);
        assert_eq!(cells(&[0x19]).len(), CELLS_WIDTH);
        assert!(cells(&[1; 9]).starts_with("01 01 01 01 01 01 01 01  01 "));
        assert_eq!(ascii(&[0, b'A', 0x7F, b'~', 0xFF]), ".A.~.");
    }
}
