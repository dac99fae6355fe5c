//! A0h of SFF-8472: identity, lengths, power level (Tables 4-1 to 8-7 of revision
//! 12.4).

use crate::bus::field::{Field, Form, bit};
use crate::bus::sheet::Sheet;
use crate::units::{Meters, Watts};

/// A0h:0, 2: identifier and connector (SFF-8024).
const IDENTIFIER: u8 = 0;
const CONNECTOR: u8 = 2;
/// A0h:8: cable technology.
const CABLE: u8 = 8;
const PASSIVE_CABLE: u8 = 2;
const ACTIVE_CABLE: u8 = 3;
/// A0h:14-19: supported lengths; 18 is of a copper cable, or of OM4 fibre.
const SMF_KILOMETERS: u8 = 14;
const SMF_HUNDREDS: u8 = 15;
const OM2: u8 = 16;
const CABLE_OR_OM4: u8 = 18;
const OM3: u8 = 19;
const KILOMETER: f64 = 1000.0;
const HUNDRED_METERS: f64 = 100.0;
const TEN_METERS: f64 = 10.0;
const METER: f64 = 1.0;
/// A0h:20-91: text, offset and length, the OUI and extended compliance.
const VENDOR: (u8, u8) = (20, 16);
const EXTENDED_COMPLIANCE: u8 = 36;
const OUI: u8 = 37;
const PART_NUMBER: (u8, u8) = (40, 16);
const REVISION: (u8, u8) = (56, 4);
const SERIAL: (u8, u8) = (68, 16);
const DATE: (u8, u8) = (84, 8);
/// A0h:60-61: wavelength in nm; compliance codes of a cable.
const WAVELENGTH: u8 = 60;
const NANOMETER: f64 = 1e-9;
/// A0h:63, 95: low bytes of the sums of 0-62 and 64-94.
const BASE: (u8, u8, u8) = (0, 62, 63);
const EXTENDED: (u8, u8, u8) = (64, 94, 95);
/// A0h:64: options.
const OPTIONS: u8 = 64;
const LEVEL_3: u8 = 5;
const CDR: u8 = 3;
const LEVEL_2: u8 = 1;
/// A0h:92-94: diagnostics, their options, revision code of the memory map.
pub(super) const DIAGNOSTICS: u8 = 92;
pub(super) const ENHANCED_OPTIONS: u8 = 93;
const MAP_REVISION: u8 = 94;

/// The names of A0h.
pub const FIELDS: &[Field] = &[
    Field::byte(IDENTIFIER, "identifier"),
    Field::byte(1, "extended identifier"),
    Field::byte(CONNECTOR, "connector"),
    Field::new(3, 7, "compliance, first part", Form::Bytes),
    Field::bits(
        CABLE,
        "cable technology",
        &[bit(ACTIVE_CABLE, "active"), bit(PASSIVE_CABLE, "passive")],
    ),
    Field::new(9, 10, "compliance, last part", Form::Bytes),
    Field::byte(11, "encoding"),
    Field::byte(12, "bit rate, 100 Mbit/s"),
    Field::byte(13, "rate identifier"),
    Field::byte(SMF_KILOMETERS, "single-mode reach, km"),
    Field::byte(SMF_HUNDREDS, "single-mode reach, 100 m"),
    Field::byte(OM2, "OM2 reach, 10 m"),
    Field::byte(17, "OM1 reach, 10 m"),
    Field::byte(CABLE_OR_OM4, "cable length, m, or OM4 reach, 10 m"),
    Field::byte(OM3, "OM3 reach, 10 m"),
    Field::new(VENDOR.0, EXTENDED_COMPLIANCE - 1, "vendor name", Form::Text),
    Field::byte(EXTENDED_COMPLIANCE, "extended compliance"),
    Field::new(OUI, PART_NUMBER.0 - 1, "vendor OUI", Form::Bytes),
    Field::new(PART_NUMBER.0, REVISION.0 - 1, "part number", Form::Text),
    Field::new(REVISION.0, WAVELENGTH - 1, "part revision", Form::Text),
    Field::word(
        WAVELENGTH,
        "wavelength, nm, or cable compliance",
        Form::Unsigned,
    ),
    Field::byte(62, "fibre channel speed"),
    Field::byte(BASE.2, "checksum of 0-62"),
    Field::bits(
        OPTIONS,
        "options: power and retiming",
        &[
            bit(LEVEL_3, "power level 3"),
            bit(4, "paging"),
            bit(CDR, "CDR"),
            bit(2, "cooled"),
            bit(LEVEL_2, "power level 2"),
            bit(0, "linear receiver"),
        ],
    ),
    Field::bits(
        65,
        "options: signals",
        &[
            bit(5, "rate select"),
            bit(4, "tx disable"),
            bit(3, "tx fault"),
            bit(2, "rx los inverted"),
            bit(1, "rx los"),
        ],
    ),
    Field::byte(66, "highest bit rate"),
    Field::byte(67, "lowest bit rate"),
    Field::new(SERIAL.0, DATE.0 - 1, "serial number", Form::Text),
    Field::new(DATE.0, DIAGNOSTICS - 1, "date code", Form::Text),
    Field::bits(
        DIAGNOSTICS,
        "diagnostics",
        &[
            bit(6, "implemented"),
            bit(5, "calibrated"),
            bit(4, "host calibrates"),
            bit(3, "rx power is average"),
            bit(2, "address change"),
        ],
    ),
    Field::bits(
        ENHANCED_OPTIONS,
        "enhanced options",
        &[
            bit(7, "flags"),
            bit(6, "tx disable"),
            bit(5, "tx fault"),
            bit(4, "rx los"),
            bit(3, "rate select"),
        ],
    ),
    Field::byte(MAP_REVISION, "revision code"),
    Field::byte(EXTENDED.2, "checksum of 64-94"),
    Field::vendor(96, 127),
];

/// A length of FFh is longer than the byte can tell.
const LONGER_THAN_TOLD: u8 = 0xFF;
/// Worst-case power of levels 1 to 3, in watts.
const LEVEL_WATTS: [f64; 3] = [1.0, 1.5, 2.0];

/// What A0h says of a module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Identity<'a> {
    /// SFF-8024 identifier.
    pub identifier: u8,
    /// SFF-8024 connector code.
    pub connector: u8,
    /// SFF-8024 extended specification compliance code.
    pub extended_compliance: u8,
    /// Revision code of the memory map.
    pub map_revision: u8,
    /// Vendor name, not cleaned.
    pub vendor: &'a [u8],
    /// Vendor OUI.
    pub oui: [u8; 3],
    /// Vendor part number, not cleaned.
    pub part_number: &'a [u8],
    /// Vendor revision, not cleaned.
    pub revision: &'a [u8],
    /// Vendor serial number, not cleaned.
    pub serial: &'a [u8],
    /// Date code, not cleaned.
    pub date: &'a [u8],
    /// Power level, 2 or 3; `None` where the module declares neither, which is
    /// level 1 or a map that does not know levels.
    pub power_level: Option<u8>,
    /// Worst-case power of the level, 1 where none is declared.
    pub max_power: Watts,
    /// Clock recovery or retiming, in both directions.
    pub cdr: bool,
    /// Length of a fixed copper cable.
    pub cable_length: Option<Meters>,
    /// Reach over single-mode fibre.
    pub smf: Option<Meters>,
    /// Reach over OM2 fibre.
    pub om2: Option<Meters>,
    /// Reach over OM3 fibre.
    pub om3: Option<Meters>,
    /// Reach over OM4 fibre.
    pub om4: Option<Meters>,
    /// Nominal wavelength; none on copper.
    pub wavelength: Option<Meters>,
    /// Whether the checksum of 0-62 fits.
    pub base_checksum: bool,
    /// Whether the checksum of 64-94 fits.
    pub extended_checksum: bool,
}

impl<'a> Identity<'a> {
    /// Decodes A0h.
    pub fn decode(sheet: &'a Sheet) -> Self {
        let text = |(first, length)| sheet.slice(first, length);
        let fits = |(first, last, at)| sheet.sum(first, last) == sheet.u8(at);
        let is_copper = sheet.bit(CABLE, PASSIVE_CABLE) || sheet.bit(CABLE, ACTIVE_CABLE);
        let fibre = |at, step| length(sheet, at, step).filter(|_| !is_copper);
        let wavelength = sheet.u16(WAVELENGTH);
        let power_level = power_level(sheet);
        let [lowest, ..] = LEVEL_WATTS;
        let watts = LEVEL_WATTS.get(usize::from(power_level.unwrap_or(1) - 1));
        Self {
            identifier: sheet.u8(IDENTIFIER),
            connector: sheet.u8(CONNECTOR),
            extended_compliance: sheet.u8(EXTENDED_COMPLIANCE),
            map_revision: sheet.u8(MAP_REVISION),
            vendor: text(VENDOR),
            oui: sheet.array(OUI),
            part_number: text(PART_NUMBER),
            revision: text(REVISION),
            serial: text(SERIAL),
            date: text(DATE),
            power_level,
            max_power: Watts::new(watts.copied().unwrap_or(lowest)),
            cdr: sheet.bit(OPTIONS, CDR),
            cable_length: length(sheet, CABLE_OR_OM4, METER).filter(|_| is_copper),
            smf: fibre(SMF_KILOMETERS, KILOMETER).or(fibre(SMF_HUNDREDS, HUNDRED_METERS)),
            om2: fibre(OM2, TEN_METERS),
            om3: fibre(OM3, TEN_METERS),
            om4: fibre(CABLE_OR_OM4, TEN_METERS),
            wavelength: (wavelength != 0 && !is_copper)
                .then(|| Meters::new(f64::from(wavelength) * NANOMETER)),
            base_checksum: fits(BASE),
            extended_checksum: fits(EXTENDED),
        }
    }
}

/// The declared power level (64.5, 64.1); level 3 outranks level 2.
fn power_level(sheet: &Sheet) -> Option<u8> {
    if sheet.bit(OPTIONS, LEVEL_3) {
        Some(3)
    } else if sheet.bit(OPTIONS, LEVEL_2) {
        Some(2)
    } else {
        None
    }
}

/// A length byte; `None` where it is zero or longer than it can tell.
fn length(sheet: &Sheet, at: u8, step: f64) -> Option<Meters> {
    let steps = sheet.u8(at);
    (steps != 0 && steps != LONGER_THAN_TOLD).then(|| Meters::new(f64::from(steps) * step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(pieces: &[(u8, &[u8])]) -> Sheet {
        let mut sheet = Sheet::full([0; 128]);
        for (offset, bytes) in pieces {
            sheet.put(*offset, bytes);
        }
        sheet
    }

    #[test]
    fn levels_have_their_power() {
        let of = |options: u8| {
            let page = sheet(&[(64, &[options])]);
            let identity = Identity::decode(&page);
            (
                identity.power_level,
                identity.max_power.watts(),
                identity.cdr,
            )
        };
        assert_eq!(of(0x00), (None, 1.0, false));
        assert_eq!(of(0x02), (Some(2), 1.5, false));
        assert_eq!(of(0x20), (Some(3), 2.0, false));
        assert_eq!(of(0x2A), (Some(3), 2.0, true));
        assert_eq!(of(0xD5), (None, 1.0, false));
    }

    #[test]
    fn copper_has_a_length_and_no_wavelength() {
        let dac = sheet(&[(8, &[0x04]), (14, &[1, 2, 3, 4, 5, 6]), (60, &[0x03, 0x52])]);
        let dac = Identity::decode(&dac);
        assert_eq!(dac.cable_length, Some(Meters::new(5.0)));
        let fibres = [dac.smf, dac.om2, dac.om3, dac.om4, dac.wavelength];
        assert_eq!(fibres, [None; 5]);

        let optic = sheet(&[(14, &[0, 100, 3, 4, 5, 6]), (60, &[0x03, 0x52])]);
        let optic = Identity::decode(&optic);
        assert_eq!(optic.cable_length, None);
        assert_eq!(optic.smf, Some(Meters::new(10_000.0)));
        assert_eq!(optic.om2, Some(Meters::new(30.0)));
        assert_eq!(optic.om4, Some(Meters::new(50.0)));
        assert_eq!(optic.om3, Some(Meters::new(60.0)));
        assert!((optic.wavelength.unwrap().meters() - 850e-9).abs() < 1e-18);
    }

    #[test]
    fn checksums_cover_their_range_and_no_more() {
        for (byte, base, extended) in [
            (0, false, true),
            (62, false, true),
            (63, false, true),
            (64, true, false),
            (94, true, false),
            (95, true, false),
            (96, true, true),
        ] {
            let page = sheet(&[(byte, &[1])]);
            let identity = Identity::decode(&page);
            let fits = (identity.base_checksum, identity.extended_checksum);
            assert_eq!(fits, (base, extended), "byte {byte}");
        }
    }

    #[test]
    fn all_ones_claim_no_length() {
        let ones = Sheet::full([0xFF; 128]);
        let identity = Identity::decode(&ones);
        assert_eq!((identity.cable_length, identity.smf), (None, None));
        assert_eq!(identity.power_level, Some(3));
    }
}
