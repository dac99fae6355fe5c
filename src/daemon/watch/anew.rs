//! A port after a defect of ours.

use std::sync::Arc;

use super::Watch;
use crate::daemon::publish;
use crate::daemon::source::Opener;
use crate::report::PortView;

impl Watch {
    /// Forgets all that is known of the port but what was counted, after a step of it
    /// panicked: what it left is not to be relied on. `said` is shown until a sweep
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
            ..fresh
        };
    }
}
