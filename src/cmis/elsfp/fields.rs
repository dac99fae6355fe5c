//! The registers of pages 1Ah and 1Bh by name.

use super::{
    BIAS_LEVELS, BIAS_SET_POINTS, BIAS_THRESHOLDS, BIASES, CODES, CONSTANT_POWER_BIT, CONTROL,
    ENABLED, FAULTS, FLAGS_LAST, FREQUENCIES, FREQUENCIES_LAST, LIMITS_LAST, MAX_BIAS, MAX_POWER,
    MIN_BIAS, MIN_POWER, POWER_LEVELS, POWER_SET_POINTS, POWER_THRESHOLDS, POWERS, POWERS_LAST,
    SET_POINTS_LAST, STATES, STATES_LAST, SUPPLY_CURRENT, SUPPLY_CURRENT_LAST, THRESHOLDS_LAST,
    VOLTAGES, WARNINGS,
};
use crate::bus::field::{Field, Form, bit, bits};

/// The registers of page 1Ah by name.
pub const FIELDS_1A: &[Field] = &[
    Field::word(MAX_POWER, "highest power", Form::Unsigned),
    Field::word(MIN_POWER, "lowest power", Form::Unsigned),
    Field::word(MAX_BIAS, "highest bias", Form::Unsigned),
    Field::word(MIN_BIAS, "lowest bias", Form::Unsigned),
    Field::reserved(LIMITS_LAST + 1, CONTROL - 1),
    Field::bits(
        CONTROL,
        "control mode and lanes",
        &[
            bits(7, 1, "lanes"),
            bit(CONSTANT_POWER_BIT, "constant power"),
        ],
    ),
    Field::new(BIAS_THRESHOLDS, BIAS_THRESHOLDS + 7, "bias", Form::Unsigned).levels(),
    Field::new(POWER_THRESHOLDS, THRESHOLDS_LAST, "power", Form::Unsigned).levels(),
    Field::reserved(THRESHOLDS_LAST + 1, 164),
    Field::bits(165, "summary", &[bit(3, "warning"), bit(2, "fault")]),
    Field::new(FAULTS, 169, "fault, lanes of byte", Form::Bytes).each(1),
    Field::reserved(170, WARNINGS - 1),
    Field::new(WARNINGS, 177, "warning, lanes of byte", Form::Bytes).each(1),
    Field::reserved(178, BIAS_LEVELS - 1),
    Field::new(BIAS_LEVELS, POWER_LEVELS - 1, "bias flags", Form::Lanes).levels(),
    Field::new(POWER_LEVELS, FLAGS_LAST, "power flags", Form::Lanes).levels(),
    Field::reserved(FLAGS_LAST + 1, 197),
    Field::new(198, 205, "bias and power flag masks, byte", Form::Bytes).each(1),
    Field::reserved(206, CODES - 1),
    Field::new(
        CODES,
        ENABLED - 1,
        "codes of lane",
        Form::Bits(&[bits(7, 4, "warning"), bits(3, 0, "fault")]),
    )
    .each(1),
    Field::lanes(ENABLED, "lane enabled"),
    Field::new(
        STATES,
        STATES_LAST,
        "lane states, two bits each",
        Form::Bytes,
    ),
    Field::new(
        223,
        FREQUENCIES - 1,
        "fibre checked and mapped",
        Form::Bytes,
    ),
    Field::new(
        FREQUENCIES,
        FREQUENCIES_LAST,
        "frequency of lane",
        Form::Unsigned,
    )
    .each(2),
    Field::byte(248, "check power"),
    Field::reserved(249, 255),
];

/// The registers of page 1Bh by name.
pub const FIELDS_1B: &[Field] = &[
    Field::new(
        BIAS_SET_POINTS,
        POWER_SET_POINTS - 1,
        "bias set point of lane",
        Form::Unsigned,
    )
    .each(2),
    Field::new(
        POWER_SET_POINTS,
        SET_POINTS_LAST,
        "power set point of lane",
        Form::Unsigned,
    )
    .each(2),
    Field::reserved(SET_POINTS_LAST + 1, BIASES - 1),
    Field::new(BIASES, POWERS - 1, "bias of lane", Form::Unsigned).each(2),
    Field::new(POWERS, POWERS_LAST, "power of lane", Form::Unsigned).each(2),
    Field::reserved(POWERS_LAST + 1, VOLTAGES - 1),
    Field::new(
        VOLTAGES,
        SUPPLY_CURRENT - 1,
        "voltage of lane",
        Form::Unsigned,
    )
    .each(1),
    Field::word(SUPPLY_CURRENT, "supply current", Form::Unsigned),
    Field::reserved(SUPPLY_CURRENT_LAST + 1, 255),
];
