//! One transaction on the channel of a cage: message by message, byte by byte,
//! with whatever is wrong with it.

use std::time::Duration;

use embedded_hal::i2c::Operation;

use super::cage::{Cage, Inside};
use super::fault::{Effect, SimError};
use super::wire::{BYTE_BITS, BusRate, CONDITION_BITS, TransactionRecord};

/// One write that a master put on the bus: an offset and bytes for it. Messages
/// that only set the byte pointer are not writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteRecord {
    /// When its transaction began, on the clock of the cage.
    pub at: Duration,
    /// The 7-bit address.
    pub address: u8,
    /// The first byte written, 0 to 255.
    pub offset: u8,
    /// What was written there and behind it.
    pub bytes: Vec<u8>,
    /// Whether the module took it; a refused write has had no effect.
    pub accepted: bool,
}

impl Cage {
    /// Runs one transaction and lets its time pass; `patience` is how long a
    /// module may hold it up before it has timed out.
    pub(super) fn transact(
        &self,
        address: u8,
        operations: &mut [Operation<'_>],
        rate: BusRate,
        patience: Option<Duration>,
    ) -> Result<(), SimError> {
        let began = self.clock.now();
        let mut run = Run {
            began,
            address,
            rate,
            bits: 0,
        };
        let (outcome, delay) = {
            let mut inside = self.lock();
            let (outcome, delay) = match inside.run(&mut run, operations) {
                (_, delay) if patience.is_some_and(|longest| delay > longest) => {
                    (Err(SimError::TimedOut), patience.unwrap_or_default())
                }
                run => run,
            };
            inside.traffic.enter(record(&run, operations, outcome));
            (outcome, delay)
        };
        self.clock.sleep(rate.time(run.bits) + delay);
        outcome
    }
}

/// A transaction under way.
struct Run {
    began: Duration,
    address: u8,
    rate: BusRate,
    bits: u64,
}

impl Run {
    /// The instant on the wire.
    fn now(&self) -> Duration {
        self.began + self.rate.time(self.bits)
    }

    /// Lets the bits of this many bytes pass.
    fn pass(&mut self, bytes: usize) {
        self.bits += BYTE_BITS * u64::try_from(bytes).unwrap_or(u64::MAX / BYTE_BITS);
    }
}

fn record(
    run: &Run,
    operations: &[Operation<'_>],
    outcome: Result<(), SimError>,
) -> TransactionRecord {
    let (mut written, mut read) = (0, 0);
    for operation in operations {
        match operation {
            Operation::Write(bytes) => written += bytes.len(),
            Operation::Read(buffer) => read += buffer.len(),
        }
    }
    TransactionRecord {
        at: run.began,
        address: run.address,
        written,
        read,
        bits: run.bits,
        succeeded: outcome.is_ok(),
    }
}

impl Inside {
    /// All messages of a transaction up to the first that fails, and how much
    /// longer it takes than its bits.
    fn run(
        &mut self,
        run: &mut Run,
        operations: &mut [Operation<'_>],
    ) -> (Result<(), SimError>, Duration) {
        let effect = if self.unplugged {
            Effect::Fail(SimError::NoAnswer, Duration::ZERO)
        } else {
            self.fault.strike()
        };
        if let Effect::Fail(error, delay) = effect {
            run.bits += CONDITION_BITS;
            run.pass(1);
            run.bits += CONDITION_BITS;
            self.log_writes(run, operations);
            return (Err(error), delay);
        }
        if let (Effect::Select { bank, page }, Some(module)) = (effect, self.module.as_mut()) {
            module.select_from_elsewhere(bank, page);
        }
        let mut outcome = Ok(());
        for operation in operations {
            run.bits += CONDITION_BITS;
            outcome = match operation {
                Operation::Write(bytes) => self.write(run, bytes, effect),
                Operation::Read(buffer) => self.read(run, buffer, effect),
            };
            if outcome.is_err() {
                break;
            }
        }
        run.bits += CONDITION_BITS;
        let delay = match effect {
            Effect::Late(time) => time,
            _ => Duration::ZERO,
        };
        (outcome, delay)
    }

    fn write(&mut self, run: &mut Run, bytes: &[u8], effect: Effect) -> Result<(), SimError> {
        run.pass(1);
        let outcome = match (effect, self.module.as_mut()) {
            (_, None) => Err(SimError::NoAnswer),
            (Effect::AllOnes, _) => Ok(()),
            (_, Some(module)) if !module.answers(run.address, run.rate, run.now()) => {
                Err(SimError::NoAnswer)
            }
            (_, Some(module)) => {
                run.pass(bytes.len());
                module.write(run.address, bytes, run.now())
            }
        };
        if effect == Effect::AllOnes {
            run.pass(bytes.len());
        }
        self.log_write(run, bytes, outcome.is_ok());
        outcome
    }

    fn read(&mut self, run: &mut Run, buffer: &mut [u8], effect: Effect) -> Result<(), SimError> {
        run.pass(1);
        let served = match effect {
            Effect::ServeAtMost(most) => most.min(buffer.len()),
            _ => buffer.len(),
        };
        match (effect, self.module.as_mut()) {
            (_, None) => return Err(SimError::NoAnswer),
            (Effect::AllOnes, _) => buffer.fill(u8::MAX),
            (_, Some(module)) => {
                if !module.answers(run.address, run.rate, run.now()) {
                    return Err(SimError::NoAnswer);
                }
                let (served, beyond) = buffer.split_at_mut(served);
                module.read(run.address, served, run.now());
                beyond.fill(u8::MAX);
            }
        }
        run.pass(buffer.len());
        Ok(())
    }

    fn log_write(&mut self, run: &Run, bytes: &[u8], accepted: bool) {
        if let [offset, payload @ ..] = bytes
            && !payload.is_empty()
        {
            self.writes.push_back(WriteRecord {
                at: run.began,
                address: run.address,
                offset: *offset,
                bytes: payload.to_vec(),
                accepted,
            });
            while self
                .writes_kept
                .is_some_and(|kept| self.writes.len() > kept)
            {
                self.writes.pop_front();
            }
        }
    }

    /// Logs the writes of a transaction that a fault stopped.
    fn log_writes(&mut self, run: &Run, operations: &[Operation<'_>]) {
        for operation in operations {
            if let Operation::Write(bytes) = operation {
                self.log_write(run, bytes, false);
            }
        }
    }
}
