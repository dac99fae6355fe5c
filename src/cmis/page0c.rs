//! Page 0Ch: the map of all pages that a module has (CMIS 5.4 Table 8-70).
//!
//! Where it is there it says more than the single advertisement bits of page
//! 01h, which stand for whole ranges of pages.

use super::page01::Advertisement;
use crate::bus::address::Device;
use crate::bus::field::{Field, Form};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;

const MAP: u8 = 128;
const MAP_LAST: u8 = 159;

/// Pages that every module with a map has; a map without them is none.
const ALWAYS: [u8; 4] = [0x00, 0x01, 0x02, 0x0C];

/// The map of pages.
pub const PAGES: Group<Advertisement> = Group {
    name: "map of pages",
    place: Place::Page(Device::A0, 0x0C),
    first: MAP,
    last: MAP_LAST,
    cadence: Cadence::Insertion,
    clears: false,
    gate: Advertisement::page_map_page,
};

/// Every register group of page 0Ch.
pub const GROUPS: &[Group<Advertisement>] = &[PAGES];

/// The registers of page 0Ch by name: a bit a page, from page 00h on.
pub const FIELDS: &[Field] =
    &[Field::new(MAP, MAP_LAST, "pages there are, byte", Form::Bytes).each_from(1, 0)];

/// Which pages a module has: a bit for each, page 00h the lowest of the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageMap([u8; 32]);

/// Decodes [`PAGES`]; `None` for a map that leaves out what every module has.
pub fn page_map(page: &Sheet) -> Option<PageMap> {
    let map = PageMap(page.array(MAP));
    ALWAYS.iter().all(|page| map.has(*page)).then_some(map)
}

impl PageMap {
    /// Whether the module has this page.
    pub fn has(self, page: u8) -> bool {
        let byte = self.0.get(usize::from(page / 8)).copied();
        byte.unwrap_or_default() >> (page % 8) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_n_is_bit_n_mod_8_of_byte_n_div_8() {
        let mut page = Sheet::full([0; 128]);
        page.put(128, &[0x07, 0x10, 0x03]);
        page.put(152, &[0x06]);
        let map = page_map(&page).unwrap();
        let there: Vec<u8> = (0..=255).filter(|number| map.has(*number)).collect();
        assert_eq!(there, [0x00, 0x01, 0x02, 0x0C, 0x10, 0x11, 0xC1, 0xC2]);
    }

    #[test]
    fn zeros_are_no_map_and_ones_are_every_page() {
        assert_eq!(page_map(&Sheet::full([0; 128])), None);
        let all = page_map(&Sheet::full([0xFF; 128])).unwrap();
        assert!((0..=255).all(|number| all.has(number)));
    }

    #[test]
    fn a_map_without_itself_is_not_used() {
        let mut page = Sheet::full([0; 128]);
        page.put(128, &[0xFF, 0x00]);
        assert_eq!(page_map(&page), None);
    }
}
