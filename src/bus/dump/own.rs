//! An image as a text file: the project's own dump format.
//!
//! ```text
//! # a comment, up to the end of the line
//! page lower            # bytes 0-127 of the first device
//! 19 50 00 07 …         # eight lines of sixteen bytes
//! page 11 bank 1        # an upper page; without a bank, bank 0
//! page lower addr a2    # the second device of an SFP
//! ```
//!
//! Numbers of pages are hexadecimal, of banks decimal. A byte that was not read
//! is written as two dots.

use std::fmt::Write as _;

use crate::bus::address::{Bank, Device, HALF_LENGTH, Half, Page};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;

use super::fault::{DumpError, DumpFault, Place, Placed};
use super::hex::byte;

/// How many bytes a line holds.
pub(super) const LINE_LENGTH: usize = 16;
/// How many lines a page has.
pub(super) const LINES: usize = HALF_LENGTH as usize / LINE_LENGTH;
/// How a byte that was not read is written.
const NOT_READ: &str = "..";

/// A page that is being read.
struct Open {
    half: Half,
    heading: usize,
    lines: usize,
}

/// Reads a dump.
///
/// `name` stands for the file in errors.
///
/// # Errors
/// The first fault of the text, with its line.
pub fn parse(text: &str, name: &str) -> Result<Image, DumpError> {
    let fail = |(place, fault)| DumpError {
        name: name.to_owned(),
        place,
        fault,
    };
    let image = parse_pages(text).map_err(fail)?;
    if image.sheet(Half::LOWER).is_none() {
        let last = Place::Line(text.lines().count().max(1));
        return Err(fail((last, DumpFault::NoLower)));
    }
    Ok(image)
}

/// Reads the pages of a dump, which need not have lower memory among them.
pub(super) fn parse_pages(text: &str) -> Result<Image, Placed> {
    let fail = |line: usize, fault: DumpFault| (Place::Line(line), fault);
    let mut image = Image::new();
    let mut headings: Vec<(Half, usize)> = Vec::new();
    let mut open: Option<Open> = None;
    let mut last_line = 1;

    for (number, line) in (1..).zip(text.lines()) {
        last_line = number;
        let content = line.split('#').next().unwrap_or_default().trim();
        if content.is_empty() {
            continue;
        }
        if content.split_whitespace().next() == Some("page") {
            close(open.take()).map_err(|fault| fail(number, fault))?;
            let half = heading(content).map_err(|fault| fail(number, fault))?;
            if let Some(&(_, first)) = headings.iter().find(|(seen, _)| *seen == half) {
                return Err(fail(number, DumpFault::Duplicate { half, first }));
            }
            headings.push((half, number));
            open = Some(Open {
                half,
                heading: number,
                lines: 0,
            });
        } else {
            let page = open
                .as_mut()
                .ok_or_else(|| fail(number, DumpFault::NoHeading))?;
            bytes(content, page, &mut image).map_err(|fault| fail(number, fault))?;
        }
    }
    close(open).map_err(|fault| fail(last_line, fault))?;
    Ok(image)
}

/// Ends a page: it must be complete.
fn close(open: Option<Open>) -> Result<(), DumpFault> {
    match open {
        Some(page) if page.lines < LINES => Err(DumpFault::PageTooShort {
            half: page.half,
            heading: page.heading,
            found: page.lines,
        }),
        _ => Ok(()),
    }
}

/// Reads a heading: `page lower|PAGE [bank N] [addr a0|a2]`.
fn heading(content: &str) -> Result<Half, DumpFault> {
    let bad = |why: &str| DumpFault::BadHeading {
        heading: content.to_owned(),
        why: why.to_owned(),
    };
    let mut words = content.split_whitespace().skip(1);
    let which = words.next().ok_or_else(|| bad("no page is named"))?;
    let (mut bank, mut device) = (Bank::ZERO, Device::A0);
    while let Some(word) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| bad(&format!("nothing follows `{word}`")))?;
        match word {
            "bank" => {
                bank = value
                    .parse()
                    .ok()
                    .and_then(Bank::new)
                    .ok_or_else(|| bad("banks are 0 to 31"))?;
            }
            "addr" => {
                device = match value {
                    "a0" | "50" => Device::A0,
                    "a2" | "51" => Device::A2,
                    _ => return Err(bad("addresses are a0 and a2")),
                }
            }
            _ => return Err(bad(&format!("`{word}` is not known here"))),
        }
    }
    if which == "lower" {
        return match bank {
            Bank::ZERO => Ok(Half::lower(device)),
            _ => Err(bad("lower memory has no banks")),
        };
    }
    let page = u8::from_str_radix(which, 16)
        .map_err(|_| bad("a page is two hexadecimal digits, 00 to ff"))?;
    match device {
        Device::A0 => Half::banked(page, bank)
            .ok_or_else(|| bad(&format!("page {:02x}h has no banks", Page(page).0))),
        Device::A2 if bank == Bank::ZERO => Ok(Half::page_of(device, page)),
        Device::A2 => Err(bad("the second device has no banks")),
    }
}

/// Reads one line of bytes into its page.
fn bytes(content: &str, page: &mut Open, image: &mut Image) -> Result<(), DumpFault> {
    let words: Vec<&str> = content.split_whitespace().collect();
    if let Some(word) = words.iter().find(|w| **w != NOT_READ && byte(w).is_none()) {
        return Err(DumpFault::NotAByte((*word).to_owned()));
    }
    if words.len() != LINE_LENGTH {
        return Err(DumpFault::LineLength { found: words.len() });
    }
    if page.lines == LINES {
        return Err(DumpFault::PageTooLong(page.half));
    }
    let sheet = image.sheet_mut(page.half);
    let first = page.lines * LINE_LENGTH;
    for (offset, value) in (first..).zip(words.iter().map(|w| byte(w))) {
        if let (Ok(offset), Some(value)) = (u8::try_from(offset), value) {
            sheet.put(page.half.base() | offset, &[value]);
        }
    }
    page.lines += 1;
    Ok(())
}

/// Writes an image as a dump that [`parse`] reads back to the same image.
pub fn write(image: &Image) -> String {
    let mut text = String::new();
    for (half, sheet) in image.halves() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{half}");
        write_sheet(half, sheet, &mut text);
    }
    text
}

/// Writes the eight lines of a page.
fn write_sheet(half: Half, sheet: &Sheet, text: &mut String) {
    for offset in 0..HALF_LENGTH {
        let offset = half.base() | offset;
        if sheet.knows(offset, 1) {
            let _ = write!(text, "{:02x}", sheet.u8(offset));
        } else {
            text.push_str(NOT_READ);
        }
        text.push(if offset % 16 == 15 { '\n' } else { ' ' });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(heading: &str, byte: &str) -> String {
        let line = [byte; LINE_LENGTH].join(" ");
        format!("{heading}\n{}", format!("{line}\n").repeat(LINES))
    }

    fn fault(text: &str) -> (usize, DumpFault) {
        let error = parse(text, "x.img").unwrap_err();
        let Place::Line(line) = error.place else {
            panic!("no line: {error}");
        };
        assert!(error.to_string().starts_with(&format!("x.img:{line}: ")));
        (line, error.fault)
    }

    #[test]
    fn a_dump_reads_back_as_it_was_written() {
        let mut image = Image::new();
        image.put(Half::LOWER, [0x19; 128]);
        image.put(Half::page(0x00), [0xAB; 128]);
        image.put(Half::page(0x11).in_bank(Bank::new(3).unwrap()), [7; 128]);
        image.put(Half::lower(Device::A2), [1; 128]);
        image.put(Half::page_of(Device::A2, 2), [2; 128]);
        image.sheet_mut(Half::page(0x14)).put(192, &[1, 2, 3]);
        assert_eq!(parse(&write(&image), "x").unwrap(), image);
    }

    #[test]
    fn comments_and_blank_lines_do_not_count() {
        let text = format!("# hello\n\n{}", page("page lower   # here", "0f"));
        let image = parse(&text, "x").unwrap();
        assert_eq!(image.sheet(Half::LOWER).unwrap().u8(5), 0x0F);
    }

    #[test]
    fn each_fault_says_its_line() {
        let lower = page("page lower", "00");
        assert_eq!(
            fault(&lower.replacen("00 00\n", "00 0g\n", 1)),
            (2, DumpFault::NotAByte("0g".to_owned()))
        );
        assert_eq!(
            fault(&lower.replacen("00 00\n", "00\n", 1)),
            (2, DumpFault::LineLength { found: 15 })
        );
        assert_eq!(
            fault(&format!("{lower}{lower}")),
            (
                10,
                DumpFault::Duplicate {
                    half: Half::LOWER,
                    first: 1
                }
            )
        );
        let short: String = lower.lines().take(5).map(|l| format!("{l}\n")).collect();
        assert_eq!(
            fault(&short),
            (
                5,
                DumpFault::PageTooShort {
                    half: Half::LOWER,
                    heading: 1,
                    found: 4
                }
            )
        );
        let (line, too_long) = fault(&format!("{lower}{}", "00 ".repeat(16)));
        assert_eq!((line, too_long), (10, DumpFault::PageTooLong(Half::LOWER)));
        assert_eq!(fault("00 11\n"), (1, DumpFault::NoHeading));
        assert_eq!(fault(&page("page 00", "19")), (9, DumpFault::NoLower));
        assert_eq!(fault(""), (1, DumpFault::NoLower));
    }

    #[test]
    fn wrong_headings_say_why() {
        for heading in [
            "page",
            "page zz",
            "page 100",
            "page 11 bank",
            "page 11 bank 32",
            "page 11 bank x",
            "page 02 bank 1",
            "page lower bank 1",
            "page lower addr a4",
            "page 02 bank 1 addr a2",
            "page 11 lane 1",
        ] {
            let (line, fault) = fault(&page(heading, "00"));
            assert_eq!(line, 1);
            assert!(matches!(fault, DumpFault::BadHeading { .. }), "{heading}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}|(page (lower|[0-9a-f]{1,3})( bank [0-9]{1,2})?\n|([0-9a-f.]{2} ){15,17}\n){0,20}") {
            let _ = parse(&text, "x");
        }
    }
}
