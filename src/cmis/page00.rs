//! Page 00h: who made the module, its power, cable and connector (CMIS 5.4
//! Tables 8-33 to 8-41).

use super::always;
use super::page01::Advertisement;
use crate::bus::address::Device;
use crate::bus::field::{Field, Form, bits};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::units::{Meters, Watts};

const IDENTIFIER: u8 = 128;
const VENDOR: u8 = 129;
const OUI: u8 = 145;
const PART_NUMBER: u8 = 148;
const REVISION_NUMBER: u8 = 164;
const SERIAL: u8 = 166;
const DATE_CODE: u8 = 182;
const POWER_CLASS: u8 = 200;
const MAX_POWER: u8 = 201;
const CABLE_LENGTH: u8 = 202;
const CONNECTOR: u8 = 203;
const MEDIA_LANES_UNSUPPORTED: u8 = 210;
const MEDIA_TECHNOLOGY: u8 = 212;
const LAST_SUMMED: u8 = 221;
const CHECKSUM: u8 = 222;

/// Worst-case power is in quarter watts.
const WATTS_PER_BIT: f64 = 0.25;
/// What the two top bits of the cable length multiply the others with.
const METERS_PER_BIT: [f64; 4] = [0.1, 1.0, 10.0, 100.0];
/// The length code for any cable that is too long for the others.
const BEYOND_LONGEST: u8 = 0xFF;

/// Identity and static properties, with their checksum.
pub const IDENTITY: Group<Advertisement> = Group {
    name: "identity",
    place: Place::Page(Device::A0, 0x00),
    first: IDENTIFIER,
    last: CHECKSUM,
    cadence: Cadence::Insertion,
    clears: false,
    gate: always,
};

/// Every register group of page 00h.
pub const GROUPS: &[Group<Advertisement>] = &[IDENTITY];

/// The names of all of page 00h.
pub const FIELDS: &[Field] = &[
    Field::byte(IDENTIFIER, "identifier, again"),
    Field::new(VENDOR, OUI - 1, "vendor name", Form::Text),
    Field::new(OUI, PART_NUMBER - 1, "vendor OUI", Form::Bytes),
    Field::new(PART_NUMBER, REVISION_NUMBER - 1, "part number", Form::Text),
    Field::new(REVISION_NUMBER, SERIAL - 1, "part revision", Form::Text),
    Field::new(SERIAL, DATE_CODE - 1, "serial number", Form::Text),
    Field::new(DATE_CODE, 189, "date code", Form::Text),
    Field::new(190, 199, "CLEI code", Form::Text),
    Field::bits(
        POWER_CLASS,
        "power class",
        &[bits(7, 5, "class less one"), bits(4, 0, "reserved")],
    ),
    Field::byte(MAX_POWER, "largest power, 0.25 W"),
    Field::bits(
        CABLE_LENGTH,
        "cable length",
        &[bits(7, 6, "multiplier"), bits(5, 0, "base")],
    ),
    Field::byte(CONNECTOR, "connector"),
    Field::new(204, 208, "copper attenuation", Form::Unsigned).each(1),
    Field::reserved(209, 209),
    Field::lanes(MEDIA_LANES_UNSUPPORTED, "media lanes that are not there"),
    Field::byte(211, "far end configuration"),
    Field::byte(MEDIA_TECHNOLOGY, "media technology"),
    Field::new(213, 214, "SPI flow control", Form::Bytes),
    Field::reserved(215, 220),
    Field::vendor(LAST_SUMMED, LAST_SUMMED),
    Field::byte(CHECKSUM, "checksum of 128-221"),
    Field::vendor(223, 255),
];

/// Length of a cable with fixed ends (Table 8-34 in 5.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CableLength {
    /// No cable: the medium can be taken off.
    Separable,
    /// This long.
    Exactly(Meters),
    /// Longer than 6300 m.
    BeyondLongest,
}

/// Identity and static properties. Text is as it stands in the registers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Identity {
    /// A second copy of the identifier of lower memory.
    pub identifier: u8,
    /// Vendor name.
    pub vendor: [u8; 16],
    /// Vendor OUI.
    pub oui: [u8; 3],
    /// Vendor part number.
    pub part_number: [u8; 16],
    /// Vendor revision.
    pub revision_number: [u8; 2],
    /// Vendor serial number.
    pub serial: [u8; 16],
    /// Date code, YYMMDD and lot.
    pub date_code: [u8; 8],
    /// Power class, 1 to 8.
    pub power_class: u8,
    /// The low five bits of the power class byte, which should be zero.
    pub power_class_reserved: u8,
    /// Worst-case power.
    pub max_power: Watts,
    /// Cable length.
    pub cable_length: CableLength,
    /// SFF-8024 connector code.
    pub connector: u8,
    /// Bit k: media lane k + 1 of each bank does not exist.
    pub media_lanes_unsupported: u8,
    /// Media interface technology code.
    pub media_technology: u8,
}

/// Decodes [`IDENTITY`].
pub fn identity(page: &Sheet) -> Identity {
    let power_class = page.u8(POWER_CLASS);
    Identity {
        identifier: page.u8(IDENTIFIER),
        vendor: page.array(VENDOR),
        oui: page.array(OUI),
        part_number: page.array(PART_NUMBER),
        revision_number: page.array(REVISION_NUMBER),
        serial: page.array(SERIAL),
        date_code: page.array(DATE_CODE),
        power_class: (power_class >> 5) + 1,
        power_class_reserved: power_class & 0x1F,
        max_power: Watts::new(f64::from(page.u8(MAX_POWER)) * WATTS_PER_BIT),
        cable_length: cable_length(page.u8(CABLE_LENGTH)),
        connector: page.u8(CONNECTOR),
        media_lanes_unsupported: page.u8(MEDIA_LANES_UNSUPPORTED),
        media_technology: page.u8(MEDIA_TECHNOLOGY),
    }
}

/// Whether the checksum fits the bytes 128 to 221.
pub fn checksum_is_good(page: &Sheet) -> bool {
    page.sum(IDENTIFIER, LAST_SUMMED) == page.u8(CHECKSUM)
}

fn cable_length(code: u8) -> CableLength {
    let [tenth, one, ten, hundred] = METERS_PER_BIT;
    let multiplier = match code >> 6 {
        0 => tenth,
        1 => one,
        2 => ten,
        _ => hundred,
    };
    match code & 0x3F {
        0 => CableLength::Separable,
        _ if code == BEYOND_LONGEST => CableLength::BeyondLongest,
        base => CableLength::Exactly(Meters::new(f64::from(base) * multiplier)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_active_cable() {
        let mut page = Sheet::full([0; 128]);
        page.put(128, &[0x19]);
        page.put(129, b"ACME OPTICS     ");
        page.put(145, &[0x00, 0x1B, 0xC5]);
        page.put(200, &[0xA0, 0x30, 0x0F, 0x23]);
        page.put(210, &[0xF0, 0x02, 0x0C]);
        let sum = page.sum(128, 221);
        page.put(222, &[sum]);

        let identity = identity(&page);
        assert_eq!(identity.identifier, 0x19);
        assert_eq!(&identity.vendor, b"ACME OPTICS     ");
        assert_eq!(identity.oui, [0x00, 0x1B, 0xC5]);
        assert_eq!(identity.power_class, 6);
        assert_eq!(identity.power_class_reserved, 0);
        assert_eq!(identity.max_power, Watts::new(12.0));
        assert_eq!(
            identity.cable_length,
            CableLength::Exactly(Meters::new(1.5))
        );
        assert_eq!(identity.connector, 0x23);
        assert_eq!(identity.media_lanes_unsupported, 0xF0);
        assert_eq!(identity.media_technology, 0x0C);
        assert!(checksum_is_good(&page));
        page.put(203, &[0x24]);
        assert!(!checksum_is_good(&page));
    }

    #[test]
    fn zeros_are_the_lowest_class_and_no_cable() {
        let page = Sheet::full([0; 128]);
        let identity = identity(&page);
        assert_eq!(identity.power_class, 1);
        assert_eq!(identity.max_power, Watts::new(0.0));
        assert_eq!(identity.cable_length, CableLength::Separable);
        assert!(checksum_is_good(&page));
    }

    #[test]
    fn ones_are_the_highest_class_and_a_cable_beyond_measure() {
        let page = Sheet::full([0xFF; 128]);
        let identity = identity(&page);
        assert_eq!(identity.power_class, 8);
        assert_eq!(identity.power_class_reserved, 0x1F);
        assert_eq!(identity.max_power, Watts::new(63.75));
        assert_eq!(identity.cable_length, CableLength::BeyondLongest);
        assert!(!checksum_is_good(&page));
    }

    #[test]
    fn every_length_code_but_the_last_is_base_times_multiplier() {
        for code in 0..=0xFE_u8 {
            let meters = match cable_length(code) {
                CableLength::Separable => 0.0,
                CableLength::Exactly(length) => length.meters(),
                CableLength::BeyondLongest => panic!("code {code}"),
            };
            let expected = f64::from(code & 0x3F) * 10_f64.powi(i32::from(code >> 6) - 1);
            assert!((meters - expected).abs() < 1e-9, "code {code}");
        }
    }
}
