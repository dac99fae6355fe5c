//! Pages that are not what they are filed as.
//!
//! A module that lacks a page answers with page 00h, and some NIC firmware
//! answers so for every page. Such bytes would decode to nonsense: a vendor name
//! read as advertisement bits.

use super::assemble::Registers;
use crate::bus::address::{Half, Page};
use crate::bus::sheet::Sheet;

/// The bytes of page 00h that are defined and do not change: 128 to 222.
const IDENTITY: (u8, u8) = (128, 222);
/// Vendor name, OUI, part number and revision: what no other page repeats.
const VENDOR_AND_PART: (u8, u8) = (129, 165);
/// How many equal bytes make a copy, and how many different values among them:
/// fewer may be equal by chance, or because both pages are blank.
const LEAST_BYTES: usize = 8;
const LEAST_VALUES: u32 = 3;
/// How many bytes of one value make a blank page.
const LEAST_BLANK_BYTES: usize = 16;

/// Whether an upper half holds page 00h instead of its own bytes, judged by the
/// bytes that are known of both.
pub(super) fn is_alias(registers: &Registers, half: Half) -> bool {
    let first_page = Half::page(0x00);
    if half.upper().is_none_or(|(page, _)| page == Page(0x00)) {
        return false;
    }
    match (
        registers.image.sheet(first_page),
        registers.image.sheet(half),
    ) {
        (Some(identity), Some(suspect)) => [IDENTITY, VENDOR_AND_PART]
            .into_iter()
            .any(|range| repeats(identity, suspect, range)),
        _ => false,
    }
}

/// Whether all known bytes of a half, of which there are some, have this value.
pub(super) fn is_blank(sheet: &Sheet, half: Half, value: u8) -> bool {
    let known = || (half.base()..=half.base() | 0x7F).filter(|offset| sheet.knows(*offset, 1));
    known().all(|offset| sheet.u8(offset) == value) && known().count() >= LEAST_BLANK_BYTES
}

fn repeats(identity: &Sheet, suspect: &Sheet, (first, last): (u8, u8)) -> bool {
    let shared =
        || (first..=last).filter(|offset| identity.knows(*offset, 1) && suspect.knows(*offset, 1));
    if !shared().all(|offset| identity.u8(offset) == suspect.u8(offset)) {
        return false;
    }
    let mut values = [0_u128; 2];
    for offset in shared() {
        let value = suspect.u8(offset);
        if let Some(half) = values.get_mut(usize::from(value >> 7)) {
            *half |= 1 << (value & 0x7F);
        }
    }
    let different: u32 = values.iter().map(|half| half.count_ones()).sum();
    shared().count() >= LEAST_BYTES && different >= LEAST_VALUES
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::bus::image::Image;

    fn page_00() -> [u8; 128] {
        let mut page = [0; 128];
        page[0] = 0x19;
        page[1..17].copy_from_slice(b"ACME OPTICS     ");
        page[20..36].copy_from_slice(b"AO-800G-DR8     ");
        page[38..54].copy_from_slice(b"A0001           ");
        page[72] = 0xE0;
        page
    }

    fn registers(first: [u8; 128], other: Half, bytes: &[u8]) -> Registers {
        let mut image = Image::new();
        image.put(Half::page(0x00), first);
        image.sheet_mut(other).put(128, bytes);
        Registers {
            image: Arc::new(image),
            failures: Vec::new(),
            started: Duration::ZERO,
            finished: Duration::ZERO,
        }
    }

    #[test]
    fn a_copy_is_found_even_with_another_serial_number() {
        let mut copy = page_00();
        let half = Half::page(0x01);
        assert!(is_alias(&registers(page_00(), half, &copy), half));
        copy[40] = b'9';
        assert!(is_alias(&registers(page_00(), half, &copy), half));
        copy[2] = b'X';
        assert!(!is_alias(&registers(page_00(), half, &copy), half));
    }

    #[test]
    fn a_part_of_a_copy_is_enough() {
        let half = Half::page(0x10);
        assert!(is_alias(
            &registers(page_00(), half, &page_00()[..12]),
            half
        ));
        assert!(!is_alias(
            &registers(page_00(), half, &page_00()[..6]),
            half
        ));
    }

    #[test]
    fn blank_pages_are_no_copies_of_each_other() {
        let half = Half::page(0x11);
        assert!(!is_alias(&registers([0; 128], half, &[0; 128]), half));
        assert!(!is_alias(&registers([0xFF; 128], half, &[0xFF; 128]), half));
    }

    #[test]
    fn a_module_without_a_vendor_name_is_told_by_the_rest() {
        let mut nameless = [0; 128];
        nameless[0] = 0x80;
        nameless[72..76].copy_from_slice(&[0xE0, 0xC0, 0x00, 0x80]);
        let half = Half::page(0x01);
        assert!(is_alias(&registers(nameless, half, &nameless), half));
        let mut own = nameless;
        own[14] = 0x24;
        assert!(!is_alias(&registers(nameless, half, &own), half));
    }

    #[test]
    fn page_zero_and_lower_memory_are_themselves() {
        let registers = registers(page_00(), Half::page(0x01), &[]);
        assert!(!is_alias(&registers, Half::page(0x00)));
        assert!(!is_alias(&registers, Half::LOWER));
    }

    #[test]
    fn blank_is_judged_by_what_is_known() {
        let half = Half::page(0x01);
        assert!(is_blank(&Sheet::full([0xFF; 128]), half, 0xFF));
        assert!(!is_blank(&Sheet::full([0xFF; 128]), half, 0x00));
        assert!(!is_blank(&Sheet::unknown(), half, 0x00));
        let mut half_known = Sheet::unknown();
        half_known.put(128, &[0xFF; 20]);
        assert!(is_blank(&half_known, half, 0xFF));
    }
}
