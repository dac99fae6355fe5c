//! What a transaction costs on the wire, and the account of all of them.
//!
//! I2C: a message is START, address byte, payload; every byte has a ninth bit
//! for its acknowledgement; messages of one transaction are joined by repeated
//! STARTs and end in one STOP. A combined read of N bytes is 30 + 9 N bits.

use std::collections::VecDeque;
use std::time::Duration;

/// Bits of a START, repeated START or STOP.
pub const CONDITION_BITS: u64 = 1;
/// Bits of a byte with its acknowledgement.
pub const BYTE_BITS: u64 = 9;
/// How many transactions the account remembers one by one.
const REMEMBERED: usize = 256;

/// How fast a bus is clocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum BusRate {
    /// Standard mode.
    Khz100,
    /// Fast mode: what every CMIS module can do.
    #[default]
    Khz400,
    /// Fast mode plus: modules that say so in 00h:2.
    Mhz1,
}

impl BusRate {
    /// Clock cycles in a second.
    pub const fn hertz(self) -> u64 {
        match self {
            Self::Khz100 => 100_000,
            Self::Khz400 => 400_000,
            Self::Mhz1 => 1_000_000,
        }
    }

    /// How long this many bits take.
    pub const fn time(self, bits: u64) -> Duration {
        Duration::from_nanos(bits * (1_000_000_000 / self.hertz()))
    }
}

/// One transaction as a logic analyser would list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionRecord {
    /// When it began, on the clock of the cage.
    pub at: Duration,
    /// The 7-bit address.
    pub address: u8,
    /// Bytes written, offsets included.
    pub written: usize,
    /// Bytes read.
    pub read: usize,
    /// Bits on the wire.
    pub bits: u64,
    /// Whether all of it was acknowledged.
    pub succeeded: bool,
}

/// What went over one channel since it was made.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// Transactions, failed ones included.
    pub transactions: u64,
    /// Those that failed.
    pub failures: u64,
    /// Bytes read and written, offsets included, addresses not.
    pub bytes: u64,
    /// Bits on the wire.
    pub bits: u64,
    recent: VecDeque<TransactionRecord>,
}

impl Traffic {
    /// The newest transactions, oldest first.
    pub fn recent(&self) -> impl Iterator<Item = &TransactionRecord> {
        self.recent.iter()
    }

    /// Enters one transaction.
    pub(super) fn enter(&mut self, record: TransactionRecord) {
        self.transactions += 1;
        self.failures += u64::from(!record.succeeded);
        self.bytes += u64::try_from(record.written + record.read).unwrap_or(u64::MAX);
        self.bits += record.bits;
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_take_their_time() {
        assert_eq!(BusRate::Khz400.time(400), Duration::from_millis(1));
        assert_eq!(BusRate::Khz100.time(1), Duration::from_micros(10));
        assert_eq!(BusRate::Mhz1.time(30 + 9 * 8), Duration::from_micros(102));
    }

    #[test]
    fn the_account_forgets_single_transactions_but_not_the_sums() {
        let mut traffic = Traffic::default();
        for n in 0..300 {
            traffic.enter(TransactionRecord {
                at: Duration::from_millis(n),
                address: 0x50,
                written: 1,
                read: 8,
                bits: 102,
                succeeded: n % 3 != 0,
            });
        }
        assert_eq!(traffic.transactions, 300);
        assert_eq!(traffic.failures, 100);
        assert_eq!(traffic.bytes, 2700);
        assert_eq!(traffic.recent().count(), REMEMBERED);
        assert_eq!(
            traffic.recent().next().unwrap().at,
            Duration::from_millis(44)
        );
    }
}
