//! `opticsd doctor` from outside: beside a daemon, without one, and where nothing fits.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::Daemon;

/// What it finds, and its exit status.
fn doctor(arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = Command::new(env!("CARGO_BIN_EXE_opticsd"))
        .args(["doctor", "--format", "json"])
        .args(arguments)
        .env_remove("STATE_DIRECTORY")
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = document["checks"].as_array().unwrap().clone();
    (output.status.code(), checks)
}

/// Level and words of the findings of a check.
fn of<'a>(checks: &'a [Value], check: &str) -> Vec<(&'a str, &'a str)> {
    let own = checks.iter().filter(|found| found["check"] == check);
    own.map(|f| (f["level"].as_str().unwrap(), f["what"].as_str().unwrap()))
        .collect()
}

fn configuration(folder: &Path, listen: &str) -> String {
    let path = folder.join("opticsd.toml");
    let text = format!(
        "listen = '{listen}'\nstate_directory = '{}'\n\
         [[port]]\nname = 'sim'\nsim = 'dsp-800g'\n",
        folder.join("state").display()
    );
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_daemon_is_found_with_its_version_and_its_store() {
    let folder = tempfile::tempdir().unwrap();
    let config = configuration(folder.path(), "127.0.0.1:1");
    let daemon = Daemon::run(Path::new(&config));
    let (_, checks) = doctor(&["--config", &config, "--from", &daemon.url]);
    let [(level, said)] = of(&checks, "daemon")[..] else {
        panic!("{checks:?}");
    };
    assert_eq!(level, "ok", "{said}");
    assert!(said.contains(env!("CARGO_PKG_VERSION")), "{said}");
    let [(level, said)] = of(&checks, "state")[..] else {
        panic!("{checks:?}");
    };
    assert_eq!(level, "ok", "{said}");
    assert!(said.contains("its store can be read"), "{said}");
    assert_eq!(of(&checks, "configuration")[0].0, "ok");
    daemon.stop();
}

#[test]
fn an_address_of_somebody_else_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = other.local_addr().unwrap().to_string();
    let config = configuration(folder.path(), &place);
    // Whoever listens answers nothing at all, and goes on listening.
    let asked = other.try_clone().unwrap();
    let answers = std::thread::spawn(move || drop(asked.accept()));
    let (status, checks) = doctor(&["--config", &config]);
    assert_eq!(status, Some(1));
    let said = format!("{place} is somebody else's");
    assert_eq!(
        of(&checks, "listen"),
        [("fail", said.as_str())],
        "{checks:?}"
    );
    assert_eq!(of(&checks, "daemon")[0].0, "warn");
    answers.join().unwrap();
    drop(other);
}

#[test]
fn a_configuration_that_is_not_there_is_a_failure_and_the_rest_is_looked_at() {
    let (status, checks) = doctor(&["--config", "/nowhere/opticsd.toml"]);
    assert_eq!(status, Some(1));
    let [(level, said)] = of(&checks, "configuration")[..] else {
        panic!("{checks:?}");
    };
    assert_eq!(level, "fail");
    assert!(said.contains("/nowhere/opticsd.toml"), "{said}");
    assert_eq!(of(&checks, "clock").len(), 1, "{checks:?}");
}
