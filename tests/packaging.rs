//! What packages take from the binary: completions and manual pages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use opticsd::daemon::answers::MOST_WAITING;
use opticsd::daemon::listener::MOST_CONNECTIONS;
use support::{OPTICSD, has_tool};

fn printed(words: &[&str]) -> String {
    let output = Command::new(OPTICSD).args(words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{words:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands as the help tells them.
fn commands() -> BTreeSet<String> {
    let help = printed(&["--help"]);
    let (commands, _) = help.split_once("\nOptions:").unwrap();
    let lines = commands.lines().filter_map(|line| line.strip_prefix("  "));
    let names = lines.filter(|line| !line.starts_with(' '));
    names
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect()
}

#[test]
fn completions_are_made_for_every_shell_and_bash_reads_them() {
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        assert!(
            printed(&["completions", shell]).contains("captures"),
            "{shell}"
        );
    }
    let script = printed(&["completions", "bash"]);
    if !has_tool("bash") {
        return;
    }
    let mut bash = Command::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    bash.stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let output = bash.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    // What the shell would offer.
    let ask = format!(
        "{script}\nCOMP_WORDS=(opticsd show --verdict d); COMP_CWORD=3; \
         _opticsd opticsd d --verdict; echo \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash").args(["-c", &ask]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "degraded");
}

#[test]
fn every_command_has_a_manual_page_that_renders() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("man1");
    printed(&["man", "--out", out.to_str().unwrap()]);
    let pages: BTreeSet<String> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let commands = commands();
    assert!(commands.len() > 15, "{commands:?}");
    for command in &commands {
        assert!(
            pages.contains(&format!("opticsd-{command}.1")),
            "{command}: {pages:?}"
        );
    }
    assert!(pages.contains("opticsd.1") && pages.contains("opticsd-captures-show.1"));
    let main = fs::read_to_string(out.join("opticsd.1")).unwrap();
    assert_eq!(main, printed(&["man"]));
    if !has_tool("groff") {
        return;
    }
    for page in &pages {
        let output = Command::new("groff")
            .args(["-man", "-Tutf8", "-ww"])
            .arg(out.join(page))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{page}: {said}");
        let text = String::from_utf8(output.stdout).unwrap();
        // Letters printed over themselves are bold.
        let text: Vec<char> = text.chars().collect();
        let text: String = text
            .iter()
            .enumerate()
            .filter(|(i, c)| **c != '\x08' && text.get(i + 1) != Some(&'\x08'))
            .map(|(_, c)| c)
            .collect();
        for word in ["SYNOPSIS", "OPTIONS", "opticsd"] {
            assert!(text.contains(word), "{page} lacks {word}:\n{text}");
        }
        let is_command = page.matches('-').count() < 2;
        assert!(!is_command || text.contains("Example"), "{page}:\n{text}");
    }
}

/// What the package takes from the repository, for nothing runs while it is built:
/// each file with what the binary makes of it.
fn shipped() -> Vec<(PathBuf, String)> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let folder = tempfile::tempdir().unwrap();
    printed(&["man", "--out", folder.path().to_str().unwrap()]);
    let pages = fs::read_dir(folder.path()).unwrap().map(|entry| {
        let page = entry.unwrap().path();
        let name = docs.join("man").join(page.file_name().unwrap());
        (name, fs::read_to_string(page).unwrap())
    });
    let completions = [
        ("bash", "opticsd.bash"),
        ("zsh", "_opticsd"),
        ("fish", "opticsd.fish"),
    ];
    let completions = completions.map(|(shell, name)| {
        let name = docs.join("completions").join(name);
        (name, printed(&["completions", shell]))
    });
    pages.chain(completions).collect()
}

#[test]
fn what_the_package_takes_is_what_the_binary_makes() {
    let shipped = shipped();
    let updates = std::env::var_os("UPDATE_GOLDEN").is_some();
    for (path, made) in &shipped {
        if updates {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, made).unwrap();
        }
        let stands = fs::read_to_string(path).unwrap_or_default();
        assert!(
            stands == *made,
            "{} is out of date; run UPDATE_GOLDEN=1 cargo test --test packaging",
            path.display()
        );
    }
    // And no page of a command that is gone.
    let there = fs::read_dir(shipped[0].0.parent().unwrap())
        .unwrap()
        .count();
    let pages = shipped
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|end| end == "1"));
    assert_eq!(there, pages.count());
}

#[test]
fn the_unit_has_room_for_512_ports_and_all_the_clients_of_its_sockets() {
    let systemd = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd");
    let unit = fs::read_to_string(systemd.join("opticsd.service")).unwrap();
    let socket = fs::read_to_string(systemd.join("opticsd.socket")).unwrap();
    let values = |text: &str, key: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let of_key = lines.filter(|(name, _)| *name == key);
        of_key.map(|(_, value)| value.to_owned()).collect()
    };
    let limit = |key: &str, unit_of: &str| -> u32 {
        let found = values(&unit, key);
        let [value] = found.as_slice() else {
            panic!("{key} is not there, or not once: {found:?}");
        };
        value.strip_suffix(unit_of).unwrap().parse().unwrap()
    };
    // What 512 ports took, by benches/growth: MiB, threads.
    let (ports, memory, threads) = (512, 76, 68);
    let clients = MOST_CONNECTIONS * u32::try_from(values(&socket, "ListenStream").len()).unwrap();
    assert!(clients >= 2 * MOST_CONNECTIONS, "{socket}");
    // What the kernel keeps for a client, and a small answer: 224 KiB on a unix socket.
    let taken = memory + (MOST_WAITING >> 20) + clients * 224 / 1024;
    assert!(limit("MemoryMax", "M") >= taken, "{taken} MiB");
    // A thread may have a command that takes a lock.
    assert!(limit("TasksMax", "") >= 2 * threads);
    // One listen of the configuration besides; and the store, sockets, journal, ….
    assert!(limit("LimitNOFILE", "") >= ports + clients + MOST_CONNECTIONS + 64);
}
