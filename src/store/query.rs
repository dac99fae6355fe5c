//! The reading end: questions to a store, without disturbing its writer.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, named_params};

use super::database::BUSY;
use super::record::{CaptureQuery, CaptureRecord, EventQuery, EventRecord, Packed, micros, moment};
use super::{StoreError, place, schema};

/// The columns of an event, in the order in which [`event`] takes them. The
/// capture is named only as long as it is kept.
const EVENT: &str = "id, at, port, serial, kind, what, before, after, grave,
     (SELECT captures.id FROM captures WHERE captures.id = events.capture)";

/// The columns of a capture, in the order in which [`capture_record`] takes them.
const CAPTURE: &str = "id, at, port, serial, kind, size";

/// Opens the store of a state directory for reading, beside a daemon that writes
/// or without one.
///
/// # Errors
/// [`StoreError::Nothing`] if there is none, [`StoreError::Newer`] if it is of a
/// later version, or why it cannot be read.
pub fn open(directory: &Path) -> Result<Connection, StoreError> {
    let file = place::database(directory);
    if !file.exists() {
        return Err(StoreError::Nothing {
            directory: directory.to_owned(),
        });
    }
    let connection = open_file(&file)?;
    schema::refuse_newer(&connection, &file)?;
    Ok(connection)
}

/// Opens a file for reading.
fn open_file(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(file, flags).and_then(|connection| {
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "cache_size", -512)?;
        // The file is opened at the first question only.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    });
    match opened {
        // A log can be followed only by who may write beside it. A store that
        // was closed well has none, and is whole as it is.
        Err(_) if !place::has_log(file) => {
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            Ok(Connection::open_with_flags(unchanging(file), flags)?)
        }
        opened => Ok(opened?),
    }
}

/// The address of a file that nobody writes to (the `immutable` of SQLite's URIs).
fn unchanging(file: &Path) -> PathBuf {
    let mut address = "file:".to_owned();
    for byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                address.push(char::from(*byte));
            }
            _ => address += &format!("%{byte:02X}"),
        }
    }
    PathBuf::from(address + "?immutable=1")
}

/// The newest events that are wanted, the oldest of them first.
///
/// # Errors
/// What SQLite said.
pub fn events(connection: &Connection, query: &EventQuery) -> Result<Vec<EventRecord>, StoreError> {
    // Only what is asked for stands in the statement, so that an index serves.
    let mut wanted = String::from("1");
    for (is_given, condition) in [
        (query.port.is_some(), " AND port = :port"),
        (query.kind.is_some(), " AND kind = :kind"),
        (query.since.is_some(), " AND at >= :since"),
        (query.after.is_some(), " AND id > :after"),
    ] {
        if is_given {
            wanted += condition;
        }
    }
    let text = format!("SELECT {EVENT} FROM events WHERE {wanted} ORDER BY id DESC LIMIT :limit");
    let mut statement = connection.prepare_cached(&text)?;
    let (since, limit) = (query.since.map(micros), count(query.limit));
    let mut parameters: Vec<(&str, &dyn rusqlite::ToSql)> = vec![(":limit", &limit)];
    if query.port.is_some() {
        parameters.push((":port", &query.port));
    }
    if query.kind.is_some() {
        parameters.push((":kind", &query.kind));
    }
    if query.since.is_some() {
        parameters.push((":since", &since));
    }
    if query.after.is_some() {
        parameters.push((":after", &query.after));
    }
    let rows = statement.query_map(parameters.as_slice(), event)?;
    let mut events = rows.collect::<Result<Vec<_>, _>>()?;
    events.reverse();
    Ok(events)
}

/// The newest captures that are wanted, the oldest of them first.
///
/// # Errors
/// What SQLite said.
pub fn captures(
    connection: &Connection,
    query: &CaptureQuery,
) -> Result<Vec<CaptureRecord>, StoreError> {
    let text = format!(
        "SELECT {CAPTURE} FROM captures WHERE :port IS NULL OR port = :port
         ORDER BY id DESC LIMIT :limit"
    );
    let mut statement = connection.prepare_cached(&text)?;
    let rows = statement.query_map(
        named_params! {":port": query.port, ":limit": count(query.limit)},
        capture_record,
    )?;
    let mut captures = rows.collect::<Result<Vec<_>, _>>()?;
    captures.reverse();
    Ok(captures)
}

/// The dump file of a capture, if it is there (still).
///
/// # Errors
/// What SQLite said, or that the dump is spoilt.
pub fn capture(connection: &Connection, id: u64) -> Result<Option<String>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT size, dump FROM captures WHERE id = ?1")?;
    let packed = statement
        .query_row([id], |row| {
            Ok(Packed {
                size: row.get(0)?,
                bytes: row.get(1)?,
            })
        })
        .optional()?;
    let text = packed.map(|packed| packed.text()).transpose();
    text.map_err(|source| StoreError::System {
        path: PathBuf::from(format!("capture {id}")),
        source,
    })
}

fn event(row: &Row<'_>) -> Result<EventRecord, rusqlite::Error> {
    Ok(EventRecord {
        id: row.get(0)?,
        at: moment(row.get(1)?),
        port: row.get(2)?,
        serial: row.get(3)?,
        kind: row.get(4)?,
        what: row.get(5)?,
        before: row.get(6)?,
        after: row.get(7)?,
        grave: row.get(8)?,
        capture: row.get(9)?,
    })
}

fn capture_record(row: &Row<'_>) -> Result<CaptureRecord, rusqlite::Error> {
    Ok(CaptureRecord {
        id: row.get(0)?,
        at: moment(row.get(1)?),
        port: row.get(2)?,
        serial: row.get(3)?,
        kind: row.get(4)?,
        size: row.get(5)?,
    })
}

/// A limit as SQLite counts.
fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
