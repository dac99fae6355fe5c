//! One root adapter's clockwork: the port whose deadline is the earliest is next.
//!
//! A [`Poller`] belongs to one thread. One [`Poller::step`] begins one sweep or
//! lets one go on until it has to wait, so that orders from the daemon wait for
//! one visit of a page at most. While the module of one sweep has to be waited
//! for, others of the same bus are swept. What is due when, [`super::schedule`]
//! tells.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::attend::Seen;
use super::inside::{BusInside, Ledger, Stand, Traffic, Work};
use super::panics;
use super::publish::shown_for;
use super::schedule::Times;
use super::watch::{Context, Watch};
use crate::bus::wait::Step;
use crate::config::Cadences;
use crate::names::PortName;
use crate::report::BusStats;

/// The longest that a poller rests without a sign of life.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// How many sweeps are under way at a time, at most: more than any bus can keep
/// busy, and few enough that each ends soon.
const MOST_AT_ONCE: usize = 8;

/// For how long a port is left alone after a panic, at first; it doubles.
const FIRST_REST_AFTER_PANIC: Duration = Duration::from_secs(1);
/// For how long at most.
const LONGEST_REST_AFTER_PANIC: Duration = Duration::from_secs(60);

/// What a poller is told by the daemon.
pub enum Order {
    /// The ports to sweep from now on, in this order.
    Ports(Vec<PortOrder>),
}

/// One port of an order, and how often it is swept.
pub enum PortOrder {
    /// A port that this poller has already and keeps as it is.
    Keep(PortName, Cadences),
    /// A new one.
    New(Box<Watch>, Cadences),
}

/// Signs of life, read by the daemon.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Steps made.
    pub steps: AtomicU64,
    /// Whether the way to some module was open once.
    pub opened: AtomicBool,
    /// What the poller does, for who debugs it.
    pub inside: BusInside,
}

/// The clockwork of one root adapter.
pub struct Poller {
    context: Arc<Context>,
    stats: Arc<BusStats>,
    pulse: Arc<Pulse>,
    seats: Vec<Seat>,
    /// When the last step ended.
    stepped: Duration,
    round: Round,
}

/// A port of the bus.
struct Seat {
    watch: Watch,
    times: Times,
    /// When its sweep goes on, if one is under way.
    goes_on: Option<Duration>,
    /// Whether it was swept in this round.
    was_swept: bool,
    /// How many of its sweeps in a row ended in a panic.
    panics: u32,
    /// What is told of it to who debugs.
    ledger: Ledger,
}

/// From one sweep of every port to the next.
#[derive(Debug, Default)]
struct Round {
    /// For how long some sweep was under way.
    spent: Duration,
    /// How late a sweep began, at most.
    latest: Duration,
}

/// What is to be done now, for the seat of that number.
enum Task {
    GoOn(usize),
    Begin(usize),
    Ask(usize),
}

impl Task {
    fn work(&self) -> Work {
        match self {
            Self::GoOn(_) | Self::Begin(_) => Work::Sweeps,
            Self::Ask(_) => Work::Asks,
        }
    }
}

impl Poller {
    /// A poller without ports.
    pub fn new(context: Arc<Context>, stats: Arc<BusStats>, pulse: Arc<Pulse>) -> Self {
        let stepped = context.clock.now();
        Self {
            context,
            stats,
            pulse,
            seats: Vec::new(),
            stepped,
            round: Round::default(),
        }
    }

    /// Sweeps and follows orders until the other end of the orders is dropped.
    pub fn run(mut self, orders: &Receiver<Order>) {
        let mut rest = Duration::ZERO;
        loop {
            match orders.recv_timeout(rest) {
                Ok(order) => self.follow(order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            rest = self.step();
        }
    }

    /// Takes over new ports; kept ones keep their state, their schedule and the
    /// sweep that is under way.
    pub fn follow(&mut self, order: Order) {
        let Order::Ports(ports) = order;
        let now = self.context.clock.now();
        let mut old = std::mem::take(&mut self.seats);
        for (place, port) in ports.into_iter().enumerate() {
            match port {
                PortOrder::New(watch, cadences) => self.seats.push(Seat {
                    ledger: Ledger::new(watch.slot().name.clone()),
                    watch: *watch,
                    times: Times::new(cadences, place, now),
                    goes_on: None,
                    was_swept: false,
                    panics: 0,
                }),
                PortOrder::Keep(name, cadences) => {
                    let place = old.iter().position(|s| s.watch.slot().name == name);
                    let seat = place.map(|place| old.swap_remove(place));
                    self.seats.extend(seat.map(|mut seat| {
                        seat.times.keep_to(cadences, now);
                        seat
                    }));
                }
            }
        }
        let ledgers = self.seats.iter_mut().map(|seat| {
            seat.publish(now, Traffic::default());
            seat.ledger.published()
        });
        let inside = &self.pulse.inside;
        inside.ports.store(Arc::new(ledgers.collect()));
        for mut seat in old {
            inside.works(&seat.ledger, Work::Leaves, self.context.clock.now());
            seat.watch.leave(&self.context);
        }
    }

    /// Does what is most urgent, if anything is due, and returns for how long
    /// nothing will be due.
    pub fn step(&mut self) -> Duration {
        self.pulse.steps.fetch_add(1, Ordering::Relaxed);
        let now = self.context.clock.now();
        let is_under_way = self.seats.iter().any(|seat| seat.goes_on.is_some());
        let task = self.task(now);
        let worked = is_under_way || task.is_some();
        let began = if is_under_way { self.stepped } else { now };
        if let Some(task) = task {
            self.guarded(task, now);
        }
        self.stepped = self.context.clock.now();
        if worked {
            self.round.spent += self.stepped.saturating_sub(began);
        }
        if !self.seats.is_empty() && self.seats.iter().all(|seat| seat.was_swept) {
            self.end_round();
        }
        let rest = self.rest();
        self.pulse.inside.rests(self.stepped.saturating_add(rest));
        rest
    }

    /// Does what is to be done for a port. If that panics, the port begins anew: a
    /// defect that one module brings to light must not blind us to the others.
    fn guarded(&mut self, task: Task, now: Duration) {
        let (Task::GoOn(index) | Task::Begin(index) | Task::Ask(index)) = task;
        panics::works_on(self.seats.get(index).map(|seat| seat.watch.slot()));
        if let Some(seat) = self.seats.get(index) {
            self.pulse.inside.works(&seat.ledger, task.work(), now);
        }
        let before = Traffic::of(&self.stats.meter);
        let work = AssertUnwindSafe(|| match task {
            Task::GoOn(index) => self.go_on(index),
            Task::Begin(index) => self.begin(index, now),
            Task::Ask(index) => self.ask(index),
        });
        let outcome = catch_unwind(work);
        panics::works_on(None);
        let now = self.context.clock.now();
        if let Some(seat) = self.seats.get_mut(index) {
            if let Err(payload) = outcome {
                seat.panicked(now, &panics::words(payload.as_ref()));
            }
            seat.publish(now, Traffic::of(&self.stats.meter).since(before));
        }
    }

    /// What is to be done now: sweeps that are under way go first, for their
    /// modules may be frozen; then the earliest deadline; and if nothing is due,
    /// whoever is to be asked whether it is there.
    fn task(&self, now: Duration) -> Option<Task> {
        let under_way = self.numbered(|seat| seat.goes_on);
        let going_on = under_way
            .clone()
            .filter(|(at, _)| *at <= now)
            .min()
            .map(|(_, index)| Task::GoOn(index));
        if going_on.is_some() {
            return going_on;
        }
        let free = under_way.count() < MOST_AT_ONCE;
        let due = self
            .numbered(|seat| {
                let is_due = free && seat.goes_on.is_none() && seat.times.next() <= now;
                is_due.then(|| seat.times.deadline())
            })
            .min()
            .map(|(_, index)| Task::Begin(index));
        due.or_else(|| {
            self.numbered(|seat| seat.asked_at())
                .filter(|(at, _)| *at <= now)
                .min()
                .map(|(_, index)| Task::Ask(index))
        })
    }

    /// The seats of which something is told, with their numbers.
    fn numbered<'a>(
        &'a self,
        told: impl Fn(&'a Seat) -> Option<Duration> + Clone + 'a,
    ) -> impl Iterator<Item = (Duration, usize)> + Clone + 'a {
        let seats = self.seats.iter().enumerate();
        seats.filter_map(move |(index, seat)| Some((told(seat)?, index)))
    }

    /// Begins the sweep of a port.
    fn begin(&mut self, index: usize, now: Duration) {
        let Some(seat) = self.seats.get_mut(index) else {
            return;
        };
        let begun = seat.times.begin(now);
        self.round.latest = self.round.latest.max(begun.late.unwrap_or_default());
        if begun.overran {
            self.stats.overruns.fetch_add(1, Ordering::Relaxed);
        }
        seat.ledger.begin(now, begun.late);
        seat.watch.begin(&self.context, begun.due);
        self.go_on(index);
    }

    /// Lets a sweep go on until it has to wait, or is at its end.
    fn go_on(&mut self, index: usize) {
        let last_round = **self.stats.last_round.load();
        let Some(seat) = self.seats.get_mut(index) else {
            return;
        };
        let limit = shown_for(seat.times.period(), last_round);
        let step = seat.watch.go_on(&self.context, limit);
        let now = self.context.clock.now();
        seat.goes_on = match step {
            // Who gave way goes behind those whose wait is over.
            Step::Until(until) => Some(until.max(now)),
            Step::Done(seen) => {
                seat.swept(now, seen);
                None
            }
        };
        if seat.watch.was_open() {
            self.pulse.opened.store(true, Ordering::Relaxed);
        }
    }

    /// Asks whether the module of a port is still there; if not, it is looked at.
    fn ask(&mut self, index: usize) {
        let Some(seat) = self.seats.get_mut(index) else {
            return;
        };
        let is_there = seat.watch.ask();
        let now = self.context.clock.now();
        match is_there {
            true => seat.times.ask_again(now),
            false => seat.times.within(now, Duration::ZERO),
        }
    }

    /// Publishes what came of a round.
    fn end_round(&mut self) {
        let round = std::mem::take(&mut self.round);
        self.stats.last_round.store(Arc::new(Some(round.spent)));
        self.stats.jitter.store(Arc::new(Some(round.latest)));
        for seat in &mut self.seats {
            seat.was_swept = false;
        }
    }

    /// For how long nothing is due.
    fn rest(&self) -> Duration {
        let free = self.numbered(|seat| seat.goes_on).count() < MOST_AT_ONCE;
        let nexts = self.seats.iter().filter_map(|seat| match seat.goes_on {
            Some(at) => Some(at),
            None if free => Some(seat.asked_at().unwrap_or_else(|| seat.times.next())),
            None => None,
        });
        let now = self.context.clock.now();
        nexts
            .map(|at| at.saturating_sub(now))
            .fold(LONGEST_REST, Duration::min)
    }
}

impl Seat {
    /// When it is to be asked whether its module is there.
    fn asked_at(&self) -> Option<Duration> {
        self.times.ask().filter(|_| self.goes_on.is_none())
    }

    /// Publishes how it stands after a step that did this on the bus.
    fn publish(&mut self, now: Duration, traffic: Traffic) {
        let stand = Stand {
            standing: self.watch.standing(),
            period: self.times.period(),
            due: self.times.next(),
            goes_on: self.goes_on,
            panics: self.panics,
        };
        self.ledger.publish(now, traffic, stand);
    }

    /// Begins anew after a panic, and is left alone for longer and longer if one
    /// follows the other.
    fn panicked(&mut self, now: Duration, said: &str) {
        self.watch.begin_anew(format!(
            "a defect of opticsd ended its sweep ({said}); the log has more, please report it"
        ));
        self.ledger.abandon();
        self.goes_on = None;
        self.was_swept = true;
        let rest = FIRST_REST_AFTER_PANIC.saturating_mul(2_u32.saturating_pow(self.panics));
        self.times.rest(now, rest.min(LONGEST_REST_AFTER_PANIC));
        self.panics = self.panics.saturating_add(1);
    }

    /// Takes in what the end of a sweep says of the next one.
    fn swept(&mut self, now: Duration, seen: Seen) {
        self.was_swept = true;
        self.panics = 0;
        match seen {
            Seen::Unsettled => self.times.look_again(now),
            Seen::Module => self.times.ask_again(now),
            Seen::Left => {}
            Seen::Nobody { asked_within } => self.times.within(now, asked_within),
            Seen::Dormant { for_now } => self.times.rest(now, for_now),
        }
    }
}

/// However a poller ends, no module is left as it should not be.
impl Drop for Poller {
    fn drop(&mut self) {
        for seat in &mut self.seats {
            seat.watch.leave(&self.context);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Settings;
    use crate::clock::{Clock, ManualClock};
    use crate::daemon::journal::Journal;
    use crate::daemon::publish;
    use crate::names::BusName;
    use crate::report::PortSlot;
    use arc_swap::ArcSwap;
    use std::sync::Mutex;
    use std::time::SystemTime;

    /// The looks that were taken: which port, and when in seconds.
    type Looks = Arc<Mutex<Vec<(String, u64)>>>;

    struct Rig {
        clock: ManualClock,
        poller: Poller,
        stats: Arc<BusStats>,
        looks: Looks,
    }

    /// A poller with a period in seconds, and ports of which each look takes
    /// that many seconds, and fails.
    fn rig(period: u64, ports: &[(&'static str, u64)]) -> Rig {
        let clock = ManualClock::new();
        let looks = Looks::default();
        let fleet = Arc::new(publish::fleet(SystemTime::UNIX_EPOCH));
        let context = Arc::new(Context {
            clock: Arc::new(clock.clone()),
            plan: ArcSwap::default(),
            settings: Settings::default(),
            journal: Journal::unkept(&fleet),
            fleet,
        });
        let bus = BusName::new("bus").unwrap();
        let stats = Arc::new(publish::bus(bus.clone()));
        let mut poller = Poller::new(context, Arc::clone(&stats), Arc::default());
        let order = ports.iter().map(|&(name, takes)| {
            let slot = Arc::new(PortSlot::new(
                PortName::new(name).unwrap(),
                bus.clone(),
                publish::unread(None),
            ));
            let (clock, looks) = (clock.clone(), Arc::clone(&looks));
            let open = Box::new(move |_: &Arc<_>| {
                let look = (name.to_owned(), clock.now().as_secs());
                looks.lock().unwrap().push(look);
                clock.advance(Duration::from_secs(takes));
                Err("no such device".to_owned())
            });
            let cadences = Cadences::every(Duration::from_secs(period));
            PortOrder::New(Box::new(Watch::new(slot, Arc::default(), open)), cadences)
        });
        let order = Order::Ports(order.collect());
        poller.follow(order);
        Rig {
            clock,
            poller,
            stats,
            looks,
        }
    }

    impl Rig {
        /// Lets the poller work and rest until this many seconds have passed.
        fn until(&mut self, seconds: u64) -> Vec<(String, u64)> {
            while self.clock.now() < Duration::from_secs(seconds) {
                let rest = self.poller.step();
                self.clock.advance(rest);
            }
            self.looks.lock().unwrap().clone()
        }
    }

    fn looks(of: &[(&str, u64)]) -> Vec<(String, u64)> {
        of.iter().map(|(n, at)| ((*n).to_owned(), *at)).collect()
    }

    #[test]
    fn ports_are_swept_in_turn_once_a_period() {
        let mut rig = rig(10, &[("a", 1), ("b", 2)]);
        let expected = [("a", 0), ("b", 1), ("a", 10), ("b", 11), ("a", 20)];
        assert_eq!(rig.until(21), looks(&expected));
        assert_eq!(rig.stats.overruns.load(Ordering::Relaxed), 0);
        assert_eq!(**rig.stats.last_round.load(), Some(Duration::from_secs(3)));
        assert_eq!(**rig.stats.jitter.load(), Some(Duration::ZERO));
    }

    #[test]
    fn a_bus_that_cannot_keep_up_stretches_and_does_not_pile_up() {
        let mut rig = rig(2, &[("a", 3), ("b", 2)]);
        let expected = [("a", 0), ("b", 3), ("a", 5), ("b", 8), ("a", 10)];
        assert_eq!(rig.until(11), looks(&expected));
        // Each but the first looks had to leave one out.
        assert_eq!(rig.stats.overruns.load(Ordering::Relaxed), 3);
        let late = **rig.stats.jitter.load();
        assert_eq!(late, Some(Duration::from_secs(3)));
    }

    #[test]
    fn all_ports_of_a_bus_that_cannot_keep_up_are_late_alike() {
        let ports = ["a", "b", "c", "d", "e", "f", "g"].map(|name| (name, 1));
        let mut rig = rig(2, &ports);
        // Not for so long that they are left alone for failing.
        let seen = rig.until(63);
        for (name, _) in ports {
            let times: Vec<u64> = seen
                .iter()
                .filter(|(seen, _)| seen == name)
                .map(|(_, at)| *at)
                .collect();
            assert_eq!(times.len(), 9, "{name}");
            assert!(
                times.windows(2).all(|pair| pair[1] - pair[0] == 7),
                "{name}"
            );
        }
    }

    #[test]
    fn a_kept_port_keeps_its_state_and_others_go() {
        let mut rig = rig(10, &[("a", 0), ("b", 0)]);
        rig.until(1);
        let slot = Arc::clone(rig.poller.seats[1].watch.slot());
        let kept = PortName::new("b").unwrap();
        let cadences = Cadences::every(Duration::from_secs(5));
        rig.poller
            .follow(Order::Ports(vec![PortOrder::Keep(kept, cadences)]));
        rig.until(2);
        assert_eq!(slot.view.load().counts.reads, 1, "it is not due yet");
        rig.until(7);
        assert_eq!(rig.poller.seats.len(), 1);
        assert_eq!(slot.view.load().counts.reads, 2);
    }

    #[test]
    fn a_poller_without_ports_rests() {
        let mut rig = rig(10, &[]);
        assert_eq!(rig.poller.step(), LONGEST_REST);
        assert!(rig.until(25).is_empty());
    }
}
