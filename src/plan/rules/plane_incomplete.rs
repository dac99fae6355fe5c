//! Sees a plane set of which a plane is missing: in the plan, or in the cage.

use super::super::finding::{Finding, Severity};

/// The rule's name.
pub const ID: &str = "plane-incomplete";

/// The plan gives a set fewer planes than the fabric has.
pub(in super::super) fn planned(set: &str, planes: &[u16], wanted: u16) -> Finding {
    let names: Vec<_> = planes.iter().map(ToString::to_string).collect();
    Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: format!("{set} is assigned to plane {} only", names.join(", ")),
        planned: format!("all {wanted} planes of the fabric"),
        advice: "assign the missing planes, or correct `planes` of [fabric]".to_owned(),
    }
}

/// A plane of a set has no module that works.
pub(in super::super) fn dark(set: &str, plane: u16, stands: &str) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: format!("plane {plane} of {set} carries nothing: its cage is {stands}"),
        planned: format!("every plane of {set} at work"),
        advice: "traffic is sprayed over the planes that are left: mend this one first".to_owned(),
    }
}
