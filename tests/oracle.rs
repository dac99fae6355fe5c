//! Recorded modules, decoded by the binary, against values that independent
//! decoders found in the same registers.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};

use support::{OPTICSD, has_tool, shared};

#[test]
fn decoded_modules_agree_with_independent_decoders() {
    let (Some(images), Some(oracle)) = (shared("images"), shared("oracle")) else {
        return;
    };
    if !has_tool("python3") {
        return;
    }
    let mut compared = 0;
    let mut failed = Vec::new();
    for entry in std::fs::read_dir(&images).expect("images can be listed") {
        let image = entry.expect("images can be listed").path();
        let decoded = Command::new(OPTICSD)
            .arg("decode")
            .arg(&image)
            .args(["--format", "json"])
            .output()
            .expect("the binary starts");
        let mut verdict = Command::new("python3")
            .arg(oracle.join("compare.py"))
            .arg("-")
            .arg(image.file_stem().expect("an image has a name"))
            .arg("--image")
            .arg(&image)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let mut stdin = verdict.stdin.take().expect("it is piped");
        stdin.write_all(&decoded.stdout).expect("python3 reads");
        drop(stdin);
        let verdict = verdict.wait_with_output().expect("python3 ends");
        compared += 1;
        if !verdict.status.success() {
            failed.push(format!(
                "{}\n{}{}",
                image.display(),
                String::from_utf8_lossy(&verdict.stdout),
                String::from_utf8_lossy(&verdict.stderr)
            ));
        }
    }
    assert!(compared > 0, "no image in {}", images.display());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
