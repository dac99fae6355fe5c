//! The account of a rehearsal against the log of the simulated bus.

use std::sync::{Arc, Mutex};

use embedded_hal::i2c::{ErrorType, I2c, Operation};

use super::*;
use crate::bus::BusErrorKind;
use crate::bus::address::Device;
use crate::bus::cost::SharedPath;
use crate::bus::driven::{Driven, Driver};
use crate::bus::paging::Paged;
use crate::bus::pairs::InPairs;
use crate::bus::read_plan::Cadence;
use crate::bus::smbus::{Smbus, SmbusPort, Width};
use crate::sim::builders;
use crate::sim::cage::Cage;
use crate::sim::fault::SimError;
use crate::sim::i2c::SimI2c;
use crate::sim::lifecycle::Startup;
use crate::sim::module::SimModule;
use crate::sim::wire::BusRate;

const PERIOD: Duration = Duration::from_secs(1);

/// Every byte read: device, page (`None` is lower memory), bank, offset.
type Log = Arc<Mutex<Vec<(u8, Option<u8>, u8, u8)>>>;

/// The simulated bus behind an adapter that takes reads of so many bytes, one a
/// transaction where they are shorter than a page. It writes down what is read.
#[derive(Clone)]
struct Adapter {
    i2c: SimI2c,
    cage: Cage,
    longest: usize,
    log: Log,
}

#[derive(Debug)]
enum Said {
    Unsupported,
    Sim(SimError),
}

impl embedded_hal::i2c::Error for Said {
    fn kind(&self) -> embedded_hal::i2c::ErrorKind {
        embedded_hal::i2c::ErrorKind::Other
    }
}

impl From<Said> for BusErrorKind {
    fn from(said: Said) -> Self {
        match said {
            Said::Unsupported => Self::Other("unsupported".to_owned()),
            Said::Sim(error) => error.into(),
        }
    }
}

impl ErrorType for Adapter {
    type Error = Said;
}

impl I2c for Adapter {
    fn transaction(&mut self, a: u8, operations: &mut [Operation<'_>]) -> Result<(), Said> {
        let is_long = |o: &Operation<'_>| matches!(o, Operation::Read(b) if b.len() > self.longest);
        if self.longest < 128 && (operations.len() > 2 || operations.iter().any(is_long)) {
            return Err(Said::Unsupported);
        }
        self.i2c.transaction(a, operations).map_err(Said::Sim)?;
        let lower = |offset| self.cage.peek(Half::LOWER, offset).unwrap_or_default();
        let (bank, page) = (lower(126), lower(127));
        let mut offset = 0;
        let mut log = self.log.lock().unwrap();
        for operation in operations {
            match operation {
                Operation::Write(bytes) => offset = bytes[0],
                Operation::Read(buffer) => {
                    for n in 0..u8::try_from(buffer.len()).unwrap() {
                        let at = offset + n;
                        log.push((a, (at >= 128).then_some(page), bank, at));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The simulated bus as an SMBus adapter drives it.
impl SmbusPort for Adapter {
    fn write_byte(&mut self, a: u8, register: u8, value: u8) -> Result<(), BusErrorKind> {
        Ok(self.write(a, &[register, value])?)
    }

    fn read_byte(&mut self, a: u8, register: u8) -> Result<u8, BusErrorKind> {
        let mut byte = [0];
        self.write_read(a, &[register], &mut byte)?;
        Ok(byte[0])
    }

    fn read_word(&mut self, a: u8, register: u8) -> Result<[u8; 2], BusErrorKind> {
        let mut word = [0; 2];
        self.write_read(a, &[register], &mut word)?;
        Ok(word)
    }

    fn read_block(&mut self, a: u8, register: u8, buffer: &mut [u8]) -> Result<(), BusErrorKind> {
        Ok(self.write_read(a, &[register], buffer)?)
    }
}

/// A driver that does on the simulated bus what its account says.
struct PageSelector {
    adapter: Adapter,
    path: AccessPath,
    /// Whether the module has pages at all.
    addressing: Addressing,
}

impl Driver for PageSelector {
    fn read(&mut self, half: Half, first: u8, buffer: &mut [u8]) -> Result<(), BusErrorKind> {
        let address = half.device().address();
        let bus = &mut self.adapter;
        let (page, bank) = half.upper().map_or((0, 0), |(p, b)| (p.0, b.number()));
        let is_optoe = self.path == AccessPath::Optoe;
        let selects = half.upper().is_some()
            && self.addressing != Addressing::Flat
            && (page != 0 || !is_optoe);
        if !selects {
            return Ok(bus.write_read(address, &[first], buffer)?);
        }
        let with_bank = match self.path {
            AccessPath::Optoe => bank > 0,
            _ => self.addressing == Addressing::BankAndPage,
        };
        let select = |bus: &mut Adapter, bank: u8, page: u8| match with_bank {
            true => bus.write(address, &[126, bank, page]),
            false => bus.write(address, &[127, page]),
        };
        if is_optoe {
            bus.write_read(Device::A0.address(), &[2], &mut [0])?;
        }
        select(bus, bank, page)?;
        bus.write_read(address, &[first], buffer)?;
        if is_optoe {
            select(bus, 0, 0)?;
        }
        Ok(())
    }

    fn path(&self) -> AccessPath {
        self.path
    }
}

/// A module in a cage, reached in some way, and who sweeps it.
struct Bench {
    clock: ManualClock,
    cage: Cage,
    log: Log,
    memory: Box<dyn Memory>,
    session: Session,
}

fn bench(module: SimModule, path: AccessPath, reach: Reach, leaves: bool) -> Bench {
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    cage.insert(module.with_manners(|manners| {
        manners.startup = Startup::INSTANT;
        // A refused access is repeated: its price is the module's, not the plan's.
        manners.page_hold = Duration::ZERO;
        manners.write_hold = Duration::ZERO;
    }));
    clock.advance(PERIOD);
    let log = Log::default();
    let adapter = Adapter {
        i2c: cage.i2c(BusRate::default()),
        cage: cage.clone(),
        longest: match path {
            AccessPath::Pairs(longest @ 0..128) => longest.into(),
            _ => 128,
        },
        log: Arc::clone(&log),
    };
    let paged = |bus| Paged::new(bus, clock.clone(), Arc::default()).leaving_page_zero(leaves);
    let smbus = |width| {
        let smbus = Smbus::new(adapter.clone(), width, clock.clone());
        let bus = InPairs::always(smbus);
        let module = Paged::new(bus, clock.clone(), Arc::default());
        Box::new(module.leaving_page_zero(leaves).over(SharedPath::new(path)))
    };
    let memory: Box<dyn Memory> = match path {
        AccessPath::Combined => Box::new(paged(adapter)),
        AccessPath::Pairs(longest) => {
            let refuses = |said: &Said| matches!(said, Said::Unsupported);
            let bus = match longest {
                128 => InPairs::always(adapter),
                _ => InPairs::new(adapter, refuses),
            };
            let path = bus.path();
            let module = Paged::new(bus, clock.clone(), Arc::default());
            Box::new(module.leaving_page_zero(leaves).over(path))
        }
        AccessPath::SmbusBlock => smbus(Width::Block),
        AccessPath::SmbusWord => smbus(Width::Word),
        AccessPath::Optoe | AccessPath::Ethtool => {
            let driver = PageSelector {
                adapter,
                path,
                addressing: reach.addressing,
            };
            Box::new(Driven::new(driver, clock.clone(), Arc::default()))
        }
    };
    Bench {
        clock,
        cage,
        log,
        memory,
        session: Session::new(),
    }
}

impl Bench {
    /// What one sweep puts on the wire.
    fn sweep(&mut self) -> Cost {
        self.clock.advance(PERIOD);
        self.log.lock().unwrap().clear();
        let before = self.cage.traffic();
        let swept = self.session.sweep(&mut *self.memory, &self.clock);
        swept.unwrap();
        let after = self.cage.traffic();
        assert_eq!(after.failures, before.failures);
        let clocks = after.bits - before.bits;
        let transactions = after.transactions - before.transactions;
        let payload = after.bytes - before.bytes;
        // A message is START, address byte and payload, a transaction ends in STOP.
        let messages = (clocks - transactions - 9 * payload) / 10;
        Cost {
            clocks,
            transactions,
            bytes: messages + payload,
        }
    }

    /// Raises a flag on each page and bank that has some.
    fn raise_flags(&self, image: &Image) {
        for (half, _) in image.halves() {
            let page = half.upper().map(|(page, _)| page.0);
            let flag = match page {
                Some(0x11) => 135,
                Some(0x12) => 231,
                Some(0x14) => 132,
                Some(0x2C) => 128,
                _ => continue,
            };
            self.cage.poke(half, flag, 1);
        }
    }

    /// The bytes of registers that never change that were read since the last
    /// sweep began.
    fn static_bytes(&self, management: Management, banks: u8) -> Vec<(Option<u8>, u8, u8)> {
        let spans = read_list::of_cadence(management, Cadence::Insertion, banks);
        let log = self.log.lock().unwrap();
        let is_static = |(address, page, bank, offset): &(u8, Option<u8>, u8, u8)| {
            spans.iter().any(|span| {
                let half = span.half();
                let upper = half.upper().map(|(page, _)| page.0);
                let own_bank = half
                    .upper()
                    .is_none_or(|(p, b)| !p.is_banked() || b.number() == *bank);
                half.device().address() == *address
                    && upper == *page
                    && own_bank
                    && (span.first()..=span.last()).contains(offset)
            })
        };
        let found = log.iter().filter(|read| is_static(read));
        found
            .map(|(_, page, bank, offset)| (*page, *bank, *offset))
            .collect()
    }
}

/// A simulated module and its registers.
fn simulated(name: &str) -> (SimModule, Image) {
    let module = builders::by_name(name).unwrap();
    let image = module.registers().image().clone();
    (module, image)
}

/// Rehearses as [`Session::sweep`] sweeps: slow groups every tenth time.
fn rehearsed(
    image: &Image,
    path: AccessPath,
    settings: SweepSettings,
    leaves_page_zero: bool,
) -> Result<Rehearsal, BusError> {
    let turns: Vec<Due> = (1..=SWEEPS)
        .map(|n| Due {
            vdm: true,
            slow: n % 10 == 0,
        })
        .collect();
    let manner = Manner {
        path,
        settings,
        leaves_page_zero,
        period: PERIOD,
        turns: &turns,
    };
    rehearse(image, manner)
}

/// Holds the account of a module on a path against the log of the bus.
fn hold(name: &str, path: AccessPath, leaves: bool) -> Rehearsal {
    let (module, image) = simulated(name);
    let told = rehearsed(&image, path, SweepSettings::default(), leaves).unwrap();
    let mut bench = bench(module, path, told.reach, leaves);
    assert_eq!(
        bench.sweep(),
        told.insertion.cost,
        "{name} {path:?} insertion"
    );
    let mut cheapest = None;
    for (n, expected) in told.quiet.iter().enumerate() {
        let seen = bench.sweep();
        assert_eq!(seen, *expected, "{name} {path:?} sweep {n}");
        cheapest = cheapest.into_iter().chain([seen]).min();
    }
    assert_eq!(cheapest, Some(told.steady.cost), "{name} {path:?} steady");
    let mut costliest = Cost::ZERO;
    for _ in 0..SWEEPS {
        bench.raise_flags(&image);
        costliest = costliest.max(bench.sweep());
    }
    assert_eq!(costliest, told.worst.cost, "{name} {path:?} worst");
    told
}

#[test]
fn the_bus_sees_what_the_account_says() {
    for name in builders::NAMES {
        for path in AccessPath::ALL {
            let told = hold(name, path, false);
            for account in [&told.steady, &told.worst] {
                let ideal = account.ideal(&told.reach, 0);
                let ratio = account.cost.clocks * 100 / ideal.clocks;
                assert!((100..=105).contains(&ratio), "{name} {path:?}: {ratio} %");
                assert!(ideal.transactions * 21 >= account.cost.transactions * 20);
            }
        }
    }
}

#[test]
fn leaving_page_zero_costs_a_select_and_a_look_at_the_serial_number() {
    for name in ["dsp-800g", "dac-400g", "qsfp28", "sfp28"] {
        for path in AccessPath::ALL {
            let (left, kept) = (hold(name, path, true), hold(name, path, false));
            let is_paged = kept.reach.addressing != Addressing::Flat && !path.is_driven();
            let is_dearer = left.steady.cost > kept.steady.cost;
            assert_eq!(is_dearer, is_paged, "{name} {path:?}");
            let ideal = left.steady.ideal(&left.reach, 0);
            assert!(ideal <= left.steady.cost, "{name} {path:?}");
        }
    }
}

#[test]
fn a_steady_sweep_reads_nothing_that_does_not_change() {
    for name in builders::NAMES {
        let (module, image) = simulated(name);
        let path = AccessPath::Combined;
        let told = rehearsed(&image, path, SweepSettings::default(), false).unwrap();
        let mut bench = bench(module, path, told.reach, false);
        bench.sweep();
        assert!(!bench.static_bytes(told.management, 4).is_empty(), "{name}");
        for expected in &told.quiet {
            assert_eq!(bench.sweep(), *expected, "{name}");
            let read = bench.static_bytes(told.management, 4);
            // Without a page register to judge by, the serial number tells whether
            // it is the same module.
            let serial = |at: &(Option<u8>, u8, u8)| match told.management {
                Management::Cmis => at.0 == Some(0) && (166..=181).contains(&at.2),
                Management::Sff8636 => at.0 == Some(0) && (196..=211).contains(&at.2),
                _ => at.0.is_none() && (68..=83).contains(&at.2),
            };
            let is_flat = told.reach.addressing == Addressing::Flat;
            let allowed = if is_flat { 16 } else { 0 };
            assert_eq!(read.len(), allowed, "{name}: {read:?}");
            assert!(read.iter().all(serial), "{name}: {read:?}");
        }
    }
}

#[test]
fn a_frozen_sweep_costs_the_handshake_more() {
    let (_, image) = simulated("dsp-800g");
    let with = |freeze| {
        let settings = SweepSettings {
            freeze,
            ..SweepSettings::default()
        };
        rehearsed(&image, AccessPath::Combined, settings, false).unwrap()
    };
    let (free, frozen) = (with(false), with(true));
    assert_eq!(free.steady.cost, frozen.steady.cost);
    assert!(frozen.worst.cost.transactions > free.worst.cost.transactions + 10);
}

#[test]
fn an_image_without_lower_memory_is_no_module() {
    let told = rehearsed(
        &Image::new(),
        AccessPath::Combined,
        SweepSettings::default(),
        false,
    );
    assert_eq!(told.unwrap_err().kind, BusErrorKind::NoAnswer);
}
