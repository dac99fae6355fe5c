//! Sees a module with another number of host lanes than planned.

use super::super::finding::{Finding, Severity};
use super::Case;

/// The rule's name.
pub const ID: &str = "lane-count";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let wanted = case.planned.expected.host_lanes?;
    let found = case.module.lane_count.host;
    // A module that says nothing of its lanes breaks no rule about them.
    (found != wanted && found > 0).then(|| Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: format!("{found} host lanes"),
        planned: format!("{wanted} host lanes"),
        advice: format!(
            "swap it for a module of {wanted} lanes, or correct `host_lanes` in the plan"
        ),
    })
}
