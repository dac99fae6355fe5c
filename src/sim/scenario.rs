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
use super::knobs::Ramp;
use super::module::SimModule;
use super::physics::Physics;
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
    Fault(Fault),
    Text(Vec<u8>),
    /// Turns a knob of the module to a value, or back to what is healthy.
    Turn(Knob, Option<f64>),
    /// Lets the cooling of the box fail by so many kelvin.
    Cooling(f64),
    /// Does something to the decoder of the host.
    Host(HostDeed),
    /// Takes away the adapter, or puts it there again.
    Plug(bool),
    /// Takes away all faults and puts all knobs back.
    Clear,
}

/// A knob of a module; what its value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Knob {
    /// °C of the case.
    Heat,
    /// V.
    Supply,
    /// 0 to 1.
    Ageing,
    /// dB.
    Loss,
    /// dB.
    Bend,
    /// dB.
    Dirt,
    /// dB on one lane.
    LaneLoss(u8),
    /// Decades.
    BitErrors,
    /// Bursts in a second.
    Bursts,
    /// Decades after the light is back; `over` is how long it is away.
    Flap,
    /// Decades after the data paths are up again; `over` is how long they are
    /// deactivated.
    Down,
    /// Without a value: no light on one lane.
    DarkLane(u8),
    /// Without a value: the laser of one lane.
    DeadLaser(u8),
    /// Without a value: the firmware hangs.
    Hang,
}

/// What happens to the decoder of a host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum HostDeed {
    /// Counters from zero.
    Reset,
    /// So long a silence, then counters from zero.
    Restart(Duration),
    /// Counters that stand still.
    Still,
    /// Silence.
    Vanish,
    /// Counters of so many bits.
    Width(u32),
    /// So many times the speed.
    Rate(f64),
    /// All as usual again.
    Calm,
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
            Action::Plug(plugged) => cage.set_plugged(*plugged),
            Action::Clear => {
                cage.set_plugged(true);
                cage.set_fault(Fault::None);
                cage.turn_host(|host, _| host.calm());
                cage.calm();
            }
            Action::Turn(knob, to) => {
                cage.turn(|physics, now| knob.turn(*to, physics, now, over));
            }
            Action::Cooling(kelvin) => {
                cage.warm_box(*kelvin, over);
            }
            Action::Host(deed) => cage.turn_host(|host, now| match deed {
                HostDeed::Reset => host.reset(),
                HostDeed::Restart(silence) => host.restart(now, *silence),
                HostDeed::Still => host.stand_still(),
                HostDeed::Vanish => host.vanish(),
                HostDeed::Width(bits) => host.narrow(*bits),
                HostDeed::Rate(factor) => host.change_rate(*factor),
                HostDeed::Calm => host.calm(),
            }),
        }
    }
}

impl Action {
    /// What ends it again, where something does.
    pub(super) fn end(&self) -> Option<Self> {
        Some(match self {
            Self::Turn(Knob::Flap | Knob::Down, _) => return None,
            Self::Turn(knob, _) => Self::Turn(*knob, None),
            Self::Cooling(_) => Self::Cooling(0.0),
            Self::Fault(_) => Self::Fault(Fault::None),
            Self::Host(HostDeed::Reset | HostDeed::Restart(_)) => return None,
            Self::Host(_) => Self::Host(HostDeed::Calm),
            Self::Insert(_) | Self::Remove | Self::Swap(_) => return None,
            Self::Plug(false) => Self::Plug(true),
            Self::Plug(true) | Self::Text(_) | Self::Clear => return None,
        })
    }
}

impl Knob {
    /// Turns it to a value, or back to what is healthy.
    fn turn(self, to: Option<f64>, physics: &mut Physics, now: Duration, over: Duration) {
        let nominal = physics.nominal;
        let knobs = &mut physics.knobs;
        let lane_bit = |lane: u8| 1_u64 << (lane & 63);
        let nothing = Ramp::steady(0.0);
        let (ramp, healthy) = match self {
            Self::Heat => (&mut knobs.temperature, nominal.temperature_celsius),
            Self::Supply => (&mut knobs.supply, nominal.supply_volts),
            Self::Ageing => (&mut knobs.ageing, 0.0),
            Self::Loss => (&mut knobs.rx_loss_db, 0.0),
            Self::Bend => (&mut knobs.bend_db, 0.0),
            Self::Dirt => (&mut knobs.dirt_db, 0.0),
            Self::LaneLoss(lane) => (knobs.lane_loss_db.entry(lane).or_insert(nothing), 0.0),
            Self::BitErrors => (&mut knobs.ber_decades, 0.0),
            Self::Bursts => (&mut knobs.bursts, 0.0),
            Self::Flap => return knobs.flap(to.unwrap_or(0.0), now, over),
            Self::Down => return knobs.deactivate(to.unwrap_or(0.0), now, over),
            Self::DarkLane(lane) => {
                knobs.dark_lanes &= !lane_bit(lane);
                knobs.dark_lanes |= to.map_or(0, |_| lane_bit(lane));
                return;
            }
            Self::DeadLaser(lane) => {
                knobs.dead_lasers &= !lane_bit(lane);
                knobs.dead_lasers |= to.map_or(0, |_| lane_bit(lane));
                return;
            }
            Self::Hang => return knobs.hangs = to.is_some(),
        };
        ramp.turn_to(to.unwrap_or(healthy), now, over);
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
    use crate::sim::fault::SimError;
    use crate::sim::wire::BusRate;
    use embedded_hal::i2c::I2c;

    fn port(name: &str) -> PortName {
        PortName::new(name).unwrap()
    }

    fn parse(text: &str) -> Scenario {
        Scenario::parse(text, Path::new("s.toml"), &[port("a"), port("b")]).unwrap()
    }

    #[test]
    fn an_adapter_goes_and_comes_with_its_module() {
        let clock = ManualClock::new();
        let cage = Cage::new(Arc::new(clock.clone()));
        cage.insert(builders::by_name("sfp28").unwrap());
        clock.advance(Duration::from_secs(30));
        let cages = BTreeMap::from([(port("a"), cage.clone())]);
        let mut scenario = parse(
            "event = [
                { at = 1, port = 'a', do = 'unplug', for = 1 },
                { at = 3, port = 'a', do = 'errno', value = 71 },
                { at = 4, port = 'a', do = 'clear' },
            ]",
        );
        let mut seen = |second| {
            scenario.apply(Duration::from_secs(second), &cages);
            let mut bus = cage.i2c(BusRate::default());
            let read = bus.write_read(0x50, &[0], &mut [0]);
            (cage.is_plugged(), read)
        };
        assert_eq!(seen(1), (false, Err(SimError::NoAnswer)));
        assert_eq!(seen(2), (true, Ok(())));
        assert_eq!(seen(3), (true, Err(SimError::Errno(71))));
        assert_eq!(seen(4), (true, Ok(())));
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
