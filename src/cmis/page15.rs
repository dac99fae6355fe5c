//! Page 15h: how long a signal takes through the module, by host lane (CMIS 5.4
//! Table 8-141).

use std::time::Duration;

use super::page01::Advertisement;
use crate::bus::field::{Field, Form};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;

// A word for each host lane, in nanoseconds.
const RX: u8 = 224;
const TX: u8 = 240;
const LAST: u8 = 255;
const WORD_LENGTH: u8 = 2;

/// The latencies of a bank.
pub const LATENCY: Group<Advertisement> = Group {
    name: "latency",
    place: Place::EveryBank(0x15),
    first: RX,
    last: LAST,
    cadence: Cadence::Slow,
    clears: false,
    gate: Advertisement::latency_page,
};

/// Every register group of page 15h.
pub const GROUPS: &[Group<Advertisement>] = &[LATENCY];

/// The registers of page 15h by name.
pub const FIELDS: &[Field] = &[
    Field::reserved(128, RX - 1),
    Field::new(RX, TX - 1, "rx latency of host lane", Form::Unsigned).each(WORD_LENGTH),
    Field::new(TX, LAST, "tx latency of host lane", Form::Unsigned).each(WORD_LENGTH),
];

/// Receive and transmit latency of a host lane (0 to 7 in its bank); `None` for
/// zero, which no signal takes: the module does not know.
pub fn latencies(page: &Sheet, lane: u8) -> [Option<Duration>; 2] {
    [RX, TX].map(|array| {
        let nanoseconds = page.u16(array.saturating_add(lane.saturating_mul(WORD_LENGTH)));
        (nanoseconds != 0).then(|| Duration::from_nanos(nanoseconds.into()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receive_comes_before_transmit() {
        let mut page = Sheet::full([0; 128]);
        page.put(226, &[0x00, 0x78]);
        page.put(242, &[0x01, 0x2C]);
        let [rx, tx] = latencies(&page, 1);
        assert_eq!(rx, Some(Duration::from_nanos(120)));
        assert_eq!(tx, Some(Duration::from_nanos(300)));
        assert_eq!(latencies(&page, 0), [None, None]);
    }

    #[test]
    fn zeros_are_not_known_and_ones_the_longest() {
        assert_eq!(latencies(&Sheet::full([0; 128]), 7), [None; 2]);
        let longest = Some(Duration::from_nanos(65_535));
        assert_eq!(latencies(&Sheet::full([0xFF; 128]), 7), [longest; 2]);
    }
}
