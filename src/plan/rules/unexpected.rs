//! Sees a module in a port that the plan does not name.

use super::super::finding::{Finding, Severity};
use super::describe;
use crate::class::Classification;
use crate::module::{Presence, Snapshot};

/// The rule's name.
pub const ID: &str = "unexpected";

pub(in super::super) fn look(
    presence: Presence,
    module: Option<(&Snapshot, &Classification)>,
) -> Option<Finding> {
    presence.is_module().then(|| Finding {
        rule: ID,
        severity: Severity::Notice,
        saw: module.map_or("a module".to_owned(), |(module, class)| {
            describe(module, class)
        }),
        planned: "nothing: the plan does not name this port".to_owned(),
        advice: "assign the port in the plan, or take the module out".to_owned(),
    })
}
