//! Which format a file has, by what is in it.

use std::borrow::Cow;

use super::fault::{DumpFault, Place, Placed};
use super::linear::HALF;
use super::{Format, LARGEST, binary, canonical, ethtool_hex, i2cdump, sfputil};

/// The content of a file, in the format that it was recognised as.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Own(Cow<'a, str>),
    Sfputil(Cow<'a, str>),
    I2cdump(Cow<'a, str>),
    EthtoolHex(Cow<'a, str>),
    /// Lines with addresses.
    Canonical(Cow<'a, str>),
    /// Digits only.
    PlainHex(Cow<'a, str>),
    Binary(&'a [u8]),
}

impl Source<'_> {
    /// The format that is nearest to it of those that can be written.
    pub(super) const fn format(&self) -> Format {
        match self {
            Self::Own(_) => Format::Own,
            Self::Sfputil(_) => Format::Sfputil,
            Self::I2cdump(_) => Format::I2cdump,
            Self::EthtoolHex(_) => Format::EthtoolHex,
            Self::Canonical(_) | Self::PlainHex(_) => Format::Hexdump,
            Self::Binary(_) => Format::Raw,
        }
    }
}

/// Recognises the content of a file: by the first line that only one format
/// has, and binary by what no text has.
///
/// # Errors
/// If it is empty, too large, or nothing that is known here.
pub(super) fn source<'a>(bytes: &'a [u8]) -> Result<Source<'a>, Placed> {
    if bytes.len() > LARGEST {
        return Err((Place::Byte(LARGEST), DumpFault::TooLarge));
    }
    if bytes.is_empty() {
        return Err((Place::Whole, DumpFault::Empty));
    }
    if binary::is_binary(bytes) {
        return Ok(Source::Binary(bytes));
    }
    let text = match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start_matches('\u{FEFF}')),
        owned @ Cow::Owned(_) => owned,
    };
    for (number, line) in (1..).zip(text.lines()) {
        let recognised: fn(Cow<'a, str>) -> Source<'a> = match line {
            // A comment, or what was typed at the prompt of the superuser.
            line if line.starts_with('#') => continue,
            line if is_own(line) => Source::Own,
            line if sfputil::is_line(line) => Source::Sfputil,
            line if i2cdump::is_line(line) => Source::I2cdump,
            line if ethtool_hex::is_line(line) => Source::EthtoolHex,
            line if canonical::is_line(line) => Source::Canonical,
            line if canonical::is_plain(line) => Source::PlainHex,
            line if is_decoded(line) => return Err((Place::Line(number), DumpFault::Decoded)),
            _ => continue,
        };
        return Ok(recognised(text));
    }
    // A page may be all letters, or have no bytes that text does not have.
    if bytes.len() == HALF || std::str::from_utf8(bytes).is_err() {
        return Ok(Source::Binary(bytes));
    }
    Err((Place::Line(1), DumpFault::Unrecognised))
}

/// Whether a line is a heading of this project's format, or bytes without one.
fn is_own(line: &str) -> bool {
    let content = line.split('#').next().unwrap_or_default();
    let mut words = content.split_whitespace();
    let is_bytes = words.clone().count() == super::own::LINE_LENGTH
        && words.clone().all(|word| super::hex::byte(word).is_some());
    words.next() == Some("page") || is_bytes
}

/// Whether a line is of what `ethtool -m` prints without `hex on`.
fn is_decoded(line: &str) -> bool {
    line.split_once(':').is_some_and(|(label, value)| {
        label.trim() == "Identifier" && value.trim().starts_with("0x")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(text: &str) -> Format {
        source(text.as_bytes()).unwrap().format()
    }

    #[test]
    fn each_format_shows_itself() {
        let bytes = "19 50 00 07 00 00 00 00 00 00 00 00 00 00 00 00";
        assert_eq!(format("# 00000000  19\n\npage lower\n"), Format::Own);
        assert_eq!(format(bytes), Format::Own);
        assert_eq!(format("EEPROM hexdump for port Ethernet0"), Format::Sfputil);
        assert_eq!(format("        Lower page 0h"), Format::Sfputil);
        assert_eq!(
            format("     0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f    0123456789abcdef"),
            Format::I2cdump
        );
        assert_eq!(
            format("     0,8  1,9  2,a  3,b  4,c  5,d  6,e  7,f"),
            Format::I2cdump
        );
        assert_eq!(format("$ ethtool\nOffset\t\tValues\n"), Format::EthtoolHex);
        assert_eq!(format("0x0080:\t\t19 41"), Format::EthtoolHex);
        assert_eq!(
            format(&format!("\u{FEFF}00000000  {bytes}")),
            Format::Hexdump
        );
        assert_eq!(format(&format!("00000000: {bytes}")), Format::Hexdump);
        assert_eq!(format(&bytes.replace(' ', "")), Format::Hexdump);
        assert_eq!(format("\u{3}\u{4}\u{7}"), Format::Raw);
        assert_eq!(format(&"w".repeat(128)), Format::Raw);
        assert_eq!(source(&[0xFF; 256]).unwrap().format(), Format::Raw);
    }

    #[test]
    fn what_is_not_a_dump_says_what_would_be() {
        let fault = |bytes: &[u8]| source(bytes).unwrap_err().1;
        assert_eq!(fault(b""), DumpFault::Empty);
        assert_eq!(fault(b"hello, world\n"), DumpFault::Unrecognised);
        assert_eq!(
            fault(b"\tIdentifier                                : 0x03 (SFP)\n"),
            DumpFault::Decoded
        );
        assert_eq!(fault(&vec![0; LARGEST + 1]), DumpFault::TooLarge);
    }
}
