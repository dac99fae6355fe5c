//! A cage: what is plugged there, what is wrong with it, and the account of
//! everything that ever happened on its channel.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use embedded_hal::i2c::Operation;

use super::fault::{Effect, Fault, SimError};
use super::i2c::SimI2c;
use super::knobs::Knobs;
use super::module::SimModule;
use super::wire::{BYTE_BITS, BusRate, CONDITION_BITS, Traffic, TransactionRecord};
use crate::bus::address::Half;
use crate::clock::Clock;

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

/// A cage; clones are the same cage.
#[derive(Clone)]
pub struct Cage {
    clock: Arc<dyn Clock>,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Default)]
struct Inside {
    module: Option<SimModule>,
    fault: Fault,
    writes: VecDeque<WriteRecord>,
    /// How many writes are kept; all of them if nobody said.
    writes_kept: Option<usize>,
    traffic: Traffic,
}

impl Cage {
    /// An empty cage in which time passes as on `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            inside: Arc::default(),
        }
    }

    /// The channel of this cage, on a bus of this speed.
    pub fn i2c(&self, rate: BusRate) -> SimI2c {
        SimI2c::new(self.clone(), rate)
    }

    /// Plugs a module in and powers it; returns what was there before.
    pub fn insert(&self, mut module: SimModule) -> Option<SimModule> {
        module.power_on(self.clock.now());
        self.lock().module.replace(module)
    }

    /// Pulls the module.
    pub fn remove(&self) -> Option<SimModule> {
        self.lock().module.take()
    }

    /// Whether no module is there.
    pub fn is_empty(&self) -> bool {
        self.lock().module.is_none()
    }

    /// Makes something wrong, or right with [`Fault::None`].
    pub fn set_fault(&self, fault: Fault) {
        self.lock().fault = fault;
    }

    /// Turns the knobs of the module, if one is there; `turn` also gets the
    /// time. Returns whether there was a module with knobs.
    pub fn adjust(&self, turn: impl FnOnce(&mut Knobs, Duration)) -> bool {
        let now = self.clock.now();
        self.lock()
            .module
            .as_mut()
            .is_some_and(|module| module.adjust(now, turn))
    }

    /// Puts all knobs of the module back. Returns whether there was a module with
    /// knobs.
    pub fn calm(&self) -> bool {
        let now = self.clock.now();
        let mut inside = self.lock();
        inside
            .module
            .as_mut()
            .is_some_and(|module| module.calm(now))
    }

    /// Overwrites the vendor name of the module; see
    /// [`SimModule::write_vendor`]. Returns whether there was a module.
    pub fn write_vendor(&self, text: &[u8]) -> bool {
        let mut inside = self.lock();
        let module = inside.module.as_mut();
        module.map(|module| module.write_vendor(text)).is_some()
    }

    /// The byte of the module at an absolute offset of a half as it stands,
    /// without any effect of a read; `None` without a module.
    pub fn peek(&self, half: Half, offset: u8) -> Option<u8> {
        let inside = self.lock();
        let module = inside.module.as_ref();
        module.map(|module| module.registers().u8(half, offset))
    }

    /// Puts a byte into the module behind the back of every master. Returns
    /// whether there was a module.
    pub fn poke(&self, half: Half, offset: u8, byte: u8) -> bool {
        let mut inside = self.lock();
        let module = inside.module.as_mut();
        module
            .map(|module| module.registers.put(half, offset, &[byte]))
            .is_some()
    }

    /// Every write since the cage was made, oldest first; the newest ones only
    /// after [`Cage::keep_writes`].
    pub fn write_log(&self) -> Vec<WriteRecord> {
        self.lock().writes.iter().cloned().collect()
    }

    /// Keeps only the newest writes from now on, this many: for a simulation that
    /// runs for days.
    pub fn keep_writes(&self, newest: usize) {
        self.lock().writes_kept = Some(newest);
    }

    /// Keeps every write from now on: for the proof that there was none too many.
    pub fn keep_all_writes(&self) {
        self.lock().writes_kept = None;
    }

    /// How many transactions there were, failed ones included.
    pub fn transactions(&self) -> u64 {
        self.lock().traffic.transactions
    }

    /// The account of the channel.
    pub fn traffic(&self) -> Traffic {
        self.lock().traffic.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one transaction and lets its time pass.
    pub(super) fn transact(
        &self,
        address: u8,
        operations: &mut [Operation<'_>],
        rate: BusRate,
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
            let (outcome, delay) = inside.run(&mut run, operations);
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
        let effect = self.fault.strike();
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
        (outcome, Duration::ZERO)
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
