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

use support::{Daemon, Demo, OPTICSD, wait_for};

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
fn a_recording_waits_for_what_is_taken_away_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (config, file) = (folder.path().join("a.toml"), folder.path().join("port.rec"));
    let other = "period = 0.1\n[[port]]\nname = 'e0'\nsim = 'sfp28'\n";
    let both = format!("{other}[[port]]\nname = '{PORT}'\nsim = 'qsfp28'\n");
    fs::write(&config, &both).unwrap();
    let daemon = Daemon::run(&config);
    wait_for("the first sweep", || {
        (daemon.answer(&format!("/api/v1/ports/{PORT}/dump")).0 == 200).then_some(())
    });
    let mut recorder = Recorder::start(&daemon.url, &file, &[]);
    wait_for("two sweeps in the file", || {
        (sweeps(&file) >= 2).then_some(())
    });
    fs::write(&config, other).unwrap();
    daemon.signal("-HUP");
    recorder.says(&format!("no port is called {PORT}"));
    let before = sweeps(&file);
    fs::write(&config, &both).unwrap();
    daemon.signal("-HUP");
    recorder.says("going on");
    wait_for("further sweeps in the file", || {
        (sweeps(&file) >= before + 2).then_some(())
    });
    let said = recorder.said.lock().unwrap().clone();
    assert_eq!(
        said.matches("no port is called").count(),
        1,
        "told once: {said}"
    );
    assert!(recorder.child.try_wait().unwrap().is_none());
}

#[test]
fn a_recording_ends_with_its_pipe() {
    let demo = Demo::start(&[]);
    demo.settled_ports();
    let mut child = Command::new(OPTICSD)
        .args(["dump", PORT, "--every", "0.1", "--from", &demo.url])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with('#'));
    drop(lines);
    let status = wait_for("the end of the recording", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
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
