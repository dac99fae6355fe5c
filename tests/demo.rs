//! The demo from outside: a whole daemon over simulated modules, by HTTP, and
//! the proof that it writes nothing but page selects.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long the demo may take for anything before the test gives up.
const LIMIT: Duration = Duration::from_secs(60);

/// How often a condition is looked at while it is waited for.
const STEP: Duration = Duration::from_millis(50);

/// A running demo, killed if the test fails.
struct Demo {
    child: Child,
    url: String,
}

impl Demo {
    /// Starts a demo on a free port and reads its address.
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_opticsd"))
            .args(["demo", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env_remove("NOTIFY_SOCKET")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http"));
        let url = url.unwrap_or_else(|| panic!("no URL in {line:?}"));
        assert!(!url.contains(":0/"), "the real port is to be told: {url}");
        Self {
            url: url.trim_end_matches('/').to_owned(),
            child,
        }
    }

    /// Status and text of a path.
    fn get(&self, path: &str) -> (u16, String) {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(LIMIT))
            .build();
        let url = format!("{}{path}", self.url);
        let mut response = config.new_agent().get(&url).call().unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), text)
    }

    /// All ports, once every one was looked at and no module settles.
    fn settled_ports(&self) -> Vec<Value> {
        let start = Instant::now();
        loop {
            let (_, text) = self.get("/api/v1/ports");
            let ports: Vec<Value> = serde_json::from_str(&text).unwrap();
            let is_waiting =
                |port: &Value| port["presence"] == "unread" || port["presence"] == "settling";
            if !ports.is_empty() && !ports.iter().any(is_waiting) {
                return ports;
            }
            assert!(start.elapsed() < LIMIT, "not settled: {text}");
            std::thread::sleep(STEP);
        }
    }

    /// Ends the demo as a service manager would.
    fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(kill.success());
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < LIMIT, "SIGTERM does not end it");
            std::thread::sleep(STEP);
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The ports of a role that hold a module of a class.
fn of<'a>(ports: &'a [Value], role: &str, class: &str) -> Vec<&'a Value> {
    ports
        .iter()
        .filter(|port| port["role"] == role && port["class"] == class)
        .collect()
}

/// Whether the plan says that the class does not belong in the port.
fn is_class_denied(port: &Value) -> bool {
    let findings = port["findings"].as_array().unwrap();
    findings.iter().any(|f| f["rule"] == "class-denied")
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
    assert!(!linear.iter().any(|port| is_class_denied(port)));
    let retimed = of(&ports, "scale-up", "dsp");
    assert!(!retimed.is_empty());
    assert!(retimed.iter().all(|port| is_class_denied(port)));
    let at_home = of(&ports, "scale-out", "dsp");
    assert!(at_home.iter().any(|port| port["verdict"] == "ok"));
    assert!(!at_home.iter().any(|port| is_class_denied(port)));
    assert!(ports.iter().any(|port| port["verdict"] == "bad"));
    let silent = ports.iter().find(|port| port["presence"] == "empty");
    let silent = silent.expect("a cage in which nobody answers");
    let trouble = silent["trouble"].to_string();
    assert!(trouble.contains("no answer"), "{silent}");

    let name = linear[0]["name"].as_str().unwrap();
    let (status, text) = demo.get(&format!("/api/v1/ports/{name}"));
    let module: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200);
    assert_eq!(module["class"]["name"], "lpo");
    assert_eq!(module["management"], "cmis");

    let (status, page) = demo.get("/");
    assert_eq!(status, 200);
    assert!(page.contains(name));
    assert_eq!(demo.get(&format!("/ports/{name}")).0, 200);
    assert_eq!(demo.get("/ports/none").0, 404);
    assert_eq!(demo.get("/healthz"), (200, "ok\n".to_owned()));

    let (status, metrics) = demo.get("/metrics");
    assert_eq!(status, 200);
    for series in [
        format!("opticsd_module_up{{port=\"{name}\"}} 1"),
        "opticsd_bus_transactions_total".to_owned(),
        "opticsd_module_info".to_owned(),
    ] {
        assert!(metrics.contains(&series), "{series}");
    }

    let shown = Command::new(env!("CARGO_BIN_EXE_opticsd"))
        .args(["show", "--from", &demo.url, name])
        .output()
        .unwrap();
    assert_eq!(shown.status.code(), Some(0));
    assert!(String::from_utf8(shown.stdout).unwrap().contains(name));

    assert_eq!(demo.terminate().code(), Some(0));
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
    let output = Command::new(env!("CARGO_BIN_EXE_opticsd"))
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
