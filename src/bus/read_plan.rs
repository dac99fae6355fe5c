//! What to read, and in which visits: computed from declared register groups.
//!
//! Each decoder declares its groups: span, cadence, gate. The union of those
//! that are due is the read list; there is no second list. [`visits`] orders it
//! by half and merges neighbours where a gap costs less than a transaction.

use super::Part;
use super::address::{Bank, Device, Half, Span};

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

/// Unwanted bytes that are read rather than starting another part: a new part
/// costs an address, an offset and a repeated start, about four bytes of wire.
const CHEAPER_TO_READ: u8 = 4;

/// Orders spans into visits, one a half, and merges neighbours.
///
/// `spared` are bytes whose reading would consume something that nobody asked
/// for in this sweep: no merge crosses them.
pub fn visits(mut spans: Vec<Span>, spared: &[Span]) -> Vec<Visit> {
    spans.sort_unstable();
    let mut visits: Vec<Visit> = Vec::new();
    for span in spans {
        let part = Part {
            first: span.first(),
            length: span.length(),
        };
        match visits.last_mut() {
            Some(visit) if visit.half == span.half() => append(visit, part, spared),
            _ => visits.push(Visit {
                half: span.half(),
                parts: vec![part],
            }),
        }
    }
    visits
}

/// Adds a part that starts at or behind the start of the last one.
fn append(visit: &mut Visit, part: Part, spared: &[Span]) {
    let Some(last) = visit.parts.last_mut() else {
        visit.parts.push(part);
        return;
    };
    let last_end = last.first + (last.length - 1);
    let part_end = part.first + (part.length - 1);
    let gap = part.first.saturating_sub(last_end).saturating_sub(1);
    let consumes = gap > 0
        && spared.iter().any(|span| {
            span.half() == visit.half && span.first() < part.first && span.last() > last_end
        });
    if gap <= CHEAPER_TO_READ && !consumes {
        last.length = last_end.max(part_end) - last.first + 1;
    } else {
        visit.parts.push(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(page: u8, first: u8, last: u8) -> Span {
        Span::new(Half::page(page), first, last).unwrap()
    }

    fn parts(spans: Vec<Span>, spared: &[Span]) -> Vec<(u8, u8)> {
        let visits = visits(spans, spared);
        assert_eq!(visits.len(), 1);
        visits[0]
            .parts
            .iter()
            .map(|p| (p.first, p.length))
            .collect()
    }

    #[test]
    fn a_page_is_visited_once_and_neighbours_merge() {
        let plan = visits(
            vec![
                span(0x11, 154, 201),
                span(0x02, 128, 199),
                span(0x11, 128, 133),
            ],
            &[],
        );
        assert_eq!(plan.len(), 2);
        assert_eq!(plan[1].parts.len(), 2);
        assert_eq!(
            parts(vec![span(0x11, 202, 205), span(0x11, 154, 201)], &[]),
            [(154, 52)]
        );
        assert_eq!(
            parts(vec![span(0x11, 128, 131), span(0x11, 136, 137)], &[]),
            [(128, 10)]
        );
        assert_eq!(
            parts(vec![span(0x11, 128, 131), span(0x11, 137, 137)], &[]).len(),
            2
        );
        assert_eq!(
            parts(vec![span(0x11, 128, 200), span(0x11, 150, 160)], &[]),
            [(128, 73)]
        );
    }

    #[test]
    fn a_merge_never_consumes_flags_that_nobody_asked_for() {
        let flags = span(0x11, 134, 135);
        let wanted = vec![span(0x11, 128, 133), span(0x11, 136, 140)];
        assert_eq!(parts(wanted.clone(), &[]), [(128, 13)]);
        assert_eq!(parts(wanted, &[flags]), [(128, 6), (136, 5)]);
    }

    proptest! {
        #[test]
        fn every_wanted_byte_once_and_no_spared_byte(
            wanted in proptest::collection::vec((0x10_u8..0x13, 128_u8..=255, 0_u8..20), 1..20),
            spared in proptest::collection::vec((0x10_u8..0x13, 128_u8..=255, 0_u8..6), 0..6),
        ) {
            let make = |(page, first, more): (u8, u8, u8)| span(page, first, first.saturating_add(more));
            let wanted: Vec<Span> = wanted.into_iter().map(make).collect();
            let spared: Vec<Span> = spared.into_iter().map(make).collect();
            let plan = visits(wanted.clone(), &spared);
            let inside = |s: &Span, half: Half, byte: u8| s.half() == half && (s.first()..=s.last()).contains(&byte);
            for half in [Half::page(0x10), Half::page(0x11), Half::page(0x12)] {
                for byte in 128..=255_u8 {
                    let read = plan.iter().filter(|v| v.half == half)
                        .flat_map(|v| &v.parts)
                        .filter(|p| (p.first..=p.first + (p.length - 1)).contains(&byte)).count();
                    let asked = wanted.iter().any(|s| inside(s, half, byte));
                    prop_assert!(read <= 1);
                    prop_assert!(!asked || read == 1);
                    if !asked && spared.iter().any(|s| inside(s, half, byte)) {
                        prop_assert_eq!(read, 0);
                    }
                }
            }
        }
    }
}
