//! The names of the bytes of VDM pages.

use super::*;
use crate::bus::field::{Bits, Field, Form, bit, bits};

/// The names of a VDM page; none where the page is not of VDM.
pub fn fields(page: u8) -> &'static [Field] {
    let of = |fields: &'static [[Field; 1]; 4], first: u8| {
        let group = fields.get(usize::from(page - first));
        group.map_or(&[] as &[Field], |fields| fields)
    };
    match page {
        DESCRIPTOR_PAGE..SAMPLE_PAGE => of(&DESCRIPTOR_FIELDS, DESCRIPTOR_PAGE),
        SAMPLE_PAGE..THRESHOLD_PAGE => of(&SAMPLE_FIELDS, SAMPLE_PAGE),
        THRESHOLD_PAGE..FLAG_PAGE => THRESHOLD_FIELDS,
        FLAG_PAGE => FLAG_FIELDS,
        MASK_PAGE => MASK_FIELDS,
        CONTROL_PAGE => CONTROL_FIELDS,
        _ => &[],
    }
}

/// The names of a descriptor page.
const fn descriptor_fields(group: u8) -> [Field; 1] {
    let name = "descriptor of instance";
    [Field::new(FIRST, LAST, name, Form::Bits(DESCRIPTOR))
        .each_from(INSTANCE_LENGTH, first_of(group))]
}

/// The names of a sample page.
const fn sample_fields(group: u8) -> [Field; 1] {
    let name = "sample of instance";
    [Field::new(FIRST, LAST, name, Form::Unsigned).each_from(INSTANCE_LENGTH, first_of(group))]
}

/// The number of the first instance of a group; instances count from 1.
const fn first_of(group: u8) -> u16 {
    group as u16 * GROUP_LENGTH as u16 + 1
}

static DESCRIPTOR_FIELDS: [[Field; 1]; 4] = [
    descriptor_fields(0),
    descriptor_fields(1),
    descriptor_fields(2),
    descriptor_fields(3),
];
static SAMPLE_FIELDS: [[Field; 1]; 4] = [
    sample_fields(0),
    sample_fields(1),
    sample_fields(2),
    sample_fields(3),
];
const THRESHOLD_FIELDS: &[Field] =
    &[Field::new(FIRST, LAST, "threshold set", Form::Words).each_from(SET_LENGTH, 0)];
const FLAG_FIELDS: &[Field] =
    &[Field::new(FIRST, LAST, "flags of instances", Form::HalfBytes).eights_from(1)];
const MASK_FIELDS: &[Field] =
    &[Field::new(FIRST, LAST, "masks of instances", Form::HalfBytes).eights_from(1)];
const CONTROL_FIELDS: &[Field] = &[
    Field::bits(
        GROUPS_SUPPORTED,
        "VDM capability",
        &[
            bit(3, "duty cycle"),
            bit(2, "power saving"),
            bits(1, 0, "groups less one"),
        ],
    ),
    Field::new(
        129,
        CAPABILITY_LAST,
        "fine interval, 0.1 ms",
        Form::Unsigned,
    ),
    Field::reserved(131, 143),
    Field::bits(
        FREEZE_REQUEST,
        "freeze request",
        &[
            bit(7, "freeze"),
            bit(6, "power saving"),
            bits(5, 2, "duty cycle"),
        ],
    ),
    Field::bits(
        FREEZE_ANSWER,
        "freeze answer",
        &[bit(7, "frozen"), bit(6, "not frozen")],
    ),
    Field::reserved(146, LAST),
];
/// How a descriptor reads.
const DESCRIPTOR: &[Bits] = &[
    bits(7, 0, "type"),
    bits(11, 8, "lane less one"),
    bits(15, 12, "threshold set"),
];
