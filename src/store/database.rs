//! The writing end: one connection, one transaction for whatever has come
//! together.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::history::{self, Minute};
use super::place::Place;
use super::record::{EventRecord, Limits, NewCapture, micros};
use super::sessions::{self, Session};
use super::{StoreError, schema};

/// How long a statement waits for somebody else's lock: a person with a
/// database shell, for instance.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// The row of the table `about` that says whose history it is.
const MACHINE: &str = "machine";

/// How many rows one pass of [`Writing::keep`] deletes of a table at most. A
/// limit that was lowered takes effect over some minutes instead of in one long
/// transaction.
const DELETED_AT_ONCE: u64 = 5000;

/// A store that is open for writing.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
}

/// A store that was opened, and what was found.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub database: Database,
    /// What was moved aside, and why, as a person says it.
    pub aside: Option<String>,
}

impl Database {
    /// Opens the file of a state directory, makes it if there is none, and
    /// brings it to this version. One that is spoilt or belongs to another
    /// machine is moved aside and a new one begun; `stamp` ends its name and
    /// `machine` is the mark of this one, where it has one.
    ///
    /// # Errors
    /// [`StoreError::Newer`], or why the file cannot be used.
    pub fn open(place: &Place, machine: Option<&str>, stamp: &str) -> Result<Opened, StoreError> {
        let file = place.file();
        let (mark, why) = match Self::at(&file, machine) {
            Ok((database, None)) => {
                return Ok(Opened {
                    database,
                    aside: None,
                });
            }
            Ok((database, Some(other))) => {
                drop(database);
                (
                    format!("machine-{other}"),
                    "is of another machine".to_owned(),
                )
            }
            Err(error) if error.is_corruption() => {
                (format!("spoilt-{stamp}"), format!("is spoilt ({error})"))
            }
            Err(error) => return Err(error),
        };
        let moved = place.set_aside(&mark)?;
        let (database, _) = Self::at(&file, machine)?;
        Ok(Opened {
            database,
            aside: Some(format!(
                "{} {why}; moved to {}, and a new one begun",
                file.display(),
                moved.display()
            )),
        })
    }

    /// Opens a file, and tells the mark of the machine that it belongs to if
    /// that is another one.
    fn at(file: &Path, machine: Option<&str>) -> Result<(Self, Option<String>), StoreError> {
        let mut connection = Connection::open(file)?;
        connection.busy_timeout(BUSY)?;
        schema::refuse_newer(&connection, file)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "journal_size_limit", 4 << 20)?;
        tune(&connection)?;
        schema::migrate(&mut connection, file)?;
        let database = Self { connection };
        let other = match machine {
            None => None,
            Some(machine) => {
                let found = database.about(MACHINE)?;
                if found.is_none() {
                    database.set_about(MACHINE, machine)?;
                }
                found.filter(|found| found != machine)
            }
        };
        Ok((database, other))
    }

    /// A store in memory, gone with the process.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        tune(&connection)?;
        schema::migrate(&mut connection, Path::new("memory"))?;
        Ok(Self { connection })
    }

    /// The connection, for queries.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The number of the newest event; 0 if there is none.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn last_event(&self) -> Result<u64, StoreError> {
        let newest: Option<u64> =
            self.connection
                .query_row("SELECT max(id) FROM events", [], |row| row.get(0))?;
        Ok(newest.unwrap_or(0))
    }

    /// Whether the file is whole. Reads all of it.
    ///
    /// # Errors
    /// What SQLite said; a corruption if it found one.
    pub fn examine(&self) -> Result<(), StoreError> {
        let said: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if said == "ok" {
            return Ok(());
        }
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        Err(rusqlite::Error::SqliteFailure(code, Some(said)).into())
    }

    /// How large the store is, in bytes.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn size(&self) -> Result<u64, StoreError> {
        let of = |name| -> Result<u64, rusqlite::Error> {
            self.connection
                .pragma_query_value(None, name, |row| row.get(0))
        };
        Ok(of("page_count")?.saturating_mul(of("page_size")?))
    }

    /// Begins to write. What is written before a commit is lost without it.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn begin(&mut self) -> Result<Writing<'_>, StoreError> {
        Ok(Writing(self.connection.transaction()?))
    }

    fn about(&self, name: &str) -> Result<Option<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT value FROM about WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    fn set_about(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT OR REPLACE INTO about (name, value) VALUES (?1, ?2)",
            [name, value],
        )?;
        Ok(())
    }
}

/// Keeps the memory of a connection small: rows are written once and seldom read.
fn tune(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "cache_size", -512)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

/// A transaction.
#[derive(Debug)]
pub struct Writing<'a>(Transaction<'a>);

impl Writing<'_> {
    /// Writes an event under its own number. One that is there already stays:
    /// it was written by an attempt whose success was not heard of.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn event(&self, event: &EventRecord) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(
            "INSERT OR IGNORE INTO events
             (id, at, port, serial, kind, what, before, after, grave, capture)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        statement.execute(params![
            event.id,
            micros(event.at),
            event.port,
            event.serial,
            event.kind,
            event.what,
            event.before,
            event.after,
            event.grave,
            event.capture
        ])?;
        Ok(())
    }

    /// Writes a capture and returns its number.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn capture(&self, capture: &NewCapture) -> Result<u64, StoreError> {
        let mut statement = self.0.prepare_cached(
            "INSERT INTO captures (at, port, serial, kind, size, dump)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let id = statement.insert(params![
            micros(capture.at),
            capture.port,
            capture.serial,
            capture.kind,
            capture.dump.size,
            capture.dump.bytes
        ])?;
        Ok(u64::try_from(id).unwrap_or_default())
    }

    /// Writes a minute of a port; one that is there already is put together with
    /// it.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn minute(&self, minute: &Minute) -> Result<(), StoreError> {
        history::write(&self.0, minute)
    }

    /// Writes a session; the one of the same port and key is replaced.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn session(&self, session: &Session) -> Result<(), StoreError> {
        sessions::write(&self.0, session)
    }

    /// Deletes the oldest of what is more than the limits allow. Events whose
    /// capture goes no longer name it. `minute` is the present one, from 1970.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn keep(&self, limits: &Limits, minute: u64) -> Result<(), StoreError> {
        let mut delete = self.0.prepare_cached(
            "DELETE FROM events WHERE id IN (
                 SELECT id FROM events
                 WHERE id <= (SELECT max(id) FROM events) - ?1 ORDER BY id LIMIT ?2)",
        )?;
        delete.execute([limits.events, DELETED_AT_ONCE])?;
        let mut surplus = self.0.prepare_cached(
            "SELECT id FROM (
                 SELECT id,
                     row_number() OVER (PARTITION BY port ORDER BY id DESC) AS of_port,
                     row_number() OVER (ORDER BY id DESC) AS of_all,
                     sum(length(dump)) OVER (ORDER BY id DESC) AS bytes
                 FROM captures)
             WHERE of_port > ?1 OR of_all > ?2 OR bytes > ?3
             ORDER BY id LIMIT ?4",
        )?;
        let surplus = surplus
            .query_map(
                [
                    limits.captures_of_a_port,
                    limits.captures,
                    limits.capture_bytes,
                    DELETED_AT_ONCE,
                ],
                |row| row.get::<_, u64>(0),
            )?
            .collect::<Result<Vec<_>, _>>()?;
        let mut delete = self
            .0
            .prepare_cached("DELETE FROM captures WHERE id = ?1")?;
        for id in surplus {
            delete.execute([id])?;
        }
        sessions::keep(&self.0, limits.sessions_of_a_port)?;
        let oldest = minute.saturating_sub(limits.history_minutes);
        history::keep(&self.0, minute, oldest)
    }

    /// Puts what was written on disk; when this returns, it is there.
    ///
    /// # Errors
    /// What SQLite said; then nothing was written, unless the disk failed after
    /// the last byte.
    pub fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit()?)
    }
}

#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod tests;
