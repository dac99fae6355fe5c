//! The registers of pages 34h and 35h by name. Of each link quantity 1 is the
//! average, 2 the minimum and 3 the maximum of the interval.

use super::{
    BITS, BITS_PER_SUB_INTERVAL, CORRECTED_BITS, FEC_LAST, FRAMES, FRAMES_PER_SUB_INTERVAL,
    LEAST_CORRECTED_BITS, LEAST_UNCORRECTABLE_FRAMES, LINK_FIRST, LINK_LAST, MOST_CORRECTED_BITS,
    MOST_UNCORRECTABLE_FRAMES, UNCORRECTABLE_FRAMES,
};
use crate::bus::field::{Field, Form};

/// The registers of page 34h by name.
pub const FIELDS_34: &[Field] = &[
    Field::new(BITS, BITS + 7, "bits", Form::Unsigned),
    Field::new(
        BITS_PER_SUB_INTERVAL,
        BITS_PER_SUB_INTERVAL + 7,
        "bits in a sub-interval",
        Form::Unsigned,
    ),
    Field::new(
        CORRECTED_BITS,
        CORRECTED_BITS + 7,
        "corrected bits",
        Form::Unsigned,
    ),
    Field::new(
        LEAST_CORRECTED_BITS,
        LEAST_CORRECTED_BITS + 7,
        "fewest corrected bits in a sub-interval",
        Form::Unsigned,
    ),
    Field::new(
        MOST_CORRECTED_BITS,
        MOST_CORRECTED_BITS + 7,
        "most corrected bits in a sub-interval",
        Form::Unsigned,
    ),
    Field::new(FRAMES, FRAMES + 3, "frames", Form::Unsigned),
    Field::new(
        FRAMES_PER_SUB_INTERVAL,
        FRAMES_PER_SUB_INTERVAL + 3,
        "frames in a sub-interval",
        Form::Unsigned,
    ),
    Field::new(
        UNCORRECTABLE_FRAMES,
        UNCORRECTABLE_FRAMES + 3,
        "uncorrectable frames",
        Form::Unsigned,
    ),
    Field::new(
        LEAST_UNCORRECTABLE_FRAMES,
        LEAST_UNCORRECTABLE_FRAMES + 3,
        "fewest uncorrectable frames in a sub-interval",
        Form::Unsigned,
    ),
    Field::new(
        MOST_UNCORRECTABLE_FRAMES,
        FEC_LAST,
        "most uncorrectable frames in a sub-interval",
        Form::Unsigned,
    ),
    Field::reserved(FEC_LAST + 1, 255),
];

/// The registers of page 35h by name.
pub const FIELDS_35: &[Field] = &[
    Field::new(LINK_FIRST, 139, "chromatic dispersion", Form::Signed).each(4),
    Field::new(140, 145, "DGD", Form::Unsigned).each(2),
    Field::new(146, 151, "SOPMD", Form::Unsigned).each(2),
    Field::new(152, 157, "PDL", Form::Unsigned).each(2),
    Field::new(158, 163, "OSNR", Form::Unsigned).each(2),
    Field::new(164, 169, "eSNR", Form::Unsigned).each(2),
    Field::new(170, 175, "carrier frequency offset", Form::Signed).each(2),
    Field::new(176, 181, "EVM", Form::Unsigned).each(2),
    Field::new(182, 187, "tx power", Form::Signed).each(2),
    Field::new(188, 193, "rx total power", Form::Signed).each(2),
    Field::new(194, 199, "rx signal power", Form::Signed).each(2),
    Field::new(200, 205, "SOP rate of change", Form::Unsigned).each(2),
    Field::new(206, 211, "MER", Form::Unsigned).each(2),
    Field::new(212, 217, "clock recovery loop", Form::Signed).each(2),
    Field::reserved(218, 223),
    Field::new(224, 229, "SNR margin", Form::Signed).each(2),
    Field::new(230, 235, "Q-factor", Form::Unsigned).each(2),
    Field::new(236, 241, "Q-margin", Form::Signed).each(2),
    Field::reserved(LINK_LAST + 1, 255),
];
