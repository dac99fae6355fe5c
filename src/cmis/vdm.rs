//! Pages 20h to 2Fh: versatile diagnostics (VDM), up to 256 observables a bank
//! (CMIS 5.0 Tables 8-121 to 8-128; flags: 5.4 Table 8-177).
//!
//! An instance is a place: the same place in a descriptor page says what it is,
//! in a sample page what it reads, and in the flag page what crossed a level.
//! Places are counted in four groups of 64, one page of each kind for a group.

mod fields;

pub use fields::fields;

use super::page01::Advertisement;
use super::vdm_observables::{Statistic, observable};
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::bus::sheet::Sheet;

/// Groups of instances that the pages have room for.
pub const MOST_GROUPS: u8 = 4;
/// Instances in a group.
pub const GROUP_LENGTH: u8 = 64;

/// First page of each kind; a group's page is this plus the group.
const DESCRIPTOR_PAGE: u8 = 0x20;
const SAMPLE_PAGE: u8 = 0x24;
const THRESHOLD_PAGE: u8 = 0x28;
/// Flags of all groups, 4 bits an instance.
const FLAG_PAGE: u8 = 0x2C;
/// Which of them raise an interrupt, laid out alike.
const MASK_PAGE: u8 = 0x2D;
/// The page that tells what the module can do, and takes the freeze request.
pub const CONTROL_PAGE: u8 = 0x2F;

/// First and last byte of an upper page.
const FIRST: u8 = 128;
const LAST: u8 = 255;
/// Bytes of a descriptor or a sample.
const INSTANCE_LENGTH: u8 = 2;
/// Bytes of the four thresholds of a set.
const SET_LENGTH: u8 = 8;
/// Bytes of the flags of a group.
const FLAGS_LENGTH: u8 = GROUP_LENGTH / 2;

/// 2Fh:128.1-0: groups supported less one; 129-130: fine interval.
const GROUPS_SUPPORTED: u8 = 128;
const CAPABILITY_LAST: u8 = 130;
/// 2Fh:144-145: freeze request and its answer.
const FREEZE_REQUEST: u8 = 144;
const FREEZE_ANSWER: u8 = 145;

/// Lane code of an observable of the whole module.
const WHOLE_MODULE: u8 = 15;
/// Lanes of a bank.
const LANES: u8 = 8;

/// Whether a module has VDM. Byte 2Fh:128 cannot tell: a page that is not there
/// reads as page 00h.
pub fn advertised(advertisement: &Advertisement) -> bool {
    advertisement.vdm_pages()
}

/// A register group on a VDM page.
const fn on_page(
    name: &'static str,
    page: u8,
    first: u8,
    last: u8,
    cadence: Cadence,
) -> Group<Advertisement> {
    Group {
        name,
        place: Place::EveryBank(page),
        first,
        last,
        cadence,
        clears: false,
        gate: advertised,
    }
}

/// What the instances of a group, 0 to 3, are (20h-23h).
pub const fn descriptors(group: u8) -> Group<Advertisement> {
    let page = DESCRIPTOR_PAGE + group % MOST_GROUPS;
    on_page("VDM descriptors", page, FIRST, LAST, Cadence::Insertion)
}

/// What the instances of a group, 0 to 3, read (24h-27h).
pub const fn samples(group: u8) -> Group<Advertisement> {
    let page = SAMPLE_PAGE + group % MOST_GROUPS;
    on_page("VDM samples", page, FIRST, LAST, Cadence::Fast)
}

/// The sixteen threshold sets of a group, 0 to 3 (28h-2Bh).
pub const fn thresholds(group: u8) -> Group<Advertisement> {
    let page = THRESHOLD_PAGE + group % MOST_GROUPS;
    on_page("VDM thresholds", page, FIRST, LAST, Cadence::Insertion)
}

/// The latched flags of a group, 0 to 3: its quarter of 2Ch.
pub const fn flags(group: u8) -> Group<Advertisement> {
    let first = FIRST + group % MOST_GROUPS * FLAGS_LENGTH;
    let last = first + (FLAGS_LENGTH - 1);
    Group {
        clears: true,
        ..on_page("VDM flags", FLAG_PAGE, first, last, Cadence::OnFlag)
    }
}

/// How many groups there are and how long the fine interval is.
pub const CAPABILITY: Group<Advertisement> = on_page(
    "VDM capability",
    CONTROL_PAGE,
    GROUPS_SUPPORTED,
    CAPABILITY_LAST,
    Cadence::Insertion,
);

/// The freeze request and its answer.
pub const FREEZE: Group<Advertisement> = on_page(
    "VDM freeze",
    CONTROL_PAGE,
    FREEZE_REQUEST,
    FREEZE_ANSWER,
    Cadence::Slow,
);

/// All register groups of VDM. A module may have fewer groups of instances than
/// four: see [`groups_supported`].
pub const GROUPS: &[Group<Advertisement>] = &[
    descriptors(0),
    descriptors(1),
    descriptors(2),
    descriptors(3),
    samples(0),
    samples(1),
    samples(2),
    samples(3),
    thresholds(0),
    thresholds(1),
    thresholds(2),
    thresholds(3),
    flags(0),
    flags(1),
    flags(2),
    flags(3),
    CAPABILITY,
    FREEZE,
];

/// How many groups of instances a module has, 1 to 4, from its page 2Fh;
/// `None` where the byte that says so is not known.
pub fn groups_supported(sheet_2f: &Sheet) -> Option<u8> {
    sheet_2f
        .knows(GROUPS_SUPPORTED, 1)
        .then(|| (sheet_2f.u8(GROUPS_SUPPORTED) & 0b11) + 1)
}

/// What the registers of a VDM page are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// What each instance observes.
    Descriptors,
    /// What each instance reads.
    Samples,
    /// The levels that instances refer to.
    Thresholds,
    /// Which levels were crossed.
    Flags,
    /// What the module can do, and the freeze handshake.
    Control,
}

/// What the bytes from an absolute offset of a page on are for, and the group
/// of instances that they belong to, 0 to 3 (0 for the control page). `None`
/// for a page that is not of VDM.
pub fn purpose(page: u8, first: u8) -> Option<(Purpose, u8)> {
    match page {
        DESCRIPTOR_PAGE..SAMPLE_PAGE => Some((Purpose::Descriptors, page - DESCRIPTOR_PAGE)),
        SAMPLE_PAGE..THRESHOLD_PAGE => Some((Purpose::Samples, page - SAMPLE_PAGE)),
        THRESHOLD_PAGE..FLAG_PAGE => Some((Purpose::Thresholds, page - THRESHOLD_PAGE)),
        FLAG_PAGE => Some((Purpose::Flags, (first & 0x7F) / FLAGS_LENGTH)),
        CONTROL_PAGE => Some((Purpose::Control, 0)),
        _ => None,
    }
}

/// The page with the descriptors of a group, 0 to 3.
pub fn descriptor_page(group: u8) -> u8 {
    DESCRIPTOR_PAGE + group % MOST_GROUPS
}

/// The page with the samples of a group, 0 to 3.
pub fn sample_page(group: u8) -> u8 {
    SAMPLE_PAGE + group % MOST_GROUPS
}

/// What an observable is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A lane of the bank, or the first lane of a data path: 1 to 8.
    Lane(u8),
    /// The whole module.
    Module,
    /// A lane that no bank has; the code is kept.
    Impossible(u8),
}

/// What one instance observes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// Observable type code, 1 to 255.
    pub code: u8,
    /// What it is about.
    pub resource: Resource,
    /// Its threshold set in the same group, 0 to 15.
    pub threshold_set: u8,
}

/// The absolute offset of a place, 0 to 63, in a descriptor or sample page.
pub fn instance_offset(place: u8) -> u8 {
    FIRST + place % GROUP_LENGTH * INSTANCE_LENGTH
}

/// The descriptor at a place, 0 to 63, of a descriptor page; `None` if the
/// instance is not used.
pub fn descriptor(sheet: &Sheet, place: u8) -> Option<Descriptor> {
    let [head, code] = sheet.array(instance_offset(place));
    let resource = match head & 0x0F {
        WHOLE_MODULE => Resource::Module,
        lane if lane < LANES => Resource::Lane(lane + 1),
        other => Resource::Impossible(other),
    };
    (code != 0).then_some(Descriptor {
        code,
        resource,
        threshold_set: head >> 4,
    })
}

/// The runs of used places in a descriptor page, each as the first and last
/// absolute offset that it has there and in the sample page.
pub fn used_runs(descriptors: &Sheet) -> Vec<(u8, u8)> {
    let used = (0..GROUP_LENGTH).filter(|place| descriptor(descriptors, *place).is_some());
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for first in used.map(instance_offset) {
        let last = first + (INSTANCE_LENGTH - 1);
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == first => *end = last,
            _ => runs.push((first, last)),
        }
    }
    runs
}

/// The word at a place, 0 to 63, of a sample page.
pub fn sample(sheet: &Sheet, place: u8) -> u16 {
    sheet.u16(instance_offset(place))
}

/// The words of a threshold set, 0 to 15: high alarm, low alarm, high warning,
/// low warning.
pub fn threshold_words(sheet: &Sheet, set: u8) -> [u16; 4] {
    let first = FIRST + set % 16 * SET_LENGTH;
    [0, 2, 4, 6].map(|step| sheet.u16(first + step))
}

/// The flag bits at a place, 0 to 63, of a group, 0 to 3: bit 0 high alarm,
/// 1 low alarm, 2 high warning, 3 low warning.
pub fn flag_bits(sheet: &Sheet, group: u8, place: u8) -> u8 {
    let first = FIRST + group % MOST_GROUPS * FLAGS_LENGTH;
    let byte = sheet.u8(first + place % GROUP_LENGTH / 2);
    if place.is_multiple_of(2) {
        byte & 0x0F
    } else {
        byte >> 4
    }
}

/// Whether any descriptor is of a statistic: only then does a freeze make sense,
/// and only then do all modules answer one. Vendor types do not count.
pub fn has_statistics<'a>(descriptor_sheets: impl IntoIterator<Item = &'a Sheet>) -> bool {
    descriptor_sheets.into_iter().any(|sheet| {
        (0..GROUP_LENGTH)
            .filter_map(|place| descriptor(sheet, place))
            .any(|found| observable(found.code).statistic != Statistic::Current)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet_with(offset: u8, bytes: &[u8]) -> Sheet {
        let mut sheet = Sheet::full([0; 128]);
        sheet.put(offset, bytes);
        sheet
    }

    #[test]
    fn groups_lie_where_the_table_says() {
        let places: Vec<_> = GROUPS.iter().map(|g| (g.place, g.first, g.last)).collect();
        for group in 0..4 {
            let whole = |page| (Place::EveryBank(page + group), 128, 255);
            assert!(places.contains(&whole(0x20)));
            assert!(places.contains(&whole(0x24)));
            assert!(places.contains(&whole(0x28)));
            let first = 128 + 32 * group;
            assert!(places.contains(&(Place::EveryBank(0x2C), first, first + 31)));
        }
        assert_eq!(GROUPS.iter().filter(|g| g.clears).count(), 4);
        for group in GROUPS {
            assert_eq!(group.clears, group.place == Place::EveryBank(0x2C));
            assert_eq!(group.spans(1).count(), 1, "{}", group.name);
        }
    }

    #[test]
    fn a_descriptor_holds_set_resource_and_type() {
        let sheet = sheet_with(254, &[0xA7, 15]);
        let found = descriptor(&sheet, 63).unwrap();
        assert_eq!((found.code, found.threshold_set), (15, 10));
        assert_eq!(found.resource, Resource::Lane(8));
        assert_eq!(descriptor(&sheet, 0), None);
        let sheet = sheet_with(128, &[0x0F, 2, 0x08, 5]);
        assert_eq!(descriptor(&sheet, 0).unwrap().resource, Resource::Module);
        let impossible = descriptor(&sheet, 1).unwrap().resource;
        assert_eq!(impossible, Resource::Impossible(8));
        let ones = Sheet::full([0xFF; 128]);
        assert_eq!(descriptor(&ones, 5).unwrap().code, 255);
    }

    #[test]
    fn used_places_that_touch_are_one_run() {
        let mut sheet = sheet_with(128, &[0, 5, 0, 0, 0, 6, 0, 7]);
        sheet.put(254, &[0, 1]);
        assert_eq!(used_runs(&sheet), [(128, 129), (132, 135), (254, 255)]);
        assert_eq!(used_runs(&Sheet::full([0xFF; 128])), [(128, 255)]);
        assert_eq!(used_runs(&Sheet::full([0; 128])), []);
    }

    #[test]
    fn samples_and_thresholds_are_big_endian() {
        assert_eq!(sample(&sheet_with(130, &[0x12, 0x34]), 1), 0x1234);
        let sheet = sheet_with(248, &[0, 1, 0, 2, 0, 3, 1, 4]);
        assert_eq!(threshold_words(&sheet, 15), [1, 2, 3, 0x104]);
    }

    #[test]
    fn flags_are_four_bits_an_instance_low_nibble_first() {
        let sheet = sheet_with(128 + 32 * 2 + 31, &[0x94]);
        assert_eq!(flag_bits(&sheet, 2, 62), 4);
        assert_eq!(flag_bits(&sheet, 2, 63), 9);
        assert_eq!(flag_bits(&sheet, 1, 63), 0);
    }

    #[test]
    fn only_statistics_are_worth_a_freeze() {
        let basic = sheet_with(128, &[0, 5, 0, 15, 0, 104, 0, 200]);
        let statistic = sheet_with(254, &[0, 13]);
        assert!(!has_statistics([&basic]));
        assert!(has_statistics([&basic, &statistic]));
        assert!(!has_statistics([]));
    }

    #[test]
    fn the_number_of_groups_is_one_to_four() {
        assert_eq!(groups_supported(&sheet_with(128, &[0xFC])), Some(1));
        assert_eq!(groups_supported(&sheet_with(128, &[0x0F])), Some(4));
        assert_eq!(groups_supported(&Sheet::unknown()), None);
    }
}
