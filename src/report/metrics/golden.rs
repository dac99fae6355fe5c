//! The scrape that everything outside this folder is held against, and the table
//! of docs/metrics.md: `UPDATE_GOLDEN=1 cargo test --lib metrics::golden` rewrites
//! both.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Exporter, Spec, families};
use crate::module::Presence;
use crate::names::Profile;
use crate::report::sample;

/// A scrape with every family in it.
const SCRAPE: &str = "tests/golden/metrics.prom";
/// The documentation, and what stands around the table in it.
const DOCUMENT: &str = "docs/metrics.md";
const BEGIN: &str = "<!-- families: begin -->\n";
const END: &str = "<!-- families: end -->";

/// A fleet that has every family, in one profile.
fn scrape(profile: Profile) -> String {
    let mut empty = sample::view();
    empty.presence = Presence::Empty;
    let mut rare = sample::counted();
    rare.findings.push(sample::finding());
    let views = [sample::view(), empty, rare].into_iter().enumerate();
    let slots = views.map(|(index, view)| sample::slot(&format!("Ethernet{index}"), view));
    let fleet = sample::fleet(slots.collect());
    fleet.profile.store(std::sync::Arc::new(profile));
    let text = Exporter::new(fleet).unwrap().render().unwrap();
    // What the process needs differs from run to run.
    let of_process = |line: &&str| line.starts_with("process_");
    let lines = text.lines().filter(|line| !of_process(line));
    let text = lines.fold(String::new(), |text, line| text + line + "\n");
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

/// The labels that the series of each family have.
fn labels(scrape: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in scrape.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let inside = line.split_once('{').map_or("", |(_, rest)| rest);
        let of_family = found.entry(name).or_default();
        // Each `name="` begins a label; no value of the sample has one inside.
        let pieces = inside.split("=\"").collect::<Vec<_>>();
        let before = pieces.iter().take(pieces.len().saturating_sub(1));
        of_family.extend(before.map(|piece| piece.rsplit(['"', ',']).next().unwrap()));
    }
    found
}

fn table(scrape: &str) -> String {
    let labels = labels(scrape);
    let mut table =
        "| name | type | labels | from profile | help |\n|---|---|---|---|---|\n".to_owned();
    for Spec {
        name,
        counter,
        help,
        profile,
    } in families()
    {
        let kind = if *counter { "counter" } else { "gauge" };
        let own = labels.get(name).into_iter().flatten();
        let own: Vec<_> = own.map(|label| format!("`{label}`")).collect();
        let (labels, profile) = (own.join(", "), profile.name());
        writeln!(
            table,
            "| `{name}` | {kind} | {labels} | {profile} | {help} |"
        )
        .unwrap();
    }
    table
}

/// Compares a file of the project with what it should be, or rewrites it.
fn hold(path: &str, wanted: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, wanted).unwrap();
    }
    let is = fs::read_to_string(&path).unwrap_or_default();
    let differing = is
        .lines()
        .zip(wanted.lines())
        .find(|(is, wanted)| is != wanted);
    assert!(
        is == wanted,
        "{} differs, first in {differing:?} (it has, it should have); \
         UPDATE_GOLDEN=1 cargo test --lib metrics::golden rewrites it",
        path.display()
    );
}

#[test]
fn the_golden_scrape_is_what_a_scrape_is() {
    hold(SCRAPE, &scrape(Profile::Full));
}

#[test]
fn the_documentation_has_every_family() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    let document = fs::read_to_string(path).unwrap();
    let (before, rest) = document.split_once(BEGIN).expect("the table has its place");
    let (_, after) = rest.split_once(END).expect("the table has its end");
    let table = table(&scrape(Profile::Full));
    hold(DOCUMENT, &format!("{before}{BEGIN}{table}{END}{after}"));
}

#[test]
fn each_profile_has_its_families_and_those_of_the_smaller_ones() {
    for profile in Profile::ALL {
        let text = scrape(profile);
        let found: BTreeSet<&str> = labels(&text).into_keys().collect();
        let wanted = families().filter(|spec| spec.profile <= profile);
        assert_eq!(found, wanted.map(|spec| spec.name).collect(), "{profile:?}");
    }
}
