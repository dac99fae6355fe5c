//! The status page in a real browser, as its reader uses it: the scripts are in
//! `tests/browser`. They leave pictures of all pages in `target/browser/screenshots`.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use opticsd::store::chunk::Cell;
use opticsd::store::database::Database;
use opticsd::store::history::Minute;
use opticsd::store::place::{self, Place};
use opticsd::store::record::EventRecord;
use support::{Demo, has_tool, wait_for};

/// The port of the demo that has a past before it begins: its module is well.
const OLD_PORT: &str = "Ethernet8";

/// Where `.ci/run` puts the modules of `tests/browser/package.json`.
fn installed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/browser")
}

/// The path of the browser, if all is there that the scripts need; where not, says
/// why the test is skipped.
fn browser() -> Option<PathBuf> {
    if !has_tool("chromium") || !has_tool("node") {
        return None;
    }
    for module in ["playwright-core", "axe-core"] {
        if !installed().join("node_modules").join(module).is_dir() {
            assert!(
                std::env::var_os("OPTICSD_REQUIRE_TOOLS").is_none(),
                "{module} is not in target/browser, and OPTICSD_REQUIRE_TOOLS is set"
            );
            eprintln!(
                "skipped: {module} is not in target/browser; copy tests/browser/package.json \
                 there and run `npm install` in it"
            );
            return None;
        }
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join("chromium"))
        .find(|file| file.is_file())
}

/// Runs a script against a demo; what it says is shown where it fails.
fn run(script: &str, demo: &Demo, chromium: &Path, hostile: &str) {
    let said = Command::new("node")
        .arg(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/browser")
                .join(script),
        )
        .env("OPTICSD_URL", &demo.url)
        .env("OPTICSD_CHROMIUM", chromium)
        .env("OPTICSD_NODE_MODULES", installed())
        .env("OPTICSD_PICTURES", installed().join("screenshots"))
        .env("OPTICSD_OLD_PORT", OLD_PORT)
        .env("OPTICSD_HOSTILE_NAMES", hostile)
        .output()
        .expect("node starts");
    let told = String::from_utf8_lossy(&said.stdout);
    let trouble = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{script}:\n{told}\n{trouble}");
    println!("{told}");
    assert!(told.contains("passed: "), "{script} checked nothing");
}

/// A week of a port: what its charts draw and mark.
fn write_past(directory: &Path) {
    let place = Place::take(directory).unwrap();
    let opened = Database::open(&place, place::machine().as_deref(), "before").unwrap();
    let mut database = opened.database;
    let writing = database.begin().unwrap();
    let now = SystemTime::now();
    let ago = |minutes: u64| now - Duration::from_secs(minutes * 60);
    let seconds = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let this_minute = seconds / 60;
    // As many as the charts have points.
    let minutes = (1..180)
        .chain((180..1440).step_by(3))
        .chain((1440..7 * 1440).step_by(15));
    for back in minutes.filter(|back| !(600..900).contains(back)) {
        let phase = f32::from(u16::try_from(back % 1440).unwrap()) / 1440.0;
        let wave = (phase * std::f32::consts::TAU).sin();
        let cell = |mean: f32, spread: f32| Cell {
            min: mean - spread,
            mean,
            max: mean + spread,
        };
        let mut cells = BTreeMap::from([(
            "temperature_celsius".to_owned(),
            cell(45.0 + 3.0 * wave, 0.4),
        )]);
        for side in ["media/module", "host/host"] {
            let ratio = 10f32.powf(-8.5 + 0.3 * wave);
            cells.insert(
                format!("pre_fec_bit_error_ratio/{side}"),
                cell(ratio, ratio * 0.2),
            );
        }
        for lane in 1..=8u8 {
            let light = 7.0e-4 + 2.0e-5 * f32::from(lane) + 1.0e-5 * wave;
            cells.insert(format!("lane_rx_power_watts/{lane}"), cell(light, 4.0e-6));
        }
        let minute = Minute {
            port: OLD_PORT.to_owned(),
            minute: this_minute - back,
            cells,
        };
        writing.minute(&minute).unwrap();
    }
    let happened = [
        (3000, "insert", "a module came"),
        (2900, "data_path_down", "the link went down"),
        (200, "data_path_down", "the link went down"),
        (20, "data_path_down", "the link went down"),
    ];
    for (id, (back, kind, what)) in (1..).zip(happened) {
        let event = EventRecord {
            id,
            at: ago(back),
            port: Some(OLD_PORT.to_owned()),
            serial: None,
            kind: kind.to_owned(),
            what: what.to_owned(),
            before: None,
            after: None,
            grave: kind == "data_path_down",
            capture: None,
        };
        writing.event(&event).unwrap();
    }
    writing.commit().unwrap();
}

#[test]
fn a_reader_finds_what_the_api_knows() {
    let Some(chromium) = browser() else { return };
    let state = tempfile::tempdir().unwrap();
    write_past(state.path());
    let demo = Demo::start(&["--speed", "20", "--state", state.path().to_str().unwrap()]);
    demo.settled_ports();
    wait_for("a session to be kept", || {
        let sessions = demo.answer(&format!("/api/v1/ports/{OLD_PORT}/sessions")).1;
        (sessions.trim() != "[]").then_some(())
    });
    run("page.mjs", &demo, &chromium, "{}");
}

#[test]
fn hostile_names_of_makers_stay_text() {
    let Some(chromium) = browser() else { return };
    // As long as registers let them be. A name is read when a module comes. The first stands in a finding, too.
    let names = [
        ("Ethernet35", "<svg onload=a()>"),
        ("Ethernet1", "<script>a()</scr"),
        ("Ethernet2", "\"onfocus=a() x='"),
        ("Ethernet4", "</td></table><b>"),
    ];
    let mut scenario = String::new();
    for (port, name) in names {
        let name = toml::Value::from(name);
        writeln!(
            scenario,
            "[[event]]\nat = 20\nport = '{port}'\ndo = 'remove'\n\
             [[event]]\nat = 80\nport = '{port}'\ndo = 'insert'\n\
             [[event]]\nat = 80\nport = '{port}'\ndo = 'hostile-text'\ntext = {name}"
        )
        .unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.toml");
    fs::write(&file, scenario).unwrap();
    let demo = Demo::start(&["--speed", "20", "--scenario", file.to_str().unwrap()]);
    demo.settled_ports();
    let names = serde_json::json!(BTreeMap::from(names));
    run("hostile.mjs", &demo, &chromium, &names.to_string());
}
