//! Months of the whole daemon on simulated time, with somebody who wants it to fail.
//!
//! `cargo bench --bench soak` simulates thirty days of 64 ports; it takes some
//! minutes. `OPTICSD_SOAK_SEED` is another adversary, and the same one again with
//! what it said it was; `OPTICSD_SOAK_DAYS`, `OPTICSD_SOAK_PERIOD` (seconds from sweep
//! to sweep) and `OPTICSD_SOAK_PACE` (seconds from deed to deed) change how long and
//! how close; `OPTICSD_SOAK_PORT` names a port of which all is told. As a test it is
//! short. It ends with status 1 at the first thing that
//! must not be, and says what, when and with which seed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a soak fails by ending, and prints"
)]

mod account;
mod adversary;
mod chance;
mod flags;
mod history;
mod rack;
mod readers;
mod soak;
mod time;
mod truth;
mod watch;
mod wire;

use std::time::{Duration, Instant};

use account::{Counted, Invariant};
use opticsd::clock::Clock;
use soak::{Settings, Soak};

#[global_allocator]
static ALLOCATOR: Counted = Counted;

/// How much more memory may be in use late than early: what is kept for weeks by
/// design fills up slowly.
const GROWTH_SHARE: f64 = 0.05;
const GROWTH_BYTES: f64 = 2.0 * 1024.0 * 1024.0;

fn number(name: &str, usual: f64) -> f64 {
    let given = std::env::var(name).ok();
    given.map_or(usual, |text| text.parse().expect("a number"))
}

fn main() {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (days, period, pace) = if is_bench {
        (30.0, 120.0, 900.0)
    } else {
        (0.005, 20.0, 8.0)
    };
    let seed = std::env::var("OPTICSD_SOAK_SEED").ok();
    let settings = Settings {
        seed: seed.map_or(1, |text| text.parse().expect("a whole number")),
        length: Duration::from_secs_f64(number("OPTICSD_SOAK_DAYS", days) * 86_400.0),
        period: Duration::from_secs_f64(number("OPTICSD_SOAK_PERIOD", period)),
        pace: Duration::from_secs_f64(number("OPTICSD_SOAK_PACE", pace)),
    };
    let began = Instant::now();
    let mut soak = Soak::new(settings.clone());
    let mut next_word = Duration::from_secs(86_400);
    while soak.time.now() < settings.length && soak.account.violation().is_none() {
        soak.step();
        if is_bench && soak.time.now() >= next_word {
            next_word += Duration::from_secs(86_400);
            tell_day(&soak, began);
        }
    }
    judge_growth(&soak);
    tell(&soak, began);
    if soak.account.violation().is_some() {
        std::process::exit(1);
    }
}

fn days(time: Duration) -> f64 {
    time.as_secs_f64() / 86_400.0
}

fn tell_day(soak: &Soak, began: Instant) {
    println!(
        "day {:>5.1}  {:>9} steps  {:>8.2} MiB live  {:>6.0} s",
        days(soak.time.now()),
        soak.steps,
        mebibytes(account::live_bytes()),
        began.elapsed().as_secs_f64()
    );
}

fn mebibytes(bytes: i64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}

fn judge_growth(soak: &Soak) {
    let (early, late) = (soak.growth.early as f64, soak.growth.late as f64);
    if early > 0.0 && late > early * (1.0 + GROWTH_SHARE) + GROWTH_BYTES {
        let grew = mebibytes(soak.growth.late - soak.growth.early);
        let said = format!("memory grew by {grew:.2} MiB");
        soak.account
            .violated(Invariant::Memory, soak.time.now(), said);
    }
}

fn tell(soak: &Soak, began: Instant) {
    for heading in ["deeds", "events", "sweeps", "compared", "flags", "scrapes"] {
        let counts = soak.account.counts(heading);
        let all: u64 = counts.values().sum();
        println!("{heading} ({all}):");
        for (kind, count) in counts {
            println!("  {kind:<24} {count:>9}");
        }
    }
    println!("most series in a scrape: {}", soak.readers.most_series);
    println!("longest sweep: {:?}", soak.longest_sweep);
    println!(
        "memory in use: at most {:.2} MiB early, {:.2} MiB late",
        mebibytes(soak.growth.early),
        mebibytes(soak.growth.late)
    );
    println!(
        "soak: seed {}, {:.2} days simulated in {:.0} s, {} steps, trace {:016x}",
        soak.settings.seed,
        days(soak.time.now()),
        began.elapsed().as_secs_f64(),
        soak.steps,
        soak.account.hash()
    );
    match soak.account.violation() {
        None => println!("soak: no violation"),
        Some(violation) => println!(
            "soak: violated {} after {:?} (step {}): {}\nsoak: again with OPTICSD_SOAK_SEED={}",
            violation.of.name(),
            violation.at,
            soak.steps,
            violation.said,
            soak.settings.seed
        ),
    }
}
