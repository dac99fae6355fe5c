//! The commands from outside: help, exit status, and what errors say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the built program with arguments and waits for it.
fn opticsd(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_opticsd"))
        .args(arguments)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A file with this text in a folder of its own.
fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in [
        "demo", "run", "check", "show", "decode", "dump", "convert", "budget", "fabric", "discover",
    ] {
        let output = opticsd(&[command, "--help"]);
        assert_eq!(output.status.code(), Some(0), "{command}");
        let help = stdout(&output);
        assert!(help.contains("Example"), "{command}: {help}");
    }
    assert_eq!(opticsd(&["--version"]).status.code(), Some(0));
}

#[test]
fn an_unknown_command_is_refused() {
    let output = opticsd(&["decod"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("decode"), "{}", stderr(&output));
}

#[test]
fn a_missing_file_is_named() {
    let output = opticsd(&["decode", "/nonexistent/module.dump"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("/nonexistent/module.dump"));
    assert_eq!(stdout(&output), "");

    let output = opticsd(&["check", "--config", "/nonexistent/opticsd.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("/nonexistent/opticsd.toml"));
}

#[test]
fn a_wrong_dump_is_refused_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let dump = file(folder.path(), "wrong.dump", "page lower\n19 50 zz\n");
    let output = opticsd(&["decode", &dump]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains(&format!("{dump}:2: ")), "{said}");
}

/// A page of a dump: a heading and 128 bytes, of which the first are given.
fn page(heading: &str, first: &[u8]) -> String {
    let mut bytes = first.to_vec();
    bytes.resize(128, 0);
    let lines = bytes.chunks(16).map(|line| {
        let words: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        words.join(" ") + "\n"
    });
    format!("{heading}\n{}", lines.collect::<String>())
}

/// A paged CMIS module that says next to nothing.
fn plain_module() -> [String; 6] {
    [
        page("page lower", &[0x18, 0x50, 0x00, 0x06]),
        page("page 00", b"\x18ACME            "),
        page("page 01", &[0, 0, 1]),
        page("page 02", &[1]),
        page("page 10", &[0]),
        page("page 11", &[0x44, 0x44, 0x44, 0x44]),
    ]
}

#[test]
fn a_dump_without_a_page_that_every_module_has_is_decoded_and_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = file(folder.path(), "whole.dump", &plain_module().concat());
    assert_eq!(opticsd(&["decode", &whole]).status.code(), Some(0));
    for (left_out, heading) in [(1, "page 00"), (2, "page 01"), (5, "page 11")] {
        let mut pages = plain_module();
        pages[left_out].clear();
        let dump = file(folder.path(), "part.dump", &pages.concat());
        let output = opticsd(&["decode", "--format", "json", &dump]);
        assert_eq!(output.status.code(), Some(2), "{heading}");
        let said = stderr(&output);
        assert!(said.contains(&format!("{dump}:45: ")), "{said}");
        assert!(said.contains(&format!("`{heading}`")), "{said}");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["management"], "cmis");
    }
}

#[test]
fn a_module_reads_the_same_from_every_dump_format() {
    let folder = tempfile::tempdir().unwrap();
    let own = file(folder.path(), "own.dump", &plain_module().concat());
    let wanted = stdout(&opticsd(&["decode", "--format", "json", &own]));
    for format in ["own", "hexdump", "raw", "sfputil"] {
        let other = folder.path().join(format);
        let other = other.to_str().unwrap();
        let output = opticsd(&["convert", &own, "--to", format, "--lossy", "-o", other]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let output = opticsd(&["decode", "--format", "json", other]);
        let mut decoded: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut wanted: serde_json::Value = serde_json::from_str(&wanted).unwrap();
        // Formats that fill gaps, and formats that leave them, differ in these.
        for document in [&mut decoded, &mut wanted] {
            document.as_object_mut().unwrap().remove("problems");
        }
        assert_eq!(decoded, wanted, "{format}");
    }
}

#[test]
fn a_wrong_configuration_is_refused_with_all_its_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[port]]\nnme = \"Ethernet0\"\nsim = \"dsp-80g\"\n\n[[prt]]\n";
    let config = file(folder.path(), "opticsd.toml", text);
    let output = opticsd(&["check", "--config", &config]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains(&format!("{config}:2:1: ")), "{said}");
    let module = format!("{config}:3:7: no simulated module is called `dsp-80g`");
    assert!(
        said.contains(&module) && said.contains("`dsp-800g`"),
        "{said}"
    );
    assert!(said.lines().count() > 2, "{said}");
}

#[test]
fn a_right_configuration_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[port]]\nname = \"Ethernet0\"\nsim = \"dsp-800g\"\n";
    let config = file(folder.path(), "opticsd.toml", text);
    let output = opticsd(&["check", "--config", &config]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).contains(": 1 port with"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_daemon_that_is_not_there_is_named() {
    // Port 1 of this machine: nobody serves there.
    let output = opticsd(&["show", "--from", "http://127.0.0.1:1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("http://127.0.0.1:1"));
}

/// A server that answers anything with this, until the test ends.
fn answering(status: &str, body: &str) -> String {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        for stream in server.incoming() {
            let mut stream = stream.unwrap();
            let mut head = BufReader::new(stream.try_clone().unwrap()).lines();
            while head.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn what_answers_may_be_no_opticsd_and_steers_no_terminal() {
    let hostile = "<html>\x1b[2J\u{9b}2J</html>\nmore";
    for (status, body) in [
        ("200 OK", hostile),
        ("404 Not Found", hostile),
        ("500 Oh\u{9b}No", "{\"error\": \"\u{9b}2J\"}"),
        ("200 OK", "[{\"port\": 1}]"),
        ("200 OK", "[1]"),
    ] {
        let url = answering(status, body);
        for words in [&["show"][..], &["show", "a"], &["events"], &["captures"]] {
            let output = opticsd(&[words, &["--from", &url]].concat());
            let said = stderr(&output) + &stdout(&output);
            // The text of one port is whatever the daemon says, made harmless.
            let is_text = words.len() > 1 && status == "200 OK";
            assert!(is_text || said.contains(&url), "{words:?}: {said}");
            assert!(
                !said.chars().any(|c| c.is_control() && c != '\n'),
                "{words:?}: {said:?}"
            );
        }
        let output = opticsd(&["show", "--from", &url]);
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    }
}

#[test]
fn one_sweep_without_a_daemon_shows_the_module() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[port]]\nname = \"Ethernet0\"\nsim = \"dsp-800g\"\n";
    let config = file(folder.path(), "opticsd.toml", text);
    let arguments = ["show", "--config", &config, "--format", "json", "Ethernet0"];
    let output = opticsd(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["port"], "Ethernet0");
    assert_eq!(document["presence"], "active", "{document}");
    assert_eq!(document["class"]["name"], "dsp");
}

/// Two ports of one role each.
fn two_ports(folder: &Path) -> String {
    file(
        folder,
        "plan.toml",
        "[fabric]\nname = \"f\"\n[[assign]]\nports = \"Ethernet0\"\nrole = \"scale-out\"\n",
    );
    let port = |name: &str, sim: &str| format!("[[port]]\nname = \"{name}\"\nsim = \"{sim}\"\n");
    let text = port("Ethernet0", "lpo-800g") + &port("Ethernet1", "dsp-800g");
    file(
        folder,
        "opticsd.toml",
        &format!("plan = \"plan.toml\"\n{text}"),
    )
}

#[test]
fn the_table_is_the_worst_first_and_as_narrow_as_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let config = two_ports(folder.path());
    let shown = |words: &[&str], columns: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_opticsd"))
            .args(["show", "--config", &config])
            .args(words)
            .env("COLUMNS", columns)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    let first = |text: &str| {
        let lines = text.lines().skip(1);
        let words = lines.map(|line| line.split(' ').next().unwrap().to_owned());
        words.collect::<Vec<_>>()
    };
    // A linear module is nothing for scale-out.
    let table = shown(&[], "");
    assert_eq!(first(&table), ["Ethernet0", "Ethernet1"], "{table}");
    assert!(table.contains("class-denied"), "{table}");
    assert!(!table.contains('\x1b'), "no colours on a pipe");
    assert_eq!(first(&shown(&["--verdict", "ok"], "")), ["Ethernet1"]);
    assert_eq!(first(&shown(&["--role", "scale-out"], "")), ["Ethernet0"]);
    assert_eq!(
        first(&shown(&["--class=lpo,dsp", "--sort=temperature"], "")).len(),
        2
    );
    for line in shown(&[], "50").lines() {
        assert!(line.chars().count() <= 50, "{line}");
    }
    let json = shown(&["--class", "lpo", "--format", "json"], "");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 1);
    assert_eq!(json[0]["class"], "lpo");
    assert!(json[0]["temperature_celsius"].is_number());
}

#[test]
fn a_misspelt_port_or_filter_is_told_with_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    let config = two_ports(folder.path());
    for command in ["show", "dump"] {
        let output = opticsd(&[command, "Ethernt1", "--config", &config]);
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(said.contains("did you mean Ethernet1?"), "{said}");
    }
    let output = opticsd(&["show", "--verdict", "degradd"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("degraded"), "{}", stderr(&output));
    let output = opticsd(&["show", "Ethernet0", "--role", "scale-up"]);
    assert_eq!(output.status.code(), Some(2), "one port needs no filter");
}

/// A running daemon, killed if the test fails.
struct Daemon(std::process::Child);

impl Daemon {
    /// Sends it a signal.
    fn send(&self, signal: &str) {
        let id = self.0.id().to_string();
        let kill = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(kill.unwrap().success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_reload_with_a_mistake_keeps_the_old_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[port]]\nname = \"Ethernet0\"\nsim = \"dsp-800g\"\n";
    let config = file(folder.path(), "opticsd.toml", text);
    let child = Command::new(env!("CARGO_BIN_EXE_opticsd"))
        .args(["run", "--config", &config, "--listen", "127.0.0.1:0"])
        .env("RUST_LOG", "info")
        .env_remove("NOTIFY_SOCKET")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut daemon = Daemon(child);
    // The log says when each step is done.
    let log = BufReader::new(daemon.0.stderr.take().unwrap());
    let mut log = log.lines().map(Result::unwrap);
    let mut until = |words: &str| {
        let found = log.find(|line| line.contains(words));
        found.unwrap_or_else(|| panic!("the log ended before {words:?}"))
    };
    until("module inserted");

    fs::write(&config, "[[port]]\nnme = \"Ethernet0\"\n").unwrap();
    daemon.send("HUP");
    let mistake = until("opticsd.toml:2:1");
    assert!(mistake.contains("ERROR"), "{mistake}");
    until("configuration refused");

    let both = format!("{text}[[port]]\nname = \"Ethernet1\"\nsim = \"lpo-800g\"\n");
    fs::write(&config, both).unwrap();
    daemon.send("HUP");
    until("configuration reloaded, 2 ports");
    // The old port goes on undisturbed: only the new one sees an insertion.
    let inserted = until("module inserted");
    assert!(inserted.contains("Ethernet1"), "{inserted}");

    daemon.send("TERM");
    assert_eq!(daemon.0.wait().unwrap().code(), Some(0));
}

#[test]
fn a_live_module_is_dumped_and_read_back_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[[port]]\nname = \"a\"\nsim = \"sfp28\"\n";
    let config = file(folder.path(), "opticsd.toml", config);
    let dump = folder.path().join("a.dump");
    let dump = dump.to_str().unwrap();
    let output = opticsd(&["dump", "a", "--config", &config, "-o", dump]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("clears its latched flags"));
    let output = opticsd(&["decode", dump, "--page", "lower@a2"]);
    let text = stdout(&output);
    assert!(text.starts_with("page lower addr a2, sff-8472\n"), "{text}");
    assert!(text.contains("temperature high alarm"), "{text}");
    let output = opticsd(&["dump", "b", "--config", &config]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no port is called b"));
}

#[test]
fn discover_reads_a_copy_of_sysfs_and_prints_a_configuration() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let devices = root.join("bus/i2c/devices");
    fs::create_dir_all(&devices).unwrap();
    for place in ["devices/i2c-0", "devices/i2c-0/i2c-7"] {
        let place = root.join(place);
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("name"), "a bus\n").unwrap();
        symlink(&place, devices.join(place.file_name().unwrap())).unwrap();
    }
    let root = root.to_str().unwrap();
    let output = opticsd(&["discover", "--sys-root", root]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(
        text.contains("\n    /dev/i2c-7  a bus  not asked\n"),
        "{text}"
    );

    let output = opticsd(&["discover", "--sys-root", root, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(json["adapters"][1]["above"][0], 0);
    let output = opticsd(&["discover", "--sys-root", root, "--format", "toml"]);
    assert!(stdout(&output).contains("# i2c = \"/dev/i2c-7\""));
}
