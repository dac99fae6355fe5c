//! Sees a module of a class that must not be in its role.

use super::super::finding::{Finding, Severity};
use super::super::role::{Role, Standing};
use super::Case;

/// The rule's name.
pub const ID: &str = "class-denied";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    (case.standing()? == Standing::Denied).then(|| Finding {
        rule: ID,
        severity: Severity::Error,
        saw: case.saw(),
        planned: case.wanted(),
        advice: format!(
            "{}; to make an exception, name {} under `allowed` for this port in the plan",
            reason(case.planned.role),
            case.class.class.name()
        ),
    })
}

/// Why a role denies what it denies, with what to do.
fn reason(role: Role) -> &'static str {
    match role {
        Role::ScaleUp => "swap it: scale-up links cannot afford its power and latency",
        Role::ScaleOut => "swap it for a retimed module: the far end may be any vendor's",
        Role::ScaleAcross => "swap it: its reach ends long before another site",
    }
}
