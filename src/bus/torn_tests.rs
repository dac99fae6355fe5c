//! No 16-bit value is ever made of two samples, whatever the way to the module.
//!
//! The registers of the module tick with every message on the bus: both bytes of
//! every word show the same number, and another one with the next message. A torn
//! value is one of two different bytes.

use std::sync::Arc;

use embedded_hal::i2c::{ErrorType, I2c, Operation};

use super::address::Half;
use super::cost::AccessPath;
use super::driven::{Driven, Driver};
use super::image::Image;
use super::meter::Meter;
use super::paging::Paged;
use super::pairs::InPairs;
use super::smbus::{Smbus, SmbusPort, Width};
use super::{BusErrorKind, Memory};
use crate::clock::ManualClock;
use crate::module::sweep::Session;
use crate::sim::builders;
use crate::sim::cage::Cage;
use crate::sim::fault::SimError;
use crate::sim::i2c::SimI2c;
use crate::sim::lifecycle::Startup;
use crate::sim::module::SimModule;
use crate::sim::wire::BusRate;

/// Words that are read in every sweep: half, first and last offset.
const WORDS: [(Half, u8, u8); 3] = [
    (Half::LOWER, 14, 25),
    (Half::page(0x11), 154, 201),
    (Half::page(0x24), 128, 255),
];

/// An adapter that takes so many messages in a transaction, of so many bytes.
struct Ticking {
    cage: Cage,
    i2c: SimI2c,
    ticks: u8,
    most_messages: usize,
    longest: usize,
}

impl Ticking {
    fn new(cage: &Cage, most_messages: usize, longest: usize) -> Self {
        Self {
            cage: cage.clone(),
            i2c: cage.i2c(BusRate::Khz400),
            ticks: 0,
            most_messages,
            longest,
        }
    }

    fn tick(&mut self) {
        self.ticks = self.ticks % 250 + 1;
        for (half, first, last) in WORDS {
            for offset in first..=last {
                self.cage.poke(half, offset, self.ticks);
            }
        }
    }
}

impl ErrorType for Ticking {
    type Error = SimError;
}

impl I2c for Ticking {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), SimError> {
        let is_long = |operation: &Operation<'_>| match operation {
            Operation::Read(buffer) => buffer.len() > self.longest,
            Operation::Write(_) => false,
        };
        if operations.len() > self.most_messages || operations.iter().any(is_long) {
            return Err(SimError::Refused);
        }
        for operation in operations {
            self.tick();
            self.i2c
                .transaction(address, std::slice::from_mut(operation))?;
        }
        Ok(())
    }
}

/// The same as an SMBus adapter would do it.
struct Port(Ticking);

impl SmbusPort for Port {
    fn write_byte(&mut self, address: u8, register: u8, value: u8) -> Result<(), BusErrorKind> {
        Ok(self.0.write(address, &[register, value])?)
    }

    fn read_byte(&mut self, address: u8, register: u8) -> Result<u8, BusErrorKind> {
        let mut byte = [0];
        self.0.write_read(address, &[register], &mut byte)?;
        Ok(byte[0])
    }

    fn read_word(&mut self, address: u8, register: u8) -> Result<[u8; 2], BusErrorKind> {
        let mut word = [0; 2];
        self.0.write_read(address, &[register], &mut word)?;
        Ok(word)
    }

    fn read_block(
        &mut self,
        address: u8,
        register: u8,
        buffer: &mut [u8],
    ) -> Result<(), BusErrorKind> {
        Ok(self.0.write_read(address, &[register], buffer)?)
    }
}

/// The same as a driver would do it, which garbles what is longer than that.
struct Firmware {
    image: Image,
    ticks: u8,
    longest: usize,
}

impl Driver for Firmware {
    fn path(&self) -> AccessPath {
        AccessPath::Ethtool
    }

    fn read(&mut self, half: Half, first: u8, buffer: &mut [u8]) -> Result<(), BusErrorKind> {
        self.ticks = self.ticks % 250 + 1;
        for (half, first, last) in WORDS {
            for offset in first..=last {
                self.image.sheet_mut(half).put(offset, &[self.ticks]);
            }
        }
        let sheet = self.image.sheet(half).ok_or(BusErrorKind::NoSuchPage)?;
        let length = u8::try_from(buffer.len()).unwrap();
        buffer.copy_from_slice(sheet.slice(first, length));
        if buffer.len() > self.longest {
            buffer[self.longest..].fill(0xFF);
        }
        Ok(())
    }
}

/// The registers of a module that never change by themselves.
fn still() -> Image {
    let module = builders::by_name("dsp-800g").unwrap();
    module.registers().image().clone()
}

fn cage(clock: &ManualClock, read_limit: Option<usize>) -> Cage {
    let cage = Cage::new(Arc::new(clock.clone()));
    let module = SimModule::from_image(&still());
    cage.insert(module.with_manners(|manners| {
        manners.startup = Startup::INSTANT;
        manners.read_limit = read_limit;
    }));
    cage
}

/// Sweeps three times and holds both bytes of each word against each other.
fn check(path: &str, memory: &mut dyn Memory, clock: &ManualClock) {
    let mut session = Session::new();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let snapshot = session.sweep(memory, clock).unwrap().snapshot;
        assert_eq!(snapshot.failures, [], "{path}");
        for (half, first, last) in WORDS {
            let sheet = snapshot.image.sheet(half).unwrap();
            for offset in (first..last).step_by(2) {
                if sheet.knows(offset, 2) {
                    let [high, low] = sheet.array::<2>(offset);
                    assert_eq!(high, low, "{path}: {half} {offset}");
                    seen.push(high);
                }
            }
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert!(
        seen.len() > 6,
        "{path}: the registers did not tick: {seen:?}"
    );
}

#[test]
fn no_value_is_torn_over_i2c() {
    let refused = |error: &SimError| *error == SimError::Refused;
    let paths = [
        ("whole", usize::MAX, 128, None),
        ("eight bytes at a time", usize::MAX, 128, Some(8)),
        ("pairs", 2, 128, None),
        ("pairs of 32", 2, 32, None),
        ("pairs of 8", 2, 8, None),
    ];
    for (path, most_messages, longest, read_limit) in paths {
        let clock = ManualClock::new();
        let cage = cage(&clock, read_limit);
        let bus = InPairs::new(Ticking::new(&cage, most_messages, longest), refused);
        let mut memory = Paged::new(bus, clock.clone(), Arc::new(Meter::default()));
        check(path, &mut memory, &clock);
    }
}

#[test]
fn no_value_is_torn_over_smbus() {
    for width in [Width::Block, Width::Word] {
        let clock = ManualClock::new();
        let port = Port(Ticking::new(&cage(&clock, None), 2, 32));
        let bus = InPairs::always(Smbus::new(port, width, clock.clone()));
        let mut memory = Paged::new(bus, clock.clone(), Arc::new(Meter::default()));
        check(&format!("{width:?}"), &mut memory, &clock);
    }
}

#[test]
fn no_value_is_torn_behind_a_driver() {
    for longest in [128, 8] {
        let clock = ManualClock::new();
        let firmware = Firmware {
            image: still(),
            ticks: 0,
            longest,
        };
        let mut memory = Driven::new(firmware, clock.clone(), Arc::new(Meter::default()));
        check(&format!("driver of {longest}"), &mut memory, &clock);
    }
}
