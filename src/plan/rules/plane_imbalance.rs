//! Sees the one plane that is worse than its sisters: traffic is sprayed over all
//! of them, so it drags the whole set.

use super::super::finding::{Finding, Severity};

/// The rule's name.
pub const ID: &str = "plane-imbalance";

/// What was compared, in words: of which plane and set, and what differs.
pub(in super::super) fn of(plane: &str, set: &str, differs: &[String], towards: &str) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: format!("{plane} of {set}: {}", differs.join("; ")),
        planned: format!("planes of {set} alike"),
        advice: format!(
            "take the plane out of the spray, then compare its fibre, module and port{towards} \
             with the others"
        ),
    }
}
