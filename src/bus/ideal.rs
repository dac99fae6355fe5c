//! The least that reading some bytes can cost, whatever the plan: a lower bound.
//!
//! Each half is visited once and verified once; in it every wanted byte is read
//! once and no spared one. Which other bytes are read on the way is decided byte
//! by byte, over all ways there are. This shares the prices with the planner
//! ([`super::read_plan`]) and nothing else, so that one can be held against the
//! other. That a transaction takes so many reads and no more is left out: what no
//! plan can do is still a bound.

use super::address::{HALF_LENGTH, Half, Span};
use super::cost::{Cost, Reach};

/// The cost of reading spans, with none of the `spared` bytes that no span asks
/// for, where each transaction costs `overhead` clocks more than its bits.
pub fn ideal(spans: &[Span], spared: &[Span], reach: &Reach, overhead: u64) -> Cost {
    let mut halves: Vec<Half> = spans.iter().map(|span| span.half()).collect();
    halves.sort_unstable();
    halves.dedup();
    halves
        .into_iter()
        .map(|half| {
            let bytes = Bytes::of(half, spans, spared);
            reach.around(half, 1) + bytes.cheapest(half, reach, overhead)
        })
        .sum()
}

/// What is to be done with each byte of a half.
struct Bytes([Wish; HALF_LENGTH as usize]);

/// What is to be done with a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// It must be read.
    Wanted,
    /// It may be read on the way.
    Free,
    /// It must not be read.
    Spared,
}

impl Bytes {
    fn of(half: Half, spans: &[Span], spared: &[Span]) -> Self {
        let mut bytes = [Wish::Free; HALF_LENGTH as usize];
        for (list, wish) in [(spared, Wish::Spared), (spans, Wish::Wanted)] {
            for span in list.iter().filter(|span| span.half() == half) {
                let first = usize::from(span.first() - half.base());
                let run = bytes.iter_mut().skip(first);
                for byte in run.take(usize::from(span.length())) {
                    *byte = wish;
                }
            }
        }
        Self(bytes)
    }

    /// The cheapest of all ways to read the wanted bytes. Between two bytes a read
    /// is under way or not; the cheapest way to either is all that matters.
    fn cheapest(&self, half: Half, reach: &Reach, overhead: u64) -> Cost {
        let weight = |cost: &Cost| cost.clocks + overhead * cost.transactions;
        let least = |a: Option<Cost>, b: Option<Cost>| a.into_iter().chain(b).min_by_key(weight);
        let start = reach.piece(half, 0);
        let one = reach.piece(half, 1);
        let byte = Cost {
            clocks: one.clocks - start.clocks,
            transactions: one.transactions - start.transactions,
            bytes: one.bytes - start.bytes,
        };
        let piece = usize::from(reach.longest_piece());
        let (mut idle, mut reading) = (Some(Cost::ZERO), None);
        for (offset, wish) in self.0.iter().enumerate() {
            let go_on = match offset % piece {
                0 => start,
                _ => Cost::ZERO,
            };
            let read = least(
                idle.map(|cost: Cost| cost + start),
                reading.map(|cost: Cost| cost + go_on),
            );
            let rest = least(idle, reading);
            (idle, reading) = match wish {
                Wish::Wanted => (None, read.map(|cost| cost + byte)),
                Wish::Free => (rest, read.map(|cost| cost + byte)),
                Wish::Spared => (rest, None),
            };
        }
        least(idle, reading).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::Addressing;
    use crate::bus::cost::AccessPath;

    fn span(first: u8, last: u8) -> Span {
        Span::new(Half::page(0x11), first, last).unwrap()
    }

    /// Data bytes that are read at the least.
    fn read(path: AccessPath, spans: &[Span], spared: &[Span], overhead: u64) -> u64 {
        let reach = Reach::new(path, Addressing::BankAndPage);
        let cost = ideal(spans, spared, &reach, overhead);
        assert_eq!(cost.transactions, 2);
        // Select, select bytes, then offset and addresses of each part.
        cost.bytes - 4 - 5
    }

    #[test]
    fn a_gap_is_crossed_where_that_is_cheaper() {
        let combined = AccessPath::Combined;
        assert_eq!(read(combined, &[span(130, 133)], &[], 0), 3 + 4);
        let near = [span(130, 131), span(135, 136)];
        assert_eq!(read(combined, &near, &[], 0), 3 + 7);
        assert_eq!(read(combined, &near, &[span(133, 133)], 0), 6 + 4);
        let far = [span(130, 131), span(136, 137)];
        assert_eq!(read(combined, &far, &[], 0), 6 + 4);
        // A part of the same transaction has no overhead.
        assert_eq!(read(combined, &far, &[], 1000), 6 + 4);
    }

    #[test]
    fn what_is_wanted_is_read_though_it_is_spared() {
        let flags = [span(134, 153)];
        assert_eq!(read(AccessPath::Combined, &flags, &flags, 0), 3 + 20);
    }

    #[test]
    fn overhead_makes_gaps_worth_reading() {
        let reach = Reach::new(AccessPath::Pairs(128), Addressing::BankAndPage);
        let far = [span(130, 131), span(160, 161)];
        assert_eq!(ideal(&far, &[], &reach, 0).transactions, 5);
        assert_eq!(ideal(&far, &[], &reach, 400).transactions, 4);
        assert_eq!(ideal(&[], &[], &reach, 0), Cost::ZERO);
    }
}
