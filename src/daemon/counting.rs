//! What is counted of a module from sweep to sweep.

use crate::health::flags;
use crate::module::Snapshot;
use crate::report::PortCounts;

/// Counts what the sweep could not read and the flags that it found raised.
pub fn count(counts: &mut PortCounts, snapshot: &Snapshot) {
    for failure in &snapshot.failures {
        *counts
            .failures
            .entry(failure.error.kind.label())
            .or_default() += 1;
    }
    for flag in flags::raised(snapshot) {
        let count = match flag.level {
            Some(level) => counts
                .threshold_flags
                .entry((flag.name, level))
                .or_default(),
            None => counts.signal_flags.entry(flag.name).or_default(),
        };
        *count += 1;
    }
}
