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

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
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

/// The body of an HTTP answer with status 200.
pub fn get(url: &str) -> Option<String> {
    ureq::get(url).call().ok()?.body_mut().read_to_string().ok()
}

/// A demo that runs until it is dropped.
pub struct Demo {
    child: Child,
    /// Where it serves, `http://127.0.0.1:PORT`.
    pub url: String,
}

impl Demo {
    /// Starts `opticsd demo` on a free port of the loopback interface and waits
    /// until every port has been looked at.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(OPTICSD)
            .args(["demo", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let at = line.find("http://")?;
                let url = line[at..].split_whitespace().next()?;
                Some(url.trim_end_matches('/').to_owned())
            })
            .expect("it prints where it serves");
        let demo = Self { child, url };
        wait_for("every port to be read", || {
            let ports = demo.json("/api/v1/ports");
            let ports = ports.as_array()?;
            let read = ports
                .iter()
                .all(|p| p["presence"] != "unread" && p["presence"] != "settling");
            (!ports.is_empty() && read).then_some(())
        });
        demo
    }

    /// The body of a page.
    pub fn get(&self, path: &str) -> String {
        wait_for(path, || get(&format!("{}{path}", self.url)))
    }

    /// The JSON of a page.
    pub fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(&self.get(path)).expect("it is JSON")
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) -> std::process::ExitStatus {
        let stopped = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(stopped.expect("kill runs").success());
        self.child.wait().expect("it can be waited for")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
