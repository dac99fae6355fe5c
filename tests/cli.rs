//! The commands from outside: help, exit status, and what errors say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

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
    for command in ["demo", "run", "check", "show", "decode"] {
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

#[test]
fn a_wrong_configuration_is_refused_with_all_its_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[port]]\nnme = \"Ethernet0\"\nsim = \"dsp-800g\"\n\n[[prt]]\n";
    let config = file(folder.path(), "opticsd.toml", text);
    let output = opticsd(&["check", "--config", &config]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains(&format!("{config}:2:1: ")), "{said}");
    assert!(said.lines().count() > 1, "{said}");
}

#[test]
fn a_right_configuration_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[port]]\nname = \"Ethernet0\"\nsim = \"dsp-800g\"\n";
    let config = file(folder.path(), "opticsd.toml", text);
    let output = opticsd(&["check", "--config", &config]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("1 ports"), "{}", stdout(&output));
}

#[test]
fn a_daemon_that_is_not_there_is_named() {
    // Port 1 of this machine: nobody serves there.
    let output = opticsd(&["show", "--from", "http://127.0.0.1:1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("http://127.0.0.1:1"));
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
