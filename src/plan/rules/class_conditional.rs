//! Sees a module of a class that fits its role on a condition only, or of one
//! that the plan does not speak of.

use super::super::finding::{Finding, Severity};
use super::super::role::Standing;
use super::Case;

/// The rule's name.
pub const ID: &str = "class-conditional";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let class = case.class.class.name();
    let advice = match case.standing()? {
        Standing::Conditional => format!(
            "make sure that both ends and the reach suit {class}; then name it under `allowed`"
        ),
        Standing::Unlisted => {
            format!("the plan does not speak of {class}; put it into one of the role's lists")
        }
        Standing::Allowed | Standing::Warned | Standing::Denied => return None,
    };
    Some(Finding {
        rule: ID,
        severity: Severity::Notice,
        saw: case.saw(),
        planned: case.wanted(),
        advice,
    })
}
