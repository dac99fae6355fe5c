//! Sweeps over simulated modules: what is read, what it costs, and what another
//! master, a broken bus or a swap can do to it.

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

#[test]
fn every_simulated_module_is_read_whole() {
    for name in builders::NAMES {
        let sweep = Bench::new(builder(name)).sweep().unwrap();
        assert!(sweep.inserted, "{name}");
        let failures = &sweep.snapshot.failures;
        assert!(failures.is_empty(), "{name}: {failures:?}");
        let identity = &sweep.snapshot.identity;
        assert!(identity.serial.as_ref().value().is_some(), "{name}");
    }
}

#[test]
fn a_steady_sweep_is_cheap_and_reads_nothing_static() {
    for (name, most) in [
        ("dsp-800g", 27),
        ("lpo-800g", 8),
        ("cpo-32", 24),
        ("qsfp28", 4),
    ] {
        let mut bench = Bench::new(builder(name));
        bench.sweep().unwrap();
        for _ in 0..5 {
            let sweep = bench.sweep().unwrap();
            assert!(!sweep.inserted, "{name}");
            assert!(sweep.snapshot.failures.is_empty(), "{name}");
            assert!(
                bench.transactions() <= most,
                "{name}: {}",
                bench.transactions()
            );
        }
    }
    let mut bench = Bench::new(builder("dsp-800g"));
    bench.sweep().unwrap();
    let before = bench.cage.write_log().len();
    bench.sweep().unwrap();
    for write in &bench.cage.write_log()[before..] {
        let page = write.bytes[1];
        assert!(
            [0x10, 0x11, 0x14, 0x2C, 0x2F].contains(&page) || (0x24..0x28).contains(&page),
            "page {page:02x}h"
        );
    }
}

#[test]
fn another_master_between_any_two_transactions_puts_no_wrong_value() {
    let (_, truth) = still("dsp-800g");
    for steady in [false, true] {
        let all = transactions_of_a_sweep(&truth, steady);
        for place in 0..all {
            for (bank, page) in [(0, 0x02), (0, 0x00), (1, 0x11), (0, 0x24), (0, 0xFF)] {
                let armed = Arc::new(Mutex::new(!steady));
                let is_armed = Arc::clone(&armed);
                let before: Before = Box::new(move |number, cage| {
                    if *is_armed.lock().unwrap() && number == place {
                        let _ = cage.i2c(BusRate::Khz400).write(0x50, &[126, bank, page]);
                    }
                    Ok(())
                });
                let mut bench = Bench::disturbed(SimModule::from_image(&truth), before);
                if steady {
                    bench.sweep().unwrap();
                    *armed.lock().unwrap() = true;
                }
                let sweep = bench.sweep().unwrap();
                let wrong = wrong_bytes(&sweep.snapshot.image, &truth);
                assert!(wrong.is_empty(), "before {place}, {page:02x}h: {wrong:?}");
                assert_eq!(sweep.snapshot.failures, [], "before {place}, {page:02x}h");
            }
        }
    }
}

#[test]
fn a_restless_master_puts_no_wrong_value() {
    let (_, truth) = still("dsp-800g");
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let before: Before = Box::new(move |_, cage| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let [chance, bank, page, ..] = random.to_le_bytes();
        if chance < 8 {
            let _ = cage
                .i2c(BusRate::Khz400)
                .write(0x50, &[126, bank & 1, page & 0x3F]);
        }
        Ok(())
    });
    let mut bench = Bench::disturbed(SimModule::from_image(&truth), before);
    bench.cage.keep_writes(0);
    let mut read = 0;
    let sweeps: usize = std::env::var("OPTICSD_RESTLESS_SWEEPS")
        .map_or(2_000, |number| number.parse().expect("a number of sweeps"));
    for _ in 0..sweeps {
        if let Ok(sweep) = bench.sweep() {
            let wrong = wrong_bytes(&sweep.snapshot.image, &truth);
            assert!(wrong.is_empty(), "{wrong:?}");
            read += usize::from(sweep.snapshot.failures.is_empty());
        }
    }
    assert!(read > sweeps / 2, "{read} of {sweeps} sweeps were whole");
}

/// How many transactions the first sweep over a module makes, or the second.
fn transactions_of_a_sweep(truth: &Image, steady: bool) -> usize {
    let mut bench = Bench::new(SimModule::from_image(truth));
    bench.sweep().unwrap();
    if steady {
        bench.sweep().unwrap();
    }
    let all = bench.transactions();
    assert!(all > 10, "{all}");
    all
}

/// A bench that is disturbed in its first sweep, or in its second.
fn disturbed_in(truth: &Image, steady: bool, mut before: Before) -> Bench {
    let mut sweeps = 0;
    let wanted = if steady { 2 } else { 1 };
    let in_one: Before = Box::new(move |number, cage| {
        sweeps += u32::from(number == 0);
        match sweeps == wanted {
            true => before(number, cage),
            false => Ok(()),
        }
    });
    let mut bench = Bench::disturbed(SimModule::from_image(truth), in_one);
    if steady {
        bench.sweep().unwrap();
    }
    bench
}

const ERRORS: [SimError; 5] = [
    SimError::NoAnswer,
    SimError::Refused,
    SimError::ArbitrationLost,
    SimError::BusFault,
    SimError::TimedOut,
];

#[test]
fn one_fault_at_any_transaction_costs_nothing() {
    let (_, truth) = still("dsp-800g");
    for steady in [false, true] {
        let all = transactions_of_a_sweep(&truth, steady);
        for (error, place) in ERRORS
            .into_iter()
            .flat_map(|e| (0..all).map(move |p| (e, p)))
        {
            let before: Before = Box::new(move |number, _| match number == place {
                true => Err(error),
                false => Ok(()),
            });
            let mut bench = disturbed_in(&truth, steady, before);
            let sweep = bench.sweep().unwrap();
            assert_eq!(sweep.snapshot.failures, [], "{error} at {place}");
            assert_eq!(wrong_bytes(&sweep.snapshot.image, &truth), []);
        }
    }
}

#[test]
fn a_flipped_bit_of_the_page_register_costs_nothing() {
    let (_, truth) = still("dsp-800g");
    for steady in [false, true] {
        for place in 0..transactions_of_a_sweep(&truth, steady) {
            for bit in 0..16 {
                let before: Before = Box::new(move |number, cage| {
                    if number == place {
                        let stands = |offset| cage.peek(Half::LOWER, offset).unwrap();
                        let flipped = u16::from_be_bytes([stands(126), stands(127)]) ^ 1 << bit;
                        let [bank, page] = flipped.to_be_bytes();
                        let _ = cage.i2c(BusRate::Khz400).write(0x50, &[126, bank, page]);
                    }
                    Ok(())
                });
                let mut bench = disturbed_in(&truth, steady, before);
                let sweep = bench.sweep().unwrap();
                let context = format!("bit {bit} before {place}");
                assert_eq!(sweep.snapshot.failures, [], "{context}");
                let wrong = wrong_bytes(&sweep.snapshot.image, &truth);
                assert_eq!(wrong, [], "{context}");
            }
        }
    }
}

#[test]
fn a_read_that_is_cut_short_brings_no_wrong_value() {
    let (_, truth) = still("dsp-800g");
    let mut told = 0;
    for steady in [false, true] {
        for lasts in [1, 40] {
            for place in 0..transactions_of_a_sweep(&truth, steady) {
                let context = format!("{lasts} from {place} on, steady: {steady}");
                let before: Before = Box::new(move |number, cage| {
                    let is_short = (place..place + lasts).contains(&number);
                    cage.set_fault(if is_short {
                        Fault::ShortReads
                    } else {
                        Fault::None
                    });
                    Ok(())
                });
                let mut bench = disturbed_in(&truth, steady, before);
                match bench.sweep() {
                    Ok(Sweep { snapshot, .. }) => {
                        assert_eq!(wrong_bytes(&snapshot.image, &truth), [], "{context}");
                        for failure in &snapshot.failures {
                            assert_eq!(failure.error.kind, BusErrorKind::ShortRead, "{context}");
                            told += 1;
                        }
                    }
                    Err(error) => {
                        assert_eq!(error.kind, BusErrorKind::ShortRead, "{context}");
                        told += 1;
                    }
                }
                bench.cage.set_fault(Fault::None);
                let healed = bench.sweep().unwrap();
                assert_eq!(healed.snapshot.failures, [], "{context}");
                assert_eq!(wrong_bytes(&healed.snapshot.image, &truth), []);
            }
        }
    }
    assert!(told > 0);
}

#[test]
fn a_fault_that_lasts_costs_what_it_struck_and_the_next_sweep_heals() {
    let (_, truth) = still("dsp-800g");
    let mut failed_groups = 0;
    for steady in [false, true] {
        let all = transactions_of_a_sweep(&truth, steady);
        for error in ERRORS {
            // Refused transactions are repeated while a module may hold off.
            let refused = matches!(error, SimError::NoAnswer | SimError::Refused);
            let lasts = if refused { 20 } else { 4 };
            for place in 0..all {
                let context = format!("{error} from {place} on, steady: {steady}");
                let before: Before =
                    Box::new(
                        move |number, _| match (place..place + lasts).contains(&number) {
                            true => Err(error),
                            false => Ok(()),
                        },
                    );
                let mut bench = disturbed_in(&truth, steady, before);
                match bench.sweep() {
                    Err(failed) => {
                        assert_eq!(failed.kind, BusErrorKind::from(error), "{context}");
                    }
                    Ok(Sweep { snapshot, .. }) => {
                        assert_eq!(wrong_bytes(&snapshot.image, &truth), [], "{context}");
                        let mut halves = Vec::new();
                        for failure in &snapshot.failures {
                            let said = &failure.error;
                            assert_eq!(said.kind, BusErrorKind::from(error), "{context}");
                            assert_ne!(said.half, Half::LOWER, "{context}");
                            halves.push(said.half);
                            failed_groups += 1;
                        }
                        halves.dedup();
                        assert!(halves.len() <= 2, "{context}: {halves:?}");
                        // What it can measure is known from the first sweep.
                        let temperature = snapshot.monitors.temperature;
                        assert!(!steady || temperature.value().is_some(), "{context}");
                    }
                }
                let healed = bench.sweep().unwrap();
                assert_eq!(healed.snapshot.failures, [], "{context}");
                assert_eq!(wrong_bytes(&healed.snapshot.image, &truth), []);
            }
        }
    }
    assert!(failed_groups > 0);
}

#[test]
fn a_page_that_fails_for_good_costs_only_its_own_values() {
    let (_, truth) = still("dsp-800g");
    // After each select there is one combined read: fail the one of page 11h.
    let mut selects = 0;
    let before: Before = Box::new(move |_, cage| {
        let log = cage.write_log();
        let fresh = log.len() > selects;
        selects = log.len();
        match log.last() {
            Some(select) if fresh && select.bytes[1] == 0x11 => Err(SimError::BusFault),
            _ => Ok(()),
        }
    });
    let mut bench = Bench::disturbed(SimModule::from_image(&truth), before);
    let snapshot = bench.sweep().unwrap().snapshot;
    let failed: Vec<_> = snapshot.failures.iter().map(|f| f.error.half).collect();
    assert!(!failed.is_empty());
    assert!(
        failed.iter().all(|half| *half == Half::page(0x11)),
        "{failed:?}"
    );
    assert!(snapshot.monitors.temperature.value().is_some());
}

#[test]
fn a_swapped_module_is_known_at_the_next_sweep() {
    for name in ["dsp-800g", "lpo-800g", "dac-400g", "qsfp28", "sfp28"] {
        let mut bench = Bench::new(builder(name));
        let first = bench.sweep().unwrap().snapshot;
        let other = builders::by_name_with_serial(name, "OTHER0001").unwrap();
        bench.cage.insert(up(other));
        let sweep = bench.sweep().unwrap();
        assert!(sweep.inserted, "{name}");
        let serial = sweep.snapshot.identity.serial.value().unwrap();
        assert_eq!(serial, "OTHER0001", "{name}");
        assert_ne!(first.identity.serial.value().unwrap(), serial);
        assert!(!bench.sweep().unwrap().inserted, "{name}");
    }
}

#[test]
fn another_kind_of_module_is_read_by_its_own_map() {
    let mut bench = Bench::new(builder("dsp-800g"));
    bench.sweep().unwrap();
    for name in builders::NAMES {
        bench.cage.insert(up(builder(name)));
        let sweep = bench.sweep().unwrap();
        let fresh = Bench::new(builder(name)).sweep().unwrap().snapshot;
        assert_eq!(sweep.snapshot.management, fresh.management, "{name}");
        assert_eq!(sweep.snapshot.identity, fresh.identity, "{name}");
        assert_eq!(sweep.snapshot.lanes.len(), fresh.lanes.len(), "{name}");
    }
}

#[test]
fn a_module_that_was_only_reset_is_the_same_one() {
    let mut bench = Bench::new(builder("dsp-800g"));
    bench.sweep().unwrap();
    let module = bench.cage.remove().unwrap();
    bench.cage.insert(module);
    let sweep = bench.sweep().unwrap();
    assert!(!sweep.inserted);
    assert_eq!(sweep.snapshot.failures, []);
}

#[test]
fn a_pulled_module_is_an_error_and_comes_back_as_itself() {
    let mut bench = Bench::new(builder("lpo-800g"));
    bench.sweep().unwrap();
    let module = bench.cage.remove().unwrap();
    assert_eq!(bench.sweep().unwrap_err().kind, BusErrorKind::NoAnswer);
    bench.cage.insert(module);
    assert!(!bench.sweep().unwrap().inserted);
}

#[test]
fn a_module_that_serves_eight_bytes_is_read_right_and_says_so() {
    let (module, truth) = still("dsp-800g");
    let mut bench = Bench::new(module.with_manners(|m| m.read_limit = Some(8)));
    for _ in 0..2 {
        let snapshot = bench.sweep().unwrap().snapshot;
        assert_eq!(wrong_bytes(&snapshot.image, &truth), []);
        assert!(
            snapshot
                .problems
                .iter()
                .any(|p| p.contains("8 bytes at a time"))
        );
    }
    assert!(bench.reads.lock().unwrap().iter().all(|(_, n)| *n <= 8));
}

#[test]
fn a_module_that_serves_less_than_the_one_before_is_met_anew() {
    for name in builders::NAMES {
        let (module, truth) = still(name);
        let mut bench = Bench::new(builder("lpo-800g"));
        bench.sweep().unwrap();
        bench.cage.remove();
        assert!(bench.sweep().is_err());
        bench
            .cage
            .insert(module.with_manners(|m| m.read_limit = Some(8)));
        let read = (0..3).find_map(|_| bench.sweep().ok());
        let snapshot = read
            .unwrap_or_else(|| panic!("{name} is never read"))
            .snapshot;
        assert_eq!(wrong_bytes(&snapshot.image, &truth), [], "{name}");
    }
}

#[test]
fn what_a_stuck_bus_showed_is_forgotten_when_it_works_again() {
    let mut bench = Bench::new(builder("lpo-800g"));
    bench.cage.set_fault(Fault::Stuck);
    let stuck = bench.sweep().unwrap().snapshot;
    assert_eq!(stuck.management, Management::Unknown);
    assert!(!bench.sweep().unwrap().inserted);
    bench.cage.set_fault(Fault::None);
    let well = bench.sweep().unwrap();
    assert_eq!(well.snapshot.management, Management::Cmis);
    assert!(well.inserted);
}

#[test]
fn a_module_of_an_unknown_kind_that_goes_is_missed() {
    let mut image = Image::new();
    image.put(Half::LOWER, [0x77; 128]);
    image.put(Half::page(0), [0; 128]);
    let mut bench = Bench::new(SimModule::from_image(&image));
    bench.sweep().unwrap();
    bench.cage.remove();
    assert_eq!(bench.sweep().unwrap_err().kind, BusErrorKind::NoAnswer);
}

#[test]
fn a_page_that_is_advertised_and_absent_is_asked_for_once() {
    let (_, mut truth) = still("lpo-800g");
    // 01h:142.6 and .5: VDM and diagnostics, which this module does not have.
    let page_01 = truth.sheet_mut(Half::page(0x01));
    page_01.put(142, &[page_01.u8(142) | 0x60]);
    page_01.put(255, &[page_01.sum(130, 254)]);
    let mut bench = Bench::new(SimModule::from_image(&truth));
    let snapshot = bench.sweep().unwrap().snapshot;
    let told = |snapshot: &super::Snapshot| {
        let text = "page 13 is advertised, but the module does not have it";
        snapshot.problems.iter().any(|p| p == text)
    };
    assert!(told(&snapshot), "{:?}", snapshot.problems);
    let after = bench.sweep().unwrap().snapshot;
    assert!(told(&after));
    assert!(bench.transactions() <= 8, "{}", bench.transactions());
    assert!(after.vdm.is_empty() && after.snr.is_empty());
}

#[test]
fn only_page_selects_are_ever_written() {
    for name in builders::NAMES {
        let mut bench = Bench::new(builder(name));
        for _ in 0..12 {
            bench.sweep().unwrap();
        }
        for write in bench.cage.write_log() {
            let end = usize::from(write.offset) + write.bytes.len();
            assert!(write.offset >= 126 && end <= 128, "{name}: {write:?}");
        }
    }
}

/// Where a module of a map measures: half, first and last offset. Whose bytes are
/// read there, they are.
fn measured(name: &str) -> Vec<(Half, u8, u8)> {
    match name {
        "sfp28" => vec![(Half::lower(Device::A2), 96, 105)],
        "qsfp28" => vec![(Half::LOWER, 22, 57)],
        "dac-400g" => vec![(Half::LOWER, 14, 17)],
        _ => vec![
            (Half::LOWER, 14, 17),
            (Half::page(0x11), 154, 201),
            (Half::page(0x24), 128, 255),
        ],
    }
}

/// A still module like one of a builder, with another serial number, that
/// measures something else in every byte; its registers, too.
fn sibling(name: &str, serial: &[u8; 16]) -> Image {
    let (_, mut image) = still(name);
    let (half, first) = match name {
        "sfp28" => (Half::LOWER, 68),
        "qsfp28" => (Half::page(0), 196),
        _ => (Half::page(0), 166),
    };
    image.sheet_mut(half).put(first, serial);
    for (half, first, last) in measured(name) {
        for offset in first..=last {
            let sheet = image.sheet_mut(half);
            if sheet.knows(offset, 1) {
                sheet.put(offset, &[sheet.u8(offset) ^ 0x41]);
            }
        }
    }
    image
}

/// Fails if anything measured in a sweep is not what the module of that name plate
/// measures.
fn check_attribution(sweep: &Sweep, modules: &[(&str, &Image)], context: &str) {
    let serial_of = |image: &Image| {
        let mut bench = Bench::new(SimModule::from_image(image));
        bench.sweep().unwrap().snapshot.identity.serial
    };
    let serial = &sweep.snapshot.identity.serial;
    let owner = modules
        .iter()
        .find(|(_, image)| serial_of(image) == *serial);
    let (name, truth) = owner.unwrap_or_else(|| panic!("{context}: {serial:?}"));
    for (half, first, last) in measured(name) {
        let (Some(read), Some(truth)) = (sweep.snapshot.image.sheet(half), truth.sheet(half))
        else {
            continue;
        };
        for offset in first..=last {
            let right = !read.knows(offset, 1) || read.u8(offset) == truth.u8(offset);
            assert!(right, "{context}: {half} {offset} of {name}");
        }
    }
}

#[test]
fn a_swap_at_any_transaction_attributes_no_reading_to_another_module() {
    let pairs = [
        ("dsp-800g", "dsp-800g"),
        ("lpo-800g", "lpo-800g"),
        ("qsfp28", "qsfp28"),
        ("sfp28", "sfp28"),
        ("dac-400g", "dac-400g"),
        ("lpo-800g", "dsp-800g"),
        ("qsfp28", "lpo-800g"),
        ("lpo-800g", "sfp28"),
    ];
    for (one, other) in pairs {
        let (_, first) = still(one);
        let second = sibling(other, b"ANOTHER00000001 ");
        let modules = [(one, &first), (other, &second)];
        for steady in [false, true] {
            let mut bench = Bench::new(SimModule::from_image(&first));
            bench.sweep().unwrap();
            if steady {
                bench.sweep().unwrap();
            }
            for place in 0..bench.transactions() {
                let context = format!("{one} to {other} before {place}, steady: {steady}");
                let time = Arc::new(OnceLock::<ManualClock>::new());
                let (clock, plugged) = (Arc::clone(&time), second.clone());
                let before: Before = Box::new(move |number, cage| {
                    if number == place {
                        cage.remove();
                        clock.get().unwrap().advance(Duration::from_millis(250));
                        cage.insert(up(SimModule::from_image(&plugged)));
                    }
                    Ok(())
                });
                let mut sweeps = 0;
                let mut before = before;
                let wanted = if steady { 2 } else { 1 };
                let in_one: Before = Box::new(move |number, cage| {
                    sweeps += u32::from(number == 0);
                    match sweeps == wanted {
                        true => before(number, cage),
                        false => Ok(()),
                    }
                });
                let mut bench = Bench::disturbed(SimModule::from_image(&first), in_one);
                time.set(bench.clock.clone()).ok().unwrap();
                if steady {
                    bench.sweep().unwrap();
                }
                let mut insertions = 0;
                for sweep in 0..3 {
                    match bench.sweep() {
                        Ok(sweep) => {
                            insertions += u32::from(sweep.inserted);
                            check_attribution(&sweep, &modules, &context);
                        }
                        Err(error) => assert_eq!(sweep, 0, "{context}: {error}"),
                    }
                }
                assert!(insertions >= 1, "{context}");
            }
        }
    }
}

#[test]
fn page_zero_is_left_selected_where_that_is_asked_for_and_swaps_are_seen_still() {
    let (_, truth) = still("dsp-800g");
    let cost = |leaves: bool| {
        let module = SimModule::from_image(&truth);
        let mut bench = Bench::new(module.with_manners(|m| m.page_hold = Duration::ZERO));
        bench.memory = bench.memory.leaving_page_zero(leaves);
        for _ in 0..3 {
            let sweep = bench.sweep().unwrap();
            assert_eq!(wrong_bytes(&sweep.snapshot.image, &truth), []);
            let page = bench.cage.peek(Half::LOWER, 127);
            assert_eq!(page == Some(0), leaves);
        }
        let cost = bench.transactions();
        let other = sibling("dsp-800g", b"ANOTHER00000001 ");
        bench.cage.insert(up(SimModule::from_image(&other)));
        assert!(bench.sweep().unwrap().inserted);
        cost
    };
    // A select, and the serial number: a select and a read more.
    assert_eq!(cost(true) - cost(false), 3);
}
