//! The thread that writes the store, and the only one that waits for its disk.
//!
//! One `Scribe::step` writes what has come together since the one before: while
//! a disk syncs, the next batch gathers, so a slow disk makes larger batches
//! instead of a longer queue. What was committed is then told.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime};

use tracing::{debug, debug_span, error, info, warn};

use super::desk::{Desk, Evidence, Waiting, Work, lock};
use super::journal::Journal;
use super::shelf::Shelf;
use crate::report::{Fleet, StoreStatus, StoreTrouble, moment};
use crate::store::StoreError;
use crate::store::database::Database;
use crate::store::place::Place;
use crate::store::record::Limits;
use crate::store::sessions;

/// How soon a disk that refused is tried again; twice as long each time.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// The longest that a disk which refused is left alone.
const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// How many sessions of an earlier daemon are remembered.
const MOST_SESSIONS: u64 = 4096;

/// How often what is too much is thrown out.
const KEEPING: Duration = Duration::from_secs(60);

/// How to rest.
pub(super) struct Rest {
    /// The number of the event to wait for, where those that wait cannot be
    /// written.
    next: Option<u64>,
    /// For how long.
    pub most: Duration,
}

/// Writes the store.
pub(super) struct Scribe {
    desk: Arc<Desk>,
    journal: Journal,
    shelf: Arc<Shelf>,
    fleet: Arc<Fleet>,
    machine: Option<String>,
    place: Option<Place>,
    /// The store of a directory while it is open; one in memory is on the shelf.
    database: Option<Database>,
    /// How many stores were begun or opened: numbers of captures hold for one.
    volume: u32,
    /// Whether the numbers of events follow those in the store.
    is_numbered: bool,
    status: StoreStatus,
    retry_at: Duration,
    retry: Duration,
    keep_at: Duration,
}

impl Scribe {
    pub fn new(
        desk: Arc<Desk>,
        journal: Journal,
        shelf: Arc<Shelf>,
        fleet: Arc<Fleet>,
        machine: Option<String>,
    ) -> Self {
        let directory = match shelf.as_ref() {
            Shelf::Directory(directory) => Some(directory.clone()),
            Shelf::Memory(_) => None,
        };
        Self {
            desk,
            journal,
            shelf,
            fleet,
            machine,
            place: None,
            database: None,
            volume: 0,
            is_numbered: false,
            status: StoreStatus::new(directory),
            retry_at: Duration::ZERO,
            retry: FIRST_RETRY,
            keep_at: Duration::ZERO,
        }
    }

    /// Writes until it is asked to end; how the first opening went is answered.
    pub fn run(mut self, opened: &Sender<Option<StoreError>>) {
        if let Err(error) = self.begin() {
            // Nobody listens if the start did not wait that long.
            let _ = opened.send(Some(error));
            return;
        }
        let _ = opened.send(None);
        while let Some(Rest { next, most }) = self.step() {
            self.desk.rest(next, most);
        }
    }

    /// Opens the store for the first time. A disk that refuses is tried again.
    ///
    /// # Errors
    /// What needs a person.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        match self.open() {
            Err(error) if error.needs_a_person() => return Err(error),
            Err(error) => self.fail(&error),
            Ok(()) => {}
        }
        self.publish();
        Ok(())
    }

    /// The store, while it is open.
    pub fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// Does what there is to do, and returns how to rest until there is more;
    /// `None` when it was asked to end and has.
    pub fn step(&mut self) -> Option<Rest> {
        let work = self.desk.work();
        let (next, is_suspect, is_ending) = (work.next, work.is_suspect, work.is_ending);
        let now = self.desk.clock.now();
        if is_suspect {
            self.examine();
        }
        if !self.is_open()
            && (now >= self.retry_at || is_ending)
            && let Err(error) = self.open()
        {
            self.fail(&error);
        }
        let is_due = now >= self.keep_at;
        let has_work =
            !work.batch.is_empty() || !work.minutes.is_empty() || !work.sessions.is_empty();
        let mut is_written = false;
        if self.is_open() && (is_due || has_work) {
            match self.write(&work, is_due) {
                Ok(()) => {
                    is_written = true;
                    self.committed(&work.batch, is_due);
                }
                Err(error) => self.fail(&error),
            }
        }
        if !is_written {
            self.desk.put_back(work.minutes, work.sessions);
        }
        if !self.is_open() {
            self.journal.tell_waiting();
        }
        self.publish();
        let (waiting, _) = self.desk.counts();
        let is_stuck = has_work && !is_written;
        if is_ending && (waiting == 0 || is_stuck) {
            return None;
        }
        let now = self.desk.clock.now();
        let (next, until) = if self.is_open() && !is_stuck {
            (None, self.keep_at)
        } else {
            (Some(next), self.retry_at)
        };
        Some(Rest {
            next,
            most: until.saturating_sub(now),
        })
    }

    fn is_open(&self) -> bool {
        self.database.is_some() || matches!(self.shelf.as_ref(), Shelf::Memory(_))
    }

    /// Opens the store, or one in memory, and takes over the numbers in it.
    fn open(&mut self) -> Result<(), StoreError> {
        let shelf = Arc::clone(&self.shelf);
        let newest = match shelf.as_ref() {
            Shelf::Memory(_) => 0,
            Shelf::Directory(directory) => {
                self.desk.set_busy(Some(self.desk.clock.now()));
                let opened = self.open_directory(directory);
                self.desk.set_busy(None);
                opened?
            }
        };
        if !self.is_numbered {
            self.desk.number_after(newest);
            self.is_numbered = true;
        }
        self.volume += 1;
        self.keep_at = Duration::ZERO;
        Ok(())
    }

    fn open_directory(&mut self, directory: &Path) -> Result<u64, StoreError> {
        let place = match self.place.take() {
            Some(place) => place,
            None => Place::take(directory)?,
        };
        let place = self.place.insert(place);
        let stamp = stamp(self.desk.clock.wall());
        let opened = Database::open(place, self.machine.as_deref(), &stamp)?;
        if let Some(said) = opened.aside {
            warn!("{said}");
        }
        let newest = opened.database.last_event()?;
        let sessions = sessions::last(opened.database.connection(), MOST_SESSIONS)?;
        self.desk.remember(sessions);
        self.database = Some(opened.database);
        Ok(newest)
    }

    /// Writes a batch in one transaction, and throws out what is too much if
    /// that `is_due`.
    fn write(&mut self, work: &Work, is_due: bool) -> Result<(), StoreError> {
        let shelf = Arc::clone(&self.shelf);
        let since = self
            .desk
            .clock
            .wall()
            .duration_since(SystemTime::UNIX_EPOCH);
        let minute = since.unwrap_or_default().as_secs() / 60;
        let (volume, due) = (self.volume, is_due.then_some(minute));
        let events = work.batch.len();
        let _span = debug_span!("store_batch", events).entered();
        let began = self.desk.clock.now();
        self.desk.set_busy(Some(began));
        let outcome = match (shelf.as_ref(), self.database.as_mut()) {
            (Shelf::Memory(database), _) => {
                write(&mut lock(database), work, volume, due, &Limits::MEMORY)
            }
            (Shelf::Directory(_), Some(database)) => {
                write(database, work, volume, due, &Limits::DISK)
            }
            (Shelf::Directory(_), None) => Ok(()),
        };
        self.desk.set_busy(None);
        let took = self.desk.clock.now().saturating_sub(began);
        debug!(good = outcome.is_ok(), ?took, "written");
        outcome
    }

    /// What is on disk is told and forgotten here.
    fn committed(&mut self, batch: &[Waiting], was_due: bool) {
        let now = self.desk.clock.now();
        self.journal.tell_entries(batch, now);
        if let Some(last) = batch.last() {
            self.desk.is_saved(last.id);
        }
        self.status.saved += batch.len() as u64;
        if let Some(trouble) = self.status.trouble.take() {
            info!(was = trouble.said, "events are stored again");
        }
        self.retry = FIRST_RETRY;
        if was_due {
            self.keep_at = now + KEEPING;
            self.status.bytes = self.size();
        }
    }

    fn size(&self) -> Option<u64> {
        match (self.shelf.as_ref(), &self.database) {
            (Shelf::Memory(database), _) => lock(database).size().ok(),
            (Shelf::Directory(_), database) => database.as_ref()?.size().ok(),
        }
    }

    /// Takes in that the disk refused: said once, and tried again later. A file
    /// that is spoilt is moved aside, so that the next try begins a new one.
    fn fail(&mut self, error: &StoreError) {
        self.database = None;
        *self.status.errors.entry(error.kind()).or_default() += 1;
        if error.is_corruption() {
            self.set_aside(error);
        }
        let said = error.to_string();
        if self
            .status
            .trouble
            .as_ref()
            .is_none_or(|old| old.said != said)
        {
            error!(
                kind = error.kind(),
                "events cannot be stored and are kept in memory: {said}"
            );
        }
        let kind = error.kind();
        self.status.trouble = Some(StoreTrouble { kind, said });
        self.retry_at = self.desk.clock.now() + self.retry;
        self.retry = (self.retry * 2).min(LONGEST_RETRY);
    }

    fn set_aside(&mut self, why: &StoreError) {
        let Some(place) = &self.place else {
            return;
        };
        let mark = format!("spoilt-{}", stamp(self.desk.clock.wall()));
        match place.set_aside(&mark) {
            Ok(moved) => warn!(
                "{} is spoilt ({why}); moved to {}, and a new one begun",
                place.file().display(),
                moved.display()
            ),
            Err(error) => error!("a spoilt store cannot be moved aside: {error}"),
        }
    }

    /// Looks whether the file is as spoilt as a reader says.
    fn examine(&mut self) {
        if let Some(Err(error)) = self.database.as_ref().map(Database::examine) {
            self.fail(&error);
            self.retry_at = Duration::ZERO;
        }
    }

    fn publish(&mut self) {
        let (waiting, lost) = self.desk.counts();
        (self.status.waiting, self.status.lost) = (waiting, lost);
        if self.fleet.store.load().as_ref().as_ref() != Some(&self.status) {
            self.fleet.store.store(Arc::new(Some(self.status.clone())));
        }
    }
}

/// Writes what there is into a store, and throws out what is too much if that is
/// `due`: in that minute. Events of one instant share a capture, which is written
/// once.
fn write(
    database: &mut Database,
    work: &Work,
    volume: u32,
    due: Option<u64>,
    limits: &Limits,
) -> Result<(), StoreError> {
    let writing = database.begin()?;
    let mut captures: Vec<(&Arc<Evidence>, u64)> = Vec::new();
    for waiting in &work.batch {
        let mut record = waiting.record();
        if let Some(evidence) = &waiting.entry.evidence {
            let saved = *lock(&evidence.saved);
            let earlier = captures
                .iter()
                .rev()
                .find(|(other, _)| Arc::ptr_eq(other, evidence))
                .map(|(_, id)| *id)
                .or_else(|| saved.filter(|(of, _)| *of == volume).map(|(_, id)| id));
            let id = match earlier {
                Some(id) => id,
                None => writing.capture(&evidence.capture())?,
            };
            captures.push((evidence, id));
            record.capture = Some(id);
        }
        writing.event(&record)?;
    }
    for session in &work.sessions {
        writing.session(session)?;
    }
    for minute in &work.minutes {
        writing.minute(minute)?;
    }
    if let Some(minute) = due {
        writing.keep(limits, minute)?;
    }
    writing.commit()?;
    for (evidence, id) in captures {
        *lock(&evidence.saved) = Some((volume, id));
    }
    Ok(())
}

/// A moment as part of a file's name, `20270115T080000Z`.
fn stamp(at: SystemTime) -> String {
    moment::utc(at).replace(['-', ':'], "")
}

#[cfg(test)]
mod tests;
