//! Page 00h of SFF-8636: identity, power class, lengths, technology (Tables 6-14
//! to 6-27 of revision 2.10).

use crate::bus::field::{Field, Form, bit, bits};
use crate::bus::sheet::Sheet;
use crate::units::{Meters, Watts};

/// 00h:129: power class and clock recovery.
const EXTENDED_IDENTIFIER: u8 = 129;
const TX_CDR: u8 = 3;
const RX_CDR: u8 = 2;
const CLASS_8: u8 = 5;
/// 00h:130: SFF-8024 connector.
const CONNECTOR: u8 = 130;
/// 00h:142-146: supported lengths; the last of a cable, or of OM4 fibre.
const SMF: u8 = 142;
const OM3: u8 = 143;
const OM2: u8 = 144;
const CABLE_OR_OM4: u8 = 146;
const SMF_STEP: f64 = 1000.0;
const OM3_STEP: f64 = 2.0;
const OM4_STEP: f64 = 2.0;
const METER: f64 = 1.0;
/// 00h:147.7-4: media interface technology.
const TECHNOLOGY: u8 = 147;
/// 00h:148-219: text, offset and length, and the OUI.
const VENDOR: (u8, u8) = (148, 16);
const OUI: u8 = 165;
const PART_NUMBER: (u8, u8) = (168, 16);
const REVISION: (u8, u8) = (184, 2);
const SERIAL: (u8, u8) = (196, 16);
const DATE: (u8, u8) = (212, 8);
/// 00h:186-187: wavelength in 0.05 nm; attenuation of copper.
const WAVELENGTH: u8 = 186;
const WAVELENGTH_STEP: f64 = 0.05e-9;
/// 00h:191, 223: low bytes of the sums of 128-190 and 192-222.
const BASE: (u8, u8, u8) = (128, 190, 191);
const EXTENDED: (u8, u8, u8) = (192, 222, 223);
/// 00h:192: SFF-8024 extended specification compliance.
const EXTENDED_COMPLIANCE: u8 = 192;
/// 00h:193-195: options; 00h:220: which monitors there are.
pub(super) const EQUALISER_OPTIONS: u8 = 193;
pub(super) const LOCK_OPTIONS: u8 = 194;
pub(super) const FAULT_OPTIONS: u8 = 195;
pub(super) const DIAGNOSTICS: u8 = 220;

/// The names of page 00h (Tables 6-14 to 6-27).
pub const FIELDS: &[Field] = &[
    Field::byte(128, "identifier, again"),
    Field::bits(
        EXTENDED_IDENTIFIER,
        "extended identifier",
        &[
            bits(7, 6, "class less one"),
            bit(CLASS_8, "class 8"),
            bit(4, "CLEI"),
            bit(TX_CDR, "tx CDR"),
            bit(RX_CDR, "rx CDR"),
            bits(1, 0, "class less four"),
        ],
    ),
    Field::byte(CONNECTOR, "connector"),
    Field::new(131, 138, "compliance", Form::Bytes),
    Field::byte(139, "encoding"),
    Field::byte(140, "bit rate, 100 Mbit/s"),
    Field::byte(141, "rate select"),
    Field::byte(SMF, "single-mode reach, km"),
    Field::byte(OM3, "OM3 reach, 2 m"),
    Field::byte(OM2, "OM2 reach, m"),
    Field::byte(145, "OM1 reach, m"),
    Field::byte(CABLE_OR_OM4, "cable length, m, or OM4 reach, 2 m"),
    Field::bits(
        TECHNOLOGY,
        "device technology",
        &[
            bits(7, 4, "code"),
            bit(3, "wavelength control"),
            bit(2, "cooled"),
            bit(1, "APD"),
            bit(0, "tunable"),
        ],
    ),
    Field::new(VENDOR.0, VENDOR.0 + VENDOR.1 - 1, "vendor name", Form::Text),
    Field::byte(164, "extended module codes"),
    Field::new(OUI, PART_NUMBER.0 - 1, "vendor OUI", Form::Bytes),
    Field::new(PART_NUMBER.0, REVISION.0 - 1, "part number", Form::Text),
    Field::new(REVISION.0, WAVELENGTH - 1, "part revision", Form::Text),
    Field::word(
        WAVELENGTH,
        "wavelength, 0.05 nm, or attenuation",
        Form::Unsigned,
    ),
    Field::word(
        188,
        "wavelength tolerance, 0.005 nm, or attenuation",
        Form::Unsigned,
    ),
    Field::byte(190, "highest case °C"),
    Field::byte(BASE.2, "checksum of 128-190"),
    Field::byte(EXTENDED_COMPLIANCE, "extended compliance"),
    Field::new(
        EQUALISER_OPTIONS,
        EQUALISER_OPTIONS,
        "options: equalisers",
        Form::Bytes,
    ),
    Field::new(LOCK_OPTIONS, LOCK_OPTIONS, "options: lock", Form::Bytes),
    Field::bits(
        FAULT_OPTIONS,
        "options: pages and faults",
        &[
            bit(7, "page 02h"),
            bit(6, "page 01h"),
            bit(5, "rate select"),
            bit(4, "tx disable"),
            bit(3, "tx fault"),
            bit(2, "tx squelch by power"),
            bit(1, "tx los"),
            bit(0, "pages 20h 21h"),
        ],
    ),
    Field::new(SERIAL.0, DATE.0 - 1, "serial number", Form::Text),
    Field::new(DATE.0, DIAGNOSTICS - 1, "date code", Form::Text),
    Field::bits(
        DIAGNOSTICS,
        "diagnostics",
        &[
            bit(5, "temperature"),
            bit(4, "supply"),
            bit(3, "rx power is average"),
            bit(2, "tx power"),
        ],
    ),
    Field::byte(221, "enhanced options"),
    Field::byte(222, "bit rate, 250 Mbit/s"),
    Field::byte(EXTENDED.2, "checksum of 192-222"),
    Field::vendor(224, 255),
];

/// Technologies that are copper, and those of them without electronics.
const FIRST_COPPER: u8 = 0x0A;
const LAST_PASSIVE: u8 = 0x0B;
/// The connector of a cable whose ends cannot be taken off.
const NOT_SEPARABLE: u8 = 0x23;
/// A length of FFh is longer than the byte can tell.
const LONGER_THAN_TOLD: u8 = 0xFF;

/// Worst-case power of classes 1 to 7, in watts.
const CLASS_WATTS: [f64; 7] = [1.5, 2.0, 2.5, 3.5, 4.0, 4.5, 5.0];

/// The media interface technology code (147.7-4).
pub fn technology(sheet: &Sheet) -> u8 {
    sheet.u8(TECHNOLOGY) >> 4
}

/// Whether a technology is copper without electronics.
pub(super) fn is_passive_copper(technology: u8) -> bool {
    (FIRST_COPPER..=LAST_PASSIVE).contains(&technology)
}

/// What page 00h says of a module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Identity<'a> {
    /// SFF-8024 connector code.
    pub connector: u8,
    /// Media interface technology code.
    pub technology: u8,
    /// SFF-8024 extended specification compliance code.
    pub extended_compliance: u8,
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
    /// Power class, 1 to 8.
    pub power_class: u8,
    /// Clock recovery in the transmit direction.
    pub tx_cdr: bool,
    /// Clock recovery in the receive direction.
    pub rx_cdr: bool,
    /// Length of a fixed cable.
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
    /// Whether the checksum of 128-190 fits.
    pub base_checksum: bool,
    /// Whether the checksum of 192-222 fits.
    pub extended_checksum: bool,
}

impl<'a> Identity<'a> {
    /// Decodes page 00h. The revision code of lower memory tells whether class 8
    /// exists (since 2.8).
    pub fn decode(sheet: &'a Sheet, revision_code: u8) -> Self {
        let text = |(first, length)| sheet.slice(first, length);
        let fits = |(first, last, at)| sheet.sum(first, last) == sheet.u8(at);
        let connector = sheet.u8(CONNECTOR);
        let technology = technology(sheet);
        let is_copper = technology >= FIRST_COPPER;
        let is_cable = is_copper || connector == NOT_SEPARABLE;
        let last_length = if is_cable { METER } else { OM4_STEP };
        let last_length = length(sheet, CABLE_OR_OM4, last_length);
        let fibre = |at, step| length(sheet, at, step).filter(|_| !is_copper);
        let wavelength = sheet.u16(WAVELENGTH);
        Self {
            connector,
            technology,
            extended_compliance: sheet.u8(EXTENDED_COMPLIANCE),
            vendor: text(VENDOR),
            oui: sheet.array(OUI),
            part_number: text(PART_NUMBER),
            revision: text(REVISION),
            serial: text(SERIAL),
            date: text(DATE),
            power_class: power_class(sheet, revision_code),
            tx_cdr: sheet.bit(EXTENDED_IDENTIFIER, TX_CDR),
            rx_cdr: sheet.bit(EXTENDED_IDENTIFIER, RX_CDR),
            cable_length: last_length.filter(|_| is_cable),
            smf: fibre(SMF, SMF_STEP),
            om2: fibre(OM2, METER),
            om3: fibre(OM3, OM3_STEP),
            om4: last_length.filter(|_| !is_cable),
            wavelength: (wavelength != 0 && !is_copper)
                .then(|| Meters::new(f64::from(wavelength) * WAVELENGTH_STEP)),
            base_checksum: fits(BASE),
            extended_checksum: fits(EXTENDED),
        }
    }
}

/// The power class, 1 to 8 (129.7-5, 1-0). The bits of classes 5 to 8 override
/// those of 1 to 4; that of class 8 has a meaning since revision 2.8 only.
fn power_class(sheet: &Sheet, revision_code: u8) -> u8 {
    let byte = sheet.u8(EXTENDED_IDENTIFIER);
    let has_class_8 = revision_code >= super::SUPPORT_BITS_SINCE;
    match (byte >> 6, byte & 0b11) {
        _ if has_class_8 && sheet.bit(EXTENDED_IDENTIFIER, CLASS_8) => 8,
        (low, 0) => low + 1,
        (_, high) => high + 4,
    }
}

/// The worst-case power of a class; `None` for class 8, which has its own byte.
pub fn class_power(class: u8) -> Option<Watts> {
    let place = usize::from(class).checked_sub(1)?;
    CLASS_WATTS.get(place).copied().map(Watts::new)
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
    fn classes_follow_their_bits() {
        let class = |byte: u8, revision| power_class(&sheet(&[(129, &[byte])]), revision);
        assert_eq!([0x00, 0x40, 0x80, 0xC0].map(|b| class(b, 8)), [1, 2, 3, 4]);
        assert_eq!([0xC1, 0xC2, 0xC3].map(|b| class(b, 8)), [5, 6, 7]);
        assert_eq!(class(0x20, 8), 8);
        assert_eq!(class(0xE3, 8), 8);
        assert_eq!(class(0x20, 7), 1);
        let watts = [1.5, 2.0, 2.5, 3.5, 4.0, 4.5, 5.0];
        for (class, watts) in (1..=7).zip(watts) {
            assert_eq!(class_power(class), Some(Watts::new(watts)));
        }
        assert_eq!((class_power(8), class_power(0)), (None, None));
    }

    #[test]
    fn the_last_length_is_of_a_cable_or_of_fibre() {
        let optic = sheet(&[(142, &[10, 50, 30, 7, 75]), (186, &[0x42, 0x68])]);
        let optic = Identity::decode(&optic, 8);
        assert_eq!(optic.cable_length, None);
        assert_eq!(optic.om4, Some(Meters::new(150.0)));
        assert_eq!(optic.om3, Some(Meters::new(100.0)));
        assert_eq!(optic.om2, Some(Meters::new(30.0)));
        assert_eq!(optic.smf, Some(Meters::new(10_000.0)));
        assert!((optic.wavelength.unwrap().meters() - 850e-9).abs() < 1e-15);

        let dac = sheet(&[(142, &[1, 1, 1, 1, 3, 0xA0]), (186, &[5, 7])]);
        let dac = Identity::decode(&dac, 8);
        assert_eq!(dac.cable_length, Some(Meters::new(3.0)));
        assert_eq!((dac.om4, dac.smf, dac.wavelength), (None, None, None));

        let aoc = sheet(&[(130, &[0x23]), (146, &[15])]);
        let aoc = Identity::decode(&aoc, 8);
        assert_eq!(aoc.cable_length, Some(Meters::new(15.0)));
        assert_eq!(aoc.om4, None);
    }

    #[test]
    fn checksums_cover_their_range_and_no_more() {
        for (byte, base, extended) in [
            (128, false, true),
            (190, false, true),
            (191, false, true),
            (192, true, false),
            (222, true, false),
            (223, true, false),
            (224, true, true),
        ] {
            let page = sheet(&[(byte, &[1])]);
            let identity = Identity::decode(&page, 8);
            let fits = (identity.base_checksum, identity.extended_checksum);
            assert_eq!(fits, (base, extended), "byte {byte}");
        }
    }

    #[test]
    fn all_ones_claim_no_length() {
        let ones = Sheet::full([0xFF; 128]);
        let identity = Identity::decode(&ones, 8);
        assert_eq!(identity.cable_length, None);
        assert_eq!((identity.technology, identity.power_class), (15, 8));
        assert!(identity.tx_cdr && identity.rx_cdr);
        let zeros = Sheet::full([0; 128]);
        let identity = Identity::decode(&zeros, 8);
        assert_eq!((identity.wavelength, identity.om4), (None, None));
        assert!(!identity.tx_cdr && !identity.rx_cdr);
    }
}
