//! Page 10h: what the host asks of each lane (CMIS 5.4 Tables 8-83 to 8-91).
//!
//! Only the direct effect controls are read: what is staged for a later apply
//! says nothing of the lane as it runs, and page 11h tells what is in force.

use super::has_lanes;
use super::page01::Advertisement;
use super::page11::DATA_PATH;
use crate::bus::field::{Field, Form};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;

const DEINITIALISED: u8 = 128;
const TX_DISABLED: u8 = 130;
const TX_SQUELCHED: u8 = 132;
const RX_DISABLED: u8 = 138;

/// Deinitialisation, output disables, squelch and polarity.
pub const CONTROLS: Group<Advertisement> = Group {
    name: "lane controls",
    place: Place::EveryBank(0x10),
    first: DEINITIALISED,
    last: RX_DISABLED,
    cadence: Cadence::Slow,
    clears: false,
    gate: has_lanes,
};

/// Every register group of page 10h.
pub const GROUPS: &[Group<Advertisement>] = &[CONTROLS];

/// The names of all of page 10h.
pub const FIELDS: &[Field] = &[
    Field::lanes(DEINITIALISED, "data path deinitialised"),
    Field::lanes(129, "tx input polarity flipped"),
    Field::lanes(TX_DISABLED, "tx output disabled"),
    Field::lanes(131, "tx automatic squelch disabled"),
    Field::lanes(TX_SQUELCHED, "tx output squelched"),
    Field::reserved(133, 133),
    Field::lanes(134, "tx adaptive equaliser frozen"),
    Field::new(135, 136, "tx adaptive equaliser stored", Form::Bytes),
    Field::lanes(137, "rx output polarity flipped"),
    Field::lanes(RX_DISABLED, "rx output disabled"),
    Field::lanes(139, "rx automatic squelch disabled"),
    Field::reserved(140, 142),
    Field::lanes(143, "apply and initialise"),
    Field::lanes(144, "apply at once"),
    Field::new(
        145,
        152,
        "staged set 0, data path of lane",
        Form::Bits(DATA_PATH),
    )
    .each(1),
    Field::new(153, 177, "staged set 0, signal integrity", Form::Bytes),
    Field::new(178, 212, "staged set 1", Form::Bytes),
    Field::new(213, 232, "lane flag masks of 11h byte", Form::Lanes).each_from(1, 134),
    Field::reserved(233, 239),
    Field::vendor(240, 255),
];

/// What the host has turned off; bit k is lane k + 1 of the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Controls {
    /// The data path of the host lane is held deinitialised.
    pub deinitialised: u8,
    /// The media lane's transmitter is disabled.
    pub tx_disabled: u8,
    /// The media lane's transmitter is squelched.
    pub tx_squelched: u8,
    /// The host lane's receive output is disabled.
    pub rx_disabled: u8,
}

/// Decodes [`CONTROLS`].
pub fn controls(page: &Sheet) -> Controls {
    Controls {
        deinitialised: page.u8(DEINITIALISED),
        tx_disabled: page.u8(TX_DISABLED),
        tx_squelched: page.u8(TX_SQUELCHED),
        rx_disabled: page.u8(RX_DISABLED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_control_is_a_bitmap_of_its_own() {
        let mut page = Sheet::full([0; 128]);
        page.put(128, &[0x01, 0, 0x0F, 0, 0x10]);
        page.put(138, &[0x80]);
        let told = controls(&page);
        assert_eq!(told.deinitialised, 0x01);
        assert_eq!(told.tx_disabled, 0x0F);
        assert_eq!(told.tx_squelched, 0x10);
        assert_eq!(told.rx_disabled, 0x80);
    }

    #[test]
    fn zeros_ask_for_nothing_and_ones_for_all() {
        assert_eq!(controls(&Sheet::full([0; 128])).tx_disabled, 0);
        assert_eq!(controls(&Sheet::full([0xFF; 128])).tx_disabled, 0xFF);
    }
}
