//! What happened, on its way to the disk: whoever sees an event hands it over
//! here and goes on.
//!
//! The writer ([`super::scribe`]) takes what has come together, writes it in one
//! transaction, and only then has it counted, logged and shown. So nothing is
//! told that a crash could take back, and no poller waits for a disk. A disk that
//! refuses or does not answer delays telling by seconds at most: then events are
//! told unsaved, kept in memory up to a limit, and written when the disk returns.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::teller::Teller;
use crate::clock::Clock;
use crate::health::event::Event;
use crate::module::Snapshot;
use crate::names::PortName;
use crate::report::{Fleet, raw};
use crate::store::record::{EventQuery, EventRecord, NewCapture, Packed};

/// How many events wait in memory for the disk at most; then the oldest go.
pub const MOST_WAITING: usize = 4096;

/// How many events may wait until no more registers are kept with new ones: a
/// capture is ten times the size of its event.
const MOST_WITH_REGISTERS: usize = 512;

/// How many events one transaction takes.
const BATCH: usize = 512;

/// Where events are handed over. Clones are the same journal.
#[derive(Clone)]
pub struct Journal {
    teller: Arc<Mutex<Teller>>,
    /// `None`: nothing is kept, all is told at once.
    desk: Option<Arc<Desk>>,
}

impl Journal {
    /// A journal that keeps nothing: events are counted in the fleet and logged
    /// at once. For commands that look once.
    pub fn unkept(fleet: &Arc<Fleet>) -> Self {
        Self {
            teller: Arc::new(Mutex::new(Teller::new(Arc::clone(fleet)))),
            desk: None,
        }
    }

    /// A journal whose events wait at a desk for the scribe.
    pub fn kept(fleet: &Arc<Fleet>, desk: &Arc<Desk>) -> Self {
        Self {
            desk: Some(Arc::clone(desk)),
            ..Self::unkept(fleet)
        }
    }

    /// Tells an event of the daemon itself.
    pub fn tell(&self, event: Event) {
        self.hand_over(None, None, vec![event]);
    }

    /// Tells what happened to a port at once, in this order; `module` is what
    /// stands in it, if anything does.
    pub fn tell_of(&self, port: &PortName, module: Option<&Arc<Snapshot>>, events: Vec<Event>) {
        self.hand_over(Some(port), module, events);
    }

    fn hand_over(
        &self,
        port: Option<&PortName>,
        module: Option<&Arc<Snapshot>>,
        events: Vec<Event>,
    ) {
        if events.is_empty() {
            return;
        }
        let at = self
            .desk
            .as_ref()
            .map_or(SystemTime::UNIX_EPOCH, |desk| desk.clock.wall());
        let serial = module.and_then(|module| module.identity.serial.as_ref().value().cloned());
        let entry = |event: Event, evidence: &Option<Arc<Evidence>>| Entry {
            record: record(port, serial.as_deref(), &event, at),
            evidence: evidence.clone().filter(|_| event.keeps_registers()),
            event,
            is_told: AtomicBool::new(false),
        };
        let Some(desk) = &self.desk else {
            let mut teller = lock(&self.teller);
            for event in events {
                let entry = entry(event, &None);
                teller.tell(&entry.event, &entry.record, Duration::ZERO);
            }
            return;
        };
        let proves = events.iter().find(|event| event.keeps_registers());
        let evidence = proves.zip(port.zip(module)).map(|(event, (port, module))| {
            Arc::new(Evidence {
                at,
                port: port.to_string(),
                serial: serial.clone(),
                kind: event.kind(),
                registers: Mutex::new(Registers::Read(Arc::clone(module))),
                saved: Mutex::new(None),
            })
        });
        desk.take_in(events.into_iter().map(|event| entry(event, &evidence)));
    }

    /// Tells waiting events that were not told yet, without regard to whether
    /// they are on disk.
    pub fn tell_waiting(&self) {
        if let Some(desk) = &self.desk {
            let waiting: Vec<_> = lock(&desk.state).waiting.iter().cloned().collect();
            self.tell_entries(&waiting, desk.clock.now());
        }
    }

    /// Tells entries in this order, each only once.
    pub(super) fn tell_entries(&self, entries: &[Waiting], now: Duration) {
        let mut teller = lock(&self.teller);
        for waiting in entries {
            let entry = &waiting.entry;
            if !entry.is_told.swap(true, Ordering::Relaxed) {
                teller.tell(&entry.event, &waiting.record(), now);
            }
        }
    }

    /// Tells what was left out of the log of ports that became quiet.
    pub fn settle(&self, now: Duration) {
        lock(&self.teller).settle(now);
    }

    /// Says that a reader found the store spoilt.
    pub fn suspect(&self) {
        if let Some(desk) = &self.desk {
            desk.suspect();
        }
    }

    /// Events that were told but are not on disk, as a query wants them.
    pub fn unsaved(&self, query: &EventQuery) -> Vec<EventRecord> {
        let Some(desk) = &self.desk else {
            return Vec::new();
        };
        let waiting = &lock(&desk.state).waiting;
        let told = waiting
            .iter()
            .filter(|waiting| waiting.entry.is_told.load(Ordering::Relaxed));
        told.map(Waiting::record)
            .filter(|event| query.wants(event))
            .collect()
    }
}

/// An event as the store has it, without its number.
fn record(
    port: Option<&PortName>,
    serial: Option<&str>,
    event: &Event,
    at: SystemTime,
) -> EventRecord {
    let (before, after) = event.change();
    EventRecord {
        id: 0,
        at,
        port: port.map(ToString::to_string),
        serial: event.serial().or(serial).map(str::to_owned),
        kind: event.kind().to_owned(),
        what: event.to_string(),
        before,
        after,
        grave: event.is_grave(),
        capture: None,
    }
}

/// Where events wait for the scribe.
pub struct Desk {
    pub(super) clock: Arc<dyn Clock>,
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Debug)]
struct State {
    /// In order; those at the front may be being written.
    waiting: VecDeque<Waiting>,
    /// The number of the next event.
    next: u64,
    /// Events that went because too many waited.
    lost: u64,
    /// Whether a reader found the file spoilt.
    is_suspect: bool,
    is_ending: bool,
    /// Since when the scribe has been busy with the disk.
    busy_since: Option<Duration>,
}

/// An event that waits, with its number.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub id: u64,
    pub entry: Arc<Entry>,
}

impl Waiting {
    /// The event as the store has it, its capture apart.
    pub fn record(&self) -> EventRecord {
        EventRecord {
            id: self.id,
            ..self.entry.record.clone()
        }
    }
}

/// An event, and what goes with it.
#[derive(Debug)]
pub(super) struct Entry {
    event: Event,
    record: EventRecord,
    pub evidence: Option<Arc<Evidence>>,
    is_told: AtomicBool,
}

/// The registers behind one or more events of an instant.
#[derive(Debug)]
pub(super) struct Evidence {
    at: SystemTime,
    port: String,
    serial: Option<String>,
    kind: &'static str,
    registers: Mutex<Registers>,
    /// In which file (counted by the scribe) and under which number they are.
    pub saved: Mutex<Option<(u32, u64)>>,
}

#[derive(Debug)]
enum Registers {
    Read(Arc<Snapshot>),
    Packed(Packed),
}

impl Evidence {
    /// The capture that goes into the store. The dump file is made at the first
    /// call, by the scribe: pollers have other things to do.
    pub fn capture(&self) -> NewCapture {
        let mut registers = lock(&self.registers);
        let dump = match &*registers {
            Registers::Packed(packed) => packed.clone(),
            Registers::Read(module) => Packed::new(&raw::capture_file(&self.port, module, self.at)),
        };
        *registers = Registers::Packed(dump.clone());
        NewCapture {
            at: self.at,
            port: self.port.clone(),
            serial: self.serial.clone(),
            kind: self.kind.to_owned(),
            dump,
        }
    }
}

/// What the scribe finds on its desk.
#[derive(Debug)]
pub(super) struct Work {
    /// The events that are next.
    pub batch: Vec<Waiting>,
    /// The number of the next event that will come.
    pub next: u64,
    pub is_suspect: bool,
    pub is_ending: bool,
}

impl Desk {
    /// An empty desk.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                next: 1,
                lost: 0,
                is_suspect: false,
                is_ending: false,
                busy_since: None,
            }),
            news: Condvar::new(),
        }
    }

    fn take_in(&self, entries: impl Iterator<Item = Entry>) {
        let mut state = lock(&self.state);
        for mut entry in entries {
            if state.waiting.len() >= MOST_WITH_REGISTERS {
                entry.evidence = None;
            }
            let id = state.next;
            state.next += 1;
            state.waiting.push_back(Waiting {
                id,
                entry: Arc::new(entry),
            });
        }
        while state.waiting.len() > MOST_WAITING {
            state.waiting.pop_front();
            state.lost += 1;
        }
        drop(state);
        self.news.notify_one();
    }

    /// Says that a reader found the file spoilt.
    pub fn suspect(&self) {
        lock(&self.state).is_suspect = true;
        self.news.notify_one();
    }

    /// Asks the scribe to write what waits and to end.
    pub fn end(&self) {
        lock(&self.state).is_ending = true;
        self.news.notify_one();
    }

    /// Since when the scribe has been waiting for the disk, if it is.
    pub fn busy_since(&self) -> Option<Duration> {
        lock(&self.state).busy_since
    }

    pub(super) fn set_busy(&self, since: Option<Duration>) {
        lock(&self.state).busy_since = since;
    }

    /// What there is to do.
    pub(super) fn work(&self) -> Work {
        let mut state = lock(&self.state);
        Work {
            batch: state.waiting.iter().take(BATCH).cloned().collect(),
            next: state.next,
            is_suspect: std::mem::take(&mut state.is_suspect),
            is_ending: state.is_ending,
        }
    }

    /// Waits until there is something to write, but not longer than `most`. A
    /// scribe that could not write what waits says which event it expects
    /// `next`, and is not woken for those before.
    pub(super) fn rest(&self, next: Option<u64>, most: Duration) {
        let state = lock(&self.state);
        let is_news = next.map_or(!state.waiting.is_empty(), |next| state.next != next);
        if state.is_ending || state.is_suspect || is_news {
            return;
        }
        // Woken for nothing, the scribe looks and rests again.
        drop(self.news.wait_timeout(state, most));
    }

    /// Takes off the desk what is on disk.
    pub(super) fn is_saved(&self, last: u64) {
        let mut state = lock(&self.state);
        while state.waiting.front().is_some_and(|first| first.id <= last) {
            state.waiting.pop_front();
        }
    }

    /// Lets all numbers follow the newest in the store: it was opened only after
    /// the first events came.
    pub(super) fn number_after(&self, newest: u64) {
        let mut state = lock(&self.state);
        state.next += newest;
        for waiting in &mut state.waiting {
            waiting.id += newest;
        }
    }

    /// How many events wait, and how many were lost.
    pub(super) fn counts(&self) -> (usize, u64) {
        let state = lock(&self.state);
        (state.waiting.len(), state.lost)
    }
}

/// A lock, whoever panicked while holding it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
