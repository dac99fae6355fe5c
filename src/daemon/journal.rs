//! What happened, on its way to the disk: whoever sees an event hands it over
//! here and goes on.
//!
//! The writer ([`super::scribe`]) takes what has come together, writes it in one
//! transaction, and only then has it counted, logged and shown. So nothing is
//! told that a crash could take back, and no poller waits for a disk. A disk that
//! refuses or does not answer delays telling by seconds at most: then events are
//! told unsaved, kept in memory up to a limit, and written when the disk returns.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::desk::{Desk, Entry, Evidence, Queues, Registers, Waiting, lock};
use super::teller::Teller;
use crate::health::event::Event;
use crate::module::Snapshot;
use crate::names::PortName;
use crate::report::Fleet;
use crate::store::history::Minute;
use crate::store::record::{EventQuery, EventRecord};
use crate::store::sessions::Session;

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
            let waiting = desk.waiting();
            self.tell_entries(&waiting, desk.clock.now());
        }
    }

    /// Tells entries in this order, each only once.
    pub(super) fn tell_entries(&self, entries: &[Waiting], now: Duration) {
        let mut teller = lock(&self.teller);
        for waiting in entries {
            let entry = &waiting.entry;
            if !entry.is_told.swap(true, Ordering::Relaxed) {
                let saved = entry.evidence.as_ref().and_then(|of| *lock(&of.saved));
                let record = EventRecord {
                    capture: saved.map(|(_, id)| id),
                    ..waiting.record()
                };
                teller.tell(&entry.event, &record, now);
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
        let waiting = desk.waiting().into_iter();
        let told = waiting.filter(|waiting| waiting.entry.is_told.load(Ordering::Relaxed));
        told.map(|waiting| waiting.record())
            .filter(|event| query.wants(event))
            .collect()
    }

    /// How much waits for the disk; `None` where nothing is kept.
    pub(super) fn queues(&self) -> Option<Queues> {
        Some(self.desk.as_ref()?.queues())
    }

    /// Hands over what minutes of ports were.
    pub fn keep_minutes(&self, minutes: Vec<Minute>) {
        if let Some(desk) = &self.desk {
            desk.take_in_minutes(minutes);
        }
    }

    /// Hands over a link session, or its present state if it was handed over
    /// before under the same port and key.
    pub fn save_session(&self, session: Session) {
        if let Some(desk) = &self.desk {
            desk.take_in_session(session);
        }
    }

    /// The session that was last handed over of a module in a port, by this
    /// daemon or one before it. Answers from memory.
    pub fn last_session(&self, port: &PortName, serial: &str) -> Option<Session> {
        self.desk.as_ref()?.last_session(port.as_str(), serial)
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
