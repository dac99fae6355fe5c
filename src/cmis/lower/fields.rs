//! The names of all of lower memory (CMIS 5.4 Tables 8-4 to 8-24).

use super::*;
use crate::bus::field::{Bits, Field, Form, bit, bits};

/// The names of all of lower memory.
pub const FIELDS: &[Field] = &[
    Field::byte(IDENTIFIER, "identifier"),
    Field::bits(
        REVISION,
        "CMIS revision",
        &[bits(7, 4, "major"), bits(3, 0, "minor")],
    ),
    Field::bits(
        MANAGEMENT,
        "management",
        &[
            bit(FLAT_MEMORY_BIT, "flat memory"),
            bit(6, "stepped configuration only"),
            bits(5, 2, "fastest bus"),
            bits(1, 0, "auto-commissioning"),
        ],
    ),
    Field::bits(
        STATE,
        "state",
        &[bits(3, 1, "module state"), bit(0, "no interrupt")],
    ),
    Field::new(4, 7, "flag summary of bank", Form::Bits(FLAG_SUMMARY)).each_from(1, 0),
    Field::bits(
        MODULE_EVENTS,
        "module events",
        &[
            bit(7, "CDB 2 complete"),
            bit(6, "CDB 1 complete"),
            bit(3, "abnormal firmware"),
            bit(DATA_PATH_FIRMWARE_ERROR_BIT, "data path firmware error"),
            bit(MODULE_FIRMWARE_ERROR_BIT, "module firmware error"),
            bit(STATE_CHANGED_BIT, "module state changed"),
        ],
    ),
    Field::bits(
        CASE_LEVELS,
        "temperature (low half) and supply flags",
        LEVELS_OF_TWO,
    ),
    Field::bits(
        AUX_LEVELS,
        "aux 1 (low half) and aux 2 flags",
        LEVELS_OF_TWO,
    ),
    Field::bits(
        OTHER_LEVELS,
        "aux 3 (low half) and custom flags",
        LEVELS_OF_TWO,
    ),
    Field::reserved(12, 12),
    Field::vendor(13, 13),
    Field::word(TEMPERATURE, "temperature", Form::Temperature),
    Field::word(SUPPLY, "supply", Form::Supply),
    Field::word(AUX1, "aux 1", Form::Signed),
    Field::word(AUX2, "aux 2", Form::Signed),
    Field::word(AUX3, "aux 3", Form::Signed),
    Field::word(CUSTOM, "custom monitor", Form::Signed),
    Field::bits(
        26,
        "module controls",
        &[
            bit(7, "bank broadcast"),
            bit(6, "low power by pin allowed"),
            bit(5, "squelch by average power"),
            bit(4, "low power requested"),
            bit(3, "reset"),
        ],
    ),
    Field::byte(27, "bus speed"),
    Field::reserved(28, 30),
    Field::new(31, 36, "masks of byte", Form::Bytes).each_from(1, 8),
    Field::new(37, 38, "CDB status", Form::Bits(CDB_STATUS)).each(1),
    Field::word(FIRMWARE, "active firmware", Form::Version),
    Field::byte(FAULT_CAUSE, "fault cause"),
    Field::byte(42, "password result"),
    Field::reserved(43, 55),
    Field::byte(56, "state machines supported"),
    Field::byte(FUNCTION_TYPE, "function type"),
    Field::reserved(58, 59),
    Field::byte(60, "subtype"),
    Field::bits(
        61,
        "shape",
        &[bits(7, 4, "heat sink"), bits(1, 0, "fibre face")],
    ),
    Field::byte(62, "low power restrictions"),
    Field::reserved(63, 63),
    Field::vendor(64, 84),
    Field::byte(MEDIA_TYPE, "media type"),
    Field::new(
        DESCRIPTORS,
        117,
        "application",
        Form::Bits(Descriptor::FORM),
    )
    .each(DESCRIPTOR_LENGTH),
    Field::new(118, 121, "password change", Form::Bytes),
    Field::new(122, 125, "password entry", Form::Bytes),
    Field::byte(126, "bank select"),
    Field::byte(127, "page select"),
];

/// 00h:4-7: which pages of a bank have flags raised (Table 8-8).
const FLAG_SUMMARY: &[Bits] = &[
    bit(3, "page 2Ch"),
    bit(2, "page 14h"),
    bit(1, "page 12h"),
    bit(0, "page 11h"),
];
/// The levels of two monitors in one byte (Table 8-9).
const LEVELS_OF_TWO: &[Bits] = &[
    bit(HIGH_HALF + 3, "high half low warning"),
    bit(HIGH_HALF + 2, "high half high warning"),
    bit(HIGH_HALF + 1, "high half low alarm"),
    bit(HIGH_HALF, "high half high alarm"),
    bit(LOW_HALF + 3, "low half low warning"),
    bit(LOW_HALF + 2, "low half high warning"),
    bit(LOW_HALF + 1, "low half low alarm"),
    bit(LOW_HALF, "low half high alarm"),
];
/// 00h:37-38: how the last command ended (Table 8-14).
const CDB_STATUS: &[Bits] = &[bit(7, "busy"), bit(6, "failed"), bits(5, 0, "result")];
