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
use super::{GroupFailure, Reading, Snapshot};
use crate::bus::address::Half;
use crate::bus::image::Image;
use crate::bus::read_plan::{self, Cadence, Visit};
use crate::bus::{BusError, BusErrorKind, Memory, Part};
use crate::clock::Clock;
use crate::cmis::vdm::Purpose;

/// Every how many sweeps slow groups are read, and flags whatever the summary
/// says, in case that it does not tell the truth.
const SLOW_EVERY: u64 = 10;
/// After how many failed visits in a row the rest of a sweep is left: the
/// module is probably gone, and its neighbours are waiting.
const GONE_AFTER: u32 = 2;

/// One insertion of a module: what is known of it from sweep to sweep.
#[derive(Debug, Default)]
pub struct Session {
    image: Image,
    list: Vec<Entry>,
    identified: Option<Identified>,
    /// Pages that the module advertised but does not have.
    standing: Vec<GroupFailure>,
    sweeps: u64,
    /// The last sweep ended badly: make sure that it is still the same module.
    suspect: bool,
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

    /// Reads what is due and decodes it.
    ///
    /// A group that cannot be read is absent from the snapshot and listed in
    /// its failures; the others are right.
    ///
    /// # Errors
    /// The bus error if not even the lower memory could be read, or if a new
    /// module could not be identified.
    pub fn sweep(&mut self, memory: &mut dyn Memory, clock: &dyn Clock) -> Result<Sweep, BusError> {
        let started = clock.now();
        let (inserted, failures) = self.read_due(memory).inspect_err(|_| self.suspect = true)?;
        self.suspect = failures.iter().any(|f| f.error.kind.is_transient());
        self.sweeps += 1;
        let mut snapshot = assemble::snapshot(Registers {
            image: Arc::new(self.image.clone()),
            failures,
            started,
            finished: clock.now(),
        });
        self.tell_oddities(&mut snapshot);
        Ok(Sweep { snapshot, inserted })
    }

    /// Reads all that is due. Returns whether the module is a new one, and what
    /// could not be read.
    fn read_due(&mut self, memory: &mut dyn Memory) -> Result<(bool, Vec<GroupFailure>), BusError> {
        let Some(identified) = self.identified else {
            let failures = self.meet(memory)?;
            return Ok((true, failures));
        };
        let lower = self.due(|entry| entry.span.half() == Half::LOWER);
        let failures = self.read(memory, &lower);
        if let Some(failure) = failures.into_iter().next() {
            return Err(failure.error);
        }
        if self.may_be_another(memory, identified)? {
            let before = std::mem::take(self);
            let failures = self.meet(memory).inspect_err(|_| self.identified = None)?;
            self.carry_flags(&before);
            let same = identify::plate(&self.image, identified.management)
                == identify::plate(&before.image, identified.management);
            return Ok((!same, failures));
        }
        let due = self.due(|entry| entry.span.half() != Half::LOWER);
        let mut failures = self.read(memory, &due);
        self.settle_quiet_flags(&due);
        failures.extend(self.standing.iter().cloned());
        Ok((false, failures))
    }

    /// Identifies the module and reads everything it has: in steps, for each
    /// tells what the next may read.
    fn meet(&mut self, memory: &mut dyn Memory) -> Result<Vec<GroupFailure>, BusError> {
        *self = Self::new();
        let identified = identify::identify(memory, &mut self.image)?;
        let mut tried = read_list::first(identified.management, identified.flat);
        let mut failures = self.read(memory, &tried);
        if let Some(failure) = failures.iter().find(|f| f.error.half == Half::LOWER) {
            return Err(failure.error.clone());
        }
        self.list = read_list::full(identify::advertised(&self.image, identified));
        let map = self.due(Entry::is_page_map);
        if !map.is_empty() {
            failures.extend(self.read(memory, &map));
            self.list = read_list::full(identify::advertised(&self.image, identified));
            tried.extend(map);
        }
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

    /// Reads entries in as few visits as they need. What cannot be read is
    /// forgotten, so that no old value stands for a new one.
    fn read(&mut self, memory: &mut dyn Memory, entries: &[Entry]) -> Vec<GroupFailure> {
        let spared = self
            .list
            .iter()
            .filter(|entry| entry.clears && !entries.contains(entry))
            .map(|entry| entry.span)
            .collect::<Vec<_>>();
        let spans = entries.iter().map(|entry| entry.span).collect();
        let mut failures = Vec::new();
        let mut in_a_row = 0;
        let mut last_error: Option<BusError> = None;
        for visit in read_plan::visits(spans, &spared) {
            let outcome = match &last_error {
                Some(error) if in_a_row >= GONE_AFTER => Err(BusError {
                    half: visit.half,
                    ..error.clone()
                }),
                _ => memory.visit(visit.half, &visit.parts, self.image.sheet_mut(visit.half)),
            };
            let Err(error) = outcome else {
                in_a_row = 0;
                continue;
            };
            if error.kind.is_transient() {
                in_a_row += 1;
                last_error = Some(error.clone());
            }
            self.failed(memory, entries, &visit, &error, &mut failures);
        }
        failures
    }

    /// Deals with a visit that failed: in a dump that holds part of a page, the
    /// groups are tried one by one.
    fn failed(
        &mut self,
        memory: &mut dyn Memory,
        entries: &[Entry],
        visit: &Visit,
        error: &BusError,
        failures: &mut Vec<GroupFailure>,
    ) {
        for entry in entries.iter().filter(|e| e.span.half() == visit.half) {
            let part = Part {
                first: entry.span.first(),
                length: entry.span.length(),
            };
            let sheet = self.image.sheet_mut(visit.half);
            let partial = error.kind == BusErrorKind::NotInDump
                && memory.visit(visit.half, &[part], sheet).is_ok();
            if !partial {
                self.image.forget(entry.span);
                failures.push(GroupFailure {
                    group: entry.name,
                    error: error.clone(),
                });
            }
        }
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
    fn carry_flags(&mut self, before: &Self) {
        let Some(consumed) = before.image.sheet(Half::LOWER) else {
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

    /// Adds to a snapshot's problems what only the reader can know.
    fn tell_oddities(&self, snapshot: &mut Snapshot) {
        if self.identified.is_some_and(|i| !i.long_reads) {
            let promise = match snapshot.advertisement {
                Reading::Value(says) if says.whole_page_reads() => {
                    ", although 01h:251 promises reads of a whole page"
                }
                _ => "",
            };
            snapshot.problems.push(format!(
                "long reads disagree with 8-byte reads: the module is read 8 bytes at a time{promise}"
            ));
        }
        let mut told: Vec<Half> = Vec::new();
        for failure in &snapshot.failures {
            let half = failure.error.half;
            let text = match failure.error.kind {
                BusErrorKind::NoSuchPage => "is advertised, but the module does not have it",
                BusErrorKind::NotInDump => "is not in this dump, or not whole",
                _ => continue,
            };
            if !told.contains(&half) {
                told.push(half);
                snapshot.problems.push(format!("{half} {text}"));
            }
        }
    }
}
