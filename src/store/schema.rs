//! The tables, and how a file of an older version becomes one of this version.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;

/// What each version added, from the first one on. A released step is never
/// changed: files of it are out there.
const STEPS: [&str; 2] = [
    // 1: events and captures.
    "CREATE TABLE about (
         name TEXT PRIMARY KEY,
         value TEXT NOT NULL
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE events (
         id INTEGER PRIMARY KEY,
         at INTEGER NOT NULL,
         port TEXT,
         serial TEXT,
         kind TEXT NOT NULL,
         what TEXT NOT NULL,
         before TEXT,
         after TEXT,
         grave INTEGER NOT NULL,
         capture INTEGER
     ) STRICT;
     CREATE INDEX events_of_port ON events (port, id);
     CREATE TABLE captures (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         at INTEGER NOT NULL,
         port TEXT NOT NULL,
         serial TEXT,
         kind TEXT NOT NULL,
         size INTEGER NOT NULL,
         dump BLOB NOT NULL
     ) STRICT;
     CREATE INDEX captures_of_port ON captures (port, id);",
    // 2: minutes for the plots, and link sessions.
    "CREATE TABLE history (
         port TEXT NOT NULL,
         start INTEGER NOT NULL,
         minutes INTEGER NOT NULL,
         chunk BLOB NOT NULL,
         PRIMARY KEY (port, start)
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX history_by_start ON history (start);
     CREATE TABLE sessions (
         id INTEGER PRIMARY KEY,
         port TEXT NOT NULL,
         serial TEXT NOT NULL,
         key TEXT NOT NULL,
         opened INTEGER NOT NULL,
         closed INTEGER,
         document TEXT NOT NULL,
         UNIQUE (port, key)
     ) STRICT;",
];

/// The version of this program, counted from 1.
pub fn version() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// The version that a file has; 0 for a new one.
///
/// # Errors
/// If it cannot be read.
pub fn of(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses a file of a later version than this program's; `file` names it.
///
/// # Errors
/// [`StoreError::Newer`], or why the version cannot be read.
pub fn refuse_newer(connection: &Connection, file: &Path) -> Result<u32, StoreError> {
    let found = of(connection)?;
    if found > version() {
        return Err(StoreError::Newer {
            file: file.to_owned(),
            found,
            known: version(),
        });
    }
    Ok(found)
}

/// Makes the tables of a new file, or adds to those of an older one what it
/// lacks. All of it is done, or nothing.
///
/// # Errors
/// [`StoreError::Newer`], or what SQLite said.
pub fn migrate(connection: &mut Connection, file: &Path) -> Result<(), StoreError> {
    let found = refuse_newer(connection, file)?;
    if found == version() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for step in STEPS
        .iter()
        .skip(usize::try_from(found).unwrap_or(usize::MAX))
    {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", version())?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
pub mod testing {
    //! Files of older versions.

    use super::*;

    /// Makes the tables as an older version did.
    pub fn make(connection: &Connection, version: u32) {
        for step in &STEPS[..usize::try_from(version).unwrap()] {
            connection.execute_batch(step).unwrap();
        }
        let set = connection.pragma_update(None, "user_version", version);
        set.unwrap();
    }
}
