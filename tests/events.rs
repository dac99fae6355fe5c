//! The journal from outside: what a daemon stored is listed, filtered, captured
//! and decoded, by the daemon and from its directory; and what goes wrong with a
//! directory is told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use support::{Demo, OPTICSD, wait_for};

fn opticsd(arguments: &[&str]) -> Output {
    Command::new(OPTICSD).args(arguments).output().unwrap()
}

/// What a command that works prints.
fn printed(arguments: &[&str]) -> String {
    let output = opticsd(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn in_words(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn what_happened_is_listed_by_daemon_and_directory_alike() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let state = in_words(&state);
    let demo = Demo::start(&["--state", state]);
    let ports = demo.settled_ports();
    let lpo = ports.iter().find(|port| port["class"] == "lpo").unwrap();
    let (port, serial) = (lpo["port"].as_str().unwrap(), &lpo["serial"]);
    let with = |words: &[&'static str]| -> Vec<String> {
        let words = words.iter().map(|word| word.replace("PORT", port));
        words
            .chain(["--from".to_owned(), demo.url.clone()])
            .collect()
    };
    let printed_with = |words: &[&'static str]| {
        let words = with(words);
        printed(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };

    let inserted = wait_for("its insertion to be stored", || {
        let text = printed_with(&[
            "events", "--format", "json", "--port", "PORT", "--kind", "insert",
        ]);
        lines(&text).pop()
    });
    assert_eq!(&inserted["serial"], serial);
    assert_eq!(inserted["saved"], true);
    let capture = inserted["capture"].to_string();
    let text = printed_with(&["events", "--port", "PORT", "--since", "1h"]);
    assert!(
        text.contains(port) && text.contains(&format!("[capture {capture}]")),
        "{text}"
    );
    for command in ["events", "captures"] {
        let output = opticsd(&[command, "--port", "Ethernt3", "--from", &demo.url]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("did you mean Ethernet3?"), "{said}");
    }
    let later = printed_with(&["events", "--since", "2099-01-01", "--format", "json"]);
    assert_eq!(later, "");

    let list = printed_with(&["captures", "--port", "PORT"]);
    assert!(list.contains(&format!("{capture:>8}  ")), "{list}");
    let list = printed_with(&["captures", "list", "--format", "json"]);
    assert!(lines(&list).len() > 32, "one for each module");

    // A capture is a dump like any other.
    let file = folder.path().join("capture.dump");
    printed(&[
        "captures",
        "show",
        &capture,
        "-o",
        in_words(&file),
        "--from",
        &demo.url,
    ]);
    let decoded = printed(&["decode", "--format", "json", in_words(&file)]);
    let decoded: Value = serde_json::from_str(&decoded).unwrap();
    assert_eq!(&decoded["identity"]["serial"], serial);
    assert_eq!(decoded["class"]["name"], "lpo");

    let (status, text) = demo.answer("/api/v1/events?since=yesterday");
    assert_eq!(status, 400);
    assert!(text.contains("yesterday") && text.contains("6h"), "{text}");
    assert_eq!(demo.answer("/api/v1/events?prot=x").0, 400);
    assert_eq!(demo.answer("/api/v1/captures/99999999").0, 404);

    // The directory says the same while the daemon runs, and when it has ended.
    let beside = printed(&["captures", "show", &capture, "--state", state]);
    assert_eq!(beside, fs::read_to_string(&file).unwrap());
    assert_eq!(demo.stop().code(), Some(0));
    let there = [
        "events", "--format", "json", "--kind", "insert", "--port", port, "--state", state,
    ];
    assert_eq!(lines(&printed(&there)), [inserted]);
    let after = opticsd(&["captures", "show", "99999999", "--state", state]);
    assert_eq!(after.status.code(), Some(2));
    let said = String::from_utf8(after.stderr).unwrap();
    assert!(said.contains("no capture 99999999"), "{said}");
}

/// Whether each number is the next one.
fn follows(ids: &[u64]) -> bool {
    ids.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

/// `events --follow` as JSON, and what it printed so far.
struct Follower {
    child: std::process::Child,
    events: Arc<Mutex<Vec<Value>>>,
    said: Arc<Mutex<String>>,
}

impl Follower {
    fn of(url: &str) -> Self {
        let mut child = Command::new(OPTICSD)
            .args(["events", "--follow", "--format", "json", "--from", url])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let events = Arc::new(Mutex::new(Vec::new()));
        let (sink, out) = (Arc::clone(&events), child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines() {
                let event = serde_json::from_str(&line.unwrap()).unwrap();
                sink.lock().unwrap().push(event);
            }
        });
        let said = Arc::new(Mutex::new(String::new()));
        let (sink, err) = (Arc::clone(&said), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(err).lines() {
                *sink.lock().unwrap() += &(line.unwrap() + "\n");
            }
        });
        Self {
            child,
            events,
            said,
        }
    }

    fn ids(&self) -> Vec<u64> {
        let events = self.events.lock().unwrap();
        events.iter().map(|e| e["id"].as_u64().unwrap()).collect()
    }

    /// Waits until it has printed the newest event of a daemon.
    fn catch_up(&self, demo: &Demo) {
        wait_for("the follower to have it all", || {
            let newest = demo.answer("/api/v1/events?limit=1").1;
            let newest: Vec<Value> = serde_json::from_str(&newest).unwrap();
            let events = self.events.lock().unwrap();
            let last = events.last()?;
            (last["id"] == newest[0]["id"] && last["time"] == newest[0]["time"]).then_some(())
        });
    }

    fn said(&self, words: &str) {
        wait_for(words, || {
            self.said.lock().unwrap().contains(words).then_some(())
        });
    }

    /// Ctrl-C.
    fn interrupt(mut self) {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args(["-INT", &id]).status();
        assert!(kill.unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_follower_outlives_a_restart_of_the_daemon_without_loss_or_repetition() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let arguments = ["--state", in_words(&state)];
    let demo = Demo::start(&arguments);
    let address = demo.url.trim_start_matches("http://").to_owned();
    let follower = Follower::of(&demo.url);
    demo.settled_ports();
    follower.catch_up(&demo);
    let before = follower.ids().len();
    demo.stop();
    follower.said("cannot ask");
    let demo = Demo::start_at(&address, &arguments);
    follower.said("answers again");
    demo.settled_ports();
    follower.catch_up(&demo);
    let ids = follower.ids();
    assert!(ids.len() > before);
    assert!(follows(&ids), "each once, in order, none left out");
    follower.interrupt();
}

#[test]
fn a_follower_sees_that_a_journal_in_memory_began_anew() {
    let demo = Demo::start(&[]);
    let address = demo.url.trim_start_matches("http://").to_owned();
    let follower = Follower::of(&demo.url);
    demo.settled_ports();
    follower.catch_up(&demo);
    demo.stop();
    let demo = Demo::start_at(&address, &[]);
    follower.said("began a new journal");
    demo.settled_ports();
    follower.catch_up(&demo);
    let ids = follower.ids();
    let anew = ids.iter().rposition(|id| *id == 1).unwrap();
    assert!(anew > 32, "each module came before the restart");
    let (old, new) = ids.split_at(anew);
    assert!(follows(old) && follows(new));
    follower.interrupt();
}

#[test]
fn two_daemons_do_not_share_a_directory() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let first = Demo::start(&["--state", in_words(&state)]);
    let second = opticsd(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--state",
        in_words(&state),
    ]);
    assert_eq!(second.status.code(), Some(2));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(
        said.contains(in_words(&state)) && said.contains("used by another opticsd (process "),
        "{said}"
    );
    assert_eq!(first.answer("/healthz").0, 200);
}

#[test]
fn a_directory_that_cannot_be_used_stops_no_daemon_and_is_told_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    fs::write(&state, "a file where a directory is wanted").unwrap();
    let demo = Demo::start(&["--state", in_words(&state)]);
    demo.settled_ports();
    let (_, metrics) = demo.answer("/metrics");
    assert!(metrics.contains("opticsd_store_up 0\n"), "{metrics}");
    assert!(metrics.contains("opticsd_events_total{kind=\"insert\"}"));
    let (_, page) = demo.answer("/");
    assert!(page.contains("events not stored"), "the page says so");
    let (status, text) = demo.answer("/api/v1/events?kind=insert&limit=5");
    assert_eq!(status, 200, "{text}");
    let events: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(events.len(), 5);
    assert!(events.iter().all(|event| event["saved"] == false));

    fs::remove_file(&state).unwrap();
    wait_for("the store to recover", || {
        let (_, metrics) = demo.answer("/metrics");
        let is_up = metrics.contains("opticsd_store_up 1\n");
        (is_up && metrics.contains("opticsd_store_events_waiting 0\n")).then_some(())
    });
    let stored = printed(&[
        "events",
        "--format",
        "json",
        "--kind",
        "insert",
        "--state",
        in_words(&state),
    ]);
    assert!(lines(&stored).len() > 32, "what waited is there");
}

#[test]
fn a_store_of_a_later_version_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let demo = Demo::start(&["--state", in_words(&state)]);
    assert_eq!(demo.stop().code(), Some(0));
    // The version is a big-endian number at byte 60 of the file (SQLite format).
    use std::os::unix::fs::FileExt;
    let file = fs::OpenOptions::new()
        .write(true)
        .open(state.join("opticsd.db"))
        .unwrap();
    file.write_all_at(&9999_u32.to_be_bytes(), 60).unwrap();
    for arguments in [
        vec![
            "demo",
            "--listen",
            "127.0.0.1:0",
            "--state",
            in_words(&state),
        ],
        vec!["events", "--state", in_words(&state)],
    ] {
        let output = opticsd(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("newer opticsd") && said.contains("9999"),
            "{said}"
        );
    }
}
