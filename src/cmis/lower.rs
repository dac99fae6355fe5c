//! Lower memory, bytes 0 to 127: what the module is, its state, module-wide
//! flags and monitors, and the first eight applications (CMIS 5.4 Tables 8-7 to
//! 8-23).

mod fields;

pub use fields::FIELDS;

use super::page01::Advertisement;
use super::{always, scale};
use crate::bus::address::Device;
use crate::bus::field::{Bits, bits};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::units::{Celsius, Volts};

// Table 8-7 and before: identity and status.
const IDENTIFIER: u8 = 0;
const REVISION: u8 = 1;
const MANAGEMENT: u8 = 2;
const FLAT_MEMORY_BIT: u8 = 7;
const STATE: u8 = 3;
const FIRMWARE: u8 = 39;
const FAULT_CAUSE: u8 = 41;
const FUNCTION_TYPE: u8 = 57;
// Table 8-9: latched flags. A half byte holds the four levels of one monitor.
const MODULE_EVENTS: u8 = 8;
const STATE_CHANGED_BIT: u8 = 0;
const MODULE_FIRMWARE_ERROR_BIT: u8 = 1;
const DATA_PATH_FIRMWARE_ERROR_BIT: u8 = 2;
const CASE_LEVELS: u8 = 9;
const AUX_LEVELS: u8 = 10;
const OTHER_LEVELS: u8 = 11;
const LOW_HALF: u8 = 0;
const HIGH_HALF: u8 = 4;
// Monitors.
const TEMPERATURE: u8 = 14;
const SUPPLY: u8 = 16;
const AUX1: u8 = 18;
const AUX2: u8 = 20;
const AUX3: u8 = 22;
const CUSTOM: u8 = 24;
// Tables 8-20 to 8-23: media type and application descriptors.
const MEDIA_TYPE: u8 = 85;
const DESCRIPTORS: u8 = 86;
const DESCRIPTOR_LENGTH: u8 = 4;

/// The identifier of an external laser source (SFF-8024).
const ELSFP_IDENTIFIER: u8 = 0x22;
/// Module function type of a laser source (5.3 and later).
const ELSFP_FUNCTION: u8 = 1;

/// A register group of lower memory.
const fn lower(name: &'static str, first: u8, last: u8, cadence: Cadence) -> Group<Advertisement> {
    Group {
        name,
        place: Place::Lower(Device::A0),
        first,
        last,
        cadence,
        clears: false,
        gate: always,
    }
}

/// Identifier, revision, memory model.
pub const KIND: Group<Advertisement> =
    lower("module kind", IDENTIFIER, MANAGEMENT, Cadence::Insertion);
/// Module state, flag summary.
pub const STATUS: Group<Advertisement> = lower("module status", STATE, 7, Cadence::Fast);
/// Module-wide latched flags: reading clears them. They lie between bytes that
/// every sweep needs, and skipping them would cost more than reading them.
pub const FLAGS: Group<Advertisement> = Group {
    clears: true,
    ..lower("module flags", MODULE_EVENTS, 13, Cadence::Fast)
};
/// Module-wide monitors.
pub const MONITORS: Group<Advertisement> = lower("module monitors", TEMPERATURE, 25, Cadence::Fast);
/// Controls and masks, which hosts write.
pub const CONTROLS: Group<Advertisement> = lower("module controls", 26, 36, Cadence::Slow);
/// How commands ended, active firmware, fault cause.
pub const FIRMWARE_AND_FAULT: Group<Advertisement> =
    lower("active firmware and fault", 37, FAULT_CAUSE, Cadence::Fast);
/// Function type and shape.
pub const BUILD: Group<Advertisement> = lower("module build", 42, 84, Cadence::Insertion);
/// Media type and the first eight application descriptors.
pub const APPLICATIONS: Group<Advertisement> =
    lower("applications", MEDIA_TYPE, 117, Cadence::Insertion);
/// Bank and page select, as they stand.
pub const SELECT: Group<Advertisement> = lower("bank and page select", 126, 127, Cadence::Fast);

/// Every register group of lower memory.
pub const GROUPS: &[Group<Advertisement>] = &[
    KIND,
    STATUS,
    FLAGS,
    MONITORS,
    CONTROLS,
    FIRMWARE_AND_FAULT,
    BUILD,
    APPLICATIONS,
    SELECT,
];

/// A CMIS revision, which is a major and a minor half byte (00h:1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Revision(u8);

impl Revision {
    /// CMIS 5.0: output status and its flag, checksum of page 04h.
    pub const V5_0: Self = Self(0x50);
    /// CMIS 5.3: second reach multiplier, coherent pages bit, long reads.
    pub const V5_3: Self = Self(0x53);
    /// CMIS 5.4: more than four banks, pages 60h to 62h.
    pub const V5_4: Self = Self(0x54);

    /// The revision that this byte means.
    pub const fn from_byte(byte: u8) -> Self {
        Self(byte)
    }
}

/// Shown as `5.2`.
impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 >> 4, self.0 & 0x0F)
    }
}

/// What a module says first (00h:0-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// SFF-8024 identifier.
    pub identifier: u8,
    /// CMIS revision.
    pub revision: Revision,
    /// Whether there is only lower memory and page 00h.
    pub flat_memory: bool,
    /// Module state code, 0 to 7.
    pub state: u8,
}

/// Decodes [`STATUS`].
pub fn status(lower: &Sheet) -> Status {
    Status {
        identifier: lower.u8(IDENTIFIER),
        revision: Revision(lower.u8(REVISION)),
        flat_memory: lower.bit(MANAGEMENT, FLAT_MEMORY_BIT),
        state: lower.u8(STATE) >> 1 & 7,
    }
}

/// Whether this is an external laser source: no data paths, no pages 10h to 13h
/// (OIF-ELSFP-CMIS). The function type byte means nothing before CMIS 5.3.
pub fn is_laser_source(lower: &Sheet) -> bool {
    lower.u8(IDENTIFIER) == ELSFP_IDENTIFIER || function_type(lower) == Some(ELSFP_FUNCTION)
}

/// What kind of module this says it is: 0 transmission, 1 laser source, 128 and
/// up the vendor's. `None` before CMIS 5.3, where the byte means nothing.
pub fn function_type(lower: &Sheet) -> Option<u8> {
    (Revision(lower.u8(REVISION)) >= Revision::V5_3).then(|| lower.u8(FUNCTION_TYPE))
}

/// Active firmware, major and minor. 0.0 is no firmware, FFh.FFh a bad image.
pub fn active_firmware(lower: &Sheet) -> [u8; 2] {
    lower.array(FIRMWARE)
}

/// Why the module is in the fault state (Table 8-16), in words; `None` where
/// the module does not say.
pub fn fault_cause(lower: &Sheet) -> Option<&'static str> {
    match lower.u8(FAULT_CAUSE) {
        0 => None,
        1 => Some("cooler runaway"),
        2 => Some("memory for values is corrupt"),
        3 => Some("memory for programs is corrupt"),
        4 => Some("transmitter"),
        5 => Some("receiver"),
        6 => Some("temperature"),
        32..=63 => Some("a cause of the vendor's own"),
        _ => Some("a reserved cause"),
    }
}

/// Module-wide latched flags. Four flags are high alarm, low alarm, high
/// warning, low warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// The module state changed.
    pub state_changed: bool,
    /// Module firmware error.
    pub module_firmware_error: bool,
    /// Data path firmware error.
    pub data_path_firmware_error: bool,
    /// Case temperature.
    pub temperature: [bool; 4],
    /// Supply voltage.
    pub supply: [bool; 4],
    /// Auxiliary monitor 1.
    pub aux1: [bool; 4],
    /// Auxiliary monitor 2.
    pub aux2: [bool; 4],
    /// Auxiliary monitor 3.
    pub aux3: [bool; 4],
    /// The vendor's own monitor.
    pub custom: [bool; 4],
}

/// Decodes [`FLAGS`].
pub fn flags(lower: &Sheet) -> Flags {
    let levels = |byte, half: u8| [0, 1, 2, 3].map(|level| lower.bit(byte, half + level));
    Flags {
        state_changed: lower.bit(MODULE_EVENTS, STATE_CHANGED_BIT),
        module_firmware_error: lower.bit(MODULE_EVENTS, MODULE_FIRMWARE_ERROR_BIT),
        data_path_firmware_error: lower.bit(MODULE_EVENTS, DATA_PATH_FIRMWARE_ERROR_BIT),
        temperature: levels(CASE_LEVELS, LOW_HALF),
        supply: levels(CASE_LEVELS, HIGH_HALF),
        aux1: levels(AUX_LEVELS, LOW_HALF),
        aux2: levels(AUX_LEVELS, HIGH_HALF),
        aux3: levels(OTHER_LEVELS, LOW_HALF),
        custom: levels(OTHER_LEVELS, HIGH_HALF),
    }
}

/// Module-wide monitors. What the auxiliary ones mean, page 01h tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Monitors {
    /// Case temperature.
    pub temperature: Celsius,
    /// Supply voltage.
    pub supply: Volts,
    /// Auxiliary monitor 1, raw.
    pub aux1: i16,
    /// Auxiliary monitor 2, raw.
    pub aux2: i16,
    /// Auxiliary monitor 3, raw.
    pub aux3: i16,
    /// The vendor's own monitor, raw.
    pub custom: i16,
}

/// Decodes [`MONITORS`].
pub fn monitors(lower: &Sheet) -> Monitors {
    Monitors {
        temperature: scale::temperature(lower.i16(TEMPERATURE)),
        supply: scale::supply(lower.u16(SUPPLY)),
        aux1: lower.i16(AUX1),
        aux2: lower.i16(AUX2),
        aux3: lower.i16(AUX3),
        custom: lower.i16(CUSTOM),
    }
}

/// Which SFF-8024 table the media codes of the applications are from.
pub fn media_type(lower: &Sheet) -> u8 {
    lower.u8(MEDIA_TYPE)
}

/// One application descriptor (Tables 8-22 and 8-23).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// SFF-8024 host interface code; 0 is undefined.
    pub host_code: u8,
    /// SFF-8024 media interface code.
    pub media_code: u8,
    /// Host lanes; 0 means as the code says, 9 to 15 are reserved.
    pub host_lanes: u8,
    /// Media lanes, likewise.
    pub media_lanes: u8,
    /// Bit k: may start on host lane k + 1.
    pub host_starts: u8,
}

impl Descriptor {
    /// How the four bytes of a descriptor read.
    pub(super) const FORM: &'static [Bits] = &[
        bits(31, 24, "host"),
        bits(23, 16, "media"),
        bits(15, 12, "host lanes"),
        bits(11, 8, "media lanes"),
        bits(7, 0, "starts"),
    ];

    /// The host code of an unused slot, which ends the list.
    pub const END: u8 = 0xFF;

    /// The `index`th descriptor (from 0) of an array of them.
    pub(super) fn of(sheet: &Sheet, array: u8, index: u8) -> Self {
        let first = array.saturating_add(DESCRIPTOR_LENGTH.saturating_mul(index));
        let [host_code, media_code, lanes, host_starts] = sheet.array(first);
        Self {
            host_code,
            media_code,
            host_lanes: lanes >> 4,
            media_lanes: lanes & 0x0F,
            host_starts,
        }
    }
}

/// The first eight application descriptors, unused ones included.
pub fn applications(lower: &Sheet) -> [Descriptor; 8] {
    [0, 1, 2, 3, 4, 5, 6, 7].map(|index| Descriptor::of(lower, DESCRIPTORS, index))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(parts: &[(u8, &[u8])]) -> Sheet {
        let mut sheet = Sheet::full([0; 128]);
        for (first, bytes) in parts {
            sheet.put(*first, bytes);
        }
        sheet
    }

    #[test]
    fn status_masks_what_is_reserved() {
        let ready = status(&sheet(&[(0, &[0x19, 0x52, 0x04, 0xF7])]));
        assert_eq!(ready.identifier, 0x19);
        assert_eq!(ready.revision.to_string(), "5.2");
        assert!(!ready.flat_memory);
        assert_eq!(ready.state, 3);
        assert!(status(&sheet(&[(2, &[0x80])])).flat_memory);
        assert_eq!(status(&sheet(&[(3, &[0x0E])])).state, 7);
    }

    #[test]
    fn revisions_order_by_major_then_minor() {
        assert!(Revision::from_byte(0x52) < Revision::V5_3);
        assert!(Revision::from_byte(0x60) > Revision::V5_4);
        assert_eq!(Revision::from_byte(0x4A).to_string(), "4.10");
    }

    #[test]
    fn each_flag_has_its_own_bit() {
        let lone = flags(&sheet(&[(8, &[0x02, 0x21, 0x48, 0x84])]));
        assert!(!lone.state_changed && !lone.data_path_firmware_error);
        assert!(lone.module_firmware_error);
        assert_eq!(lone.temperature, [true, false, false, false]);
        assert_eq!(lone.supply, [false, true, false, false]);
        assert_eq!(lone.aux1, [false, false, false, true]);
        assert_eq!(lone.aux2, [false, false, true, false]);
        assert_eq!(lone.aux3, [false, false, true, false]);
        assert_eq!(lone.custom, [false, false, false, true]);
    }

    #[test]
    fn monitors_of_a_warm_module() {
        let warm = monitors(&sheet(&[(14, &[0x2D, 0x80, 0x80, 0xE8, 0xFF, 0xFE])]));
        assert_eq!(warm.temperature.celsius(), 45.5);
        assert!((warm.supply.volts() - 3.3).abs() < 1e-9);
        assert_eq!((warm.aux1, warm.aux2), (-2, 0));
    }

    #[test]
    fn zeros_and_ones_decode_to_what_they_are() {
        let zeros = Sheet::full([0; 128]);
        assert_eq!(status(&zeros).state, 0);
        assert_eq!(flags(&zeros).supply, [false; 4]);
        assert_eq!(monitors(&zeros).temperature.celsius(), 0.0);
        assert_eq!(active_firmware(&zeros), [0, 0]);
        assert_eq!(fault_cause(&zeros), None);
        assert!(!is_laser_source(&zeros));

        let ones = Sheet::full([0xFF; 128]);
        assert_eq!(status(&ones).state, 7);
        assert_eq!(flags(&ones).custom, [true; 4]);
        assert_eq!(monitors(&ones).temperature.celsius(), -1.0 / 256.0);
        assert_eq!(active_firmware(&ones), [0xFF, 0xFF]);
        assert_eq!(applications(&ones)[7].host_code, Descriptor::END);
        assert_eq!(fault_cause(&ones), Some("a reserved cause"));
    }

    #[test]
    fn a_descriptor_reads_as_in_the_table() {
        let two = applications(&sheet(&[(
            85,
            &[2, 0x11, 0x1C, 0x84, 0x01, 0x0D, 0x15, 0x21, 0x55],
        )]));
        assert_eq!(two[0].host_code, 0x11);
        assert_eq!((two[0].host_lanes, two[0].media_lanes), (8, 4));
        assert_eq!(two[1].media_code, 0x15);
        assert_eq!((two[1].host_lanes, two[1].media_lanes), (2, 1));
        assert_eq!(two[1].host_starts, 0x55);
    }

    #[test]
    fn laser_sources_are_told_by_identifier_or_function() {
        assert!(is_laser_source(&sheet(&[(0, &[0x22])])));
        assert!(is_laser_source(&sheet(&[(0, &[0x19, 0x53]), (57, &[1])])));
        assert!(!is_laser_source(&sheet(&[(0, &[0x19, 0x52]), (57, &[1])])));
        let transmission = sheet(&[(0, &[0x19, 0x53])]);
        assert!(!is_laser_source(&transmission));
        assert_eq!(function_type(&transmission), Some(0));
        assert_eq!(
            function_type(&sheet(&[(0, &[0x19, 0x52]), (57, &[1])])),
            None
        );
    }
}
