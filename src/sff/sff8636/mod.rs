//! SFF-8636: the memory map of QSFP+ and QSFP28 (revisions 1.3 to 2.10, and
//! SFF-8436 before it).
//!
//! Big-endian, four lanes, pages but no banks. Byte 1 tells the revision: from
//! code 8 (revision 2.8) on, support bits can be believed; before, a word that
//! reads 0000h or FFFFh is all that tells that a monitor is not there.

pub mod lower;
pub mod page00;
pub mod page03;

use crate::bus::address::{Device, Half};
use crate::bus::field::Field;
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;

/// Lanes of a QSFP.
pub const LANES: u8 = 4;

/// What a module says that it implements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advertisement {
    /// 00h:1 raw: revision code of the memory map.
    pub revision: u8,
    /// 00h:2.2: there are no pages but 00h.
    pub flat: bool,
    /// 00h:147.7-4: media interface technology.
    pub technology: u8,
    /// 00h:193 raw: options; 3 adaptive equaliser.
    pub equaliser_options: u8,
    /// 00h:194 raw: options; 5 and 4 loss of lock in transmit and receive.
    pub lock_options: u8,
    /// 00h:195 raw: options; 3 transmit fault, 1 transmit loss of signal.
    pub fault_options: u8,
    /// 00h:220 raw: diagnostics; 5 temperature, 4 supply, 3 receive power is an
    /// average, 2 transmit power.
    pub diagnostics: u8,
}

/// The first revision code of which support bits are right (2.8).
const SUPPORT_BITS_SINCE: u8 = 8;

impl Advertisement {
    /// Reads the advertisement from lower memory and page 00h.
    pub fn from_sheets(lower: &Sheet, page_00: &Sheet) -> Self {
        let status = lower::Status::decode(lower);
        Self {
            revision: status.revision,
            flat: status.flat,
            technology: page00::technology(page_00),
            equaliser_options: page_00.u8(page00::EQUALISER_OPTIONS),
            lock_options: page_00.u8(page00::LOCK_OPTIONS),
            fault_options: page_00.u8(page00::FAULT_OPTIONS),
            diagnostics: page_00.u8(page00::DIAGNOSTICS),
        }
    }

    /// Whether a support bit of a byte is set, or cannot be believed either way.
    pub(super) fn supports(&self, byte: u8, bit: u8) -> bool {
        self.revision < SUPPORT_BITS_SINCE || byte >> bit & 1 == 1
    }

    /// Whether support bits can be believed.
    pub(super) fn has_support_bits(&self) -> bool {
        self.revision >= SUPPORT_BITS_SINCE
    }

    /// Whether the module is copper without electronics: nothing to monitor.
    pub fn is_passive_copper(&self) -> bool {
        page00::is_passive_copper(self.technology)
    }
}

/// A register group in lower memory.
const fn in_lower(
    name: &'static str,
    first: u8,
    last: u8,
    cadence: Cadence,
    gate: fn(&Advertisement) -> bool,
) -> Group<Advertisement> {
    Group {
        name,
        place: Place::Lower(Device::A0),
        first,
        last,
        cadence,
        clears: false,
        gate,
    }
}

fn always(_: &Advertisement) -> bool {
    true
}

fn active(advertisement: &Advertisement) -> bool {
    !advertisement.is_passive_copper()
}

fn paged(advertisement: &Advertisement) -> bool {
    !advertisement.flat
}

/// Identifier and revision (bytes 0-1).
pub const KIND: Group<Advertisement> = in_lower("SFF-8636 kind", 0, 1, Cadence::Insertion, always);

/// Status (byte 2).
pub const STATUS: Group<Advertisement> = in_lower("SFF-8636 status", 2, 2, Cadence::Fast, always);

/// Latched flags of lanes and module (bytes 3-14).
pub const FLAGS: Group<Advertisement> = Group {
    clears: true,
    ..in_lower("SFF-8636 flags", 3, 14, Cadence::OnFlag, active)
};

/// Temperature and supply (bytes 22-27).
pub const MODULE_MONITORS: Group<Advertisement> =
    in_lower("SFF-8636 module monitors", 22, 27, Cadence::Fast, active);

/// Receive power, bias and transmit power of four lanes (bytes 34-57).
pub const LANE_MONITORS: Group<Advertisement> =
    in_lower("SFF-8636 lane monitors", 34, 57, Cadence::Fast, active);

/// Worst-case power of class 8 (byte 107).
pub const MAX_POWER: Group<Advertisement> = in_lower(
    "SFF-8636 maximum power",
    107,
    107,
    Cadence::Insertion,
    always,
);

/// Page select, as it stands (byte 127): tells a module that was reset or swapped.
pub const SELECT: Group<Advertisement> =
    in_lower("SFF-8636 page select", 127, 127, Cadence::Fast, paged);

/// Identity and advertisements (page 00h, bytes 128-223).
pub const IDENTITY: Group<Advertisement> = Group {
    name: "SFF-8636 identity",
    place: Place::Page(Device::A0, 0x00),
    first: 128,
    last: 223,
    cadence: Cadence::Insertion,
    clears: false,
    gate: always,
};

/// Alarm and warning thresholds (page 03h, bytes 128-199).
pub const THRESHOLDS: Group<Advertisement> = Group {
    name: "SFF-8636 thresholds",
    place: Place::Page(Device::A0, 0x03),
    first: 128,
    last: 199,
    cadence: Cadence::Insertion,
    clears: false,
    gate: paged,
};

/// The names of the bytes of a half; none where its page is not known here.
pub fn fields(half: Half) -> &'static [Field] {
    if half.device() != Device::A0 {
        return &[];
    }
    match half.upper().map(|(page, _)| page.0) {
        None => lower::FIELDS,
        Some(0x00) => page00::FIELDS,
        Some(0x03) => page03::FIELDS,
        Some(_) => &[],
    }
}

/// All register groups of SFF-8636 that are decoded.
pub const GROUPS: &[Group<Advertisement>] = &[
    KIND,
    STATUS,
    FLAGS,
    MODULE_MONITORS,
    LANE_MONITORS,
    MAX_POWER,
    SELECT,
    IDENTITY,
    THRESHOLDS,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::field::tests::hold;

    #[test]
    fn every_byte_that_is_read_has_one_name() {
        for half in [Half::LOWER, Half::page(0x00), Half::page(0x03)] {
            let of_half = |group: &&Group<Advertisement>| group.spans(1).any(|s| s.half() == half);
            hold(fields(half), GROUPS.iter().filter(of_half));
        }
    }

    #[test]
    fn groups_are_gated_by_what_a_cable_lacks() {
        let mut page_00 = Sheet::full([0; 128]);
        page_00.put(147, &[0xA0]);
        let mut lower = Sheet::full([0; 128]);
        lower.put(2, &[0x04]);
        let dac = Advertisement::from_sheets(&lower, &page_00);
        let read: Vec<_> = GROUPS.iter().filter(|g| (g.gate)(&dac)).collect();
        let names: Vec<_> = read.iter().map(|g| g.name).collect();
        assert_eq!(
            names,
            [
                "SFF-8636 kind",
                "SFF-8636 status",
                "SFF-8636 maximum power",
                "SFF-8636 identity"
            ]
        );
        let blank = Sheet::full([0; 128]);
        let optic = Advertisement::from_sheets(&blank, &blank);
        assert!(GROUPS.iter().all(|g| (g.gate)(&optic)));
        assert!(GROUPS.iter().all(|g| g.spans(1).count() == 1));
        assert_eq!(GROUPS.iter().filter(|g| g.clears).count(), 1);
    }
}
