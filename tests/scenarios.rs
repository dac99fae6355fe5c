//! Seeded faults before the daemon's own judgement on simulated time, held against
//! a stored table.
//!
//! Written anew with `OPTICSD_BLESS=1 cargo test --test scenarios`.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

#[path = "support/faults.rs"]
mod faults;

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use faults::{CASES, DAY, HARMLESS, alarms, instants, play, rehearsal};

/// The stored table.
fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/scenarios.txt")
}

/// A text without its numbers, which another mathematics library may round
/// otherwise.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            '.' if out.ends_with('#') => {}
            _ => out.push(c),
        }
    }
    out
}

/// A span as people say it.
fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

#[test]
fn a_healthy_month_is_quiet_at_every_class() {
    for family in ["dsp-800g", "lpo-800g", "dac-400g"] {
        let mut healthy = rehearsal(family, true, "", 7, 1.0);
        let mut told = Vec::new();
        for at in instants(Duration::ZERO, 30 * DAY) {
            told.extend(alarms(&healthy.round(at)));
        }
        assert!(told.is_empty(), "{family}: {told:#?}");
    }
}

#[test]
fn the_table_of_verdicts_is_as_it_was() {
    let mut table = String::from(
        "# What the judgement says of seeded faults. Numbers in the words are left out.\n\
         # Written by OPTICSD_BLESS=1 cargo test --test scenarios.\n",
    );
    let mut wrong = Vec::new();
    for case in CASES {
        let outcome = play(case, 11, 1.0);
        let after = match outcome.found_after {
            Some(after) => format!("after {}", span(after)),
            None => "never".to_owned(),
        };
        let _ = writeln!(
            table,
            "{:<36} {:<16} {after:<14} {:<9} {}",
            case.name,
            case.family,
            outcome.verdict,
            without_numbers(&outcome.said),
        );
        if outcome.found_after.is_none() {
            wrong.push(format!(
                "{} ({}) was not found; at the end: {:#?}",
                case.name, case.family, outcome.at_the_end
            ));
        }
        for alarm in outcome.false_alarms {
            wrong.push(format!(
                "{} ({}): false alarm: {alarm}",
                case.name, case.family
            ));
        }
    }
    let blessed = std::env::var_os("OPTICSD_BLESS").is_some();
    if blessed {
        std::fs::write(golden(), &table).unwrap();
    }
    assert!(wrong.is_empty(), "{}\n\n{table}", wrong.join("\n"));
    let stored = std::fs::read_to_string(golden()).unwrap();
    assert_eq!(table, stored, "the table changed");
}

#[test]
fn what_is_harmless_alarms_nobody() {
    for case in HARMLESS {
        let mut quiet = rehearsal(case.family, case.host_tells, case.events, 5, 1.0);
        let mut told = Vec::new();
        for at in instants(DAY, DAY + case.watched) {
            for (port, text) in alarms(&quiet.round(at)) {
                told.push(format!("{} s {port}: {text}", at.as_secs()));
            }
        }
        // That light or link is gone for a moment is worth a word; it must not last.
        let now = faults::verdict(&quiet, &faults::port(faults::PATIENT));
        assert_eq!(now, "ok", "{}: {told:#?}", case.name);
    }
}
