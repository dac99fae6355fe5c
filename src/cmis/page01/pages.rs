//! Which optional pages a module has: advertisement bits, applications, vendor
//! and, since CMIS 5.4, the map on page 0Ch, which overrides the bits.

use super::{Advertisement, applications};
use crate::bus::sheet::Sheet;
use crate::cmis::lower::{self, Descriptor, Revision};
use crate::cmis::page0c::PageMap;
use crate::cmis::sff8024::{self, Kind};

// Bits of 01h:142, 145, 155, 173 and 174.
const VDM: u8 = 1 << 6;
const DIAGNOSTICS: u8 = 1 << 5;
const COHERENT: u8 = 1 << 4;
const LATENCY: u8 = 1 << 3;
const TUNABLE: u8 = 1 << 6;
const PAGE_MAP: u8 = 1 << 7;
const LANE_THRESHOLDS: u8 = 1 << 5;

/// Who has enhanced LPO registers, and the mark at 01h:195 that says so. The
/// bytes are the vendor's: with others they mean other things.
const ENHANCED_LPO_VENDOR: &[u8] = b"ARISTA";
const ENHANCED_LPO_MARK: u8 = 0x4C;

/// Whether one of the applications has a coherent media interface.
pub(super) fn any_coherent(page: &Sheet, lower: &Sheet) -> bool {
    let media_type = lower::media_type(lower);
    lower::applications(lower)
        .into_iter()
        .chain(applications(page))
        .take_while(|slot| slot.host_code != Descriptor::END)
        .any(|slot| sff8024::kind_of_media(media_type, slot.media_code) == Kind::Coherent)
}

impl Advertisement {
    /// The same, knowing the vendor's name as it stands on page 00h.
    pub fn of_vendor(mut self, name: &[u8]) -> Self {
        let [mark, _] = self.lpo_versions;
        let start = name.get(..ENHANCED_LPO_VENDOR.len());
        self.enhanced_lpo = mark == ENHANCED_LPO_MARK
            && start.is_some_and(|start| start.eq_ignore_ascii_case(ENHANCED_LPO_VENDOR));
        self
    }

    /// The same, knowing the map of all pages.
    pub fn with_page_map(mut self, map: PageMap) -> Self {
        self.page_map = Some(map);
        self
    }

    /// Whether the map of pages has this one, or there is no map.
    pub fn maps(&self, page: u8) -> bool {
        self.page_map.is_none_or(|map| map.has(page))
    }

    /// The map of pages on page 0Ch (01h:173.7, 5.4).
    pub fn page_map_page(&self) -> bool {
        self.more_pages & PAGE_MAP != 0 && self.revision >= Revision::V5_4
    }

    /// VDM pages 20h to 2Fh (01h:142.6).
    pub fn vdm_pages(&self) -> bool {
        self.pages & VDM != 0 && self.maps(0x20)
    }

    /// Diagnostics pages 13h and 14h (01h:142.5), which laser sources lack.
    pub fn diagnostics_pages(&self) -> bool {
        self.pages & DIAGNOSTICS != 0 && !self.laser_source && self.maps(0x13)
    }

    /// Latency page 15h (01h:145.3).
    pub fn latency_page(&self) -> bool {
        self.characteristics & LATENCY != 0 && !self.laser_source && self.maps(0x15)
    }

    /// Tunable laser, pages 04h and 12h (01h:155.6).
    pub fn tunable(&self) -> bool {
        self.tx_controls & TUNABLE != 0 && !self.laser_source && self.maps(0x12)
    }

    /// Coherent pages 34h and 35h: 01h:142.4, which is reserved before 5.3;
    /// there a coherent application speaks for them.
    pub fn coherent_pages(&self) -> bool {
        let says_so = if self.revision >= Revision::V5_3 {
            self.pages & COHERENT != 0
        } else {
            self.coherent_application
        };
        says_so && !self.laser_source && (self.maps(0x34) || self.maps(0x35))
    }

    /// Thresholds by lane on page 62h (01h:174.5, 5.4).
    pub fn lane_thresholds_page(&self) -> bool {
        self.lane_pages & LANE_THRESHOLDS != 0 && self.revision >= Revision::V5_4 && self.maps(0x62)
    }

    /// Enhanced LPO pages C1h and C2h (01h:195 of one vendor).
    pub fn enhanced_lpo_pages(&self) -> bool {
        self.enhanced_lpo && self.maps(0xC1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmis::page0c::page_map;

    fn decoded(page: &[(u8, &[u8])], lower: &[(u8, &[u8])]) -> Advertisement {
        let sheet = |parts: &[(u8, &[u8])]| {
            let mut sheet = Sheet::full([0; 128]);
            for (first, bytes) in parts {
                sheet.put(*first, bytes);
            }
            sheet
        };
        Advertisement::decode(&sheet(page), &sheet(lower))
    }

    #[test]
    fn before_5_3_a_coherent_application_speaks_for_its_pages() {
        let lower = |revision: &'static [u8], code: &'static [u8]| {
            decoded(&[], &[(1, revision), (85, &[2, 0x11]), (87, code)])
        };
        assert!(lower(&[0x52], &[0x3E]).coherent_pages());
        assert!(!lower(&[0x52], &[0x1C]).coherent_pages());
        assert!(!lower(&[0x53], &[0x3E]).coherent_pages());
        let behind_the_end = decoded(&[], &[(1, &[0x52]), (85, &[2, 0xFF, 0x3E])]);
        assert!(!behind_the_end.coherent_application);
    }

    #[test]
    fn the_enhanced_lpo_mark_counts_with_its_vendor_only() {
        let says = |mark, name: &[u8]| decoded(&[(195, &[mark, 1])], &[]).of_vendor(name);
        assert!(says(0x4C, b"Arista Networks ").enhanced_lpo_pages());
        assert!(says(0x4C, b"ARISTA          ").enhanced_lpo_pages());
        assert!(!says(0x4C, b"ACME OPTICS     ").enhanced_lpo_pages());
        assert!(!says(0x4C, b"Ari").enhanced_lpo_pages());
        assert!(!says(0x11, b"Arista Networks ").enhanced_lpo_pages());
    }

    #[test]
    fn the_map_of_pages_overrides_the_bits() {
        let says = decoded(
            &[
                (142, &[0x60]),
                (145, &[0x08]),
                (155, &[0x40]),
                (173, &[0x80, 0x20]),
            ],
            &[(1, &[0x54])],
        );
        assert!(says.page_map_page() && says.vdm_pages() && says.lane_thresholds_page());
        let mut map = Sheet::full([0; 128]);
        map.put(128, &[0x07, 0x10, 0x0B]);
        let says = says.with_page_map(page_map(&map).unwrap());
        assert!(says.diagnostics_pages());
        assert!(!says.vdm_pages() && !says.tunable() && !says.latency_page());
        assert!(!says.lane_thresholds_page());
        assert!(!decoded(&[(173, &[0x80])], &[(1, &[0x53])]).page_map_page());
    }

    #[test]
    fn a_laser_source_has_no_lane_pages() {
        let all = [(142, [0xFF].as_slice()), (145, &[0xFF]), (155, &[0xFF])];
        let says = decoded(&all, &[(0, &[0x22, 0x53])]);
        assert!(says.vdm_pages());
        assert!(!says.diagnostics_pages() && !says.latency_page() && !says.tunable());
        assert!(!says.coherent_pages());
    }
}
