//! A panic in a thread of the daemon, injected by a way to a module that panics: it is
//! logged with its backtrace, an event of it is on disk, and the daemon goes on.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opticsd::clock::SystemClock;
use opticsd::config::{Cadences, Listen};
use opticsd::daemon;
use opticsd::daemon::reload::Wanted;
use opticsd::daemon::source::{Binding, Opener};
use opticsd::module::sweep::SweepSettings;
use opticsd::names::{BusName, PortName, Profile};
use serde_json::Value;
use support::wait_for;

/// What the daemon logs, for all threads.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        // Where a test fails its own panic is in the log too.
        std::io::stderr().write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn port(name: &str, open: Opener) -> Binding {
    Binding {
        name: PortName::new(name).unwrap(),
        bus: BusName::new("i2c-7").unwrap(),
        source: name.to_owned(),
        open,
        settings: SweepSettings::default(),
        fec: None,
        cadences: Cadences::every(Duration::from_millis(100)),
        lock: None,
    }
}

/// What is answered on a socket's file, once it is.
fn get(socket: &Path, path: &str) -> Option<String> {
    let mut stream = UnixStream::connect(socket).ok()?;
    let question = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
}

#[test]
fn a_panic_is_logged_stored_and_counted_and_the_daemon_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (socket, state) = (folder.path().join("socket"), folder.path().join("state"));
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();
    let mut looks = 0;
    let panics: Opener = Box::new(move |_| {
        looks += 1;
        assert!(looks > 1, "injected by a test");
        Err("nothing is there".to_owned())
    });
    let wanted = Wanted {
        listen: vec![Listen::Unix(socket.clone())],
        access: None,
        ports: vec![
            port("bad", panics),
            port("good", Box::new(|_| Err("no device".to_owned()))),
        ],
        plan: None,
        profile: Profile::default(),
        state: Some(state.clone()),
    };
    let daemon = std::thread::spawn(move || {
        daemon::run(wanted, None, &SystemClock::new(), |_| {}).map_err(|e| e.to_string())
    });
    let events = |body: &str| serde_json::from_str::<Vec<Value>>(body).unwrap();
    let event = wait_for("the event", || {
        let body = get(&socket, "/api/v1/events?kind=internal_error")?;
        events(&body).into_iter().next()
    });
    assert_eq!(event["port"], "bad");
    assert_eq!(event["grave"], true);
    let what = event["what"].as_str().unwrap();
    assert!(what.starts_with("defect of opticsd in thread i2c-7 at tests/panics.rs:"));
    assert!(what.contains(": injected by a test;"), "{what}");
    // Both ports are read: the one that panicked too, after a second.
    wait_for("a second look", || {
        let body = get(&socket, "/api/v1/ports/bad")?;
        body.contains("nothing is there").then_some(())
    });
    let scrape = get(&socket, "/metrics").unwrap();
    assert!(scrape.contains("\nopticsd_internal_errors_total 1\n"));
    let good = get(&socket, "/api/v1/ports/good").unwrap();
    assert!(good.contains("no device"), "{good}");
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let start = text.find("panic, a defect of opticsd: injected by a test");
    let record = &text[start.expect("it is logged")..];
    // Names of frames depend on how it was built; that there are some does not.
    assert!(
        record.contains("\n   0: ") && record.contains("\n   5: "),
        "{record}"
    );
    assert!(text.contains("thread=\"i2c-7\""), "{text}");

    let pid = std::process::id().to_string();
    let mut kill = std::process::Command::new("kill");
    let told = kill.args(["-TERM", &pid]).status().unwrap();
    assert!(told.success());
    assert_eq!(daemon.join().unwrap(), Ok(()));
    // It was on disk.
    let stored = std::process::Command::new(env!("CARGO_BIN_EXE_opticsd"))
        .args(["events", "--state", state.to_str().unwrap()])
        .output()
        .unwrap();
    let stored = String::from_utf8(stored.stdout).unwrap();
    assert!(stored.contains("internal_error"), "{stored}");
}
