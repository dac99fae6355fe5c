//! The events as the store has them, and what they make somebody believe who reads
//! nothing else.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use opticsd::daemon::shelf::Shelf;
use opticsd::store::record::{EventQuery, EventRecord};

use crate::account::{Account, Invariant};

/// All events behind one.
pub fn after(id: u64) -> EventQuery {
    EventQuery {
        port: None,
        kind: None,
        since: None,
        after: Some(id),
        limit: 100_000,
    }
}

/// What is believed of a port.
#[derive(Default, Clone)]
pub struct Belief {
    pub is_there: bool,
    pub serial: Option<String>,
    /// How often the temperature flag was told.
    pub alarms: u64,
    is_alarm: bool,
    /// Whether it stood as told when the port was made new.
    was_alarm: bool,
}

/// Who reads all events.
#[derive(Default)]
pub struct History {
    pub newest: u64,
    pub lost: u64,
    ports: BTreeMap<String, Belief>,
    /// The ports that are new after each reload whose event was not read yet.
    renewed: VecDeque<Vec<String>>,
    /// Alarms of the temperature that must be told: port, and how many were before.
    wanted: Vec<(String, u64)>,
}

const ALARM: &str = "temperature high_alarm";

impl History {
    /// A reload makes these ports new.
    pub fn reloads(&mut self, renewed: Vec<String>) {
        self.renewed.push_back(renewed);
    }

    /// A published view has the temperature flag: there has to be an event of it. The
    /// last one of a port that is made new, or taken out, goes on where it was before.
    pub fn wants_alarm(&mut self, port: &str, is_last: bool) {
        let belief = self.belief(port);
        let is_told = belief.is_alarm || is_last && belief.was_alarm;
        if !is_told {
            self.wanted.push((port.to_owned(), belief.alarms));
        }
    }

    pub fn belief(&self, port: &str) -> Belief {
        self.ports.get(port).cloned().unwrap_or_default()
    }

    /// Reads on, as far as the disk lets it.
    pub fn read(&mut self, shelf: &Shelf, lost: u64, account: &Account, now: Duration) {
        let events = match shelf.events(&after(self.newest)) {
            Ok(events) => events,
            Err(error) => {
                account.tell("all", now, &format!("the store cannot be read: {error}"));
                return;
            }
        };
        let wrong = |said| account.violated(Invariant::Events, now, said);
        for event in &events {
            let expected = self.newest + 1;
            if event.id < expected || event.id > expected + (lost - self.lost) {
                wrong(format!("event {} where {expected} was expected", event.id));
            }
            self.newest = event.id;
            account.count("events", &event.kind, 1);
            let port = event.port.as_deref().unwrap_or("all");
            account.tell(port, now, &format!("event {} {}", event.id, event.what));
            account.trace(format!("{} {:?} {}", event.id, event.port, event.what).as_bytes());
            if let Err(said) = self.take_in(event) {
                wrong(format!("event {} ({}): {said}", event.id, event.what));
            }
        }
        self.lost = lost;
    }

    /// Whether all alarms that must be told were told; to be asked when no event waits.
    pub fn settle(&mut self, account: &Account, now: Duration) {
        for (port, before) in std::mem::take(&mut self.wanted) {
            let belief = self.belief(&port);
            if !belief.is_alarm && belief.alarms == before {
                let said = format!("{port}: {ALARM} was published without an event");
                account.violated(Invariant::Flags, now, said);
            }
        }
    }

    fn take_in(&mut self, event: &EventRecord) -> Result<(), String> {
        if event.kind == "config_reloaded" {
            for port in self.renewed.pop_front().unwrap_or_default() {
                let belief = self.ports.entry(port).or_default();
                *belief = Belief {
                    alarms: belief.alarms,
                    was_alarm: belief.is_alarm,
                    ..Belief::default()
                };
            }
        }
        let Some(port) = &event.port else {
            return Ok(());
        };
        let belief = self.ports.entry(port.clone()).or_default();
        let expected = match event.kind.as_str() {
            "insert" => false,
            "swap" | "remove" => true,
            "flag_raised" if event.what.contains(ALARM) => {
                belief.alarms += 1;
                belief.is_alarm = true;
                return Ok(());
            }
            "flag_cleared" if event.what.contains(ALARM) => {
                belief.is_alarm = false;
                return Ok(());
            }
            _ => return Ok(()),
        };
        let was_there = belief.is_there;
        belief.is_there = event.kind != "remove";
        belief.serial.clone_from(&event.serial);
        belief.is_alarm = false;
        match was_there == expected {
            true => Ok(()),
            false if was_there => Err(format!("{port} had a module already")),
            false => Err(format!("{port} had no module")),
        }
    }
}
