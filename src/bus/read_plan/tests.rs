//! What the planner reads, and that nothing simple is cheaper.

use super::*;
use crate::bus::Addressing;
use crate::bus::cost::AccessPath;
use crate::bus::ideal::ideal;
use proptest::prelude::*;

const PAGES: std::ops::Range<u8> = 0x10..0x13;

fn span(page: u8, first: u8, last: u8) -> Span {
    Span::new(Half::page(page), first, last).unwrap()
}

fn combined() -> Reach {
    Reach::new(AccessPath::Combined, Addressing::BankAndPage)
}

fn parts(path: AccessPath, spans: &[Span], spared: &[Span]) -> Vec<(u8, u8)> {
    let reach = Reach::new(path, Addressing::BankAndPage);
    let visits = visits(spans, spared, &reach);
    assert_eq!(visits.len(), 1);
    let parts = visits[0].parts.iter();
    parts.map(|p| (p.first, p.length)).collect()
}

#[test]
fn a_page_is_visited_once_and_neighbours_merge() {
    let spans = [
        span(0x11, 154, 201),
        span(0x02, 128, 199),
        span(0x11, 128, 133),
    ];
    let plan = visits(&spans, &[], &combined());
    assert_eq!(plan.len(), 2);
    assert_eq!(plan[1].parts.len(), 2);
    let near = |spans: &[Span]| parts(AccessPath::Combined, spans, &[]);
    let touching = [span(0x11, 202, 205), span(0x11, 154, 201)];
    assert_eq!(near(&touching), [(154, 52)]);
    let three_apart = [span(0x11, 128, 131), span(0x11, 135, 137)];
    assert_eq!(near(&three_apart), [(128, 10)]);
    let four_apart = [span(0x11, 128, 131), span(0x11, 136, 137)];
    assert_eq!(near(&four_apart).len(), 2);
    let overlapping = [span(0x11, 128, 200), span(0x11, 150, 160)];
    assert_eq!(near(&overlapping), [(128, 73)]);
}

#[test]
fn how_far_it_reads_on_is_a_matter_of_the_path() {
    let apart = |gap: u8| [span(0x11, 130, 131), span(0x11, 132 + gap, 140 + gap)];
    for (path, reads_on) in [
        (AccessPath::Combined, 3),
        (AccessPath::Pairs(128), 3),
        (AccessPath::Ethtool, 7),
        (AccessPath::Optoe, 14),
    ] {
        assert_eq!(parts(path, &apart(reads_on), &[]).len(), 1, "{path:?}");
        assert_eq!(parts(path, &apart(reads_on + 1), &[]).len(), 2, "{path:?}");
    }
    // Blocks end on multiples of 32: a gap across one saves no block.
    let blocks = [span(0x11, 156, 158), span(0x11, 160, 161)];
    assert_eq!(parts(AccessPath::SmbusBlock, &blocks, &[]).len(), 2);
}

#[test]
fn a_merge_never_consumes_flags_that_nobody_asked_for() {
    let flags = span(0x11, 134, 135);
    let wanted = [span(0x11, 128, 133), span(0x11, 136, 140)];
    assert_eq!(parts(AccessPath::Combined, &wanted, &[]), [(128, 13)]);
    assert_eq!(
        parts(AccessPath::Combined, &wanted, &[flags]),
        [(128, 6), (136, 5)]
    );
}

#[test]
fn a_transaction_that_is_full_is_worth_a_few_bytes_more() {
    // 21 words, four bytes apart: one part too many for one transaction.
    let words: Vec<Span> = (0..21)
        .map(|n| span(0x24, 128 + 6 * n, 129 + 6 * n))
        .collect();
    let found = parts(AccessPath::Combined, &words, &[]);
    assert_eq!(found.len(), 20);
}

#[test]
fn nothing_to_read_is_nothing_to_visit() {
    assert_eq!(visits(&[], &[span(0x11, 128, 130)], &combined()), []);
}

/// Random spans of a few pages.
fn some(count: std::ops::Range<usize>, longest: u8) -> impl Strategy<Value = Vec<Span>> {
    let one = (PAGES, 128_u8..=255, 0..longest);
    let make = |(page, first, more): (u8, u8, u8)| span(page, first, first.saturating_add(more));
    proptest::collection::vec(one.prop_map(make), count)
}

/// Every way to a module: path, addressing, longest read.
fn reaches() -> impl Strategy<Value = Reach> {
    let path = proptest::sample::select(AccessPath::ALL.to_vec());
    let addressing = proptest::sample::select(vec![
        Addressing::BankAndPage,
        Addressing::Page,
        Addressing::Flat,
    ]);
    let longest = proptest::sample::select(vec![128, 8]);
    (path, addressing, longest).prop_map(|(path, addressing, longest_read)| Reach {
        longest_read,
        ..Reach::new(path, addressing)
    })
}

fn cost(plan: &[Visit], reach: &Reach) -> Cost {
    let visits = plan.iter();
    visits
        .map(|visit| reach.visit(visit.half, &visit.parts))
        .sum()
}

fn has(spans: &[Span], half: Half, byte: u8) -> bool {
    let inside = |s: &&Span| s.half() == half && (s.first()..=s.last()).contains(&byte);
    spans.iter().any(|span| inside(&span))
}

/// Whether none of the bytes between two runs is spared.
fn is_free(half: Half, from: u8, to: u8, spared: &[Span]) -> bool {
    (from..to).all(|byte| !has(spared, half, byte))
}

/// What programs do: merge wherever the gap is not larger than `gap` bytes.
fn greedy(spans: &[Span], spared: &[Span], gap: u8) -> Vec<Visit> {
    let halves = PAGES.map(Half::page);
    let visit = |half: Half| {
        let mut parts: Vec<Part> = Vec::new();
        for byte in (128..=255).filter(|byte| has(spans, half, *byte)) {
            match parts.last_mut() {
                Some(part)
                    if byte - last(*part) <= gap.saturating_add(1)
                        && is_free(half, last(*part) + 1, byte, spared) =>
                {
                    part.length = byte - part.first + 1;
                }
                _ => parts.push(Part {
                    first: byte,
                    length: 1,
                }),
            }
        }
        Visit { half, parts }
    };
    let visits = halves.map(visit);
    visits.filter(|visit| !visit.parts.is_empty()).collect()
}

/// The least that any way to merge costs, by trying them all.
fn exhaustive(spans: &[Span], spared: &[Span], reach: &Reach) -> Cost {
    let of_half = |visit: &Visit| {
        let runs = &visit.parts;
        let ways = (0..1_u32 << (runs.len() - 1)).filter_map(|merges| {
            let mut parts = vec![runs[0]];
            for (index, run) in runs.iter().enumerate().skip(1) {
                let before = parts.last_mut().unwrap();
                if merges >> (index - 1) & 1 == 0 {
                    parts.push(*run);
                } else if is_free(visit.half, last(*before) + 1, run.first, spared) {
                    before.length = last(*run) - before.first + 1;
                } else {
                    return None;
                }
            }
            Some(reach.visit(visit.half, &parts))
        });
        ways.min().unwrap()
    };
    greedy(spans, spared, 0).iter().map(of_half).sum()
}

/// Whole pages, where nothing in them is spared.
fn whole_pages(spans: &[Span], spared: &[Span]) -> Option<Vec<Visit>> {
    let visits = greedy(spans, &[], 127).into_iter().map(|visit| {
        let wanted = |byte| has(spans, visit.half, byte) || !has(spared, visit.half, byte);
        (128..=255).all(wanted).then(|| Visit {
            parts: vec![Part {
                first: 128,
                length: 128,
            }],
            ..visit
        })
    });
    visits.collect()
}

proptest! {
    #[test]
    fn every_wanted_byte_once_and_no_spared_byte(
        wanted in some(1..20, 20),
        spared in some(0..6, 6),
        reach in reaches(),
    ) {
        let plan = visits(&wanted, &spared, &reach);
        for half in PAGES.map(Half::page) {
            for byte in 128..=255_u8 {
                let parts = plan.iter().filter(|v| v.half == half).flat_map(|v| &v.parts);
                let read = parts.filter(|p| (p.first..=last(**p)).contains(&byte)).count();
                let asked = has(&wanted, half, byte);
                prop_assert!(read <= 1);
                prop_assert!(!asked || read == 1);
                prop_assert!(asked || read == 0 || !has(&spared, half, byte));
            }
        }
        // Each page is selected once.
        let mut halves: Vec<Half> = plan.iter().map(|visit| visit.half).collect();
        halves.dedup();
        prop_assert_eq!(halves.len(), plan.len());
    }

    #[test]
    fn no_simple_strategy_is_cheaper(
        wanted in some(1..20, 20),
        spared in some(0..6, 6),
        reach in reaches(),
    ) {
        let planned = cost(&visits(&wanted, &spared, &reach), &reach);
        for gap in 0..128 {
            prop_assert!(planned <= cost(&greedy(&wanted, &spared, gap), &reach), "gap {}", gap);
        }
        if let Some(whole) = whole_pages(&wanted, &spared) {
            prop_assert!(planned <= cost(&whole, &reach));
        }
        let alone: Cost = wanted
            .iter()
            .map(|s| reach.visit(s.half(), &[Part { first: s.first(), length: s.length() }]))
            .sum();
        prop_assert!(planned <= alone);
    }

    #[test]
    fn it_is_the_best_of_all_ways(
        wanted in some(1..12, 20),
        spared in some(0..6, 6),
        reach in reaches(),
    ) {
        let plan = visits(&wanted, &spared, &reach);
        let planned = cost(&plan, &reach);
        prop_assert_eq!(planned, exhaustive(&wanted, &spared, &reach));
        let bound = ideal(&wanted, &spared, &reach, 0);
        prop_assert!(bound.clocks <= planned.clocks);
        let fits = |visit: &Visit| {
            let chunks = visit.parts.iter().map(|part| reach.chunks(*part)).sum::<usize>();
            reach.around(visit.half, chunks) == reach.around(visit.half, 1)
        };
        if plan.iter().all(fits) {
            prop_assert_eq!(bound.clocks, planned.clocks);
        }
    }
}
