//! What SONiC's `sfputil show eeprom-hexdump` prints: pages under headings.
//!
//! ```text
//! EEPROM hexdump for port Ethernet0
//!         Lower page 0h
//!         00000000 19 50 00 07 00 00 00 00  00 00 00 00 00 00 00 00 |.P..............|
//!
//!         Upper page 11h
//!         00000080 …
//! ```
//!
//! An SFP has `A0h dump`, `A2h dump (lower 128 bytes)` and `A2h dump (upper 128
//! bytes) page 0h`. Pages, and banks where a platform names them (`Upper page
//! 11h bank 1h`), are hexadecimal.

use std::fmt::Write as _;

use crate::bus::address::{Bank, Device, Half};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;

use super::fault::{DumpFault, Place, Placed};
use super::hex::{self, LINE};
use super::layout::Family;

/// What stands before the name of a port, and of a module in a support archive.
const PORT: &str = "EEPROM hexdump for ";
/// How many ports an error names.
const PORTS_NAMED: usize = 4;
/// How far headings and lines are set in.
const INDENT: &str = "        ";
/// What headings look like.
const HEADINGS: &str = "`Lower page 0h`, `Upper page 11h`, `A0h dump`, `A2h dump (lower 128 bytes)` or `A2h dump (upper 128 bytes) page 0h`";

/// What a heading announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    /// 128 bytes.
    Half(Half),
    /// 256 bytes: both halves of A0h.
    WholeA0,
}

/// Whether a line is one that only this format has.
pub(super) fn is_line(line: &str) -> bool {
    let line = line.trim();
    line.starts_with(PORT) || section(line).is_some()
}

/// Reads the pages. What stands before them is skipped.
pub(super) fn read(text: &str) -> Result<Image, Placed> {
    let mut image = Image::new();
    let mut ports: Vec<&str> = Vec::new();
    let mut open = None;
    for (number, line) in (1..).zip(text.lines()) {
        let fail = |fault| (Place::Line(number), fault);
        let content = line.trim();
        if let Some(port) = content.strip_prefix(PORT) {
            ports.push(port);
            if ports.len() > 1 {
                return Err(fail(DumpFault::SeveralPorts(first_ports(text))));
            }
        } else if let Some(section) = section(content) {
            open = Some(section);
        } else if content.is_empty() || (ports.is_empty() && open.is_none()) {
        } else if let Some(section) = open {
            put(content, section, &mut image).map_err(fail)?;
        } else {
            return Err(fail(DumpFault::NotALine {
                line: hex::excerpt(content),
                expected: HEADINGS,
            }));
        }
    }
    Ok(image)
}

/// The first ports of a file, for the error that there are several.
fn first_ports(text: &str) -> String {
    let mut ports = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(PORT));
    let mut named: Vec<&str> = ports.by_ref().take(PORTS_NAMED).collect();
    if ports.next().is_some() {
        named.push("and more");
    }
    named.join(", ")
}

/// What a heading announces.
fn section(line: &str) -> Option<Section> {
    let number = |word: &str| u8::from_str_radix(word.strip_suffix('h')?, 16).ok();
    let half = match line {
        "Lower page 0h" => Half::LOWER,
        "A0h dump" => return Some(Section::WholeA0),
        "A2h dump (lower 128 bytes)" => Half::lower(Device::A2),
        _ => {
            if let Some(page) = line.strip_prefix("A2h dump (upper 128 bytes) page ") {
                Half::page_of(Device::A2, number(page)?)
            } else {
                let page = line.strip_prefix("Upper page ")?;
                let (page, bank) = page.split_once(" bank ").unwrap_or((page, "0h"));
                Half::banked(number(page)?, Bank::new(number(bank)?)?)?
            }
        }
    };
    Some(Section::Half(half))
}

/// Reads one line of bytes into its section.
fn put(line: &str, section: Section, image: &mut Image) -> Result<(), DumpFault> {
    let not_a_line = || DumpFault::NotALine {
        line: hex::excerpt(line),
        expected: "an address of eight digits and sixteen bytes, or a heading",
    };
    let (address, cells) = line.split_once(' ').ok_or_else(not_a_line)?;
    let first = Some(address).filter(|digits| digits.len() == 8 && hex::is_hex(digits));
    let first = first
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        .ok_or_else(not_a_line)?;
    let bytes = hex::bytes(cells.split('|').next().unwrap_or_default())?;
    for (address, byte) in (u64::from(first)..).zip(bytes) {
        let offset = u8::try_from(address).ok();
        let half = match section {
            Section::Half(half) => Some(half),
            Section::WholeA0 if address < 128 => Some(Half::LOWER),
            Section::WholeA0 => Some(Half::page(0)),
        };
        let (half, offset) = half
            .zip(offset)
            .filter(|(half, offset)| half.base() == offset & 0x80)
            .ok_or_else(|| DumpFault::Address {
                address: format!("{address:08x}"),
                expected: "the addresses of its heading: 00 to 7f, or 80 to ff in an upper page",
            })?;
        let sheet = image.sheet_mut(half);
        if sheet.knows(offset, 1) {
            return Err(DumpFault::Twice(usize::from(offset)));
        }
        sheet.put(offset, &[byte]);
    }
    Ok(())
}

/// Writes halves of which every byte is known, none of them in a bank after
/// the first.
pub(super) fn write(image: &Image, family: Family) -> String {
    let mut text = format!("{PORT}port unknown\n");
    let mut is_first = true;
    for (half, sheet) in image.halves() {
        let heading = heading(half, family);
        if let Some(heading) = heading {
            let blank = if is_first { "" } else { "\n" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{blank}{INDENT}{heading}");
        }
        write_sheet(half, sheet, &mut text);
        is_first = false;
    }
    text
}

/// The heading of a half; `None` for upper A0h, which goes on below lower A0h.
fn heading(half: Half, family: Family) -> Option<String> {
    match (family, half.device(), half.upper()) {
        (Family::Sfp, Device::A0, None) => Some("A0h dump".to_owned()),
        (Family::Sfp, Device::A0, Some(_)) => None,
        (_, Device::A2, None) => Some("A2h dump (lower 128 bytes)".to_owned()),
        (_, Device::A2, Some((page, _))) => {
            Some(format!("A2h dump (upper 128 bytes) page {:x}h", page.0))
        }
        (_, Device::A0, None) => Some("Lower page 0h".to_owned()),
        (_, Device::A0, Some((page, _))) => Some(format!("Upper page {:x}h", page.0)),
    }
}

/// Writes the eight lines of a half.
fn write_sheet(half: Half, sheet: &Sheet, text: &mut String) {
    let bytes = sheet.slice(half.base(), u8::MAX);
    let addresses = (usize::from(half.base())..).step_by(LINE);
    for (address, chunk) in addresses.zip(bytes.chunks(LINE)) {
        let (cells, ascii) = (hex::cells(chunk), hex::ascii(chunk));
        let _ = writeln!(text, "{INDENT}{address:08x} {cells}|{ascii}|");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section_of(heading: &str, base: u8, byte: u8) -> String {
        let mut text = format!("        {heading}\n");
        for line in 0..8 {
            let address = base + line * 16;
            text += &format!(
                "        000000{address:02x} {}|................|\n",
                hex::cells(&[byte; 16])
            );
        }
        text + "\n"
    }

    #[test]
    fn reads_pages_under_their_headings() {
        let text = [
            "EEPROM hexdump for port Ethernet0\n".to_owned(),
            section_of("Lower page 0h", 0, 0x19),
            section_of("Upper page 0h", 0x80, 1),
            section_of("Upper page 9fh", 0x80, 2),
            section_of("Upper page 11h bank 1h", 0x80, 3),
        ]
        .concat();
        let image = read(&text).unwrap();
        let byte = |half| image.sheet(half).unwrap().whole().unwrap()[5];
        assert_eq!(byte(Half::LOWER), 0x19);
        assert_eq!(byte(Half::page(0x9F)), 2);
        assert_eq!(byte(Half::page(0x11).in_bank(Bank::new(1).unwrap())), 3);
    }

    #[test]
    fn reads_both_devices_of_an_sfp() {
        let lower = section_of("A0h dump", 0, 3);
        let upper = section_of("", 0x80, 4).trim_start().to_owned();
        let text = [
            lower.trim_end(),
            "\n",
            &upper,
            &section_of("A2h dump (lower 128 bytes)", 0, 5),
            &section_of("A2h dump (upper 128 bytes) page 2h", 0x80, 6),
        ]
        .concat();
        let image = read(&text).unwrap();
        assert!(image.sheet(Half::page(0)).unwrap().whole().is_some());
        assert!(image.sheet(Half::page_of(Device::A2, 2)).is_some());
        assert_eq!(image.halves().count(), 4);
    }

    #[test]
    fn the_lines_are_as_sonic_sets_them() {
        let mut image = Image::new();
        let mut bytes = [b' '; 128];
        bytes[..12].copy_from_slice(b"\x19ACME OPTICS");
        image.put(Half::page(0x11), bytes);
        let text = write(&image, Family::Cmis);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "        Upper page 11h");
        assert_eq!(
            lines[2],
            "        00000080 19 41 43 4d 45 20 4f 50  54 49 43 53 20 20 20 20 |.ACME OPTICS    |"
        );
    }

    #[test]
    fn faults_say_their_line() {
        let port = "EEPROM hexdump for port Ethernet0\n";
        let lower = section_of("Lower page 0h", 0, 0x19);
        let two = format!("{port}{lower}EEPROM hexdump for port Ethernet8\n");
        let (place, fault) = read(&two).unwrap_err();
        assert_eq!(place, Place::Line(12));
        assert!(fault.to_string().contains("port Ethernet0, port Ethernet8"));
        for (text, line) in [
            (format!("{port}        Middle page 0h\n"), 2),
            (format!("{port}        Upper page 111h\n"), 2),
            (format!("{port}{}", section_of("Lower page 0h", 0x80, 0)), 3),
            (format!("{port}{lower}{lower}"), 13),
            (format!("{port}{}", lower.replacen("19 ", "1 ", 1)), 3),
            (format!("{port}{lower}Error: no\n"), 12),
        ] {
            assert_eq!(read(&text).unwrap_err().0, Place::Line(line), "{text}");
        }
    }
}
