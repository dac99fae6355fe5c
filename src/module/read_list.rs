//! Which register groups a module has: the read list of one insertion.

use super::Management;
use crate::bus::address::{Bank, Device, Half, Span};
use crate::bus::image::Image;
use crate::bus::read_plan::{Cadence, Group, Place};
use crate::cmis::page0c;
use crate::cmis::page01::Advertisement;
use crate::cmis::vdm::{self, Purpose};
use crate::sff::{sff8472, sff8636};

/// One register group of one bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// The group's name.
    pub name: &'static str,
    /// Its bytes.
    pub span: Span,
    /// How often it is read.
    pub cadence: Cadence,
    /// Whether reading consumes it.
    pub clears: bool,
}

/// What is known of a module when its read list is made.
#[derive(Debug, Clone, Copy)]
pub(super) enum Advertised {
    /// A CMIS module and what page 01h says; `None` for flat memory, or where
    /// page 01h cannot be trusted.
    Cmis(Option<Advertisement>),
    /// An SFF-8636 module.
    Sff8636(sff8636::Advertisement),
    /// An SFF-8472 module.
    Sff8472(sff8472::Advertisement),
    /// Nothing but the identifier.
    Unknown,
}

impl Advertised {
    /// How many banks the module has.
    pub fn banks(&self) -> u8 {
        match self {
            Self::Cmis(Some(advertisement)) => advertisement.banks,
            _ => 1,
        }
    }
}

/// Everything that the module has.
pub(super) fn full(advertised: Advertised) -> Vec<Entry> {
    match advertised {
        Advertised::Cmis(Some(a)) => {
            let mapped = crate::cmis::groups().filter(|group| match group.place {
                Place::Lower(_) => true,
                Place::Page(_, page) | Place::EveryBank(page) => a.maps(page),
            });
            entries(mapped, &a, a.banks)
        }
        Advertised::Cmis(None) => first(Management::Cmis, true),
        Advertised::Sff8636(a) => entries(sff8636::GROUPS.iter(), &a, 1),
        Advertised::Sff8472(a) => entries(sff8472::GROUPS.iter(), &a, 1),
        Advertised::Unknown => first(Management::Unknown, true),
    }
}

/// What every module of a kind has, before its advertisements are known.
pub(super) fn first(management: Management, flat: bool) -> Vec<Entry> {
    let identity = |half: Half| {
        half == Half::LOWER || half == Half::page(0x00) || (!flat && half == Half::page(0x01))
    };
    match management {
        Management::Cmis => ungated(crate::cmis::groups(), identity),
        Management::Sff8636 => ungated(sff8636::GROUPS.iter(), identity),
        Management::Sff8472 => ungated(sff8472::GROUPS.iter(), |half| half == Half::LOWER),
        Management::Unknown => Vec::new(),
    }
}

/// Bytes that clear when read and that no group decodes: flags of tunable
/// lasers and of enhanced LPO modules (CMIS), and of vendors (SFF-8636).
const CMIS_UNDECODED: [(u8, u8, u8); 3] = [(0x12, 231, 238), (0xC2, 141, 144), (0xC2, 157, 160)];
const SFF8636_VENDOR_FLAGS: (u8, u8) = (15, 21);

/// Every byte of a map that clears when read, whether the module has it or not,
/// in this many banks.
pub(super) fn clearing(management: Management, banks: u8) -> Vec<Span> {
    match management {
        Management::Cmis => {
            let undecoded = CMIS_UNDECODED.into_iter().flat_map(|(page, first, last)| {
                Bank::first(banks)
                    .filter_map(move |bank| Span::new(Half::page(page).in_bank(bank), first, last))
            });
            clearing_groups(crate::cmis::groups(), banks)
                .chain(undecoded)
                .collect()
        }
        Management::Sff8636 => {
            let (first, last) = SFF8636_VENDOR_FLAGS;
            clearing_groups(sff8636::GROUPS.iter(), banks)
                .chain(Span::new(Half::LOWER, first, last))
                .collect()
        }
        Management::Sff8472 => clearing_groups(sff8472::GROUPS.iter(), banks).collect(),
        Management::Unknown => Vec::new(),
    }
}

/// Every byte of a map that is read this often, whether the module has it or not,
/// in this many banks: for the proof that nothing static is read again.
#[cfg(test)]
pub(super) fn of_cadence(management: Management, cadence: Cadence, banks: u8) -> Vec<Span> {
    fn spans<A: 'static>(groups: &[&'static Group<A>], cadence: Cadence, banks: u8) -> Vec<Span> {
        let of_cadence = groups.iter().filter(|group| group.cadence == cadence);
        of_cadence.flat_map(|group| group.spans(banks)).collect()
    }
    match management {
        Management::Cmis => spans(&crate::cmis::groups().collect::<Vec<_>>(), cadence, banks),
        Management::Sff8636 => spans(&sff8636::GROUPS.iter().collect::<Vec<_>>(), cadence, banks),
        Management::Sff8472 => spans(&sff8472::GROUPS.iter().collect::<Vec<_>>(), cadence, banks),
        Management::Unknown => Vec::new(),
    }
}

/// The spans of all groups that clear when read.
fn clearing_groups<A: 'static>(
    groups: impl Iterator<Item = &'static Group<A>>,
    banks: u8,
) -> impl Iterator<Item = Span> {
    groups
        .filter(|group| group.clears)
        .flat_map(move |group| group.spans(banks))
}

/// The groups whose gates are open, in every bank.
fn entries<A: 'static>(
    groups: impl Iterator<Item = &'static Group<A>>,
    advertisement: &A,
    banks: u8,
) -> Vec<Entry> {
    groups
        .filter(|group| (group.gate)(advertisement))
        .flat_map(|group| group.spans(banks).map(|span| entry(group, span)))
        .collect()
}

/// The groups of some halves, whatever their gates.
fn ungated<A: 'static>(
    groups: impl Iterator<Item = &'static Group<A>>,
    wanted: impl Fn(Half) -> bool,
) -> Vec<Entry> {
    groups
        .filter(|group| match group.place {
            Place::Lower(device) => wanted(Half::lower(device)),
            Place::Page(device, page) => wanted(Half::page_of(device, page)),
            Place::EveryBank(_) => false,
        })
        .flat_map(|group| group.spans(1).map(|span| entry(group, span)))
        .collect()
}

fn entry<A>(group: &Group<A>, span: Span) -> Entry {
    Entry {
        name: group.name,
        span,
        cadence: group.cadence,
        clears: group.clears,
    }
}

impl Entry {
    /// Which bit of the flag summary (00h:4-7, one byte a bank) tells of this
    /// group: 0 page 11h, 1 page 12h, 2 page 14h, 3 page 2Ch. `None` where no
    /// summary tells (CMIS 5.4 Table 8-8).
    pub fn summary_bit(&self) -> Option<(u8, u8)> {
        /// The flag summary of bank 0; the banks after it follow.
        const FLAG_SUMMARY: u8 = 4;
        /// How many banks have a summary.
        const SUMMARIES: u8 = 4;
        let (page, bank) = self.span.half().upper()?;
        let bit = match page.0 {
            0x11 => 0,
            0x12 => 1,
            0x14 => 2,
            0x2C => 3,
            _ => return None,
        };
        let device = self.span.half().device() == Device::A0;
        (device && bank.number() < SUMMARIES).then_some((FLAG_SUMMARY + bank.number(), bit))
    }
}

impl Entry {
    /// Whether it is the map of pages, which tells what else there is to read.
    pub fn is_page_map(&self) -> bool {
        self.name == page0c::PAGES.name
    }

    /// Whether it is what VDM observables read.
    pub fn is_vdm_samples(&self) -> bool {
        let purpose = self.vdm_purpose();
        purpose.is_some_and(|(purpose, _)| purpose == Purpose::Samples)
    }

    /// What it is for, if it is of VDM, and its group of instances.
    pub fn vdm_purpose(&self) -> Option<(Purpose, u8)> {
        let (page, _) = self.span.half().upper()?;
        vdm::purpose(page.0, self.span.first())
    }
}

/// Takes out of a list what the module does not fill of its VDM pages: groups
/// beyond those it supports, all but the descriptors of groups without a
/// descriptor, and the samples of places without one.
pub(super) fn leave_out_unused_vdm(list: &mut Vec<Entry>, image: &Image) {
    let supported = image
        .sheet(Half::page(vdm::CONTROL_PAGE))
        .and_then(vdm::groups_supported);
    let entries = std::mem::take(list);
    list.extend(
        entries
            .into_iter()
            .flat_map(|entry| match entry.vdm_purpose() {
                None | Some((Purpose::Control, _)) => vec![entry],
                Some((_, group)) if supported.is_some_and(|supported| group >= supported) => {
                    Vec::new()
                }
                Some((Purpose::Descriptors, _)) => vec![entry],
                Some((purpose, group)) => used(entry, purpose, group, image),
            }),
    );
}

/// What of a VDM group's registers belongs to instances that are used; all of it
/// where its descriptors are not known.
fn used(entry: Entry, purpose: Purpose, group: u8, image: &Image) -> Vec<Entry> {
    let half = entry.span.half();
    let bank = half.upper().map_or(Bank::ZERO, |(_, bank)| bank);
    let descriptors = Span::whole(Half::page(vdm::descriptor_page(group)).in_bank(bank));
    let Some(descriptors) = image.known(descriptors) else {
        return vec![entry];
    };
    let runs = vdm::used_runs(descriptors);
    if purpose != Purpose::Samples {
        let is_used = !runs.is_empty();
        return is_used.then_some(entry).into_iter().collect();
    }
    // A list that was narrowed already stays as it is.
    let of_entry = runs.into_iter().filter_map(|(first, last)| {
        let first = first.max(entry.span.first());
        let last = last.min(entry.span.last());
        Span::new(half, first, last)
    });
    of_entry.map(|span| Entry { span, ..entry }).collect()
}
