//! What comes of a sweep: for the health of the port, for the journal, and for who
//! tells it himself.

use std::time::Duration;

use super::{Context, Due, Watch};
use crate::bus::{BusError, Memory, wait};
use crate::health::event::Event;
use crate::health::port::Look;
use crate::module::Presence;
use crate::module::sweep::Sweep;
use crate::plan::Assignment;

/// How a cage and the way to it stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What stands in the cage.
    pub presence: Presence,
    /// Sweeps in a row that failed.
    pub failures: u32,
    /// For how long it is left alone, if it keeps failing.
    pub rest: Option<Duration>,
    /// Whether the way to the module is open; `None` while a sweep has it.
    pub is_open: Option<bool>,
    /// Whether statistics may be frozen by us; `None` while a sweep decides.
    pub holds_frozen: Option<bool>,
}

impl Watch {
    /// How it stands, for who debugs the daemon.
    pub fn standing(&self) -> Standing {
        let between = self.work.is_none();
        Standing {
            presence: self.lifecycle.presence(),
            failures: self.lifecycle.failures(),
            rest: self.lifecycle.rest(),
            is_open: between.then_some(self.memory.is_some()),
            holds_frozen: between.then(|| self.session.holds_module()),
        }
    }

    /// [`Watch::look`] for who tells himself what changed.
    pub fn observe(&mut self, context: &Context, shown_for: Duration) -> Vec<Event> {
        self.begin(context, Due::ALL);
        let Some(work) = self.work.take() else {
            return Vec::new();
        };
        let outcome = self.take_back(wait::complete(work));
        self.news(outcome, context, shown_for)
    }

    /// Reaches the module in this way from now on.
    pub fn reach_by(&mut self, memory: Box<dyn Memory>) {
        self.memory = Some(memory);
    }

    /// One step of the port's health, from what is known of it now.
    pub(super) fn judge_over_time(
        &mut self,
        assignment: Option<&Assignment>,
        context: &Context,
    ) -> Vec<Event> {
        let now = context.clock.now();
        let elapsed = now.saturating_sub(self.stepped.unwrap_or(now));
        self.stepped = Some(now);
        let module = self.module.as_ref();
        let host = self.slot.host_fec.load();
        let told = self.health.step(&Look {
            module: module.map(|m| (m.snapshot.as_ref(), m.class.as_ref())),
            is_fresh: self.trouble.is_none(),
            host: host.as_deref(),
            ber: assignment.map(|a| &a.policy.ber),
            watch: assignment.map(|a| &a.policy.watch),
            elapsed,
        });
        let module = module.map(|m| m.snapshot.as_ref());
        let port = &self.slot.name;
        self.sessions
            .follow(&mut self.health, &told, port, module, context);
        told
    }

    /// Publishes what came of a sweep and tells what changed.
    pub(super) fn take_in(
        &mut self,
        outcome: Result<Sweep, BusError>,
        context: &Context,
        shown_for: Duration,
    ) {
        let events = self.news(outcome, context, shown_for);
        let view = self.slot.view.load();
        let module = view.snapshot.as_ref();
        context.journal.tell_of(&self.slot.name, module, events);
    }
}
