//! How long it takes to plan the reads of a page: what a page of VDM samples asks
//! for, what page 11h does, and the worst that there can be.
//!
//! `cargo bench --bench planner`. The goal is a fiftieth of what the reads take on a
//! bus of 1 MHz.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on should end there"
)]

mod support;

use std::time::Duration;

use criterion::Criterion;
use opticsd::bus::Addressing;
use opticsd::bus::address::{Half, Span};
use opticsd::bus::cost::{AccessPath, Reach};
use opticsd::bus::read_plan::visits;
use support::{fastest, tell};

/// What part of the time on the wire planning may take.
const PART: u32 = 50;
const HERTZ: u64 = 1_000_000;

/// Words of a page, each so many bytes behind the one before.
fn words(page: u8, step: u8) -> Vec<Span> {
    let firsts = (128..=254_u8).step_by(usize::from(step));
    let word = |first| Span::new(Half::page(page), first, first + 1).unwrap();
    firsts.map(word).collect()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let page_11: Vec<Span> = [(128, 133), (154, 201), (202, 213), (214, 235)]
        .into_iter()
        .map(|(first, last)| Span::new(Half::page(0x11), first, last).unwrap())
        .collect();
    let flags = [Span::new(Half::page(0x11), 134, 153).unwrap()];
    let cases = [
        ("page 11h", page_11),
        ("every other sample of a page", words(0x24, 4)),
        ("every third sample of a page", words(0x24, 6)),
    ];
    for (name, spans) in cases {
        for path in [
            AccessPath::Combined,
            AccessPath::SmbusWord,
            AccessPath::Optoe,
        ] {
            let reach = Reach::new(path, Addressing::BankAndPage);
            let plan = || visits(&spans, &flags, &reach);
            let name = format!("plan {name}, {path:?}");
            criterion.bench_function(&name, |b| b.iter(plan));
            let wire: Duration = plan()
                .iter()
                .map(|visit| {
                    reach
                        .visit(visit.half, &visit.parts)
                        .time(HERTZ, Duration::ZERO)
                })
                .sum();
            tell(&name, wire / PART, fastest(plan));
        }
    }
    criterion.final_summary();
}
