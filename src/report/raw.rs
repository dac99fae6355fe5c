//! One half of a module's memory as it stands: the bytes, and which register
//! each of them is.
//!
//! The names come from the tables beside the decoders; here they are only put
//! beside the bytes. Text from modules is made fit for a terminal.

use std::fmt::Write as _;
use std::time::SystemTime;

use super::plain::plain;
use super::quantity;
use super::text::grid::{Align, Grid};
use super::{PortSlot, moment, recording};
use crate::bus::address::{HALF_LENGTH, Half};
use crate::bus::dump;
use crate::bus::field::{Bits, Element, Field, Form};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;
use crate::cmis::fields as cmis_fields;
use crate::cmis::scale;
use crate::module::{Management, Snapshot};
use crate::sff::sff8472::fields as sff8472_fields;
use crate::sff::sff8636::fields as sff8636_fields;

/// How a byte that is not known is written, as in dumps.
const NOT_KNOWN: &str = "..";
/// Bytes in a line of the hex dump.
const LINE_LENGTH: u8 = 16;
/// How many bytes of an element stand beside its name.
const LONGEST_RUN: u8 = 6;
/// How wide the last column gets before it goes on in the next line.
const WIDEST_VALUE: usize = 46;

/// What a register says of which a byte is not known.
pub(super) const SAYS_NOT_KNOWN: &str = "not known";

/// One run of bytes with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Absolute offsets, `154-155` or `134`.
    pub offsets: String,
    /// The bytes in hexadecimal, the first few of many.
    pub bytes: String,
    /// What they are called.
    pub name: String,
    /// What they say.
    pub value: String,
}

/// A half in full, as text: a hex dump, then each register on a line. A half
/// of which nothing is known says so.
pub fn page(image: &Image, half: Half, management: Management) -> String {
    let mut out = format!("{half}, {}\n", management.name());
    let Some(sheet) = image.sheet(half) else {
        return out + "nothing of it is known\n";
    };
    out.push('\n');
    out += &hex_dump(sheet, half);
    let rows = rows(sheet, half, management);
    if rows.is_empty() {
        out += "\nno names are known for the bytes of this page\n";
    } else {
        let mut grid = Grid::new(&[Align::Right]);
        grid.row(["byte", "hex", "register", "says"]);
        for row in &rows {
            let mut values = wrapped(&row.value).into_iter();
            let first = values.next().unwrap_or_default();
            grid.row([&row.offsets, &row.bytes, &row.name, &first]);
            for more in values {
                grid.row(["", "", "", &more]);
            }
        }
        out.push('\n');
        grid.write(0, &mut out);
    }
    let unknown = unknown(sheet, half);
    if !unknown.is_empty() {
        let _ = writeln!(out, "\nnot known: {}", unknown.join(", "));
    }
    out
}

/// The registers of a port as a dump file: the bytes that the sweeps read, under
/// a comment that says whose they are, when they were read, and what could not
/// be. `None` where no module was read. `now` is what the age counts to.
pub fn dump_file(slot: &PortSlot, now: SystemTime) -> Option<String> {
    let view = slot.view.load();
    let snapshot = view.snapshot.as_deref()?;
    let read = view.last_read.map(|at| {
        let age = moment::span(moment::age(at, now));
        format!("read {}, {age} before this file", moment::utc(at))
    });
    let whose = format!("{} on {}", slot.name, slot.bus);
    let heading = view.last_read.map(|at| {
        // Both clocks ran alike since the sweep.
        let host = slot.host_fec.load_full();
        let host = host.as_deref().map(|host| {
            let later = host.at.saturating_sub(snapshot.finished);
            let earlier = snapshot.finished.saturating_sub(host.at);
            (at + later - earlier, host)
        });
        recording::heading(slot.name.as_str(), at, host)
    });
    Some(heading.unwrap_or_default() + &file(&whose, snapshot, read.as_deref()))
}

/// The registers of a port at an event, as a dump file: those of the newest
/// sweep that worked. `at` is when the event was.
pub fn capture_file(port: &str, snapshot: &Snapshot, at: SystemTime) -> String {
    let read = format!("as last read before the event of {}", moment::utc(at));
    recording::heading(port, at, None) + &file(port, snapshot, Some(&read))
}

/// The bytes of a module under a comment that says whose they are.
fn file(whose: &str, snapshot: &Snapshot, read: Option<&str>) -> String {
    let mut out = String::new();
    let mut comment = |text: &str| {
        let _ = writeln!(out, "# {}", plain(text).trim_end());
    };
    comment(whose);
    comment(&who(snapshot));
    if let Some(read) = read {
        comment(read);
    }
    comment("`..` is a byte that the sweeps do not read; flags are as the last look found them");
    for problem in snapshot.failures.iter() {
        comment(&format!("{} not read: {}", problem.group, problem.error));
    }
    out + &dump::write(&snapshot.image)
}

/// A module in one line.
fn who(snapshot: &Snapshot) -> String {
    let identity = &snapshot.identity;
    let texts = [
        ("", &identity.vendor),
        ("", &identity.part_number),
        ("revision ", &identity.revision_number),
        ("serial ", &identity.serial),
    ];
    let said = texts
        .into_iter()
        .filter_map(|(what, text)| Some(format!("{what}{}", text.as_ref().value()?)));
    let said: Vec<String> = said.collect();
    format!("{}, {}", said.join(", "), snapshot.management.name())
}

/// The bytes of a half, sixteen a line, with their offsets and as text.
pub(super) fn hex_dump(sheet: &Sheet, half: Half) -> String {
    let mut out = String::new();
    for line in (0..HALF_LENGTH).step_by(usize::from(LINE_LENGTH)) {
        let first = half.base() | line;
        let offsets = first..=first + (LINE_LENGTH - 1);
        let bytes: Vec<String> = offsets.clone().map(|at| hex(sheet, at)).collect();
        let text: String = offsets.map(|at| letter(sheet, at)).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{first:>7}  {}  {text}", bytes.join(" "));
    }
    out
}

/// Each register of a half with its bytes and what they say; none where the
/// page is not known.
pub(super) fn rows(sheet: &Sheet, half: Half, management: Management) -> Vec<Row> {
    let fields = match management {
        Management::Cmis => cmis_fields(half),
        Management::Sff8636 => sff8636_fields(half),
        Management::Sff8472 => sff8472_fields(half),
        Management::Unknown => &[],
    };
    let elements = fields.iter().flat_map(Field::elements);
    elements.map(|element| row(sheet, element)).collect()
}

/// The runs of bytes that are not known, `128-133`.
pub(super) fn unknown(sheet: &Sheet, half: Half) -> Vec<String> {
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for at in (0..HALF_LENGTH).map(|offset| half.base() | offset) {
        if sheet.knows(at, 1) {
            continue;
        }
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == at => *last = at,
            _ => runs.push((at, at)),
        }
    }
    runs.into_iter().map(|(a, b)| offsets(a, b)).collect()
}

/// A list broken behind its commas into lines that are not too wide.
fn wrapped(list: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in list.split_inclusive(", ") {
        match lines.last_mut() {
            Some(line) if line.len() + item.trim_end().len() <= WIDEST_VALUE => line.push_str(item),
            _ => lines.push(item.to_owned()),
        }
    }
    lines
}

fn row(sheet: &Sheet, element: Element) -> Row {
    let Element {
        first,
        length,
        name,
        form,
    } = element;
    let last = first + (length - 1);
    let shown = (first..=last).take(usize::from(LONGEST_RUN));
    let mut bytes: Vec<String> = shown.map(|at| hex(sheet, at)).collect();
    if length > LONGEST_RUN {
        bytes.push("…".to_owned());
    }
    let value = if sheet.knows(first, length) {
        value(sheet, first, length, form)
    } else {
        SAYS_NOT_KNOWN.to_owned()
    };
    Row {
        offsets: offsets(first, last),
        bytes: bytes.join(" "),
        name,
        value,
    }
}

fn offsets(first: u8, last: u8) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

fn hex(sheet: &Sheet, at: u8) -> String {
    if sheet.knows(at, 1) {
        format!("{:02x}", sheet.u8(at))
    } else {
        NOT_KNOWN.to_owned()
    }
}

/// A byte as a letter, `.` where it is none.
fn letter(sheet: &Sheet, at: u8) -> char {
    match sheet.u8(at) {
        _ if !sheet.knows(at, 1) => ' ',
        byte @ 0x20..=0x7E => char::from(byte),
        _ => '.',
    }
}

/// What the bytes of an element say; empty where the bytes say it themselves.
fn value(sheet: &Sheet, first: u8, length: u8, form: Form) -> String {
    let bytes = sheet.slice(first, length);
    match form {
        Form::Bytes | Form::Reserved => String::new(),
        Form::Text => format!("\"{}\"", plain(&String::from_utf8_lossy(bytes))),
        Form::Unsigned => unsigned(bytes).to_string(),
        Form::Signed if length == 1 => sheet.u8(first).cast_signed().to_string(),
        Form::Signed => sheet.i16(first).to_string(),
        Form::Words => words(sheet, first, length),
        Form::Version => format!("{}.{}", sheet.u8(first), sheet.u8(first.wrapping_add(1))),
        Form::Temperature => {
            let celsius = scale::temperature(sheet.i16(first)).celsius();
            format!("{celsius:.2} °C")
        }
        Form::Supply => format!("{:.4} V", scale::supply(sheet.u16(first)).volts()),
        Form::OpticalPower => {
            let power = scale::optical_power(sheet.u16(first));
            let milliwatts = quantity::milliwatts(power);
            match quantity::dbm(power) {
                level if level == quantity::NONE => format!("{milliwatts} mW"),
                level => format!("{milliwatts} mW  {level} dBm"),
            }
        }
        Form::Bias => {
            let milliamperes = scale::bias(sheet.u16(first), 1).amperes() * 1e3;
            format!("{milliamperes:.3} mA")
        }
        Form::Lanes => lanes(sheet.u8(first)),
        Form::HalfBytes => half_bytes(bytes),
        Form::Bits(parts) => named_bits(unsigned(bytes), parts),
    }
}

/// A big-endian number of at most eight bytes.
fn unsigned(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn words(sheet: &Sheet, first: u8, length: u8) -> String {
    let words = (first..=first + (length - 1)).step_by(2);
    joined(words.map(|at| sheet.u16(at)))
}

/// The lanes whose bits are set.
fn lanes(bitmap: u8) -> String {
    let set = (0..8).filter(|bit| bitmap >> bit & 1 == 1);
    match joined(set.map(|bit| bit + 1)) {
        none if none.is_empty() => "no lane".to_owned(),
        lanes => format!("lanes {lanes}"),
    }
}

fn half_bytes(bytes: &[u8]) -> String {
    joined(bytes.iter().flat_map(|byte| [byte & 0x0F, byte >> 4]))
}

/// Single bits by name if they are set, numbers of several bits always.
fn named_bits(number: u64, parts: &[Bits]) -> String {
    let said = parts.iter().filter_map(|part| {
        let width = part.high.saturating_sub(part.low) + 1;
        let mask = u64::MAX >> 64_u8.saturating_sub(width);
        let value = number >> part.low & mask;
        match (width, value) {
            (1, 0) => None,
            (1, _) => Some(part.name.to_owned()),
            _ => Some(format!("{} {value}", part.name)),
        }
    });
    said.collect::<Vec<_>>().join(", ")
}

fn joined<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items.map(|i| i.to_string()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::sample;

    fn image() -> Image {
        let mut image = Image::new();
        let mut bytes = [0; 128];
        bytes[0] = 0x44;
        bytes[26..28].copy_from_slice(&10_000_u16.to_be_bytes());
        bytes[8] = 0b0000_0101;
        bytes[78] = 0x71;
        image.put(Half::page(0x11), bytes);
        let lower = image.sheet_mut(Half::LOWER);
        lower.put(0, &[0x19, 0x52, 0x80]);
        lower.put(14, &[0xFF, 0x80]);
        image
    }

    fn line(text: &str, name: &str) -> String {
        let found = text.lines().find(|line| line.contains(name)).unwrap();
        found.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_byte_stands_beside_its_name() {
        let text = page(&image(), Half::page(0x11), Management::Cmis);
        assert!(text.starts_with("page 11, cmis\n"));
        assert_eq!(
            line(&text, "tx power of lane 1"),
            "154-155 27 10 tx power of lane 1 1.0000 mW +0.00 dBm"
        );
        assert_eq!(
            line(&text, "tx power of lane 2"),
            "156-157 00 00 tx power of lane 2 0.0000 mW"
        );
        assert_eq!(
            line(&text, "states"),
            "128-131 44 00 00 00 data path states, lanes 1-8 4 4 0 0 0 0 0 0"
        );
        assert_eq!(
            line(&text, "tx loss of signal"),
            "136 05 tx loss of signal lanes 1 3"
        );
        assert_eq!(
            line(&text, "active data path of lane 1"),
            "206 71 active data path of lane 1 application 7, first lane less one 0,"
        );
        assert!(!text.contains("not known"));
        assert!(
            text.lines()
                .all(|line| line == line.trim_end() && line.chars().count() <= 120)
        );
    }

    #[test]
    fn what_is_not_known_is_said() {
        let text = page(&image(), Half::LOWER, Management::Cmis);
        assert_eq!(
            line(&text, "CMIS revision"),
            "1 52 CMIS revision major 5, minor 2"
        );
        assert_eq!(
            line(&text, " temperature  "),
            "14-15 ff 80 temperature -0.50 °C"
        );
        assert_eq!(line(&text, " supply  "), "16-17 .. .. supply not known");
        assert!(text.ends_with("\nnot known: 3-13, 16-127\n"));
        let text = page(&image(), Half::page(0x02), Management::Cmis);
        assert!(text.contains("nothing of it is known"));
    }

    #[test]
    fn a_dump_file_says_whose_bytes_it_holds_and_reads_back() {
        let mut module = sample::module(sample::HOSTILE);
        module.image = Arc::new(image());
        let slot = sample::slot("Ethernet0", sample::active(module));
        let text = dump_file(&slot, sample::now()).unwrap();
        let when = "# time 2027-01-15T07:59:58.000Z port Ethernet0\n# fec {";
        assert!(text.starts_with(when), "{text}");
        assert!(
            text.contains("\n# Ethernet0 on i2c-34\n# ACME OPTICS, "),
            "{text}"
        );
        assert!(text.contains("# read 2027-01-15T07:59:58Z, 2.0 s before this file\n"));
        assert!(!text.contains('\x1b'));
        assert_eq!(dump::parse(&text, "test").unwrap(), image());
        let empty = sample::slot("Ethernet1", sample::view());
        assert_eq!(dump_file(&empty, sample::now()), None);
    }

    #[test]
    fn any_bytes_of_any_page_can_be_shown() {
        for byte in [0x00, 0x1B, 0x55, 0xFF] {
            for number in 0..=0xFF {
                for half in [Half::LOWER, Half::page(number)] {
                    let mut image = Image::new();
                    image.put(half, [byte; 128]);
                    for management in [Management::Cmis, Management::Sff8636, Management::Sff8472] {
                        let text = page(&image, half, management);
                        assert!(!text.contains('\x1b') && text.lines().count() > 8);
                    }
                }
            }
        }
    }
}
