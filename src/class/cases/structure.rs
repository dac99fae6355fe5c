//! Modules whose class one fact decides: engines, cables, coherent modules.

use std::path::Path;

use super::super::sample::Sample;
use super::super::{Class, Form, Retiming, Settings, Source, classify};
use super::{assert_verdict, class_of, says};
use crate::bus::address::Half;
use crate::module::{Checksum, Management};

fn engine() -> Sample {
    Sample::optics()
        .with(|snapshot| {
            snapshot.identity.identifier = 0x80;
            snapshot.banks = 4;
        })
        .applications(&[
            (0x82, 0x77, 4, 0x11),
            (0x80, 0x73, 1, 0xFF),
            (0x4B, 0x14, 1, 0xFF),
        ])
        .technology(0x04)
        .watts(48.0)
        .recovery(true, false)
        .checks_host()
}

#[test]
fn a_co_packaged_engine_is_told_by_its_identifier() {
    let found = assert_verdict(engine(), Class::Cpo, 0.90);
    assert_eq!(
        (found.form, found.retiming),
        (Form::CoPackaged, Retiming::Unknown)
    );
    assert_eq!(found.source, Source::Structural);
    assert_eq!(found.evidence[1].value, "Tx CDR 1, Rx CDR 0");

    assert_eq!(found.missing, [""; 0]);

    let spoiled = engine().with(|snapshot| {
        snapshot.checksums.push(Checksum {
            name: "page_01",
            good: false,
        });
    });
    let found = assert_verdict(spoiled, Class::Cpo, 0.90);
    assert_eq!(found.evidence[1].value, "Tx CDR 1, Rx CDR 0");
    assert!(says(&found.missing, "wrong checksum"), "{found:?}");

    let npo = "[[override]]\nvendor = \"*\"\nclass = \"npo\"\n";
    let settings = Settings::parse(npo, Path::new("class.toml")).unwrap();
    let found = classify(&engine().snapshot(), &settings);
    assert_eq!((found.class, found.form), (Class::Npo, Form::CoPackaged));
}

#[test]
fn a_laser_source_carries_no_data() {
    let sample = Sample::of(Management::Cmis, 0x22);
    let found = assert_verdict(sample, Class::Elsfp, 0.97);
    assert_eq!(
        (found.form, found.retiming),
        (Form::LaserSource, Retiming::None)
    );
}

fn active_cable(technology: u8) -> Sample {
    Sample::optics()
        .media_type(4)
        .technology(technology)
        .ordinary()
}

#[test]
fn active_cables() {
    let found = assert_verdict(active_cable(0x0C).recovery(true, true), Class::Aec, 0.95);
    assert_eq!((found.form, found.retiming), (Form::Cable, Retiming::Both));
    assert_verdict(active_cable(0x0C), Class::Acc, 0.70);
    let found = assert_verdict(active_cable(0x0D).without_page01(), Class::Aec, 0.75);
    assert!(says(&found.missing, "page 01h"), "{found:?}");
    let found = assert_verdict(active_cable(0x0E).recovery(true, false), Class::Aec, 0.75);
    assert!(says(&found.conflicts, "one direction only"), "{found:?}");
    for technology in [0x0F, 0x12, 0x13, 0x14] {
        assert_verdict(active_cable(technology), Class::Lacc, 0.90);
    }
    for technology in [0x08, 0x0A, 0x15, 0xFF] {
        let found = assert_verdict(active_cable(technology), Class::Unknown, 0.0);
        assert_eq!(found.form, Form::Cable);
    }
}

#[test]
fn an_optical_cable_keeps_its_retiming_apart() {
    let found = assert_verdict(active_cable(0x00).watts(8.75), Class::Aoc, 0.90);
    assert_eq!(found.retiming, Retiming::None);
    let retimed = active_cable(0x00).recovery(true, true).checks_media();
    let found = assert_verdict(retimed, Class::Aoc, 0.90);
    assert_eq!((found.form, found.retiming), (Form::Cable, Retiming::Both));
    assert!(found.evidence[2..].iter().all(|item| item.weight == 0.0));
}

#[test]
fn passive_cables() {
    let cable = |technology| {
        let sample = Sample::cmis().media_type(3).technology(technology);
        sample.with(|snapshot| snapshot.identity.flat_memory = true)
    };
    let found = assert_verdict(
        cable(0x0A)
            .applications(&[(0x1D, 0x01, 8, 0x01)])
            .watts(0.25),
        Class::Dac,
        0.97,
    );
    assert_eq!((found.form, found.retiming), (Form::Cable, Retiming::None));
    assert_eq!(found.missing, [""; 0]);
    assert_verdict(cable(0x0F), Class::Lacc, 0.85);
    let found = assert_verdict(cable(0x06), Class::Dac, 0.70);
    assert!(says(&found.conflicts, "06h"), "{found:?}");
}

#[test]
fn twisted_pair() {
    assert_verdict(Sample::optics().media_type(5), Class::BaseT, 0.95);
}

#[test]
fn a_coherent_module() {
    let sample = Sample::optics()
        .applications(&[(0x52, 0x68, 8, 0x01)])
        .technology(0x10)
        .recovery(true, true)
        .watts(30.0);
    let found = assert_verdict(sample, Class::Coherent, 0.97);
    assert!(found.evidence[0].value.starts_with("68h FLEXO"));

    let hidden = Sample::optics().applications(&[(0x52, 0xC5, 8, 0x01)]);
    let hidden = hidden.recovery(true, true);
    let one_sign = hidden.clone().technology(0x10);
    assert_ne!(class_of(one_sign.clone()).class, Class::Coherent);
    let two_signs = one_sign.page01(|page| page.tx_controls |= 1 << 6);
    assert_verdict(two_signs, Class::Coherent, 0.85);
}

#[test]
fn older_memory_maps() {
    let qsfp = || Sample::of(Management::Sff8636, 0x11);
    assert_verdict(qsfp().technology(0x0A), Class::Dac, 0.97);
    assert_verdict(
        qsfp().technology(0x0C).sff_cdr(true, true),
        Class::Aec,
        0.95,
    );
    assert_verdict(
        qsfp().technology(0x0C).sff_cdr(false, false),
        Class::Acc,
        0.70,
    );
    assert_verdict(qsfp().technology(0x0F), Class::Lacc, 0.90);
    assert_verdict(qsfp().extended_compliance(0x18), Class::Aoc, 0.90);
    assert_verdict(
        qsfp()
            .technology(0)
            .extended_compliance(0x25)
            .sff_cdr(true, true),
        Class::Dsp,
        0.98,
    );
    let cwdm4 = || qsfp().technology(0).extended_compliance(0x06);
    assert_verdict(cwdm4().sff_cdr(true, true), Class::Dsp, 0.91);
    assert_verdict(cwdm4().sff_cdr(false, false), Class::Unknown, 0.28);

    let sfp = || Sample::of(Management::Sff8472, 0x03);
    assert_verdict(sfp().sff_cdr(false, false), Class::Unknown, 0.0);
    assert_verdict(sfp().bytes(Half::LOWER, 8, &[0x04]), Class::Dac, 0.97);
    assert_verdict(
        sfp().bytes(Half::LOWER, 8, &[0x08]).sff_cdr(false, false),
        Class::Acc,
        0.70,
    );
    assert_verdict(sfp().extended_compliance(0x1C), Class::BaseT, 0.95);
}
