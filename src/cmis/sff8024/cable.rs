//! Cable and twisted-pair interface codes (SFF-8024 Tables 4-8 to 4-10, up to
//! revision 4.14).

use super::standard::{IEEE, SFF};
use super::{Interface, Kind, row};

/// Passive and linear copper, by rising code.
// One row a line, as in the standard: wrapped, the table could not be compared by eye.
#[rustfmt::skip]
pub(super) static PASSIVE_COPPER: [Interface; 5] = [
    row(0x00, "Undefined", SFF, Kind::None),
    row(0x01, "Copper cable", SFF, Kind::PassiveCopper),
    row(0x03, "Reserved", SFF, Kind::None),
    row(0xBF, "Passive loopback module", SFF, Kind::Loopback),
    row(0xC0, "Linear active copper loopback module", SFF, Kind::Loopback),
];

/// Active cables, by rising code.
// One row a line, as in the standard: wrapped, the table could not be compared by eye.
#[rustfmt::skip]
pub(super) static ACTIVE_CABLE: [Interface; 6] = [
    row(0x00, "Undefined", SFF, Kind::None),
    row(0x01, "Active cable assembly, BER < 1e-12", SFF, Kind::ActiveCable),
    row(0x02, "Active cable assembly, BER < 5e-5", SFF, Kind::ActiveCable),
    row(0x03, "Active cable assembly, BER < 2.6e-4", SFF, Kind::ActiveCable),
    row(0x04, "Active cable assembly, BER < 1e-6", SFF, Kind::ActiveCable),
    row(0xBF, "Active loopback module", SFF, Kind::Loopback),
];

/// Twisted pair, by rising code.
// One row a line, as in the standard: wrapped, the table could not be compared by eye.
#[rustfmt::skip]
pub(super) static BASE_T: [Interface; 8] = [
    row(0x00, "Undefined", SFF, Kind::None),
    row(0x01, "1000BASE-T", IEEE, Kind::BaseT).rate(1.0, 4, 0.25, 0.0, "").reach(100.0),
    row(0x02, "2.5GBASE-T", IEEE, Kind::BaseT).rate(2.5, 4, 0.625, 0.0, "").reach(100.0),
    row(0x03, "5GBASE-T", IEEE, Kind::BaseT).rate(5.0, 4, 1.25, 0.0, "").reach(100.0),
    row(0x04, "10GBASE-T", IEEE, Kind::BaseT).rate(10.0, 4, 2.5, 0.0, "").reach(100.0),
    row(0x05, "25GBASE-T", IEEE, Kind::BaseT).rate(25.0, 4, 6.25, 0.0, "").reach(30.0),
    row(0x06, "40GBASE-T", IEEE, Kind::BaseT).rate(40.0, 4, 10.0, 0.0, "").reach(30.0),
    row(0x07, "50GBASE-T (placeholder)", IEEE, Kind::BaseT).rate(50.0, 4, 12.5, 0.0, ""),
];
