//! The way of an event to the disk, ticked by hand.

use std::fs;
use std::time::SystemTime;

use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::daemon::publish;
use crate::health::event::{Event, Nameplate};
use crate::names::PortName;
use crate::report::sample;
use crate::store::query;
use crate::store::record::{CaptureQuery, EventQuery, EventRecord};
use std::sync::Mutex;

struct Rig {
    folder: TempDir,
    clock: ManualClock,
    desk: Arc<Desk>,
    journal: Journal,
    fleet: Arc<Fleet>,
    scribe: Scribe,
}

/// A scribe of a state directory that does not exist yet.
fn rig() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::Directory(folder.path().join("state"));
    rig_with(folder, shelf)
}

fn rig_with(folder: TempDir, shelf: Shelf) -> Rig {
    let clock = ManualClock::new();
    let fleet = Arc::new(publish::fleet(SystemTime::UNIX_EPOCH));
    let desk = Arc::new(Desk::new(Arc::new(clock.clone())));
    let journal = Journal::kept(&fleet, &desk);
    let scribe = Scribe::new(
        Arc::clone(&desk),
        journal.clone(),
        Arc::new(shelf),
        Arc::clone(&fleet),
        Some("here".to_owned()),
    );
    Rig {
        folder,
        clock,
        desk,
        journal,
        fleet,
        scribe,
    }
}

fn all() -> EventQuery {
    EventQuery {
        port: None,
        kind: None,
        since: None,
        after: None,
        limit: 10_000,
    }
}

impl Rig {
    fn counted(&self) -> u64 {
        self.fleet.events.by_kind().values().sum()
    }

    fn saved(&self) -> Vec<EventRecord> {
        let state = self.folder.path().join("state");
        query::events(&query::open(&state).unwrap(), &all()).unwrap()
    }

    fn trouble(&self) -> Option<&'static str> {
        let status = self.fleet.store.load();
        let trouble = status.as_ref().as_ref()?.trouble.as_ref()?;
        Some(trouble.kind)
    }

    fn step(&mut self) {
        self.scribe.step();
    }
}

fn reloaded(ports: usize) -> Event {
    Event::ConfigReloaded { ports }
}

#[test]
fn an_event_is_counted_only_once_it_is_on_disk() {
    let mut rig = rig();
    rig.scribe.open().unwrap();
    for ports in 0..1200 {
        rig.journal.tell(reloaded(ports));
    }
    assert_eq!(rig.counted(), 0);
    let mut steps = 0;
    while rig.counted() < 1200 {
        rig.step();
        steps += 1;
        assert_eq!(rig.counted(), rig.saved().len() as u64);
    }
    assert_eq!(steps, 3, "what has come together is written together");
    let saved = rig.saved();
    let in_order = (0..1200).all(|i| saved[i].what == reloaded(i).to_string());
    assert!(in_order);
    assert!(saved.windows(2).all(|pair| pair[0].id < pair[1].id));
    assert_eq!(rig.journal.unsaved(&all()), []);
}

#[test]
fn events_of_one_instant_share_a_capture_that_decodes() {
    let mut rig = rig();
    rig.scribe.open().unwrap();
    let module = Arc::new(sample::module("S1"));
    let port = PortName::new("Ethernet0").unwrap();
    let finding = Event::FindingRaised {
        rule: "class-denied",
        severity: crate::plan::finding::Severity::Error,
        saw: "dsp".to_owned(),
    };
    let events = vec![
        Event::Inserted(Nameplate::default()),
        Event::BusRecovered,
        finding,
    ];
    rig.journal.tell_of(&port, Some(&module), events);
    rig.step();
    let saved = rig.saved();
    let captures: Vec<_> = saved.iter().map(|event| event.capture).collect();
    assert_eq!(captures, [Some(1), None, Some(1)]);
    assert!(
        saved
            .iter()
            .all(|event| event.serial.as_deref() == Some("S1"))
    );
    let reader = query::open(&rig.folder.path().join("state")).unwrap();
    let wanted = CaptureQuery {
        port: None,
        limit: 10,
    };
    assert_eq!(query::captures(&reader, &wanted).unwrap().len(), 1);
    let text = query::capture(&reader, 1).unwrap().unwrap();
    let (when, rest) = text.split_once('\n').unwrap();
    assert!(when.starts_with("# time ") && when.ends_with(" port Ethernet0"));
    assert!(rest.starts_with("# Ethernet0\n# ACME OPTICS"), "{text}");
}

#[test]
fn a_disk_that_refuses_delays_nothing_and_gets_all_once_it_returns() {
    let mut rig = rig();
    // A file where the directory is wanted: nothing can be made there.
    let state = rig.folder.path().join("state");
    fs::write(&state, "").unwrap();
    let error = rig.scribe.open().unwrap_err();
    assert!(!error.needs_a_person());
    rig.scribe.fail(&error);
    rig.journal.tell(reloaded(1));
    rig.step();
    assert_eq!((rig.counted(), rig.trouble().is_some()), (1, true));
    assert_eq!(rig.journal.unsaved(&all()).len(), 1);

    fs::remove_file(&state).unwrap();
    rig.clock.advance(LONGEST_RETRY);
    rig.journal.tell(reloaded(2));
    rig.step();
    assert_eq!((rig.counted(), rig.trouble()), (2, None), "told once each");
    assert_eq!(rig.saved().len(), 2);
    assert_eq!(rig.journal.unsaved(&all()), []);
}

#[test]
fn events_that_came_before_the_file_are_numbered_after_those_in_it() {
    let mut rig = rig();
    rig.scribe.open().unwrap();
    for ports in 0..5 {
        rig.journal.tell(reloaded(ports));
    }
    rig.step();
    let Rig { folder, scribe, .. } = rig;
    drop(scribe);
    let shelf = Shelf::Directory(folder.path().join("state"));
    let mut rig = rig_with(folder, shelf);
    rig.journal.tell(reloaded(5));
    rig.scribe.open().unwrap();
    rig.journal.tell(reloaded(6));
    rig.step();
    let ids: Vec<u64> = rig.saved().iter().map(|event| event.id).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn a_full_disk_is_told_and_the_same_event_is_not_written_twice() {
    let mut rig = rig();
    rig.scribe.open().unwrap();
    rig.journal.tell(reloaded(0));
    rig.step();
    let database = rig.scribe.database.as_ref().unwrap();
    let pages: u64 = database
        .connection()
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    database
        .connection()
        .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        .unwrap();
    for ports in 0..400 {
        rig.journal.tell(reloaded(ports));
    }
    rig.step();
    assert_eq!((rig.counted(), rig.trouble()), (401, Some("full")));
    assert_eq!(rig.saved().len(), 1);
    let unsaved = rig.journal.unsaved(&EventQuery {
        after: Some(1),
        ..all()
    });
    assert_eq!(unsaved.len(), 400);
    rig.clock.advance(LONGEST_RETRY);
    rig.step();
    assert_eq!((rig.counted(), rig.trouble()), (401, None));
    assert_eq!(rig.saved().len(), 401);
}

#[test]
fn too_many_waiting_events_are_bounded_and_the_loss_is_counted() {
    let mut rig = rig();
    fs::write(rig.folder.path().join("state"), "").unwrap();
    let error = rig.scribe.open().unwrap_err();
    rig.scribe.fail(&error);
    for ports in 0..crate::daemon::desk::MOST_WAITING + 10 {
        rig.journal.tell(reloaded(ports));
    }
    rig.step();
    let status = rig.fleet.store.load_full();
    let status = status.as_ref().as_ref().unwrap();
    assert_eq!(
        (status.waiting, status.lost),
        (crate::daemon::desk::MOST_WAITING, 10)
    );
}

#[test]
fn a_file_that_a_reader_finds_spoilt_is_set_aside() {
    use std::os::unix::fs::FileExt;
    let mut rig = rig();
    rig.scribe.open().unwrap();
    for ports in 0..500 {
        rig.journal.tell(reloaded(ports));
    }
    rig.step();
    // Out of the log and into the file, then new bytes over it.
    rig.scribe.database = None;
    let state = rig.folder.path().join("state");
    let file = crate::store::place::database(&state);
    let handle = fs::OpenOptions::new().write(true).open(&file).unwrap();
    let half = fs::metadata(&file).unwrap().len() / 8192 * 4096;
    handle.write_all_at(&[0xA5; 8192], half).unwrap();
    // Which page it hits decides whether the opening finds out or a reader.
    if let Err(error) = rig.scribe.open() {
        rig.scribe.fail(&error);
    }
    rig.desk.suspect();
    rig.step();
    rig.clock.advance(LONGEST_RETRY);
    rig.step();
    rig.journal.tell(reloaded(500));
    rig.step();
    assert_eq!(rig.trouble(), None);
    let saved = rig.saved();
    assert_eq!(saved.len(), 1, "a new file was begun");
    assert_eq!(saved[0].id, 501, "numbers go on");
    let names = fs::read_dir(&state)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert!(
        names
            .into_iter()
            .any(|name| name.to_string_lossy().contains(".spoilt-"))
    );
}

#[test]
fn without_a_directory_events_are_kept_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::Memory(Mutex::new(Database::in_memory().unwrap()));
    let mut rig = rig_with(folder, shelf);
    rig.scribe.open().unwrap();
    rig.journal.tell(reloaded(1));
    rig.step();
    assert_eq!(rig.counted(), 1);
    assert_eq!(rig.scribe.shelf.events(&all()).unwrap().len(), 1);
}

#[test]
fn minutes_and_sessions_wait_for_the_disk_and_outlive_the_daemon() {
    let mut rig = rig();
    let state = rig.folder.path().join("state");
    fs::write(&state, "").unwrap();
    let error = rig.scribe.open().unwrap_err();
    rig.scribe.fail(&error);
    let port = PortName::new("p").unwrap();
    let session = |document: &str| crate::store::sessions::Session {
        port: "p".to_owned(),
        serial: "S1".to_owned(),
        key: "1".to_owned(),
        opened: SystemTime::UNIX_EPOCH,
        closed: None,
        document: document.to_owned(),
    };
    let cell = crate::store::chunk::Cell {
        min: 1.0,
        mean: 2.0,
        max: 3.0,
    };
    rig.journal.save_session(session("old"));
    rig.journal
        .keep_minutes(vec![crate::store::history::Minute {
            port: "p".to_owned(),
            minute: 7,
            cells: [("a".to_owned(), cell)].into(),
        }]);
    rig.step();
    rig.journal.save_session(session("new"));
    fs::remove_file(&state).unwrap();
    rig.clock.advance(LONGEST_RETRY);
    rig.step();
    assert_eq!(rig.trouble(), None);
    assert_eq!(
        rig.scribe.shelf.points("p", "a", 0..100).unwrap(),
        [(7, cell)]
    );

    let Rig { folder, scribe, .. } = rig;
    drop(scribe);
    let shelf = Shelf::Directory(folder.path().join("state"));
    let mut rig = rig_with(folder, shelf);
    assert_eq!(rig.journal.last_session(&port, "S1"), None);
    rig.scribe.open().unwrap();
    assert_eq!(rig.journal.last_session(&port, "S1"), Some(session("new")));
    assert_eq!(rig.journal.last_session(&port, "S2"), None);
}
