//! Runs the read list of one module and assembles the snapshot.
//!
//! A [`Session`] is one insertion. Its first sweep finds out what the module is
//! and reads everything; later sweeps read what is due. A module that was
//! swapped or reset in between shows in its select bytes, its state flag or its
//! serial number, and is identified again before any of its values is believed.

use std::sync::Arc;

use super::assemble::{self, Registers};
use super::identify::{self, Identified};
use super::read_list::{self, Entry};
use super::statistics::Statistics;
use super::{GroupFailure, Snapshot, oddities, visiting};
use crate::bus::address::{Half, Span};
use crate::bus::freeze::FreezeError;
use crate::bus::image::Image;
use crate::bus::read_plan::Cadence;
use crate::bus::{Addressing, BusError, BusErrorKind, Memory};
use crate::clock::Clock;
use crate::cmis::vdm::{self, Purpose};

/// Every how many sweeps slow groups are read, and flags whatever the summary
/// says, in case that it does not tell the truth.
const SLOW_EVERY: u64 = 10;

/// What the operator allows at a port beyond reading what is free to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SweepSettings {
    /// Another manager owns the module: registers that clear when read are never
    /// read, and nothing is frozen whatever `freeze` says.
    pub passive: bool,
    /// VDM statistics are frozen while they are read (see [`crate::bus::freeze`]).
    pub freeze: bool,
}

/// One insertion of a module: what is known of it from sweep to sweep.
#[derive(Debug, Default)]
pub struct Session {
    settings: SweepSettings,
    image: Image,
    list: Vec<Entry>,
    identified: Option<Identified>,
    /// Pages that the module advertised but does not have.
    standing: Vec<GroupFailure>,
    sweeps: u64,
    /// The last sweep ended badly: make sure that it is still the same module.
    suspect: bool,
    statistics: Statistics,
}

/// What one sweep brought.
#[derive(Debug)]
pub struct Sweep {
    /// All that is known of the module.
    pub snapshot: Snapshot,
    /// Whether this is a module not seen before: the first sweep of a session,
    /// or a module that took the place of another.
    pub inserted: bool,
}

impl Session {
    /// A session that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A session that knows nothing yet, at a port with these settings.
    pub fn with_settings(settings: SweepSettings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    /// Reads what is due and decodes it. Where statistics are frozen this takes
    /// some 50 ms longer every tenth time, and up to a second with a module that
    /// does not answer.
    ///
    /// A group that cannot be read is absent from the snapshot and listed in
    /// its failures; the others are right.
    ///
    /// # Errors
    /// The bus error if not even the lower memory could be read, or if a new
    /// module could not be identified.
    pub fn sweep(&mut self, memory: &mut dyn Memory, clock: &dyn Clock) -> Result<Sweep, BusError> {
        let started = clock.now();
        let outcome = self.read_due(memory, clock);
        let (inserted, failures) = outcome.inspect_err(|_| self.suspect = true)?;
        self.suspect = has_transient(&failures);
        self.sweeps += 1;
        let mut snapshot = assemble::snapshot(Registers {
            image: Arc::new(self.image.clone()),
            failures,
            started,
            finished: clock.now(),
        });
        self.statistics.mark(&mut snapshot);
        oddities::tell(&mut snapshot, self.identified);
        Ok(Sweep { snapshot, inserted })
    }

    /// Whether the module may be frozen by this session: see [`Session::finish`].
    pub fn holds_module(&self) -> bool {
        self.statistics.freeze.is_open()
    }

    /// Leaves the module as it was found: not frozen. To be called before the
    /// session ends; does nothing unless a freeze is still under way.
    ///
    /// # Errors
    /// What keeps the module frozen; or none, where another module answers.
    pub fn finish(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
    ) -> Result<(), FreezeError> {
        if !self.holds_module() {
            return Ok(());
        }
        // Nothing is selected in a module of another kind.
        if Some(identify::kind(memory)?) != self.statistics.kind {
            self.statistics.freeze.forget();
            return Ok(());
        }
        memory.set_addressing(Addressing::BankAndPage);
        self.statistics.freeze.end(memory, clock)
    }

    /// Reads all that is due. Returns whether the module is a new one, and what
    /// could not be read.
    fn read_due(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
    ) -> Result<(bool, Vec<GroupFailure>), BusError> {
        let Some(identified) = self.identified else {
            let failures = self.meet(memory, clock)?;
            return Ok((true, failures));
        };
        let firmware = identify::firmware(&self.image);
        let lower = self.due(|entry| entry.span.half() == Half::LOWER);
        let failures = self.read(memory, &lower);
        if let Some(failure) = failures.into_iter().next() {
            return Err(failure.error);
        }
        let is_reloaded = identify::firmware(&self.image) != firmware;
        if is_reloaded || self.may_be_another(memory, identified)? {
            let before = std::mem::take(&mut self.image);
            let met = self.meet(memory, clock);
            let failures = met.inspect_err(|_| self.identified = None)?;
            self.carry_flags(&before);
            let same = identify::plate(&self.image, identified.management)
                == identify::plate(&before, identified.management);
            return Ok((!same, failures));
        }
        let due = self.due(|entry| entry.span.half() != Half::LOWER);
        let mut failures = self.read_upper(memory, clock, &due);
        self.settle_quiet_flags(&due);
        failures.extend(self.standing.iter().cloned());
        Ok((false, failures))
    }

    /// Identifies the module and reads everything it has: in steps, for each
    /// tells what the next may read.
    fn meet(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
    ) -> Result<Vec<GroupFailure>, BusError> {
        self.statistics.start_over();
        *self = Self {
            settings: self.settings,
            statistics: std::mem::take(&mut self.statistics),
            ..Self::default()
        };
        let identified = identify::identify(memory, &mut self.image)?;
        let mut tried = read_list::first(identified.management, identified.flat);
        self.leave_alone(&mut tried, read_list::clearing(identified.management, 1));
        let mut failures = self.read(memory, &tried);
        if let Some(failure) = failures.iter().find(|f| f.error.half == Half::LOWER) {
            return Err(failure.error.clone());
        }
        self.make_list(identified);
        let map = self.due(Entry::is_page_map);
        if !map.is_empty() {
            failures.extend(self.read(memory, &map));
            self.make_list(identified);
            tried.extend(map);
        }
        let is_known = !has_transient(&failures);
        self.release(memory, clock, is_known);
        for step in [
            |purpose| purpose == Some(Purpose::Control),
            |purpose| purpose == Some(Purpose::Descriptors),
            |_: Option<Purpose>| true,
        ] {
            let unread: Vec<Entry> = self
                .list
                .iter()
                .filter(|entry| step(entry.vdm_purpose().map(|(purpose, _)| purpose)))
                .filter(|entry| !tried.contains(entry))
                .copied()
                .collect();
            failures.extend(self.read(memory, &unread));
            read_list::leave_out_unused_vdm(&mut self.list, &self.image);
            tried.extend(unread);
        }
        self.standing = failures
            .iter()
            .filter(|f| f.error.kind == BusErrorKind::NoSuchPage)
            .cloned()
            .collect();
        self.identified = Some(identified);
        Ok(failures)
    }

    /// Makes the read list from what is known of the module.
    fn make_list(&mut self, identified: Identified) {
        let advertised = identify::advertised(&self.image, identified);
        let mut list = read_list::full(advertised);
        let clearing = read_list::clearing(identified.management, advertised.banks());
        self.leave_alone(&mut list, clearing);
        self.list = list;
    }

    /// Where another manager owns the module: takes what clears when read off a
    /// list, and remembers not to read it on the way to something else.
    fn leave_alone(&mut self, list: &mut Vec<Entry>, clearing: Vec<Span>) {
        if self.settings.passive {
            self.image.withhold(clearing);
            list.retain(|entry| !entry.clears && !self.image.withholds(entry.span));
        }
    }

    /// Ends a freeze that an earlier sweep could not end. A module that is known
    /// to have no statistics is another one than was frozen.
    fn release(&mut self, memory: &mut dyn Memory, clock: &dyn Clock, is_known: bool) {
        let control = Half::page(vdm::CONTROL_PAGE);
        if self.list.iter().any(|entry| entry.span.half() == control) {
            let outcome = self.statistics.freeze.end(memory, clock);
            self.statistics.were_released(&outcome);
        } else if is_known {
            self.statistics.freeze.forget();
        }
    }

    /// Reads entries of upper memory, statistics frozen if it is their turn.
    fn read_upper(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
        due: &[Entry],
    ) -> Vec<GroupFailure> {
        self.statistics.begin_sweep(self.sweeps, &self.image);
        self.release(memory, clock, true);
        let of_samples = |entry: &&Entry| {
            let purpose = entry.vdm_purpose();
            purpose.is_some_and(|(purpose, _)| purpose == Purpose::Samples)
        };
        let samples: Vec<Entry> = due.iter().filter(of_samples).copied().collect();
        let freezes = self.settings.freeze && !self.settings.passive;
        if !freezes || !self.statistics.are_due(self.sweeps, &self.image, &samples) {
            let failures = self.read(memory, due);
            self.statistics.put_back(&mut self.image);
            return failures;
        }
        let others: Vec<Entry> = due.iter().filter(|e| !of_samples(e)).copied().collect();
        let mut failures = self.read(memory, &others);
        if has_transient(&failures) {
            // No good time to write to it: their turn comes with the next sweep.
            failures.extend(self.read(memory, &samples));
        } else {
            failures.extend(self.read_frozen(memory, clock, &samples));
        }
        failures
    }

    /// Reads sample pages while the statistics in them stand still. Whatever goes
    /// wrong, the end of it is tried, and tried again in each sweep until it
    /// worked.
    fn read_frozen(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
        samples: &[Entry],
    ) -> Vec<GroupFailure> {
        self.statistics.kind = self.image.sheet(Half::LOWER).map(identify::kind_of);
        let take_over = self.statistics.are_abandoned();
        let begun = self.statistics.freeze.begin(memory, clock, take_over);
        self.statistics.took_turn(self.sweeps, &begun);
        let failures = self.read(memory, samples);
        if begun.is_ok() {
            self.statistics.keep(&self.image, samples);
        }
        let ended = self.statistics.freeze.end(memory, clock);
        self.statistics.were_released(&ended);
        failures
    }

    /// The entries that this sweep has to read and that fit.
    fn due(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let slow = self.sweeps.is_multiple_of(SLOW_EVERY);
        let lower = self.image.sheet(Half::LOWER);
        let absent = |entry: &Entry| {
            self.standing
                .iter()
                .any(|failure| failure.error.half == entry.span.half())
        };
        let due = |entry: &Entry| match entry.cadence {
            Cadence::Insertion => self.image.known(entry.span).is_none(),
            Cadence::Fast => true,
            Cadence::Slow => slow,
            Cadence::OnFlag => match (entry.summary_bit(), lower) {
                (Some((byte, bit)), Some(lower)) => slow || lower.bit(byte, bit),
                _ => true,
            },
        };
        self.list
            .iter()
            .filter(|entry| wanted(entry) && !absent(entry) && due(entry))
            .copied()
            .collect()
    }

    /// Reads entries in as few visits as they need.
    fn read(&mut self, memory: &mut dyn Memory, entries: &[Entry]) -> Vec<GroupFailure> {
        let not_due = self.list.iter();
        let not_due = not_due.filter(|entry| entry.clears && !entries.contains(entry));
        let withheld = self.image.withheld().iter().copied();
        let spared: Vec<Span> = not_due.map(|entry| entry.span).chain(withheld).collect();
        visiting::read(memory, &mut self.image, entries, &spared)
    }

    /// Whether something else may answer now than at the last sweep.
    fn may_be_another(
        &mut self,
        memory: &mut dyn Memory,
        identified: Identified,
    ) -> Result<bool, BusError> {
        let Some(lower) = self.image.sheet(Half::LOWER) else {
            return Ok(true);
        };
        Ok(self.suspect
            || !memory.select_untouched(lower)
            || identify::state_changed(lower, identified)
            || identify::serial_changed(memory, &self.image, identified)?)
    }

    /// Flags that the first read of this sweep consumed belong to it, whatever
    /// was read again after it.
    fn carry_flags(&mut self, before: &Image) {
        let Some(consumed) = before.sheet(Half::LOWER) else {
            return;
        };
        let lower = self.image.sheet_mut(Half::LOWER);
        for entry in &self.list {
            let span = entry.span;
            if entry.clears && span.half() == Half::LOWER {
                for offset in span.first()..=span.last() {
                    lower.put(offset, &[lower.u8(offset) | consumed.u8(offset)]);
                }
            }
        }
    }

    /// Flags that were not read because the module's own summary says that none
    /// is raised: they are known to be zero.
    fn settle_quiet_flags(&mut self, read: &[Entry]) {
        for entry in &self.list {
            let quiet = entry.cadence == Cadence::OnFlag && !read.contains(entry);
            if quiet && self.image.known(entry.span).is_some() {
                let zeros = vec![0; usize::from(entry.span.length())];
                let sheet = self.image.sheet_mut(entry.span.half());
                sheet.put(entry.span.first(), &zeros);
            }
        }
    }
}

/// Whether something failed that may work another time.
fn has_transient(failures: &[GroupFailure]) -> bool {
    failures.iter().any(|f| f.error.kind.is_transient())
}

#[cfg(test)]
mod tests;
