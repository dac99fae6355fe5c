//! One port being watched: a look at its module, and the view that comes of it.

mod ends;
pub(super) mod observe;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use tracing::{Span, debug, debug_span};

use super::attend::{self, Back, Manner, Seen};
use super::journal::Journal;
use super::lifecycle::{Lifecycle, Outcome};
use super::sessions::Keeper;
use super::source::Opener;
use super::{changes, counting};
use crate::bus::meter::Meter;
use crate::bus::wait::{self, Step, Work};
use crate::bus::{BusError, BusErrorKind, Memory};
use crate::class::{self, Classification, Settings};
use crate::clock::Clock;
use crate::config::LockConfig;
use crate::health::event::Event;
use crate::health::flags::Latches;
use crate::health::port::PortHealth;
use crate::health::verdict;
use crate::module::sweep::{Due, Session, Sweep, SweepSettings};
use crate::module::{Identity, Presence, Reading, Snapshot};
use crate::plan::{Assignment, Plan, check};
use crate::report::{Fleet, Planned, PortCounts, PortSlot, PortView};

/// What all ports share.
pub struct Context {
    /// What the time is.
    pub clock: Arc<dyn Clock>,
    /// What should be in each port; replaced as a whole on a reload.
    pub plan: ArcSwap<Option<Plan>>,
    /// What the operator changed about classification.
    pub settings: Settings,
    /// Where views are published.
    pub fleet: Arc<Fleet>,
    /// Where events are handed over.
    pub journal: Journal,
}

/// One port being watched.
pub struct Watch {
    slot: Arc<PortSlot>,
    meter: Arc<Meter>,
    open: Opener,
    memory: Option<Box<dyn Memory>>,
    was_open: bool,
    /// The sweep under way, which has memory and session.
    work: Option<Work<'static, Back>>,
    /// The sweep under way, for the log.
    span: Span,
    lock: Option<Arc<LockConfig>>,
    /// Whether the memory has a short way to ask if its module is there.
    can_ask: bool,
    settings: SweepSettings,
    session: Session,
    latches: Latches,
    health: PortHealth,
    sessions: Keeper,
    /// When the health was last stepped.
    stepped: Option<Duration>,
    lifecycle: Lifecycle,
    module: Option<Module>,
    /// Who was seen to come and not to go, however long ago it was read.
    present: Option<Identity>,
    trouble: Option<String>,
    last_read: Option<SystemTime>,
    counts: PortCounts,
}

/// How often a cage is looked at in which nobody answered, at least: so that a
/// module that is plugged in is seen within a second.
const EMPTY_ASKED_EVERY: Duration = Duration::from_millis(900);

/// The newest that is known of the module in the cage.
struct Module {
    snapshot: Arc<Snapshot>,
    class: Arc<Classification>,
}

/// Whether a module that says this of itself may be one that said that. One whose name
/// plate cannot be read is taken for it: trouble on the bus swaps no module.
fn may_be(known: &Identity, identity: &Identity) -> bool {
    identity.is_unread() || known.is_unread() || known == identity
}

impl Watch {
    /// Watches the port of a slot; its module is opened at the first look.
    pub fn new(slot: Arc<PortSlot>, meter: Arc<Meter>, open: Opener) -> Self {
        Self {
            slot,
            meter,
            open,
            memory: None,
            was_open: false,
            work: None,
            span: Span::none(),
            lock: None,
            can_ask: true,
            settings: SweepSettings::default(),
            session: Session::new(),
            latches: Latches::default(),
            health: PortHealth::default(),
            sessions: Keeper::default(),
            stepped: None,
            lifecycle: Lifecycle::new(),
            module: None,
            present: None,
            trouble: None,
            last_read: None,
            counts: PortCounts::default(),
        }
    }

    /// The same with what may be done to the module.
    pub fn with_settings(mut self, settings: SweepSettings) -> Self {
        self.settings = settings;
        self.session = Session::with_settings(settings);
        self
    }

    /// The same with a lock that is held while the module is read.
    pub fn with_lock(mut self, lock: Option<Arc<LockConfig>>) -> Self {
        self.lock = lock;
        self
    }

    /// The port.
    pub fn slot(&self) -> &Arc<PortSlot> {
        &self.slot
    }

    /// Whether the way to the module was open once.
    pub fn was_open(&self) -> bool {
        self.was_open
    }

    /// Begins a sweep of the module, opened first if need be; [`Watch::go_on`]
    /// brings it to its end.
    pub fn begin(&mut self, context: &Context, due: Due) {
        self.counts.reads += 1;
        self.span = debug_span!("sweep", port = %self.slot.name, bus = %self.slot.bus);
        let _in_sweep = self.span.clone().entered();
        let memory = match self.memory.take() {
            Some(memory) => Ok(memory),
            None => {
                self.session.begin_anew();
                (self.open)(&self.meter)
            }
        };
        self.was_open |= memory.is_ok();
        self.work = Some(Box::pin(attend::sweep(
            memory,
            std::mem::take(&mut self.session),
            Arc::clone(&context.clock),
            Manner {
                port: self.slot.name.clone(),
                lock: self.lock.clone(),
                asks_first: self.lifecycle.is_quiet(),
                due,
            },
        )));
    }

    /// Lets a sweep that was begun go on until it has to wait, or is done: then
    /// publishes what came of it and tells what changed. Values older than
    /// `shown_for` are taken back.
    pub fn go_on(&mut self, context: &Context, shown_for: Duration) -> Step<Seen> {
        let Some(work) = &mut self.work else {
            return Step::Done(self.seen());
        };
        let _in_sweep = self.span.clone().entered();
        match wait::step(work) {
            Step::Until(until) => Step::Until(until),
            Step::Done(back) => {
                self.work = None;
                self.span = Span::none();
                let outcome = self.take_back(back);
                self.take_in(outcome, context, shown_for);
                Step::Done(self.seen())
            }
        }
    }

    /// A sweep from its beginning to its end, for who has nothing else to do.
    /// Returns whether it is known what stands in the cage.
    pub fn look(&mut self, context: &Context, shown_for: Duration) -> bool {
        self.begin(context, Due::ALL);
        if let Some(work) = self.work.take() {
            let outcome = self.take_back(wait::complete(work));
            self.take_in(outcome, context, shown_for);
        }
        self.lifecycle.is_settled()
    }

    /// Whether the module still answers, asked in the shortest way.
    pub fn ask(&mut self) -> bool {
        match self.memory.as_mut().and_then(|memory| memory.knock()) {
            Some(answer) => answer.is_ok(),
            None => {
                self.can_ask = false;
                true
            }
        }
    }

    /// What the last sweep says of the next one.
    fn seen(&self) -> Seen {
        if let Some(for_now) = self.lifecycle.rest() {
            return Seen::Dormant { for_now };
        }
        if !self.lifecycle.is_settled() || self.lifecycle.may_be_gone() {
            return Seen::Unsettled;
        }
        match self.lifecycle.presence() {
            Presence::Empty => Seen::Nobody {
                asked_within: EMPTY_ASKED_EVERY,
            },
            Presence::Active if self.can_ask && self.lock.is_none() => Seen::Module,
            _ => Seen::Left,
        }
    }

    /// Takes memory and session back from a sweep.
    fn take_back(&mut self, back: Back) -> Result<Sweep, BusError> {
        let Back {
            memory,
            session,
            outcome,
        } = back;
        self.session = session;
        debug!(port = %self.slot.name, good = outcome.is_ok(), "swept");
        // An error that is none of the bus's own, such as a device that went
        // away, is answered by opening anew at the next look.
        if !matches!(&outcome, Err(error) if matches!(error.kind, BusErrorKind::Other(_))) {
            self.memory = memory;
        }
        outcome
    }

    /// Publishes what came of a sweep; returns what changed.
    fn news(
        &mut self,
        outcome: Result<Sweep, BusError>,
        context: &Context,
        shown_for: Duration,
    ) -> Vec<Event> {
        match outcome {
            Ok(sweep) => self.learn(sweep, context),
            Err(error) => self.miss(&error, context.clock.now(), shown_for),
        }
        let before = self.slot.view.load_full();
        let plan = context.plan.load();
        let assignment = plan
            .as_ref()
            .as_ref()
            .and_then(|p| p.assignment(&self.slot.name));
        let told = self.judge_over_time(assignment, context);
        let came = self.counts.insertions > before.counts.insertions;
        if came || self.module.is_none() {
            self.latches = Latches::default();
        }
        let read = self.module.as_ref().filter(|_| self.trouble.is_none());
        let flagged = read.map(|module| {
            let at = self.last_read.unwrap_or_else(|| context.clock.wall());
            self.latches.step(&module.snapshot, at)
        });
        let after = Arc::new(self.view(assignment));
        self.slot.view.store(Arc::clone(&after));
        let mut events = changes::between(&before, &after);
        events.extend(told);
        events.extend(flagged.into_iter().flatten());
        events
    }

    /// Takes in a sweep that worked.
    fn learn(&mut self, sweep: Sweep, context: &Context) {
        let Sweep { snapshot, inserted } = sweep;
        // A page that the module lacks for good is no reason to wait for it.
        let partly =
            has_transient_failure(&snapshot) || snapshot.data_not_ready == Reading::Value(true);
        self.lifecycle.step(if partly {
            Outcome::Partly
        } else {
            Outcome::Whole
        });
        self.trouble = None;
        self.last_read = Some(context.clock.wall());
        counting::count(&mut self.counts, &snapshot);
        // The session forgets a module at the first failed sweep, and may know one
        // again that was gone: what counts is who was told to be there.
        let known = self.module.take();
        let same = match &self.present {
            Some(present) => !inserted || may_be(present, &snapshot.identity),
            None => false,
        };
        if !same {
            self.counts.departures = self.counts.insertions;
            self.counts.insertions += 1;
        }
        if !same || self.present.as_ref().is_some_and(Identity::is_unread) {
            self.present = Some(snapshot.identity.clone());
        }
        // A class is decided once for each insertion, but not from half of
        // the evidence.
        let is_unread = same && snapshot.identity.is_unread();
        let keeps = |known: &Module| !inserted && !has_transient_failure(&known.snapshot);
        let class = match known {
            Some(known) if is_unread || keeps(&known) => known.class,
            _ => Arc::new(class::classify(&snapshot, &context.settings)),
        };
        self.module = Some(Module {
            snapshot: Arc::new(snapshot),
            class,
        });
    }

    /// Takes in a sweep that failed. Silence of an empty cage is no failure.
    fn miss(&mut self, error: &BusError, now: Duration, shown_for: Duration) {
        let presence = self.lifecycle.step(Outcome::of_error(&error.kind));
        self.trouble = Some(error.to_string());
        if presence.is_module() || error.kind != BusErrorKind::NoAnswer {
            *self.counts.failures.entry(error.kind.label()).or_default() += 1;
        }
        let is_stale = |module: &Module| now.saturating_sub(module.snapshot.finished) > shown_for;
        if !matches!(presence, Presence::Active | Presence::Settling) {
            // Nothing to hold on to: an adapter can be unplugged only while
            // its device is closed.
            self.memory = None;
        }
        if presence == Presence::Empty {
            self.present = None;
            self.counts.departures = self.counts.insertions;
        }
        if presence == Presence::Empty || self.module.as_ref().is_some_and(is_stale) {
            self.module = None;
        }
    }

    /// The view of the port as it stands, held against its plan.
    fn view(&mut self, assignment: Option<&Assignment>) -> PortView {
        let presence = self.lifecycle.presence();
        let module = self.module.as_ref();
        let parts = module.map(|m| (m.snapshot.as_ref(), m.class.as_ref()));
        let mut watched = self.health.watched();
        // A source that is about to be asked for the first time is one.
        let host = self.slot.host.load();
        watched.host_counts |= host.as_ref().is_some_and(|host| host.reads == 0);
        watched.host_silent = host.as_ref().map(|host| match &host.trouble {
            Some(said) => said.clone(),
            None => format!("no answer from {}", host.source),
        });
        let findings = check::check_watched(assignment, presence, parts, watched);
        // That nobody answers in a cage where nothing must be is as it should be.
        let wanted = assignment.is_some_and(|a| a.required);
        let trouble = self
            .trouble
            .clone()
            .filter(|_| presence != Presence::Empty || wanted);
        let judgement = verdict::judge(
            presence,
            module.map(|m| m.snapshot.as_ref()),
            module.map(|m| m.class.as_ref()),
            &findings,
            &self.health.figures().reasons,
            trouble.as_deref(),
        );
        let judgement = self.health.settle(judgement);
        PortView {
            planned: assignment.map(Planned::of),
            presence,
            settled: self.lifecycle.is_settled(),
            snapshot: module.map(|m| Arc::clone(&m.snapshot)),
            class: module.map(|m| Arc::clone(&m.class)),
            findings,
            judgement,
            health: Arc::new(self.health.figures().clone()),
            flags: self.latches.tallies(),
            trouble,
            last_read: self.last_read,
            counts: self.counts.clone(),
        }
    }
}

/// Whether something could not be read that another sweep may bring.
fn has_transient_failure(snapshot: &Snapshot) -> bool {
    snapshot
        .failures
        .iter()
        .any(|failure| failure.error.kind.is_transient())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::address::Half;
    use crate::bus::paging::Paged;
    use crate::clock::ManualClock;
    use crate::config::Cadences;
    use crate::daemon::poller::{Order, Poller, PortOrder};
    use crate::daemon::publish;
    use crate::module::Absence;
    use crate::names::{BusName, PortName};
    use crate::sim::builders;
    use crate::sim::cage::Cage;
    use crate::sim::fault::{Fault, SimError};
    use crate::sim::i2c::SimI2c;
    use crate::sim::lifecycle::Startup;
    use crate::sim::wire::BusRate;
    use embedded_hal::i2c::{ErrorType, I2c, Operation};

    /// For how long values may be shown here.
    const SHOWN_FOR: Duration = Duration::from_secs(3);

    /// A watched cage, its context and its clock.
    fn rig() -> (Cage, Watch, Context, ManualClock) {
        rig_with(SweepSettings::default(), |i2c, _| i2c)
    }

    /// The same with settings, behind a bus of one's own.
    fn rig_with<I: I2c<Error = SimError> + Send + 'static>(
        settings: SweepSettings,
        bus: impl Fn(SimI2c, Cage) -> I + Send + 'static,
    ) -> (Cage, Watch, Context, ManualClock) {
        let clock = ManualClock::new();
        let cage = Cage::new(Arc::new(clock.clone()));
        let slot = PortSlot::new(
            PortName::new("Ethernet0").unwrap(),
            BusName::new("bus").unwrap(),
            publish::unread(None),
        );
        let (inside, time) = (cage.clone(), clock.clone());
        let open: Opener = Box::new(move |meter| {
            let i2c = bus(inside.i2c(BusRate::default()), inside.clone());
            Ok(Box::new(Paged::new(i2c, time.clone(), Arc::clone(meter))))
        });
        let fleet = Arc::new(publish::fleet(SystemTime::UNIX_EPOCH));
        let context = Context {
            clock: Arc::new(clock.clone()),
            plan: ArcSwap::default(),
            settings: Settings::default(),
            journal: Journal::unkept(&fleet),
            fleet,
        };
        let watch = Watch::new(Arc::new(slot), Arc::default(), open).with_settings(settings);
        (cage, watch, context, clock)
    }

    fn look(watch: &mut Watch, context: &Context) -> Presence {
        watch.look(context, SHOWN_FOR);
        watch.slot().view.load().presence
    }

    fn plug(cage: &Cage) {
        let module = builders::by_name("dsp-800g").unwrap();
        cage.insert(module.with_manners(|manners| manners.startup = Startup::INSTANT));
    }

    #[test]
    fn a_module_comes_once_and_goes_at_the_second_silence() {
        let (cage, mut watch, context, _) = rig();
        assert_eq!(look(&mut watch, &context), Presence::Unread);
        plug(&cage);
        assert_eq!(look(&mut watch, &context), Presence::Active);
        assert_eq!(look(&mut watch, &context), Presence::Active);
        let view = watch.slot().view.load_full();
        assert_eq!((view.counts.reads, view.counts.insertions), (3, 1));
        assert!(view.snapshot.is_some() && view.class.is_some());
        assert!(view.counts.failures.is_empty());

        cage.remove();
        assert_eq!(look(&mut watch, &context), Presence::Active);
        assert!(watch.slot().view.load().snapshot.is_some());
        assert_eq!(look(&mut watch, &context), Presence::Empty);
        assert!(watch.slot().view.load().snapshot.is_none());
        let kinds = context.fleet.events.by_kind();
        assert_eq!((kinds["insert"], kinds["remove"]), (1, 1));
        assert!(!kinds.contains_key("bus_trouble"));
    }

    #[test]
    fn an_adapter_in_lasting_trouble_is_let_go_of() {
        let (cage, mut watch, context, _) = rig();
        plug(&cage);
        assert_eq!(look(&mut watch, &context), Presence::Active);
        assert!(watch.memory.is_some());
        // EIO, as from an adapter whose hardware was pulled.
        cage.set_fault(Fault::BusError(u32::MAX));
        look(&mut watch, &context);
        assert_eq!(look(&mut watch, &context), Presence::Failing);
        assert!(watch.memory.is_none());
        cage.set_fault(Fault::None);
        assert_eq!(look(&mut watch, &context), Presence::Active);
    }

    #[test]
    fn who_is_there_again_after_going_came_twice_whoever_it_is() {
        let (cage, mut watch, context, clock) = rig();
        // Eight bytes in a read: what is new must not be taken for what was.
        let module = builders::by_name("lpo-800g").unwrap();
        cage.insert(module.with_manners(|manners| manners.read_limit = Some(8)));
        clock.advance(Duration::from_secs(30));
        assert_eq!(look(&mut watch, &context), Presence::Active);
        let counts = |watch: &Watch| {
            let counts = watch.slot().view.load().counts.clone();
            (counts.insertions, counts.departures)
        };
        assert_eq!(counts(&watch), (1, 0));
        cage.set_plugged(false);
        while look(&mut watch, &context) != Presence::Empty {
            clock.advance(Duration::from_secs(1));
        }
        assert_eq!(counts(&watch), (1, 1));
        cage.set_plugged(true);
        assert_eq!(look(&mut watch, &context), Presence::Active);
        assert_eq!(counts(&watch), (2, 1));
        // One that falls silent for less than that was never away.
        cage.set_fault(Fault::NackForever);
        look(&mut watch, &context);
        cage.set_fault(Fault::None);
        assert_eq!(look(&mut watch, &context), Presence::Active);
        assert_eq!(counts(&watch), (2, 1));
    }

    #[test]
    fn a_flag_is_told_once_and_counted_as_often_as_it_is_raised() {
        let (cage, mut watch, context, clock) = rig();
        plug(&cage);
        let mut looks = |times: u32| {
            for _ in 0..times {
                clock.advance(Duration::from_secs(1));
                look(&mut watch, &context);
            }
            let kinds = context.fleet.events.by_kind();
            let told = |kind| kinds.get(kind).copied().unwrap_or(0);
            let counts = watch.slot().view.load().counts.clone();
            let counted = counts.signal_flags.get("rx_los").copied().unwrap_or(0);
            (told("flag_raised"), told("flag_cleared"), counted)
        };
        // All that was latched at the start is gone after this.
        let (raised, cleared, _) = looks(6);
        cage.adjust(|knobs, _| knobs.dark_lanes = 1);
        let (dark, _, counted) = looks(1);
        assert!(dark > raised);
        assert_eq!(looks(9), (dark, cleared, counted + 9));
        cage.calm();
        // Once more: what was latched between the last look and the calm.
        let (_, _, counted) = looks(1);
        assert_eq!(looks(9), (dark, cleared + dark - raised, counted));
    }

    /// A bus that loses its module as soon as it is asked to freeze.
    struct LostOnceFrozen(SimI2c, Cage);

    impl ErrorType for LostOnceFrozen {
        type Error = SimError;
    }

    impl I2c for LostOnceFrozen {
        fn transaction(
            &mut self,
            address: u8,
            operations: &mut [Operation<'_>],
        ) -> Result<(), Self::Error> {
            let outcome = self.0.transaction(address, operations);
            if let [Operation::Write([144, byte])] = operations
                && byte & 0x80 != 0
            {
                self.1.set_fault(Fault::NackForever);
            }
            outcome
        }
    }

    #[test]
    fn a_poller_that_ends_or_loses_a_port_leaves_no_module_frozen() {
        for is_taken_off in [true, false] {
            let settings = SweepSettings {
                passive: false,
                freeze: true,
            };
            let (cage, watch, context, clock) = rig_with(settings, LostOnceFrozen);
            plug(&cage);
            let stats = Arc::new(publish::bus(BusName::new("bus").unwrap()));
            let mut poller = Poller::new(Arc::new(context), stats, Arc::default());
            let cadences = Cadences::every(Duration::from_secs(1));
            poller.follow(Order::Ports(vec![PortOrder::New(
                Box::new(watch),
                cadences,
            )]));
            let request = || cage.peek(Half::page(0x2F), 144).unwrap() & 0x80;
            while request() == 0 && clock.now() < Duration::from_secs(60) {
                let rest = poller.step();
                clock.advance(rest);
            }
            assert_eq!(request(), 0x80);
            cage.set_fault(Fault::None);
            if is_taken_off {
                poller.follow(Order::Ports(Vec::new()));
            } else {
                drop(poller);
            }
            assert_eq!(request(), 0);
        }
    }

    #[test]
    fn a_flag_that_the_last_sweep_consumed_is_told() {
        for is_taken_off in [true, false] {
            let (cage, watch, context, clock) = rig();
            plug(&cage);
            let fleet = Arc::clone(&context.fleet);
            let raised = || fleet.events.by_kind().get("flag_raised").copied();
            let stats = Arc::new(publish::bus(BusName::new("bus").unwrap()));
            let mut poller = Poller::new(Arc::new(context), stats, Arc::default());
            let cadences = Cadences::every(Duration::from_secs(1));
            let order = PortOrder::New(Box::new(watch), cadences);
            poller.follow(Order::Ports(vec![order]));
            while clock.now() < Duration::from_secs(10) {
                clock.advance(poller.step());
            }
            // 00h:9.0, the temperature's high alarm, for an instant.
            let (before, flag) = (raised(), (Half::LOWER, 9));
            cage.poke(flag.0, flag.1, 1);
            while cage.peek(flag.0, flag.1) != Some(0) {
                clock.advance(poller.step());
            }
            assert_eq!(raised(), before, "its sweep is under way");
            if is_taken_off {
                poller.follow(Order::Ports(Vec::new()));
            } else {
                drop(poller);
            }
            assert_eq!(raised(), Some(before.unwrap_or_default() + 1));
        }
    }

    #[test]
    fn a_name_plate_that_cannot_be_read_swaps_no_module() {
        let (cage, mut watch, context, _) = rig();
        plug(&cage);
        look(&mut watch, &context);
        let snapshot = watch.slot().view.load().snapshot.clone().unwrap();
        let saying = |serial: Reading<&str>| {
            let mut snapshot = Snapshot::clone(&snapshot);
            snapshot.identity.serial = serial.map(str::to_owned);
            Ok(Sweep {
                snapshot,
                inserted: true,
            })
        };
        let unread = || saying(Reading::Absent(Absence::ReadFailed));
        let swaps = |watch: &mut Watch, sweep| {
            let events = watch.news(sweep, &context, SHOWN_FOR);
            events.iter().any(|event| event.kind() == "swap")
        };
        assert!(!swaps(&mut watch, unread()));
        assert!(!swaps(&mut watch, unread()));
        assert!(!swaps(&mut watch, saying(Reading::Value("SIM-DSP-800G"))));
        // Another one that comes at such a time is seen as soon as it can be.
        assert!(!swaps(&mut watch, unread()));
        assert!(swaps(&mut watch, saying(Reading::Value("ANOTHER"))));
        // One that never told who it is cannot be told from the next.
        watch.module = None;
        watch.news(unread(), &context, SHOWN_FOR);
        assert!(!swaps(&mut watch, saying(Reading::Value("ANOTHER"))));
        assert!(swaps(&mut watch, saying(Reading::Value("SIM-DSP-800G"))));
    }

    #[test]
    fn one_lost_sweep_is_no_insertion_and_an_old_value_is_not_shown() {
        let (cage, mut watch, context, clock) = rig();
        plug(&cage);
        look(&mut watch, &context);
        let module = cage.remove();
        look(&mut watch, &context);
        module.map(|module| cage.insert(module));
        assert_eq!(look(&mut watch, &context), Presence::Active);
        assert_eq!(watch.slot().view.load().counts.insertions, 1);

        cage.remove();
        clock.advance(2 * SHOWN_FOR);
        look(&mut watch, &context);
        assert!(watch.slot().view.load().snapshot.is_none());
    }
}
