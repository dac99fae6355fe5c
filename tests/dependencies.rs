//! The dependencies: each has its reason, and what the program is linked of is listed
//! with its licences, for whoever has to answer for what is installed.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// What the program is built for.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

const ABOUT: &str = "\
What the program is linked of besides its own code: crates of crates.io with version, licence
and repository. `sbom.cdx.json` is the same for machines, with checksums (CycloneDX 1.5).
Both are made of Cargo.lock and of the crates: UPDATE_GOLDEN=1 cargo test --test dependencies

Also linked: SQLite, which libsqlite3-sys brings along and which is in the public domain; the
standard library of Rust (MIT OR Apache-2.0); and in a static build the GNU C library
(LGPL-2.1-or-later).

";

const TEXTS: &str = "
A crate that may be used under Apache-2.0 is; the text of that licence is LICENSE-APACHE. The
texts of all others follow, and of what crates took from elsewhere.
";

/// A crate that is a part of the program.
struct Part {
    name: String,
    version: String,
    /// In the words of SPDX.
    licence: String,
    repository: String,
    /// SHA-256 of what was downloaded.
    checksum: String,
    folder: PathBuf,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cargo(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(words)
        .current_dir(root())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {words:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Names and versions of the crates that are linked: no tests, and nothing that only
/// runs while the program is built.
fn linked(target: &str) -> BTreeSet<(String, String)> {
    let tree = cargo(&[
        "tree",
        "--locked",
        "--edges=normal,no-proc-macro",
        "--prefix=none",
        "--format={p}",
        "--target",
        target,
    ]);
    let crates = tree.lines().map(|line| {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let version = words.next().unwrap().strip_prefix('v').unwrap();
        (name.to_owned(), version.to_owned())
    });
    crates
        .filter(|(name, _)| name != env!("CARGO_PKG_NAME"))
        .collect()
}

/// What there is to know of each part, by name and version.
fn parts() -> Vec<Part> {
    let linked: BTreeSet<_> = TARGETS.into_iter().flat_map(linked).collect();
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let lock: toml::Value = toml::from_str(&lock).unwrap();
    let locked = lock["package"].as_array().unwrap();
    let checksum = |name: &str, version: &str| {
        let of = |key: &str, one: &toml::Value| one[key].as_str().unwrap().to_owned();
        let one = locked
            .iter()
            .find(|one| of("name", one) == name && of("version", one) == version);
        of("checksum", one.unwrap())
    };
    let metadata = cargo(&["metadata", "--locked", "--format-version=1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let mut parts = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let of = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        let (name, version) = (of("name"), of("version"));
        if !linked.contains(&(name.clone(), version.clone())) {
            continue;
        }
        assert_eq!(of("source"), CRATES_IO, "{name}");
        // An older way to say it.
        let licence: Vec<_> = package["license"]
            .as_str()
            .unwrap()
            .split('/')
            .map(str::trim)
            .collect();
        let manifest = of("manifest_path");
        parts.push(Part {
            licence: licence.join(" OR "),
            repository: of("repository"),
            checksum: checksum(&name, &version),
            folder: Path::new(&manifest).parent().unwrap().to_owned(),
            name,
            version,
        });
    }
    parts.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    assert_eq!(parts.len(), linked.len());
    parts
}

/// The files below a folder that say what a licence demands to be handed on.
fn licence_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap()).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_str().unwrap().to_lowercase();
        let is_code = [".rs", ".yml", ".toml", ".json"]
            .iter()
            .any(|end| name.ends_with(end));
        let is_licence = ["licen", "copying", "notice", "unlicense"]
            .iter()
            .any(|start| name.starts_with(start));
        if path.is_dir() && !name.starts_with('.') {
            found.extend(licence_files(&path));
        } else if path.is_file() && is_licence && !is_code {
            found.push(path);
        }
    }
    found
}

/// The texts that go with a part.
fn texts(part: &Part) -> Vec<(PathBuf, String)> {
    let mut choices = part.licence.split(" OR ");
    let is_apache = choices.any(|choice| choice == "Apache-2.0");
    let mut texts = Vec::new();
    for file in licence_files(&part.folder) {
        let short = file.strip_prefix(&part.folder).unwrap().to_owned();
        let name = short.to_str().unwrap().to_lowercase();
        let is_alternative =
            name.contains("apache") || !name.contains('/') && !name.contains("notice");
        if is_apache && is_alternative {
            continue;
        }
        let text = fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        texts.push((short, lines.join("\n").trim_matches('\n').to_owned()));
    }
    assert!(
        is_apache || !texts.is_empty(),
        "{} is under {} and has no text of it",
        part.name,
        part.licence
    );
    texts
}

/// The list for people, with texts.
fn licences(parts: &[Part]) -> String {
    let mut list = ABOUT.to_owned();
    for part in parts {
        let Part { name, version, .. } = part;
        let (licence, repository) = (&part.licence, &part.repository);
        let line = format!("{name:<24} {version:<14} {licence:<34} {repository}");
        writeln!(list, "{}", line.trim_end()).unwrap();
    }
    list.push_str(TEXTS);
    // Many differ in nothing, or in where their lines end.
    let mut whose: BTreeMap<String, (Vec<String>, String)> = BTreeMap::new();
    for part in parts {
        for (file, text) in texts(part) {
            let words: Vec<_> = text.split_whitespace().collect();
            let place = format!("{} {}: {}", part.name, part.version, file.display());
            let of = whose.entry(words.join(" ")).or_insert((Vec::new(), text));
            of.0.push(place);
        }
    }
    let mut whose: Vec<_> = whose.into_values().collect();
    whose.sort();
    for (places, text) in whose {
        let places = places.join("\n");
        write!(list, "\n{}\n{places}\n\n{text}\n", "=".repeat(72)).unwrap();
    }
    list
}

/// The list for machines. <https://cyclonedx.org/docs/1.5/json/>
fn bill_of_materials(parts: &[Part]) -> String {
    let components = parts.iter().map(|part| {
        let address = format!("pkg:cargo/{}@{}", part.name, part.version);
        let mut component = json!({
            "type": "library",
            "bom-ref": address,
            "name": part.name,
            "version": part.version,
            "purl": address,
            "licenses": [{ "expression": part.licence }],
            "hashes": [{ "alg": "SHA-256", "content": part.checksum }],
        });
        if !part.repository.is_empty() {
            component["externalReferences"] = json!([{ "type": "vcs", "url": part.repository }]);
        }
        component
    });
    let sqlite = format!("pkg:generic/sqlite@{}", rusqlite::version());
    let sqlite = json!({
        "type": "library",
        "bom-ref": sqlite,
        "name": "sqlite",
        "version": rusqlite::version(),
        "purl": sqlite,
        "licenses": [{ "license": { "id": "blessing" } }],
    });
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application",
            "bom-ref": name,
            "name": name,
            "version": version,
            "licenses": [{ "expression": env!("CARGO_PKG_LICENSE") }],
        } },
        "components": components.chain([sqlite]).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Value = toml::from_str(&manifest).unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap();
    let dependencies: BTreeSet<_> = dependencies.keys().map(String::as_str).collect();
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, table) = text.split_once("## Dependencies").unwrap();
    let mut explained = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let mut cells = row.trim_matches('|').split(" | ");
        let (crates, why) = (cells.next().unwrap(), cells.next().unwrap());
        assert!(!why.trim().is_empty(), "{row}");
        for name in crates.split(',') {
            // What stands in brackets is a feature.
            let name = name.split('(').next().unwrap().trim();
            assert!(explained.insert(name), "{name} is there twice");
        }
    }
    assert_eq!(explained, dependencies);
}

#[test]
fn what_is_linked_is_listed_with_its_licences() {
    let parts = parts();
    assert!(parts.len() > 100, "only {} crates", parts.len());
    for (name, made) in [
        ("licences.txt", licences(&parts)),
        ("sbom.cdx.json", bill_of_materials(&parts)),
    ] {
        let path = root().join("docs").join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &made).unwrap();
        }
        let stands = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            stands == made,
            "{} is out of date; run UPDATE_GOLDEN=1 cargo test --test dependencies",
            path.display()
        );
    }
}
