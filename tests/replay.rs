//! `opticsd replay` from outside: recordings of simulated modules, made by the
//! daemon's own pieces, and what cannot be replayed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

#[path = "support/faults.rs"]
mod faults;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use opticsd::bus::dump;
use opticsd::daemon::sim_host;
use opticsd::report::recording;
use serde_json::Value;

const OPTICSD: &str = env!("CARGO_BIN_EXE_opticsd");

/// An hour of ports at a sweep every ten seconds, with a flap after half of it.
fn recording(events: &str) -> String {
    let mut watched = faults::rehearsal("lpo-800g", true, events, 3, 1.0);
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_000_000);
    let mut text = String::from("# a recording\n");
    for n in 1..360 {
        let at = Duration::from_secs(10 * n);
        watched.round(at);
        for (port, view) in watched.views().iter().take(2) {
            let cage = watched.cage(port).unwrap();
            let counters = cage.host_counters().unwrap();
            let host = sim_host::told(counters, at);
            text += &recording::heading(port.as_str(), start + at, Some((start + at, &host)));
            text += &dump::write(&view.snapshot.as_ref().unwrap().image);
        }
    }
    text
}

const FLAP: &str = "event = [{ at = 1800, port = 'p1', do = 'flap', value = 1.3, over = 30 }]";

fn replay(arguments: &[&str]) -> Output {
    let mut command = Command::new(OPTICSD);
    command.arg("replay").args(arguments);
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_recorded_flap_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "flap.rec", &recording(FLAP));
    let seen = replay(&[&file]);
    let said = text(&seen.stdout);
    assert_eq!(seen.status.code(), Some(1), "{said}{}", text(&seen.stderr));
    assert!(said.contains("ber-worse-after-flap"), "{said}");
    assert!(said.contains("p1: 359 sweeps"), "{said}");
    assert!(
        said.contains("bit errors of the host side by the host"),
        "{said}"
    );

    let seen = replay(&["--format", "json", "--sweeps", &file]);
    let lines: Vec<Value> = text(&seen.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    assert_eq!((kinds("summary"), kinds("sweep")), (2, 2 * 359));
    let of_p1: Vec<&Value> = lines
        .iter()
        .filter(|line| line["kind"] == "verdict_changed" && line["port"] == "p1")
        .collect();
    assert!(!of_p1.is_empty());
    let first = of_p1
        .iter()
        .find(|line| line["what"].as_str().unwrap().contains("degraded"));
    assert!(first.unwrap()["at"].as_str().unwrap() > "2025-11-24T16:30:00Z");
}

#[test]
fn a_quiet_hour_is_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let whole = recording("");
    let file = write(folder.path(), "quiet.rec", &whole);
    let seen = replay(&[&file]);
    assert_eq!(seen.status.code(), Some(0), "{}", text(&seen.stdout));
    // The same in pieces, given in the wrong order.
    let middle = whole.match_indices("# time").nth(300).unwrap().0;
    let one = write(folder.path(), "b.rec", &whole[middle..]);
    let other = write(folder.path(), "a.rec", &whole[..middle]);
    let pieces = replay(&[&one, &other]);
    assert_eq!(text(&pieces.stdout), text(&seen.stdout));
    assert!(pieces.stderr.is_empty(), "{}", text(&pieces.stderr));
}

#[test]
fn what_cannot_be_replayed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let whole = recording("");
    let first = whole.match_indices("# time").nth(1).unwrap().0;
    let timeless: String = whole[..first]
        .lines()
        .filter(|line| !line.starts_with("# time"))
        .map(|line| format!("{line}\n"))
        .collect();
    let dump = write(folder.path(), "one.dump", &timeless);
    let fails = |arguments: &[&str], wanted: &str| {
        let seen = replay(arguments);
        let said = text(&seen.stderr);
        assert_eq!(seen.status.code(), Some(2), "{said}");
        assert!(said.contains(wanted), "{said}");
    };
    fails(&[&dump], "--interval");
    fails(&["/nonexistent/x.rec"], "/nonexistent/x.rec");
    let empty = write(folder.path(), "empty.rec", "# nothing\n");
    fails(&[&empty], "no sweep in it");
    let timed = write(folder.path(), "timed.rec", &whole[..first]);
    fails(&["--interval", "5", &dump, &timed], "apart from each other");
    let spoilt = write(folder.path(), "spoilt.rec", "# time yesterday port a\n");
    fails(&[&spoilt], "spoilt.rec:1: \"yesterday\" is no time");
    assert_eq!(
        replay(&["--interval", "5", &dump, &dump]).status.code(),
        Some(0)
    );
}
