//! The poller threads: one per root adapter, made and retired as the
//! configuration wants, and beside them those that ask the hosts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::DaemonError;
use super::hosts::Hosts;
use super::inside::Roster;
use super::poller::{Order, Poller, PortOrder, Pulse};
use super::publish::{self, shown_for};
use super::source::Binding;
use super::watch::{Context, Watch};
use crate::config::DEFAULT_PERIOD;
use crate::names::{BusName, PortName};
use crate::report::{BusStats, PortSlot};

/// How often a retiring thread is asked whether it is done.
const RETIRE_STEP: Duration = Duration::from_millis(10);

/// All poller threads.
pub struct Crew {
    context: Arc<Context>,
    hands: BTreeMap<BusName, Hand>,
    hosts: Hosts,
    known: BTreeMap<PortName, Known>,
    roster: Arc<Roster>,
    has_threads: bool,
}

/// One poller.
struct Hand {
    orders: Sender<Order>,
    pulse: Arc<Pulse>,
    stats: Arc<BusStats>,
    work: Labour,
}

/// Who makes a poller's steps.
enum Labour {
    /// A thread of its own.
    Thread(JoinHandle<()>),
    /// The owner of the crew: [`Crew::step`].
    Owner(Box<(Poller, Receiver<Order>)>),
}

impl Labour {
    fn is_finished(&self) -> bool {
        matches!(self, Self::Thread(thread) if thread.is_finished())
    }
}

/// A port that is being watched.
struct Known {
    source: String,
    slot: Arc<PortSlot>,
    period: Duration,
    /// A longer period that was in force before, and until when its values stand.
    longer: Option<(Duration, Duration)>,
}

impl Known {
    /// The period that values read so far were read with, if `period` is shorter from
    /// `now` on, and for how long they stand.
    fn longer(&self, period: Duration, now: Duration) -> Option<(Duration, Duration)> {
        let before = self.longer.filter(|(_, until)| now < *until);
        let before = before.map_or(self.period, |(before, _)| before.max(self.period));
        let until = now + shown_for(period, None);
        (before > period).then_some((before, until))
    }
}

impl Crew {
    /// A crew without threads.
    pub fn new(context: Arc<Context>) -> Self {
        Self {
            hosts: Hosts::new(Arc::clone(&context)),
            context,
            hands: BTreeMap::new(),
            known: BTreeMap::new(),
            roster: Arc::default(),
            has_threads: true,
        }
    }

    /// A crew whose pollers have no threads: they work while [`Crew::step`] is
    /// called, on whatever time the clock of the context tells.
    pub fn by_hand(context: Arc<Context>) -> Self {
        Self {
            has_threads: false,
            ..Self::new(context)
        }
    }

    /// One step of the poller of a bus in a crew without threads, after it took in
    /// what it was ordered; returns for how long nothing will be due. `None` for a
    /// bus without a port.
    pub fn step(&mut self, bus: &BusName) -> Option<Duration> {
        match &mut self.hands.get_mut(bus)?.work {
            Labour::Thread(_) => None,
            Labour::Owner(owned) => {
                let (poller, inbox) = owned.as_mut();
                inbox.try_iter().for_each(|order| poller.follow(order));
                Some(poller.step())
            }
        }
    }

    /// Has these ports watched from now on, each as often as its cadences say, and
    /// no others. A port with the same name, bus and source goes on undisturbed.
    ///
    /// # Errors
    /// What the operating system said if a thread could not be started; then
    /// some ports may be without one.
    pub fn assign(&mut self, bindings: Vec<Binding>) -> std::io::Result<()> {
        let mut slots = Vec::with_capacity(bindings.len());
        let mut orders: BTreeMap<BusName, Vec<PortOrder>> = BTreeMap::new();
        let mut known = BTreeMap::new();
        let mut counted = Vec::new();
        let now = self.context.clock.now();
        for binding in bindings {
            let stats = self.hand(&binding.bus)?;
            let cadences = binding.cadences;
            let old = self
                .known
                .remove(&binding.name)
                .filter(|old| old.slot.bus == binding.bus && old.source == binding.source);
            let period = cadences.monitors;
            let longer = old.as_ref().and_then(|old| old.longer(period, now));
            let (slot, order) = match old {
                Some(old) => (old.slot, PortOrder::Keep(binding.name.clone(), cadences)),
                None => {
                    let (name, bus) = (binding.name.clone(), binding.bus.clone());
                    let (slot, watch) = self.newcomer(name, bus, |slot| {
                        Watch::new(slot, Arc::clone(&stats.meter), binding.open)
                            .with_settings(binding.settings)
                            .with_lock(binding.lock)
                    });
                    (slot, PortOrder::New(Box::new(watch), cadences))
                }
            };
            orders.entry(binding.bus).or_default().push(order);
            counted.extend(binding.fec.map(|counting| (Arc::clone(&slot), counting)));
            slots.push(Arc::clone(&slot));
            let source = binding.source;
            let port = Known {
                source,
                slot,
                period,
                longer,
            };
            known.insert(binding.name, port);
        }
        self.known = known;
        // A thread whose orders are dropped ends by itself.
        self.hands.retain(|bus, _| orders.contains_key(bus));
        let fleet = &self.context.fleet;
        fleet.ports.store(Arc::new(slots));
        let buses = self.hands.values().map(|hand| Arc::clone(&hand.stats));
        fleet.buses.store(Arc::new(buses.collect()));
        let pulses = self.hands.iter();
        let pulses = pulses.map(|(bus, hand)| (bus.clone(), Arc::clone(&hand.pulse)));
        self.roster.pollers.store(Arc::new(pulses.collect()));
        // A host is asked as often as the busiest of the ports.
        let shortest = self.known.values().map(|known| known.period).min();
        self.hosts
            .assign(counted, shortest.unwrap_or(DEFAULT_PERIOD))?;
        for (bus, ports) in orders {
            if let Some(hand) = self.hands.get(&bus) {
                // A thread that is gone shows up in `fallen`.
                let _ = hand.orders.send(Order::Ports(ports));
            }
        }
        Ok(())
    }

    /// The slot and the watch of a port not seen before.
    fn newcomer(
        &self,
        name: PortName,
        bus: BusName,
        watch: impl FnOnce(Arc<PortSlot>) -> Watch,
    ) -> (Arc<PortSlot>, Watch) {
        let plan = self.context.plan.load();
        let assignment = plan.as_ref().as_ref().and_then(|p| p.assignment(&name));
        let view = publish::unread(assignment.map(crate::report::Planned::of));
        let slot = Arc::new(PortSlot::new(name, bus, view));
        let watch = watch(Arc::clone(&slot));
        (slot, watch)
    }

    /// The counters of a bus, whose thread is started if it has none.
    fn hand(&mut self, bus: &BusName) -> std::io::Result<Arc<BusStats>> {
        if let Some(hand) = self.hands.get(bus) {
            return Ok(Arc::clone(&hand.stats));
        }
        let stats = Arc::new(publish::bus(bus.clone()));
        let pulse = Arc::new(Pulse::default());
        let poller = Poller::new(
            Arc::clone(&self.context),
            Arc::clone(&stats),
            Arc::clone(&pulse),
        );
        let (orders, inbox) = channel();
        let work = if self.has_threads {
            let thread = std::thread::Builder::new().name(bus.to_string());
            Labour::Thread(thread.spawn(move || poller.run(&inbox))?)
        } else {
            Labour::Owner(Box::new((poller, inbox)))
        };
        let hand = Hand {
            orders,
            pulse,
            stats: Arc::clone(&stats),
            work,
        };
        self.hands.insert(bus.clone(), hand);
        Ok(stats)
    }

    /// Its pollers, as they are from time to time.
    pub fn roster(&self) -> Arc<Roster> {
        Arc::clone(&self.roster)
    }

    /// What all its ports share.
    #[cfg(test)]
    pub(super) fn context(&self) -> Arc<Context> {
        Arc::clone(&self.context)
    }

    /// How often a port is swept. Shortly after a reload that made it shorter it is
    /// the period before, for what was read then is not stale by that.
    pub fn period(&self, port: &PortName) -> Option<Duration> {
        let known = self.known.get(port)?;
        let now = self.context.clock.now();
        let longer = known.longer.filter(|(_, until)| now < *until);
        Some(longer.map_or(known.period, |(period, _)| period))
    }

    /// Whether there is no port to watch.
    pub fn is_empty(&self) -> bool {
        self.hands.is_empty()
    }

    /// Steps made by all pollers so far: grows as long as one of them lives.
    pub fn steps(&self) -> u64 {
        self.hands
            .values()
            .map(|hand| hand.pulse.steps.load(Ordering::Relaxed))
            .fold(0, u64::wrapping_add)
    }

    /// Whether the way to some module was open, or there is none to open.
    pub fn is_ready(&self) -> bool {
        self.hands.is_empty()
            || self
                .hands
                .values()
                .any(|hand| hand.pulse.opened.load(Ordering::Relaxed))
    }

    /// A thread that ended without having been told to.
    pub fn fallen(&self) -> Option<DaemonError> {
        let mut hands = self.hands.iter();
        let poller = hands.find(|(_, hand)| hand.work.is_finished());
        poller
            .map(|(bus, _)| DaemonError::PollerEnded(bus.clone()))
            .or_else(|| self.hosts.fallen().map(DaemonError::AskerEnded))
    }

    /// Ends all threads and waits for them, but not longer than `patience`: a
    /// thread that hangs in its adapter is left to the end of the process.
    /// Returns the buses that were left behind.
    pub fn retire(self, patience: Duration) -> Vec<BusName> {
        let clock = &self.context.clock;
        let deadline = clock.now() + patience;
        let mut threads: Vec<_> = self
            .hands
            .into_iter()
            .filter_map(|(bus, hand)| match hand.work {
                Labour::Thread(thread) => Some((bus, thread)),
                Labour::Owner(_) => None,
            })
            .collect();
        loop {
            threads.retain(|(_, thread)| !thread.is_finished());
            if threads.is_empty() || clock.now() >= deadline {
                return threads.into_iter().map(|(bus, _)| bus).collect();
            }
            clock.sleep(RETIRE_STEP);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_slowly_stands_for_a_while_when_the_period_is_shortened() {
        let second = Duration::from_secs(1);
        let name = PortName::new("a").unwrap();
        let bus = BusName::new("b").unwrap();
        let known = |period: Duration, longer| Known {
            source: String::new(),
            slot: Arc::new(PortSlot::new(
                name.clone(),
                bus.clone(),
                publish::unread(None),
            )),
            period,
            longer,
        };
        let now = 100 * second;
        assert_eq!(known(second, None).longer(20 * second, now), None);
        let longer = known(20 * second, None).longer(second, now);
        assert_eq!(longer, Some((20 * second, 103 * second)));
        // Once more before that is over, and after.
        let again = known(second, longer).longer(second, 102 * second);
        assert_eq!(again, Some((20 * second, 105 * second)));
        assert_eq!(known(second, longer).longer(second, 103 * second), None);
    }
}
