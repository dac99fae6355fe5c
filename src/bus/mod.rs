//! Bytes on a bus: the memory of one module, wherever it is reached.
//!
//! A module is memory addressed by (bank, page, offset). Everything above this
//! folder sees only [`Memory`]; below it are the ways to reach one: raw I2C
//! ([`paging`] over any `embedded_hal` bus; [`i2c_dev`] for the kernel's, with
//! [`smbus`] and [`pairs`] for adapters that can do less), a driver that selects
//! pages itself ([`driven`]: [`optoe`] files, [`ethtool`]), and a dump file
//! ([`dump`]). [`topology`] finds buses and drivers, [`route`] the safest way to
//! a module. Nothing here knows what a byte means, the two select bytes 126 and
//! 127 and the [`freeze`] request apart.

pub mod address;
pub mod cost;
pub mod driven;
pub mod dump;
pub mod ethtool;
pub mod field;
pub mod freeze;
pub mod generic_netlink;
pub mod i2c_dev;
pub mod ideal;
pub mod image;
pub mod meter;
pub mod optoe;
pub mod paging;
pub mod pairs;
mod pieces;
pub mod read_plan;
pub mod route;
pub mod sheet;
pub mod smbus;
pub mod topology;
#[cfg(test)]
mod torn_tests;
pub mod wait;

use address::{Half, Span};
use cost::{AccessPath, Reach};
use read_plan::Visit;
use sheet::Sheet;
use wait::Work;

/// A run of bytes inside one half: first absolute offset and length.
///
/// Lower halves use offsets 0 to 127, upper halves 128 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The first absolute offset.
    pub first: u8,
    /// How many bytes, 1 to 128.
    pub length: u8,
}

/// How a module's upper memory is selected, once it is known what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Addressing {
    /// One page only: bytes 126 and 127 select nothing and are never written.
    #[default]
    Flat,
    /// Byte 127 selects the page; there are no banks (SFF-8636, SFF-8472 A2h).
    Page,
    /// Bytes 126 and 127 select bank and page, in one write (CMIS).
    BankAndPage,
}

/// The memory of one module.
pub trait Memory: Send {
    /// Reads the parts of one half in one visit, into their places of a sheet.
    ///
    /// All parts come from the page that was asked for, or none does: on an
    /// error the sheet is left as it was. On a bus other work that is due goes
    /// first.
    ///
    /// # Errors
    /// [`BusError`] says what went wrong, where, and how often it was tried.
    fn visit_in_steps<'a>(
        &'a mut self,
        half: Half,
        parts: &'a [Part],
        sheet: &'a mut Sheet,
    ) -> Work<'a, Result<(), BusError>>;

    /// [`Memory::visit_in_steps`] for who has nothing else to do on the bus.
    ///
    /// # Errors
    /// The same.
    fn visit(&mut self, half: Half, parts: &[Part], sheet: &mut Sheet) -> Result<(), BusError> {
        wait::complete(self.visit_in_steps(half, parts, sheet))
    }

    /// The visits that read these spans at the least cost in this way, and none
    /// of the `spared` bytes that no span asks for; see [`read_plan`].
    fn plan(&mut self, spans: &[Span], spared: &[Span]) -> Vec<Visit> {
        let reach = Reach::new(AccessPath::Combined, Addressing::BankAndPage);
        read_plan::visits(spans, spared, &reach)
    }

    /// Tells how pages are selected from now on. A new module starts flat.
    fn set_addressing(&mut self, addressing: Addressing);

    /// Compares one long read of this static half with short reads of the same
    /// bytes and reads small from then on if they disagree (CMIS promises only
    /// 8 bytes a read). Returns whether long reads can be trusted.
    ///
    /// # Errors
    /// As [`Memory::visit`].
    fn probe_read_size(&mut self, _half: Half) -> Work<'_, Result<bool, BusError>> {
        Box::pin(async { Ok(true) })
    }

    /// Asks once, in the shortest way, whether a module answers at all; `None`
    /// where that costs as much as a visit.
    fn knock(&mut self) -> Option<Result<(), BusErrorKind>> {
        None
    }

    /// Leaves the module until its next sweep. That it could not be left as it
    /// should be shows in the next one.
    fn leave(&mut self) -> Work<'_, ()> {
        Box::pin(async {})
    }

    /// Whether bank and page still stand where this reader left them, judged
    /// by the lower memory just read. `false` means that the module was reset
    /// or swapped, or that another master moved them.
    fn select_untouched(&self, _lower: &Sheet) -> bool {
        true
    }

    /// The way to freeze the module's statistics; `None` for memory that cannot
    /// be written to.
    fn freeze_request(&mut self) -> Option<&mut dyn freeze::Request> {
        None
    }

    /// Whether [`Memory::select_untouched`] can see a swap at all. Where a driver
    /// selects the pages it cannot, nor where the page is left at 00h, at which
    /// every new module begins: then serial numbers have to be compared.
    fn sees_swaps(&self) -> bool {
        true
    }
}

/// Why bytes of a module could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{half}: {kind}{}", tried(*attempts))]
pub struct BusError {
    /// What went wrong, last.
    pub kind: BusErrorKind,
    /// Which half of the memory was wanted.
    pub half: Half,
    /// How often it was tried.
    pub attempts: u32,
}

/// How often something was tried, where that is worth saying.
fn tried(attempts: u32) -> String {
    match attempts {
        0 | 1 => String::new(),
        attempts => format!(" ({attempts} attempts)"),
    }
}

/// The kinds of bus trouble.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BusErrorKind {
    /// Nobody acknowledged the address: no module, or it holds off.
    #[error("no answer to the address")]
    NoAnswer,
    /// The module refused a byte in the middle of a transfer.
    #[error("module refused a byte")]
    Refused,
    /// Another master won the bus.
    #[error("arbitration lost")]
    ArbitrationLost,
    /// Bus lines stuck or a malformed transfer.
    #[error("bus fault")]
    BusFault,
    /// The adapter gave up waiting.
    #[error("timed out")]
    TimedOut,
    /// Bank or page were not the ones selected: another master moves them.
    #[error("wanted {wanted}, but bank {bank} page {page:02x}h is selected")]
    WrongPage {
        /// The half that was selected.
        wanted: Half,
        /// The bank that byte 126 showed.
        bank: u8,
        /// The page that byte 127 showed.
        page: u8,
    },
    /// The module stopped in the middle of a read.
    #[error("the module fell silent in the middle of a read")]
    ShortRead,
    /// The module fell back to page 00h: it does not have this page.
    #[error("module does not have this page")]
    NoSuchPage,
    /// A dump file or image does not hold these bytes.
    #[error("not in this dump")]
    NotInDump,
    /// The lock that is shared with another manager could not be had.
    #[error("not read without its lock: {0}")]
    Locked(String),
    /// Anything else the operating system said.
    #[error("{0}")]
    Other(String),
}

impl BusErrorKind {
    /// Whether trying again may help, with nothing else changed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NoAnswer
            | Self::Refused
            | Self::ArbitrationLost
            | Self::BusFault
            | Self::TimedOut
            | Self::ShortRead
            | Self::WrongPage { .. } => true,
            Self::NoSuchPage | Self::NotInDump | Self::Locked(_) | Self::Other(_) => false,
        }
    }

    /// Whether the bytes are not there at all, rather than not to be had now.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NoSuchPage | Self::NotInDump)
    }

    /// The word used in metric labels.
    pub fn label(&self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::Refused => "refused",
            Self::ArbitrationLost => "arbitration_lost",
            Self::BusFault => "bus_fault",
            Self::TimedOut => "timed_out",
            Self::WrongPage { .. } => "other_master",
            Self::ShortRead => "short_read",
            Self::NoSuchPage => "no_such_page",
            Self::NotInDump => "not_in_dump",
            Self::Locked(_) => "locked",
            Self::Other(_) => "other",
        }
    }
}
