//! Link sessions: from up to down, with what was learnt in between as a document
//! whose form is not this folder's business.

use rusqlite::{Connection, Row, params};

use super::StoreError;
use super::record::{micros, moment};
use std::time::SystemTime;

/// A link session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The port.
    pub port: String,
    /// Serial number of the module.
    pub serial: String,
    /// What tells it from other sessions of the port; one that is saved again
    /// under the same key is the same session, further on.
    pub key: String,
    /// When it began, wall time.
    pub opened: SystemTime,
    /// When it ended; `None` while it lasts, or if the daemon ended first.
    pub closed: Option<SystemTime>,
    /// All else, as JSON.
    pub document: String,
}

/// Writes a session, or writes it anew.
///
/// # Errors
/// What SQLite said.
pub(super) fn write(connection: &Connection, session: &Session) -> Result<(), StoreError> {
    let mut put = connection.prepare_cached(
        "INSERT INTO sessions (port, serial, key, opened, closed, document)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (port, key) DO UPDATE SET
             serial = excluded.serial, opened = excluded.opened,
             closed = excluded.closed, document = excluded.document",
    )?;
    put.execute(params![
        session.port,
        session.serial,
        session.key,
        micros(session.opened),
        session.closed.map(micros),
        session.document
    ])?;
    Ok(())
}

/// Deletes all but the newest sessions of each port.
///
/// # Errors
/// What SQLite said.
pub(super) fn keep(connection: &Connection, of_a_port: u64) -> Result<(), StoreError> {
    let mut delete = connection.prepare_cached(
        "DELETE FROM sessions WHERE id IN (
             SELECT id FROM (
                 SELECT id, row_number() OVER (PARTITION BY port ORDER BY id DESC) AS of_port
                 FROM sessions)
             WHERE of_port > ?1)",
    )?;
    delete.execute([of_a_port])?;
    Ok(())
}

/// The newest sessions of a port, the newest first, of at most so many.
///
/// # Errors
/// What SQLite said.
pub fn of_port(
    connection: &Connection,
    port: &str,
    most: usize,
) -> Result<Vec<Session>, StoreError> {
    let mut find = connection.prepare_cached(
        "SELECT port, serial, key, opened, closed, document FROM sessions
         WHERE port = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = find.query_map(params![port, most], session)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The last session of each module in each port, of at most so many.
///
/// # Errors
/// What SQLite said.
pub fn last(connection: &Connection, most: u64) -> Result<Vec<Session>, StoreError> {
    let mut find = connection.prepare_cached(
        "SELECT port, serial, key, opened, closed, document FROM sessions
         WHERE id IN (SELECT max(id) FROM sessions GROUP BY port, serial)
         ORDER BY id DESC LIMIT ?1",
    )?;
    let rows = find.query_map([most], session)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn session(row: &Row<'_>) -> Result<Session, rusqlite::Error> {
    Ok(Session {
        port: row.get(0)?,
        serial: row.get(1)?,
        key: row.get(2)?,
        opened: moment(row.get(3)?),
        closed: row.get::<_, Option<i64>>(4)?.map(moment),
        document: row.get(5)?,
    })
}
