//! What to read, and in which visits: computed from declared register groups.
//!
//! Each decoder declares its groups: span, cadence, gate. The union of those
//! that are due is the read list; there is no second list. [`visits`] orders it
//! by half, so that each page is selected once, and merges neighbours where that
//! is cheaper on the path that leads to the module ([`super::cost`]).

use std::collections::BTreeMap;

use super::Part;
use super::address::{Bank, Device, Half, Span};
use super::cost::{Cost, Reach};

/// How often a register group is worth reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// Static: once per insertion.
    Insertion,
    /// Changes rarely, by configuration: every few sweeps.
    Slow,
    /// A live value: every sweep.
    Fast,
    /// Latched flags: when the module's flag summary says so, and at insertion.
    OnFlag,
}

/// Where a register group lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Lower memory of a device.
    Lower(Device),
    /// One upper page of a device, bank 0 only.
    Page(Device, u8),
    /// One upper page in every bank that the module has.
    EveryBank(u8),
}

/// A run of registers that is read and decoded as one, or not at all.
///
/// `A` is what the module advertises; the gate looks at it.
#[derive(Debug)]
pub struct Group<A: 'static> {
    /// What it is, in the words of the specification.
    pub name: &'static str,
    /// Where it lies.
    pub place: Place,
    /// First absolute offset.
    pub first: u8,
    /// Last absolute offset.
    pub last: u8,
    /// How often it is read.
    pub cadence: Cadence,
    /// Whether reading it clears it: such bytes are consumed, never skimmed.
    pub clears: bool,
    /// Whether a module that advertises `A` has it.
    pub gate: fn(&A) -> bool,
}

impl<A> Group<A> {
    /// The group's span in each of the module's banks (in bank 0 only, for a
    /// place without banks).
    pub fn spans(&self, banks: u8) -> impl Iterator<Item = Span> + use<'_, A> {
        let (half, banks) = match self.place {
            Place::Lower(device) => (Half::lower(device), 1),
            Place::Page(device, page) => (Half::page_of(device, page), 1),
            Place::EveryBank(page) => (Half::page(page), banks),
        };
        Bank::first(banks)
            .filter_map(move |bank| Span::new(half.in_bank(bank), self.first, self.last))
    }
}

/// One visit: parts of one half that are read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The half.
    pub half: Half,
    /// What is read of it, in order, without overlap.
    pub parts: Vec<Part>,
}

/// The visits that read all spans at the least cost, one a half.
///
/// `spared` are bytes whose reading would consume something that nobody asked
/// for in this sweep: no merge crosses them.
pub fn visits(spans: &[Span], spared: &[Span], reach: &Reach) -> Vec<Visit> {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let halves = sorted.chunk_by(|a, b| a.half() == b.half());
    let of_half = |spans: &[Span]| {
        let half = spans.first()?.half();
        let parts = cheapest(half, &runs(spans), spared, reach);
        Some(Visit { half, parts })
    };
    halves.filter_map(of_half).collect()
}

/// Sorted spans of a half as runs of bytes: what overlaps or touches is one.
fn runs(spans: &[Span]) -> Vec<Part> {
    let mut runs: Vec<Part> = Vec::new();
    for span in spans {
        match runs.last_mut() {
            Some(run) if span.first() <= last(*run).saturating_add(1) => {
                run.length = last(*run).max(span.last()) - run.first + 1;
            }
            _ => runs.push(Part {
                first: span.first(),
                length: span.length(),
            }),
        }
    }
    runs
}

/// The last absolute offset of a part.
const fn last(part: Part) -> u8 {
    part.first + (part.length - 1)
}

/// The cheapest parts that cover all runs: the best of all ways to merge.
fn cheapest(half: Half, runs: &[Part], spared: &[Span], reach: &Reach) -> Vec<Part> {
    if runs.len() <= 1 {
        return runs.to_vec();
    }
    // Parts that fit into one batch cost nothing beside themselves.
    let parts = merged(half, runs, spared, reach, |_| 0);
    let chunks = parts.iter().map(|part| reach.chunks(*part)).sum();
    if reach.around(half, chunks) == reach.around(half, 1) {
        return parts;
    }
    merged(half, runs, spared, reach, |part| reach.chunks(part))
}

/// The cheapest way to have the first runs in parts of so many chunks.
struct Way {
    cost: Cost,
    /// The last of these parts.
    part: Part,
    /// How many runs are before it, in parts of how many chunks.
    before: (usize, usize),
}

/// The best way to merge, found run by run: of all ways with the same number of
/// chunks only the cheapest can be the beginning of the best. Where the number
/// makes no difference, `chunks` may say 0.
fn merged(
    half: Half,
    runs: &[Part],
    spared: &[Span],
    reach: &Reach,
    chunks: impl Fn(Part) -> usize,
) -> Vec<Part> {
    let mut ways: Vec<BTreeMap<usize, Way>> = Vec::with_capacity(runs.len());
    for (index, end) in runs.iter().enumerate() {
        let mut to_here: BTreeMap<usize, Way> = BTreeMap::new();
        let mut behind: Option<Part> = None;
        for (start, first) in runs.iter().enumerate().take(index + 1).rev() {
            if behind.is_some_and(|behind| consumes(half, *first, behind, spared)) {
                break;
            }
            behind = Some(*first);
            let part = Part {
                first: first.first,
                length: last(*end) - first.first + 1,
            };
            let (cost, more) = (reach.part(half, part), chunks(part));
            let mut offer = |cost: Cost, before: usize| {
                let way = Way {
                    cost,
                    part,
                    before: (start, before),
                };
                let known = to_here.get(&(before + more));
                if known.is_none_or(|known| cost < known.cost) {
                    to_here.insert(before + more, way);
                }
            };
            match start.checked_sub(1).and_then(|index| ways.get(index)) {
                Some(shorter) => shorter
                    .iter()
                    .for_each(|(count, way)| offer(way.cost + cost, *count)),
                None => offer(cost, 0),
            }
        }
        ways.push(to_here);
    }
    let total = |(count, way): &(&usize, &Way)| way.cost + reach.around(half, **count);
    let best = ways.last().and_then(|all| all.iter().min_by_key(total));
    let mut parts = Vec::new();
    let mut way = best.map(|(_, way)| way);
    while let Some(Way { part, before, .. }) = way {
        parts.push(*part);
        let (runs_before, count) = *before;
        let shorter = runs_before.checked_sub(1).and_then(|n| ways.get(n));
        way = shorter.and_then(|ways| ways.get(&count));
    }
    parts.reverse();
    parts
}

/// Whether reading on from one run to the next would consume spared bytes.
fn consumes(half: Half, run: Part, next: Part, spared: &[Span]) -> bool {
    spared
        .iter()
        .any(|span| span.half() == half && span.first() < next.first && span.last() > last(run))
}

#[cfg(test)]
mod tests;
