//! What the black-box tests share: outside tools, recorded modules, a running
//! daemon.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod monitoring;
pub mod promql;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The binary under test.
pub const OPTICSD: &str = env!("CARGO_BIN_EXE_opticsd");

/// For how long a test waits for something that has no other sign.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Whether an outside tool is there. Where it is not, prints why the test is
/// skipped, and fails if `OPTICSD_REQUIRE_TOOLS` is set.
pub fn has_tool(name: &str) -> bool {
    let there = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()));
    if !there {
        assert!(
            std::env::var_os("OPTICSD_REQUIRE_TOOLS").is_none(),
            "`{name}` is not installed, and OPTICSD_REQUIRE_TOOLS is set"
        );
        eprintln!("skipped: `{name}` is not installed");
    }
    there
}

/// A folder of recorded material beside the project. Where it is absent, prints
/// why the test is skipped: it is not part of the project.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: {} is absent", path.display());
    None
}

/// Tries again until `attempt` gives something, or fails with what was awaited.
pub fn wait_for<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "waited {PATIENCE:?} in vain for {what}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Status and body of an HTTP answer; `None` if nobody answers.
pub fn answer(url: &str) -> Option<(u16, String)> {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(PATIENCE))
        .build();
    let mut response = config.new_agent().get(url).call().ok()?;
    let text = response.body_mut().read_to_string().ok()?;
    Some((response.status().as_u16(), text))
}

/// A demo that runs until it is dropped.
pub struct Demo {
    child: Child,
    /// Where it serves, `http://127.0.0.1:PORT`.
    pub url: String,
}

impl Demo {
    /// Starts `opticsd demo` on a free port of the loopback interface.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", arguments)
    }

    /// Starts `opticsd demo` on this address.
    pub fn start_at(address: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(OPTICSD)
            .args(["demo", "--listen", address])
            .args(arguments)
            .env_remove("NOTIFY_SOCKET")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped"))
            .read_line(&mut line)
            .expect("it prints where it serves");
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .unwrap_or_else(|| panic!("no address in {line:?}"))
            .trim_end_matches('/')
            .to_owned();
        assert!(!url.ends_with(":0"), "the real port is to be told: {url}");
        Self { child, url }
    }

    /// Status and body of a path.
    pub fn answer(&self, path: &str) -> (u16, String) {
        wait_for(path, || answer(&format!("{}{path}", self.url)))
    }

    /// All ports, once it is known what stands in each cage.
    pub fn settled_ports(&self) -> Vec<serde_json::Value> {
        wait_for("every port to be known", || {
            let ports: serde_json::Value =
                serde_json::from_str(&self.answer("/api/v1/ports").1).expect("it is JSON");
            let ports = ports.as_array()?.clone();
            let waiting = ["unread", "settling"];
            let known = |port: &serde_json::Value| {
                !waiting.contains(&port["presence"].as_str().unwrap_or_default())
            };
            (!ports.is_empty() && ports.iter().all(known)).then_some(ports)
        })
    }

    /// Ends it as a service manager would, and waits until it has ended.
    pub fn stop(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args(["-TERM", &id]).status();
        assert!(kill.expect("kill runs").success());
        wait_for("SIGTERM to end it", || {
            self.child.try_wait().expect("it can be waited for")
        })
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `opticsd run` that runs until it is dropped.
pub struct Daemon {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    /// Where it serves, `http://127.0.0.1:PORT`.
    pub url: String,
}

impl Daemon {
    /// Starts it with a configuration, on a free port of the loopback interface.
    pub fn run(config: &Path) -> Self {
        let mut command = Command::new(OPTICSD);
        command
            .args(["run", "--listen", "127.0.0.1:0", "--config"])
            .arg(config);
        Self::start(command)
    }

    /// Starts a command that runs the daemon and listens on TCP.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .env_remove("NOTIFY_SOCKET")
            .env("NO_COLOR", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let log = Arc::new(Mutex::new(String::new()));
        let (sink, stderr) = (Arc::clone(&log), child.stderr.take().expect("it is piped"));
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                *sink.lock().unwrap() += &format!("{line}\n");
            }
        });
        let mut daemon = Self {
            child,
            log,
            reader: Some(reader),
            url: String::new(),
        };
        daemon.url = wait_for("the address", || {
            let log = daemon.log();
            let line = log
                .lines()
                .find(|line| line.contains("listening"))?
                .to_owned();
            let (_, address) = line.rsplit_once("address=")?;
            Some(format!("http://{}", address.split_whitespace().next()?))
        });
        daemon
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Status and body of a path.
    pub fn answer(&self, path: &str) -> (u16, String) {
        wait_for(path, || answer(&format!("{}{path}", self.url)))
    }

    /// Sends it a signal, such as `-HUP`.
    pub fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args([signal, &id]).status();
        assert!(kill.expect("kill runs").success());
    }

    /// Ends it as a service manager would; returns all that it logged.
    pub fn stop(mut self) -> String {
        self.signal("-TERM");
        wait_for("SIGTERM to end it", || {
            self.child.try_wait().expect("it can be waited for")
        });
        let reader = self.reader.take().expect("it is joined once");
        reader.join().expect("the log ends with the process");
        self.log()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
