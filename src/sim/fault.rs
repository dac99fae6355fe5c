//! What can be wrong between a bus and a module.

use std::time::Duration;

use embedded_hal::i2c::{self, ErrorKind, NoAcknowledgeSource};

use crate::bus::BusErrorKind;

/// A fault of one cage. Counted faults go away by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// All is well.
    #[default]
    None,
    /// The module answers no address.
    NackForever,
    /// The next transactions, this many, find nobody.
    NackNext(u32),
    /// Everything is acknowledged, nothing is stored, every byte reads FFh.
    Stuck,
    /// The next transactions, this many, end in a malformed START or STOP.
    BusError(u32),
    /// The next transactions, this many, are lost to another master.
    ArbitrationLoss(u32),
    /// Before the `nth` transaction from now (1 is the next one) somebody else
    /// selects a page.
    OtherMaster {
        /// How many transactions from now.
        nth: u32,
        /// The bank that it selects.
        bank: u8,
        /// The page that it selects.
        page: u8,
    },
    /// Reads serve eight bytes, then FFh.
    ShortReads,
    /// The module holds the clock line: every transaction takes this long and
    /// then fails.
    Hang(Duration),
    /// The adapter is slow: every transaction takes this much longer.
    Slow(Duration),
    /// Every transaction fails with this error number of the kernel's, whatever
    /// the adapter means by it.
    Errno(u8),
}

/// How a transaction fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SimError {
    /// Nobody acknowledged the address.
    #[error("address not acknowledged")]
    NoAnswer,
    /// A byte was not acknowledged.
    #[error("byte not acknowledged")]
    Refused,
    /// Another master won.
    #[error("arbitration lost")]
    ArbitrationLost,
    /// A malformed START or STOP.
    #[error("bus error")]
    BusFault,
    /// The adapter gave up waiting.
    #[error("timed out")]
    TimedOut,
    /// The adapter's driver says this error number.
    #[error("error number {0} of the adapter")]
    Errno(u8),
}

impl i2c::Error for SimError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoAnswer => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address),
            Self::Refused => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data),
            Self::ArbitrationLost => ErrorKind::ArbitrationLoss,
            Self::BusFault => ErrorKind::Bus,
            Self::TimedOut | Self::Errno(_) => ErrorKind::Other,
        }
    }
}

impl From<SimError> for BusErrorKind {
    fn from(error: SimError) -> Self {
        match error {
            SimError::NoAnswer => Self::NoAnswer,
            SimError::Refused => Self::Refused,
            SimError::ArbitrationLost => Self::ArbitrationLost,
            SimError::BusFault => Self::BusFault,
            SimError::TimedOut => Self::TimedOut,
            SimError::Errno(_) => Self::Other(error.to_string()),
        }
    }
}

/// What a fault does to the transaction that begins now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Pass,
    /// It fails, after this long on top of the wire time.
    Fail(SimError, Duration),
    /// It takes this long on top of the wire time.
    Late(Duration),
    /// Reads give FFh, writes go nowhere.
    AllOnes,
    /// Only this many bytes of a read are served.
    ServeAtMost(usize),
    /// A page is selected first.
    Select {
        /// The bank.
        bank: u8,
        /// The page.
        page: u8,
    },
}

/// How many bytes CMIS promises in one read (section 1.3 of the bus rules).
pub(super) const PROMISED_READ: usize = 8;

impl Fault {
    /// What happens to the next transaction; counts down.
    pub(super) fn strike(&mut self) -> Effect {
        let fail = |error| Effect::Fail(error, Duration::ZERO);
        let (effect, next) = match *self {
            Self::None => (Effect::Pass, Self::None),
            Self::NackForever => (fail(SimError::NoAnswer), *self),
            Self::Stuck => (Effect::AllOnes, *self),
            Self::ShortReads => (Effect::ServeAtMost(PROMISED_READ), *self),
            Self::Slow(time) => (Effect::Late(time), *self),
            Self::Errno(number) => (fail(SimError::Errno(number)), *self),
            Self::Hang(time) => (Effect::Fail(SimError::TimedOut, time), *self),
            Self::NackNext(left) => Self::counted(left, SimError::NoAnswer, Self::NackNext),
            Self::BusError(left) => Self::counted(left, SimError::BusFault, Self::BusError),
            Self::ArbitrationLoss(left) => {
                Self::counted(left, SimError::ArbitrationLost, Self::ArbitrationLoss)
            }
            Self::OtherMaster { nth, bank, page } if nth > 1 => {
                let nth = nth - 1;
                (Effect::Pass, Self::OtherMaster { nth, bank, page })
            }
            Self::OtherMaster { bank, page, .. } => (Effect::Select { bank, page }, Self::None),
        };
        *self = next;
        effect
    }

    fn counted(left: u32, error: SimError, again: fn(u32) -> Self) -> (Effect, Self) {
        match left {
            0 => (Effect::Pass, Self::None),
            1 => (Effect::Fail(error, Duration::ZERO), Self::None),
            _ => (Effect::Fail(error, Duration::ZERO), again(left - 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_faults_wear_off() {
        let mut fault = Fault::NackNext(2);
        let failed = Effect::Fail(SimError::NoAnswer, Duration::ZERO);
        assert_eq!(fault.strike(), failed);
        assert_eq!(fault.strike(), failed);
        assert_eq!(fault.strike(), Effect::Pass);
        assert_eq!(fault, Fault::None);
    }

    #[test]
    fn another_master_strikes_once_before_the_nth() {
        let (bank, page) = (1, 0x9F);
        let mut fault = Fault::OtherMaster { nth: 3, bank, page };
        let effects: Vec<_> = (0..4).map(|_| fault.strike()).collect();
        let select = Effect::Select { bank, page };
        assert_eq!(effects, [Effect::Pass, Effect::Pass, select, Effect::Pass]);
    }
}
