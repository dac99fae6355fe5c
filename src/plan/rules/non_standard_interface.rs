//! Sees a link that stands on an interface of the vendor's own, where the far end
//! may be anybody's.

use super::super::finding::{Finding, Severity};
use super::super::offered;
use super::Case;

/// The rule's name.
pub const ID: &str = "non-standard-interface";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    if !case.planned.policy.standard_interfaces {
        return None;
    }
    let module = case.module;
    let private = offered::relied_on(module)
        .into_iter()
        .find(|application| offered::is_private(module, application))?;
    Some(Finding {
        rule: ID,
        severity: Severity::Notice,
        saw: offered::in_words(module, private),
        planned: format!("{}: standard interfaces", case.planned.role.name()),
        advice: "make sure that the far end is of the same vendor; then set \
                 `standard_interfaces = false` for this port"
            .to_owned(),
    })
}
