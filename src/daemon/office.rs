//! The scribe's thread and all that belongs to it: where events are handed over,
//! where they are read, and who tells them if the disk does not answer.

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tracing::error;

use super::desk::Desk;
use super::journal::Journal;
use super::scribe::Scribe;
use super::shelf::Shelf;
use crate::report::{Fleet, StoreTrouble};
use crate::store::StoreError;
use crate::store::database::Database;
use crate::store::place;

/// How long the start waits for the disk before it goes on without.
const PATIENCE_AT_THE_START: Duration = Duration::from_secs(5);

/// How long one transaction may take before events are told without it.
pub const PATIENCE_WITH_THE_DISK: Duration = Duration::from_secs(5);

/// A running scribe.
pub struct Office {
    /// Where events are handed over.
    pub journal: Journal,
    /// Where they are read.
    pub shelf: Arc<Shelf>,
    desk: Arc<Desk>,
    fleet: Arc<Fleet>,
    thread: JoinHandle<()>,
}

impl Office {
    /// Opens the store of a directory, or one in memory, and starts to write.
    ///
    /// # Errors
    /// What needs a person: the directory is in use, or its file of a later
    /// version. A disk that refuses otherwise is no error: it is told and tried
    /// again.
    pub fn open(
        directory: Option<&Path>,
        fleet: &Arc<Fleet>,
        desk: Arc<Desk>,
    ) -> Result<Self, OfficeError> {
        let journal = Journal::kept(fleet, &desk);
        let shelf = Arc::new(match directory {
            Some(directory) => Shelf::Directory(directory.to_owned()),
            None => Shelf::Memory(Mutex::new(Database::in_memory()?)),
        });
        let scribe = Scribe::new(
            Arc::clone(&desk),
            journal.clone(),
            Arc::clone(&shelf),
            Arc::clone(fleet),
            place::machine(),
        );
        let (opened, answer) = channel();
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || scribe.run(&opened))?;
        if let Ok(Some(error)) = answer.recv_timeout(PATIENCE_AT_THE_START) {
            return Err(error.into());
        }
        Ok(Self {
            journal,
            shelf,
            desk,
            fleet: Arc::clone(fleet),
            thread,
        })
    }

    /// Sees to it that events are told though the disk does not answer. To be
    /// called about once a second. Returns whether the scribe lives.
    pub fn look_after(&self) -> bool {
        let now = self.desk.clock.now();
        self.journal.settle(now);
        let since = self.desk.busy_since();
        let busy = since.map(|since| now.saturating_sub(since));
        if let Some(busy) = busy.filter(|busy| *busy > PATIENCE_WITH_THE_DISK) {
            self.journal.tell_waiting();
            let said = format!("no answer from the disk for {} s", busy.as_secs());
            self.publish_silence(said);
        }
        !self.thread.is_finished()
    }

    /// Publishes that the disk is silent, unless it has just answered.
    fn publish_silence(&self, said: String) {
        let old = self.fleet.store.load_full();
        let Some(status) = old.as_ref() else {
            return;
        };
        let (waiting, lost) = self.desk.counts();
        let mut status = status.clone();
        (status.waiting, status.lost) = (waiting, lost);
        status.trouble = Some(StoreTrouble {
            kind: "silent",
            said,
        });
        self.fleet
            .store
            .compare_and_swap(&old, Arc::new(Some(status)));
    }

    /// Has the rest written and ends, waiting for the disk no longer than
    /// `patience`. What is not on disk by then is told all the same.
    pub fn close(self, patience: Duration) {
        self.desk.end();
        let deadline = self.desk.clock.now() + patience;
        while !self.thread.is_finished() && self.desk.clock.now() < deadline {
            self.desk.clock.sleep(Duration::from_millis(5));
        }
        self.journal.tell_waiting();
        let (waiting, _) = self.desk.counts();
        if waiting > 0 {
            error!(events = waiting, "the disk did not take the last events");
        }
    }
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// The store itself.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system refused a thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// The state directory that systemd made for the service (`StateDirectory=`;
/// the first, if there are several).
pub fn service_directory() -> Option<PathBuf> {
    let paths = std::env::var_os("STATE_DIRECTORY")?;
    std::env::split_paths(&paths)
        .next()
        .filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, ManualClock};
    use crate::daemon::publish;
    use crate::health::event::Event;
    use crate::report::StoreStatus;

    #[test]
    fn a_disk_that_does_not_answer_is_told_and_events_are_told_without_it() {
        let clock = ManualClock::new();
        let fleet = Arc::new(publish::fleet(clock.wall()));
        fleet.store.store(Arc::new(Some(StoreStatus::new(None))));
        let desk = Arc::new(Desk::new(Arc::new(clock.clone())));
        let office = Office {
            journal: Journal::kept(&fleet, &desk),
            shelf: Arc::new(Shelf::Directory(PathBuf::new())),
            desk: Arc::clone(&desk),
            fleet: Arc::clone(&fleet),
            thread: std::thread::spawn(std::thread::park),
        };
        let seen = || {
            let counted: u64 = fleet.events.by_kind().values().sum();
            let status = fleet.store.load_full();
            let trouble = status.as_ref().as_ref().unwrap().trouble.clone();
            (counted, trouble.map(|trouble| trouble.kind))
        };
        desk.set_busy(Some(clock.now()));
        office.journal.tell(Event::BusRecovered);
        assert!(office.look_after());
        assert_eq!(seen(), (0, None));
        clock.advance(PATIENCE_WITH_THE_DISK + Duration::from_secs(1));
        assert!(office.look_after());
        assert_eq!(seen(), (1, Some("silent")));
        office.thread.thread().unpark();
    }
}
