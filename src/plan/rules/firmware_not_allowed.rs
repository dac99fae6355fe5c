//! Sees firmware that is not on the plan's list.

use super::super::finding::{Finding, Severity};
use super::Case;

/// The rule's name.
pub const ID: &str = "firmware-not-allowed";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let allowed = &case.planned.expected.firmware;
    let active = case.module.firmware.active.as_ref().value();
    (!allowed.allow(active.map(String::as_str))).then(|| Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: match active {
            Some(active) => format!("firmware {active}"),
            None => "firmware that the module does not tell".to_owned(),
        },
        planned: allowed.in_words(),
        advice: "update the module, or add its firmware to `firmware` in the plan".to_owned(),
    })
}
