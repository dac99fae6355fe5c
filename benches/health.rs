//! What it costs to judge a port over time, in time and memory.
//!
//! `cargo bench --bench health` prints, for each family: the time of a step beside
//! what a sweep each second leaves for it (2 % of a core for 64 ports), and the
//! memory that the past of a port takes beside its share of the 25 MiB that the
//! daemon may have. What matters are the ratios: both stay well below 1.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot go on should end there"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use opticsd::bus::paging::Paged;
use opticsd::class::{self, Settings};
use opticsd::clock::{Clock, ManualClock};
use opticsd::health::host_fec::{FecCode, FecSource, HostFec, LaneFec};
use opticsd::health::port::{Look, PortHealth};
use opticsd::module::sweep::Session;
use opticsd::sim::builders;
use opticsd::sim::cage::Cage;
use opticsd::sim::wire::BusRate;

/// Ports of a box.
const PORTS: f64 = 64.0;
/// What a step may take, so that 64 a second are 2 % of a core.
const STEP_SECONDS: f64 = 0.02 / PORTS;
/// What the daemon may have for each port, in bytes.
const PORT_BYTES: f64 = 25.0 * 1024.0 * 1024.0 / PORTS;
/// Steps of a second: enough for every window to be as long as it gets.
const STEPS: u32 = 20_000;
/// Different sweeps that are looked at in turn.
const SWEEPS: usize = 64;

/// Counts what is allocated.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that the system's asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that the system's asks for.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    println!("family            step of its share of 2 %   memory of its share of 25 MiB");
    for family in ["dsp-800g", "lpo-800g", "cpo-32"] {
        measure(family);
    }
}

fn measure(family: &str) {
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    cage.insert(builders::by_name(family).unwrap());
    clock.advance(Duration::from_secs(60));
    let mut memory = Paged::new(cage.i2c(BusRate::default()), clock.clone(), Arc::default());
    let mut session = Session::new();
    let mut looks = Vec::new();
    for _ in 0..SWEEPS {
        clock.advance(Duration::from_secs(1));
        let snapshot = session.sweep(&mut memory, &clock).unwrap().snapshot;
        looks.push((snapshot, host(&cage, &clock)));
    }
    let class = class::classify(&looks.first().unwrap().0, &Settings::default());

    let before = IN_USE.load(Ordering::Relaxed);
    let mut health = PortHealth::default();
    let begun = Instant::now();
    for (number, (snapshot, host)) in (0..STEPS).zip(looks.iter().cycle()) {
        let mut host = host.clone();
        let counted = u64::from(number) * 156_250_000;
        if let Some(host) = &mut host {
            host.at = Duration::from_secs(u64::from(number));
            host.codewords = Some(counted);
        }
        health.step(&Look {
            module: Some((snapshot, &class)),
            is_fresh: true,
            host: host.as_ref(),
            ber: None,
            watch: None,
            elapsed: Duration::from_secs(1),
        });
    }
    let step = begun.elapsed().as_secs_f64() / f64::from(STEPS);
    let bytes = IN_USE.load(Ordering::Relaxed) - before + size_of::<PortHealth>();
    let bytes = f64::from(u32::try_from(bytes).unwrap());
    println!(
        "{family:<12} {:>8.1} µs {:>18.3} {:>13.1} kB {:>18.3}",
        step * 1e6,
        step / STEP_SECONDS,
        bytes / 1e3,
        bytes / PORT_BYTES
    );
}

/// What the simulated host shows.
fn host(cage: &Cage, clock: &ManualClock) -> Option<HostFec> {
    let tally = cage.host_counters()?.tally;
    let lanes = tally.lane_bits.iter().map(|bits| LaneFec {
        corrected_bits: Some(*bits),
        ..LaneFec::default()
    });
    Some(HostFec {
        code: Some(FecCode::Rs544),
        corrected_codewords: Some(tally.corrected_codewords),
        uncorrectable_codewords: Some(tally.uncorrectable_codewords),
        corrected_bits: Some(tally.corrected_bits),
        lanes: lanes.collect(),
        histogram: tally.histogram.clone(),
        ..HostFec::empty(clock.now(), FecSource::Ethtool)
    })
}
