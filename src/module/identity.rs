//! Who made a module, which part it is, and what it says of itself that does not change.

use super::{Absence, Reading};
use crate::units::{Meters, Watts};

/// The specification that a memory map follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Management {
    /// OIF CMIS.
    Cmis,
    /// SFF-8636 (and SFF-8436).
    Sff8636,
    /// SFF-8472.
    Sff8472,
    /// None that is known here.
    Unknown,
}

impl Management {
    /// The word used in labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cmis => "cmis",
            Self::Sff8636 => "sff-8636",
            Self::Sff8472 => "sff-8472",
            Self::Unknown => "unknown",
        }
    }
}

/// Who made the module and what it is sold as. Text is cleaned: printable
/// ASCII only, padding removed; `problems` tells of what was not text.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// SFF-8024 identifier.
    pub identifier: u8,
    /// What kind of module it says it is: 0 transmission, 1 laser source, 128 and
    /// up the vendor's (CMIS 5.3 and later, 00h:57).
    pub function_type: Reading<u8>,
    /// Revision of the management specification, for example `5.2`.
    pub revision: Reading<String>,
    /// Whether there is only lower memory and page 00h.
    pub flat_memory: bool,
    /// Vendor name.
    pub vendor: Reading<String>,
    /// Vendor OUI.
    pub oui: Reading<[u8; 3]>,
    /// Vendor part number.
    pub part_number: Reading<String>,
    /// Vendor revision.
    pub revision_number: Reading<String>,
    /// Vendor serial number.
    pub serial: Reading<String>,
    /// Date code, YYMMDD and lot.
    pub date_code: Reading<String>,
    /// SFF-8024 connector code.
    pub connector: Reading<u8>,
    /// Media interface technology code (CMIS 00h:212; SFF-8636 00h:147.7-4).
    pub media_technology: Reading<u8>,
    /// Extended compliance code (SFF-8636 00h:192, SFF-8472 A0h:36).
    pub extended_compliance: Reading<u8>,
}

impl Identity {
    /// Whether the name plate could not be read, so that nobody knows which module
    /// this is.
    pub fn is_unread(&self) -> bool {
        self.serial.absence() == Some(Absence::ReadFailed)
    }
}

/// Power class and worst-case power.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// Power class, 1 to 8.
    pub class: Reading<u8>,
    /// Worst-case power of the whole module.
    pub max: Reading<Watts>,
}

/// Supported reach by kind of fibre; zero is said as absent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FiberReach {
    /// Single mode.
    pub smf: Reading<Meters>,
    /// 50 um, 500 MHz km.
    pub om2: Reading<Meters>,
    /// 50 um, 2000 MHz km.
    pub om3: Reading<Meters>,
    /// 50 um, 4700 MHz km.
    pub om4: Reading<Meters>,
    /// 50 um, wide band.
    pub om5: Reading<Meters>,
}

/// Revisions as `major.minor`.
#[derive(Debug, Clone, PartialEq)]
pub struct Firmware {
    /// The firmware that runs.
    pub active: Reading<String>,
    /// The other firmware bank.
    pub inactive: Reading<String>,
    /// The hardware.
    pub hardware: Reading<String>,
}

/// A checksum and whether it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum {
    /// `page_00`, `page_01`, `page_02`, `page_04`; `base`, `extended` for SFF, and
    /// `diagnostics` where an SFP has A2h.
    pub name: &'static str,
    /// Whether the sum of the bytes is the byte that says so.
    pub good: bool,
}

/// Clock recovery as an SFF module reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CdrPresence {
    /// In the transmit direction.
    pub tx: bool,
    /// In the receive direction.
    pub rx: bool,
}
