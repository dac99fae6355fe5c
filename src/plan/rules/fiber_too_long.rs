//! Sees a planned fibre or cable that is longer than its role should have. Needs
//! no module: the plan alone tells.

use super::super::Assignment;
use super::super::finding::{Finding, Severity};
use super::super::offered::length_in_words;

/// The rule's name.
pub const ID: &str = "fiber-too-long";

pub(in super::super) fn look(planned: &Assignment) -> Option<Finding> {
    let length = planned.expected.length_meters?;
    let most = planned.policy.reach.fiber_meters;
    (length > most).then(|| Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: format!("{} of fibre in the plan", length_in_words(length)),
        planned: format!("{}: up to {}", planned.role.name(), length_in_words(most)),
        advice: "move the two ends nearer, or raise `fiber_max_meters` for these ports".to_owned(),
    })
}
