//! What `i2cdump -y N 0x50` of i2c-tools prints: the 256 bytes behind one I2C
//! address at that moment, hence lower memory and the page selected then.
//!
//! ```text
//!      0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f    0123456789abcdef
//! 00: 19 50 00 07 XX …
//! ```
//!
//! A byte that could not be read is `XX`; one outside the range asked for is
//! blank. In word mode (`w`) there are eight words a line, each read from its
//! own address, low byte first: the low byte is the byte at that address, and
//! the high byte shows the next one once more.

use std::fmt::Write as _;

use crate::bus::image::Image;
use crate::bus::sheet::Sheet;

use super::fault::{DumpFault, Place, Placed};
use super::hex::{self, LINE};
use super::linear::{HALF, Linear};

/// The heading of bytes, and of words.
const BYTES: &str = "     0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f    0123456789abcdef";
const WORDS: &str = "     0,8  1,9  2,a  3,b  4,c  5,d  6,e  7,f";
/// A byte that could not be read.
const FAILED: &str = "XX";

/// How the cells of a line are set.
#[derive(Clone, Copy)]
struct Columns {
    /// How many cells a line has.
    cells: usize,
    /// How many digits a cell has.
    digits: usize,
}

const BYTE_COLUMNS: Columns = Columns {
    cells: LINE,
    digits: 2,
};
const WORD_COLUMNS: Columns = Columns {
    cells: LINE / 2,
    digits: 4,
};

/// Whether a line is the heading.
pub(super) fn is_line(line: &str) -> bool {
    columns(line).is_some()
}

/// The columns that a heading announces.
fn columns(line: &str) -> Option<Columns> {
    match line.trim() {
        line if line.starts_with(BYTES.trim()) => Some(BYTE_COLUMNS),
        // Some print no characters beside the bytes.
        line if BYTES.trim().starts_with(line) && line.ends_with('f') => Some(BYTE_COLUMNS),
        line if line == WORDS.trim() => Some(WORD_COLUMNS),
        _ => None,
    }
}

/// Reads the bytes. What stands before the heading is skipped.
pub(super) fn read(text: &str) -> Result<Linear, Placed> {
    let mut linear = Linear::default();
    let mut open = None;
    for (number, line) in (1..).zip(text.lines()) {
        let fail = |fault| (Place::Line(number), fault);
        match (columns(line), open) {
            (Some(_), Some(_)) => return Err(fail(DumpFault::SecondOutput)),
            (Some(columns), None) => open = Some(columns),
            (None, Some(columns)) if !line.trim().is_empty() => {
                put(line, columns, &mut linear).map_err(fail)?;
            }
            (None, _) => {}
        }
    }
    Ok(linear)
}

/// Reads one line.
fn put(line: &str, columns: Columns, linear: &mut Linear) -> Result<(), DumpFault> {
    let not_a_line = || DumpFault::NotALine {
        line: hex::excerpt(line),
        expected: "an address such as `80:` and its bytes",
    };
    let (address, cells) = line.split_once(':').ok_or_else(not_a_line)?;
    let first = hex::byte(address.trim()).ok_or_else(not_a_line)?;
    if usize::from(first) % columns.cells != 0 {
        return Err(not_a_line());
    }
    let width = columns.digits + 1;
    for (place, address) in (0..columns.cells).zip(usize::from(first)..) {
        // A space before each cell; after the last one, the characters.
        let cell = cells.as_bytes().iter().skip(place * width + 1);
        let cell: String = cell.take(columns.digits).copied().map(char::from).collect();
        let cell = cell.trim_end();
        if cell.is_empty() || (cell.len() == columns.digits && cell.replace(FAILED, "").is_empty())
        {
            continue;
        }
        let is_value = cell.len() == columns.digits && hex::is_hex(cell);
        // The low byte stands last, in words too.
        let low = cell.get(columns.digits - 2..).filter(|_| is_value);
        let Some(byte) = low.and_then(hex::byte) else {
            return Err(DumpFault::NotHex {
                word: hex::excerpt(cell),
                expected: "a byte or word; expected hexadecimal digits in their column, or XX",
            });
        };
        linear.put(address, &[byte])?;
    }
    Ok(())
}

/// Writes the lower and the upper half of 256 bytes.
pub(super) fn write(lower: &Sheet, upper: &Sheet) -> String {
    let mut text = format!("{BYTES}\n");
    for line in (0..=u8::MAX).step_by(LINE) {
        let mut ascii = String::with_capacity(LINE);
        // Writing to a string cannot fail.
        let _ = write!(text, "{line:02x}: ");
        for offset in line..=line | 0x0F {
            let sheet = if usize::from(offset) < HALF {
                lower
            } else {
                upper
            };
            if sheet.knows(offset, 1) {
                let _ = write!(text, "{:02x} ", sheet.u8(offset));
                ascii.push(character(sheet.u8(offset)));
            } else {
                let _ = write!(text, "{FAILED} ");
                ascii.push('X');
            }
        }
        let _ = writeln!(text, "   {ascii}");
    }
    text
}

/// The character that i2cdump shows for a byte.
fn character(byte: u8) -> char {
    match byte {
        0x00 | 0xFF => '.',
        b' '..=b'~' => char::from(byte),
        _ => '?',
    }
}

/// Both halves that [`write()`] needs of an image, unknown where it has none.
pub(super) fn halves(image: &Image) -> (Sheet, Sheet) {
    use super::layout::selected;
    use crate::bus::address::Half;

    let sheet = |half: Half| image.sheet(half).cloned();
    let lower = sheet(Half::LOWER).unwrap_or_else(Sheet::unknown);
    let upper = selected(&lower).and_then(sheet);
    (lower, upper.unwrap_or_else(Sheet::unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_bytes_by_their_column() {
        let text = format!(
            "# i2cdump -y 1 0x50\n{BYTES}\n\
            00:          07 XX 00                                  ?X.         \n\
            80: 19 41 43 4d 45 20 4f 50 54 49 43 53 20 20 20 20    ?ACME OPTICS    \n"
        );
        let linear = read(&text).unwrap();
        assert_eq!((linear.first(), linear.end()), (Some(3), 144));
        assert_eq!((linear.at(4), linear.at(5)), (None, Some(0)));
        assert_eq!(linear.at(129), Some(b'A'));
    }

    #[test]
    fn words_have_their_byte_last() {
        let text =
            format!("{WORDS}\n00: 5019 0050 0700 XXXX 0000 0000 0000 0000 \n08:      2211 \n");
        let linear = read(&text).unwrap();
        assert_eq!(linear.at(0), Some(0x19));
        assert_eq!(linear.at(1), Some(0x50));
        assert_eq!((linear.at(3), linear.at(8)), (None, None));
        assert_eq!(linear.at(9), Some(0x11));
    }

    #[test]
    fn writes_as_the_tool_does() {
        let mut upper = Sheet::unknown();
        upper.put(128, b"\x19ACME OPTICS   ");
        let text = write(&Sheet::full([0xFF; 128]), &upper);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], BYTES);
        assert_eq!(
            lines[9],
            "80: 19 41 43 4d 45 20 4f 50 54 49 43 53 20 20 20 XX    ?ACME OPTICS   X"
        );
        assert_eq!(lines.len(), 17);
    }

    #[test]
    fn faults_say_their_line() {
        for line in ["zz: 00", "05: 00", "00: 0g", "00:00 00 00", "no"] {
            let (place, _) = read(&format!("{BYTES}\n{line}\n")).unwrap_err();
            assert_eq!(place, Place::Line(2), "{line}");
        }
        let line = format!("00: {}\n", "19 ".repeat(16));
        let (place, fault) = read(&format!("{BYTES}\n{line}{line}")).unwrap_err();
        assert_eq!((place, fault), (Place::Line(3), DumpFault::Twice(0)));
        let (_, fault) = read(&format!("{BYTES}\n{line}{BYTES}\n")).unwrap_err();
        assert_eq!(fault, DumpFault::SecondOutput);
    }
}
