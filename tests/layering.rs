//! The arrows of ARCHITECTURE.md, and the ceiling on file length, held against
//! the sources.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// No file is longer than this before its tests.
const CEILING: usize = 400;

/// Who may use whom. A folder may always use itself. `bus::address` stands for
/// that file alone, `bus` for the whole folder.
const ARROWS: &[(&str, &[&str])] = &[
    ("names", &[]),
    ("units", &[]),
    ("clock", &[]),
    ("tomlfile", &["names"]),
    ("bus", &["names", "clock"]),
    (
        "cmis",
        &[
            "names",
            "units",
            "bus::address",
            "bus::field",
            "bus::sheet",
            "bus::read_plan",
        ],
    ),
    (
        "sff",
        &[
            "names",
            "units",
            "bus::address",
            "bus::field",
            "bus::sheet",
            "bus::read_plan",
            "cmis::text",
            "cmis::sff8024",
        ],
    ),
    ("module", &["cmis", "sff", "units", "names", "bus"]),
    (
        "class",
        &[
            "module",
            "cmis",
            "sff",
            "units",
            "names",
            "tomlfile",
            "bus::address",
            "bus::sheet",
        ],
    ),
    (
        "plan",
        &[
            "module",
            "class",
            "cmis::sff8024",
            "units",
            "names",
            "tomlfile",
        ],
    ),
    (
        "health",
        &[
            "module",
            "class",
            "plan::finding",
            "plan::policy",
            "plan::watched",
            "units",
            "names",
        ],
    ),
    (
        "host",
        &[
            "health::host_fec",
            "bus::generic_netlink",
            "config",
            "clock",
        ],
    ),
    (
        "report",
        &[
            "health",
            "plan",
            "class",
            "module",
            "names",
            "units",
            "cmis::sff8024",
            "cmis::fields",
            "cmis::scale",
            "sff::sff8636",
            "sff::sff8472",
            "store::record",
            "bus::meter",
            "bus::address",
            "bus::dump",
            "bus::field",
            "bus::image",
            "bus::sheet",
        ],
    ),
    ("config", &["names", "units", "tomlfile"]),
    ("sim", &["names", "units", "clock", "bus", "tomlfile"]),
    ("store", &[]),
    ("daemon", &["*"]),
    ("cli", &["*"]),
];

/// Files that may do more than their folder, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    // The sweep is where bytes meet time: it stamps the snapshot.
    ("module/sweep.rs", "clock"),
    // It makes time pass for sweeps that nobody waits for.
    ("module/rehearsal.rs", "clock"),
    ("module/sweep/frozen.rs", "clock"),
    ("module/sweep/meeting.rs", "clock"),
];

/// All Rust files under `src` but those for tests only, with their path below it.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src can be listed") {
            let path: PathBuf = entry.expect("src can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let below = path.strip_prefix(&root).expect("it is below src");
                let text = fs::read_to_string(&path).expect("a source is text");
                files.push((below.to_string_lossy().into_owned(), text));
            }
        }
    }
    files.sort();
    let only_for_tests: Vec<String> = files
        .iter()
        .flat_map(|(path, text)| test_modules(path, text))
        .collect();
    let is_for_tests = |path: &str| {
        let below = |module: &String| {
            path.strip_prefix(module.as_str())
                .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        only_for_tests.iter().any(below)
    };
    files.retain(|(path, _)| !is_for_tests(path));
    files
}

/// The modules for tests only that a file declares: paths of a file without its
/// ending, or of a folder.
fn test_modules(path: &str, text: &str) -> Vec<String> {
    let folder = match path.strip_suffix("mod.rs") {
        Some(folder) => folder.to_owned(),
        None => format!("{}/", path.trim_end_matches(".rs")),
    };
    text.split("#[cfg(test)]\n")
        .skip(1)
        .filter_map(|rest| {
            let declaration = rest.lines().next()?;
            let name = declaration.split("mod ").nth(1)?.strip_suffix(';')?;
            Some(format!("{folder}{name}"))
        })
        .collect()
}

/// The part of a file before its tests.
fn before_tests(text: &str) -> &str {
    text.find("\n#[cfg(test)]\nmod ")
        .map_or(text, |end| &text[..end])
}

/// The folder, or the top-level file, that a path belongs to.
fn folder_of(path: &str) -> &str {
    path.split('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".rs")
}

/// The targets of `crate::a::b` paths in a text: `a::b`, or `a`.
fn used(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let line_start = text[..at].rfind('\n').map_or(0, |n| n + 1);
        if text[line_start..at].trim_start().starts_with("//") {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        let words: Vec<&str> = rest
            .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
            .next()
            .unwrap_or_default()
            .split("::")
            .collect();
        let first = words.first().copied().unwrap_or_default();
        match words.get(1).filter(|w| w.starts_with(char::is_lowercase)) {
            Some(second) => found.push(format!("{first}::{second}")),
            None => found.push(first.to_owned()),
        }
    }
    found
}

#[test]
fn arrows_point_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let folder = folder_of(&path);
        if folder == "lib" || folder == "main" {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == folder) else {
            wrong.push(format!("{path}: `{folder}` is not in the table of arrows"));
            continue;
        };
        for target in used(before_tests(&text)) {
            let top = target.split("::").next().unwrap_or_default();
            let fits = top == folder
                || allowed
                    .iter()
                    .any(|a| *a == "*" || *a == top || *a == target)
                || EXCEPTIONS
                    .iter()
                    .any(|(file, a)| *file == path && *a == top);
            if !fits {
                wrong.push(format!("{path} uses {target}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that are not in the table:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(path, text)| (before_tests(&text).lines().count(), path))
        .filter(|(lines, _)| *lines >= CEILING)
        .map(|(lines, path)| format!("{path}: {lines} lines before its tests"))
        .collect();
    assert!(
        long.is_empty(),
        "longer than {CEILING}:\n{}",
        long.join("\n")
    );
}

#[test]
fn every_folder_says_its_one_job() {
    for (path, text) in sources() {
        if path.ends_with("mod.rs") {
            assert!(
                text.starts_with("//! "),
                "{path} does not start with its job"
            );
        }
    }
}

#[test]
fn the_reader_of_arrows_sees_every_form() {
    assert_eq!(used("use crate::bus::address::Half;"), ["bus::address"]);
    assert_eq!(used("use crate::module::Snapshot;"), ["module"]);
    assert_eq!(used("x: crate::report::page::Page,"), ["report::page"]);
    assert_eq!(used("use crate::units::{Volts, Watts};"), ["units"]);
    assert!(used("// crate::daemon is not used").is_empty());
}
