//! Which registers clear when read, and which take a write.
//!
//! CMIS 5.x access types RO/COR and RW as told in public transcriptions
//! (lower memory, pages 10h to 14h, VDM, enhanced LPO); SFF-8636 lower memory;
//! SFF-8472 A2h.

use std::ops::RangeInclusive;

use super::memory::Registers;
use crate::bus::address::{Device, Half, Page};

/// The specification that a module's registers follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Management {
    /// CMIS: banks and pages.
    Cmis,
    /// SFF-8636: pages.
    Sff8636,
    /// SFF-8472: two addresses.
    Sff8472,
}

type Ranges = &'static [RangeInclusive<u8>];

/// Latched bytes of CMIS by page; `None` is lower memory.
const CMIS_LATCHED: &[(Option<u8>, Ranges)] = &[
    (None, &[8..=13]),
    (Some(0x11), &[134..=153]),
    (Some(0x12), &[231..=238]),
    (Some(0x14), &[132..=139]),
    (Some(0x2C), &[128..=255]),
    (Some(0xC2), &[141..=144, 157..=160]),
];

/// Writable bytes of CMIS that this simulation keeps; bytes with an effect of
/// their own (126, 127, 14h:128, 2Fh:144) are the module's business.
const CMIS_WRITABLE: &[(Option<u8>, Ranges)] = &[
    (None, &[26..=27, 31..=36]),
    (Some(0x03), &[128..=255]),
    (Some(0x10), &[128..=142, 145..=175, 178..=255]),
    (Some(0x12), &[128..=167, 200..=215, 239..=246]),
    (Some(0x13), &[144..=255]),
    (Some(0x2D), &[128..=255]),
];

/// SFF-8636: flags 3 to 14 and their vendor neighbours up to 21.
const SFF8636_LATCHED: &[(Option<u8>, Ranges)] = &[(None, &[3..=21])];
/// SFF-8636: controls 86 to 99, masks 100 to 106.
const SFF8636_WRITABLE: &[(Option<u8>, Ranges)] = &[(None, &[86..=106]), (Some(2), &[128..=255])];

impl Management {
    /// What a module with this memory speaks, by its identifier (SFF-8024).
    pub fn of(registers: &Registers) -> Self {
        match registers.u8(Half::LOWER, 0) {
            0x03 => Self::Sff8472,
            // QSFP, QSFP+, QSFP28, and an on-board engine with the same map.
            0x0C | 0x0D | 0x11 | 0x91 => Self::Sff8636,
            _ => Self::Cmis,
        }
    }

    /// Whether a module has one page only and ignores page selection.
    pub fn is_flat(self, registers: &Registers) -> bool {
        match self {
            Self::Cmis => registers.bit(Half::LOWER, 2, 7),
            Self::Sff8636 => registers.bit(Half::LOWER, 2, 2),
            Self::Sff8472 => !registers.bit(Half::LOWER, 64, 4),
        }
    }

    /// Whether reading this byte clears it.
    pub fn clears(self, half: Half, offset: u8) -> bool {
        match self {
            Self::Cmis => listed(CMIS_LATCHED, half, offset),
            Self::Sff8636 => listed(SFF8636_LATCHED, half, offset),
            Self::Sff8472 => false,
        }
    }

    /// Whether a write to this byte is kept and shown.
    pub fn keeps(self, half: Half, offset: u8) -> bool {
        match self {
            Self::Cmis => listed(CMIS_WRITABLE, half, offset),
            Self::Sff8636 => listed(SFF8636_WRITABLE, half, offset),
            Self::Sff8472 => half.device() == Device::A2 && half.upper().is_some(),
        }
    }
}

/// Whether a table names this byte of the first device.
fn listed(table: &[(Option<u8>, Ranges)], half: Half, offset: u8) -> bool {
    let page = half.upper().map(|(Page(page), _)| page);
    half.device() == Device::A0
        && table
            .iter()
            .any(|(of, ranges)| *of == page && ranges.iter().any(|range| range.contains(&offset)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::address::Bank;

    #[test]
    fn latched_bytes_are_those_of_the_tables() {
        let cmis = Management::Cmis;
        for offset in 0..=255 {
            let half = if offset < 128 {
                Half::LOWER
            } else {
                Half::page(0x11)
            };
            let latched = (8..=13).contains(&offset) || (134..=153).contains(&offset);
            assert_eq!(cmis.clears(half, offset), latched, "{half} {offset}");
        }
        let other_bank = Half::banked(0x2C, Bank::new(2).unwrap()).unwrap();
        assert!(cmis.clears(other_bank, 200));
        assert!(!Management::Sff8472.clears(Half::LOWER, 8));
        assert!(Management::Sff8636.clears(Half::LOWER, 3));
    }

    #[test]
    fn identity_takes_no_write() {
        assert!(!Management::Cmis.keeps(Half::page(0), 148));
        assert!(!Management::Cmis.keeps(Half::LOWER, 3));
        assert!(Management::Cmis.keeps(Half::page(0x10), 130));
    }
}
