//! I2C over an adapter that can do SMBus only.
//!
//! There is no combined transaction of more than one read, so this bus goes
//! under [`InPairs`](super::pairs::InPairs), which looks at the select bytes
//! before and behind the data. Reads are I2C block reads of up to 32 bytes, or
//! words where an adapter has no blocks. A word is read in one transfer, so no
//! 16-bit value is made of two samples; all of them lie at even offsets in CMIS,
//! SFF-8636 and SFF-8472. Single bytes would not do: two halves of a value may
//! belong to different samples, and reading again to make sure clears flags.
//!
//! Bank and page are written byte by byte: byte 126 has no effect until 127 is
//! written (CMIS 5.4 section 5.2.2).

use std::fmt;
use std::time::Duration;

use embedded_hal::i2c::{Error, ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};

use super::cost::AccessPath;
use super::pieces::chunks;
use super::{BusErrorKind, Part};
use crate::clock::Clock;

/// The longest block (I2C_SMBUS_BLOCK_MAX).
const BLOCK: u8 = 32;
/// Bytes of a word.
const WORD: u8 = 2;
/// For how long a module may refuse the next byte of a write: tWRITE is 10 ms at
/// most (CMIS 5.4 Table 10-5), and some slack.
const HOLD_OFF: Duration = Duration::from_millis(12);
/// How often it is asked in that time.
const PAUSE: Duration = Duration::from_micros(500);

/// What an SMBus adapter does for a module at a 7-bit address.
pub trait SmbusPort {
    /// Writes one byte.
    ///
    /// # Errors
    /// What went wrong on the bus; so for all others.
    fn write_byte(&mut self, address: u8, register: u8, value: u8) -> Result<(), BusErrorKind>;

    /// Reads one byte.
    ///
    /// # Errors
    /// As [`SmbusPort::write_byte`].
    fn read_byte(&mut self, address: u8, register: u8) -> Result<u8, BusErrorKind>;

    /// Reads two bytes in one transfer, in the order of their offsets.
    ///
    /// # Errors
    /// As [`SmbusPort::write_byte`].
    fn read_word(&mut self, address: u8, register: u8) -> Result<[u8; 2], BusErrorKind>;

    /// Reads up to 32 bytes in one transfer.
    ///
    /// # Errors
    /// As [`SmbusPort::write_byte`]; a block of another length is a bus fault.
    fn read_block(
        &mut self,
        address: u8,
        register: u8,
        buffer: &mut [u8],
    ) -> Result<(), BusErrorKind>;
}

/// The widest read that an adapter offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// I2C blocks of up to 32 bytes.
    Block,
    /// Words, and bytes where a run begins or ends at an odd offset.
    Word,
}

impl Width {
    /// What it means for the price of a read.
    pub const fn path(self) -> AccessPath {
        match self {
            Self::Block => AccessPath::SmbusBlock,
            Self::Word => AccessPath::SmbusWord,
        }
    }
}

/// An SMBus adapter as an I2C bus.
pub struct Smbus<P, C> {
    port: P,
    width: Width,
    clock: C,
}

impl<P: SmbusPort, C: Clock> Smbus<P, C> {
    /// The bus behind `port`, read in pieces of `width`; waits on `clock`.
    pub fn new(port: P, width: Width, clock: C) -> Self {
        Self { port, width, clock }
    }

    /// Writes bytes one by one. A module may hold off after each of them.
    fn write(&mut self, address: u8, offset: u8, bytes: &[u8]) -> Result<(), BusErrorKind> {
        for (register, value) in (offset..).zip(bytes) {
            let give_up = self.clock.now() + HOLD_OFF;
            loop {
                let outcome = self.port.write_byte(address, register, *value);
                let refused = matches!(
                    &outcome,
                    Err(BusErrorKind::NoAnswer | BusErrorKind::Refused)
                );
                // The first byte is for the caller to repeat: nothing happened yet.
                if !refused || register == offset || self.clock.now() + PAUSE > give_up {
                    break outcome?;
                }
                self.clock.sleep(PAUSE);
            }
        }
        Ok(())
    }

    /// Reads a run in as few transfers as the width allows.
    fn read(&mut self, address: u8, first: u8, buffer: &mut [u8]) -> Result<(), BusErrorKind> {
        let length = u8::try_from(buffer.len())
            .map_err(|_| BusErrorKind::Other("longer than a module".to_owned()))?;
        let longest = match self.width {
            Width::Block => BLOCK,
            Width::Word => WORD,
        };
        let mut rest = buffer;
        for piece in chunks(Part { first, length }, longest) {
            let length = usize::from(piece.length).min(rest.len());
            let (bytes, others) = rest.split_at_mut(length);
            match (self.width, &mut *bytes) {
                (Width::Block, block) => self.port.read_block(address, piece.first, block)?,
                (Width::Word, [byte]) => *byte = self.port.read_byte(address, piece.first)?,
                (Width::Word, word) => {
                    word.copy_from_slice(&self.port.read_word(address, piece.first)?);
                }
            }
            rest = others;
        }
        Ok(())
    }
}

/// What an SMBus adapter said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmbusError(pub BusErrorKind);

impl fmt::Display for SmbusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for SmbusError {
    fn kind(&self) -> ErrorKind {
        match self.0 {
            BusErrorKind::NoAnswer => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address),
            BusErrorKind::Refused => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data),
            BusErrorKind::ArbitrationLost => ErrorKind::ArbitrationLoss,
            BusErrorKind::BusFault => ErrorKind::Bus,
            _ => ErrorKind::Other,
        }
    }
}

impl From<SmbusError> for BusErrorKind {
    fn from(error: SmbusError) -> Self {
        error.0
    }
}

impl<P, C> ErrorType for Smbus<P, C> {
    type Error = SmbusError;
}

impl<P: SmbusPort, C: Clock> I2c for Smbus<P, C> {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        let outcome = match operations {
            [Operation::Write([offset]), Operation::Read(buffer)] => {
                self.read(address, *offset, buffer)
            }
            [Operation::Write([offset, bytes @ ..])] => self.write(address, *offset, bytes),
            _ => Err(BusErrorKind::Other("not a transfer of SMBus".to_owned())),
        };
        outcome.map_err(SmbusError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::Memory;
    use crate::bus::meter::Meter;
    use crate::bus::paging::Paged;
    use crate::bus::pairs::InPairs;
    use crate::clock::ManualClock;
    use crate::module::Snapshot;
    use crate::module::sweep::Session;
    use crate::sim::builders;
    use crate::sim::cage::Cage;
    use crate::sim::i2c::SimI2c;
    use crate::sim::wire::BusRate;
    use std::sync::Arc;

    /// The simulated bus as an SMBus adapter would drive it.
    struct SimPort {
        i2c: SimI2c,
        bytes_read: usize,
        blocks_read: usize,
    }

    impl SmbusPort for SimPort {
        fn write_byte(&mut self, address: u8, register: u8, value: u8) -> Result<(), BusErrorKind> {
            Ok(self.i2c.write(address, &[register, value])?)
        }

        fn read_byte(&mut self, address: u8, register: u8) -> Result<u8, BusErrorKind> {
            self.bytes_read += 1;
            let mut byte = [0];
            self.i2c.write_read(address, &[register], &mut byte)?;
            Ok(byte[0])
        }

        fn read_word(&mut self, address: u8, register: u8) -> Result<[u8; 2], BusErrorKind> {
            assert_eq!(register % 2, 0);
            let mut word = [0; 2];
            self.i2c.write_read(address, &[register], &mut word)?;
            Ok(word)
        }

        fn read_block(&mut self, a: u8, register: u8, b: &mut [u8]) -> Result<(), BusErrorKind> {
            assert!(b.len() <= 32);
            self.blocks_read += 1;
            Ok(self.i2c.write_read(a, &[register], b)?)
        }
    }

    /// A cage with that module in it, long powered.
    fn cage(name: &str, clock: &ManualClock) -> Cage {
        let cage = Cage::new(Arc::new(clock.clone()));
        cage.insert(builders::by_name(name).unwrap());
        clock.advance(Duration::from_secs(30));
        cage
    }

    fn snapshot(memory: &mut dyn Memory, clock: &ManualClock) -> Snapshot {
        Session::new().sweep(memory, clock).unwrap().snapshot
    }

    fn bus(cage: &Cage, width: Width, clock: &ManualClock) -> Smbus<SimPort, ManualClock> {
        let port = SimPort {
            i2c: cage.i2c(BusRate::default()),
            bytes_read: 0,
            blocks_read: 0,
        };
        Smbus::new(port, width, clock.clone())
    }

    #[test]
    fn every_module_reads_the_same_as_over_plain_i2c() {
        for name in builders::NAMES {
            let still = builders::by_name(name).unwrap().registers().image().clone();
            for width in [Width::Block, Width::Word] {
                let read = |smbus: bool| {
                    let clock = ManualClock::new();
                    let cage = Cage::new(Arc::new(clock.clone()));
                    cage.insert(crate::sim::module::SimModule::from_image(&still));
                    clock.advance(Duration::from_secs(30));
                    let meter = Arc::new(Meter::default());
                    let mut memory: Box<dyn Memory> = if smbus {
                        let bus = InPairs::always(bus(&cage, width, &clock));
                        Box::new(Paged::new(bus, clock.clone(), meter))
                    } else {
                        let bus = cage.i2c(BusRate::default());
                        Box::new(Paged::new(bus, clock.clone(), meter))
                    };
                    let mut seen = snapshot(memory.as_mut(), &clock);
                    (seen.started, seen.finished) = (Duration::ZERO, Duration::ZERO);
                    seen
                };
                assert_eq!(read(true), read(false), "{name} {width:?}");
            }
        }
    }

    #[test]
    fn bank_and_page_are_written_in_single_bytes_and_nothing_else_is() {
        let clock = ManualClock::new();
        let cage = cage("cpo-32", &clock);
        let bus = InPairs::always(bus(&cage, Width::Block, &clock));
        let mut memory = Paged::new(bus, clock.clone(), Arc::new(Meter::default()));
        let seen = snapshot(&mut memory, &clock);
        assert_eq!(seen.failures, []);
        let log = cage.write_log();
        assert!(log.iter().any(|w| w.offset == 126 && w.bytes == [3]));
        assert!(
            log.iter()
                .all(|w| matches!(w.offset, 126 | 127) && w.bytes.len() == 1)
        );
    }

    #[test]
    fn words_are_whole_and_bytes_stand_at_odd_ends_only() {
        let clock = ManualClock::new();
        let cage = cage("dsp-800g", &clock);
        let mut bus = bus(&cage, Width::Word, &clock);
        let (mut odd, mut even) = ([0; 5], [0; 6]);
        bus.write_read(0x50, &[1], &mut odd).unwrap();
        assert_eq!(bus.port.bytes_read, 1);
        bus.write_read(0x50, &[0], &mut even).unwrap();
        assert_eq!(bus.port.bytes_read, 1);
        assert_eq!(odd, even[1..]);
    }

    #[test]
    fn what_smbus_cannot_do_is_refused() {
        let clock = ManualClock::new();
        let cage = cage("dsp-800g", &clock);
        let mut bus = bus(&cage, Width::Block, &clock);
        assert!(I2c::read(&mut bus, 0x50, &mut [0]).is_err());
        cage.remove();
        let error = bus.write_read(0x50, &[0], &mut [0]).unwrap_err();
        assert_eq!(BusErrorKind::from(error), BusErrorKind::NoAnswer);
    }
}
