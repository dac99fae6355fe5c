//! Ports watched on time that somebody makes: recorded, or simulated in a hurry.
//!
//! It is the daemon's own [`Watch`] and [`fleet_check`] with nothing around them:
//! no thread, no clock of the machine, no disk. Events are handed to the caller.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::journal::Journal;
use super::source::Opener;
use super::watch::{Context, Watch};
use super::{fleet_check, publish};
use crate::bus::Memory;
use crate::bus::meter::Meter;
use crate::bus::paging::Paged;
use crate::class::Settings;
use crate::clock::{Clock, ManualClock};
use crate::health::event::Event;
use crate::health::host_fec::HostFec;
use crate::names::{BusName, PortName};
use crate::plan::Plan;
use crate::plan::finding::Finding;
use crate::report::{PortSlot, PortView};
use crate::sim::cage::Cage;
use crate::sim::wire::BusRate;

/// For how long a value that was read once may be shown.
const SHOWN_FOR: Duration = Duration::from_secs(3600);

/// Some watched ports and their time.
pub struct Stage {
    context: Context,
    clock: ManualClock,
    watches: Vec<Watch>,
}

/// A module that gives no answer.
pub fn nobody(clock: &ManualClock) -> Box<dyn Memory> {
    let empty = Cage::new(Arc::new(clock.clone())).i2c(BusRate::default());
    Box::new(Paged::new(empty, clock.clone(), Arc::default()))
}

/// A port of a stage, by the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat(usize);

impl Stage {
    /// A stage without ports; its time is that of the clock, which nobody else
    /// may move while ports are looked at.
    pub fn new(clock: ManualClock, plan: Option<Plan>) -> Self {
        let fleet = Arc::new(publish::fleet(clock.wall()));
        Self {
            context: Context {
                clock: Arc::new(clock.clone()),
                plan: ArcSwap::from_pointee(plan),
                settings: Settings::default(),
                journal: Journal::unkept(&fleet),
                fleet,
            },
            clock,
            watches: Vec::new(),
        }
    }

    /// Watches one more port, behind its own bus of that name.
    pub fn add(&mut self, name: PortName, bus: BusName, open: Opener) -> Seat {
        let plan = self.context.plan.load();
        let assignment = plan.as_ref().as_ref().and_then(|p| p.assignment(&name));
        let view = publish::unread(assignment.map(crate::report::Planned::of));
        let slot = Arc::new(PortSlot::new(name, bus, view));
        let mut slots = self.context.fleet.ports.load().to_vec();
        slots.push(Arc::clone(&slot));
        self.context.fleet.ports.store(Arc::new(slots));
        self.watches
            .push(Watch::new(slot, Arc::new(Meter::default()), open));
        Seat(self.watches.len() - 1)
    }

    /// Looks at a port once, with what its host has counted; returns what is new.
    pub fn look(&mut self, seat: Seat, host: Option<HostFec>) -> Vec<Event> {
        let Some(watch) = self.watches.get_mut(seat.0) else {
            return Vec::new();
        };
        watch.slot().host_fec.store(host.map(Arc::new));
        watch.observe(&self.context, SHOWN_FOR)
    }

    /// The same with the way to the module as it is from now on.
    pub fn look_at(
        &mut self,
        seat: Seat,
        memory: Box<dyn Memory>,
        host: Option<HostFec>,
    ) -> Vec<Event> {
        if let Some(watch) = self.watches.get_mut(seat.0) {
            watch.reach_by(memory);
        }
        self.look(seat, host)
    }

    /// Holds the ports against each other; returns what stands between them now.
    pub fn compare(&mut self) -> Arc<Vec<(PortName, Finding)>> {
        fleet_check::round(&self.context);
        self.context.fleet.across.load_full()
    }

    /// The time.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// A port and its newest view.
    pub fn view(&self, seat: Seat) -> Option<(&PortName, Arc<PortView>)> {
        let slot = self.watches.get(seat.0)?.slot();
        Some((&slot.name, slot.view.load_full()))
    }

    /// All ports, in the order in which they came.
    pub fn seats(&self) -> impl Iterator<Item = Seat> + use<> {
        (0..self.watches.len()).map(Seat)
    }
}
