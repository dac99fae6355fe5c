//! How often a healthy port raises an alarm, and how soon faults are found, at
//! several levels of noise: the daemon's own judgement on simulated time.
//!
//! Healthy ports are looked at every seven hours, so that every hour of the day
//! comes: what counts is how often values stray, and looks a second apart see the
//! same value. `OPTICSD_PORT_YEARS` and `OPTICSD_HOURS` change how much and how
//! often; hours that divide a day hide what day and night do.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where it cannot go on"
)]

#[path = "../tests/support/faults.rs"]
mod faults;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use faults::{CASES, DAY, PORTS, alarms, play, rehearsal};

/// Noise as multiples of what modules usually have.
const LEVELS: [f64; 4] = [0.5, 1.0, 1.5, 2.0];
const FAMILIES: [&str; 2] = ["dsp-800g", "lpo-800g"];

fn number(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(usual, |text| text.parse().expect("a whole number"))
}

fn main() {
    let years = number("OPTICSD_PORT_YEARS", 1000);
    let pace = Duration::from_secs(3600 * number("OPTICSD_HOURS", 7));
    println!("noise  family     port-years  false alarms  per port-year  looks/s  most frequent");
    for level in LEVELS {
        for family in FAMILIES {
            healthy(family, level, years / FAMILIES.len() as u64, pace);
        }
    }
    println!();
    println!(
        "{:<36} {:<16} found after, by noise {LEVELS:?}",
        "fault", "family"
    );
    for case in CASES {
        let found: Vec<String> = LEVELS
            .iter()
            .map(|level| match play(case, 11, *level).found_after {
                Some(after) => format!("{} s", after.as_secs()),
                None => "never".to_owned(),
            })
            .collect();
        println!("{:<36} {:<16} {}", case.name, case.family, found.join(", "));
    }
}

/// Watches healthy boxes for a year each.
fn healthy(family: &str, level: f64, years: u64, pace: Duration) {
    let began = Instant::now();
    let boxes = years.div_ceil(PORTS as u64);
    let (mut count, mut looks) = (0_u64, 0_u64);
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for seed in 0..boxes {
        let mut quiet = rehearsal(family, true, "", 100_000 + seed, level);
        let mut at = Duration::ZERO;
        while at < 365 * DAY {
            at += pace;
            looks += PORTS as u64;
            for (_, text) in alarms(&quiet.round(at)) {
                count += 1;
                let kind: String = text
                    .chars()
                    .filter(|c| !c.is_ascii_digit())
                    .take(60)
                    .collect();
                *kinds.entry(kind).or_default() += 1;
            }
        }
    }
    let most = kinds.iter().max_by_key(|(_, count)| **count);
    let most = most.map_or(String::new(), |(kind, count)| format!("{count} x {kind}"));
    println!(
        "{level:<6} {family:<10} {:<11} {count:<13} {:<14.4} {:<8.0} {most}",
        boxes * PORTS as u64,
        count as f64 / (boxes * PORTS as u64) as f64,
        looks as f64 / began.elapsed().as_secs_f64(),
    );
}
