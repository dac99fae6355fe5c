//! How long it takes to read a plan and to hold a fleet against it, at a
//! thousand, ten thousand and a hundred thousand ports.
//!
//! `cargo bench --bench plan` prints a line for each size. What matters is the
//! last column: the time for each port beside that at the size before, which
//! stays near 1 as long as nothing is quadratic.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot go on should end there"
)]

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opticsd::bus::paging::Paged;
use opticsd::class::{self, Classification, Settings};
use opticsd::clock::ManualClock;
use opticsd::module::sweep::Session;
use opticsd::module::{Presence, Reading, Snapshot};
use opticsd::plan::Plan;
use opticsd::plan::check::check;
use opticsd::plan::date::Date;
use opticsd::plan::fleet::{FleetPort, check_fleet, check_plan};
use opticsd::sim::builders;
use opticsd::sim::cage::Cage;
use opticsd::sim::wire::BusRate;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// Ports of one leaf; a quarter of them on each plane.
const LEAF: usize = 64;
/// Different modules; ports beyond that share theirs.
const MODULES: usize = 1_000;

/// A plan of leaves whose NICs have one port on each of four planes.
fn plan_text(ports: usize) -> String {
    let mut text = String::from("[fabric]\nname = 'bench'\nplanes = 4\n");
    for leaf in 0..ports.div_ceil(LEAF) {
        for plane in 0..4 {
            let (first, last) = (plane * LEAF / 4, (plane + 1) * LEAF / 4 - 1);
            let nics = LEAF / 4 - 1;
            write!(
                text,
                "[[assign]]\nports = 'leaf{leaf}:e{{{first}..{last}}}'\nrole = 'scale-out'\n\
                 plane = {}\nplane_set = 'leaf{leaf}nic{{0..{nics}}}'\napplication = '400G'\n\
                 part_numbers = ['SIM-*']\nlength_meters = 300\n",
                plane + 1
            )
            .unwrap();
        }
    }
    text
}

/// Retimed modules as a sweep finds them, each with its own serial number.
fn modules() -> Vec<(Snapshot, Classification)> {
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    cage.insert(builders::by_name("dsp-800g").unwrap());
    clock.advance(Duration::from_secs(60));
    let mut memory = Paged::new(cage.i2c(BusRate::default()), clock.clone(), Arc::default());
    let mut session = Session::new();
    let swept = (0..4).find_map(|_| session.sweep(&mut memory, &clock).ok());
    let snapshot = swept.unwrap().snapshot;
    let class = class::classify(&snapshot, &Settings::default());
    let of_serial = |n| {
        let mut own = snapshot.clone();
        own.identity.serial = Reading::Value(format!("S{n}"));
        (own, class.clone())
    };
    (0..MODULES).map(of_serial).collect()
}

/// How long something takes, and what it makes.
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let made = work();
    (start.elapsed(), made)
}

fn main() {
    // `cargo test --benches` runs this as a test: then the small size will do.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let sizes = if is_bench {
        &SIZES[..]
    } else {
        SIZES.get(..1).unwrap_or_default()
    };
    let modules = modules();
    let today = Date::parse("2027-01-01").unwrap();
    println!("   ports   read ms   plan ms  check ms  fleet ms    ports/s  per port");
    let mut before: Option<f64> = None;
    for &size in sizes {
        let text = plan_text(size);
        let (read, plan) = timed(|| Plan::parse(&text, Path::new("bench")).unwrap());
        let (alone, found) = timed(|| check_plan(&plan.clone().as_of(today)));
        assert!(found.is_empty(), "{found:?}");
        let assignments = plan.assignments();
        let (checked, found) = timed(|| {
            let pairs = assignments.iter().zip(modules.iter().cycle());
            let found = pairs.map(|(assignment, (snapshot, class))| {
                check(Some(assignment), Presence::Active, Some((snapshot, class))).len()
            });
            found.sum::<usize>()
        });
        assert_eq!(found, 0);
        let ports: Vec<_> = assignments
            .iter()
            .zip(modules.iter().cycle())
            .map(|(assignment, (snapshot, class))| FleetPort {
                assignment,
                presence: Presence::Active,
                snapshot: Some(snapshot),
                class: Some(class),
            })
            .collect();
        let (fleet, _) = timed(|| check_fleet(&plan, &ports));
        let all = (read + alone + checked + fleet).as_secs_f64();
        let number = u32::try_from(ports.len()).unwrap();
        let per_port = all / f64::from(number);
        let ratio = before.map_or_else(
            || "-".to_owned(),
            |before| format!("{:.2}", per_port / before),
        );
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "{number:>8} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>10.0} {ratio:>9}",
            ms(read),
            ms(alone),
            ms(checked),
            ms(fleet),
            1.0 / per_port
        );
        before = Some(per_port);
    }
}
