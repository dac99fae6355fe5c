//! Whole modules and what they should be taken for: real register contents,
//! modules that lie, and modules of which little could be read.

mod structure;
mod traps;

use std::path::Path;

use super::sample::Sample;
use super::{Class, Classification, Form, Retiming, Settings, Source, classify, explain};
use crate::module::Management;

fn class_of(sample: Sample) -> Classification {
    classify(&sample.snapshot(), &Settings::default())
}

#[track_caller]
fn assert_verdict(sample: Sample, class: Class, confidence: f64) -> Classification {
    let found = class_of(sample);
    assert_eq!(found.class, class, "{}", explain(&found));
    assert!(
        (found.confidence - confidence).abs() <= 0.02,
        "{}",
        explain(&found)
    );
    found
}

fn says(lines: &[String], words: &str) -> bool {
    lines.iter().any(|line| line.contains(words))
}

/// A linear module that calls its interfaces by ordinary names.
fn shy_lpo() -> Sample {
    Sample::optics().ordinary().watts(8.75)
}

fn fr4_lpo() -> Sample {
    Sample::optics()
        .named("Eoptolink", "EOLO-168HG-02SLB")
        .applications(&[
            (0x20, 0x15, 1, 0xFF),
            (0x22, 0x1D, 4, 0x11),
            (0x23, 0xC1, 8, 0x01),
        ])
        .watts(9.0)
        .technology(0x04)
}

fn fr4_dsp() -> Sample {
    Sample::optics()
        .applications(&[
            (0x50, 0x1D, 4, 0x11),
            (0x4C, 0x15, 1, 0xFF),
            (0x52, 0x00, 8, 0x01),
            (0x4E, 0xC0, 2, 0x55),
        ])
        .watts(16.0)
        .technology(0x06)
        .recovery(true, true)
        .checks_media()
}

fn listed(sample: Sample) -> Sample {
    sample.named("Eoptolink", "EO138HGPCT12SL1")
}

#[test]
fn a_linear_module_that_says_so() {
    let found = assert_verdict(fr4_lpo(), Class::Lpo, 0.99);
    assert_eq!(
        (found.form, found.retiming),
        (Form::Pluggable, Retiming::None)
    );
    assert_eq!(found.source, Source::Scored);
    let signals: Vec<_> = found.evidence.iter().map(|item| item.signal).collect();
    assert_eq!(
        signals,
        [
            "codes",
            "identity",
            "retiming",
            "terminating",
            "power",
            "technology"
        ]
    );
    assert_eq!(found.evidence[0].value, "20h/15h, 22h/1Dh, 23h/C1h");
    assert_eq!(found.evidence[0].weight, 0.95);
    assert_eq!(found.conflicts, [""; 0]);
}

#[test]
fn a_linear_module_with_ordinary_codes() {
    let found = assert_verdict(shy_lpo().technology(0x04), Class::Lpo, 0.80);
    assert_eq!(
        found.evidence.last().map(|item| item.signal),
        Some("technology")
    );
    assert_verdict(listed(shy_lpo().technology(0x04)), Class::Lpo, 0.85);
}

#[test]
fn a_linear_module_that_claims_clock_recovery_is_not_established() {
    let found = assert_verdict(listed(shy_lpo().recovery(true, true)), Class::Unknown, 0.08);
    assert!(says(&found.conflicts, "contradict each other"), "{found:?}");
    let found = assert_verdict(shy_lpo().recovery(true, true), Class::Unknown, 0.47);
    assert_eq!(found.retiming, Retiming::Unknown);
    assert!(
        says(&found.conflicts, "against dsp: 01h:142.5"),
        "{found:?}"
    );
}

#[test]
fn a_retimed_module() {
    let found = assert_verdict(fr4_dsp(), Class::Dsp, 0.99);
    assert_eq!(found.retiming, Retiming::Both);
    assert_eq!(found.conflicts, [""; 0]);
    assert!(!says(&found.missing, "52h/00h"), "{found:?}");
    let low_power = Sample::optics().ordinary().watts(11.25).technology(0x04);
    let low_power = low_power.recovery(true, true).checks_media();
    assert_verdict(low_power, Class::Dsp, 0.98);
}

#[test]
fn a_retimed_module_of_which_page_01h_could_not_be_read_is_thin() {
    let found = assert_verdict(
        Sample::optics().ordinary().watts(15.25).without_page01(),
        Class::Unknown,
        0.59,
    );
    assert!(says(&found.missing, "page 01h): read failed"), "{found:?}");
    assert!(says(&found.missing, "enough evidence"), "{found:?}");
}

#[test]
fn a_half_retimed_module() {
    let half = |sample: Sample| sample.watts(10.0).recovery(true, false).checks_host();
    let coded = half(Sample::optics().applications(&[(0x96, 0x92, 8, 0x01)]));
    // An LPO media code beside a half-retimed host code is a contradiction.
    assert_eq!(class_of(coded).class, Class::Unknown);
    let coded = half(Sample::optics().applications(&[(0x96, 0x1C, 8, 0x01)]));
    let found = assert_verdict(coded, Class::Lro, 0.99);
    assert_eq!(found.retiming, Retiming::TxOnly);
    assert_verdict(half(Sample::optics().ordinary()), Class::Lro, 0.92);
}

/// Known to be wrong: a half-retimed module with ordinary codes that also claims
/// clock recovery in both directions shows nothing that a retimed one would not.
/// Only an override closes this hole.
#[test]
fn a_half_retimed_module_that_lies_passes_for_retimed() {
    let liar = || {
        let sample = Sample::optics().ordinary().watts(10.0);
        sample
            .recovery(true, true)
            .checks_host()
            .named("Acme", "HALF-8")
    };
    assert_verdict(liar(), Class::Dsp, 0.93);
    let known = "[[override]]\nvendor = \"acme\"\nnumber = \"HALF-?\"\nclass = \"lro\"\n";
    let settings = Settings::parse(known, Path::new("class.toml")).unwrap();
    let found = classify(&liar().snapshot(), &settings);
    assert_eq!((found.class, found.confidence), (Class::Lro, 1.0));
    assert_eq!(found.source, Source::Operator);
    assert_eq!(found.retiming, Retiming::TxOnly);
    assert_eq!(
        found.conflicts[0],
        "the registers say dsp with confidence 0.93"
    );
}

#[test]
fn one_linear_code_among_many_does_not_make_a_module_linear() {
    let sample = fr4_dsp()
        .applications(&[
            (0x50, 0x1D, 4, 0x11),
            (0x4C, 0x15, 1, 0xFF),
            (0x22, 0x1D, 4, 0x11),
        ])
        .technology(0x00);
    let found = assert_verdict(sample, Class::Dsp, 0.69);
    assert!(says(&found.conflicts, "22h/1Dh"), "{found:?}");
}

#[test]
fn linear_codes_in_a_retimed_module_establish_nothing() {
    let copied = Sample::optics().applications(&[(0x22, 0x1D, 4, 0x11)]);
    let copied = copied.recovery(true, true);
    assert_verdict(copied.clone().watts(8.75), Class::Unknown, 0.10);
    let found = assert_verdict(
        copied.watts(16.0).observables(&[4, 9, 11, 13, 15]),
        Class::Unknown,
        0.10,
    );
    assert!(says(&found.conflicts, "contradict each other"), "{found:?}");
}

#[test]
fn a_linear_module_with_the_vendors_own_codes() {
    let sample = Sample::optics()
        .applications(&[(0xC0, 0x77, 4, 0x11)])
        .watts(12.0);
    let found = assert_verdict(sample, Class::Lpo, 0.95);
    assert!(says(&found.missing, "C0h/77h"), "{found:?}");
}

#[test]
fn a_word_in_the_part_number_is_not_enough() {
    let sample = shy_lpo().without_page01().named("Acme", "OSFP-DR8-LPO");
    assert_verdict(sample, Class::Unknown, 0.58);
}

#[test]
fn an_inner_code_proves_retiming() {
    let sample = Sample::optics()
        .applications(&[(0x82, 0x7A, 4, 0x11)])
        .recovery(true, true)
        .checks_media();
    assert_verdict(sample, Class::Dsp, 0.99);
}

#[test]
fn a_gearbox_proves_retiming() {
    let sample = Sample::optics().applications(&[(0x11, 0x1C, 8, 0x01)]);
    let found = assert_verdict(sample.without_page01(), Class::Dsp, 0.95);
    assert!(found.evidence[0].says.contains("different symbol rates"));
}

#[test]
fn a_module_of_which_nothing_is_known() {
    assert_verdict(Sample::of(Management::Unknown, 0x91), Class::Unknown, 0.0);
    let flat = Sample::cmis().media_type(0).technology(0x08).watts(1.5);
    let flat = flat.with(|s| s.identity.flat_memory = true);
    let found = assert_verdict(flat, Class::Unknown, 0.0);
    assert!(says(&found.missing, "the memory is flat"), "{found:?}");
}

#[test]
fn the_argument_reads_as_a_person_would_make_it() {
    let text = explain(&class_of(shy_lpo().technology(0x04)));
    let expected = "\
lpo: linear pluggable optics
  confidence 0.80 (weighed); pluggable; retimes nothing
for it:
  +0.85  retiming     recovers no clock and has none to lose, in either direction
                      01h:161.0, 01h:162.0, 01h:157.2, 01h:158.2: Tx CDR 0, Rx CDR 0, Tx LOL 0, Rx LOL 0
  +0.35  terminating  no checker, bit error ratio or signal quality on either side
                      01h:142.5, 01h:142.6: diagnostics none, VDM none
  +0.30  power        what linear modules claim, and hardly any other
                      00h:201: 1.09 W per 100 Gb/s
  +0.10  technology   1310 nm DFB: the laser of silicon photonics, linear or not
                      00h:212: 04h
against it:
  -0.15  codes        ordinary retimed interfaces; some linear modules claim these too
                      00h:86-117: 4Bh/14h, 4Fh/1Ch
";
    assert_eq!(text, expected);
}

/// With the built-in limits no class with a grave conflict is established; an
/// operator who lowers the line still meets the lead and the cap.
#[test]
fn lead_and_cap_hold_where_the_line_is_lowered() {
    let contested = shy_lpo().recovery(true, true).snapshot();
    let under = |limits: &str| {
        let text = format!("[limits]\nestablished = 0.4\n{limits}\n");
        let settings = Settings::parse(&text, Path::new("class.toml")).unwrap();
        let found = classify(&contested, &settings);
        (found.class, (found.confidence * 100.0).round())
    };
    assert_eq!(under(""), (Class::Dsp, 47.0));
    assert_eq!(under("lead = 0.38"), (Class::Unknown, 47.0));
    let grave = "grave-conflict = 0.3\nconflict-cap = 0.41";
    assert_eq!(under(grave), (Class::Dsp, 41.0));
}
