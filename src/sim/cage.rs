//! A cage: what is plugged there, what is wrong with it, and the account of
//! everything that ever happened on its channel.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::air::Seat;
use super::fault::Fault;
use super::host::{Counters, HostDecoder};
use super::i2c::SimI2c;
use super::knobs::{Knobs, Ramp};
use super::module::SimModule;
use super::physics::Physics;
pub use super::transaction::WriteRecord;
use super::wire::{BusRate, Traffic};
use crate::bus::address::Half;
use crate::clock::Clock;

/// A cage; clones are the same cage.
#[derive(Clone)]
pub struct Cage {
    pub(super) clock: Arc<dyn Clock>,
    seat: Option<Seat>,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Default)]
pub(super) struct Inside {
    pub(super) module: Option<SimModule>,
    pub(super) fault: Fault,
    /// Whether the adapter was taken away, and what is on it.
    pub(super) unplugged: bool,
    pub(super) writes: VecDeque<WriteRecord>,
    /// How many writes are kept; all of them if nobody said.
    pub(super) writes_kept: Option<usize>,
    pub(super) traffic: Traffic,
    host: HostDecoder,
}

impl Inside {
    /// Lets the host count what came through up to now, before anything changes.
    fn count(&mut self, now: Duration) {
        self.host.count(self.module.as_ref(), now);
    }
}

impl Cage {
    /// An empty cage in which time passes as on `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            seat: None,
            inside: Arc::default(),
        }
    }

    /// An empty cage at a place in a box.
    pub fn in_box(clock: Arc<dyn Clock>, seat: Seat) -> Self {
        Self {
            seat: Some(seat),
            ..Self::new(clock)
        }
    }

    /// The channel of this cage, on a bus of this speed.
    pub fn i2c(&self, rate: BusRate) -> SimI2c {
        SimI2c::new(self.clone(), rate)
    }

    /// Plugs a module in and powers it; returns what was there before.
    pub fn insert(&self, mut module: SimModule) -> Option<SimModule> {
        let now = self.clock.now();
        module.power_on(now);
        if let Some(seat) = &self.seat {
            module.sit(seat);
        }
        let mut inside = self.lock();
        inside.count(now);
        let before = inside.module.replace(module);
        self.tell_warmth(&inside);
        before
    }

    /// Pulls the module.
    pub fn remove(&self) -> Option<SimModule> {
        let mut inside = self.lock();
        inside.count(self.clock.now());
        let pulled = inside.module.take();
        self.tell_warmth(&inside);
        pulled
    }

    /// Whether no module is there.
    pub fn is_empty(&self) -> bool {
        self.lock().module.is_none()
    }

    /// Makes something wrong, or right with [`Fault::None`].
    pub fn set_fault(&self, fault: Fault) {
        self.lock().fault = fault;
    }

    /// Takes the adapter away or puts it there again: without it nobody answers.
    pub fn set_plugged(&self, plugged: bool) {
        self.lock().unplugged = !plugged;
    }

    /// Whether the adapter is there.
    pub fn is_plugged(&self) -> bool {
        !self.lock().unplugged
    }

    /// Turns the knobs of the module, if one is there; `turn` also gets the
    /// time. Returns whether there was a module with knobs.
    pub fn adjust(&self, turn: impl FnOnce(&mut Knobs, Duration)) -> bool {
        self.turn(|physics, now| turn(&mut physics.knobs, now))
    }

    /// The same with all of the module's physics at hand.
    pub(super) fn turn(&self, turn: impl FnOnce(&mut Physics, Duration)) -> bool {
        let now = self.clock.now();
        let mut inside = self.lock();
        inside.count(now);
        let turned = inside
            .module
            .as_mut()
            .is_some_and(|module| module.turn(now, turn));
        self.tell_warmth(&inside);
        turned
    }

    /// Puts all knobs of the module back. Returns whether there was a module with
    /// knobs.
    pub fn calm(&self) -> bool {
        self.turn(|physics, _| physics.calm())
    }

    /// Lets the cooling of the box fail by so many kelvin, or come back with 0.
    /// Returns whether the cage is in a box.
    pub fn warm_box(&self, kelvin: f64, over: Duration) -> bool {
        let warmed = self.seat.as_ref();
        warmed
            .map(|seat| seat.warm(kelvin, self.clock.now(), over))
            .is_some()
    }

    /// What the FEC decoder of the host behind the cage has counted; `None` while
    /// the host gives no answer.
    pub fn host_counters(&self) -> Option<Counters> {
        let now = self.clock.now();
        let mut inside = self.lock();
        inside.count(now);
        inside.host.counters(now)
    }

    /// Does something to the decoder of the host; `act` also gets the time.
    pub fn turn_host(&self, act: impl FnOnce(&mut HostDecoder, Duration)) {
        let now = self.clock.now();
        let mut inside = self.lock();
        inside.count(now);
        act(&mut inside.host, now);
    }

    /// Lets the neighbours feel how warm this module is.
    fn tell_warmth(&self, inside: &Inside) {
        if let Some(seat) = &self.seat {
            let module = inside.module.as_ref();
            seat.tell_excess(module.map_or(Ramp::steady(0.0), SimModule::excess));
        }
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

    /// What the time is on its clock.
    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
