//! Holds a port against its plan.

use super::Assignment;
use super::finding::Finding;
use crate::class::Classification;
use crate::module::{Presence, Snapshot};

/// How a port differs from what the plan says of it; `None` for a port that a
/// plan does not name. Gravest first.
pub fn check(
    planned: Option<&Assignment>,
    presence: Presence,
    module: Option<(&Snapshot, &Classification)>,
) -> Vec<Finding> {
    let _ = (planned, presence, module);
    Vec::new()
}
