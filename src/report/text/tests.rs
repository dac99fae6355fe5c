use super::{Look, module, table};
use crate::class::{Classification, Retiming};
use crate::health::figures::Figures;
use crate::health::verdict::{Judgement, Verdict};
use crate::module::Reading;
use crate::report::sample;
use crate::report::summary::summary;

fn text() -> String {
    let judgement = Judgement {
        verdict: Verdict::Degraded,
        reasons: vec!["lane 8 receives too little light".to_owned()],
    };
    module(
        &sample::module("S1"),
        &sample::classification(),
        &[sample::finding()],
        Some((&judgement, &Figures::default())),
    )
}

fn line<'a>(text: &'a str, start: &str) -> &'a str {
    text.lines()
        .find(|line| line.trim_start().starts_with(start))
        .unwrap()
}

#[test]
fn a_module_reads_well() {
    let text = text();
    let words = |start| {
        line(&text, start)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(words("Vendor"), "Vendor ACME OPTICS");
    assert_eq!(words("Power"), "Power class 8, 16.00 W at most");
    assert_eq!(
        words("Checksums"),
        "Checksums page 00h good, page 01h good, page 02h BAD"
    );
    assert_eq!(
        words("Class:"),
        "Class: dsp (pluggable, retimed both ways), 93 % sure, scored"
    );
    assert_eq!(words("+0.45"), "+0.45 retiming transmit CDR implemented");
    assert_eq!(
        words("> "),
        "> 1 800GAUI-8-S C2M 400G-FR4 / 400GBASE-FR4 4:4 1,5"
    );
    assert_eq!(
        words("Temperature"),
        "Temperature 46.5 °C -5.0 0.0 70.0 75.0 23.5 to high warning"
    );
    assert_eq!(
        words("temperature high warning"),
        "temperature high warning module"
    );
    assert_eq!(
        words("8 "),
        "8 activated 1 1.3400 +1.27 78.0 0.3900 -4.09 +2.9 21.9"
    );
    assert_eq!(words("rx power low warning"), "rx power low warning lane 8");
    assert_eq!(
        words("high alarm"),
        "high alarm 3.5500 +5.50 120.0 3.5500 +5.50"
    );
    assert_eq!(
        words("pre fec ber"),
        "pre fec ber media now ratio 4.95e-8! 2.50e-9"
    );
    assert_eq!(words("page 02h"), "page 02h: checksum does not fit");
}

#[test]
fn no_line_has_trailing_blanks() {
    let text = text();
    assert!(text.lines().all(|line| line == line.trim_end()));
}

#[test]
fn hostile_text_cannot_steer_a_terminal() {
    let mut hostile = sample::module(sample::HOSTILE);
    hostile.identity.vendor = Reading::Value(sample::HOSTILE.to_owned());
    hostile.problems = vec![sample::HOSTILE.to_owned()];
    let mut class = sample::classification();
    class.conflicts = vec![sample::HOSTILE.to_owned()];
    let judgement = Judgement {
        verdict: Verdict::Bad,
        reasons: vec![sample::HOSTILE.to_owned()],
    };
    let text = module(
        &hostile,
        &class,
        &[sample::finding()],
        Some((&judgement, &Figures::default())),
    );
    assert!(!text.contains('\x1b'));
    assert!(text.lines().all(|line| line != "[31m"));
    let mut view = sample::active(hostile);
    view.findings[0].saw = sample::HOSTILE.to_owned();
    let slot = sample::slot("Ethernet0", view);
    let port = summary(&sample::fleet(vec![]), &slot, sample::now());
    let table = table(&[port], Look::default());
    assert_eq!(table.lines().count(), 2);
    assert!(!table.contains('\x1b'));
}

#[test]
fn error_counts_of_a_linear_module_are_set_apart() {
    let class = Classification {
        retiming: Retiming::None,
        ..sample::classification()
    };
    let text = module(&sample::module("S1"), &class, &[], None);
    assert!(line(&text, "pre fec ber").contains("(4.95e-8)!"));
    assert!(text.contains("in brackets"));
}

#[test]
fn nothing_known_is_still_a_text() {
    let text = module(&sample::nothing(), &sample::classification(), &[], None);
    assert!(text.contains("Management   unknown"));
    assert!(!text.contains("Lane "));
    assert!(!text.contains("VDM"));
}

#[test]
fn what_few_modules_have_reads_well() {
    let text = module(&sample::rare("S1"), &sample::classification(), &[], None);
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for wanted in [
        "Function transmission",
        "1 192.799900 192.800000 -12 75 -10.00 locked, tuning complete",
        "Laser source",
        "power can be set from 10.0000 to 200.0000 mW",
        "1 reserved 3 100.0000 - 1.500 fault: power control failed, warning: the vendor's code 9",
        "Coherent link of media lane 2",
        "pre-FEC bit error ratio 2.00e-6 (least -, most -): 2000 of 1000000000 bits corrected",
        "3 of 1000 frames could not be corrected",
        "dgd 2.00e-12 1.00e-12 3.00e-12 seconds",
        "1 500 0.5000 -3.01 host amplitude low alarm",
        "high warning 700 - -",
        "transmit lanes inverted: 1, 2",
        "1 120 -",
    ] {
        assert!(lines.iter().any(|line| line == wanted), "{wanted}\n{text}");
    }
    assert!(text.lines().all(|line| line == line.trim_end()));
}
