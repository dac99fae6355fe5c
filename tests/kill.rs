//! A daemon that is killed at any moment loses nothing that it told: what was
//! counted in a scrape, shown by the API or logged is in its state directory,
//! and the next one starts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{OPTICSD, answer};

/// How often the daemon is killed, unless `OPTICSD_KILLS` says otherwise.
const KILLS: u64 = 40;

/// The latest moment of a kill after the start, in microseconds: past the first
/// sweeps of all ports, which are the worst storm.
const LATEST: u64 = 1_500_000;

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What a daemon told while it lived.
#[derive(Default)]
struct Told {
    /// Where it served; none if it was killed before.
    is_started: bool,
    /// `opticsd_events_total` of the last whole scrape, by kind.
    counted: BTreeMap<String, u64>,
    /// All events that were shown, by number.
    shown: BTreeMap<u64, Value>,
    /// Lines of the log, as (port, kind, what), and how often each stands there.
    logged: BTreeMap<(String, String, String), u64>,
}

/// Modules that come, go and fail all the time.
fn storm() -> String {
    let deeds = ["remove", "insert", "nack", "clear"];
    let mut text = String::new();
    for step in 0_u32..20 {
        for port in 0..16 {
            let at = f64::from(step) * 0.1;
            let deed = deeds[usize::try_from((step + port) % 4).unwrap()];
            write!(
                text,
                "[[event]]\nat = {at}\nport = 'Ethernet{}'\ndo = '{deed}'\n",
                port * 4
            )
            .unwrap();
        }
    }
    text
}

/// Asks a daemon for counters and events until it no longer answers.
fn listen(url: &Receiver<String>, after: u64) -> Told {
    let mut told = Told::default();
    let Ok(url) = url.recv() else {
        return told;
    };
    told.is_started = true;
    loop {
        let Some((200, metrics)) = answer(&format!("{url}/metrics")) else {
            return told;
        };
        let of_events = |line: &str| {
            let rest = line.strip_prefix("opticsd_events_total{kind=\"")?;
            let (kind, number) = rest.split_once("\"} ")?;
            Some((kind.to_owned(), number.parse().ok()?))
        };
        told.counted = metrics.lines().filter_map(of_events).collect();
        let events = format!("{url}/api/v1/events?limit=100000&after={after}");
        let Some((200, events)) = answer(&events) else {
            return told;
        };
        let events: Vec<Value> = serde_json::from_str(&events).unwrap();
        for event in events {
            told.shown.insert(event["id"].as_u64().unwrap(), event);
        }
    }
}

/// The events among the lines of a log; a line that was cut off was not told.
fn logged(log: &Path) -> BTreeMap<(String, String, String), u64> {
    let text = fs::read(log).unwrap();
    let text = String::from_utf8_lossy(&text);
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut lines = BTreeMap::new();
    for line in whole.lines() {
        // `TIME LEVEL WORDS port="…" kind="…"`
        let event = line.rsplit_once(" kind=\"").and_then(|(head, kind)| {
            let (head, port) = head.rsplit_once(" port=\"")?;
            let what = head
                .trim_start()
                .split_once(' ')?
                .1
                .trim_start()
                .split_once(' ')?
                .1;
            let word = |text: &str| text.trim_end_matches('"').to_owned();
            Some((word(port), word(kind), what.to_owned()))
        });
        if let Some(event) = event {
            *lines.entry(event).or_default() += 1;
        }
    }
    lines
}

/// Starts a daemon, listens to it, kills it after a while; returns what it told.
fn live_and_die(state: &Path, scenario: &Path, log: &Path, after: u64, life: Duration) -> Told {
    let start = Instant::now();
    let mut child = Command::new(OPTICSD)
        .args(["demo", "--listen", "127.0.0.1:0", "--state"])
        .arg(state)
        .arg("--scenario")
        .arg(scenario)
        .env_remove("NOTIFY_SOCKET")
        .env_remove("RUST_LOG")
        .stdout(Stdio::piped())
        .stderr(File::create(log).unwrap())
        .spawn()
        .unwrap();
    let out = child.stdout.take().unwrap();
    let (address, addresses) = channel();
    // It has to end with the daemon, whose end of the pipe is closed then.
    let reader = std::thread::spawn(move || {
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).unwrap();
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        if let Some(url) = url {
            address.send(url.trim_end_matches('/').to_owned()).unwrap();
        }
    });
    let listener = std::thread::spawn(move || listen(&addresses, after));
    std::thread::sleep(life.saturating_sub(start.elapsed()));
    let ended = child.try_wait().unwrap();
    let said = fs::read_to_string(log).unwrap_or_default();
    assert!(ended.is_none(), "it ended by itself: {ended:?}\n{said}");
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    let mut told = listener.join().unwrap();
    told.logged = logged(log);
    told
}

/// The events in a state directory that are later than one.
fn stored(state: &Path, after: u64) -> Vec<Value> {
    let output = Command::new(OPTICSD)
        .args(["events", "--format", "json", "--limit", "100000", "--after"])
        .arg(after.to_string())
        .arg("--state")
        .arg(state)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if said.contains("has no history of opticsd") {
        return Vec::new();
    }
    assert_eq!(output.status.code(), Some(0), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Holds what was told against what is there; returns the number of the last.
fn compare(told: &Told, stored: &[Value], after: u64, round: u64) -> u64 {
    let text = |event: &Value, key: &str| event[key].as_str().unwrap_or_default().to_owned();
    let mut kinds = BTreeMap::<String, u64>::new();
    let mut words = BTreeMap::<(String, String, String), u64>::new();
    let mut last = after;
    for event in stored {
        let id = event["id"].as_u64().unwrap();
        assert_eq!(id, last + 1, "kill {round}: numbers have no gap");
        last = id;
        *kinds.entry(text(event, "kind")).or_default() += 1;
        let key = (
            text(event, "port"),
            text(event, "kind"),
            text(event, "what"),
        );
        *words.entry(key).or_default() += 1;
    }
    for (kind, counted) in &told.counted {
        let there = kinds.get(kind).copied().unwrap_or(0);
        assert!(
            there >= *counted,
            "kill {round}: {counted} {kind} counted, {there} there"
        );
    }
    for (id, shown) in &told.shown {
        let place = usize::try_from(id - after - 1).unwrap();
        assert_eq!(
            stored.get(place),
            Some(shown),
            "kill {round}: event {id} was shown"
        );
    }
    for (line, logged) in &told.logged {
        let there = words.get(line).copied().unwrap_or(0);
        assert!(
            there >= *logged,
            "kill {round}: {line:?} logged {logged}, {there} there"
        );
    }
    last
}

#[test]
fn nothing_that_was_told_is_lost_however_it_is_killed() {
    let kills = std::env::var("OPTICSD_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let scenario = folder.path().join("storm.toml");
    let log = folder.path().join("log");
    fs::write(&scenario, storm()).unwrap();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut last, mut started) = (0, 0);
    let (mut counted, mut shown, mut logged) = (0, 0, 0);
    for round in 0..kills {
        let life = Duration::from_micros(dice.below(LATEST));
        let told = live_and_die(&state, &scenario, &log, last, life);
        last = compare(&told, &stored(&state, last), last, round);
        started += u64::from(told.is_started);
        counted += told.counted.values().sum::<u64>();
        shown += told.shown.len();
        logged += told.logged.values().sum::<u64>();
        if (round + 1) % 100 == 0 {
            eprintln!("{} kills, {last} events", round + 1);
        }
    }
    println!(
        "{kills} kills, {started} after it served: {counted} events counted, {shown} shown, \
         {logged} logged, {last} there; none lost"
    );
    assert!(
        counted > 0 && shown > 0 && logged > 0,
        "the storm was heard"
    );

    // The last one lives, and goes on where the others ended.
    let demo = support::Demo::start(&["--state", state.to_str().unwrap()]);
    let (status, text) = demo.answer("/api/v1/events?limit=1");
    assert_eq!(status, 200);
    let events: Vec<Value> = serde_json::from_str(&text).unwrap();
    let newest = events.last().unwrap()["id"].as_u64().unwrap();
    assert!(newest >= last, "{newest} of {last}");
    let (_, metrics) = demo.answer("/metrics");
    assert!(metrics.contains("opticsd_store_up 1\n"), "it stores");
}
