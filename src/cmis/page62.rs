//! Page 62h: transmit power thresholds of each media lane (CMIS 5.4 Table
//! 8-192). They hold where 12h:128-135 bit 1 says that the lane has its own.

use super::page01::Advertisement;
use super::scale;
use crate::bus::field::{Field, Form};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;
use crate::units::Watts;

const THRESHOLDS_FIRST: u8 = 128;
const THRESHOLDS_LAST: u8 = 191;
/// Four words for each lane.
const SET_LENGTH: u8 = 8;
const WORD_LENGTH: u8 = 2;

/// The thresholds of a bank.
pub const THRESHOLDS: Group<Advertisement> = Group {
    name: "lane power thresholds",
    place: Place::EveryBank(0x62),
    first: THRESHOLDS_FIRST,
    last: THRESHOLDS_LAST,
    cadence: Cadence::Slow,
    clears: false,
    gate: Advertisement::lane_thresholds_page,
};

/// Every register group of page 62h.
pub const GROUPS: &[Group<Advertisement>] = &[THRESHOLDS];

/// The registers of page 62h by name.
pub const FIELDS: &[Field] = &[
    Field::new(
        THRESHOLDS_FIRST,
        THRESHOLDS_LAST,
        "tx power thresholds of lane",
        Form::Words,
    )
    .each(SET_LENGTH),
    Field::reserved(THRESHOLDS_LAST + 1, 255),
];

/// High alarm, low alarm, high warning and low warning for the transmit power
/// of a media lane (0 to 7 in its bank).
pub fn tx_power(page: &Sheet, lane: u8) -> [Watts; 4] {
    let set = THRESHOLDS_FIRST.saturating_add(lane.saturating_mul(SET_LENGTH));
    [0, 1, 2, 3].map(|level| {
        let word = page.i16(set.saturating_add(WORD_LENGTH * level));
        scale::power_of_centi_dbm(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_levels_of_a_lane_stand_together() {
        let mut page = Sheet::full([0; 128]);
        page.put(136, &[0x00, 0xC8, 0xF8, 0x30, 0x00, 0x64, 0xFC, 0x18]);
        let dbm = tx_power(&page, 1).map(|power| power.dbm().unwrap());
        for (found, expected) in dbm.iter().zip([2.0, -20.0, 1.0, -10.0]) {
            assert!((found - expected).abs() < 1e-9, "{found}");
        }
    }

    #[test]
    fn zeros_are_a_milliwatt_and_ones_a_little_less() {
        assert_eq!(
            tx_power(&Sheet::full([0; 128]), 7),
            [1e-3; 4].map(Watts::new)
        );
        let [high, ..] = tx_power(&Sheet::full([0xFF; 128]), 0);
        assert!((high.dbm().unwrap() + 0.01).abs() < 1e-9);
    }
}
