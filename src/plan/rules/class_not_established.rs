//! Sees a module whose class could not be established. It may well be what was
//! planned, so this is never a denial.

use super::super::finding::{Finding, Severity};
use super::Case;
use crate::class::Class;

/// The rule's name.
pub const ID: &str = "class-not-established";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    if case.class.class != Class::Unknown {
        return None;
    }
    let why = case.class.conflicts.first().or(case.class.missing.first());
    Some(Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: match why {
            Some(why) => format!("{}: {why}", case.saw()),
            None => case.saw(),
        },
        planned: case.wanted(),
        advice: "compare the part number with the order; the evidence for and against each class \
                 is on the port's page"
            .to_owned(),
    })
}
