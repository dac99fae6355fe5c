//! Coherent media lanes: error counters and link quality (C-CMIS pages 34h, 35h).

use super::Reading;
pub use crate::cmis::coherent::{Fec, Interval, Quantity};
use crate::names::Lane;

/// One coherent media lane over the module's last interval.
#[derive(Debug, Clone, PartialEq)]
pub struct CoherentLane {
    /// The media lane: each bank has one.
    pub lane: Lane,
    /// What the error correction counted.
    pub fec: Reading<Fec>,
    /// Quantities of the optical link, in page order.
    pub link: Reading<Vec<Interval>>,
}
