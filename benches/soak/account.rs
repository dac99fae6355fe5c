//! What came of the soak: counts, a hash of all that was seen, what went wrong, and
//! how much memory is in use.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The system's allocator, of which it is known how many bytes are in use.
pub struct Counted;

static LIVE: AtomicI64 = AtomicI64::new(0);

fn count(size: usize, sign: i64) {
    LIVE.fetch_add(sign * i64::try_from(size).unwrap_or(0), Ordering::Relaxed);
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        // SAFETY: the caller keeps the promises of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(layout.size(), -1);
        count(size, 1);
        // SAFETY: the caller keeps the promises of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// How many bytes are in use.
pub fn live_bytes() -> i64 {
    LIVE.load(Ordering::Relaxed)
}

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// No wrong value is published, and none of another module.
    Values,
    /// No latched flag is lost.
    Flags,
    /// No port is late for another one's sake, and left-out sweeps are owned up to.
    OnTime,
    /// Events are whole, in order, and tell what happened.
    Events,
    /// What is told is on disk.
    DiskFirst,
    /// Memory does not grow.
    Memory,
    /// Nothing is written to a module that may not be, none is left frozen.
    Writes,
    /// Metrics, pages and documents can be made at any time.
    Readers,
}

impl Invariant {
    /// Its name, which mutants call it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Flags => "flags",
            Self::OnTime => "on-time",
            Self::Events => "events",
            Self::DiskFirst => "disk-first",
            Self::Memory => "memory",
            Self::Writes => "writes",
            Self::Readers => "readers",
        }
    }
}

/// Something that must not be.
#[derive(Debug, Clone)]
pub struct Violation {
    /// What it violates.
    pub of: Invariant,
    /// When.
    pub at: Duration,
    /// What was found, and what was expected.
    pub said: String,
}

/// What was counted. Clones are the same account.
#[derive(Clone, Default)]
pub struct Account(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    violation: Option<Violation>,
    counts: BTreeMap<(&'static str, String), u64>,
    hash: u64,
    /// The port of which all is told.
    told: Option<String>,
}

impl Account {
    /// An account that prints what is done to a port and what is told of it.
    pub fn telling_of(port: Option<String>) -> Self {
        let account = Self::default();
        account.0.lock().unwrap().told = port;
        account
    }

    /// Prints something of a port, if it is the one that is told of.
    pub fn tell(&self, port: &str, at: Duration, said: &str) {
        if self.0.lock().unwrap().told.as_deref() == Some(port) {
            println!("{:>14.6} {port}: {said}", at.as_secs_f64());
        }
    }

    /// Takes in that something must not be; the first one counts.
    pub fn violated(&self, of: Invariant, at: Duration, said: String) {
        let mut book = self.0.lock().unwrap();
        book.violation.get_or_insert(Violation { of, at, said });
    }

    /// The first violation.
    pub fn violation(&self) -> Option<Violation> {
        self.0.lock().unwrap().violation.clone()
    }

    /// Counts something of a kind under a heading.
    pub fn count(&self, heading: &'static str, kind: &str, times: u64) {
        let mut book = self.0.lock().unwrap();
        let key = (heading, kind.to_owned());
        *book.counts.entry(key).or_default() += times;
    }

    /// All counts of a heading.
    pub fn counts(&self, heading: &str) -> BTreeMap<String, u64> {
        let book = self.0.lock().unwrap();
        let of = book.counts.iter().filter(|((of, _), _)| *of == heading);
        of.map(|((_, kind), count)| (kind.clone(), *count))
            .collect()
    }

    /// Mixes something that was seen into the hash of the trace (FNV-1a).
    pub fn trace(&self, seen: &[u8]) {
        let mut book = self.0.lock().unwrap();
        let begun = if book.hash == 0 {
            0xCBF2_9CE4_8422_2325
        } else {
            book.hash
        };
        book.hash = seen.iter().fold(begun, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
        });
    }

    /// The hash of all that was seen.
    pub fn hash(&self) -> u64 {
        self.0.lock().unwrap().hash
    }
}
