//! What comes of a sweep: for the health of the port, for the journal, and for who
//! tells it himself.

use std::time::Duration;

use super::{Context, Due, Watch};
use crate::bus::{BusError, Memory, wait};
use crate::health::event::Event;
use crate::health::port::Look;
use crate::module::sweep::Sweep;
use crate::plan::Assignment;

impl Watch {
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
