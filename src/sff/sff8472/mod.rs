//! SFF-8472: the memory map of SFP, SFP+ and SFP28.
//!
//! Two devices: A0h says who the module is, A2h, where there is one, what it
//! measures. A module calibrates its values itself, or leaves that to the host.

pub mod a0;
pub mod a2;
pub mod calibration;

use crate::bus::address::{Device, Half};
use crate::bus::field::Field;
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;

/// What a module says that it implements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advertisement {
    /// A0h:92 raw: 6 diagnostics, 5 calibrated, 4 to be calibrated by the host,
    /// 3 receive power is an average, 2 address change needed.
    pub diagnostics: u8,
    /// A0h:93 raw: 7 alarm and warning flags, 5 transmit fault, 4 loss of signal.
    pub options: u8,
}

/// Bits of A0h:92.
const HAS_DIAGNOSTICS: u8 = 1 << 6;
const CALIBRATED: u8 = 1 << 5;
const HOST_CALIBRATES: u8 = 1 << 4;
const ADDRESS_CHANGE: u8 = 1 << 2;
/// Bits of A0h:93.
const HAS_FLAGS: u8 = 1 << 7;
const HAS_TX_FAULT: u8 = 1 << 5;
const HAS_RX_LOS: u8 = 1 << 4;

impl Advertisement {
    /// Reads the advertisement from A0h.
    pub fn from_sheets(a0: &Sheet) -> Self {
        Self {
            diagnostics: a0.u8(a0::DIAGNOSTICS),
            options: a0.u8(a0::ENHANCED_OPTIONS),
        }
    }

    /// Whether A2h is there. A module that needs an address change sequence to
    /// show it counts as having none.
    pub fn has_a2(&self) -> bool {
        self.diagnostics & (HAS_DIAGNOSTICS | ADDRESS_CHANGE) == HAS_DIAGNOSTICS
    }

    /// Whether the host has to calibrate values and thresholds.
    pub fn host_calibrates(&self) -> bool {
        self.diagnostics & (CALIBRATED | HOST_CALIBRATES) == HOST_CALIBRATES
    }

    /// Whether the module says who calibrates; where not, values are taken as
    /// they are, and are doubtful.
    pub fn tells_calibration(&self) -> bool {
        self.diagnostics & (CALIBRATED | HOST_CALIBRATES) != 0
    }

    /// Whether alarm and warning flags are there.
    pub fn has_flags(&self) -> bool {
        self.options & HAS_FLAGS != 0
    }

    /// Whether the transmit fault can be read.
    pub fn has_tx_fault(&self) -> bool {
        self.options & HAS_TX_FAULT != 0
    }

    /// Whether the loss of the optical signal can be read.
    pub fn has_rx_los(&self) -> bool {
        self.options & HAS_RX_LOS != 0
    }
}

fn always(_: &Advertisement) -> bool {
    true
}

/// A register group of A2h.
const fn in_a2(
    name: &'static str,
    first: u8,
    last: u8,
    cadence: Cadence,
    gate: fn(&Advertisement) -> bool,
) -> Group<Advertisement> {
    Group {
        name,
        place: Place::Lower(Device::A2),
        first,
        last,
        cadence,
        clears: false,
        gate,
    }
}

/// Identity and advertisements (A0h:0-95).
pub const IDENTITY: Group<Advertisement> = Group {
    name: "SFF-8472 identity",
    place: Place::Lower(Device::A0),
    first: 0,
    last: 95,
    cadence: Cadence::Insertion,
    clears: false,
    gate: always,
};

/// Thresholds, calibration constants and their checksum (A2h:0-95).
pub const THRESHOLDS: Group<Advertisement> = in_a2(
    "SFF-8472 thresholds",
    0,
    95,
    Cadence::Insertion,
    Advertisement::has_a2,
);

/// Monitors (A2h:96-105).
pub const MONITORS: Group<Advertisement> = in_a2(
    "SFF-8472 monitors",
    96,
    105,
    Cadence::Fast,
    Advertisement::has_a2,
);

/// Status and control (A2h:110).
pub const STATUS: Group<Advertisement> = in_a2(
    "SFF-8472 status",
    110,
    110,
    Cadence::Fast,
    Advertisement::has_a2,
);

/// Alarm and warning flags (A2h:112-117). The specification leaves open whether
/// they latch, so they are treated as if they did.
pub const FLAGS: Group<Advertisement> = Group {
    clears: true,
    ..in_a2("SFF-8472 flags", 112, 117, Cadence::OnFlag, flags_are_there)
};

fn flags_are_there(advertisement: &Advertisement) -> bool {
    advertisement.has_a2() && advertisement.has_flags()
}

/// The names of the bytes of a half; none for upper pages.
pub fn fields(half: Half) -> &'static [Field] {
    match (half.device(), half.upper()) {
        (Device::A0, None) => a0::FIELDS,
        (Device::A2, None) => a2::FIELDS,
        _ => &[],
    }
}

/// All register groups of SFF-8472 that are decoded.
pub const GROUPS: &[Group<Advertisement>] = &[IDENTITY, THRESHOLDS, MONITORS, STATUS, FLAGS];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::field::tests::hold;

    #[test]
    fn every_byte_that_is_read_has_one_name() {
        for half in [Half::LOWER, Half::lower(Device::A2)] {
            let of_half = |group: &&Group<Advertisement>| group.spans(1).any(|s| s.half() == half);
            hold(fields(half), GROUPS.iter().filter(of_half));
        }
    }

    fn advertisement(diagnostics: u8, options: u8) -> Advertisement {
        let mut a0 = Sheet::full([0; 128]);
        a0.put(92, &[diagnostics, options]);
        Advertisement::from_sheets(&a0)
    }

    #[test]
    fn a2_is_read_only_where_it_can_be() {
        let read = |diagnostics, options| {
            let advertisement = advertisement(diagnostics, options);
            GROUPS.iter().filter(|g| (g.gate)(&advertisement)).count()
        };
        assert_eq!(read(0x68, 0xF0), 5);
        assert_eq!(read(0x68, 0x70), 4);
        assert_eq!(read(0x00, 0xF0), 1);
        assert_eq!(read(0x6C, 0xF0), 1);
        assert_eq!(read(0xFF, 0xFF), 1);
    }

    #[test]
    fn calibration_is_the_hosts_only_if_clearly_said() {
        let of = |byte| {
            let advertisement = advertisement(byte, 0);
            (
                advertisement.host_calibrates(),
                advertisement.tells_calibration(),
            )
        };
        assert_eq!(of(0x50), (true, true));
        assert_eq!(of(0x60), (false, true));
        assert_eq!(of(0x70), (false, true));
        assert_eq!(of(0x40), (false, false));
    }
}
