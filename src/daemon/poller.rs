//! One root adapter's clockwork: its ports in turn, one round a period.
//!
//! A [`Poller`] belongs to one thread and sweeps at most one module per
//! [`Poller::step`], so that orders from the daemon wait for one sweep at most.
//! A round that takes longer than its period is counted and the next one starts
//! at once: the schedule stretches, and nothing piles up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::publish::shown_for;
use super::watch::{Context, Watch};
use crate::names::PortName;
use crate::report::BusStats;

/// How soon a module that is still settling is looked at again.
pub const SETTLE_RETRY: Duration = Duration::from_millis(250);

/// The longest that a poller rests without a sign of life.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// What a poller is told by the daemon.
pub enum Order {
    /// The ports to sweep from now on, in this order, and how often.
    Ports {
        /// The ports.
        ports: Vec<PortOrder>,
        /// How often each is swept.
        period: Duration,
    },
}

/// One port of an order.
pub enum PortOrder {
    /// A port that this poller has already and keeps as it is.
    Keep(PortName),
    /// A new one.
    New(Box<Watch>),
}

/// Signs of life, read by the daemon.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Steps made.
    pub steps: AtomicU64,
    /// Whether the way to some module was open once.
    pub opened: AtomicBool,
}

/// The clockwork of one root adapter.
pub struct Poller {
    context: Arc<Context>,
    stats: Arc<BusStats>,
    pulse: Arc<Pulse>,
    period: Duration,
    seats: Vec<Seat>,
    /// When the round began, or will begin.
    round_start: Duration,
    /// The next port of the round.
    position: usize,
}

/// A port in the round.
struct Seat {
    watch: Watch,
    /// When to look again ahead of the round, while the module settles.
    retry: Option<Duration>,
}

impl Poller {
    /// A poller without ports, whose first round begins now.
    pub fn new(context: Arc<Context>, stats: Arc<BusStats>, pulse: Arc<Pulse>) -> Self {
        let round_start = context.clock.now();
        Self {
            context,
            stats,
            pulse,
            period: LONGEST_REST,
            seats: Vec::new(),
            round_start,
            position: 0,
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

    /// Takes over new ports and a new period; kept ports keep their state.
    pub fn follow(&mut self, order: Order) {
        let Order::Ports { ports, period } = order;
        let mut old = std::mem::take(&mut self.seats);
        for port in ports {
            match port {
                PortOrder::New(watch) => self.seats.push(Seat {
                    watch: *watch,
                    retry: None,
                }),
                PortOrder::Keep(name) => {
                    let place = old.iter().position(|s| s.watch.slot().name == name);
                    self.seats.extend(place.map(|place| old.swap_remove(place)));
                }
            }
        }
        for mut seat in old {
            seat.watch.leave(self.context.clock.as_ref());
        }
        self.period = period;
        self.position = 0;
        self.round_start = self.context.clock.now();
    }

    /// Sweeps the port that is due, if any, and returns for how long nothing
    /// will be due.
    pub fn step(&mut self) -> Duration {
        self.pulse.steps.fetch_add(1, Ordering::Relaxed);
        let now = self.context.clock.now();
        let due = if now < self.round_start {
            self.settling(now)
        } else {
            let position = self.position;
            self.position += 1;
            Some(position)
        };
        if let Some(index) = due {
            self.look(index);
        }
        if self.position >= self.seats.len() && now >= self.round_start {
            self.end_round();
        }
        self.rest()
    }

    /// The first settling port whose retry is due.
    fn settling(&self, now: Duration) -> Option<usize> {
        self.seats
            .iter()
            .position(|seat| seat.retry.is_some_and(|retry| retry <= now))
    }

    /// Looks at one port.
    fn look(&mut self, index: usize) {
        let limit = shown_for(self.period, **self.stats.last_round.load());
        let Some(seat) = self.seats.get_mut(index) else {
            return;
        };
        let settled = seat.watch.look(&self.context, limit);
        seat.retry = (!settled).then(|| self.context.clock.now() + SETTLE_RETRY);
        if seat.watch.was_open() {
            self.pulse.opened.store(true, Ordering::Relaxed);
        }
    }

    /// Ends the round and sets the start of the next one.
    fn end_round(&mut self) {
        let now = self.context.clock.now();
        let spent = now.saturating_sub(self.round_start);
        self.stats.last_round.store(Arc::new(Some(spent)));
        let due = self.round_start + self.period;
        if now > due {
            self.stats.overruns.fetch_add(1, Ordering::Relaxed);
        }
        self.round_start = due.max(now);
        self.position = 0;
    }

    /// For how long nothing is due.
    fn rest(&self) -> Duration {
        if self.position > 0 {
            return Duration::ZERO;
        }
        let retries = self.seats.iter().filter_map(|seat| seat.retry);
        let next = retries.fold(self.round_start, Duration::min);
        next.saturating_sub(self.context.clock.now())
            .min(LONGEST_REST)
    }
}

/// However a poller ends, no module is left as it should not be.
impl Drop for Poller {
    fn drop(&mut self) {
        for seat in &mut self.seats {
            seat.watch.leave(self.context.clock.as_ref());
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
            PortOrder::New(Box::new(Watch::new(slot, Arc::default(), open)))
        });
        poller.follow(Order::Ports {
            ports: order.collect(),
            period: Duration::from_secs(period),
        });
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
    }

    #[test]
    fn a_round_that_takes_too_long_stretches_and_does_not_pile_up() {
        let mut rig = rig(2, &[("a", 3), ("b", 2)]);
        let expected = [("a", 0), ("b", 3), ("a", 5), ("b", 8), ("a", 10)];
        assert_eq!(rig.until(11), looks(&expected));
        assert_eq!(rig.stats.overruns.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_kept_port_keeps_its_state_and_others_go() {
        let mut rig = rig(10, &[("a", 0), ("b", 0)]);
        rig.until(1);
        let slot = Arc::clone(rig.poller.seats[1].watch.slot());
        rig.poller.follow(Order::Ports {
            ports: vec![PortOrder::Keep(PortName::new("b").unwrap())],
            period: Duration::from_secs(5),
        });
        rig.until(2);
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
