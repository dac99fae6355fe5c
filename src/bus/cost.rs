//! What reading costs on the wire, for each way in which a module is reached.
//!
//! A message is START, address byte and payload; every byte has a ninth clock for
//! its acknowledgement; messages of one transaction are joined by repeated STARTs
//! and end in one STOP. So a read of n bytes is 9 (3 + n) + 3 clocks, a write of n
//! bytes 9 (2 + n) + 2. What the wire does not show (clock stretching, refused
//! accesses, the scheduler) is not in it; a fixed overhead for each transaction
//! can stand for that.
//!
//! The prices follow what the code of this folder does, transaction by
//! transaction: [`paging`](super::paging) alone, over [`pairs`](super::pairs),
//! over [`smbus`](super::smbus), and what a driver does for
//! [`driven`](super::driven).

mod path;

pub use path::{AccessPath, SharedPath};

use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul};
use std::time::Duration;

use super::address::{HALF_LENGTH, Half};
use super::paging::{MOST_CHUNKS, SHORT_READ};
use super::pieces::chunks;
use super::{Addressing, Part};

/// Clocks of a byte with its acknowledgement.
const BYTE_CLOCKS: u64 = 9;
/// Bytes of an SMBus block.
const BLOCK: u8 = 32;
/// Bytes of an SMBus word.
const WORD: u8 = 2;
/// Bytes of bank and page select together.
const SELECT_BYTES: u64 = 2;

/// What something costs on the wire. Costs order by time, then by transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cost {
    /// Clock cycles, START and STOP included.
    pub clocks: u64,
    /// Transactions, each from START to STOP.
    pub transactions: u64,
    /// Bytes on the wire: addresses, offsets and data, in both directions.
    pub bytes: u64,
}

impl Cost {
    /// Nothing.
    pub const ZERO: Self = Self {
        clocks: 0,
        transactions: 0,
        bytes: 0,
    };

    /// One message: START, address and so many bytes.
    const fn message(payload: u64) -> Self {
        Self {
            clocks: 1 + BYTE_CLOCKS * (1 + payload),
            transactions: 0,
            bytes: 1 + payload,
        }
    }

    /// One more byte in a message.
    const BYTE: Self = Self {
        clocks: BYTE_CLOCKS,
        transactions: 0,
        bytes: 1,
    };

    /// The end of a transaction.
    const STOP: Self = Self {
        clocks: 1,
        transactions: 1,
        bytes: 0,
    };

    /// The messages that read so many bytes: the offset, then the bytes.
    const fn pair(length: u64) -> Self {
        let (offset, bytes) = (Self::message(1), Self::message(length));
        Self {
            clocks: offset.clocks + bytes.clocks,
            transactions: 0,
            bytes: offset.bytes + bytes.bytes,
        }
    }

    /// A transaction that reads so many bytes.
    pub fn read(length: u64) -> Self {
        Self::pair(length) + Self::STOP
    }

    /// A transaction that writes so many bytes from an offset on.
    pub fn write(length: u64) -> Self {
        Self::message(1 + length) + Self::STOP
    }

    /// How long it takes on a bus with this many clocks a second, if each
    /// transaction costs so much more.
    pub fn time(self, hertz: u64, overhead: Duration) -> Duration {
        let nanoseconds = u128::from(self.clocks) * 1_000_000_000 / u128::from(hertz.max(1))
            + u128::from(self.transactions) * overhead.as_nanos();
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            clocks: self.clocks + other.clocks,
            transactions: self.transactions + other.transactions,
            bytes: self.bytes + other.bytes,
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul<u64> for Cost {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self {
            clocks: self.clocks * times,
            transactions: self.transactions * times,
            bytes: self.bytes * times,
        }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::ZERO, Add::add)
    }
}

/// How one module is read: what all prices depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// In which way.
    pub path: AccessPath,
    /// How its pages are selected.
    pub addressing: Addressing,
    /// The longest read that the module serves right: 128 or 8.
    pub longest_read: u8,
}

impl Reach {
    /// A module that serves long reads, reached in this way.
    pub const fn new(path: AccessPath, addressing: Addressing) -> Self {
        Self {
            path,
            addressing,
            longest_read: HALF_LENGTH,
        }
    }

    /// Where reads are cut: none crosses a multiple of it.
    pub fn longest_piece(&self) -> u8 {
        self.longest_read.min(self.path.longest_read())
    }

    /// Whether a page has to be selected to reach this half.
    pub fn selects(&self, half: Half) -> bool {
        let page = half.upper().map(|(page, _)| page.0);
        match (self.path, page) {
            (_, None) => false,
            (_, Some(_)) if self.addressing == Addressing::Flat => false,
            // A driver leaves page 00h selected, or knows that it is.
            (AccessPath::Optoe, Some(page)) => page != 0,
            _ => true,
        }
    }

    /// Whether the select bytes are read with each batch of this half.
    fn verifies(&self, half: Half) -> bool {
        self.selects(half) && !self.path.is_driven()
    }

    /// The write that selects a half.
    fn select(&self, half: Half) -> Cost {
        if !self.selects(half) || self.path.is_driven() {
            return Cost::ZERO;
        }
        self.written(self.select_bytes())
    }

    /// The write that selects page 00h of bank 0 behind a sweep; a driver does that, or
    /// nobody does.
    pub fn leave(&self) -> Cost {
        self.select(Half::page(0))
    }

    /// Writing so many bytes from an offset on; SMBus writes them one by one.
    fn written(&self, bytes: u64) -> Cost {
        match self.path {
            AccessPath::SmbusBlock | AccessPath::SmbusWord => Cost::write(1) * bytes,
            _ => Cost::write(bytes),
        }
    }

    /// How many bytes a select writes.
    fn select_bytes(&self) -> u64 {
        match self.addressing {
            Addressing::BankAndPage => SELECT_BYTES,
            Addressing::Page | Addressing::Flat => 1,
        }
    }

    /// What a transaction costs beside its parts where all parts go into one, and
    /// what the select bytes around them cost where they do not.
    fn batch(&self, half: Half) -> Cost {
        match (self.path, self.verifies(half)) {
            (AccessPath::Combined, false) => Cost::STOP,
            (AccessPath::Combined, true) => Cost::pair(SELECT_BYTES) + Cost::STOP,
            (_, true) => Cost::read(SELECT_BYTES) * 2,
            (_, false) => Cost::ZERO,
        }
    }

    /// Reading one piece of so many bytes.
    pub(super) fn piece(&self, half: Half, length: u64) -> Cost {
        let read = Cost::read(length);
        match self.path {
            AccessPath::Combined => Cost::pair(length),
            AccessPath::Pairs(_) | AccessPath::SmbusBlock | AccessPath::SmbusWord => read,
            AccessPath::Optoe | AccessPath::Ethtool if !self.selects(half) => read,
            AccessPath::Optoe => {
                let is_banked = half.upper().is_some_and(|(_, bank)| bank.number() > 0);
                let select = Cost::write(1 + u64::from(is_banked));
                Cost::read(1) + select * 2 + read
            }
            AccessPath::Ethtool => Cost::write(self.select_bytes()) + read,
        }
    }

    /// What one part adds to a visit, the batch that it goes into apart.
    pub(super) fn part(&self, half: Half, part: Part) -> Cost {
        let pieces = u64::try_from(count(part, self.longest_piece())).unwrap_or(u64::MAX);
        self.piece(half, 0) * pieces + Cost::BYTE * u64::from(part.length)
    }

    /// How many of the reads that a batch counts a part is.
    pub(super) fn chunks(&self, part: Part) -> usize {
        count(part, self.longest_read)
    }

    /// What a visit of so many chunks costs beside its parts.
    pub(super) fn around(&self, half: Half, chunks: usize) -> Cost {
        let batches = u64::try_from(chunks.div_ceil(MOST_CHUNKS)).unwrap_or(u64::MAX);
        self.select(half) + self.batch(half) * batches
    }

    /// A visit, from the page select to the last byte.
    pub fn visit(&self, half: Half, parts: &[Part]) -> Cost {
        let chunks = parts.iter().map(|part| self.chunks(*part)).sum();
        let read: Cost = parts.iter().map(|part| self.part(half, *part)).sum();
        read + self.around(half, chunks)
    }

    /// A visit to a page that the module does not have.
    pub fn visit_missing(&self, half: Half, parts: &[Part]) -> Cost {
        /// Once more, in case that it was another master's doing.
        const ATTEMPTS: u64 = 2;
        if half.upper().is_some() && self.addressing == Addressing::Flat {
            return Cost::ZERO;
        }
        if self.path.is_driven() {
            return self.visit(half, parts);
        }
        let all = parts
            .iter()
            .flat_map(|part| chunks(*part, self.longest_read));
        let batch: Vec<Part> = all.take(MOST_CHUNKS).collect();
        let tried = self.visit(half, &batch);
        // Pieces are not looked behind where the page was wrong in front of them.
        let spared = match self.path {
            AccessPath::Combined => Cost::ZERO,
            _ => Cost::read(SELECT_BYTES),
        };
        Cost {
            clocks: tried.clocks - spared.clocks,
            transactions: tried.transactions - spared.transactions,
            bytes: tried.bytes - spared.bytes,
        } * ATTEMPTS
    }

    /// The proof at insertion that long reads are served right: a half in one
    /// read, and once more in short ones. It is the first long read, so an adapter
    /// that has to be found out refuses it, sometimes only behind the select bytes.
    pub fn probe(&self, half: Half) -> Cost {
        let refusals = match self.path {
            AccessPath::Pairs(BLOCK) if self.verifies(half) => 1,
            AccessPath::Pairs(SHORT_READ) if self.verifies(half) => 2,
            _ => 0,
        };
        let found_out = Cost::read(SELECT_BYTES) * refusals;
        let whole = [Part {
            first: half.base(),
            length: HALF_LENGTH,
        }];
        let with = |longest_read| Self {
            longest_read,
            ..*self
        };
        let (long, short) = (with(HALF_LENGTH), with(SHORT_READ));
        found_out + long.visit(half, &whole) + short.visit(half, &whole)
    }

    /// One register by itself, as programs read it that select the page for each
    /// read and page 00h behind it, and verify nothing.
    pub fn lone(&self, half: Half, part: Part) -> Cost {
        let read: Cost = chunks(part, self.longest_piece())
            .map(|piece| Cost::read(u64::from(piece.length)))
            .sum();
        let is_second_page = half.upper().is_some_and(|(page, _)| page.0 != 0);
        let bank = half.upper().map_or(0, |(_, bank)| bank.number());
        if !is_second_page || self.addressing == Addressing::Flat {
            return read;
        }
        let select = self.written(1 + u64::from(bank > 0));
        let asked = match self.path {
            AccessPath::Optoe => Cost::read(1),
            _ => Cost::ZERO,
        };
        asked + select + read + select
    }
}

/// How many reads of at most `longest` bytes a part is cut into; see [`chunks`].
fn count(part: Part, longest: u8) -> usize {
    let last = part.first + (part.length - 1);
    usize::from(last / longest) - usize::from(part.first / longest) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_counted_as_they_are_cut() {
        for longest in [2, 8, 32, 128] {
            for first in 128..=255_u8 {
                for length in 1..=(255 - first) {
                    let part = Part { first, length };
                    assert_eq!(count(part, longest), chunks(part, longest).count());
                }
            }
        }
    }

    const PAGE: Half = Half::page(0x11);
    const PARTS: [Part; 2] = [
        Part {
            first: 128,
            length: 6,
        },
        Part {
            first: 154,
            length: 48,
        },
    ];

    fn cost(path: AccessPath) -> (u64, u64, u64) {
        let cost = Reach::new(path, Addressing::BankAndPage).visit(PAGE, &PARTS);
        (cost.transactions, cost.bytes, cost.clocks)
    }

    #[test]
    fn reads_and_writes_cost_what_the_formula_says() {
        for n in [1, 2, 31, 128] {
            assert_eq!(Cost::read(n).clocks, 9 * (3 + n) + 3);
            assert_eq!(Cost::write(n).clocks, 9 * (2 + n) + 2);
            assert_eq!((Cost::read(n).bytes, Cost::write(n).bytes), (3 + n, 2 + n));
        }
        let time = Cost::read(1).time(400_000, Duration::from_micros(10));
        assert_eq!(time, Duration::from_nanos(39 * 2500 + 10_000));
    }

    #[test]
    fn each_path_has_its_own_price() {
        // By hand: select 4 bytes; select bytes 5; parts 9 and 51.
        assert_eq!(cost(AccessPath::Combined), (2, 69, 9 * 69 + 2 + 7));
        assert_eq!(cost(AccessPath::Pairs(128)), (5, 74, 9 * 74 + 2 + 12));
        // 154-159, 160-191, 192-201; two selects of 3 bytes.
        let bytes = 6 + 10 + 9 + 48 + 9;
        assert_eq!(cost(AccessPath::SmbusBlock), (8, bytes, 9 * bytes + 4 + 18));
        let bytes = 6 + 10 + 27 * 5;
        assert_eq!(
            cost(AccessPath::SmbusWord),
            (31, bytes, 9 * bytes + 4 + 3 * 29)
        );
        let bytes = 2 * (4 + 3 + 3) + 9 + 51;
        assert_eq!(cost(AccessPath::Optoe), (8, bytes, 9 * bytes + 20));
        let bytes = 2 * 4 + 9 + 51;
        assert_eq!(cost(AccessPath::Ethtool), (4, bytes, 9 * bytes + 10));
    }

    #[test]
    fn lower_memory_and_flat_modules_need_no_select() {
        let part = [Part {
            first: 14,
            length: 4,
        }];
        for path in AccessPath::ALL {
            let reach = Reach::new(path, Addressing::Flat);
            let lone = reach.lone(Half::page(0), part[0]);
            assert_eq!(reach.visit(Half::page(0), &part), lone, "{path:?}");
            let paged = Reach::new(path, Addressing::BankAndPage);
            assert_eq!(paged.visit(Half::LOWER, &part), lone, "{path:?}");
        }
    }

    #[test]
    fn many_parts_make_several_transactions() {
        let parts: Vec<Part> = (0..25)
            .map(|n| Part {
                first: 128 + 5 * n,
                length: 1,
            })
            .collect();
        let reach = Reach::new(AccessPath::Combined, Addressing::BankAndPage);
        assert_eq!(reach.visit(PAGE, &parts).transactions, 3);
        assert_eq!(reach.visit(PAGE, &parts[..20]).transactions, 2);
    }
}
