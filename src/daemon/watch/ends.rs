//! How the watch of a port ends, and how it begins anew after a defect of ours.

use std::sync::Arc;
use std::time::Duration;

use tracing::warn;

use super::{Context, Watch};
use crate::bus::{BusError, wait};
use crate::daemon::attend;
use crate::daemon::publish;
use crate::daemon::source::Opener;
use crate::health::event::Event;
use crate::module::sweep::Sweep;
use crate::report::PortView;

impl Watch {
    /// Forgets all that is known of the port but what was counted and who was told to be
    /// there, after a step of it panicked: what it left is not to be relied on, but a
    /// module that did not move has not come again. `said` is shown until a sweep
    /// comes to its end.
    pub fn begin_anew(&mut self, said: String) {
        let nothing: Opener = Box::new(|_| Err("not open".to_owned()));
        let open = std::mem::replace(&mut self.open, nothing);
        let fresh = Self::new(Arc::clone(&self.slot), Arc::clone(&self.meter), open)
            .with_settings(self.settings)
            .with_lock(self.lock.take());
        let before = self.slot.view.load_full();
        let counts = std::mem::take(&mut self.counts);
        let last_read = self.last_read;
        self.slot.view.store(Arc::new(PortView {
            trouble: Some(said.clone()),
            counts: counts.clone(),
            last_read,
            ..publish::unread(before.planned.clone())
        }));
        *self = Self {
            was_open: self.was_open,
            trouble: Some(said),
            counts,
            last_read,
            present: self.present.take(),
            ..fresh
        };
    }

    /// Ends the watch: a sweep under way comes to its end, and a module whose
    /// statistics were frozen is freed.
    pub fn leave(&mut self, context: &Context) {
        if let Some(work) = self.work.take() {
            let outcome = self.take_back(wait::complete(work));
            self.tell_flags(outcome, context);
        }
        let clock = context.clock.as_ref();
        let memory = match self.memory.take() {
            _ if !self.session.holds_module() => return,
            Some(memory) => Ok(memory),
            None => (self.open)(&self.meter),
        };
        let lock = self.lock.as_deref();
        let free = attend::free(memory, &mut self.session, lock, &self.slot.name, clock);
        if let Err(error) = wait::complete(free) {
            let port = &self.slot.name;
            warn!(%port, error, "VDM statistics may have been left frozen");
        }
    }
    /// Tells the flags that the last sweep found. They are latched no more, so nobody
    /// after it can; all else whoever watches the port next finds as it is.
    fn tell_flags(&mut self, outcome: Result<Sweep, BusError>, context: &Context) {
        let mut events = self.news(outcome, context, Duration::MAX);
        events.retain(|event| matches!(event, Event::FlagRaised { .. }));
        let module = self.module.as_ref().map(|module| &module.snapshot);
        context.journal.tell_of(&self.slot.name, module, events);
    }
}
