//! Asking hosts what their FEC decoders count: a thread for each kind of source,
//! apart from the pollers, so that a host that hangs delays no sweep.
//!
//! Answers are published by pointer like everything else. A value stays for a
//! few periods when its source falls silent, as a module's does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tracing::{info, warn};

use super::publish::shown_for;
use super::watch::Context;
use crate::config;
use crate::host::ethtool_fec::EthtoolFec;
use crate::host::own::{Decoder, OwnDecoders};
use crate::host::sonic::Sonic;
use crate::host::{Silence, SilenceKind, Teller};
use crate::names::PortName;
use crate::report::{HostStatus, PortSlot};

/// The longest rest between two questions to a source that is silent, unless
/// the period is longer.
const LONGEST_REST: Duration = Duration::from_secs(10);

/// Who counts the errors of a port's link.
#[derive(Clone)]
pub enum Counting {
    /// The driver of a network interface of that name.
    Ethtool(String),
    /// SONiC by its name of the port, and where its databases are.
    Sonic(String, Arc<config::Sonic>),
    /// A decoder that answers by itself.
    Own(Decoder),
}

/// The kinds of sources: one thread each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Ethtool,
    Sonic,
    Own,
}

impl Kind {
    /// What its thread is called.
    fn name(self) -> &'static str {
        match self {
            Self::Ethtool => "host-ethtool",
            Self::Sonic => "host-sonic",
            Self::Own => "host-own",
        }
    }
}

/// All threads that ask hosts.
pub struct Hosts {
    context: Arc<Context>,
    hands: BTreeMap<Kind, Hand>,
    /// The decoders of ports that are kept: theirs is the host that goes on.
    own: BTreeMap<PortName, (Arc<PortSlot>, Decoder)>,
    sonic: Option<Arc<config::Sonic>>,
}

/// One thread.
struct Hand {
    orders: Sender<Order>,
    thread: JoinHandle<()>,
}

/// Which ports to ask for from now on.
struct Order {
    jobs: Vec<Job>,
    period: Duration,
    /// Whom to ask; `None` for the same as before.
    teller: Option<Box<dyn Teller>>,
}

/// One port to ask for.
struct Job {
    slot: Arc<PortSlot>,
    /// What the teller calls it.
    name: String,
    status: HostStatus,
    silent: Option<SilenceKind>,
}

impl Hosts {
    /// Nobody to ask yet.
    pub fn new(context: Arc<Context>) -> Self {
        Self {
            context,
            hands: BTreeMap::new(),
            own: BTreeMap::new(),
            sonic: None,
        }
    }

    /// Has these sources asked for these ports from now on, as often as `period`
    /// says, and no others.
    ///
    /// # Errors
    /// What the operating system said if a thread could not be started.
    pub fn assign(
        &mut self,
        counted: Vec<(Arc<PortSlot>, Counting)>,
        period: Duration,
    ) -> std::io::Result<()> {
        let mut jobs: BTreeMap<Kind, Vec<Job>> = BTreeMap::new();
        let (mut own, mut sonic) = (BTreeMap::new(), None);
        for (slot, counting) in counted {
            let (kind, name) = match counting {
                Counting::Ethtool(name) => (Kind::Ethtool, name),
                Counting::Sonic(name, at) => {
                    sonic = Some(at);
                    (Kind::Sonic, name)
                }
                Counting::Own(new) => {
                    let old = self.own.remove(&slot.name);
                    let kept = old.filter(|(old, _)| Arc::ptr_eq(old, &slot));
                    let decoder = kept.map_or(new, |(_, decoder)| decoder);
                    own.insert(slot.name.clone(), (Arc::clone(&slot), decoder));
                    (Kind::Own, slot.name.to_string())
                }
            };
            let source = match kind {
                Kind::Ethtool => format!("ethtool:{name}"),
                Kind::Sonic => format!("sonic:{name}"),
                Kind::Own => "sim".to_owned(),
            };
            jobs.entry(kind).or_default().push(Job {
                slot,
                name,
                status: HostStatus::unasked(source),
                silent: None,
            });
        }
        self.own = own;
        let moved = sonic != self.sonic;
        self.sonic = sonic;
        // A thread whose orders are dropped takes its values back and ends.
        self.hands.retain(|kind, _| jobs.contains_key(kind));
        for (kind, jobs) in jobs {
            let teller = match kind {
                Kind::Sonic if !moved => None,
                Kind::Ethtool if self.hands.contains_key(&kind) => None,
                _ => self.teller(kind),
            };
            let order = Order {
                jobs,
                period,
                teller,
            };
            // A thread that is gone shows up in `fallen`.
            let _ = self.hand(kind)?.orders.send(order);
        }
        Ok(())
    }

    /// Whom to ask for ports of that kind.
    fn teller(&self, kind: Kind) -> Option<Box<dyn Teller>> {
        Some(match kind {
            Kind::Ethtool => Box::new(EthtoolFec::new()),
            Kind::Sonic => Box::new(Sonic::new(self.sonic.as_deref()?.clone())),
            Kind::Own => {
                let decoders = self.own.iter();
                Box::new(OwnDecoders(
                    decoders
                        .map(|(port, (_, decoder))| (port.to_string(), Arc::clone(decoder)))
                        .collect(),
                ))
            }
        })
    }

    /// The thread of a kind, which is started if there is none.
    fn hand(&mut self, kind: Kind) -> std::io::Result<&Hand> {
        use std::collections::btree_map::Entry;
        Ok(match self.hands.entry(kind) {
            Entry::Occupied(hand) => hand.into_mut(),
            Entry::Vacant(place) => {
                let (orders, inbox) = channel();
                let asker = Asker::new(Arc::clone(&self.context));
                let thread = std::thread::Builder::new()
                    .name(kind.name().to_owned())
                    .spawn(move || asker.run(&inbox))?;
                place.insert(Hand { orders, thread })
            }
        })
    }

    /// A thread that ended without having been told to.
    pub fn fallen(&self) -> Option<&'static str> {
        let mut hands = self.hands.iter();
        let fallen = hands.find(|(_, hand)| hand.thread.is_finished());
        fallen.map(|(kind, _)| kind.name())
    }
}

/// What one thread does.
struct Asker {
    context: Arc<Context>,
    jobs: Vec<Job>,
    period: Duration,
    teller: Option<Box<dyn Teller>>,
    /// Rounds in a row in which nobody told anything.
    in_vain: u32,
}

impl Asker {
    fn new(context: Arc<Context>) -> Self {
        Self {
            context,
            jobs: Vec::new(),
            period: LONGEST_REST,
            teller: None,
            in_vain: 0,
        }
    }

    /// Asks and follows orders until the other end of the orders is dropped.
    fn run(mut self, orders: &Receiver<Order>) {
        let mut due = self.context.clock.now();
        loop {
            let rest = due.saturating_sub(self.context.clock.now());
            match orders.recv_timeout(rest) {
                Ok(order) => {
                    self.follow(order);
                    due = self.context.clock.now();
                }
                Err(RecvTimeoutError::Timeout) => {
                    let began = self.context.clock.now();
                    self.round();
                    due = began + self.rest();
                }
                Err(RecvTimeoutError::Disconnected) => {
                    take_back(&self.jobs);
                    return;
                }
            }
        }
    }

    /// Takes over new ports; what is known of ports that stay is kept.
    fn follow(&mut self, order: Order) {
        let mut before = std::mem::take(&mut self.jobs);
        let same = |a: &Job, b: &Job| Arc::ptr_eq(&a.slot, &b.slot) && a.name == b.name;
        for job in order.jobs {
            let kept = before.iter().position(|old| same(old, &job));
            let job = kept.map_or(job, |at| before.swap_remove(at));
            job.slot.host.store(Some(Arc::new(job.status.clone())));
            self.jobs.push(job);
        }
        before.retain(|old| {
            !self
                .jobs
                .iter()
                .any(|job| Arc::ptr_eq(&job.slot, &old.slot))
        });
        take_back(&before);
        self.period = order.period;
        self.in_vain = 0;
        if order.teller.is_some() {
            self.teller = order.teller;
        }
    }

    /// How long until the next round: longer and longer while nobody tells.
    fn rest(&self) -> Duration {
        let longer = self
            .period
            .saturating_mul(2_u32.saturating_pow(self.in_vain));
        longer.min(LONGEST_REST.max(self.period))
    }

    /// Asks once for all ports and publishes what came of it.
    fn round(&mut self) {
        let Some(teller) = &mut self.teller else {
            return;
        };
        let clock = self.context.clock.as_ref();
        let names: Vec<String> = self.jobs.iter().map(|job| job.name.clone()).collect();
        let answers = teller.tell(&names, clock);
        let mut news = News::default();
        let mut told = false;
        for (job, answer) in self.jobs.iter_mut().zip(answers) {
            job.status.reads += 1;
            match answer {
                Ok(fec) => {
                    told = true;
                    job.status.trouble = None;
                    if job.silent.take().is_some() {
                        news.tell_again.push(job.slot.name.to_string());
                    }
                    job.slot.host_fec.store(Some(Arc::new(fec)));
                }
                Err(silence) => {
                    job.miss(&silence, clock.now(), shown_for(self.period, None));
                    if job.silent.replace(silence.kind) != Some(silence.kind) {
                        let ports = news.silent.entry(silence.said).or_default();
                        ports.push(job.slot.name.to_string());
                    }
                }
            }
            job.slot.host.store(Some(Arc::new(job.status.clone())));
        }
        self.in_vain = if told || self.jobs.is_empty() {
            0
        } else {
            self.in_vain.saturating_add(1)
        };
        news.log();
    }
}

impl Job {
    /// Takes in that the source was silent.
    fn miss(&mut self, silence: &Silence, now: Duration, shown_for: Duration) {
        let failures = &mut self.status.failures;
        *failures.entry(silence.kind.label()).or_default() += 1;
        self.status.trouble = Some(silence.said.clone());
        let fec = self.slot.host_fec.load();
        let is_stale = |at: Duration| now.saturating_sub(at) > shown_for;
        if fec.as_ref().is_some_and(|fec| is_stale(fec.at)) {
            self.slot.host_fec.store(None);
        }
    }
}

/// Takes back what was published for ports that nobody counts for any more.
fn take_back(jobs: &[Job]) {
    for job in jobs {
        job.slot.host.store(None);
        job.slot.host_fec.store(None);
    }
}

/// What changed in a round, one line for all ports that share a reason.
#[derive(Default)]
struct News {
    silent: BTreeMap<String, Vec<String>>,
    tell_again: Vec<String>,
}

impl News {
    fn log(&self) {
        for (said, ports) in &self.silent {
            warn!(ports = %few(ports), "the host's error counters cannot be read: {said}");
        }
        if !self.tell_again.is_empty() {
            info!(ports = %few(&self.tell_again), "the host's error counters can be read again");
        }
    }
}

/// The first few names of a list, and how many more there are.
fn few(ports: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<&str> = ports.iter().take(SHOWN).map(String::as_str).collect();
    match ports.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::SystemTime;

    use arc_swap::ArcSwap;

    use super::*;
    use crate::class::Settings;
    use crate::clock::{Clock, ManualClock};
    use crate::daemon::journal::Journal;
    use crate::daemon::publish;
    use crate::health::host_fec::{FecSource, HostFec};
    use crate::names::BusName;

    const SECOND: Duration = Duration::from_secs(1);

    fn slot(name: &str) -> Arc<PortSlot> {
        let (name, bus) = (PortName::new(name).unwrap(), BusName::new("bus").unwrap());
        Arc::new(PortSlot::new(name, bus, publish::unread(None)))
    }

    fn context(clock: Arc<dyn Clock>) -> Arc<Context> {
        let fleet = Arc::new(publish::fleet(SystemTime::UNIX_EPOCH));
        Arc::new(Context {
            clock,
            plan: ArcSwap::default(),
            settings: Settings::default(),
            journal: Journal::unkept(&fleet),
            fleet,
        })
    }

    /// A teller that tells or not as the test wants.
    #[derive(Clone, Default)]
    struct Wish(Arc<Mutex<Option<Silence>>>);

    impl Wish {
        fn be_silent(&self, kind: SilenceKind) {
            *self.0.lock().unwrap() = Some(Silence::new(kind, "out of order"));
        }

        fn tell_again(&self) {
            *self.0.lock().unwrap() = None;
        }
    }

    impl Teller for Wish {
        fn tell(&mut self, ports: &[String], clock: &dyn Clock) -> Vec<Result<HostFec, Silence>> {
            let wish = self.0.lock().unwrap();
            let told = || Ok(HostFec::empty(clock.now(), FecSource::Simulated));
            let answer = || wish.clone().map_or_else(told, Err);
            ports.iter().map(|_| answer()).collect()
        }
    }

    /// An asker with its port, and what decides whether it is told.
    fn asker() -> (Asker, Arc<PortSlot>, Wish, ManualClock) {
        let clock = ManualClock::new();
        let (slot, wish) = (slot("a"), Wish::default());
        let mut asker = Asker::new(context(Arc::new(clock.clone())));
        asker.follow(order(&[&slot], Some(Box::new(wish.clone()))));
        (asker, slot, wish, clock)
    }

    fn order(slots: &[&Arc<PortSlot>], teller: Option<Box<dyn Teller>>) -> Order {
        let job = |slot: &&Arc<PortSlot>| Job {
            slot: Arc::clone(slot),
            name: slot.name.to_string(),
            status: HostStatus::unasked("sim".to_owned()),
            silent: None,
        };
        Order {
            jobs: slots.iter().map(job).collect(),
            period: SECOND,
            teller,
        }
    }

    fn read_at(slot: &PortSlot) -> Option<Duration> {
        slot.host_fec.load().as_ref().map(|fec| fec.at)
    }

    #[test]
    fn a_value_outlives_a_short_silence_and_no_long_one() {
        let (mut asker, slot, wish, clock) = asker();
        asker.round();
        assert_eq!(read_at(&slot), Some(Duration::ZERO));
        wish.be_silent(SilenceKind::TimedOut);
        for (second, shown) in [(1, true), (3, true), (4, false)] {
            clock.advance(second * SECOND - clock.now());
            asker.round();
            assert_eq!(read_at(&slot).is_some(), shown, "{second}");
        }
        let status = slot.host.load_full().unwrap();
        assert_eq!(status.reads, 4);
        assert_eq!(status.failures, [("timed_out", 3)].into());
        assert_eq!(status.trouble.as_deref(), Some("out of order"));
        wish.tell_again();
        asker.round();
        assert_eq!(read_at(&slot), Some(4 * SECOND));
        assert_eq!(slot.host.load_full().unwrap().trouble, None);
    }

    #[test]
    fn who_is_silent_is_asked_less_and_less_often() {
        let (mut asker, _slot, wish, _) = asker();
        let mut rests = Vec::new();
        wish.be_silent(SilenceKind::Unreachable);
        for _ in 0..7 {
            rests.push(asker.rest().as_secs());
            asker.round();
        }
        assert_eq!(rests, [1, 2, 4, 8, 10, 10, 10]);
        wish.tell_again();
        asker.round();
        assert_eq!(asker.rest(), SECOND);
    }

    #[test]
    fn ports_come_and_go() {
        let (mut asker, old, _, _) = asker();
        asker.round();
        let new = slot("b");
        asker.follow(order(&[&old, &new], None));
        // What was counted of a port that stays goes on.
        assert_eq!(old.host.load_full().unwrap().reads, 1);
        assert_eq!(new.host.load_full().unwrap().reads, 0);
        asker.round();
        assert!(read_at(&new).is_some());
        asker.follow(order(&[&new], None));
        assert!(old.host.load().is_none() && old.host_fec.load().is_none());
        assert!(new.host.load().is_some() && new.host_fec.load().is_some());
    }

    #[test]
    fn threads_ask_and_take_back_at_the_end() {
        let clock = Arc::new(crate::clock::SystemClock::new());
        let mut hosts = Hosts::new(context(clock));
        let (a, b) = (slot("a"), slot("b"));
        let decoder = |marker: u64| -> Counting {
            Counting::Own(Arc::new(move |now| {
                Some(HostFec {
                    corrected_bits: Some(marker),
                    ..HostFec::empty(now, FecSource::Simulated)
                })
            }))
        };
        let bits = |slot: &PortSlot| slot.host_fec.load().as_ref()?.corrected_bits;
        let until = |done: &dyn Fn() -> bool| {
            while !done() {
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        let period = Duration::from_millis(1);
        let (one, two) = (Arc::clone(&a), Arc::clone(&b));
        let both = vec![(one, decoder(1)), (two, decoder(2))];
        hosts.assign(both, period).unwrap();
        until(&|| bits(&a) == Some(1) && bits(&b) == Some(2));
        // The same port keeps its host, whatever comes with the new order.
        let reload = vec![(Arc::clone(&a), decoder(3))];
        hosts.assign(reload, period).unwrap();
        until(&|| bits(&b).is_none());
        assert_eq!(bits(&a), Some(1));
        hosts.assign(Vec::new(), period).unwrap();
        until(&|| a.host.load().is_none() && a.host_fec.load().is_none());
    }

    #[test]
    fn a_long_list_is_told_in_short() {
        let names: Vec<String> = (0..6).map(|n| format!("e{n}")).collect();
        assert_eq!(few(&names), "e0, e1, e2, e3 and 2 more");
        assert_eq!(few(&names[..2]), "e0, e1");
    }
}
