//! Modules that answer for pages they lack, and registers full of anything.

use proptest::prelude::*;

use super::super::sample::Sample;
use super::super::{Class, Classification, Source, explain};
use super::{assert_verdict, class_of, fr4_dsp, fr4_lpo, says, shy_lpo};
use crate::bus::address::Half;
use crate::module::{Absence, Checksum, Reading, Snapshot};

#[test]
fn pages_that_are_not_there_are_missing_not_zero() {
    let identity = b"\x19Eoptolink       \0\0\0EOLO-168HG-02SLB";
    let mut copied = fr4_lpo().bytes(Half::page(0x00), 128, identity);
    copied = copied.bytes(Half::page(0x01), 128, identity);
    let found = class_of(copied);
    assert!(
        says(&found.missing, "(page 01h): a copy of page 00h"),
        "{found:?}"
    );
    assert!(found.evidence.iter().all(|item| item.signal != "retiming"));

    for filling in [0x00, 0xFF] {
        let filled = shy_lpo().page01(|page| {
            page.pages = filling;
            page.tx_controls = filling;
            page.tx_flags = filling;
            page.rx_flags = filling;
            page.module_monitors = filling;
            page.lane_monitors = filling;
            page.tx_signal_integrity = filling;
            page.rx_signal_integrity = filling;
            page.characteristics = filling;
        });
        let found = class_of(filled);
        assert_eq!(found.class, Class::Unknown);
        assert!(says(&found.missing, "filled with one value"), "{found:?}");
        assert!(
            found
                .evidence
                .iter()
                .all(|item| item.signal == "codes" || item.signal == "power")
        );
    }
}

/// The letters of a vendor name would be checkers and loopbacks.
#[test]
fn diagnostics_read_from_a_copy_of_page_00h_are_not_believed() {
    let identity = b"\x19Eoptolink";
    let sample = fr4_lpo()
        .diagnostics(0x19, b'o', b'p')
        .bytes(Half::page(0x00), 128, identity)
        .bytes(Half::page(0x13), 128, &identity[..4]);
    let found = assert_verdict(sample, Class::Lpo, 0.99);
    assert!(says(&found.missing, "page 13h): a copy"), "{found:?}");
    assert!(
        found
            .evidence
            .iter()
            .all(|item| item.signal != "terminating")
    );

    let blank = fr4_lpo().diagnostics(0, 0, 0);
    assert!(says(&class_of(blank).missing, "page 13h): advertised, but"));
}

#[test]
fn a_wrong_checksum_takes_page_01h_out_of_the_scales() {
    let spoiled = fr4_dsp().with(|snapshot| {
        snapshot.checksums.push(Checksum {
            name: "page_01",
            good: false,
        });
    });
    let found = assert_verdict(spoiled, Class::Dsp, 0.91);
    assert!(says(&found.missing, "Tx CDR 1, Rx CDR 1"), "{found:?}");
}

fn enhanced(vendor: &str, thresholds: &[u8]) -> Classification {
    class_of(
        shy_lpo()
            .named(vendor, "X")
            .bytes(Half::page(0x01), 195, &[0x4C, 1])
            .bytes(Half::page(0xC1), 128, thresholds),
    )
}

#[test]
fn enhanced_pages_count_with_their_vendor_and_sense_only() {
    let mut page = [0; 21];
    page[0] = 0x18; // host and optical amplitude
    page[8..12].copy_from_slice(&[200, 20, 180, 40]);
    page[13..21].copy_from_slice(&[0x30, 0, 0, 10, 0x20, 0, 0, 20]);
    let has = |found: &Classification| found.evidence.iter().any(|e| e.signal == "extension");
    assert!(has(&enhanced("Arista Networks", &page)));
    assert!(!has(&enhanced("Acme", &page)));
    let unread = enhanced("Arista Networks", &page[..20]);
    assert!(!has(&unread) && says(&unread.missing, "not read"));
    for spoil in [0, 8, 13] {
        let mut page = page;
        page[spoil] = 0;
        let found = enhanced("Arista Networks", &page);
        assert!(
            !has(&found) && says(&found.missing, "make no sense"),
            "{spoil}"
        );
    }
}

proptest! {
    /// Whatever the registers hold, classification answers, keeps to its range,
    /// and never calls a module by a class that it has not established.
    #[test]
    fn any_registers_classify(
        identifier: u8,
        media_type in 0_u8..7,
        technology in 0_u8..0x18,
        rows in prop::collection::vec((any::<u8>(), any::<u8>(), 0_u8..10, any::<u8>()), 0..15),
        page in any::<[u8; 9]>(),
        diagnostics in any::<[u8; 3]>(),
        watts in 0.0..64.0,
        banks: u8,
    ) {
        let [loopbacks, reporting, patterns] = diagnostics;
        let sample = Sample::optics()
            .media_type(media_type)
            .technology(technology)
            .applications(&rows)
            .watts(watts)
            .diagnostics(loopbacks, reporting, patterns)
            .observables(&[loopbacks])
            .page01(|own| {
                [own.pages, own.tx_controls, own.tx_flags, own.rx_flags, own.module_monitors,
                    own.lane_monitors, own.tx_signal_integrity, own.rx_signal_integrity,
                    own.characteristics] = page;
            })
            .with(|snapshot| {
                snapshot.identity.identifier = identifier;
                snapshot.banks = banks;
            });
        let found = class_of(sample);
        prop_assert!((0.0..=0.99).contains(&found.confidence));
        if found.source == Source::Scored && found.class != Class::Unknown {
            prop_assert!(found.confidence >= 0.60);
        }
        prop_assert!(found.evidence.iter().all(|e| (-1.0..=1.0).contains(&e.weight)));
        prop_assert!(explain(&found).starts_with(found.class.name()));
    }
}

/// Absence of everything one by one must never be read as a value.
#[test]
fn what_could_not_be_read_never_raises_a_score() {
    let whole = class_of(fr4_lpo()).confidence;
    let gaps: [fn(&mut Snapshot); 5] = [
        |s| s.advertisement = Reading::Absent(Absence::NotInDump),
        |s| s.power.max = Reading::Absent(Absence::NotInDump),
        |s| s.applications.clear(),
        |s| s.identity.part_number = Reading::Absent(Absence::NotInDump),
        |s| s.identity.media_technology = Reading::Absent(Absence::NotInDump),
    ];
    for gap in gaps {
        let found = class_of(fr4_lpo().with(gap));
        assert_eq!(found.class, Class::Lpo);
        assert!(found.confidence <= whole);
    }
}
