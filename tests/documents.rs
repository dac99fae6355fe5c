//! The documents: what they link to and the files that they name are there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Folders of the project: a path that begins with one of them is a file of it.
const FOLDERS: [&str; 9] = [
    "src", "tests", "hil", "config", "systemd", "docs", "benches", "fuzz", ".ci",
];

/// Folders that come into being when something is found.
const MADE: [&str; 2] = ["fuzz/artifacts", "fuzz/regressions"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let inside = |folder: &str| {
        let files = fs::read_dir(root().join(folder)).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|end| end == "md"))
    };
    let mut found: Vec<PathBuf> = ["", "docs", "hil"].into_iter().flat_map(inside).collect();
    found.sort();
    assert!(found.len() >= 8, "{found:?}");
    found
}

/// What stands between an opening and a closing mark, on one line.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.lines().flat_map(move |line| {
        line.split(open)
            .skip(1)
            .filter_map(move |rest| rest.split(close).next())
    })
}

/// The anchors that headings of a document have, as forges make them.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let (mut followed, mut broken) = (0, Vec::new());
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in between(&text, "](", ')').filter(|link| !link.contains("://")) {
            followed += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            let leads = match (target.exists(), anchor) {
                (there, "") => there,
                (false, _) => false,
                (true, anchor) => {
                    anchors(&fs::read_to_string(&target).unwrap()).contains(&anchor.to_owned())
                }
            };
            if !leads {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
    assert!(followed > 10, "only {followed} links");
}

#[test]
fn files_that_are_named_are_there() {
    let (mut named, mut missing) = (0, Vec::new());
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for word in between(&text, "`", '`') {
            let path = word.split(' ').next().unwrap_or_default();
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
            let is_file = path
                .split_once('/')
                .is_some_and(|(folder, _)| FOLDERS.contains(&folder));
            let is_made = MADE.iter().any(|folder| path.starts_with(folder));
            if is_file && !is_made && path.chars().all(is_plain) {
                named += 1;
                if !root().join(path).exists() {
                    missing.push(format!("{}: {path}", document.display()));
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert!(named > 40, "only {named} files are named");
}
