//! Sees an exception whose time is over while the port still needs it.

use super::super::exception::Exception;
use super::super::finding::{Finding, Severity};

/// The rule's name.
pub const ID: &str = "exception-expired";

pub(in super::super) fn of(exception: &Exception) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: format!(
            "the exception from {} ended on {}",
            exception.rule, exception.expires
        ),
        planned: format!("a port without it: {}", exception.reason),
        advice: "mend what it excused, or give it another `expires` in the plan".to_owned(),
    }
}
