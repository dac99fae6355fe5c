//! Where what was written is read: questions to the store, from any thread.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::store::database::Database;
use crate::store::history::{self, Point};
use crate::store::record::{CaptureQuery, CaptureRecord, EventQuery, EventRecord};
use crate::store::sessions::{self, Session};
use crate::store::{StoreError, query};

/// A store to read from.
#[derive(Debug)]
pub enum Shelf {
    /// In memory, shared with the scribe.
    Memory(Mutex<Database>),
    /// In a state directory. It is opened for each question, so that it is always
    /// the file that the scribe writes, whatever became of an earlier one.
    Directory(PathBuf),
}

impl Shelf {
    /// The newest events that are wanted, the oldest of them first.
    ///
    /// # Errors
    /// Why the store cannot be read.
    pub fn events(&self, wanted: &EventQuery) -> Result<Vec<EventRecord>, StoreError> {
        self.ask(|connection| query::events(connection, wanted))
    }

    /// The newest captures that are wanted, the oldest of them first.
    ///
    /// # Errors
    /// Why the store cannot be read.
    pub fn captures(&self, wanted: &CaptureQuery) -> Result<Vec<CaptureRecord>, StoreError> {
        self.ask(|connection| query::captures(connection, wanted))
    }

    /// The dump file of a capture, if it is there (still).
    ///
    /// # Errors
    /// Why the store cannot be read.
    pub fn capture(&self, id: u64) -> Result<Option<String>, StoreError> {
        self.ask(|connection| query::capture(connection, id))
    }

    /// What a series of a port was from one minute (from 1970) up to another.
    ///
    /// # Errors
    /// Why the store cannot be read.
    pub fn points(
        &self,
        port: &str,
        series: &str,
        minutes: Range<u64>,
    ) -> Result<Vec<Point>, StoreError> {
        self.ask(|connection| history::points(connection, port, series, minutes.start, minutes.end))
    }

    /// What the series of a port that are wanted were in these minutes.
    ///
    /// # Errors
    /// Why the store cannot be read.
    pub fn many(
        &self,
        port: &str,
        is_wanted: impl Fn(&str) -> bool,
        minutes: Range<u64>,
    ) -> Result<BTreeMap<String, Vec<Point>>, StoreError> {
        self.ask(|connection| {
            history::many(connection, port, is_wanted, minutes.start, minutes.end)
        })
    }

    /// The newest sessions of a port, the newest first.
    ///
    /// # Errors
    /// Why the store cannot be read.
    pub fn sessions(&self, port: &str, most: usize) -> Result<Vec<Session>, StoreError> {
        self.ask(|connection| sessions::of_port(connection, port, most))
    }

    /// The series of a port that have anything in these minutes.
    ///
    /// # Errors
    /// Why the store cannot be read.
    pub fn series(&self, port: &str, minutes: Range<u64>) -> Result<BTreeSet<String>, StoreError> {
        self.ask(|connection| history::series(connection, port, minutes.start, minutes.end))
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Memory(database) => {
                let database = database.lock().unwrap_or_else(PoisonError::into_inner);
                question(database.connection())
            }
            Self::Directory(directory) => question(&query::open(directory)?),
        }
    }
}
