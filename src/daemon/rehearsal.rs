//! Simulated modules before the daemon's own judgement, on simulated time: months
//! of a scenario in seconds, the same each time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::sim_host;
use super::source::Opener;
use super::stage::{Seat, Stage};
use crate::bus::paging::Paged;
use crate::clock::{Clock, ManualClock};
use crate::health::event::Event;
use crate::names::{BusName, PortName};
use crate::plan::Plan;
use crate::plan::finding::Finding;
use crate::report::PortView;
use crate::sim::air::Air;
use crate::sim::builders;
use crate::sim::cage::Cage;
use crate::sim::lifecycle::Startup;
use crate::sim::scenario::Scenario;
use crate::sim::wire::BusRate;

/// What is on one port.
#[derive(Debug, Clone)]
pub struct Part {
    /// The port.
    pub port: PortName,
    /// The family of the module; nothing is plugged in without one.
    pub family: Option<String>,
    /// What makes it different from its sisters.
    pub seed: u64,
    /// How much stronger than usual its noises are.
    pub noisiness: f64,
    /// Whether the host tells what its decoder counts.
    pub host_tells: bool,
}

/// A box of simulated modules that is watched.
pub struct Rehearsal {
    stage: Stage,
    ports: Vec<Port>,
    cages: BTreeMap<PortName, Cage>,
    scenario: Scenario,
}

struct Port {
    seat: Seat,
    cage: Cage,
    host_tells: bool,
}

/// What came of a round.
#[derive(Debug)]
pub struct Round {
    /// When it began.
    pub at: Duration,
    /// What happened at which port.
    pub events: Vec<(PortName, Event)>,
    /// What stands between ports.
    pub across: Arc<Vec<(PortName, Finding)>>,
}

impl Rehearsal {
    /// A box with these parts, long since powered up, in which the scenario
    /// happens.
    pub fn new(parts: &[Part], scenario: Scenario, plan: Option<Plan>) -> Self {
        let clock = ManualClock::new();
        let air = Air::new(parts.first().map_or(0, |part| part.seed), parts.len());
        let mut rehearsal = Self {
            stage: Stage::new(clock.clone(), plan),
            ports: Vec::new(),
            cages: BTreeMap::new(),
            scenario,
        };
        let Some(bus) = BusName::new("sim-0") else {
            return rehearsal;
        };
        for (place, part) in parts.iter().enumerate() {
            let cage = Cage::in_box(Arc::new(clock.clone()), air.seat(place));
            // Nobody asks for the writes of months.
            cage.keep_writes(0);
            let serial = format!("{:016X}", part.seed);
            let family = part.family.as_deref();
            if let Some(module) =
                family.and_then(|name| builders::by_name_with_serial(name, &serial))
            {
                let module = module
                    .with_seed(part.seed)
                    .with_noisiness(part.noisiness)
                    .with_manners(|manners| manners.startup = Startup::INSTANT);
                cage.insert(module);
            }
            let (inside, time) = (cage.clone(), clock.clone());
            let open: Opener = Box::new(move |meter| {
                let i2c = inside.i2c(BusRate::default());
                Ok(Box::new(Paged::new(i2c, time.clone(), Arc::clone(meter))))
            });
            let seat = rehearsal.stage.add(part.port.clone(), bus.clone(), open);
            rehearsal.cages.insert(part.port.clone(), cage.clone());
            rehearsal.ports.push(Port {
                seat,
                cage,
                host_tells: part.host_tells,
            });
        }
        rehearsal
    }

    /// Lets time pass up to `at`, the scenario happen, and looks at each port once.
    pub fn round(&mut self, at: Duration) -> Round {
        let clock = self.stage.clock().clone();
        // What is due happens in its own time, not at the end of the rest.
        while let Some(next) = self.scenario.next_at().filter(|next| *next <= at) {
            clock.advance(next.saturating_sub(clock.now()));
            self.scenario.apply(clock.now(), &self.cages);
        }
        clock.advance(at.saturating_sub(clock.now()));
        let began = clock.now();
        let mut events = Vec::new();
        for port in &self.ports {
            let counters = port.cage.host_counters().filter(|_| port.host_tells);
            let host = counters.map(|counters| sim_host::told(counters, clock.now()));
            let news = self.stage.look(port.seat, host);
            if let Some((name, _)) = self.stage.view(port.seat) {
                events.extend(news.into_iter().map(|event| (name.clone(), event)));
            }
        }
        Round {
            at: began,
            events,
            across: self.stage.compare(),
        }
    }

    /// The newest view of each port.
    pub fn views(&self) -> Vec<(PortName, Arc<PortView>)> {
        let seats = self.ports.iter().map(|port| port.seat);
        let views = seats.filter_map(|seat| self.stage.view(seat));
        views.map(|(name, view)| (name.clone(), view)).collect()
    }

    /// The cage of a port.
    pub fn cage(&self, port: &PortName) -> Option<&Cage> {
        self.cages.get(port)
    }
}
