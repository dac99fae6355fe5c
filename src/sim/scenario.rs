//! What happens when: a TOML list of timed events, applied to cages.
//! [`super::scenario_file`] reads it.
//!
//! ```toml
//! [[event]]
//! at = 12.5              # seconds
//! port = "Ethernet3"
//! do = "heat"
//! value = 85.0           # what it means depends on `do`
//! over = 30.0            # seconds to get there; at once if left out
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use super::builders;
use super::cage::Cage;
use super::fault::Fault;
use super::module::SimModule;
use crate::names::PortName;

/// Vendor name of the `hostile-text` event where the file gives none: quotes,
/// markup, a line end, a NUL and bytes that are not UTF-8.
pub const HOSTILE_TEXT: &[u8] = b"\"<b>'&\n\xFF\xFE\0{}%s";

/// What an event does, with its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// Plugs in this family, or what was last pulled from the port.
    Insert(Option<String>),
    Remove,
    Swap(String),
    Heat(f64),
    Ageing(f64),
    Loss(f64),
    BitErrors(f64),
    DarkLane(u8),
    DeadLaser(u8),
    Fault(Fault),
    Text(Vec<u8>),
    /// Takes away all faults and puts all knobs back.
    Clear,
}

/// One thing that happens to one port.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When, from the start of the scenario.
    pub at: Duration,
    /// Where.
    pub port: PortName,
    /// The word of the file for it.
    pub deed: &'static str,
    pub(super) action: Action,
    pub(super) over: Duration,
}

/// Events in the order of time, and which of them have happened.
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    events: Vec<Event>,
    happened: usize,
    pulled: BTreeMap<PortName, SimModule>,
}

impl Scenario {
    /// A scenario of these events, in any order.
    pub(super) fn new(mut events: Vec<Event>) -> Self {
        events.sort_by_key(|event| event.at);
        Self {
            events,
            ..Self::default()
        }
    }

    /// When the next event is due, from the start of the scenario.
    pub fn next_at(&self) -> Option<Duration> {
        self.events.get(self.happened).map(|event| event.at)
    }

    /// Applies all events that are due by `now` (time since the scenario began)
    /// and have not happened yet; returns them.
    pub fn apply(&mut self, now: Duration, cages: &BTreeMap<PortName, Cage>) -> Vec<Event> {
        let due: Vec<Event> = self
            .events
            .iter()
            .skip(self.happened)
            .take_while(|event| event.at <= now)
            .cloned()
            .collect();
        self.happened += due.len();
        for event in &due {
            if let Some(cage) = cages.get(&event.port) {
                self.act(event, cage);
            }
        }
        due
    }

    fn act(&mut self, event: &Event, cage: &Cage) {
        let over = event.over;
        match &event.action {
            Action::Insert(name) => {
                let pulled = self.pulled.remove(&event.port);
                let module = match name {
                    Some(name) => spare(name, &event.port),
                    None => pulled,
                };
                if let Some(module) = module {
                    cage.insert(module);
                }
            }
            Action::Remove => {
                if let Some(module) = cage.remove() {
                    self.pulled.insert(event.port.clone(), module);
                }
            }
            Action::Swap(name) => {
                if let Some(module) = spare(name, &event.port) {
                    cage.insert(module);
                }
            }
            Action::Fault(fault) => cage.set_fault(*fault),
            Action::Text(text) => {
                cage.write_vendor(text);
            }
            Action::Clear => {
                cage.set_fault(Fault::None);
                cage.calm();
            }
            knob => {
                cage.adjust(|knobs, now| match knob {
                    Action::Heat(to) => knobs.temperature.turn_to(*to, now, over),
                    Action::Ageing(to) => knobs.ageing.turn_to(*to, now, over),
                    Action::Loss(to) => knobs.rx_loss_db.turn_to(*to, now, over),
                    Action::BitErrors(to) => knobs.ber_decades.turn_to(*to, now, over),
                    Action::DarkLane(lane) => knobs.dark_lanes |= 1 << lane,
                    Action::DeadLaser(lane) => knobs.dead_lasers |= 1 << lane,
                    _ => {}
                });
            }
        }
    }
}

/// A module of a family that bears the name of the port it is for.
fn spare(family: &str, port: &PortName) -> Option<SimModule> {
    builders::by_name_with_serial(family, &format!("SPARE-{port}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use std::path::Path;

    use super::*;
    use crate::clock::{Clock, ManualClock};

    fn port(name: &str) -> PortName {
        PortName::new(name).unwrap()
    }

    fn parse(text: &str) -> Scenario {
        Scenario::parse(text, Path::new("s.toml"), &[port("a"), port("b")]).unwrap()
    }

    #[test]
    fn events_happen_once_and_in_order() {
        let clock = ManualClock::new();
        let cage = Cage::new(Arc::new(clock.clone()));
        cage.insert(builders::by_name("lpo-800g").unwrap());
        let cages = BTreeMap::from([(port("a"), cage.clone())]);
        let mut scenario = parse(
            "event = [
                { at = 9, port = 'a', do = 'insert' },
                { at = 3.5, port = 'a', do = 'remove' },
                { at = 3, port = 'b', do = 'clear' },
            ]",
        );
        assert_eq!(scenario.next_at(), Some(Duration::from_secs(3)));
        assert!(scenario.apply(Duration::from_secs(1), &cages).is_empty());
        clock.advance(Duration::from_secs(4));
        let done = scenario.apply(clock.now(), &cages);
        assert_eq!(done.len(), 2);
        assert_eq!((done[1].deed, done[1].port.as_str()), ("remove", "a"));
        assert!(cage.is_empty());
        assert!(scenario.apply(clock.now(), &cages).is_empty());
        scenario.apply(Duration::from_secs(10), &cages);
        assert!(!cage.is_empty(), "the pulled module is back");
        assert_eq!(scenario.next_at(), None);
    }
}
