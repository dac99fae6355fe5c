//! Pages that are not what they were asked for: page 00h over again.
//!
//! A module that lacks a page shows page 00h instead, and some hosts answer
//! every page with it. A reader that does not verify the page register, or a
//! dump made by one, then holds the vendor's name where samples should be.

use super::assemble::Registers;
use crate::bus::address::Half;

/// Vendor name, OUI and part number in page 00h, and what else stands there in
/// SFF-8636: nothing that another page would repeat.
const NAMES_FIRST: u8 = 129;
const NAMES_LENGTH: u8 = 37;

/// Whether an upper half repeats page 00h: all of it, or its names.
///
/// Bytes that are all alike prove nothing, a blank page 00h included. `false`
/// for lower memory, for page 00h itself, and where either is not known.
pub(super) fn is_alias(registers: &Registers, half: Half) -> bool {
    let original = Half::page_of(half.device(), 0x00);
    if half.upper().is_none() || half == original {
        return false;
    }
    let image = &registers.image;
    let (Some(original), Some(suspect)) = (image.sheet(original), image.sheet(half)) else {
        return false;
    };
    [(NAMES_FIRST, NAMES_LENGTH), (half.base(), u8::MAX)]
        .into_iter()
        .filter(|(first, length)| original.knows(*first, *length) && suspect.knows(*first, *length))
        .any(|(first, length)| {
            let bytes = original.slice(first, length);
            let varied = bytes.windows(2).any(|pair| pair.first() != pair.last());
            varied && bytes == suspect.slice(first, length)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::address::Bank;
    use crate::module::recorded::registers_of;

    /// Page 00h with names, and page 24h in bank 1 made by a function of it.
    fn alias_of(make: fn([u8; 128]) -> [u8; 128]) -> bool {
        let mut page_00 = [0x20; 128];
        page_00[1..5].copy_from_slice(b"ACME");
        page_00[90] = 7;
        let half = Half::page(0x24).in_bank(Bank::new(1).unwrap());
        let registers = registers_of(&[(Half::page(0), page_00), (half, make(page_00))]);
        assert!(!is_alias(&registers, Half::page(0)));
        assert!(!is_alias(&registers, Half::LOWER));
        assert!(!is_alias(&registers, Half::page(0x24)));
        is_alias(&registers, half)
    }

    #[test]
    fn a_page_that_repeats_page_00_is_told() {
        assert!(alias_of(|page| page));
        assert!(alias_of(|mut page| {
            page[127] ^= 1;
            page
        }));
        assert!(!alias_of(|mut page| {
            page[2] ^= 1;
            page
        }));
        assert!(!alias_of(|_| [0; 128]));
    }

    #[test]
    fn blank_pages_prove_nothing() {
        for blank in [[0; 128], [0xFF; 128]] {
            let registers = registers_of(&[(Half::page(0), blank), (Half::page(0x24), blank)]);
            assert!(!is_alias(&registers, Half::page(0x24)));
        }
    }
}
