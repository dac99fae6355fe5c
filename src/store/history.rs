//! Minutes for the plots: a row for each port and minute, and, once its hour is
//! over, one row for the hour.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;
use super::chunk::{self, Cell, Columns, MOST_MINUTES};

/// How many hours of ports one pass makes into one row each: a whole switch
/// within some minutes, and never much at once.
const HOURS_AT_ONCE: u32 = 16;

/// How many rows one pass deletes at most. A clock that jumps ahead for a while
/// must not take the history with it.
const DELETED_AT_ONCE: u32 = 256;

/// One minute of a port.
#[derive(Debug, Clone, PartialEq)]
pub struct Minute {
    /// The port.
    pub port: String,
    /// The minute, counted from 1970.
    pub minute: u64,
    /// What each series was, by name.
    pub cells: BTreeMap<String, Cell>,
}

/// One minute of a series: the minute, counted from 1970, and what it was.
pub type Point = (u64, Cell);

/// Writes a minute. One that is there already is put together with it.
///
/// # Errors
/// What SQLite said.
pub(super) fn write(connection: &Connection, minute: &Minute) -> Result<(), StoreError> {
    let mut find = connection.prepare_cached(
        "SELECT start, minutes, chunk FROM history
         WHERE port = ?1 AND start <= ?2 AND start + minutes > ?2
         ORDER BY start DESC LIMIT 1",
    )?;
    let found = find
        .query_row(params![minute.port, minute.minute], |row| {
            Ok((
                row.get::<_, u64>(0)?,
                row.get::<_, u32>(1)?,
                row.get::<_, Vec<u8>>(2)?,
            ))
        })
        .optional()?;
    // A chunk that cannot be read is worth no more than the minute at hand.
    let (start, minutes, mut columns) = found
        .and_then(|(start, minutes, bytes)| Some((start, minutes, chunk::unpack(&bytes).ok()?)))
        .unwrap_or((minute.minute, 1, Columns::new()));
    let place = u32::try_from(minute.minute - start).unwrap_or_default();
    for (series, cell) in &minute.cells {
        let column = columns.entry(series.clone()).or_default();
        let both = column.get(&place).map_or(*cell, |old| old.and(*cell));
        column.insert(place, both);
    }
    put(connection, &minute.port, start, minutes, &columns)
}

fn put(
    connection: &Connection,
    port: &str,
    start: u64,
    minutes: u32,
    columns: &Columns,
) -> Result<(), StoreError> {
    let mut put = connection.prepare_cached(
        "INSERT OR REPLACE INTO history (port, start, minutes, chunk) VALUES (?1, ?2, ?3, ?4)",
    )?;
    put.execute(params![port, start, minutes, chunk::pack(columns, minutes)])?;
    Ok(())
}

/// Makes hours before the one of `now` (a minute) into one row each, and deletes
/// what ended before `oldest`.
///
/// # Errors
/// What SQLite said.
pub(super) fn keep(connection: &Connection, now: u64, oldest: u64) -> Result<(), StoreError> {
    let hour = u64::from(MOST_MINUTES);
    let mut over = connection.prepare_cached(
        "SELECT DISTINCT port, start / ?1 FROM history
         WHERE start < ?2 AND minutes = 1 LIMIT ?3",
    )?;
    let over = over
        .query_map(params![hour, now / hour * hour, HOURS_AT_ONCE], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    for (port, hours) in over {
        join(connection, &port, hours.saturating_mul(hour))?;
    }
    let mut delete = connection.prepare_cached(
        "DELETE FROM history WHERE (port, start) IN (
             SELECT port, start FROM history WHERE start < ?1 AND start + minutes <= ?1 LIMIT ?2)",
    )?;
    delete.execute(params![oldest, DELETED_AT_ONCE])?;
    Ok(())
}

/// Makes one row of all rows of a port in the hour that begins with a minute.
fn join(connection: &Connection, port: &str, start: u64) -> Result<(), StoreError> {
    let mut all = Columns::new();
    let end = start + u64::from(MOST_MINUTES);
    for (first, columns) in rows(connection, port, start, end)? {
        let place = u32::try_from(first.saturating_sub(start)).unwrap_or_default();
        for (series, cells) in columns {
            let column = all.entry(series).or_default();
            for (minute, cell) in cells {
                let both = column
                    .get(&(place + minute))
                    .map_or(cell, |old: &Cell| old.and(cell));
                column.insert(place + minute, both);
            }
        }
    }
    let mut delete = connection
        .prepare_cached("DELETE FROM history WHERE port = ?1 AND start >= ?2 AND start < ?3")?;
    delete.execute(params![port, start, end])?;
    put(connection, port, start, MOST_MINUTES, &all)
}

/// The rows of a port that begin in a span of minutes. Spoilt ones are left out.
fn rows(
    connection: &Connection,
    port: &str,
    from: u64,
    to: u64,
) -> Result<Vec<(u64, Columns)>, StoreError> {
    let mut find = connection.prepare_cached(
        "SELECT start, chunk FROM history WHERE port = ?1 AND start >= ?2 AND start < ?3
         ORDER BY start",
    )?;
    let rows = find.query_map(params![port, from, to], |row| {
        Ok((row.get::<_, u64>(0)?, row.get::<_, Vec<u8>>(1)?))
    })?;
    let mut found = Vec::new();
    for row in rows {
        let (start, bytes) = row?;
        found.extend(chunk::unpack(&bytes).ok().map(|columns| (start, columns)));
    }
    Ok(found)
}

/// What a series of a port was, minute by minute, from one minute up to another.
///
/// # Errors
/// What SQLite said.
pub fn points(
    connection: &Connection,
    port: &str,
    series: &str,
    from: u64,
    to: u64,
) -> Result<Vec<Point>, StoreError> {
    let mut points = Vec::new();
    for (start, mut columns) in rows(connection, port, before(from), to)? {
        let cells = columns.remove(series).unwrap_or_default();
        let cells = cells
            .into_iter()
            .map(|(minute, cell)| (start + u64::from(minute), cell));
        points.extend(cells.filter(|(minute, _)| (from..to).contains(minute)));
    }
    points.sort_by_key(|(minute, _)| *minute);
    Ok(points)
}

/// What all series of a port that are wanted were, minute by minute, from one minute
/// up to another: a chart of many lines in one pass over the rows.
///
/// # Errors
/// What SQLite said.
pub fn many(
    connection: &Connection,
    port: &str,
    is_wanted: impl Fn(&str) -> bool,
    from: u64,
    to: u64,
) -> Result<BTreeMap<String, Vec<Point>>, StoreError> {
    let mut found: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    for (start, columns) in rows(connection, port, before(from), to)? {
        for (series, cells) in columns {
            if !is_wanted(&series) {
                continue;
            }
            let cells = cells
                .into_iter()
                .map(|(minute, cell)| (start + u64::from(minute), cell))
                .filter(|(minute, _)| (from..to).contains(minute));
            found.entry(series).or_default().extend(cells);
        }
    }
    found.retain(|_, points| !points.is_empty());
    for points in found.values_mut() {
        points.sort_by_key(|(minute, _)| *minute);
    }
    Ok(found)
}

/// The series of a port that have anything in a span of minutes.
///
/// # Errors
/// What SQLite said.
pub fn series(
    connection: &Connection,
    port: &str,
    from: u64,
    to: u64,
) -> Result<BTreeSet<String>, StoreError> {
    let rows = rows(connection, port, before(from), to)?;
    let names = rows.into_iter().flat_map(|(start, columns)| {
        let is_in = move |cells: &BTreeMap<u32, Cell>| {
            cells
                .keys()
                .any(|minute| (from..to).contains(&(start + u64::from(*minute))))
        };
        columns
            .into_iter()
            .filter(move |(_, cells)| is_in(cells))
            .map(|(name, _)| name)
    });
    Ok(names.collect())
}

/// Where a row may begin that reaches into a span from this minute on.
fn before(from: u64) -> u64 {
    from.saturating_sub(u64::from(MOST_MINUTES) - 1)
}
