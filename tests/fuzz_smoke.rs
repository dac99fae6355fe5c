//! A short fuzz without a fuzzer: simulated modules with bytes changed, halves
//! lost and files cut, through all that is ever made of an image. Nothing may
//! panic or hang. `fuzz/` looks longer and cleverer.

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
use std::path::Path;
use std::time::Instant;

use opticsd::bus::dump;
use opticsd::sim::builders;
use opticsd_fuzz::{bytes_of, decoded, everything, image_of};

/// How many images and dumps are tried, unless `OPTICSD_FUZZ_ITERATIONS` says.
const ITERATIONS: u64 = 2_000;
/// Every how many images all is printed that can be made of them.
const PRINTED_EVERY: u64 = 16;
/// Where the numbers start, unless `OPTICSD_FUZZ_SEED` says.
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

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

    /// Changes some bytes, and now and then cuts or repeats the end.
    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        let most = 1 << self.below(8);
        let changes = 1 + self.below(most);
        for _ in 0..changes {
            let at = self.below(bytes.len());
            if let Some(slot) = bytes.get_mut(at) {
                *slot = self.byte();
            }
        }
        match self.below(8) {
            0 => bytes.truncate(self.below(bytes.len() + 1)),
            1 => {
                let from = self.below(bytes.len() + 1);
                bytes.extend_from_within(from..);
            }
            2 => bytes.iter_mut().for_each(|byte| *byte = self.byte()),
            _ => {}
        }
    }
}

/// A number that the environment says.
fn number(name: &str, otherwise: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.map_or(otherwise, |said| said.parse().expect("a number"))
}

#[test]
fn any_image_and_any_dump_can_be_decoded() {
    let modules: Vec<_> = builders::NAMES
        .iter()
        .map(|name| builders::by_name(name).unwrap().registers().image().clone())
        .collect();
    let mut dice = Dice(number("OPTICSD_FUZZ_SEED", SEED).max(1));
    let iterations = number("OPTICSD_FUZZ_ITERATIONS", ITERATIONS);
    let started = Instant::now();
    let (mut modules_found, mut slowest) = (0_u64, std::time::Duration::ZERO);
    for turn in 0..iterations {
        let start = Instant::now();
        let module = &modules[dice.below(modules.len())];
        let image = if turn % 4 == 0 {
            let format = dump::Format::ALL[dice.below(dump::Format::ALL.len())];
            let (fitting, _) = dump::fit(module, format);
            let mut text = dump::write_as(&fitting, format).unwrap();
            dice.spoil(&mut text);
            let Ok(found) = dump::read(&text, "spoilt") else {
                continue;
            };
            let again = dump::parse(&dump::write(&found.image), "again");
            assert_eq!(again.as_ref(), Ok(&found.image));
            found.image
        } else {
            let mut bytes = bytes_of(module);
            dice.spoil(&mut bytes);
            image_of(&bytes)
        };
        // Printing costs ten times what decoding does.
        modules_found += u64::from(match turn % PRINTED_EVERY {
            0 => everything(&image) > 0,
            _ => decoded(&image).is_some(),
        });
        slowest = slowest.max(start.elapsed());
    }
    let rate = iterations as f64 / started.elapsed().as_secs_f64();
    eprintln!(
        "{iterations} tried, {modules_found} modules, {rate:.0} a second, slowest {slowest:?}"
    );
    assert!(modules_found > iterations / 10, "hardly any was a module");
}

/// Writes what the fuzzer in `fuzz/` starts from: the registers of every
/// simulated module, as bytes and as dump files.
#[test]
#[ignore = "writes files; run it to prepare a run of cargo fuzz"]
fn write_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for target in ["decode_page", "read_dump"] {
        fs::create_dir_all(corpus.join(target)).unwrap();
    }
    for name in builders::NAMES {
        let module = builders::by_name(name).unwrap();
        let image = module.registers().image();
        fs::write(corpus.join("decode_page").join(name), bytes_of(image)).unwrap();
        fs::write(corpus.join("read_dump").join(name), dump::write(image)).unwrap();
    }
}
