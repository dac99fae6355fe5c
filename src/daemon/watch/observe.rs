//! What comes of a sweep, for the journal and for who tells it himself.

use std::time::Duration;

use super::{Context, Due, Watch};
use crate::bus::{BusError, Memory, wait};
use crate::health::event::Event;
use crate::module::sweep::Sweep;

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
