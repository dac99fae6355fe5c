//! A short fuzz without a fuzzer: what `fuzz/` starts from and what it found once,
//! then the same with bytes changed, through the same functions. `fuzz/run` looks
//! longer and cleverer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

#[path = "../fuzz/src/lib.rs"]
mod opticsd_fuzz;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use opticsd::class::Settings;
use opticsd::config::Config;
use opticsd::config::web::WebFile;
use opticsd::names::PortName;
use opticsd::plan::Plan;
use opticsd::sim::scenario::Scenario;
use opticsd_fuzz::{TARGETS, Target, seeds};

/// For how long each target is tried with changed bytes, unless
/// `OPTICSD_FUZZ_SECONDS` says.
const SECONDS: u64 = 1;
/// So often at least, however slow the machine is.
const LEAST: u64 = 20;
/// Where the numbers start, unless `OPTICSD_FUZZ_SEED` says.
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
/// The most files of a target.
const MOST_FILES: usize = 20;

/// A small generator of numbers (xorshift), for they must be the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() >> 11) as usize % end.max(1)
    }

    /// Any byte, the telling ones more often.
    fn byte(&mut self) -> u8 {
        match self.below(4) {
            0 => [0x00, 0xFF, 0x7F, 0x80][self.below(4)],
            1 => 1 << self.below(8),
            _ => self.roll().to_be_bytes()[3],
        }
    }

    /// Changes some bytes, and now and then cuts or repeats the end, or crosses over
    /// into another file.
    fn spoil(&mut self, bytes: &mut Vec<u8>, files: &[Vec<u8>]) {
        let most = 1 << self.below(8);
        let changes = 1 + self.below(most);
        for _ in 0..changes {
            let at = self.below(bytes.len());
            if let Some(slot) = bytes.get_mut(at) {
                *slot = self.byte();
            }
        }
        match self.below(10) {
            0 => bytes.truncate(self.below(bytes.len() + 1)),
            1 => {
                let from = self.below(bytes.len() + 1);
                bytes.extend_from_within(from..);
            }
            2 => bytes.iter_mut().for_each(|byte| *byte = self.byte()),
            3 | 4 => {
                bytes.truncate(self.below(bytes.len() + 1));
                let other = &files[self.below(files.len())];
                bytes.extend(&other[self.below(other.len() + 1)..]);
            }
            _ => {}
        }
    }
}

/// A number that the environment says.
fn number(name: &str, otherwise: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.map_or(otherwise, |said| said.parse().expect("a number"))
}

fn folder(kind: &str, target: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    root.join(kind).join(target)
}

/// The files of a folder, by name; none if it is not there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Runs a target; bytes that it breaks on are kept.
fn run(name: &str, target: Target, bytes: &[u8], what: &str) {
    if let Err(broken) = catch_unwind(AssertUnwindSafe(|| target(bytes))) {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("crash-{name}"));
        fs::write(&kept, bytes).unwrap();
        eprintln!("{name} breaks on {what}, kept as {}", kept.display());
        resume_unwind(broken);
    }
}

/// What was found stays mended, and nothing that looks like the seeds breaks.
fn target(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(n, _)| *n == name).unwrap();
    let known = files(&folder("corpus", name));
    assert!(
        !known.is_empty(),
        "no fuzz/corpus/{name}: see write_the_corpus"
    );
    let found = files(&folder("regressions", name));
    let mut contents = Vec::new();
    for file in known.iter().chain(&found) {
        let bytes = fs::read(file).unwrap();
        run(name, target, &bytes, &file.display().to_string());
        contents.push(bytes);
    }
    let mut dice = Dice(number("OPTICSD_FUZZ_SEED", SEED).max(1));
    let time = Duration::from_secs(number("OPTICSD_FUZZ_SECONDS", SECONDS));
    let (started, mut turns) = (Instant::now(), 0);
    while turns < LEAST || started.elapsed() < time {
        let mut bytes = contents[dice.below(contents.len())].clone();
        dice.spoil(&mut bytes, &contents);
        run(name, target, &bytes, &format!("turn {turns}"));
        turns += 1;
    }
    eprintln!("{name}: {} files, then {turns} changed", contents.len());
}

/// A test for each target, so that they run side by side.
macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            target(stringify!($name));
        })*

        #[test]
        fn every_target_has_a_test_and_a_program() {
            let tested = [$(stringify!($name)),*];
            let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml");
            let manifest = fs::read_to_string(manifest).unwrap();
            for (name, _) in TARGETS {
                assert!(tested.contains(&name), "{name} has no test here");
                assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} has no [[bin]]");
                let program = format!("../fuzz_targets/{name}.rs");
                assert!(folder("src", &program).exists(), "{program} is missing");
            }
            assert_eq!(tested.len(), TARGETS.len());
        }
    };
}

targets! {
    decode_page read_dump sweep health_step read_planner config plan class_settings
    web_config scenario netlink redis cuse http
}

/// The files are those of the seeds, and few and small. An example that was changed
/// since they were written may differ from its copy: it starts as well.
#[test]
fn the_corpus_is_of_the_seeds_and_small() {
    for (name, _) in TARGETS {
        let seeds = seeds::of(name);
        assert!((1..=MOST_FILES).contains(&seeds.len()), "{name}");
        let mut expected: Vec<_> = seeds
            .iter()
            .map(|(seed, _)| folder("corpus", name).join(seed))
            .collect();
        expected.sort();
        let kept = files(&folder("corpus", name));
        assert_eq!(kept, expected, "{name}: run write_the_corpus");
        let bytes: u64 = kept
            .iter()
            .map(|file| fs::metadata(file).unwrap().len())
            .sum();
        assert!(bytes <= seeds::MOST_BYTES, "{name}: {bytes} bytes");
    }
}

/// Seeds that are refused at once lead nowhere.
#[test]
fn the_seeds_are_understood() {
    let text = |target: &str, number: usize| {
        let (_, bytes) = seeds::of(target).swap_remove(number);
        String::from_utf8(bytes).unwrap()
    };
    let file = Path::new("/etc/opticsd/seed");
    for number in [0, 1, 3] {
        Config::parse(&text("config", number), file).unwrap();
    }
    for number in 0..seeds::of("plan").len() {
        Plan::parse(&text("plan", number), file).unwrap();
    }
    for number in 0..seeds::of("class_settings").len() {
        Settings::parse(&text("class_settings", number), file).unwrap();
    }
    for number in [0, 1] {
        WebFile::parse(&text("web_config", number), file).unwrap();
    }
    let ports: Vec<_> = (0..64)
        .map(|n| PortName::new(&format!("Ethernet{n}")).unwrap())
        .collect();
    for number in 0..seeds::of("scenario").len() {
        Scenario::parse(&text("scenario", number), file, &ports).unwrap();
    }
}

/// Writes what the fuzzer starts from.
#[test]
#[ignore = "writes fuzz/corpus; run it when seeds change"]
fn write_the_corpus() {
    for (name, _) in TARGETS {
        let corpus = folder("corpus", name);
        let _ = fs::remove_dir_all(&corpus);
        fs::create_dir_all(&corpus).unwrap();
        for (seed, bytes) in seeds::of(name) {
            fs::write(corpus.join(seed), bytes).unwrap();
        }
    }
}
