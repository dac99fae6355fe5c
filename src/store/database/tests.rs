//! The store on a real disk: what is written comes back, what is spoilt or
//! strange is told and kept.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::*;
use crate::store::query;
use crate::store::record::{CaptureQuery, EventQuery, Packed};
use crate::store::schema::testing;

const STAMP: &str = "20270115T080000Z";

fn opened(directory: &Path) -> Opened {
    let place = Place::take(directory).unwrap();
    Database::open(&place, Some("here"), STAMP).unwrap()
}

fn event(id: u64, port: &str) -> EventRecord {
    EventRecord {
        id,
        at: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + id),
        port: Some(port.to_owned()),
        serial: Some("S1".to_owned()),
        kind: if id.is_multiple_of(2) {
            "insert"
        } else {
            "remove"
        }
        .to_owned(),
        what: "it's \"odd\"\0\u{1F4A1}".to_owned(),
        before: None,
        after: Some("after".to_owned()),
        grave: id.is_multiple_of(3),
        capture: None,
    }
}

fn capture(port: &str, text: &str) -> NewCapture {
    NewCapture {
        at: SystemTime::UNIX_EPOCH,
        port: port.to_owned(),
        serial: None,
        kind: "insert".to_owned(),
        dump: Packed::new(text),
    }
}

fn all() -> EventQuery {
    EventQuery {
        port: None,
        kind: None,
        since: None,
        after: None,
        limit: 1000,
    }
}

fn write(database: &mut Database, events: &[EventRecord]) {
    let writing = database.begin().unwrap();
    for event in events {
        writing.event(event).unwrap();
    }
    writing.commit().unwrap();
}

#[test]
fn what_is_committed_comes_back_in_order_and_what_is_not_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let events: Vec<_> = (1..=9).map(|id| event(id, "a")).collect();
    {
        let mut database = opened(folder.path()).database;
        assert_eq!(database.last_event().unwrap(), 0);
        write(&mut database, &events);
        write(&mut database, &events[3..5]);
        let half = database.begin().unwrap();
        half.event(&event(10, "a")).unwrap();
        drop(half);
        // A reader beside the writer sees the same.
        let reader = query::open(folder.path()).unwrap();
        assert_eq!(query::events(&reader, &all()).unwrap(), events);
    }
    let database = opened(folder.path()).database;
    assert_eq!(database.last_event().unwrap(), 9);
    assert_eq!(
        query::events(database.connection(), &all()).unwrap(),
        events
    );
}

#[test]
fn events_are_found_by_port_kind_time_and_order() {
    let mut database = Database::in_memory().unwrap();
    let events: Vec<_> = (1..=12)
        .map(|id| event(id, if id <= 6 { "a" } else { "b" }))
        .collect();
    write(&mut database, &events);
    let queries = [
        (
            EventQuery {
                port: Some("b".to_owned()),
                ..all()
            },
            vec![7, 8, 9, 10, 11, 12],
        ),
        (
            EventQuery {
                kind: Some("insert".to_owned()),
                limit: 3,
                ..all()
            },
            vec![8, 10, 12],
        ),
        (
            EventQuery {
                since: Some(events[9].at),
                ..all()
            },
            vec![10, 11, 12],
        ),
        (
            EventQuery {
                after: Some(4),
                port: Some("a".to_owned()),
                ..all()
            },
            vec![5, 6],
        ),
        (
            EventQuery {
                port: Some("'; DROP TABLE events".to_owned()),
                ..all()
            },
            vec![],
        ),
    ];
    for (query, expected) in queries {
        let found = query::events(database.connection(), &query).unwrap();
        let ids: Vec<u64> = found.iter().map(|event| event.id).collect();
        assert_eq!(ids, expected, "{query:?}");
        assert!(found.iter().all(|event| query.wants(event)));
    }
}

#[test]
fn captures_are_kept_by_port_by_number_and_by_size() {
    let mut database = Database::in_memory().unwrap();
    let writing = database.begin().unwrap();
    for number in 0..40 {
        let port = if number < 30 { "flapping" } else { "calm" };
        let id = writing
            .capture(&capture(port, &format!("dump {number}")))
            .unwrap();
        let mut event = event(number + 1, port);
        event.capture = Some(id);
        writing.event(&event).unwrap();
    }
    let limits = Limits {
        events: 20,
        captures_of_a_port: 12,
        captures: 20,
        capture_bytes: 1 << 20,
        ..Limits::DISK
    };
    writing.keep(&limits, 0).unwrap();
    writing.commit().unwrap();
    let connection = database.connection();
    let of = |port: Option<&str>| {
        let query = CaptureQuery {
            port: port.map(str::to_owned),
            limit: 1000,
        };
        query::captures(connection, &query).unwrap()
    };
    assert_eq!((of(Some("calm")).len(), of(None).len()), (10, 20));
    let newest = of(None).last().unwrap().clone();
    assert_eq!(
        query::capture(connection, newest.id).unwrap().unwrap(),
        "dump 39"
    );
    assert_eq!(query::capture(connection, 1).unwrap(), None);
    let events = query::events(connection, &all()).unwrap();
    assert_eq!(events.len(), 20);
    assert_eq!(events[19].capture, Some(newest.id));

    let writing = database.begin().unwrap();
    writing
        .keep(
            &Limits {
                capture_bytes: 1,
                ..limits
            },
            0,
        )
        .unwrap();
    writing.commit().unwrap();
    let events = query::events(database.connection(), &all()).unwrap();
    assert!(events.iter().all(|event| event.capture.is_none()));
}

#[test]
fn a_newer_file_is_refused_by_reader_and_writer_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    drop(opened(folder.path()));
    let file = crate::store::place::database(folder.path());
    let connection = Connection::open(&file).unwrap();
    connection
        .pragma_update(None, "user_version", schema::version() + 1)
        .unwrap();
    drop(connection);
    let place = Place::take(folder.path()).unwrap();
    let error = Database::open(&place, None, STAMP).unwrap_err();
    assert!(error.needs_a_person());
    let told = error.to_string();
    assert!(
        told.contains("opticsd.db was written by a newer opticsd"),
        "{told}"
    );
    assert!(told.contains("run the newer version"), "{told}");
    assert!(matches!(
        query::open(folder.path()),
        Err(StoreError::Newer { .. })
    ));
}

#[test]
fn a_file_of_every_older_version_is_brought_to_this_one() {
    for version in 0..schema::version() {
        let folder = tempfile::tempdir().unwrap();
        let file = crate::store::place::database(folder.path());
        let connection = Connection::open(&file).unwrap();
        testing::make(&connection, version);
        if version >= 1 {
            connection
                .execute(
                    "INSERT INTO events (id, at, kind, what, grave) VALUES (7, 5, 'k', 'w', 1)",
                    [],
                )
                .unwrap();
        }
        drop(connection);
        let mut database = opened(folder.path()).database;
        assert_eq!(
            schema::of(database.connection()).unwrap(),
            schema::version()
        );
        assert_eq!(
            database.last_event().unwrap(),
            if version >= 1 { 7 } else { 0 }
        );
        write(&mut database, &[event(8, "a")]);
    }
}

#[test]
fn a_spoilt_file_is_moved_aside_whole_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    let file = crate::store::place::database(folder.path());
    let garbage = "this is no database\n".repeat(1000);
    fs::write(&file, &garbage).unwrap();
    let opened = opened(folder.path());
    let said = opened.aside.unwrap();
    assert!(said.contains("is spoilt") && said.contains(STAMP), "{said}");
    assert_eq!(opened.database.last_event().unwrap(), 0);
    let aside = folder.path().join(format!("opticsd.db.spoilt-{STAMP}"));
    assert_eq!(fs::read_to_string(aside).unwrap(), garbage);
}

#[test]
fn a_file_spoilt_in_its_middle_is_found_out_by_examination() {
    use std::os::unix::fs::FileExt;
    let folder = tempfile::tempdir().unwrap();
    {
        let mut database = opened(folder.path()).database;
        let events: Vec<_> = (1..=2000).map(|id| event(id, "a")).collect();
        write(&mut database, &events);
        database.examine().unwrap();
    }
    let file = crate::store::place::database(folder.path());
    let length = fs::metadata(&file).unwrap().len();
    let handle = fs::OpenOptions::new().write(true).open(&file).unwrap();
    handle
        .write_all_at(&[0xA5; 16384], length / 2 / 4096 * 4096)
        .unwrap();
    let database = opened(folder.path()).database;
    assert!(database.examine().unwrap_err().is_corruption());
}

#[test]
fn the_history_of_another_machine_is_kept_apart() {
    let folder = tempfile::tempdir().unwrap();
    {
        let mut database = opened(folder.path()).database;
        write(&mut database, &[event(1, "a")]);
    }
    let place = Place::take(folder.path()).unwrap();
    let elsewhere = Database::open(&place, Some("elsewhere"), STAMP).unwrap();
    let said = elsewhere.aside.unwrap();
    assert!(said.contains("is of another machine"), "{said}");
    assert_eq!(elsewhere.database.last_event().unwrap(), 0);
    let old = Connection::open(folder.path().join("opticsd.db.machine-here")).unwrap();
    assert_eq!(query::events(&old, &all()).unwrap().len(), 1);
    // A machine without a mark takes what it finds.
    drop(elsewhere.database);
    assert!(Database::open(&place, None, STAMP).unwrap().aside.is_none());
}

#[test]
fn a_reader_tells_what_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let error = query::open(folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("has no history of opticsd"),
        "{error}"
    );
}

#[test]
fn a_full_disk_is_told_as_such() {
    let mut database = Database::in_memory().unwrap();
    let pages: u64 = database
        .connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    database
        .connection
        .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        .unwrap();
    let writing = database.begin().unwrap();
    let error = (1..1000).find_map(|id| writing.event(&event(id, "a")).err());
    assert_eq!(error.unwrap().kind(), "full");
}
