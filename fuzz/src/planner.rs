//! Any spans over any path: the plan reads every wanted byte once, consumes none
//! that nobody asked for, and costs no less than the ideal and no more than the
//! simplest plan.

use opticsd::bus::address::{Bank, Device, Half, Span};
use opticsd::bus::cost::{AccessPath, Cost, Reach};
use opticsd::bus::ideal::ideal;
use opticsd::bus::read_plan::{Visit, visits};
use opticsd::bus::{Addressing, Part};

use super::feed::Feed;

/// The most spans of each kind.
const MOST_SPANS: usize = 48;
/// Up to so many runs in a half all ways to merge are tried.
const FEW_RUNS: usize = 9;

/// A path, wanted spans and spared ones.
pub fn read_planner(bytes: &[u8]) {
    planned(Feed(bytes));
}

fn planned(mut feed: Feed<'_>) -> Option<()> {
    let reach = Reach {
        longest_read: feed.pick(&[128, 8])?,
        ..Reach::new(
            feed.pick(&AccessPath::ALL)?,
            feed.pick(&[Addressing::BankAndPage, Addressing::Page, Addressing::Flat])?,
        )
    };
    let (mut wanted, mut spared) = (Vec::new(), Vec::new());
    while let Some(kind) = feed.byte() {
        let Some(span) = span(&mut feed) else {
            continue;
        };
        let list = if kind % 4 == 0 {
            &mut spared
        } else {
            &mut wanted
        };
        if list.len() < MOST_SPANS {
            list.push(span);
        }
    }
    let plan = visits(&wanted, &spared, &reach);
    let mut halves: Vec<Half> = plan.iter().map(|visit| visit.half).collect();
    let visited = halves.len();
    halves.dedup();
    assert_eq!(visited, halves.len(), "a half is visited twice");
    let mut naive = Cost::ZERO;
    for visit in &plan {
        holds(visit, &wanted, &spared);
        let runs = runs(visit.half, &wanted);
        let cost = reach.visit(visit.half, &visit.parts);
        let simplest = reach.visit(visit.half, &runs);
        assert!(cost <= simplest, "{visit:?} costs more than {runs:?}");
        naive += simplest;
        if runs.len() <= FEW_RUNS {
            let best = cheapest(visit.half, &runs, &spared, &reach);
            assert_eq!(cost, best, "{visit:?} of {runs:?}");
        }
    }
    for span in &wanted {
        assert!(halves.contains(&span.half()), "{span:?} is not read");
    }
    let all: Cost = plan.iter().map(|v| reach.visit(v.half, &v.parts)).sum();
    let least = ideal(&wanted, &spared, &reach, 0);
    assert!(
        least.clocks <= all.clocks && all <= naive,
        "{least:?} {all:?}"
    );
    Some(())
}

/// Any span of any half.
fn span(feed: &mut Feed<'_>) -> Option<Span> {
    let half = match feed.byte()? {
        0..=31 => Half::LOWER,
        32..=63 => Half::lower(Device::A2),
        kind => Half::page(feed.byte()? % 48).in_bank(Bank::new(kind % 4)?),
    };
    let first = half.base() | (feed.byte()? & 0x7F);
    let last = first.saturating_add(feed.byte()?);
    Span::new(half, first, last.min(half.base() | 0x7F))
}

/// Whether spans have a byte of a half.
fn have(spans: &[Span], half: Half, byte: u8) -> bool {
    let mut spans = spans.iter().filter(|span| span.half() == half);
    spans.any(|span| (span.first()..=span.last()).contains(&byte))
}

/// The bytes of a half.
fn bytes(half: Half) -> std::ops::RangeInclusive<u8> {
    half.base()..=(half.base() | 0x7F)
}

/// Each wanted byte once, each other at most once, and no spared one.
fn holds(visit: &Visit, wanted: &[Span], spared: &[Span]) {
    for byte in bytes(visit.half) {
        let read = visit.parts.iter().filter(|part| {
            let end = u16::from(part.first) + u16::from(part.length);
            part.first <= byte && u16::from(byte) < end
        });
        let (times, asked) = (read.count(), have(wanted, visit.half, byte));
        assert!(times <= 1, "byte {byte} is read {times} times by {visit:?}");
        assert!(times == 1 || !asked, "byte {byte} is not read by {visit:?}");
        let consumed = times == 1 && !asked && have(spared, visit.half, byte);
        assert!(!consumed, "byte {byte} is consumed by {visit:?}");
    }
}

/// The runs of wanted bytes in a half, each a part of its own.
fn runs(half: Half, wanted: &[Span]) -> Vec<Part> {
    let mut runs: Vec<Part> = Vec::new();
    for byte in bytes(half).filter(|byte| have(wanted, half, *byte)) {
        match runs.last_mut() {
            Some(run) if u16::from(run.first) + u16::from(run.length) == u16::from(byte) => {
                run.length += 1;
            }
            _ => runs.push(Part {
                first: byte,
                length: 1,
            }),
        }
    }
    runs
}

/// The least that any way to merge the runs costs.
fn cheapest(half: Half, runs: &[Part], spared: &[Span], reach: &Reach) -> Cost {
    let gaps = runs.len().saturating_sub(1);
    let way = |merged: u32| {
        let mut parts: Vec<Part> = Vec::new();
        for (index, run) in runs.iter().enumerate() {
            match parts
                .last_mut()
                .filter(|_| merged >> index.saturating_sub(1) & 1 == 1)
            {
                None => parts.push(*run),
                Some(part) => {
                    let mut gap = part.first + part.length..run.first;
                    if gap.any(|byte| have(spared, half, byte)) {
                        return None;
                    }
                    part.length = run.first + (run.length - 1) - part.first + 1;
                }
            }
        }
        Some(reach.visit(half, &parts))
    };
    let ways = (0..1_u32 << gaps).filter_map(way);
    ways.min().unwrap_or_default()
}
