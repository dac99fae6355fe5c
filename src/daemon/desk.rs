//! What waits for the disk, within limits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::clock::Clock;
use crate::health::event::Event;
use crate::module::Snapshot;
use crate::report::raw;
use crate::store::history::Minute;
use crate::store::record::{EventRecord, NewCapture, Packed};
use crate::store::sessions::Session;

/// How many events wait in memory for the disk at most; then the oldest go.
pub const MOST_WAITING: usize = 4096;

/// How many events may wait until no more registers are kept with new ones: a
/// capture is ten times the size of its event.
const MOST_WITH_REGISTERS: usize = 512;

/// How many events one transaction takes.
const BATCH: usize = 512;

/// How many minutes of ports wait at most: two hours of a switch.
const MOST_MINUTES: usize = 8192;

/// How many sessions wait at most.
const MOST_SESSIONS: usize = 4096;

/// Of how many modules that a port had the last session is remembered: enough for
/// one that is taken out and put back, and no more for a module that gives another
/// serial number each time.
const MOST_MODULES: usize = 4;

/// Where events wait for the scribe.
pub struct Desk {
    pub(super) clock: Arc<dyn Clock>,
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Debug, Default)]
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
    /// Minutes that wait to be written.
    minutes: Vec<Minute>,
    /// Sessions that wait to be written, by port and key.
    sessions: BTreeMap<(String, String), Session>,
    /// The last session of each module that a port had lately, by port.
    last_sessions: BTreeMap<String, Vec<Session>>,
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
    pub event: Event,
    pub record: EventRecord,
    pub evidence: Option<Arc<Evidence>>,
    pub is_told: AtomicBool,
}

/// The registers behind one or more events of an instant.
#[derive(Debug)]
pub(super) struct Evidence {
    pub at: SystemTime,
    pub port: String,
    pub serial: Option<String>,
    pub kind: &'static str,
    pub registers: Mutex<Registers>,
    /// In which file (counted by the scribe) and under which number they are.
    pub saved: Mutex<Option<(u32, u64)>>,
}

/// Registers as a sweep left them, or as a dump file.
#[derive(Debug)]
pub(super) enum Registers {
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
    /// Minutes of ports, and sessions; they are off the desk.
    pub minutes: Vec<Minute>,
    pub sessions: Vec<Session>,
    /// The number of the next event that will come.
    pub next: u64,
    pub is_suspect: bool,
    pub is_ending: bool,
}

/// How much waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Queues {
    /// Events.
    pub events: usize,
    /// Events that went because too many waited.
    pub lost: u64,
    /// Minutes of ports.
    pub minutes: usize,
    /// Link sessions.
    pub sessions: usize,
    /// Since when the scribe has been waiting for the disk, if it is.
    pub busy_since: Option<Duration>,
}

impl Desk {
    /// An empty desk.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            state: Mutex::new(State {
                next: 1,
                ..State::default()
            }),
            news: Condvar::new(),
        }
    }

    pub(super) fn take_in(&self, entries: impl Iterator<Item = Entry>) {
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

    pub(super) fn take_in_minutes(&self, minutes: Vec<Minute>) {
        if minutes.is_empty() {
            return;
        }
        let mut state = lock(&self.state);
        state.minutes.extend(minutes);
        let surplus = state.minutes.len().saturating_sub(MOST_MINUTES);
        state.minutes.drain(..surplus);
        drop(state);
        self.news.notify_one();
    }

    pub(super) fn take_in_session(&self, session: Session) {
        let mut state = lock(&self.state);
        let last = state.last_sessions.entry(session.port.clone()).or_default();
        last.retain(|other| other.serial != session.serial);
        last.push(session.clone());
        forget_oldest(last);
        let key = (session.port.clone(), session.key.clone());
        state.sessions.insert(key, session);
        while state.sessions.len() > MOST_SESSIONS {
            state.sessions.pop_first();
        }
        drop(state);
        self.news.notify_one();
    }

    /// Puts back what could not be written, unless there is newer.
    pub(super) fn put_back(&self, minutes: Vec<Minute>, sessions: Vec<Session>) {
        let mut state = lock(&self.state);
        let newer = std::mem::replace(&mut state.minutes, minutes);
        state.minutes.extend(newer);
        let surplus = state.minutes.len().saturating_sub(MOST_MINUTES);
        state.minutes.drain(..surplus);
        for session in sessions {
            let key = (session.port.clone(), session.key.clone());
            state.sessions.entry(key).or_insert(session);
        }
    }

    /// Takes over sessions from the store, unless there are newer.
    pub(super) fn remember(&self, sessions: Vec<Session>) {
        let mut state = lock(&self.state);
        for session in sessions {
            let last = state.last_sessions.entry(session.port.clone()).or_default();
            if last.iter().all(|newer| newer.serial != session.serial) {
                last.push(session);
                forget_oldest(last);
            }
        }
    }

    pub(super) fn last_session(&self, port: &str, serial: &str) -> Option<Session> {
        let state = lock(&self.state);
        let of_port = state.last_sessions.get(port)?;
        of_port.iter().find(|last| last.serial == serial).cloned()
    }

    /// All events that wait, in order.
    pub(super) fn waiting(&self) -> Vec<Waiting> {
        lock(&self.state).waiting.iter().cloned().collect()
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
            minutes: std::mem::take(&mut state.minutes),
            sessions: std::mem::take(&mut state.sessions).into_values().collect(),
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
        let is_work =
            || !state.waiting.is_empty() || !state.minutes.is_empty() || !state.sessions.is_empty();
        let is_news = next.map_or_else(is_work, |next| state.next != next);
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

    /// How much waits, of everything.
    pub(super) fn queues(&self) -> Queues {
        let state = lock(&self.state);
        Queues {
            events: state.waiting.len(),
            lost: state.lost,
            minutes: state.minutes.len(),
            sessions: state.sessions.len(),
            busy_since: state.busy_since,
        }
    }

    /// How many events wait, and how many were lost.
    pub(super) fn counts(&self) -> (usize, u64) {
        let state = lock(&self.state);
        (state.waiting.len(), state.lost)
    }
}

/// Forgets the session of a port that was opened first, where there are too many.
fn forget_oldest(sessions: &mut Vec<Session>) {
    let oldest = (0..)
        .zip(&*sessions)
        .min_by_key(|(_, session)| session.opened);
    if let (Some((oldest, _)), true) = (oldest, sessions.len() > MOST_MODULES) {
        sessions.remove(oldest);
    }
}

/// A lock, whoever panicked while holding it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn session(port: &str, number: u64) -> Session {
        Session {
            port: port.to_owned(),
            serial: format!("S{number}"),
            key: number.to_string(),
            opened: SystemTime::UNIX_EPOCH + Duration::from_secs(number),
            closed: None,
            document: String::new(),
        }
    }

    #[test]
    fn a_port_remembers_the_sessions_of_its_last_modules_only() {
        let desk = Desk::new(Arc::new(ManualClock::new()));
        desk.take_in_session(session("quiet", 0));
        for number in 0..100 {
            desk.take_in_session(session("p", number));
        }
        for (serial, stays) in [("S95", false), ("S96", true), ("S99", true)] {
            assert_eq!(desk.last_session("p", serial).is_some(), stays, "{serial}");
        }
        // One port's coming and going costs no other.
        assert!(desk.last_session("quiet", "S0").is_some());
        // What the store brings later is older.
        desk.remember((90..97).map(|number| session("p", number)).collect());
        assert!(desk.last_session("p", "S95").is_none());
        assert!(desk.last_session("p", "S96").is_some());
    }
}
