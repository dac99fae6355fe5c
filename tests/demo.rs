//! The demo from outside: a whole daemon over simulated modules, by HTTP, and
//! the proof that it writes nothing but page selects.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

mod support;

use std::fs;
use std::process::Command;

use serde_json::Value;
use support::{Demo, OPTICSD};

/// The ports of a role that hold a module of a class.
fn of<'a>(ports: &'a [Value], role: &str, class: &str) -> Vec<&'a Value> {
    ports
        .iter()
        .filter(|port| port["role"] == role && port["class"] == class)
        .collect()
}

/// Whether a rule found something in the port.
fn has_finding(port: &Value, rule: &str) -> bool {
    let findings = port["findings"].as_array().unwrap();
    findings.iter().any(|f| f["rule"] == rule)
}

/// Whether one of the reasons for the verdict holds this text.
fn has_reason(port: &Value, text: &str) -> bool {
    let reasons = port["reasons"].as_array().unwrap();
    reasons.iter().any(|r| r.as_str().unwrap().contains(text))
}

#[test]
fn the_demo_knows_its_modules_and_writes_page_selects_only() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("writes");
    let demo = Demo::start(&["--speed", "20", "--write-log", log.to_str().unwrap()]);

    let ports = demo.settled_ports();
    assert_eq!(ports.len(), 64);

    let linear = of(&ports, "scale-up", "lpo");
    assert!(linear.iter().any(|port| port["verdict"] == "ok"));
    assert!(!linear.iter().any(|port| has_finding(port, "class-denied")));
    let retimed = of(&ports, "scale-up", "dsp");
    assert!(!retimed.is_empty());
    assert!(retimed.iter().all(|port| has_finding(port, "class-warned")));
    let at_home = of(&ports, "scale-out", "dsp");
    assert!(at_home.iter().any(|port| port["verdict"] == "ok"));
    assert!(!at_home.iter().any(|port| has_finding(port, "class-denied")));
    let abroad = of(&ports, "scale-out", "lpo");
    assert!(!abroad.is_empty());
    assert!(abroad.iter().all(|port| has_finding(port, "class-denied")));
    assert!(ports.iter().any(|port| has_finding(port, "missing")));
    assert!(ports.iter().any(|port| has_reason(port, "temperature")));
    let silent = ports.iter().find(|port| port["presence"] == "empty");
    let silent = silent.expect("a cage in which nobody answers");
    let trouble = silent["trouble"].to_string();
    assert!(trouble.contains("no answer"), "{silent}");

    let name = linear[0]["port"].as_str().unwrap();
    let (status, text) = demo.answer(&format!("/api/v1/ports/{name}"));
    let module: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200);
    assert_eq!(module["class"]["name"], "lpo");
    assert_eq!(module["management"], "cmis");

    let (status, page) = demo.answer("/");
    assert_eq!(status, 200);
    assert!(page.contains(name));
    assert_eq!(demo.answer(&format!("/ports/{name}")).0, 200);
    assert_eq!(demo.answer("/ports/none").0, 404);
    assert_eq!(demo.answer("/healthz"), (200, "ok\n".to_owned()));

    let (status, metrics) = demo.answer("/metrics");
    assert_eq!(status, 200);
    for series in [
        format!("opticsd_module_up{{port=\"{name}\"}} 1"),
        "opticsd_bus_transactions_total".to_owned(),
        "opticsd_module_info".to_owned(),
    ] {
        assert!(metrics.contains(&series), "{series}");
    }

    let shown = Command::new(OPTICSD)
        .args(["show", "--from", &demo.url, name])
        .output()
        .unwrap();
    assert_eq!(shown.status.code(), Some(0));
    assert!(String::from_utf8(shown.stdout).unwrap().contains(name));

    assert_eq!(demo.stop().code(), Some(0));
    let writes = fs::read_to_string(&log).unwrap();
    assert!(writes.lines().count() > 64, "pages were selected");
    for line in writes.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let first: usize = words[2].parse().unwrap();
        let bytes = words.len() - 3;
        let is_select = bytes >= 1 && first >= 126 && first + bytes <= 128;
        assert!(is_select, "not a page select: {line}");
    }
}

#[test]
fn a_port_that_is_taken_is_refused() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Command::new(OPTICSD)
        .args(["demo", "--listen", &address])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains(&address) && said.contains("--listen"),
        "{said}"
    );
}
