//! Sees a port that must have a module and has none.

use super::super::Assignment;
use super::super::finding::{Finding, Severity};
use crate::module::Presence;

/// The rule's name.
pub const ID: &str = "missing";

pub(in super::super) fn look(planned: &Assignment, presence: Presence) -> Option<Finding> {
    (planned.required && presence == Presence::Empty).then(|| Finding {
        rule: ID,
        severity: Severity::Error,
        saw: "no module answers".to_owned(),
        planned: match &planned.peer {
            Some(peer) => format!("a {} module towards {peer}", planned.role.name()),
            None => format!("a {} module", planned.role.name()),
        },
        advice: "seat the module; if the port is to stay empty, set `required = false` in the plan"
            .to_owned(),
    })
}
