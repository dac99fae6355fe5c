//! Sees a module of a class that works in its role but costs something.

use super::super::finding::{Finding, Severity};
use super::super::role::{Role, Standing};
use super::Case;

/// The rule's name.
pub const ID: &str = "class-warned";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    (case.standing()? == Standing::Warned).then(|| Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: case.saw(),
        planned: case.wanted(),
        advice: match case.planned.role {
            Role::ScaleUp => "the link works, but spends power and latency; swap it when at hand",
            Role::ScaleOut | Role::ScaleAcross => {
                "the link works, but the module is dearer and hotter than its role needs; \
                 swap it when at hand"
            }
        }
        .to_owned(),
    })
}
