//! Sweeps over simulated modules: what is read, what it costs, and what another
//! master, a broken bus or a swap can do to it.

mod faults;
mod reads;
mod swaps;

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use embedded_hal::i2c::{ErrorType, I2c, Operation};

use super::Management;
use super::sweep::{Session, Sweep};
use crate::bus::address::{Device, Half, Page};
use crate::bus::image::Image;
use crate::bus::paging::Paged;
use crate::bus::{BusError, BusErrorKind};
use crate::clock::ManualClock;
use crate::sim::builders::{self, by_name};
use crate::sim::cage::Cage;
use crate::sim::fault::{Fault, SimError};
use crate::sim::i2c::SimI2c;
use crate::sim::lifecycle::Startup;
use crate::sim::module::SimModule;
use crate::sim::wire::BusRate;

/// What happens before a transaction: its number from 0, and the cage.
type Before = Box<dyn FnMut(usize, &Cage) -> Result<(), SimError> + Send>;

/// The channel of a cage with somebody else at work on it.
struct Disturbed {
    cage: Cage,
    i2c: SimI2c,
    count: Arc<Mutex<usize>>,
    before: Before,
    reads: Arc<Mutex<Vec<(u8, u8)>>>,
}

impl ErrorType for Disturbed {
    type Error = SimError;
}

impl I2c for Disturbed {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), SimError> {
        let number = {
            let mut count = self.count.lock().unwrap();
            *count += 1;
            *count - 1
        };
        (self.before)(number, &self.cage)?;
        let mut first = 0;
        for operation in operations.iter() {
            match operation {
                Operation::Write(bytes) => first = bytes[0],
                Operation::Read(bytes) => {
                    let length = u8::try_from(bytes.len()).unwrap();
                    self.reads.lock().unwrap().push((first, length));
                }
            }
        }
        self.i2c.transaction(address, operations)
    }
}

/// A cage, a reader of it, and what the reader does on the bus.
struct Bench {
    clock: ManualClock,
    cage: Cage,
    memory: Paged<Disturbed, ManualClock>,
    session: Session,
    count: Arc<Mutex<usize>>,
    reads: Arc<Mutex<Vec<(u8, u8)>>>,
}

impl Bench {
    fn new(module: SimModule) -> Self {
        Self::disturbed(module, Box::new(|_, _| Ok(())))
    }

    fn disturbed(module: SimModule, before: Before) -> Self {
        let clock = ManualClock::new();
        let cage = Cage::new(Arc::new(clock.clone()));
        cage.insert(up(module));
        let (count, reads) = (Arc::default(), Arc::default());
        let i2c = Disturbed {
            cage: cage.clone(),
            i2c: cage.i2c(BusRate::Khz400),
            count: Arc::clone(&count),
            before,
            reads: Arc::clone(&reads),
        };
        Self {
            memory: Paged::new(i2c, clock.clone(), Arc::default()),
            session: Session::new(),
            clock,
            cage,
            count,
            reads,
        }
    }

    fn sweep(&mut self) -> Result<Sweep, BusError> {
        *self.count.lock().unwrap() = 0;
        self.reads.lock().unwrap().clear();
        let swept = self.session.sweep(&mut self.memory, &self.clock);
        self.clock.advance(Duration::from_secs(1));
        swept
    }

    fn transactions(&self) -> usize {
        *self.count.lock().unwrap()
    }
}

/// A module that has been in its cage for long.
fn up(module: SimModule) -> SimModule {
    module.with_manners(|manners| manners.startup = Startup::INSTANT)
}

fn builder(name: &str) -> SimModule {
    by_name(name).unwrap()
}

/// A module whose registers never change but by the bus: every byte that is
/// read can be held against these.
fn still(name: &str) -> (SimModule, Image) {
    let mut clock_bench = Bench::new(builder(name));
    let image = Image::clone(&clock_bench.sweep().unwrap().snapshot.image);
    (SimModule::from_image(&image), image)
}

/// Bytes that were read and are not those of the module; flags and the bytes
/// that the bus decides are left out.
fn wrong_bytes(read: &Image, truth: &Image) -> Vec<(Half, u8, u8)> {
    let mut wrong = Vec::new();
    for (half, sheet) in read.halves() {
        for offset in half.base()..=half.base() | 0x7F {
            let decided_by_bus = match half.upper() {
                None => (3..14).contains(&offset) || offset >= 126,
                Some((Page(0x11), _)) => (134..=153).contains(&offset),
                Some((Page(0x14), _)) => (132..=139).contains(&offset),
                Some((Page(0x2C), _)) => true,
                Some(_) => false,
            };
            let value = sheet.u8(offset);
            let right = truth.sheet(half).is_some_and(|t| t.u8(offset) == value);
            if !decided_by_bus && sheet.knows(offset, 1) && !right {
                wrong.push((half, offset, value));
            }
        }
    }
    wrong
}
