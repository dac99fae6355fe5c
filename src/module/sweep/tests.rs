//! What a sweep may touch at a passive port, and that a freeze is always undone.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use embedded_hal::i2c::{ErrorType, I2c, Operation};

use super::*;
use crate::bus::address::{Bank, Device};
use crate::bus::paging::Paged;
use crate::clock::ManualClock;
use crate::cmis::vdm;
use crate::module::{Absence, Reading};
use crate::sim::access;
use crate::sim::builders;
use crate::sim::cage::Cage;
use crate::sim::fault::{Fault, SimError};
use crate::sim::i2c::SimI2c;
use crate::sim::lifecycle::Startup;
use crate::sim::wire::BusRate;

const PASSIVE: SweepSettings = SweepSettings {
    passive: true,
    freeze: true,
};
const FROZEN: SweepSettings = SweepSettings {
    passive: false,
    freeze: true,
};
const PERIOD: Duration = Duration::from_secs(1);
/// A module that gathers statistics.
const WITH_STATISTICS: &str = "dsp-800g";
/// 2Fh:144, other bits than the request: power saving and duty cycle of 5.4.
const OTHER_BITS: u8 = 0b0101_0100;

/// What happens to a transaction, beside the faults of the cage.
#[derive(Debug, Clone, Copy)]
enum Strike {
    /// A fault of the cage, for this many transactions.
    Fault(Fault, u32),
    /// All of it happens, but the adapter reports that it failed.
    AnswerLost,
}

/// What a bench writes down and when it strikes.
#[derive(Default)]
struct Ledger {
    /// Device, page (`None` is lower memory), bank and offset of each byte read.
    read: Vec<(Device, Option<u8>, u8, u8)>,
    is_traced: bool,
    transactions: u32,
    strike: Option<(u32, Strike)>,
}

/// A bus that writes down every byte that is read, and strikes when told.
#[derive(Clone)]
struct Traced {
    i2c: SimI2c,
    cage: Cage,
    ledger: Arc<Mutex<Ledger>>,
}

impl ErrorType for Traced {
    type Error = SimError;
}

impl Traced {
    /// Bank and page that the module shows now, read from its registers.
    fn selected(&self) -> (u8, u8) {
        let lower = |offset| self.cage.peek(Half::LOWER, offset);
        (lower(126).unwrap_or(0), lower(127).unwrap_or(0))
    }

    fn write_down(&self, address: u8, operations: &[Operation<'_>]) {
        let device = match address {
            0x51 => Device::A2,
            _ => Device::A0,
        };
        let (bank, page) = self.selected();
        let mut offset = 0_u8;
        let mut ledger = self.ledger.lock().unwrap();
        if !ledger.is_traced {
            return;
        }
        for operation in operations {
            match operation {
                Operation::Write(bytes) => offset = bytes[0],
                Operation::Read(buffer) => {
                    for _ in 0..buffer.len() {
                        let page = (offset >= 128).then_some(page);
                        ledger.read.push((device, page, bank, offset));
                        offset = offset & 0x80 | offset.wrapping_add(1) & 0x7F;
                    }
                }
            }
        }
    }
}

impl I2c for Traced {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        let struck = {
            let mut ledger = self.ledger.lock().unwrap();
            let now = ledger.transactions;
            ledger.transactions += 1;
            ledger.strike.map(|(at, strike)| (now, at, strike))
        };
        match struck {
            Some((now, at, Strike::Fault(fault, _))) if now == at => self.cage.set_fault(fault),
            Some((now, at, Strike::Fault(_, lasts))) if now == at.saturating_add(lasts) => {
                self.cage.set_fault(Fault::None);
            }
            _ => {}
        }
        let outcome = self.i2c.transaction(address, operations);
        if outcome.is_ok() {
            self.write_down(address, operations);
        }
        match struck {
            Some((now, at, Strike::AnswerLost)) if now == at => Err(SimError::TimedOut),
            _ => outcome,
        }
    }
}

/// A module in a cage, and a session that sweeps it.
struct Bench {
    clock: ManualClock,
    cage: Cage,
    ledger: Arc<Mutex<Ledger>>,
    memory: Paged<Traced, ManualClock>,
    session: Session,
}

fn bench(name: &str, settings: SweepSettings) -> Bench {
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    let module = builders::by_name(name).unwrap();
    cage.insert(module.with_manners(|manners| manners.startup = Startup::INSTANT));
    clock.advance(PERIOD);
    let ledger = Arc::<Mutex<Ledger>>::default();
    let traced = Traced {
        i2c: cage.i2c(BusRate::default()),
        cage: cage.clone(),
        ledger: Arc::clone(&ledger),
    };
    Bench {
        memory: Paged::new(traced, clock.clone(), Arc::default()),
        session: Session::with_settings(settings),
        clock,
        cage,
        ledger,
    }
}

impl Bench {
    fn sweep(&mut self) -> Result<Snapshot, BusError> {
        self.clock.advance(PERIOD);
        let sweep = self.session.sweep(&mut self.memory, &self.clock)?;
        Ok(sweep.snapshot)
    }

    /// The request byte as the module holds it.
    fn request(&self) -> u8 {
        self.cage.peek(Half::page(vdm::CONTROL_PAGE), 144).unwrap()
    }

    /// Another master freezes or frees the module, and leaves its page selected.
    fn other_master_writes(&self, request: u8) {
        let mut i2c = self.cage.i2c(BusRate::default());
        for message in [&[126, 0, vdm::CONTROL_PAGE][..], &[144, request]] {
            i2c.write(0x50, message).unwrap();
            self.clock.advance(Duration::from_millis(20));
        }
    }

    fn transactions(&self) -> u32 {
        self.ledger.lock().unwrap().transactions
    }

    fn strike(&self, at: u32, strike: Strike) {
        self.ledger.lock().unwrap().strike = Some((at, strike));
    }

    fn calm(&self) {
        self.ledger.lock().unwrap().strike = None;
        self.cage.set_fault(Fault::None);
    }

    /// Fails if the module was ever asked for anything but pages and a freeze.
    fn check_writes(&self, context: &str) {
        for write in self.cage.write_log() {
            let ends = usize::from(write.offset) + write.bytes.len();
            let selects = write.offset >= 126 && ends <= 128;
            let freezes = write.offset == 144
                && matches!(write.bytes[..], [byte] if byte & 0x7F == OTHER_BITS);
            assert!(selects || freezes, "{context}: {write:?}");
        }
    }
}

/// A bench whose next sweep freezes, with some of the other bits of the byte set.
fn before_a_freeze() -> Bench {
    let mut bench = bench(WITH_STATISTICS, FROZEN);
    let control = Half::page(vdm::CONTROL_PAGE);
    assert!(bench.cage.poke(control, 144, OTHER_BITS));
    bench.sweep().unwrap();
    bench
}

fn statistics(snapshot: &Snapshot) -> Vec<&crate::module::VdmSample> {
    let samples = snapshot.vdm.iter();
    samples.filter(|s| s.statistic.is_over_time()).collect()
}

#[test]
fn nothing_that_clears_is_ever_read_at_a_passive_port() {
    for name in builders::NAMES {
        let mut bench = bench(name, PASSIVE);
        bench.ledger.lock().unwrap().is_traced = true;
        let module = builders::by_name(name).unwrap();
        let management = access::Management::of(module.registers());
        for sweep in 0..35 {
            if sweep == 12 {
                // Another manager moved the page: the module is met anew.
                let (bank, page) = (0, 0x02);
                let nth = 1;
                bench.cage.set_fault(Fault::OtherMaster { nth, bank, page });
            }
            if sweep == 17 {
                let dark = bench.cage.adjust(|knobs, _| knobs.dark_lanes = 0b11);
                assert!(dark || *name == "dac-400g", "{name}");
            }
            let snapshot = bench.sweep().unwrap();
            let raised = snapshot.lanes.iter().any(|lane| {
                let flags = lane.signals.named().map(|(_, flag)| flag);
                flags.iter().any(|flag| flag.absence().is_none()) && *name != "sfp28"
            });
            assert!(!raised, "{name} shows flags");
        }
        let ledger = bench.ledger.lock().unwrap();
        assert!(ledger.read.len() > 1000, "{name}");
        for (device, page, bank, offset) in &ledger.read {
            let half = page.map_or(Half::lower(*device), |page| Half::page_of(*device, page));
            let half = half.in_bank(Bank::new(*bank).unwrap_or_default());
            let clears = management.clears(half, *offset)
                || *name == "sfp28"
                    && half == Half::lower(Device::A2)
                    && (112..118).contains(offset);
            assert!(!clears, "{name}: {half} {offset} was read");
        }
        drop(ledger);
        for write in bench.cage.write_log() {
            assert!(matches!(write.offset, 126 | 127), "{name}: {write:?}");
        }
    }
}

#[test]
fn the_same_ports_are_read_with_flags_unless_they_are_passive() {
    for name in builders::NAMES.iter().filter(|name| **name != "dac-400g") {
        let absences = |settings| {
            let mut bench = bench(name, settings);
            let snapshot = bench.sweep().unwrap();
            let lane = &snapshot.lanes[0];
            let flags = [snapshot.flags.temperature, lane.rx_power_flags];
            let values = [
                snapshot.monitors.temperature.absence(),
                lane.rx_power.absence(),
            ];
            (flags.map(|flag| flag.absence()), values)
        };
        let (read, values) = absences(SweepSettings::default());
        let (left, passive_values) = absences(PASSIVE);
        assert_eq!(values, passive_values, "{name}");
        for (read, left) in read.into_iter().zip(left) {
            let expected = read.or(Some(Absence::Passive));
            assert_eq!(left, expected, "{name}");
        }
    }
}

#[test]
fn statistics_are_of_whole_intervals_and_say_so() {
    let mut bench = before_a_freeze();
    let first = bench.sweep().unwrap();
    assert!(!statistics(&first).is_empty());
    let words =
        |snapshot: &Snapshot| -> Vec<u16> { statistics(snapshot).iter().map(|s| s.raw).collect() };
    assert!(statistics(&first).iter().all(|s| s.frozen));
    assert_eq!(first.problems, Vec::<String>::new());
    assert_eq!(bench.request(), OTHER_BITS);
    let frozen_by = |bench: &Bench| {
        let log = bench.cage.write_log();
        log.iter().filter(|write| write.offset == 144).count()
    };
    assert_eq!(frozen_by(&bench), 2);
    bench
        .cage
        .adjust(|knobs, now| knobs.ber_decades.turn_to(2.0, now, Duration::ZERO));
    for _ in 0..9 {
        let later = bench.sweep().unwrap();
        assert_eq!(words(&later), words(&first), "the interval goes on");
        assert!(statistics(&later).iter().all(|s| s.frozen));
        let current = |s: &Snapshot| s.vdm.iter().find(|s| s.observable == 15).map(|s| s.raw);
        assert_ne!(
            current(&later),
            current(&first),
            "this one is of the moment"
        );
    }
    assert_eq!(frozen_by(&bench), 2);
    let next = bench.sweep().unwrap();
    assert_ne!(words(&next), words(&first));
    assert_eq!(frozen_by(&bench), 4);
    bench.check_writes("all is well");
}

#[test]
fn nothing_is_frozen_unless_the_operator_asked_for_it() {
    for settings in [SweepSettings::default(), PASSIVE] {
        let mut bench = bench(WITH_STATISTICS, settings);
        for _ in 0..25 {
            let snapshot = bench.sweep().unwrap();
            assert!(statistics(&snapshot).iter().all(|s| !s.frozen));
            assert!(
                statistics(&snapshot)
                    .iter()
                    .all(|s| s.value.absence().is_none())
            );
        }
        assert!(
            bench
                .cage
                .write_log()
                .iter()
                .all(|write| write.offset != 144)
        );
    }
}

#[test]
fn a_module_that_is_not_ready_or_has_no_statistics_is_not_frozen() {
    for name in builders::NAMES {
        let mut bench = bench(name, FROZEN);
        let mut has_statistics = false;
        for _ in 0..12 {
            has_statistics |= !statistics(&bench.sweep().unwrap()).is_empty();
        }
        let asked = bench
            .cage
            .write_log()
            .iter()
            .any(|write| write.offset == 144);
        assert_eq!(asked, has_statistics, "{name}");
    }
    let mut bench = before_a_freeze();
    let module = bench.cage.remove().unwrap();
    bench.cage.insert(module.with_manners(|manners| {
        manners.startup = Startup {
            power_up: Duration::from_secs(3600),
            ..Startup::INSTANT
        };
    }));
    for _ in 0..12 {
        bench.sweep().unwrap();
    }
    assert!(
        bench
            .cage
            .write_log()
            .iter()
            .all(|write| write.offset != 144)
    );
}

#[test]
fn what_another_manager_keeps_frozen_is_left_to_it_for_one_turn() {
    let mut bench = before_a_freeze();
    bench.other_master_writes(OTHER_BITS | 0x80);
    // The first of them meets the module anew, for its page was moved.
    for _ in 0..11 {
        bench.sweep().unwrap();
        assert_eq!(bench.request(), OTHER_BITS | 0x80);
    }
    let snapshot = bench.sweep().unwrap();
    assert_eq!(bench.request(), OTHER_BITS, "nobody came back for it");
    assert!(statistics(&snapshot).iter().all(|s| s.frozen));
}

#[test]
fn a_module_that_does_not_answer_is_asked_three_times() {
    let mut bench = before_a_freeze();
    // Without descriptors the simulated module answers no freeze; the session
    // has read them already.
    for page in [0x20, 0x21] {
        for offset in 128..=255 {
            bench.cage.poke(Half::page(page), offset, 0);
        }
    }
    let mut longest = Duration::ZERO;
    let mut missed = 0;
    for _ in 0..60 {
        let before = bench.clock.now();
        let snapshot = bench.sweep().unwrap();
        longest = longest.max(bench.clock.now() - before - PERIOD);
        let absent = Reading::Absent(Absence::NotReady);
        missed += u32::from(statistics(&snapshot).iter().all(|s| s.value == absent));
        assert_eq!(bench.request(), OTHER_BITS);
        assert!(statistics(&snapshot).iter().all(|s| !s.frozen));
    }
    assert_eq!(missed, 3);
    assert!(longest < Duration::from_millis(1500), "{longest:?}");
    bench.check_writes("no answer");
}

/// Every way in which a transaction can go wrong.
fn strikes() -> Vec<Strike> {
    let once = |fault| Strike::Fault(fault, 1);
    let long = |fault| Strike::Fault(fault, u32::MAX);
    let (bank, page) = (0, 0x02);
    let nth = 1;
    vec![
        once(Fault::NackNext(1)),
        long(Fault::NackForever),
        once(Fault::BusError(1)),
        once(Fault::ArbitrationLoss(1)),
        once(Fault::Hang(PERIOD)),
        long(Fault::Hang(Duration::from_millis(300))),
        Strike::Fault(Fault::Stuck, 6),
        Strike::Fault(Fault::OtherMaster { nth, bank, page }, 1),
        Strike::AnswerLost,
    ]
}

/// How many transactions the sweep that freezes makes, if nothing goes wrong.
fn transactions_of_a_freeze() -> u32 {
    let mut bench = before_a_freeze();
    let before = bench.transactions();
    bench.sweep().unwrap();
    bench.transactions() - before
}

#[test]
fn whatever_goes_wrong_no_module_stays_frozen() {
    let all = transactions_of_a_freeze();
    assert!(all > 30, "{all}");
    let mut was_frozen_in_between = 0;
    for strike in strikes() {
        for nth in 0..all {
            let context = format!("{strike:?} at transaction {nth} of {all}");
            for sweeps_again in [true, false] {
                let mut bench = before_a_freeze();
                bench.strike(bench.transactions() + nth, strike);
                let _ = bench.sweep();
                bench.calm();
                was_frozen_in_between += u32::from(bench.request() != OTHER_BITS);
                if sweeps_again {
                    bench.sweep().unwrap();
                } else {
                    wait::complete(bench.session.finish(&mut bench.memory, &bench.clock)).unwrap();
                }
                assert_eq!(bench.request(), OTHER_BITS, "{context}");
                assert!(!bench.session.holds_module(), "{context}");
                bench.check_writes(&context);
            }
        }
    }
    assert!(was_frozen_in_between > 0, "the strikes struck nothing");
}

#[test]
fn who_unfreezes_at_the_end_leaves_page_zero_where_that_is_asked_for() {
    for leaves in [true, false] {
        let mut bench = before_a_freeze();
        bench.memory = bench.memory.leaving_page_zero(leaves);
        let at = bench.transactions() + transactions_of_a_freeze() - 8;
        bench.strike(at, Strike::Fault(Fault::NackForever, u32::MAX));
        let _ = bench.sweep();
        bench.calm();
        assert!(bench.session.holds_module());
        wait::complete(bench.session.finish(&mut bench.memory, &bench.clock)).unwrap();
        let page = bench.cage.peek(Half::LOWER, 127);
        assert_eq!(page == Some(0), leaves, "{page:?}");
    }
}

#[test]
fn another_module_in_the_cage_is_not_written_to() {
    for name in ["sfp28", "qsfp28", "dac-400g"] {
        let mut bench = before_a_freeze();
        let at = bench.transactions() + transactions_of_a_freeze() - 8;
        bench.strike(at, Strike::Fault(Fault::NackForever, u32::MAX));
        let _ = bench.sweep();
        bench.calm();
        assert!(bench.session.holds_module());
        let other = builders::by_name(name).unwrap();
        let writes = bench.cage.write_log().len();
        bench
            .cage
            .insert(other.with_manners(|manners| manners.startup = Startup::INSTANT));
        wait::complete(bench.session.finish(&mut bench.memory, &bench.clock)).unwrap();
        assert_eq!(bench.cage.write_log().len(), writes, "{name}");
        assert!(!bench.session.holds_module());
    }
}
