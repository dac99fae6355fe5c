//! `opticsd dump --every` from outside: a recording that goes on over a restart.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on should end there and say where"
)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use support::{Demo, OPTICSD, wait_for};

/// A port of the demo whose module is well.
const PORT: &str = "Ethernet8";

/// `dump --every` into a file, and what it says meanwhile.
struct Recorder {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Recorder {
    fn start(url: &str, file: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(OPTICSD)
            .args(["dump", PORT, "--every", "0.1", "--from", url, "-o"])
            .arg(file)
            .args(more)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (sink, stderr) = (Arc::clone(&said), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                *sink.lock().unwrap() += &(line + "\n");
            }
        });
        Self { child, said }
    }

    fn says(&self, words: &str) {
        wait_for(words, || {
            self.said.lock().unwrap().contains(words).then_some(())
        });
    }

    /// Waits until it ends by itself.
    fn ends(&mut self) {
        let status = wait_for("the end of the recording", || {
            self.child.try_wait().unwrap()
        });
        assert_eq!(status.code(), Some(0), "{}", self.said.lock().unwrap());
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn replayed(file: &Path) -> Output {
    let mut command = Command::new(OPTICSD);
    command.arg("replay").arg(file).output().unwrap()
}

/// How many sweeps a file holds, as `replay` counts them.
fn sweeps(file: &Path) -> u64 {
    let output = replayed(file);
    let said = String::from_utf8(output.stdout).unwrap();
    let count = said
        .lines()
        .find_map(|line| line.strip_prefix(PORT)?.strip_prefix(": "));
    let count = count.and_then(|count| count.split_whitespace().next());
    count.map_or(0, |count| count.parse().unwrap())
}

#[test]
fn a_recording_goes_on_when_the_daemon_is_restarted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("port.rec");
    let demo = Demo::start(&[]);
    let address = demo.url.trim_start_matches("http://").to_owned();
    demo.settled_ports();
    let mut recorder = Recorder::start(&demo.url, &file, &["--count", "4"]);
    wait_for("a sweep in the file", || {
        fs::metadata(&file).ok().filter(|file| file.len() > 0)
    });
    demo.stop();
    recorder.says("cannot ask");
    let before = sweeps(&file);
    assert!((1..4).contains(&before), "{before} sweeps");
    let _demo = Demo::start_at(&address, &[]);
    recorder.says("going on");
    recorder.ends();
    assert_eq!(
        sweeps(&file),
        4,
        "each once, and no more than was asked for"
    );
}

#[test]
fn a_recording_ends_at_ctrl_c_with_whole_sweeps_and_begins_at_no_port_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("port.rec");
    let demo = Demo::start(&[]);
    demo.settled_ports();
    let mut recorder = Recorder::start(&demo.url, &file, &[]);
    wait_for("two sweeps in the file", || {
        (sweeps(&file) >= 2).then_some(())
    });
    let id = recorder.child.id().to_string();
    let kill = Command::new("kill").args(["-INT", &id]).status();
    assert!(kill.unwrap().success());
    recorder.ends();
    assert!(sweeps(&file) >= 2);

    let output = Command::new(OPTICSD)
        .args(["dump", "Ethernt8", "--every", "1", "--from", &demo.url])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("did you mean"), "{said}");
}
