//! Typed CMIS registers: bytes of a page in, plain data out; cannot fail.
//!
//! One file per page or range of pages, CMIS 4.0 to 5.4. Each declares its
//! register groups ([`Group`]) beside the functions that decode them; the union
//! of all groups ([`groups`]) is what there is to read. A newer revision is read
//! by the newest rules known here.

pub mod coherent;
pub mod elsfp;
pub mod f16;
pub mod lower;
pub mod lpo;
pub mod page00;
pub mod page01;
pub mod page02;
pub mod page04;
pub mod page0c;
pub mod page10;
pub mod page11;
pub mod page12;
pub mod page13_14;
pub mod page15;
pub mod page62;
pub mod scale;
pub mod sff8024;
pub mod text;
pub mod vdm;
pub mod vdm_observables;

use crate::bus::address::{Device, Half};
use crate::bus::field::Field;
use crate::bus::read_plan::Group;
use page01::Advertisement;

/// Every register group of CMIS memory, in page order. Which of them a module
/// has, each group's gate tells from what the module advertises.
pub fn groups() -> impl Iterator<Item = &'static Group<Advertisement>> {
    [
        lower::GROUPS,
        page00::GROUPS,
        page01::GROUPS,
        page02::GROUPS,
        page04::GROUPS,
        page0c::GROUPS,
        page10::GROUPS,
        page11::GROUPS,
        page12::GROUPS,
        page13_14::GROUPS,
        page15::GROUPS,
        elsfp::GROUPS,
        vdm::GROUPS,
        coherent::GROUPS,
        page62::GROUPS,
        lpo::GROUPS,
    ]
    .into_iter()
    .flatten()
}

/// The names of the bytes of a half; none where its page is not known here.
pub fn fields(half: Half) -> &'static [Field] {
    if half.device() != Device::A0 {
        return &[];
    }
    match half.upper().map(|(page, _)| page.0) {
        None => lower::FIELDS,
        Some(0x00) => page00::FIELDS,
        Some(0x01) => page01::FIELDS,
        Some(0x02) => page02::FIELDS,
        Some(0x04) => page04::FIELDS,
        Some(0x0C) => page0c::FIELDS,
        Some(0x10) => page10::FIELDS,
        Some(0x11) => page11::FIELDS,
        Some(0x12) => page12::FIELDS,
        Some(0x13) => page13_14::FIELDS_13,
        Some(0x14) => page13_14::FIELDS_14,
        Some(0x15) => page15::FIELDS,
        Some(0x1A) => elsfp::FIELDS_1A,
        Some(0x1B) => elsfp::FIELDS_1B,
        Some(0x34) => coherent::FIELDS_34,
        Some(0x35) => coherent::FIELDS_35,
        Some(0x62) => page62::FIELDS,
        Some(0xC1) => lpo::FIELDS_C1,
        Some(0xC2) => lpo::FIELDS_C2,
        Some(page) => vdm::fields(page),
    }
}

/// The gate of groups that every paged module has.
const fn always(_: &Advertisement) -> bool {
    true
}

/// The gate of lane pages: modules with data paths have them, laser sources do not.
const fn has_lanes(advertisement: &Advertisement) -> bool {
    !advertisement.laser_source
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::address::Bank;
    use crate::bus::field::tests::hold;
    use crate::bus::read_plan::Place;

    #[test]
    fn every_group_lies_in_its_half_and_no_two_overlap() {
        let spans: Vec<_> = groups()
            .map(|group| {
                let span = group.spans(1).next();
                (group.name, span.unwrap_or_else(|| panic!("{}", group.name)))
            })
            .collect();
        for (index, (name, a)) in spans.iter().enumerate() {
            for (other, b) in spans.iter().skip(index + 1) {
                let apart = a.half() != b.half() || a.last() < b.first() || b.last() < a.first();
                assert!(apart, "{name} and {other} overlap");
            }
        }
    }

    #[test]
    fn groups_in_every_bank_lie_on_banked_pages() {
        for group in groups() {
            if let Place::EveryBank(_) = group.place {
                let banks = group.spans(Bank::MOST).map(|span| span.half());
                let mut distinct: Vec<_> = banks.collect();
                distinct.dedup();
                assert_eq!(distinct.len(), usize::from(Bank::MOST), "{}", group.name);
            }
        }
    }

    #[test]
    fn every_byte_that_is_read_has_one_name() {
        let pages = (0_u8..=0xFF).map(Half::page);
        for half in std::iter::once(Half::LOWER).chain(pages) {
            let of_half = |group: &&Group<Advertisement>| group.spans(1).any(|s| s.half() == half);
            hold(fields(half), groups().filter(of_half));
        }
    }
}
