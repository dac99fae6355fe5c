//! Finds out what answers: which map, how it is paged, and whether it is still
//! the module that was there before.

use std::sync::Arc;
use std::time::Duration;

use super::Management;
use super::assemble::{self, Registers};
use super::read_list::Advertised;
use crate::bus::address::{Half, Span};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;
use crate::bus::{Addressing, BusError, Memory, Part};
use crate::sff::{sff8472, sff8636};

/// Identifier, revision and memory model: the first bytes of every map. Not one
/// more: what follows in SFF-8636 is latched and clears when read.
const FIRST_BYTES: Part = Part {
    first: 0,
    length: 3,
};
/// CMIS 00h:2.7 and SFF-8636 00h:2.2: there is only page 00h.
const MEMORY_MODEL: u8 = 2;
const CMIS_FLAT_BIT: u8 = 7;
const SFF8636_FLAT_BIT: u8 = 2;
/// SFF-8472 A0h:64.4: A2h has pages.
const SFF8472_OPTIONS: u8 = 64;
const SFF8472_PAGED_BIT: u8 = 4;
/// CMIS 00h:8.0: the module state changed.
const CMIS_MODULE_EVENTS: u8 = 8;
const STATE_CHANGED_BIT: u8 = 0;
/// CMIS 00h:39-40: active firmware, major and minor.
const ACTIVE_FIRMWARE: u8 = 39;

/// What a module turned out to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identified {
    /// Which map it follows.
    pub management: Management,
    /// Whether it has one upper page only.
    pub flat: bool,
    /// Whether reads of more than eight bytes can be trusted.
    pub long_reads: bool,
}

/// Reads the first bytes, sets how the module is addressed and proves how much
/// it serves in one read.
pub(super) async fn identify(
    memory: &mut dyn Memory,
    image: &mut Image,
) -> Result<Identified, BusError> {
    memory.set_addressing(Addressing::Flat);
    let lower = image.sheet_mut(Half::LOWER);
    memory
        .visit_in_steps(Half::LOWER, &[FIRST_BYTES], lower)
        .await?;
    let management = assemble::management(lower.u8(0));
    let flat = match management {
        Management::Cmis => lower.bit(MEMORY_MODEL, CMIS_FLAT_BIT),
        Management::Sff8636 => lower.bit(MEMORY_MODEL, SFF8636_FLAT_BIT),
        Management::Sff8472 => !sfp_has_pages(memory, lower).await?,
        Management::Unknown => true,
    };
    memory.set_addressing(match (management, flat) {
        (_, true) | (Management::Unknown, false) => Addressing::Flat,
        (Management::Cmis, false) => Addressing::BankAndPage,
        (Management::Sff8636 | Management::Sff8472, false) => Addressing::Page,
    });
    let long_reads = match management {
        Management::Cmis | Management::Sff8636 => memory.probe_read_size(Half::page(0x00)).await?,
        Management::Sff8472 => memory.probe_read_size(Half::LOWER).await?,
        Management::Unknown => true,
    };
    Ok(Identified {
        management,
        flat,
        long_reads,
    })
}

/// Whether an SFP's diagnostics have pages.
async fn sfp_has_pages(memory: &mut dyn Memory, lower: &mut Sheet) -> Result<bool, BusError> {
    let options = Part {
        first: SFF8472_OPTIONS,
        length: 1,
    };
    memory
        .visit_in_steps(Half::LOWER, &[options], lower)
        .await?;
    Ok(lower.bit(SFF8472_OPTIONS, SFF8472_PAGED_BIT))
}

/// What the module advertises, from the first reads.
pub(super) fn advertised(image: &Image, identified: Identified) -> Advertised {
    let lower = image.sheet(Half::LOWER);
    let page_00 = image.sheet(Half::page(0x00));
    match (identified.management, lower, page_00) {
        (Management::Cmis, Some(_), _) => {
            let seen = assemble::snapshot(Registers {
                image: Arc::new(image.clone()),
                failures: Vec::new(),
                started: Duration::ZERO,
                finished: Duration::ZERO,
            });
            Advertised::Cmis(seen.advertisement.value())
        }
        (Management::Sff8636, Some(lower), Some(page)) => {
            Advertised::Sff8636(sff8636::Advertisement::from_sheets(lower, page))
        }
        (Management::Sff8472, Some(a0), _) => {
            Advertised::Sff8472(sff8472::Advertisement::from_sheets(a0))
        }
        _ => Advertised::Unknown,
    }
}

/// The registers that name a module: vendor to date code.
fn plate_span(management: Management) -> Option<Span> {
    match management {
        Management::Cmis => Span::new(Half::page(0x00), 129, 189),
        Management::Sff8636 => Span::new(Half::page(0x00), 148, 219),
        Management::Sff8472 => Span::new(Half::LOWER, 20, 91),
        Management::Unknown => None,
    }
}

/// The serial number alone.
fn serial_span(management: Management) -> Option<Span> {
    match management {
        Management::Cmis => Span::new(Half::page(0x00), 166, 181),
        Management::Sff8636 => Span::new(Half::page(0x00), 196, 211),
        Management::Sff8472 => Span::new(Half::LOWER, 68, 83),
        Management::Unknown => None,
    }
}

/// The name plate of the module in an image, if it is known.
pub(super) fn plate(image: &Image, management: Management) -> Option<&[u8]> {
    let span = plate_span(management)?;
    let sheet = image.known(span)?;
    Some(sheet.slice(span.first(), span.length()))
}

/// The first bytes of the module that answers: equal ones mean the same map,
/// paged in the same way.
pub(super) async fn kind(memory: &mut dyn Memory) -> Result<[u8; 3], BusError> {
    let mut lower = Sheet::unknown();
    memory
        .visit_in_steps(Half::LOWER, &[FIRST_BYTES], &mut lower)
        .await?;
    Ok(kind_of(&lower))
}

/// The first bytes in lower memory, as [`kind`] gives them.
pub(super) fn kind_of(lower: &Sheet) -> [u8; 3] {
    lower.array(FIRST_BYTES.first)
}

/// Whether the module says that its state changed: it was reset, or it is new.
pub(super) fn state_changed(lower: &Sheet, identified: Identified) -> bool {
    identified.management == Management::Cmis && lower.bit(CMIS_MODULE_EVENTS, STATE_CHANGED_BIT)
}

/// The active firmware as the module tells it (CMIS 00h:39-40).
pub(super) fn firmware(image: &Image) -> Option<[u8; 2]> {
    let span = Span::new(Half::LOWER, ACTIVE_FIRMWARE, ACTIVE_FIRMWARE + 1)?;
    let lower = image.known(span)?;
    let is_cmis = assemble::management(lower.u8(0)) == Management::Cmis;
    is_cmis.then(|| lower.array(ACTIVE_FIRMWARE))
}

/// Whether another serial number answers.
///
/// # Errors
/// As [`Memory::visit`].
pub(super) async fn serial_changed(
    memory: &mut dyn Memory,
    image: &Image,
    identified: Identified,
) -> Result<bool, BusError> {
    let Some(span) = serial_span(identified.management) else {
        return Ok(false);
    };
    let Some(known) = image.known(span) else {
        return Ok(true);
    };
    let now = read(memory, span).await?;
    Ok(now.slice(span.first(), span.length()) != known.slice(span.first(), span.length()))
}

/// What tells one module from another: the kind of its map, and its name plate,
/// if it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    kind: [u8; 3],
    plate: Option<Vec<u8>>,
}

impl Name {
    /// The name of the module that answers, as far as it gives one.
    ///
    /// # Errors
    /// As [`Memory::visit`], if not even the kind can be read.
    pub async fn read(memory: &mut dyn Memory, management: Management) -> Result<Self, BusError> {
        let kind = kind(memory).await?;
        Ok(Self::of_kind(kind, memory, management).await)
    }

    /// The name of the module that answers, which was of that kind a moment ago.
    pub async fn of_kind(kind: [u8; 3], memory: &mut dyn Memory, management: Management) -> Self {
        let plate = match plate_span(management) {
            Some(span) => read(memory, span).await.ok().map(|sheet| {
                let plate = sheet.slice(span.first(), span.length());
                plate.to_vec()
            }),
            None => None,
        };
        Self { kind, plate }
    }

    /// Whether this and another reading may be of the same module.
    pub fn may_be(&self, other: &Self) -> bool {
        let plates = self.plate.as_ref().zip(other.plate.as_ref());
        self.kind == other.kind && plates.is_none_or(|(plate, other)| plate == other)
    }
}

/// Reads one span.
async fn read(memory: &mut dyn Memory, span: Span) -> Result<Sheet, BusError> {
    let mut sheet = Sheet::unknown();
    let part = Part {
        first: span.first(),
        length: span.length(),
    };
    memory
        .visit_in_steps(span.half(), &[part], &mut sheet)
        .await?;
    Ok(sheet)
}
