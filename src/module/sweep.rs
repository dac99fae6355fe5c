//! Runs the read list of one module and assembles the snapshot.
//!
//! A [`Session`] is one insertion. Its first sweep finds out what the module is
//! and reads everything; later sweeps read what is due. A module that was
//! swapped or reset in between shows in its select bytes, its state flag or its
//! serial number, and is identified again before any of its values is believed.

mod frozen;
mod meeting;

use std::sync::Arc;
use std::time::Duration;

use super::assemble::{self, Registers};
use super::cut_short::Silences;
use super::identify::{self, Identified};
use super::read_list::Entry;
use super::statistics::Statistics;
use super::{GroupFailure, Management, Snapshot, oddities, visiting};
use crate::bus::address::{Half, Span};
use crate::bus::image::Image;
use crate::bus::read_plan::Cadence;
use crate::bus::wait;
use crate::bus::{BusError, BusErrorKind, Memory};
use crate::clock::Clock;

/// Every how many sweeps slow groups are read, and flags whatever the summary
/// says, in case that it does not tell the truth.
const SLOW_EVERY: u64 = 10;
/// No module takes the place of another in less time: it is pulled, the other
/// one pushed in, and powers up (CMIS allows it 2 s for that). Who reads for as
/// long looks at the name again before the reading counts.
const QUICKEST_SWAP: Duration = Duration::from_millis(250);

/// What the operator allows at a port beyond reading what is free to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SweepSettings {
    /// Another manager owns the module: registers that clear when read are never
    /// read, and nothing is frozen whatever `freeze` says.
    pub passive: bool,
    /// VDM statistics are frozen while they are read (see [`crate::bus::freeze`]).
    pub freeze: bool,
}

/// Which groups a sweep reads beyond the monitors, which every sweep reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// What VDM observables read.
    pub vdm: bool,
    /// What changes by configuration only, and flags whatever the summary says.
    pub slow: bool,
}

/// One insertion of a module: what is known of it from sweep to sweep.
#[derive(Debug, Default)]
pub struct Session {
    settings: SweepSettings,
    image: Image,
    silences: Silences,
    list: Vec<Entry>,
    identified: Option<Identified>,
    /// Pages that the module advertised but does not have.
    standing: Vec<GroupFailure>,
    sweeps: u64,
    /// Sweeps that read VDM.
    readings: u64,
    /// The last sweep ended badly: make sure that it is still the same module.
    suspect: bool,
    /// The select may have been left in another module.
    is_unsure: bool,
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

impl Due {
    /// All of them.
    pub const ALL: Self = Self {
        vdm: true,
        slow: true,
    };
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

    /// Says that the memory of the next sweep is another one, which knows nothing of
    /// the module: how its pages are selected, nor how much it serves in one read.
    pub fn begin_anew(&mut self) {
        self.identified = None;
    }

    /// Reads what is due and decodes it: VDM each time and slow groups every
    /// tenth time. For who has nothing else to do on the bus; see
    /// [`Session::sweep_in_steps`].
    ///
    /// # Errors
    /// The same.
    pub fn sweep(&mut self, memory: &mut dyn Memory, clock: &dyn Clock) -> Result<Sweep, BusError> {
        let due = Due {
            vdm: true,
            slow: self.sweeps.is_multiple_of(SLOW_EVERY),
        };
        wait::complete(self.sweep_in_steps(memory, clock, due))
    }

    /// Reads what is due and decodes it. A new module is read whole. Where
    /// statistics are frozen this takes some 50 ms longer every tenth time, and
    /// up to a second with a module that does not answer; it waits in steps.
    ///
    /// A group that cannot be read is absent from the snapshot and listed in
    /// its failures; the others are right.
    ///
    /// # Errors
    /// The bus error if not even the lower memory could be read, or if a new
    /// module could not be identified.
    pub async fn sweep_in_steps(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
        due: Due,
    ) -> Result<Sweep, BusError> {
        let started = clock.now();
        let outcome = self.read_due(memory, clock, due).await;
        let (inserted, failures) = outcome.inspect_err(|error| {
            self.suspect = true;
            // Another module may serve less in one read than the one that was met.
            if error.kind == BusErrorKind::ShortRead {
                self.identified = None;
            }
        })?;
        memory.leave().await;
        self.suspect = has_transient(&failures) || std::mem::take(&mut self.is_unsure);
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

    /// Reads all that is due. Returns whether the module is a new one, and what
    /// could not be read.
    async fn read_due(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
        due: Due,
    ) -> Result<(bool, Vec<GroupFailure>), BusError> {
        let Some(identified) = self.identified else {
            let failures = self.meet(memory, clock).await?;
            return Ok((true, failures));
        };
        if identified.management == Management::Unknown {
            // Nothing of it is read but what it is, and it may be something else now.
            let before = self.image.sheet(Half::LOWER).map(identify::kind_of);
            let failures = self.meet(memory, clock).await?;
            let now = self.image.sheet(Half::LOWER).map(identify::kind_of);
            return Ok((now != before, failures));
        }
        let began = clock.now();
        let is_long = || clock.now().saturating_sub(began) >= QUICKEST_SWAP;
        let firmware = identify::firmware(&self.image);
        let lower = self.due(due, |entry| entry.span.half() == Half::LOWER);
        let failures = self.read(memory, &lower).await;
        if let Some(failure) = failures.into_iter().next() {
            return Err(failure.error);
        }
        let is_reloaded = identify::firmware(&self.image) != firmware;
        if is_reloaded || self.may_be_another(memory, identified).await? {
            let is_sure = !is_long();
            return self.meet_again(memory, clock, identified, is_sure).await;
        }
        let upper = self.due(due, |entry| entry.span.half() != Half::LOWER);
        let mut failures = self.read_upper(memory, clock, due, &upper).await;
        if is_long() && identify::serial_changed(memory, &self.image, identified).await? {
            return self.meet_again(memory, clock, identified, false).await;
        }
        self.settle_quiet_flags(&upper);
        failures.extend(self.standing.iter().cloned());
        Ok((false, failures))
    }

    /// The entries that this sweep has to read and that fit.
    fn due(&self, due: Due, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let Due { vdm, slow } = due;
        let lower = self.image.sheet(Half::LOWER);
        let absent = |entry: &Entry| {
            self.standing
                .iter()
                .any(|failure| failure.error.half == entry.span.half())
        };
        let due = |entry: &Entry| match entry.cadence {
            Cadence::Insertion => self.image.known(entry.span).is_none(),
            Cadence::Fast => vdm || !entry.is_vdm_samples(),
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
    async fn read(&mut self, memory: &mut dyn Memory, entries: &[Entry]) -> Vec<GroupFailure> {
        let not_due = self.list.iter();
        let not_due = not_due.filter(|entry| entry.clears && !entries.contains(entry));
        let withheld = self.image.withheld().iter().copied();
        let spared: Vec<Span> = not_due.map(|entry| entry.span).chain(withheld).collect();
        let (image, silences) = (&mut self.image, &mut self.silences);
        visiting::read(memory, image, silences, entries, &spared).await
    }

    /// Whether something else may answer now than at the last sweep.
    async fn may_be_another(
        &mut self,
        memory: &mut dyn Memory,
        identified: Identified,
    ) -> Result<bool, BusError> {
        let Some(lower) = self.image.sheet(Half::LOWER) else {
            return Ok(true);
        };
        if self.suspect
            || !memory.select_untouched(lower)
            || identify::state_changed(lower, identified)
        {
            return Ok(true);
        }
        if !identified.flat && memory.sees_swaps() {
            return Ok(false);
        }
        identify::serial_changed(memory, &self.image, identified).await
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
fn has_transient<'a>(failures: impl IntoIterator<Item = &'a GroupFailure>) -> bool {
    let mut failures = failures.into_iter();
    failures.any(|failure| failure.error.kind.is_transient())
}

#[cfg(test)]
mod tests;
