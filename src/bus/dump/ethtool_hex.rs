//! What `ethtool -m X hex on` prints: lines of sixteen bytes under a heading,
//! each with its address; the gap between is two tabs.
//!
//! ```text
//! Offset    Values
//! ------    ------
//! 0x0000:    19 50 00 07 …
//! ```
//!
//! Of a whole module it prints 256 bytes (lower memory and page 00h), 512 of an
//! SFP (A0h, A2h), 640 of a QSFP with pages (lower memory, pages 00h to 03h).
//! Of one page it prints that page at 0x0080 and does not name it.

use std::fmt::Write as _;

use super::fault::{DumpFault, Place, Placed};
use super::hex::{self, LINE};
use super::linear::Linear;

/// What stands above the bytes.
const HEADING: &str = "Offset\t\tValues\n------\t\t------\n";

/// Whether a line is the heading or a line of bytes.
pub(super) fn is_line(line: &str) -> bool {
    is_heading(line) || address(line.trim()).is_some()
}

/// Whether a line is the first one of the heading.
fn is_heading(line: &str) -> bool {
    line.split_whitespace().eq(["Offset", "Values"])
}

/// The address of a line, and what follows it.
fn address(line: &str) -> Option<(usize, &str)> {
    let (digits, cells) = line.strip_prefix("0x")?.split_once(':')?;
    let fits = (4..=6).contains(&digits.len()) && hex::is_hex(digits);
    let address = usize::from_str_radix(digits, 16).ok()?;
    fits.then_some((address, cells))
}

/// Reads the bytes with their addresses. What stands before them is skipped.
pub(super) fn read(text: &str) -> Result<Linear, Placed> {
    let mut linear = Linear::default();
    let mut has_bytes = false;
    for (number, line) in (1..).zip(text.lines()) {
        let fail = |fault| (Place::Line(number), fault);
        if let Some((address, cells)) = address(line.trim()) {
            let bytes = hex::bytes(cells).map_err(fail)?;
            linear.put(address, &bytes).map_err(fail)?;
            has_bytes = true;
        } else if has_bytes && is_heading(line) {
            return Err(fail(DumpFault::SecondOutput));
        } else if has_bytes && !line.trim().is_empty() {
            return Err(fail(DumpFault::NotALine {
                line: hex::excerpt(line),
                expected: "a line such as `0x0080:` and sixteen bytes",
            }));
        }
    }
    Ok(linear)
}

/// Writes bytes from address 0 on.
pub(super) fn write(bytes: &[u8]) -> String {
    let mut text = HEADING.to_owned();
    for (line, chunk) in bytes.chunks(LINE).enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "0x{:04x}:\t\t", line * LINE);
        for byte in chunk {
            let _ = write!(text, "{byte:02x} ");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints_of_a_page() {
        let text = "Offset\t\tValues\n------\t\t------\n\
            0x0080:\t\t19 41 43 4d 45 20 4f 50 54 49 43 53 20 20 20 20 \n\n";
        let linear = read(text).unwrap();
        assert_eq!((linear.first(), linear.end()), (Some(128), 144));
        assert_eq!(linear.at(129), Some(b'A'));
    }

    #[test]
    fn writes_as_the_tool_does() {
        let mut bytes = [0_u8; 32];
        bytes[16..24].copy_from_slice(b"\x19ACME OP");
        let text = write(&bytes);
        let last = text.lines().last().unwrap();
        assert_eq!(
            last,
            "0x0010:\t\t19 41 43 4d 45 20 4f 50 00 00 00 00 00 00 00 00 "
        );
        assert_eq!(read(&text).unwrap().end(), 32);
    }

    #[test]
    fn garbled_lines_are_named() {
        let good = write(&[0x19; 32]);
        let (place, fault) = read(&good.replacen("19 19", "19 1", 1)).unwrap_err();
        assert_eq!(place, Place::Line(3));
        assert!(matches!(fault, DumpFault::NotHex { .. }));
        let (place, fault) = read(&format!("{good}$ \n")).unwrap_err();
        assert_eq!(place, Place::Line(5));
        assert!(matches!(fault, DumpFault::NotALine { .. }));
        let (_, fault) = read(&format!("{good}{good}")).unwrap_err();
        assert_eq!(fault, DumpFault::SecondOutput);
    }
}
