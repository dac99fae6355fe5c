//! Modules with optional pages, swept as they would be on a bus.

use std::time::Duration;

use proptest::prelude::*;

use super::sweep::Session;
use super::{Absence, Reading, Snapshot};
use crate::bus::address::{Bank, Half};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;
use crate::clock::ManualClock;
use crate::units::Volts;

/// Single mode, 8:4, with a coherent code in the second place of the pair.
const COHERENT: [u8; 2] = [0x11, 0x3E];
pub(super) const DIRECT_DETECT: [u8; 2] = [0x11, 0x1C];

/// A paged module of some revision with four lanes and nothing optional.
pub(super) fn plain(revision: u8, codes: [u8; 2]) -> Image {
    let mut image = Image::new();
    for half in [0x00, 0x01, 0x02, 0x10, 0x11].map(Half::page) {
        image.put(half, [0; 128]);
    }
    image.put(Half::LOWER, [0; 128]);
    let lower = image.sheet_mut(Half::LOWER);
    lower.put(0, &[0x18, revision, 0x00, 0x06]);
    lower.put(85, &[2, codes[0], codes[1], 0x44, 0x01, 0xFF]);
    let page = image.sheet_mut(Half::page(0x00));
    page.put(128, &[0x18]);
    page.put(129, b"ACME OPTICS     ");
    page.put(148, b"AO-400G         ");
    image.sheet_mut(Half::page(0x01)).put(176, &[0x01]);
    image
}

/// Fills a page with zeros but for these parts.
pub(super) fn put(image: &mut Image, half: Half, parts: &[(u8, &[u8])]) {
    let mut sheet = Sheet::full([0; 128]);
    for (first, bytes) in parts {
        sheet.put(*first, bytes);
    }
    image.put(half, *sheet.whole().unwrap());
}

pub(super) fn advertise(image: &mut Image, first: u8, bytes: &[u8]) {
    image.sheet_mut(Half::page(0x01)).put(first, bytes);
}

pub(super) fn swept(session: &mut Session, image: &mut Image) -> Snapshot {
    session.sweep(image, &ManualClock::new()).unwrap().snapshot
}

pub(super) fn first_sweep(mut image: Image) -> Snapshot {
    swept(&mut Session::new(), &mut image)
}

pub(super) fn told(snapshot: &Snapshot, part: &str) -> bool {
    snapshot
        .problems
        .iter()
        .any(|problem| problem.contains(part))
}

fn with_coherent_pages(mut image: Image, banks: u8) -> Image {
    for bank in Bank::first(banks) {
        let corrected = 1000 * (u64::from(bank.number()) + 1);
        put(
            &mut image,
            Half::page(0x34).in_bank(bank),
            &[
                (128, &1_000_000_u64.to_be_bytes()),
                (144, &corrected.to_be_bytes()),
            ],
        );
        put(
            &mut image,
            Half::page(0x35).in_bank(bank),
            &[(158, &[0x01, 0x68])],
        );
    }
    image
}

#[test]
fn each_bank_has_a_coherent_lane() {
    let mut image = with_coherent_pages(plain(0x52, COHERENT), 2);
    advertise(&mut image, 142, &[0x01]);
    let s = first_sweep(image);
    let lanes: Vec<u16> = s.coherent.iter().map(|c| c.lane.number()).collect();
    assert_eq!(lanes, [1, 2]);
    let ratio = |lane: usize| s.coherent[lane].fec.value().unwrap().pre_fec_ber();
    assert_eq!((ratio(0), ratio(1)), (Some(1e-3), Some(2e-3)));
    let link = s.coherent[1].link.as_ref().value().unwrap();
    let osnr = link.iter().find(|i| i.quantity.name == "osnr").unwrap();
    assert!((osnr.average - 36.0).abs() < 1e-9);
}

#[test]
fn since_5_3_coherent_pages_have_a_bit_of_their_own() {
    let image = with_coherent_pages(plain(0x53, COHERENT), 1);
    assert!(first_sweep(image.clone()).coherent.is_empty());
    let mut image = image;
    advertise(&mut image, 142, &[0x10]);
    image.put(Half::page(0x35), [0; 128]);
    let s = first_sweep(image);
    assert_eq!(s.coherent[0].link, Reading::Absent(Absence::Undefined));
    assert!(s.coherent[0].fec.value().is_some());
}

fn enhanced_lpo(vendor: &[u8; 16]) -> Image {
    let mut image = plain(0x52, [0x22, 0x91]);
    image.sheet_mut(Half::page(0x00)).put(129, vendor);
    advertise(&mut image, 195, &[0x4C, 1]);
    put(
        &mut image,
        Half::page(0xC1),
        &[
            (128, &[0x18, 0]),
            (133, &[0x01, 0x02]),
            (136, &[160, 20, 150, 30]),
            (141, &[0x75, 0x30, 0x00, 0x64, 0x4E, 0x20, 0x03, 0xE8]),
        ],
    );
    put(
        &mut image,
        Half::page(0xC2),
        &[(142, &[0x02]), (146, &[100]), (163, &[0x13, 0x88])],
    );
    image
}

#[test]
fn enhanced_lpo_shows_amplitudes_lane_by_lane() {
    let s = first_sweep(enhanced_lpo(b"Arista Networks "));
    let lpo = s.lpo.as_ref().unwrap();
    assert_eq!(lpo.lanes.len(), 4);
    assert_eq!(lpo.lanes[1].vma, Reading::Value(Volts::new(0.5)));
    assert!((lpo.lanes[1].oma.value().unwrap().watts() - 5e-4).abs() < 1e-12);
    assert!(lpo.lanes[1].vma_flags.value().unwrap().low_alarm);
    assert_eq!((lpo.tx_polarity, lpo.rx_polarity), (1, 2));
    assert_eq!(lpo.max_extinction_ratio, Reading::NOT_ADVERTISED);
}

#[test]
fn pages_of_other_vendors_are_not_touched() {
    let s = first_sweep(enhanced_lpo(b"ACME OPTICS     "));
    assert_eq!(s.lpo, None);
    assert!(s.image.sheet(Half::page(0xC1)).is_none());
    assert!(s.image.sheet(Half::page(0xC2)).is_none());
}

#[test]
fn enhanced_lpo_pages_that_make_no_sense_are_told_and_not_used() {
    let mut image = enhanced_lpo(b"ARISTA          ");
    image.sheet_mut(Half::page(0xC1)).put(136, &[0; 4]);
    let s = first_sweep(image);
    assert_eq!(s.lpo, None);
    assert!(told(&s, "page C1h makes no sense"));
    let mut image = enhanced_lpo(b"ARISTA          ");
    let copy = *image.sheet(Half::page(0x00)).unwrap().whole().unwrap();
    image.put(Half::page(0xC1), copy);
    let s = first_sweep(image);
    assert_eq!(s.lpo, None);
    assert!(told(&s, "page C1h is a copy of page 00h"));
}

#[test]
fn pages_that_the_map_leaves_out_are_not_read() {
    let mut image = plain(0x54, DIRECT_DETECT);
    advertise(&mut image, 142, &[0x60]);
    advertise(&mut image, 173, &[0x80]);
    put(&mut image, Half::page(0x0C), &[(128, &[0x07, 0x10, 0x03])]);
    let s = first_sweep(image.clone());
    assert!(s.failures.is_empty(), "{:?}", s.failures);
    assert_eq!(s.diagnostics, Reading::NOT_ADVERTISED);
    image.sheet_mut(Half::page(0x0C)).put(130, &[0x0B]);
    let s = first_sweep(image);
    assert!(told(&s, "page 13 is not in this dump"));
    assert!(!told(&s, "page 14") && !told(&s, "page 2"));
}

#[test]
fn without_a_map_to_be_believed_the_bits_count() {
    let mut image = plain(0x54, DIRECT_DETECT);
    advertise(&mut image, 142, &[0x20]);
    advertise(&mut image, 173, &[0x80]);
    let s = first_sweep(image.clone());
    assert!(told(&s, "page 0c is not in this dump") && told(&s, "page 13 is not"));
    put(&mut image, Half::page(0x0C), &[]);
    let s = first_sweep(image);
    assert!(told(&s, "leaves out pages that every module has"));
    assert!(told(&s, "page 13 is not in this dump"));
}

#[test]
fn latency_is_told_by_host_lane() {
    let mut image = plain(0x54, DIRECT_DETECT);
    advertise(&mut image, 145, &[0x08]);
    put(
        &mut image,
        Half::page(0x15),
        &[(224, &[0x00, 0x78]), (240, &[0x01, 0x2C])],
    );
    let s = first_sweep(image);
    assert_eq!(s.latency.len(), 4);
    assert_eq!(s.latency[0].rx, Reading::Value(Duration::from_nanos(120)));
    assert_eq!(s.latency[0].tx, Reading::Value(Duration::from_nanos(300)));
    assert_eq!(s.latency[1].rx, Reading::Absent(Absence::Undefined));
    assert!(first_sweep(plain(0x54, DIRECT_DETECT)).latency.is_empty());
}

#[test]
fn a_fault_is_told_with_its_cause() {
    let mut image = plain(0x53, DIRECT_DETECT);
    image.sheet_mut(Half::LOWER).put(3, &[0x0A]);
    image.sheet_mut(Half::LOWER).put(41, &[6]);
    assert!(told(
        &first_sweep(image),
        "module reports a fault: temperature"
    ));
}

/// Every page that this file is about.
const OPTIONAL: [u8; 12] = [
    0x04, 0x0C, 0x12, 0x15, 0x1A, 0x1B, 0x34, 0x35, 0x62, 0xC1, 0xC2, 0x13,
];

proptest! {
    #[test]
    fn any_bytes_on_optional_pages_decode(
        bytes in prop::collection::vec(prop::collection::vec(any::<u8>(), 128), OPTIONAL.len()),
        identifier in prop::sample::select(vec![0x18_u8, 0x22]),
        bank_code in any::<u8>(),
        map in any::<bool>(),
    ) {
        let mut image = plain(0x54, COHERENT);
        image.sheet_mut(Half::LOWER).put(0, &[identifier]);
        image.sheet_mut(Half::page(0x00)).put(129, b"ARISTA");
        advertise(&mut image, 142, &[0x53]);
        advertise(&mut image, 145, &[0x08]);
        advertise(&mut image, 155, &[0x40]);
        advertise(&mut image, 173, &[if map { 0x80 } else { 0 }, 0x20 | bank_code & 0x1F]);
        advertise(&mut image, 195, &[0x4C]);
        for (page, bytes) in OPTIONAL.iter().zip(&bytes) {
            for bank in Bank::first(Bank::MOST) {
                image.sheet_mut(Half::page(*page).in_bank(bank)).put(128, bytes);
            }
        }
        let s = first_sweep(image);
        prop_assert!(s.lanes.len() <= usize::from(s.banks) * 8);
        prop_assert!(s.lasers.len() <= usize::from(s.banks) * 8);
        prop_assert_eq!(s.laser_source.is_some(), identifier == 0x22);
    }
}
