//! The part of a sweep that holds VDM statistics still: who freezes, unfreezes.

use super::{Due, Session, has_transient, identify};
use crate::bus::address::Half;
use crate::bus::freeze::FreezeError;
use crate::bus::{Addressing, Memory};
use crate::clock::Clock;
use crate::cmis::vdm;
use crate::module::GroupFailure;
use crate::module::read_list::Entry;

impl Session {
    /// Whether the module may be frozen by this session: see [`Session::finish`].
    pub fn holds_module(&self) -> bool {
        self.statistics.freeze.is_open()
    }

    /// Leaves the module as it was found: not frozen. To be called before the
    /// session ends; does nothing unless a freeze is still under way.
    ///
    /// # Errors
    /// What keeps the module frozen; or none, where another module answers.
    pub async fn finish(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
    ) -> Result<(), FreezeError> {
        if !self.holds_module() {
            return Ok(());
        }
        // Nothing is selected in a module of another kind.
        if Some(identify::kind(memory).await?) != self.statistics.kind {
            self.statistics.freeze.forget();
            return Ok(());
        }
        memory.set_addressing(Addressing::BankAndPage);
        let ended = self.statistics.freeze.end(memory, clock).await;
        memory.leave().await;
        ended
    }

    /// Ends a freeze that an earlier sweep could not end. A module that is known
    /// to have no statistics is another one than was frozen.
    pub(super) async fn release(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
        is_known: bool,
    ) {
        let control = Half::page(vdm::CONTROL_PAGE);
        if self.list.iter().any(|entry| entry.span.half() == control) {
            let outcome = self.statistics.freeze.end(memory, clock).await;
            self.statistics.were_released(&outcome);
        } else if is_known {
            self.statistics.freeze.forget();
        }
    }

    /// Reads entries of upper memory, statistics frozen if it is their turn.
    pub(super) async fn read_upper(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
        due: Due,
        entries: &[Entry],
    ) -> Vec<GroupFailure> {
        let reading = self.readings;
        self.readings += u64::from(due.vdm);
        let turn = due.vdm.then_some(reading);
        self.statistics.begin_sweep(turn, &self.image);
        self.release(memory, clock, true).await;
        let (samples, others): (Vec<Entry>, Vec<Entry>) =
            entries.iter().partition(|entry| entry.is_vdm_samples());
        let freezes = self.settings.freeze && !self.settings.passive;
        if !freezes || !self.statistics.are_due(reading, &self.image, &samples) {
            let failures = self.read(memory, entries).await;
            self.statistics.put_back(&mut self.image);
            return failures;
        }
        let mut failures = self.read(memory, &others).await;
        if has_transient(&failures) {
            // No good time to write to it: their turn comes with the next sweep.
            failures.extend(self.read(memory, &samples).await);
        } else {
            failures.extend(self.read_frozen(memory, clock, reading, &samples).await);
        }
        failures
    }

    /// Reads sample pages while the statistics in them stand still. Whatever goes
    /// wrong, the end of it is tried, and tried again in each sweep until it
    /// worked.
    async fn read_frozen(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
        reading: u64,
        samples: &[Entry],
    ) -> Vec<GroupFailure> {
        self.statistics.kind = self.image.sheet(Half::LOWER).map(identify::kind_of);
        let take_over = self.statistics.are_abandoned();
        let freeze = &mut self.statistics.freeze;
        let begun = freeze.begin(memory, clock, take_over).await;
        self.statistics.took_turn(reading, &begun);
        let failures = self.read(memory, samples).await;
        if begun.is_ok() {
            self.statistics.keep(&self.image, samples);
        }
        let ended = self.statistics.freeze.end(memory, clock).await;
        self.statistics.were_released(&ended);
        failures
    }
}
