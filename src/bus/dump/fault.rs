//! What can be wrong with a dump: which file, where in it, what, and what was
//! expected instead.

use std::fmt;

use crate::bus::address::Half;

use super::own::{LINE_LENGTH, LINES};
use super::{Format, LARGEST};

/// Why a file is not a dump, or why an image cannot be written as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}{place}: {fault}")]
pub struct DumpError {
    /// The file, as the caller names it; in writing, the format.
    pub name: String,
    /// Where in the file.
    pub place: Place,
    /// What is wrong, and what was expected.
    pub fault: DumpFault,
}

/// Where in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    Whole,
    /// A line of a text, from 1; the last one where something is missing at
    /// the end.
    Line(usize),
    /// A byte of a binary file, from 0.
    Byte(usize),
}

/// Shown as it follows the name of a file: nothing, `:7`, or ` at byte 512`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Line(line) => write!(f, ":{line}"),
            Self::Byte(byte) => write!(f, " at byte {byte}"),
        }
    }
}

/// A fault and its place in a file that is being read: what the readers of
/// single formats return.
pub(super) type Placed = (Place, DumpFault);

/// What is wrong with a dump.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DumpFault {
    /// A word that is not a byte.
    #[error("`{0}` is not a byte; expected two hexadecimal digits, or `..` for a byte not read")]
    NotAByte(String),
    /// A line with too few or too many bytes.
    #[error("{found} bytes in this line; expected {LINE_LENGTH}")]
    LineLength {
        /// How many the line has.
        found: usize,
    },
    /// Bytes before any page heading.
    #[error("bytes before any page; expected a heading such as `page lower` or `page 11 bank 0`")]
    NoHeading,
    /// A heading that cannot be read.
    #[error(
        "`{heading}` is not a page heading: {why}; expected `page lower`, `page 11`, `page 11 bank 1` or `page lower addr a2`"
    )]
    BadHeading {
        /// The line.
        heading: String,
        /// What is wrong with it.
        why: String,
    },
    /// The same page twice.
    #[error("`{half}` stands here a second time, first in line {first}; expected each page once")]
    Duplicate {
        /// The page.
        half: Half,
        /// Where it stood first.
        first: usize,
    },
    /// A page that ends too early.
    #[error(
        "`{half}` (line {heading}) has {found} of {LINES} lines; expected {LINES} lines of {LINE_LENGTH} bytes"
    )]
    PageTooShort {
        /// The page.
        half: Half,
        /// Where its heading stands.
        heading: usize,
        /// How many lines it has.
        found: usize,
    },
    /// A page that does not end.
    #[error("`{0}` has more than {LINES} lines; expected a heading here")]
    PageTooLong(Half),
    /// No lower memory at all.
    #[error("`page lower` is missing; expected it, for it says what the module is")]
    NoLower,
    /// Nothing at all.
    #[error("nothing in it; expected a dump of a module's memory")]
    Empty,
    /// More than any module has.
    #[error("larger than {LARGEST} bytes; expected a dump of one module")]
    TooLarge,
    /// A text in no known format.
    #[error(
        "no dump format is recognised; expected `page lower`, or the output of `ethtool -m X hex on`, `sfputil show eeprom-hexdump`, `i2cdump`, `hexdump -C`, `xxd` or `od -Ax -tx1`"
    )]
    Unrecognised,
    /// What `ethtool -m` says in words.
    #[error(
        "this is the decoded text of `ethtool -m`, which leaves most bytes out; expected the output of `ethtool -m X hex on`"
    )]
    Decoded,
    /// A line that does not belong into its format.
    #[error("`{line}` does not belong here; expected {expected}")]
    NotALine {
        /// The line, or its beginning.
        line: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A word that is no byte or word in a foreign format.
    #[error("`{word}` is not {expected}")]
    NotHex {
        /// The word.
        word: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Addresses that contradict the bytes before them.
    #[error("address `{address}` does not follow the lines before it; expected {expected}")]
    Address {
        /// As it is written.
        address: String,
        /// What was expected.
        expected: &'static str,
    },
    /// An address that no module has.
    #[error("address {0:#x} is beyond every module's memory; expected less than {most:#x}", most = super::linear::MOST)]
    TooFar(usize),
    /// The same address twice.
    #[error("address {0:#x} stands here a second time; expected each byte once")]
    Twice(usize),
    /// A `*` that does not say what it repeats, or how far.
    #[error("`*` repeats the line before it up to the next address; expected {0}")]
    Repeat(&'static str),
    /// One page without its number.
    #[error(
        "these bytes are one page and do not say which; expected lower memory too, or the page named: --page 11=FILE"
    )]
    PageNotNamed,
    /// Byte 0 is missing.
    #[error("byte 0 is not known; expected it, for it says what the module is")]
    NoIdentifier,
    /// A binary file, or a linear dump, of a size that no layout has.
    #[error("{found} bytes; expected {expected}")]
    Size {
        /// How many.
        found: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// A size that two layouts of banks share.
    #[error(
        "{0} bytes are 16 banks as SONiC counts them or 17 as the first driver patch did; expected a file for each page: --page 11:1=FILE"
    )]
    TwoLayouts(usize),
    /// More than one module.
    #[error("dumps of {0}; expected one port: choose one and keep its lines only")]
    SeveralPorts(String),
    /// A second output in one file.
    #[error("a second output begins here; expected one a file: name each page with --page 11=FILE")]
    SecondOutput,
    /// A file that was to hold a page, and does not.
    #[error("`{0}` is not in this file; expected it, for --page names it")]
    PageMissing(Half),
    /// A fragment that is longer than a page.
    #[error("these bytes are not one page; expected 128, at 0 or at 80h")]
    NotOnePage,
    /// A file that was to hold a page, and says that it holds another.
    #[error("bytes 126 and 127 say `{found}`; expected `{wanted}`, for --page names it")]
    OtherPage {
        /// What `--page` says.
        wanted: Half,
        /// What the file says.
        found: Half,
    },
    /// Two files that contradict each other.
    #[error(
        "`{half}` byte {offset} is {value:02x}h, but {other_value:02x}h in {other}; expected files of one module, taken at one time; --page 11=FILE takes one page only"
    )]
    Conflict {
        /// The half.
        half: Half,
        /// The absolute offset of the byte.
        offset: u8,
        /// Its value in this file.
        value: u8,
        /// The other file.
        other: String,
        /// Its value there.
        other_value: u8,
    },
    /// A half that a format has no place for.
    #[error(
        "has no place for `{0}`; expected an image without it: leave it out with --lossy, or choose {all}", all = Format::Own.name()
    )]
    NoPlace(Half),
    /// A byte that a format cannot leave out.
    #[error(
        "`{half}` byte {offset} is not known, and the format cannot say so; write ff for unknown bytes with --lossy, or choose {all} or {gaps}",
        all = Format::Own.name(), gaps = Format::Hexdump.name()
    )]
    UnknownByte {
        /// The half.
        half: Half,
        /// The absolute offset of the byte.
        offset: u8,
    },
}
