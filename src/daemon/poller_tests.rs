//! Pollers over simulated modules: what a bus full of them costs, who waits for
//! whom, and when a change in a cage is seen.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use embedded_hal::i2c::{ErrorType, I2c, Operation};

use super::crew::Crew;
use super::inside::{Doing, PortState, Traffic, Work};
use super::journal::Journal;
use super::lifecycle::TROUBLES_UNTIL_DORMANT;
use super::poller::{Order, Poller, PortOrder, Pulse};
use super::publish;
use super::source::{Binding, Opener};
use super::watch::{Context, Watch};
use crate::bus::address::Half;
use crate::bus::meter::Metered;
use crate::bus::paging::Paged;
use crate::class::Settings;
use crate::clock::{Clock, ManualClock};
use crate::config::{Cadences, LockConfig, LockWay};
use crate::module::sweep::SweepSettings;
use crate::module::{Presence, Reading};
use crate::names::{BusName, PortName};
use crate::report::{BusStats, PortSlot, PortView};
use crate::sim::builders;
use crate::sim::cage::Cage;
use crate::sim::fault::Fault;
use crate::sim::lifecycle::Startup;
use crate::sim::wire::BusRate;

const SECOND: Duration = Duration::from_secs(1);
/// A module of eight lanes that fills three groups of VDM and more.
const WITH_VDM: &str = "dsp-800g";
const FROZEN: SweepSettings = SweepSettings {
    passive: false,
    freeze: true,
};

fn context(clock: &ManualClock) -> Arc<Context> {
    let fleet = Arc::new(publish::fleet(SystemTime::UNIX_EPOCH));
    Arc::new(Context {
        clock: Arc::new(clock.clone()),
        plan: ArcSwap::default(),
        settings: Settings::default(),
        journal: Journal::unkept(&fleet),
        fleet,
    })
}

fn name(number: usize) -> PortName {
    PortName::new(&format!("Ethernet{number}")).unwrap()
}

fn opener(cage: &Cage, clock: &ManualClock) -> Opener {
    let (cage, clock) = (cage.clone(), clock.clone());
    Box::new(move |meter| {
        let i2c = cage.i2c(BusRate::Khz400);
        let metered = Metered::new(i2c, clock.clone(), Arc::clone(meter));
        Ok(Box::new(Paged::new(
            metered,
            clock.clone(),
            Arc::clone(meter),
        )))
    })
}

fn plug(cage: &Cage, module: &str) {
    let module = builders::by_name(module).unwrap();
    cage.insert(module.with_manners(|manners| manners.startup = Startup::INSTANT));
}

/// One root adapter in a time of its own: its cages and who sweeps them.
struct Adapter {
    clock: ManualClock,
    cages: Vec<Cage>,
    slots: Vec<Arc<PortSlot>>,
    stats: Arc<BusStats>,
    pulse: Arc<Pulse>,
    poller: Poller,
}

impl Adapter {
    /// So many cages with that module in each.
    fn full_of(module: &str, cages: usize, cadences: Cadences) -> Self {
        let adapter = Self::new(cages, cadences, SweepSettings::default(), None);
        adapter.cages.iter().for_each(|cage| plug(cage, module));
        adapter
    }

    fn new(
        cages: usize,
        cadences: Cadences,
        settings: SweepSettings,
        lock: Option<&Arc<LockConfig>>,
    ) -> Self {
        let clock = ManualClock::new();
        let bus = BusName::new("bus").unwrap();
        let stats = Arc::new(publish::bus(bus.clone()));
        let pulse = Arc::new(Pulse::default());
        let mut poller = Poller::new(context(&clock), Arc::clone(&stats), Arc::clone(&pulse));
        let cages: Vec<Cage> = (0..cages)
            .map(|_| Cage::new(Arc::new(clock.clone())))
            .collect();
        let mut slots = Vec::new();
        let mut order = Vec::new();
        for (number, cage) in cages.iter().enumerate() {
            let slot = PortSlot::new(name(number), bus.clone(), publish::unread(None));
            let slot = Arc::new(slot);
            slots.push(Arc::clone(&slot));
            let watch = Watch::new(slot, Arc::clone(&stats.meter), opener(cage, &clock))
                .with_settings(settings)
                .with_lock(lock.cloned());
            order.push(PortOrder::New(Box::new(watch), cadences));
        }
        poller.follow(Order::Ports(order));
        Self {
            clock,
            cages,
            slots,
            stats,
            pulse,
            poller,
        }
    }

    /// Lets so much time pass.
    fn pass(&mut self, time: Duration) {
        let end = self.clock.now() + time;
        while self.clock.now() < end {
            let rest = self.poller.step();
            let left = end.saturating_sub(self.clock.now());
            self.clock.advance(rest.min(left));
        }
    }

    fn view(&self, number: usize) -> Arc<PortView> {
        self.slots[number].view.load_full()
    }

    /// What is told of a port to who debugs the daemon.
    fn inside(&self, number: usize) -> PortState {
        let ports = self.pulse.inside.ports.load();
        let state = ports[number].state.load_full();
        state.as_ref().clone().unwrap()
    }

    fn reads(&self) -> Vec<u64> {
        let views = (0..self.slots.len()).map(|number| self.view(number));
        views.map(|view| view.counts.reads).collect()
    }

    /// Time that was spent on the wire for transactions that worked and those
    /// that did not.
    fn bus_time(&self) -> Duration {
        let bits = self.cages.iter().map(|cage| cage.traffic().bits).sum();
        BusRate::Khz400.time(bits)
    }

    /// How long it takes, and how much of it on the wire, until each port was
    /// swept `times` more, on the average of a port and a sweep.
    fn cost(&mut self, times: u64) -> (Duration, Duration) {
        let reads = |adapter: &Self| adapter.reads().iter().sum::<u64>();
        let (began, wire, before) = (self.clock.now(), self.bus_time(), reads(self));
        let wanted = times * u64::try_from(self.slots.len()).unwrap();
        while reads(self) < before + wanted {
            let rest = self.poller.step();
            self.clock.advance(rest);
        }
        let sweeps = u32::try_from(reads(self) - before).unwrap();
        let spent = self.clock.now() - began;
        (spent / sweeps, (self.bus_time() - wire) / sweeps)
    }
}

/// More than any bus of these tests can keep up with; slow groups in every tenth
/// sweep of so many modules that take `ideal` each.
fn without_rest(ideal: Duration, modules: u32) -> Cadences {
    Cadences {
        monitors: Duration::from_millis(1),
        vdm: Duration::from_millis(1),
        slow: ideal * modules * 10,
    }
}

/// What one steady sweep takes on the wire, if nobody else is on the bus and no
/// transaction is refused: the mean over ten sweeps.
fn ideal() -> Duration {
    let mut alone = Adapter::full_of(WITH_VDM, 1, Cadences::every(SECOND));
    let mut cadences = Cadences::every(SECOND);
    cadences.slow = 10 * SECOND;
    let order = PortOrder::Keep(name(0), cadences);
    alone.poller.follow(Order::Ports(vec![order]));
    alone.pass(15 * SECOND);
    let refused = |adapter: &Adapter| adapter.cages[0].traffic().failures;
    let (wire, failures) = (alone.bus_time(), refused(&alone));
    let asked = alone.view(0).counts.reads;
    alone.pass(10 * SECOND);
    assert_eq!(alone.view(0).counts.reads - asked, 10);
    // A refused transaction is its start, its address byte and its stop; asking
    // whether the module is there takes one that is none of the sweep's.
    let refusals = u32::try_from(refused(&alone) - failures).unwrap();
    let asking = BusRate::Khz400.time(30 + 9);
    let overhead = BusRate::Khz400.time(1 + 9 + 1) * refusals + asking * 10;
    (alone.bus_time() - wire - overhead) / 10
}

#[test]
fn a_bus_of_64_modules_is_kept_busy_with_nothing_but_their_reads() {
    let ideal = ideal();
    let mut full = Adapter::full_of(WITH_VDM, 64, without_rest(ideal, 64));
    full.pass(8 * SECOND);
    let (spent, wire) = full.cost(20);
    println!("ideal {ideal:?}, on the wire {wire:?}, by the clock {spent:?}");
    assert!(wire <= ideal.mul_f64(1.1), "{wire:?} for {ideal:?}");
    // Nothing waits while something else can be read.
    assert!(spent <= ideal.mul_f64(1.1), "{spent:?} for {ideal:?}");
    let reads = full.reads();
    let (least, most) = (reads.iter().min().unwrap(), reads.iter().max().unwrap());
    assert!(most - least <= 2, "{least} to {most}");
    for number in 0..64 {
        let view = full.view(number);
        assert_eq!(view.presence, Presence::Active);
        assert_eq!(view.snapshot.as_ref().unwrap().failures, []);
    }
}

#[test]
fn eight_adapters_do_eight_times_as_much() {
    let ideal = ideal();
    let sweeps = |adapters: u32| -> u64 {
        let modules = 64 / adapters;
        let cadences = without_rest(ideal, modules);
        let mut adapters: Vec<Adapter> = (0..adapters)
            .map(|_| Adapter::full_of(WITH_VDM, usize::try_from(modules).unwrap(), cadences))
            .collect();
        let reads = |adapters: &[Adapter]| adapters.iter().flat_map(Adapter::reads).sum::<u64>();
        adapters
            .iter_mut()
            .for_each(|adapter| adapter.pass(8 * SECOND));
        let before = reads(&adapters);
        adapters
            .iter_mut()
            .for_each(|adapter| adapter.pass(10 * SECOND));
        reads(&adapters) - before
    };
    let (one, eight) = (sweeps(1), sweeps(8));
    println!("{one} sweeps on one adapter, {eight} on eight");
    assert!(eight * 10 >= one * 78, "{one} and {eight}");
}

#[test]
fn a_module_that_answers_no_freeze_makes_no_other_wait() {
    let mut adapter = Adapter::new(4, Cadences::every(SECOND), FROZEN, None);
    adapter.cages.iter().for_each(|cage| plug(cage, WITH_VDM));
    adapter.pass(SECOND / 2);
    // The simulated module answers no freeze without descriptors; the session has
    // read them already.
    for page in [0x20, 0x21] {
        for offset in 128..=255 {
            adapter.cages[0].poke(Half::page(page), offset, 0);
        }
    }
    let mut unanswered = 0;
    let mut beats: [Vec<Duration>; 3] = Default::default();
    for _ in 0..400 {
        adapter.pass(SECOND / 10);
        for (beat, number) in beats.iter_mut().zip(1..) {
            let started = adapter.view(number).snapshot.as_ref().unwrap().started;
            if beat.last() != Some(&started) {
                beat.push(started);
            }
        }
        let waits = adapter.view(0).snapshot.as_ref().is_some_and(|snapshot| {
            let mut problems = snapshot.problems.iter();
            problems.any(|problem| problem.contains("did not answer"))
        });
        unanswered += u32::from(waits);
    }
    assert!(unanswered > 0);
    // Nobody else is late by more than a visit of each of the others.
    let late = Duration::from_millis(60);
    for beat in &beats {
        assert!(beat.len() >= 40);
        let gaps = beat.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.clone().all(|gap| gap < SECOND + late), "{beat:?}");
    }
    let control = Half::page(0x2F);
    let frozen = |cage: &Cage| cage.peek(control, 144).unwrap() & 0x80 != 0;
    assert!(!adapter.cages.iter().any(frozen));
    let frozen = adapter.view(1).snapshot.as_ref().unwrap().vdm.clone();
    assert!(frozen.iter().any(|sample| sample.frozen));
}

/// However long an adapter takes: a neighbour that is due waits for one visit, which
/// selects, reads, and in a freeze writes once.
#[test]
fn no_step_takes_longer_than_one_visit() {
    let mut adapter = Adapter::new(1, Cadences::every(SECOND), FROZEN, None);
    plug(&adapter.cages[0], WITH_VDM);
    adapter.pass(SECOND);
    let transaction = Duration::from_millis(60);
    adapter.cages[0].set_fault(Fault::Slow(transaction));
    let mut is_frozen = false;
    while adapter.clock.now() < 30 * SECOND {
        let began = adapter.clock.now();
        let rest = adapter.poller.step();
        let took = adapter.clock.now() - began;
        assert!(took < 4 * transaction, "{took:?} at {began:?}");
        is_frozen |= adapter.cages[0].peek(Half::page(0x2F), 144) >= Some(0x80);
        adapter.clock.advance(rest);
    }
    assert!(is_frozen);
}

#[test]
fn whoever_leaves_in_the_middle_of_a_freeze_undoes_it() {
    let request = |cage: &Cage| cage.peek(Half::page(0x2F), 144).unwrap() & 0x80;
    for leaves_by_order in [true, false] {
        let mut frozen_once = 0;
        // A sweep that freezes takes some 100 ms here: stop it everywhere.
        for stop in 0..60 {
            let mut adapter = Adapter::new(2, Cadences::every(SECOND), FROZEN, None);
            adapter.cages.iter().for_each(|cage| plug(cage, WITH_VDM));
            adapter.pass(SECOND);
            for _ in 0..stop {
                adapter.poller.step();
                adapter.clock.advance(Duration::from_millis(1));
            }
            let cages = adapter.cages.clone();
            frozen_once += cages.iter().filter(|cage| request(cage) != 0).count();
            if leaves_by_order {
                adapter.poller.follow(Order::Ports(Vec::new()));
            } else {
                drop(adapter.poller);
            }
            assert!(cages.iter().all(|cage| request(cage) == 0), "after {stop}");
        }
        assert!(frozen_once > 0);
    }
}

#[test]
fn modules_that_come_and_go_are_seen_within_a_second() {
    for period in [SECOND, 10 * SECOND] {
        for twentieth in 0..20 {
            let mut adapter = Adapter::new(3, Cadences::every(period), FROZEN, None);
            plug(&adapter.cages[0], WITH_VDM);
            plug(&adapter.cages[1], "qsfp28");
            adapter.pass(5 * SECOND + period / 20 * twentieth);
            assert_eq!(adapter.view(2).presence, Presence::Empty);
            plug(&adapter.cages[2], WITH_VDM);
            adapter.cages[0].remove();
            adapter.pass(SECOND);
            let context = format!("{period:?} {twentieth}");
            assert_eq!(adapter.view(2).presence, Presence::Active, "{context}");
            assert_eq!(adapter.view(0).presence, Presence::Empty, "{context}");
            assert_eq!(adapter.view(1).presence, Presence::Active, "{context}");
            assert_eq!(adapter.view(1).counts.failures.len(), 0, "{context}");
        }
    }
}

#[test]
fn what_keeps_failing_is_left_alone_and_wakes_when_it_answers() {
    let mut adapter = Adapter::full_of(WITH_VDM, 4, Cadences::every(SECOND));
    adapter.pass(3 * SECOND);
    adapter.cages[0].set_fault(Fault::Hang(SECOND / 5));
    adapter.pass(60 * SECOND);
    assert_eq!(adapter.view(0).presence, Presence::Dormant);
    let (failing, others) = (adapter.view(0).counts.reads, adapter.view(1).counts.reads);
    let overruns = adapter.stats.overruns.load(Ordering::Relaxed);
    adapter.pass(300 * SECOND);
    let asked = adapter.view(0).counts.reads - failing;
    assert!((4..=8).contains(&asked), "{asked}");
    // The others are swept as if it was not there: asking costs 0.2 s a minute.
    assert_eq!(adapter.view(1).counts.reads - others, 300);
    assert_eq!(adapter.stats.overruns.load(Ordering::Relaxed), overruns);
    adapter.cages[0].set_fault(Fault::None);
    adapter.pass(61 * SECOND);
    let view = adapter.view(0);
    assert_eq!(view.presence, Presence::Active);
    assert!(view.snapshot.is_some() && view.counts.insertions == 1);
    assert!(u64::from(TROUBLES_UNTIL_DORMANT) < failing);
}

#[test]
fn an_empty_cage_costs_one_refused_address_each_time() {
    let mut adapter = Adapter::new(1, Cadences::every(SECOND), FROZEN, None);
    adapter.pass(20 * SECOND);
    let before = adapter.cages[0].traffic().transactions;
    adapter.pass(9 * SECOND);
    assert_eq!(adapter.cages[0].traffic().transactions - before, 10);
}

#[test]
fn a_lock_is_held_by_one_sweep_at_a_time_and_without_it_nothing_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    let lock = Arc::new(LockConfig {
        way: LockWay::File(path.clone()),
        patience: SECOND / 2,
    });
    let mut adapter = Adapter::new(4, Cadences::every(SECOND), FROZEN, Some(&lock));
    adapter.cages.iter().for_each(|cage| plug(cage, WITH_VDM));
    adapter.pass(20 * SECOND);
    assert!(adapter.reads().iter().all(|reads| *reads >= 18));
    for number in 0..4 {
        assert_eq!(adapter.view(number).presence, Presence::Active);
        assert!(adapter.view(number).counts.failures.is_empty());
    }
    // Somebody else takes it and does not give it back.
    let file = std::fs::File::open(&path).unwrap();
    let taken = nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusiveNonblock);
    let taken = taken.map_err(|(_, error)| error).unwrap();
    let transactions = |adapter: &Adapter| -> u64 {
        let cages = adapter.cages.iter();
        cages.map(|cage| cage.traffic().transactions).sum()
    };
    adapter.pass(SECOND);
    let before = transactions(&adapter);
    adapter.pass(10 * SECOND);
    assert_eq!(transactions(&adapter), before);
    let view = adapter.view(0);
    let said = view.trouble.as_ref().unwrap();
    assert!(said.contains("not read without its lock"), "{said}");
    assert!(view.counts.failures.contains_key("locked"));
    drop(taken);
    adapter.pass(61 * SECOND);
    assert_eq!(adapter.view(0).presence, Presence::Active);
}

#[test]
fn a_reload_disturbs_nobody_who_stays() {
    let mut adapter = Adapter::full_of(WITH_VDM, 3, Cadences::every(SECOND));
    // In the middle of a round, sweeps under way.
    adapter.pass(5 * SECOND);
    for _ in 0..4 {
        adapter.poller.step();
    }
    let reads = adapter.reads();
    let cage = Cage::new(Arc::new(adapter.clock.clone()));
    plug(&cage, "lpo-800g");
    let slot = Arc::new(PortSlot::new(
        name(9),
        BusName::new("bus").unwrap(),
        publish::unread(None),
    ));
    let meter = Arc::clone(&adapter.stats.meter);
    let watch = Watch::new(Arc::clone(&slot), meter, opener(&cage, &adapter.clock));
    let every = Cadences::every(SECOND);
    adapter.poller.follow(Order::Ports(vec![
        PortOrder::New(Box::new(watch), every),
        PortOrder::Keep(name(2), every),
        PortOrder::Keep(name(0), every),
    ]));
    let selects = adapter.cages[1].write_log().len();
    let left = adapter.reads()[1];
    adapter.pass(5 * SECOND);
    let after = adapter.reads();
    assert_eq!(after[0] - reads[0], 5, "{reads:?} {after:?}");
    assert_eq!(after[2] - reads[2], 5);
    assert_eq!(after[1], left);
    assert_eq!(adapter.cages[1].write_log().len(), selects);
    for number in [0, 2] {
        let view = adapter.view(number);
        assert_eq!(view.counts.insertions, 1);
        assert!(view.counts.failures.is_empty());
    }
    assert_eq!(slot.view.load().presence, Presence::Active);
}

/// The binding of a port whose module stands in a cage.
fn binding(number: usize, bus: &str, source: &str, open: Opener) -> Binding {
    Binding {
        name: name(number),
        bus: BusName::new(bus).unwrap(),
        source: source.to_owned(),
        open,
        settings: SweepSettings::default(),
        cadences: Cadences::every(SECOND / 10),
        lock: None,
        fec: None,
    }
}

/// Lets time pass until a condition holds; fails if it never does.
fn until(clock: &ManualClock, what: &str, condition: impl Fn() -> bool) {
    for _ in 0..60_000 {
        if condition() {
            return;
        }
        clock.advance(Duration::from_millis(10));
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("never: {what}");
}

#[test]
fn an_adapter_that_hangs_delays_no_other() {
    let clock = ManualClock::new();
    let mut crew = Crew::new(context(&clock));
    let (release, gate) = mpsc::channel::<()>();
    let hangs: Opener = Box::new(move |_| {
        let _ = gate.recv();
        Err("the adapter was reset".to_owned())
    });
    let cages: Vec<Cage> = (0..3)
        .map(|_| {
            let cage = Cage::new(Arc::new(clock.clone()));
            plug(&cage, "lpo-800g");
            cage
        })
        .collect();
    let mut bindings = vec![binding(0, "hung", "a", hangs)];
    bindings.extend(cages.iter().enumerate().map(|(number, cage)| {
        let bus = format!("bus{number}");
        binding(number + 1, &bus, "a", opener(cage, &clock))
    }));
    crew.assign(bindings).unwrap();
    let context = crew.context();
    let slots = context.fleet.ports.load_full();
    let reads = |number: usize| slots[number].view.load().counts.reads;
    // Each of the others is swept many times while the first look of the hung one
    // has not come back.
    until(&clock, "the others are swept", || {
        (1..4).all(|number| reads(number) >= 20)
    });
    assert_eq!(reads(0), 0);
    assert!(clock.now() >= 20 * SECOND / 10);
    // Who debugs the daemon sees which port keeps its thread.
    let roster = crew.roster();
    let pollers = roster.pollers.load_full();
    let mut pollers = pollers.iter();
    let (_, hung) = pollers.find(|(bus, _)| bus.as_str() == "hung").unwrap();
    let doing = hung.inside.doing.load_full();
    let Doing::Working { port, work, since } = doing.as_ref() else {
        panic!("{doing:?}");
    };
    assert_eq!((&port.name, *work), (&name(0), Work::Sweeps));
    assert!(clock.now() - *since >= SECOND);
    release.send(()).unwrap();
    until(&clock, "it comes back", || reads(0) > 0);
    drop(release);
    assert!(crew.fallen().is_none());
}

#[test]
fn ports_that_move_to_another_adapter_leave_the_others_as_they_are() {
    let clock = ManualClock::new();
    let mut crew = Crew::new(context(&clock));
    let cages: Vec<Cage> = (0..3)
        .map(|_| {
            let cage = Cage::new(Arc::new(clock.clone()));
            plug(&cage, "lpo-800g");
            cage
        })
        .collect();
    let bound = |number: usize, bus: &str, source: &str| {
        binding(number, bus, source, opener(&cages[number], &clock))
    };
    let first = vec![bound(0, "x", "a"), bound(1, "x", "a"), bound(2, "y", "a")];
    crew.assign(first).unwrap();
    let context = crew.context();
    let before = context.fleet.ports.load_full();
    until(&clock, "all are read", || {
        before.iter().all(|slot| slot.view.load().counts.reads >= 2)
    });
    // The second moves from x to y, the others stay, in another order; one has
    // another period from now on.
    let mut second = vec![bound(2, "y", "a"), bound(1, "y", "a"), bound(0, "x", "a")];
    second[0].cadences = Cadences::every(SECOND);
    crew.assign(second).unwrap();
    let after = context.fleet.ports.load_full();
    assert!(Arc::ptr_eq(&before[0], &after[2]));
    assert!(Arc::ptr_eq(&before[2], &after[0]));
    assert!(!Arc::ptr_eq(&before[1], &after[1]));
    assert_eq!(after[1].bus.as_str(), "y");
    assert_eq!(crew.period(&name(2)), Some(SECOND));
    let reads = [0, 2].map(|number: usize| before[number].view.load().counts.reads);
    until(&clock, "all are read again", || {
        let kept = [0, 2].map(|number: usize| before[number].view.load().counts.reads);
        kept[0] > reads[0] + 2 && kept[1] > reads[1] + 2
    });
    until(&clock, "the moved one is read", || {
        after[1].view.load().snapshot.is_some()
    });
    for slot in after.iter() {
        let counts = slot.view.load().counts.clone();
        assert_eq!((counts.insertions, counts.failures.len()), (1, 0));
    }
    let serial = |slot: &PortSlot| {
        let snapshot = slot.view.load().snapshot.clone();
        snapshot.map(|snapshot| snapshot.identity.serial.clone())
    };
    assert!(matches!(serial(&after[1]), Some(Reading::Value(_))));
    // Whose bus has no port left has no thread either.
    crew.assign(vec![bound(0, "x", "a")]).unwrap();
    assert_eq!(context.fleet.buses.load().len(), 1);
    assert_eq!(context.fleet.ports.load().len(), 1);
}

#[test]
fn a_panic_costs_its_port_a_sweep_and_no_other_anything() {
    let mut adapter = Adapter::full_of(WITH_VDM, 2, Cadences::every(SECOND));
    let cage = Cage::new(Arc::new(adapter.clock.clone()));
    plug(&cage, WITH_VDM);
    let slot = Arc::new(PortSlot::new(
        name(2),
        BusName::new("bus").unwrap(),
        publish::unread(None),
    ));
    let mut open = opener(&cage, &adapter.clock);
    let (mut looks, clock) = (0, adapter.clock.clone());
    let (told, tells) = mpsc::channel();
    let panics: Opener = Box::new(move |meter| {
        looks += 1;
        told.send(clock.now().as_secs()).unwrap();
        assert!(looks > 4, "injected");
        open(meter)
    });
    let watch = Watch::new(Arc::clone(&slot), Arc::clone(&adapter.stats.meter), panics);
    let every = Cadences::every(SECOND);
    adapter.poller.follow(Order::Ports(vec![
        PortOrder::Keep(name(0), every),
        PortOrder::New(Box::new(watch), every),
        PortOrder::Keep(name(1), every),
    ]));
    adapter.pass(2 * SECOND);
    let trouble = slot.view.load().trouble.clone().unwrap();
    assert!(trouble.contains("(injected)"), "{trouble}");
    adapter.pass(28 * SECOND);
    assert!(adapter.reads().iter().all(|reads| *reads >= 30));
    // Left alone for 1, 2, 4 and 8 s.
    assert_eq!(tells.try_iter().collect::<Vec<u64>>(), [0, 1, 3, 7, 15]);
    let view = slot.view.load();
    assert_eq!(view.presence, Presence::Active);
    assert_eq!(view.trouble, None);
    assert!(view.counts.reads >= 4 + 14, "{}", view.counts.reads);
    assert_eq!(view.counts.insertions, 1);
}

#[test]
fn what_is_told_to_who_debugs_follows_the_poller() {
    let cadences = Cadences::every(SECOND);
    let mut adapter = Adapter::new(2, cadences, SweepSettings::default(), None);
    plug(&adapter.cages[0], WITH_VDM);
    let doing = |adapter: &Adapter| adapter.pulse.inside.doing.load_full();
    assert!(matches!(*doing(&adapter), Doing::Starting));
    let fresh = adapter.inside(0);
    assert_eq!((fresh.sweeps, fresh.last), (0, None));
    assert_eq!(fresh.standing.presence, Presence::Unread);
    assert_eq!(fresh.standing.is_open, Some(false));

    // One sweep of a lone module is all that the meter has counted.
    let mut alone = Adapter::full_of(WITH_VDM, 1, cadences);
    while alone.inside(0).sweeps == 0 {
        let rest = alone.poller.step();
        alone.clock.advance(rest);
    }
    let last = alone.inside(0).last.unwrap();
    assert_eq!(last.traffic, Traffic::of(&alone.stats.meter));
    assert!(last.traffic.transactions > 0 && last.traffic.bytes > 0);
    assert!(last.traffic.busy > Duration::ZERO && last.traffic.busy <= last.took);
    assert_eq!(last.late, None, "the first look is out of turn");

    adapter.pass(10 * SECOND);
    let (module, nobody) = (adapter.inside(0), adapter.inside(1));
    assert_eq!([module.sweeps, nobody.sweeps], adapter.reads()[..]);
    assert_eq!(module.last.unwrap().late, Some(Duration::ZERO));
    assert_eq!(module.standing.failures, 0);
    assert_eq!(module.standing.presence, Presence::Active);
    assert_eq!(module.standing.holds_frozen, Some(false));
    assert_eq!(nobody.standing.presence, Presence::Empty);
    assert_eq!(u64::from(nobody.standing.failures), nobody.sweeps);
    let now = adapter.clock.now();
    assert!(module.due >= now && module.due <= now + SECOND);
    let Doing::Resting { until } = *doing(&adapter) else {
        panic!("nothing is due");
    };
    assert!(until >= now && until <= module.due);

    // What keeps failing is told to rest.
    adapter.cages[0].set_fault(Fault::Hang(SECOND / 5));
    adapter.pass(30 * SECOND);
    let failing = adapter.inside(0);
    assert_eq!(failing.standing.presence, Presence::Dormant);
    assert!(failing.standing.failures >= TROUBLES_UNTIL_DORMANT);
    let rest = failing.standing.rest.unwrap();
    assert_eq!(failing.due, failing.last.unwrap().ended + rest);

    // A port that goes is no longer told of, and another period is.
    let order = PortOrder::Keep(name(0), Cadences::every(5 * SECOND));
    adapter.poller.follow(Order::Ports(vec![order]));
    assert_eq!(adapter.pulse.inside.ports.load().len(), 1);
    assert_eq!(adapter.inside(0).period, 5 * SECOND);
}

#[test]
fn a_sweep_that_waits_is_told_as_under_way() {
    let mut adapter = Adapter::new(1, Cadences::every(SECOND), FROZEN, None);
    plug(&adapter.cages[0], WITH_VDM);
    let mut waited = 0;
    while adapter.clock.now() < 30 * SECOND {
        let rest = adapter.poller.step();
        let state = adapter.inside(0);
        if let Some(sweep) = state.under_way {
            waited += 1;
            let now = adapter.clock.now();
            assert!(sweep.began <= now && sweep.goes_on >= now);
            // The sweep has it.
            assert_eq!(state.standing.holds_frozen, None);
        }
        adapter.clock.advance(rest);
    }
    assert!(
        waited > 0,
        "statistics are frozen now and then, which takes a wait"
    );
}

/// A bus whose next transaction panics where the switch is on.
struct Panicking<I>(I, Arc<AtomicBool>);

impl<I: ErrorType> ErrorType for Panicking<I> {
    type Error = I::Error;
}

impl<I: I2c> I2c for Panicking<I> {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        assert!(!self.1.swap(false, Ordering::Relaxed), "injected");
        self.0.transaction(address, operations)
    }
}

#[test]
fn a_module_that_was_known_before_a_panic_did_not_come_again() {
    let clock = ManualClock::new();
    let context = context(&clock);
    let cage = Cage::new(Arc::new(clock.clone()));
    let bus = BusName::new("bus").unwrap();
    let slot = Arc::new(PortSlot::new(name(0), bus.clone(), publish::unread(None)));
    let is_struck = Arc::new(AtomicBool::new(false));
    let (place, strike, time) = (cage.clone(), Arc::clone(&is_struck), clock.clone());
    let open: Opener = Box::new(move |meter| {
        let i2c = Panicking(place.i2c(BusRate::Khz400), Arc::clone(&strike));
        let metered = Metered::new(i2c, time.clone(), Arc::clone(meter));
        Ok(Box::new(Paged::new(
            metered,
            time.clone(),
            Arc::clone(meter),
        )))
    });
    let watch = Watch::new(Arc::clone(&slot), Arc::default(), open);
    let stats = Arc::new(publish::bus(bus));
    let mut poller = Poller::new(Arc::clone(&context), stats, Arc::default());
    let every = Cadences::every(SECOND);
    poller.follow(Order::Ports(vec![PortOrder::New(Box::new(watch), every)]));
    let mut pass = |seconds: u32| {
        let end = clock.now() + seconds * SECOND;
        while clock.now() < end {
            let rest = poller.step();
            clock.advance(rest.min(end.saturating_sub(clock.now())));
        }
        let view = slot.view.load_full();
        let kinds = context.fleet.events.by_kind();
        let told = |kind| kinds.get(kind).copied().unwrap_or(0);
        let events = [told("insert"), told("swap"), told("remove")];
        (events, view.counts.insertions, view.presence)
    };
    let strike = || is_struck.store(true, Ordering::Relaxed);

    plug(&cage, WITH_VDM);
    assert_eq!(pass(5), ([1, 0, 0], 1, Presence::Active));
    strike();
    assert_eq!(pass(5), ([1, 0, 0], 1, Presence::Active));
    assert!(!is_struck.load(Ordering::Relaxed), "the sweep panicked");
    // Another module comes while the port is left alone.
    strike();
    while is_struck.load(Ordering::Relaxed) {
        pass(1);
    }
    plug(&cage, "lpo-800g");
    assert_eq!(pass(5), ([1, 1, 0], 2, Presence::Active));
    // The module goes meanwhile.
    strike();
    while is_struck.load(Ordering::Relaxed) {
        pass(1);
    }
    cage.remove();
    assert_eq!(pass(10), ([1, 1, 1], 2, Presence::Empty));
}
