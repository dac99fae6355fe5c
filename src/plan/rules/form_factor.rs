//! Sees a module of another form than planned.

use super::super::finding::{Finding, Severity};
use super::Case;
use crate::cmis::sff8024;

/// The rule's name.
pub const ID: &str = "form-factor";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let wanted = case.planned.expected.form_factor?;
    let found = sff8024::form_factor(case.module.identity.identifier);
    (found != Some(wanted)).then(|| Finding {
        rule: ID,
        severity: Severity::Error,
        saw: match found {
            Some(found) => found.to_owned(),
            None => format!(
                "identifier {:02X}h, which names no form",
                case.module.identity.identifier
            ),
        },
        planned: wanted.to_owned(),
        advice: format!("swap it for a module in {wanted}, or correct `form_factor` in the plan"),
    })
}
