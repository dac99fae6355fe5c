//! Identity, power, reach and revisions of a CMIS module.

use super::assemble::Registers;
use super::from_cmis::Source;
use super::{Absence, Checksum, FiberReach, Firmware, Identity, Power, Reading};
use crate::bus::address::{Bank, Half};
use crate::cmis::lower::{self, Revision, Status};
use crate::cmis::page00::{self, CableLength};
use crate::cmis::page01::{self, Advertisement, reach};
use crate::cmis::{page02, page04, text};
use crate::units::Meters;

/// Firmware whose image is not valid.
const BAD_IMAGE: [u8; 2] = [0xFF, 0xFF];

pub(super) fn identity(
    source: &Source,
    registers: &Registers,
    status: Reading<Status>,
    page: Reading<page00::Identity>,
    problems: &mut Vec<String>,
) -> Identity {
    let identifier = registers
        .image
        .sheet(Half::LOWER)
        .map_or(0, |lower| lower.u8(0));
    if let Some(copy) = page.value().map(|page| page.identifier)
        && copy != identifier
    {
        problems.push(format!(
            "identifier is {identifier:02X}h in lower memory, but {copy:02X}h on page 00h"
        ));
    }
    let mut told = |name: &str, bytes: Reading<&[u8]>| bytes.and_then(|b| field(name, b, problems));
    let page = page.as_ref();
    Identity {
        identifier,
        function_type: function_type(source, status),
        revision: status.map(|status| status.revision.to_string()),
        flat_memory: status.value().is_some_and(|status| status.flat_memory),
        vendor: told("vendor name", page.map(|p| p.vendor.as_slice())),
        oui: page.map(|p| p.oui),
        part_number: told("part number", page.map(|p| p.part_number.as_slice())),
        revision_number: told(
            "vendor revision",
            page.map(|p| p.revision_number.as_slice()),
        ),
        serial: told("serial number", page.map(|p| p.serial.as_slice())),
        date_code: told("date code", page.map(|p| p.date_code.as_slice())),
        connector: page.map(|p| p.connector),
        media_technology: page.map(|p| p.media_technology),
        extended_compliance: Reading::NOT_ADVERTISED,
    }
}

/// What kind of module it says it is; nothing before CMIS 5.3.
fn function_type(source: &Source, status: Reading<Status>) -> Reading<u8> {
    let lower = status.and_then(|_| source.group(&lower::BUILD, Bank::ZERO));
    lower.and_then(|lower| {
        lower::function_type(lower).map_or(Reading::NOT_ADVERTISED, Reading::Value)
    })
}

/// A text field; blank ones are undefined.
fn field(name: &str, bytes: &[u8], problems: &mut Vec<String>) -> Reading<String> {
    let (text, dropped) = text::clean(bytes);
    if dropped {
        let shown = bytes.escape_ascii();
        problems.push(format!("{name} holds bytes that are not text: \"{shown}\""));
    }
    Some(text).filter(|text| !text.is_empty()).into()
}

pub(super) fn power(page: Reading<page00::Identity>, problems: &mut Vec<String>) -> Power {
    if let Some(bits) = page.value().map(|page| page.power_class_reserved)
        && bits != 0
    {
        problems.push(format!("00h:200 has reserved bits set: {bits:02X}h"));
    }
    Power {
        class: page.map(|page| page.power_class),
        max: page.map(|page| page.max_power),
    }
}

pub(super) fn cable_length(
    page: Reading<page00::Identity>,
    problems: &mut Vec<String>,
) -> Reading<Meters> {
    page.and_then(|page| match page.cable_length {
        CableLength::Separable => Reading::Absent(Absence::Undefined),
        CableLength::Exactly(length) => Reading::Value(length),
        CableLength::BeyondLongest => {
            problems.push("cable is longer than 6300 m".to_owned());
            Reading::Absent(Absence::Undefined)
        }
    })
}

pub(super) fn fiber(source: &Source, advertisement: Reading<Advertisement>) -> FiberReach {
    let page = source.group(&page01::ADVERTISEMENT, Bank::ZERO);
    let told = page.and_then(|page| advertisement.map(|a| reach::reach(page, a.revision)));
    FiberReach {
        smf: told.and_then(|told| told.smf.into()),
        om2: told.and_then(|told| told.om2.into()),
        om3: told.and_then(|told| told.om3.into()),
        om4: told.and_then(|told| told.om4.into()),
        om5: told.and_then(|told| told.om5.into()),
    }
}

pub(super) fn wavelength(source: &Source) -> Reading<Meters> {
    source
        .group(&page01::ADVERTISEMENT, Bank::ZERO)
        .and_then(|page| reach::wavelength(page).into())
}

pub(super) fn firmware(source: &Source) -> Firmware {
    let lower = source.group(&lower::FIRMWARE_AND_FAULT, Bank::ZERO);
    let page = source.group(&page01::ADVERTISEMENT, Bank::ZERO);
    let image = |version: [u8; 2]| match version {
        BAD_IMAGE => Reading::Absent(Absence::Undefined),
        version => Reading::Value(dotted(version)),
    };
    Firmware {
        active: lower.map(lower::active_firmware).and_then(image),
        inactive: page.map(page01::inactive_firmware).and_then(image),
        hardware: page.map(page01::hardware_revision).map(dotted),
    }
}

fn dotted([major, minor]: [u8; 2]) -> String {
    format!("{major}.{minor}")
}

/// The checksums of pages of which every summed byte is known.
pub(super) fn checksums(
    source: &Source,
    advertisement: Reading<Advertisement>,
    problems: &mut Vec<String>,
) -> Vec<Checksum> {
    let page_00 = source
        .group(&page00::IDENTITY, Bank::ZERO)
        .map(page00::checksum_is_good);
    let page_01 = source
        .group(&page01::ADVERTISEMENT, Bank::ZERO)
        .map(page01::checksum_is_good);
    let page_02 = source
        .group(&page02::THRESHOLDS, Bank::ZERO)
        .map(page02::checksum_is_good);
    // Page 04h has had a checksum since CMIS 5.0.
    let page_04 = advertisement.and_then(|says| match says.tunable() {
        true if says.revision >= Revision::V5_0 => source
            .group(&page04::CAPABILITY, Bank::ZERO)
            .map(page04::checksum_is_good),
        _ => Reading::NOT_ADVERTISED,
    });
    let mut checksums = Vec::new();
    for (name, good) in [
        ("page_00", page_00),
        ("page_01", page_01),
        ("page_02", page_02),
        ("page_04", page_04),
    ] {
        if good == Reading::Value(false) {
            problems.push(format!("checksum of {}h is wrong", name.replace('_', " ")));
        }
        checksums.extend(good.value().map(|good| Checksum { name, good }));
    }
    checksums
}
