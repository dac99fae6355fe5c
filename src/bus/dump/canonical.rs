//! Hexadecimal dumps of a linear file: `hexdump -C`, `xxd`, `od -Ax -tx1` and
//! their relatives, told apart by their lines.
//!
//! | tool | line |
//! |---|---|
//! | `hexdump -C` | `00000080  19 41 …  \|.A…\|` |
//! | `xxd` | `00000080: 1941 4341 …  .ACA…`, or single bytes with `-g1` |
//! | `od -Ax -tx1` | `000080 19 41 …` (seven digits: octal, or `-Ad`) |
//! | `hexdump`, `od -x` | `0000080 4119 …`: words, their low byte first |
//! | `xxd -p` | bytes without addresses |
//!
//! A line `*` repeats the one before it up to the next address. Where eight
//! digits skip addresses without a `*`, the bytes between are not known.

use std::fmt::Write as _;
use std::ops::Range;

use crate::bus::image::Image;

use super::fault::{DumpFault, Place, Placed};
use super::hex::{self, LINE};
use super::layout::Family;
use super::linear::{HALF, Linear, MOST};

/// Addresses of this many digits may be hexadecimal, octal or decimal.
const MANY_BASES: usize = 7;
/// The shortest line of bytes without addresses that is taken for one.
const PLAIN_DIGITS: usize = 32;

/// A line with an address.
struct Row<'a> {
    number: usize,
    address: &'a str,
    bytes: Vec<u8>,
    /// Whether a `*` stands before it.
    repeats: bool,
}

/// Whether a line is one of bytes with their address.
pub(super) fn is_line(line: &str) -> bool {
    let Some((_, cells)) = split(line.trim()) else {
        return false;
    };
    let first = cells.text.split_whitespace().next();
    first.is_some_and(|word| hex::is_hex(word) && matches!(word.len(), 2 | 4))
}

/// Whether a line is bytes without address or spaces.
pub(super) fn is_plain(line: &str) -> bool {
    let line = line.trim();
    line.len() >= PLAIN_DIGITS && line.len().is_multiple_of(2) && hex::is_hex(line)
}

/// What follows an address.
struct Cells<'a> {
    text: &'a str,
    /// Whether words are written as numbers, low byte first in memory.
    swapped: bool,
}

/// Splits a line into address and bytes, without the characters after them.
fn split(line: &str) -> Option<(&str, Cells<'_>)> {
    let end = line
        .find(|c: char| !c.is_ascii_hexdigit())
        .unwrap_or(line.len());
    let (address, rest) = line.split_at_checked(end)?;
    if !(6..=8).contains(&address.len()) {
        return None;
    }
    let cells = match rest.strip_prefix(':') {
        // xxd: what follows two spaces is text, and may look like anything.
        Some(cells) => Cells {
            text: cells.trim_start().split("  ").next().unwrap_or_default(),
            swapped: false,
        },
        None if rest.starts_with(|c: char| !c.is_whitespace()) => return None,
        None => Cells {
            text: rest.split(['|', '>']).next().unwrap_or_default(),
            swapped: true,
        },
    };
    Some((address, cells))
}

impl Cells<'_> {
    /// The bytes in their order.
    fn bytes(&self) -> Result<Vec<u8>, DumpFault> {
        let mut bytes = Vec::with_capacity(LINE);
        for word in self.text.split_whitespace() {
            let digits = word.len();
            let value = u16::from_str_radix(word, 16)
                .ok()
                .filter(|_| hex::is_hex(word));
            match (value.map(u16::to_be_bytes), digits, self.swapped) {
                (Some([_, byte]), 2, _) => bytes.push(byte),
                (Some(word), 4, false) => bytes.extend(word),
                (Some([high, low]), 4, true) => bytes.extend([low, high]),
                _ => {
                    return Err(DumpFault::NotHex {
                        word: hex::excerpt(word),
                        expected: "a byte or word; expected two or four hexadecimal digits",
                    });
                }
            }
        }
        Ok(bytes)
    }
}

/// Reads the bytes with their addresses. What stands before them is skipped.
pub(super) fn read(text: &str) -> Result<Linear, Placed> {
    let rows = rows(text)?;
    let base = base(&rows)?;
    let mut linear = Linear::default();
    let mut previous: Option<(Range<usize>, &Row<'_>)> = None;
    for row in &rows {
        let fail = |fault| (Place::Line(row.number), fault);
        let start = address(row, base).map_err(fail)?;
        if let Some((before, repeated)) = &previous {
            let is_padded = row.bytes.is_empty() && start + 1 == before.end;
            if start < before.end && !is_padded {
                return Err(fail(DumpFault::Twice(start)));
            }
            if row.repeats {
                repeat(&mut linear, before.end..start, &repeated.bytes).map_err(fail)?;
            }
        }
        linear.put(start, &row.bytes).map_err(fail)?;
        previous = Some((start..start + row.bytes.len(), row));
    }
    if let Some(row) = rows.last().filter(|row| row.bytes.is_empty()) {
        // The last word of an odd number of bytes is filled up.
        linear.truncate(address(row, base).map_err(|fault| (Place::Line(row.number), fault))?);
    }
    Ok(linear)
}

/// The lines that have addresses.
fn rows(text: &str) -> Result<Vec<Row<'_>>, Placed> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut star = None;
    for (number, line) in (1..).zip(text.lines()) {
        let fail = |fault| (Place::Line(number), fault);
        let content = line.trim();
        if content.is_empty() || (rows.is_empty() && !is_line(content)) {
            continue;
        }
        if content == "*" {
            star = Some(number);
        } else if let Some((address, cells)) = split(content) {
            rows.push(Row {
                number,
                address,
                bytes: cells.bytes().map_err(fail)?,
                repeats: star.take().is_some(),
            });
        } else {
            return Err(fail(DumpFault::NotALine {
                line: hex::excerpt(line),
                expected: "an address and bytes",
            }));
        }
    }
    match star {
        None => Ok(rows),
        Some(number) => {
            let fault = DumpFault::Repeat("that address, but nothing follows");
            Err((Place::Line(number), fault))
        }
    }
}

/// The base of the addresses: hexadecimal, unless seven digits follow one
/// another in octal or decimal only.
fn base(rows: &[Row<'_>]) -> Result<u32, Placed> {
    if rows.iter().any(|row| row.address.len() != MANY_BASES) {
        return Ok(16);
    }
    let gap = |base: u32| {
        let follows = |pair: &[Row<'_>]| match pair {
            [before, after] => {
                let end = address(before, base).ok()? + before.bytes.len();
                let start = address(after, base).ok()?;
                let padded = after.bytes.is_empty() && start + 1 == end;
                (start == end || after.repeats && start > end || padded).then_some(())
            }
            _ => Some(()),
        };
        rows.windows(2).find(|pair| follows(pair).is_none())
    };
    let first_gap = gap(16);
    match [16, 8, 10].into_iter().find(|base| gap(*base).is_none()) {
        Some(base) => Ok(base),
        None => Err(match first_gap {
            Some([_, after]) => (
                Place::Line(after.number),
                DumpFault::Address {
                    address: after.address.to_owned(),
                    expected: "the address after them, in hexadecimal, octal or decimal digits",
                },
            ),
            _ => (Place::Whole, DumpFault::Unrecognised),
        }),
    }
}

/// The address of a line.
fn address(row: &Row<'_>, base: u32) -> Result<usize, DumpFault> {
    let address = usize::from_str_radix(row.address, base).map_err(|_| DumpFault::Address {
        address: row.address.to_owned(),
        expected: "digits of the same base",
    })?;
    if address > MOST {
        return Err(DumpFault::TooFar(address));
    }
    Ok(address)
}

/// Fills a range with the bytes of the line before it.
fn repeat(linear: &mut Linear, range: Range<usize>, bytes: &[u8]) -> Result<(), DumpFault> {
    let length = range.len();
    if bytes.is_empty() || length == 0 || !length.is_multiple_of(bytes.len()) {
        return Err(DumpFault::Repeat("whole lines between both"));
    }
    for start in range.step_by(bytes.len()) {
        linear.put(start, bytes)?;
    }
    Ok(())
}

/// Reads bytes without addresses: `xxd -p`, `sfputil read-eeprom --no-format`.
pub(super) fn read_plain(text: &str) -> Result<Linear, Placed> {
    let mut linear = Linear::default();
    let is_digits = |line: &str| line.len().is_multiple_of(2) && hex::is_hex(line);
    let lines = (1..).zip(text.lines().map(str::trim));
    for (number, line) in lines.skip_while(|(_, line)| !is_plain(line)) {
        let fail = |fault| (Place::Line(number), fault);
        if line.is_empty() {
            continue;
        }
        if !is_digits(line) {
            return Err(fail(DumpFault::NotALine {
                line: hex::excerpt(line),
                expected: "pairs of hexadecimal digits",
            }));
        }
        let bytes: Vec<u8> = line
            .as_bytes()
            .chunks(2)
            .filter_map(|pair| std::str::from_utf8(pair).ok().and_then(hex::byte))
            .collect();
        linear.put(linear.end(), &bytes).map_err(fail)?;
    }
    Ok(linear)
}

/// Writes halves in their linear layout as `hexdump -C -v` would; bytes that
/// are not known are gaps.
pub(super) fn write(image: &Image, family: Family) -> String {
    let mut text = String::new();
    let mut end = 0;
    let mut halves: Vec<_> = image
        .halves()
        .filter_map(|(half, sheet)| Some((family.place(half)? * HALF, half, sheet)))
        .collect();
    halves.sort_by_key(|(start, ..)| *start);
    for (start, half, sheet) in halves {
        let mut run: Vec<u8> = Vec::with_capacity(LINE);
        for (at, offset) in (start..).zip(half.base()..=half.base() | 0x7F) {
            let known = sheet.knows(offset, 1);
            if known {
                run.push(sheet.u8(offset));
                end = at + 1;
            }
            if !run.is_empty() && (!known || end % LINE == 0) {
                let (cells, ascii) = (hex::cells(&run), hex::ascii(&run));
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{:08x}  {cells} |{ascii}|", end - run.len());
                run.clear();
            }
        }
    }
    let _ = writeln!(text, "{end:08x}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(linear: &Linear) -> Vec<Option<u8>> {
        (0..linear.end()).map(|at| linear.at(at)).collect()
    }

    /// Twenty bytes that are 00 11 22 … in every form.
    #[test]
    fn every_tool_reads_the_same() {
        let wanted: Vec<Option<u8>> = (0..20).map(|n| Some(n % 16 * 0x11)).collect();
        for text in [
            "00000000  00 11 22 33 44 55 66 77  88 99 aa bb cc dd ee ff  |..\"3DUfw| 00 ..|\n\
             00000010  00 11 22 33              |..\"3|\n00000014\n",
            "00000000: 0011 2233 4455 6677 8899 aabb ccdd eeff  ..\"3DUfw  ff  ..\n\
             00000010: 0011 2233                                ..\"3\n",
            "00000000: 00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF  11\n00000010: 00 11 22 33  .\n",
            "000000 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff  >..\"3DUfw<\n\
             000010 00 11 22 33\n000014\n",
            "0000000 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff\n0000020 00 11 22 33\n0000024\n",
            "0000000 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff\n0000016 00 11 22 33\n0000020\n",
            "0000000 1100 3322 5544 7766 9988 bbaa ddcc ffee\n0000010 1100 3322\n0000014\n",
        ] {
            assert_eq!(bytes(&read(text).unwrap()), wanted, "{text}");
        }
        let plain = "00112233445566778899aabbccddeeff\n00112233\n";
        assert_eq!(bytes(&read_plain(plain).unwrap()), wanted);
    }

    #[test]
    fn a_star_repeats_up_to_the_next_address() {
        let line = "ff ".repeat(16);
        let text = format!("00000000  {line}\n*\n00000100\n");
        assert_eq!(bytes(&read(&text).unwrap()), vec![Some(0xFF); 256]);
        for (text, line) in [
            (format!("00000000  {line}\n*\n"), 2),
            (format!("00000000  {line}\n*\n00000014\n"), 3),
            (format!("00000000  {line}\n*\n00000010\n"), 3),
            (format!("00000000  {line}\n*\nffffffff\n"), 3),
            (format!("00000000  {line}\n00000008\n"), 2),
            (format!("00000000  {line}\n00000000  {line}\n"), 2),
            (format!("00000000  {line}\n00000010  0 1\n"), 2),
            (format!("00000000  {line}\n00000010  0123456789\n"), 2),
            (format!("00000000  {line}\nthe end\n"), 2),
            (format!("0000000  {line}\n0000090  {line}\n"), 2),
        ] {
            let (place, _) = read(&text).unwrap_err();
            assert_eq!(place, Place::Line(line), "{text}");
        }
    }

    #[test]
    fn an_odd_last_byte_is_not_filled_up() {
        let words = "0000000 1100 0022\n0000003\n";
        assert_eq!(
            bytes(&read(words).unwrap()),
            [Some(0), Some(0x11), Some(0x22)]
        );
    }

    #[test]
    fn gaps_are_not_known() {
        let text = "00000000  19 50\n00000080  19\n";
        let linear = read(text).unwrap();
        assert_eq!((linear.at(2), linear.at(128)), (None, Some(0x19)));
    }
}
