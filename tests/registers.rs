//! docs/registers.md against the decoders: every metric of a module is in its table,
//! and every byte that it names is one that the decoders have a name for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

use std::fs;
use std::path::Path;

use opticsd::bus::address::{Device, Half};
use opticsd::bus::field::Field;
use opticsd::{cmis, sff};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The cells of each row of a table that begins with a metric.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| `opticsd_"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// What stands between backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// `11h:154-169` as a half and its bytes.
fn place(reference: &str) -> (Half, std::ops::RangeInclusive<u8>) {
    let (half, bytes) = reference.split_once(':').expect(reference);
    let half = match half {
        "lower" | "A0h" => Half::LOWER,
        "A2h" => Half::lower(Device::A2),
        page => Half::page(u8::from_str_radix(page.trim_end_matches('h'), 16).expect(reference)),
    };
    let (first, last) = bytes.split_once('-').unwrap_or((bytes, bytes));
    (
        half,
        first.parse().expect(reference)..=last.parse().expect(reference),
    )
}

/// How the decoders of a memory map name the bytes of a half.
type Names = fn(Half) -> &'static [Field];

#[test]
fn every_byte_of_the_table_has_a_name() {
    let maps: [Names; 3] = [cmis::fields, sff::sff8636::fields, sff::sff8472::fields];
    let text = read("docs/registers.md");
    let (mut checked, mut wrong) = (0, Vec::new());
    for row in rows(&text) {
        for (cell, names) in row[1..].iter().zip(maps) {
            assert!(!cell.is_empty(), "{} has an empty cell", row[0]);
            for reference in quoted(cell) {
                let (half, bytes) = place(reference);
                for byte in bytes {
                    let is_named = names(half)
                        .iter()
                        .any(|f| f.has_meaning() && (f.first..=f.last).contains(&byte));
                    checked += 1;
                    if !is_named {
                        wrong.push(format!("{}: {reference}: byte {byte} has no name", row[0]));
                    }
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(checked > 500, "only {checked} bytes are named");
}

#[test]
fn every_metric_of_a_module_is_told_of() {
    let (told, all) = (read("docs/registers.md"), read("docs/metrics.md"));
    let of_the_daemon = [
        "bus", "sweep", "config", "web", "store", "events", "build", "internal", "host_fec",
    ];
    let told_by_prefix = ["fec", "ber", "host_fec"];
    let mut missing = Vec::new();
    for row in rows(&all) {
        let name = quoted(row[0]).next().unwrap();
        let short = name.trim_start_matches("opticsd_");
        let is_general = of_the_daemon.iter().chain(&told_by_prefix).any(|prefix| {
            short
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('_'))
        });
        if !is_general && !told.contains(&format!("`{name}`")) {
            missing.push(name);
        }
    }
    assert_eq!(missing, Vec::<&str>::new());
    for row in rows(&told) {
        assert!(all.contains(row[0]), "{} is no metric", row[0]);
    }
}
