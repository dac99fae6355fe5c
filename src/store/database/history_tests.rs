//! Minutes and sessions in a store.

use std::time::SystemTime;

use super::*;
use crate::store::chunk::Cell;
use crate::store::history::{self, Minute};
use crate::store::sessions::{self, Session};

fn cell(value: u16) -> Cell {
    let value = f32::from(value);
    Cell {
        min: value,
        mean: value,
        max: value,
    }
}

fn minute(port: &str, minute: u64, value: u16) -> Minute {
    Minute {
        port: port.to_owned(),
        minute,
        cells: [("a/1".to_owned(), cell(value)), ("b".to_owned(), cell(1))].into(),
    }
}

/// Writes minutes of a port, then has the store tidied up.
fn write(database: &mut Database, minutes: &[Minute], now: u64, limits: &Limits) {
    let writing = database.begin().unwrap();
    for minute in minutes {
        writing.minute(minute).unwrap();
    }
    writing.keep(limits, now).unwrap();
    writing.commit().unwrap();
}

fn values(database: &Database, from: u64, to: u64) -> Vec<(u64, f32)> {
    let points = history::points(database.connection(), "p", "a/1", from, to).unwrap();
    points
        .into_iter()
        .map(|(minute, cell)| (minute, cell.mean))
        .collect()
}

fn rows(database: &Database) -> u64 {
    let count = database
        .connection()
        .query_row("SELECT count(*) FROM history", [], |row| row.get(0));
    count.unwrap()
}

#[test]
fn minutes_come_back_the_same_before_and_after_their_hour_is_one_row() {
    let mut database = Database::in_memory().unwrap();
    let all: Vec<_> = (1000..1150)
        .map(|m| minute("p", m, u16::try_from(m).unwrap()))
        .collect();
    let expected: Vec<(u64, f32)> = (1000..1150)
        .map(|m| (m, f32::from(u16::try_from(m).unwrap())))
        .collect();
    write(&mut database, &all, 1000, &Limits::DISK);
    assert_eq!(
        (values(&database, 0, 5000), rows(&database)),
        (expected.clone(), 150)
    );
    write(&mut database, &[], 1150, &Limits::DISK);
    // 1000-1019, 1020-1079, 1080-1139 in a row each; 1140 and on as they are.
    assert_eq!(
        (values(&database, 0, 5000), rows(&database)),
        (expected.clone(), 13)
    );
    assert_eq!(values(&database, 1019, 1022), expected[19..22]);
    let one_pass = history::many(database.connection(), "p", |name| name != "b", 1010, 1145);
    let one_pass = one_pass.unwrap();
    assert_eq!(one_pass.keys().collect::<Vec<_>>(), ["a/1"]);
    let alone = history::points(database.connection(), "p", "a/1", 1010, 1145).unwrap();
    assert_eq!(one_pass["a/1"], alone);
    let names = history::series(database.connection(), "p", 1100, 1101).unwrap();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a/1", "b"]);
    assert_eq!(values(&database, 1150, 5000), []);
}

#[test]
fn a_clock_that_is_set_back_adds_to_the_minutes_that_are_there() {
    let mut database = Database::in_memory().unwrap();
    let now = 2000;
    write(
        &mut database,
        &[minute("p", 1000, 10), minute("p", 1001, 10)],
        now,
        &Limits::DISK,
    );
    write(
        &mut database,
        &[minute("p", 1001, 20), minute("p", 1002, 30)],
        now,
        &Limits::DISK,
    );
    write(&mut database, &[], now, &Limits::DISK);
    assert_eq!(
        values(&database, 0, 5000),
        [(1000, 10.0), (1001, 15.0), (1002, 30.0)]
    );
    let points = history::points(database.connection(), "p", "a/1", 1001, 1002).unwrap();
    assert_eq!((points[0].1.min, points[0].1.max), (10.0, 20.0));
}

#[test]
fn old_minutes_go_and_a_clock_that_jumps_takes_little_with_it() {
    let mut database = Database::in_memory().unwrap();
    let limits = Limits {
        history_minutes: 120,
        ..Limits::DISK
    };
    let all: Vec<_> = (0..40 * 60).map(|m| minute("p", m, 1)).collect();
    for hour in all.chunks(60) {
        write(&mut database, hour, hour[59].minute, &limits);
    }
    let left = values(&database, 0, 10_000);
    assert!((2160..=2280).contains(&left[0].0), "{:?}", left[0]);
    for index in 0..600 {
        write(
            &mut database,
            &[minute(&format!("p{index}"), 2390, 1)],
            2390,
            &limits,
        );
    }
    let before = rows(&database);
    write(&mut database, &[], 20_000_000, &limits);
    assert!(
        rows(&database) > before / 2,
        "{} of {before}",
        rows(&database)
    );
}

#[test]
fn the_last_session_of_each_module_in_each_port_comes_back() {
    let mut database = Database::in_memory().unwrap();
    let session = |port: &str, serial: &str, key: &str, document: &str| Session {
        port: port.to_owned(),
        serial: serial.to_owned(),
        key: key.to_owned(),
        opened: SystemTime::UNIX_EPOCH + Duration::from_secs(9),
        closed: None,
        document: document.to_owned(),
    };
    let mut later = session("p", "S1", "2", "{\"b\":2}");
    later.closed = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(99));
    let writing = database.begin().unwrap();
    for session in [
        session("p", "S1", "1", "{}"),
        session("p", "S1", "2", "{\"b\":1}"),
        session("p", "S2", "3", "{}"),
        later.clone(),
        session("q", "S1", "1", "{}"),
    ] {
        writing.session(&session).unwrap();
    }
    writing.commit().unwrap();
    let of_port: Vec<String> = sessions::of_port(database.connection(), "p", 2)
        .unwrap()
        .into_iter()
        .map(|session| session.key)
        .collect();
    assert_eq!(of_port, ["3", "2"], "the newest first");
    let last = sessions::last(database.connection(), 100).unwrap();
    let keys: Vec<_> = last
        .iter()
        .map(|s| (s.port.as_str(), s.serial.as_str(), s.key.as_str()))
        .collect();
    assert_eq!(keys, [("q", "S1", "1"), ("p", "S2", "3"), ("p", "S1", "2")]);
    assert_eq!(last[2], later);
    let writing = database.begin().unwrap();
    writing
        .keep(
            &Limits {
                sessions_of_a_port: 1,
                ..Limits::DISK
            },
            0,
        )
        .unwrap();
    writing.commit().unwrap();
    assert_eq!(sessions::last(database.connection(), 100).unwrap().len(), 2);
}
