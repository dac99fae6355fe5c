//! `opticsd fabric` from outside: its forms and its exit status.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

use std::process::{Command, Output};

/// Runs the command with arguments in the folder of the shipped plans.
fn fabric(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_opticsd"))
        .arg("fabric")
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/config/plans"))
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_plan_without_contradictions_ends_well_in_every_form() {
    for (form, start) in [("text", "train-1:"), ("json", "{"), ("svg", "<svg ")] {
        let output = fabric(&["multi-plane-fabric.toml", "--format", form]);
        assert_eq!(output.status.code(), Some(0), "{form}");
        assert!(text(&output.stdout).starts_with(start), "{form}");
        assert!(output.stderr.is_empty(), "{form}");
    }
}

#[test]
fn a_contradiction_is_printed_and_found() {
    let endpoints = [
        "--sizing",
        "--radix",
        "512",
        "--tiers",
        "2",
        "--endpoints",
        "131073",
    ];
    let output = fabric(&endpoints);
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output.stdout);
    assert!(printed.contains("it takes three tiers"), "{printed}");
    let output = fabric(&[&endpoints[..], &["--format", "json"]].concat());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["contradictions"][0]["rule"], "too-few-tiers");
}

#[test]
fn numbers_can_be_tried_over_a_plan() {
    let plan = "multi-plane-fabric.toml";
    let output = fabric(&[
        plan,
        "--sizing",
        "--endpoints",
        "200000",
        "--format",
        "json",
    ]);
    assert_eq!(output.status.code(), Some(0));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    // The plan describes the links of two tiers; a third has the defaults.
    assert_eq!(document["tiers"], 3);
    assert_eq!(document["endpoints"], 200_000);
    assert_eq!(document["planes"].as_array().unwrap().len(), 4);
}

#[test]
fn what_cannot_be_sized_is_told() {
    let told = |arguments: &[&str], what: &str| {
        let output = fabric(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let printed = text(&output.stderr);
        assert!(printed.contains(what), "{arguments:?}: {printed}");
    };
    told(&[], "--sizing");
    told(&["no-such-plan.toml"], "no-such-plan.toml");
    told(&["--sizing", "--radix", "512"], "--tiers");
    told(&["gpu-host.toml"], "gpu-host.toml: [fabric] has no `radix`");
    told(&["--radix", "512", "demo.toml"], "--sizing");
    told(&["--sizing", "--radix", "1"], "--radix");
}
