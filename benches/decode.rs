//! How long it takes to make a snapshot of the registers of a full sweep, how often
//! that asks for memory, and what a whole sweep costs beside the bus.
//!
//! `cargo bench --bench decode`. The goal is 20 us for a module with VDM.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on should end there"
)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::Criterion;
use opticsd::clock::ManualClock;
use opticsd::module::assemble::{self, Registers};
use opticsd::module::sweep::Session;
use support::{fastest, swept, tell};

const GOAL: Duration = Duration::from_micros(20);
const MODULES: [&str; 4] = ["dsp-800g", "lpo-800g", "cpo-32", "sfp28"];

/// The system's allocator, counted.
struct Counted;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the promises of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

/// How often some work asks for memory.
fn allocations<T>(work: impl Fn() -> T) -> u64 {
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    std::hint::black_box(work());
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for name in MODULES {
        let image = swept(name).image;
        let decode = || {
            assemble::snapshot(Registers {
                image: Arc::clone(&image),
                failures: Vec::new(),
                started: Duration::ZERO,
                finished: Duration::ZERO,
            })
        };
        criterion.bench_function(&format!("decode {name}"), |b| b.iter(decode));
        tell(&format!("decode {name}"), GOAL, fastest(decode));
        println!("{:<40} {:>10} allocations", "", allocations(decode));

        // Planning, reading from memory, copying and decoding.
        let clock = ManualClock::new();
        let mut memory = image.as_ref().clone();
        let mut session = Session::new();
        session.sweep(&mut memory, &clock).unwrap();
        criterion.bench_function(&format!("sweep {name} from memory"), |b| {
            b.iter(|| session.sweep(&mut memory, &clock).unwrap());
        });
    }
    criterion.final_summary();
}
