//! A module on a bus where anything may go wrong, swept over the wire: every sweep
//! ends, and nothing is written but page selects.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use embedded_hal::i2c::{ErrorType, I2c, Operation};
use opticsd::bus::meter::Meter;
use opticsd::bus::paging::Paged;
use opticsd::clock::ManualClock;
use opticsd::module::sweep::{Session, SweepSettings};
use opticsd::sim::builders;
use opticsd::sim::cage::Cage;
use opticsd::sim::fault::SimError;
use opticsd::sim::i2c::SimI2c;
use opticsd::sim::lifecycle::Startup;
use opticsd::sim::module::SimModule;
use opticsd::sim::wire::BusRate;

use super::feed::Feed;

/// How many sweeps a run has.
const SWEEPS: u32 = 3;
/// No sweep takes more transactions, whatever happens in it.
const MOST_TRANSACTIONS: u32 = 5_000;
/// The first byte that selects bank and page.
const BANK_SELECT: u8 = 126;
const PAGE_SELECT: u8 = 127;

/// A bus on which each transaction goes as the next byte of a script says.
struct Haunted {
    bus: SimI2c,
    script: Vec<u8>,
    next: usize,
    transactions: Arc<AtomicU32>,
}

impl Haunted {
    /// The next byte of the script; behind it all is well.
    fn byte(&mut self) -> u8 {
        let byte = self.script.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        byte
    }
}

impl ErrorType for Haunted {
    type Error = SimError;
}

impl I2c for Haunted {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), SimError> {
        let count = self.transactions.fetch_add(1, Ordering::Relaxed);
        assert!(count < MOST_TRANSACTIONS, "the sweep does not end");
        assert!(matches!(address, 0x50 | 0x51), "address {address:#x}");
        for operation in &*operations {
            if let Operation::Write(bytes) = operation {
                let selects = match bytes {
                    [] | [_] => true,
                    [BANK_SELECT, rest @ ..] => rest.len() <= 2,
                    [PAGE_SELECT, rest @ ..] => rest.len() == 1,
                    _ => false,
                };
                assert!(selects, "{bytes:02x?} was written");
            }
        }
        match self.byte() {
            0xC0..=0xC7 => return Err(SimError::NoAnswer),
            0xC8..=0xCB => return Err(SimError::Refused),
            0xCC..=0xCF => return Err(SimError::ArbitrationLost),
            0xD0..=0xD3 => return Err(SimError::BusFault),
            0xD4..=0xD7 => return Err(SimError::TimedOut),
            0xD8..=0xDB => return Err(SimError::Errno(self.byte())),
            // Another master moves the page.
            0xDC..=0xDF => {
                let select = [BANK_SELECT, self.byte(), self.byte()];
                self.bus
                    .transaction(0x50, &mut [Operation::Write(&select)])?;
            }
            _ => {}
        }
        self.bus.transaction(address, operations)?;
        for operation in operations {
            let Operation::Read(buffer) = operation else {
                continue;
            };
            match self.byte() {
                0xE0..=0xEF => {
                    let (mask, at) = (self.byte(), usize::from(self.byte()));
                    buffer
                        .iter_mut()
                        .skip(at)
                        .take(1)
                        .for_each(|byte| *byte ^= mask);
                }
                0xF0..=0xF7 => buffer.fill_with(|| self.byte()),
                0xF8..=0xFF => {
                    let from = usize::from(self.byte());
                    buffer.iter_mut().skip(from).for_each(|byte| *byte = 0xFF);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A module, how its port is used, and what becomes of each transaction.
pub fn sweep(bytes: &[u8]) {
    let mut feed = Feed(bytes);
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    let settings = feed.byte().unwrap_or_default();
    if let Some(module) = modules().get(usize::from(settings >> 4) % modules().len().max(1)) {
        cage.insert(module.clone());
    }
    let transactions = Arc::<AtomicU32>::default();
    let bus = Haunted {
        bus: cage.i2c(BusRate::Khz400),
        script: feed.0.to_vec(),
        next: 0,
        transactions: Arc::clone(&transactions),
    };
    let memory = Paged::new(bus, clock.clone(), Arc::new(Meter::default()));
    let mut memory = memory.leaving_page_zero(settings & 1 != 0);
    let mut session = Session::with_settings(SweepSettings {
        passive: settings & 2 != 0,
        freeze: false,
    });
    for _ in 0..SWEEPS {
        transactions.store(0, Ordering::Relaxed);
        clock.advance(Duration::from_secs(1));
        if let Err(error) = session.sweep(&mut memory, &clock) {
            assert!(!error.to_string().is_empty());
        }
    }
    for write in cage
        .write_log()
        .iter()
        .filter(|write| !write.bytes.is_empty())
    {
        let end = usize::from(write.offset) + write.bytes.len();
        let selects = write.offset >= BANK_SELECT && end <= usize::from(PAGE_SELECT) + 1;
        assert!(selects, "{write:?}");
    }
}

/// A module of each family that is up at once.
fn modules() -> &'static [SimModule] {
    static MODULES: LazyLock<Vec<SimModule>> = LazyLock::new(|| {
        let modules = builders::NAMES
            .iter()
            .filter_map(|name| builders::by_name(name));
        let up = |module: SimModule| module.with_manners(|m| m.startup = Startup::INSTANT);
        modules.map(up).collect()
    });
    assert_eq!(MODULES.len(), builders::NAMES.len());
    &MODULES
}
