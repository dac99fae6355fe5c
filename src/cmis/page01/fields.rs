//! The names of all of page 01h (CMIS 5.4 Tables 8-44 to 8-62).

use super::reach::{OM2, OM3, OM4, OM5, SECOND_SMF_MULTIPLIER, SMF, WAVELENGTH};
use super::*;
use crate::bus::field::{Bits, Field, Form, bit, bits};

/// The names of all of page 01h.
pub const FIELDS: &[Field] = &[
    Field::word(INACTIVE_FIRMWARE, "inactive firmware", Form::Version),
    Field::word(HARDWARE, "hardware revision", Form::Version),
    Field::bits(
        SMF,
        "single-mode reach",
        &[bits(7, 6, "multiplier"), bits(5, 0, "base")],
    ),
    Field::byte(OM5, "OM5 reach, 2 m"),
    Field::byte(OM4, "OM4 reach, 2 m"),
    Field::byte(OM3, "OM3 reach, 2 m"),
    Field::byte(OM2, "OM2 reach, 1 m"),
    Field::bits(
        SECOND_SMF_MULTIPLIER,
        "second reach multiplier",
        &[bits(7, 6, "code")],
    ),
    Field::word(WAVELENGTH, "wavelength, 0.05 nm", Form::Unsigned),
    Field::word(140, "wavelength tolerance, 0.005 nm", Form::Unsigned),
    Field::bits(
        PAGES,
        "pages and banks",
        &[
            bit(7, "16h 17h network path"),
            bit(6, "20h-2Fh VDM"),
            bit(5, "13h 14h diagnostics"),
            bit(4, "coherent"),
            bit(3, "05h"),
            bit(2, "03h"),
            bits(1, 0, "banks code"),
        ],
    ),
    Field::byte(143, "module select wait time"),
    Field::bits(144, "data path durations", DURATIONS),
    Field::bits(
        CHARACTERISTICS,
        "characteristics",
        &[
            bit(7, "cooled"),
            bits(6, 5, "clock groups"),
            bit(4, "ePPS"),
            bit(3, "page 15h"),
            bit(2, "aux 3 is supply"),
            bit(1, "aux 2 is TEC"),
            bit(0, "aux 1 is TEC"),
        ],
    ),
    Field::new(
        MAX_CASE_TEMPERATURE,
        MAX_CASE_TEMPERATURE,
        "highest case °C",
        Form::Signed,
    ),
    Field::new(
        MIN_CASE_TEMPERATURE,
        MIN_CASE_TEMPERATURE,
        "lowest case °C",
        Form::Signed,
    ),
    Field::word(
        PROPAGATION_DELAY,
        "propagation delay, 10 ns",
        Form::Unsigned,
    ),
    Field::byte(150, "lowest supply, 20 mV"),
    Field::bits(
        DETECTOR,
        "detector",
        &[
            bit(7, "APD"),
            bits(6, 5, "rx equaliser kind"),
            bit(4, "rx power is average"),
            bit(3, "rx los by average"),
            bit(2, "fast rx los"),
            bit(1, "fast tx disable"),
            bit(0, "tx disable for all lanes"),
        ],
    ),
    Field::byte(CDR_POWER, "power saved by a bypassed CDR, 0.01 W"),
    Field::bits(
        EQUALISERS,
        "equalisers",
        &[bits(7, 4, "rx amplitudes"), bits(3, 0, "longest tx")],
    ),
    Field::bits(
        154,
        "rx equaliser",
        &[bits(7, 4, "longest post"), bits(3, 0, "longest pre")],
    ),
    Field::bits(
        TX_CONTROLS,
        "tx controls",
        &[
            bit(7, "wavelength"),
            bit(6, "tunable"),
            bits(5, 4, "squelch method"),
            bit(3, "squelch"),
            bit(2, "automatic squelch off"),
            bit(1, "disable"),
            bit(0, "polarity"),
        ],
    ),
    Field::bits(
        RX_CONTROLS,
        "rx controls",
        &[
            bit(7, "bank broadcast"),
            bit(2, "automatic squelch off"),
            bit(1, "disable"),
            bit(0, "polarity"),
        ],
    ),
    Field::bits(
        TX_FLAGS,
        "tx flags there are",
        &[
            bit(3, "equaliser"),
            bit(2, "lol"),
            bit(1, "los"),
            bit(0, "fault"),
        ],
    ),
    Field::bits(
        RX_FLAGS,
        "rx flags there are",
        &[bit(2, "lol"), bit(1, "los")],
    ),
    Field::bits(
        MODULE_MONITORS,
        "module monitors there are",
        &[
            bit(5, "custom"),
            bit(4, "aux 3"),
            bit(3, "aux 2"),
            bit(2, "aux 1"),
            bit(1, "supply"),
            bit(0, "temperature"),
        ],
    ),
    Field::bits(
        LANE_MONITORS,
        "lane monitors there are",
        &[
            bits(4, 3, "bias multiplier code"),
            bit(2, "rx power"),
            bit(1, "tx power"),
            bit(0, "tx bias"),
        ],
    ),
    Field::bits(
        TX_SIGNAL_INTEGRITY,
        "tx signal integrity",
        &[
            bits(6, 5, "equaliser buffers"),
            bit(4, "equaliser freeze"),
            bit(3, "adaptive equaliser"),
            bit(2, "fixed equaliser"),
            bit(1, "CDR bypass"),
            bit(0, "CDR"),
        ],
    ),
    Field::bits(
        RX_SIGNAL_INTEGRITY,
        "rx signal integrity",
        &[
            bit(7, "VCS"),
            bit(6, "unidirectional"),
            bit(5, "staged set 1"),
            bits(4, 3, "equaliser code"),
            bit(2, "amplitude"),
            bit(1, "CDR bypass"),
            bit(0, "CDR"),
        ],
    ),
    Field::bits(
        CDB,
        "CDB",
        &[
            bits(7, 6, "instances"),
            bit(5, "in the background"),
            bit(4, "auto paging"),
            bits(3, 0, "extended pages code"),
        ],
    ),
    Field::new(164, 166, "CDB limits", Form::Bytes),
    Field::bits(167, "module power durations", DURATIONS),
    Field::bits(168, "transmitter durations", DURATIONS),
    Field::byte(169, "page change time code"),
    Field::reserved(170, 170),
    Field::lanes(171, "tx input polarity by default"),
    Field::lanes(172, "rx output polarity by default"),
    Field::bits(
        MORE_PAGES,
        "more pages",
        &[bit(7, "0Ch"), bit(6, "0Dh"), bit(5, "0Eh"), bit(4, "0Fh")],
    ),
    Field::bits(
        LANE_PAGES,
        "lane pages and banks",
        &[
            bit(7, "60h"),
            bit(6, "61h"),
            bit(5, "62h"),
            bits(4, 0, "banks less one"),
        ],
    ),
    Field::byte(175, "banks of page 1Ch"),
    Field::new(
        MEDIA_STARTS,
        190,
        "media starts of application",
        Form::Lanes,
    )
    .each(1),
    Field::vendor(191, 194),
    Field::new(
        LPO_VERSIONS,
        196,
        "vendor's own, LPO versions",
        Form::Version,
    ),
    Field::vendor(197, 222),
    Field::new(
        DESCRIPTORS,
        250,
        "application",
        Form::Bits(Descriptor::FORM),
    )
    .each_from(4, 9),
    Field::bits(
        MISCELLANY,
        "miscellany",
        &[
            bits(7, 6, "scratchpad"),
            bits(5, 4, "password entry"),
            bits(3, 2, "password result"),
            bits(1, 0, "whole page reads"),
        ],
    ),
    Field::bits(
        252,
        "lane switches",
        &[
            bit(7, "host 1Dh"),
            bit(6, "link training"),
            bit(5, "media 6Dh"),
        ],
    ),
    Field::reserved(253, LAST_SUMMED),
    Field::byte(CHECKSUM, "checksum of 130-254"),
];

/// Two durations, each a code of its own scale: ending and starting.
const DURATIONS: &[Bits] = &[bits(7, 4, "down code"), bits(3, 0, "up code")];
