//! What the benchmarks share: modules to work on, and ratios to print.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each benchmark uses a part, and a measurement that cannot go on should end there"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use opticsd::bus::paging::Paged;
use opticsd::clock::ManualClock;
use opticsd::module::Snapshot;
use opticsd::module::sweep::Session;
use opticsd::sim::builders;
use opticsd::sim::cage::Cage;
use opticsd::sim::wire::BusRate;

/// How many times a ratio is measured; the fastest counts, for all others tell what
/// else the machine did.
const ROUNDS: usize = 31;
/// For how long each of these times, at the least.
const ROUND: Duration = Duration::from_millis(10);

/// What a simulated module shows after a minute in its cage.
pub fn swept(name: &str) -> Snapshot {
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    cage.insert(builders::by_name(name).unwrap());
    clock.advance(Duration::from_secs(60));
    let mut memory = Paged::new(cage.i2c(BusRate::default()), clock.clone(), Arc::default());
    let mut session = Session::new();
    session.sweep(&mut memory, &clock).unwrap();
    clock.advance(Duration::from_secs(1));
    session.sweep(&mut memory, &clock).unwrap().snapshot
}

/// Whether this is a benchmark; `cargo test --benches` runs it as a test.
pub fn is_bench() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// How long some work takes: the fastest of some rounds.
pub fn fastest<T>(work: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    let once = start.elapsed().max(Duration::from_nanos(1));
    if !is_bench() {
        return once;
    }
    let times = u32::try_from(ROUND.as_nanos() / once.as_nanos()).unwrap() + 1;
    let round = |_| {
        let start = Instant::now();
        for _ in 0..times {
            std::hint::black_box(work());
        }
        start.elapsed() / times
    };
    (0..ROUNDS).map(round).min().unwrap_or(once)
}

/// Prints how long some work takes beside its goal.
pub fn tell(name: &str, goal: Duration, took: Duration) {
    println!(
        "{name:<40} {:>10.2} us   goal {:>8.0} us   ratio {:.2}",
        took.as_secs_f64() * 1e6,
        goal.as_secs_f64() * 1e6,
        took.as_secs_f64() / goal.as_secs_f64()
    );
}
