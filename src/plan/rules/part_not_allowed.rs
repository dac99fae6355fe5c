//! Sees a part, or a vendor, that is not on the plan's list.

use super::super::finding::{Finding, Severity};
use super::{Case, describe};

/// The rule's name.
pub const ID: &str = "part-not-allowed";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let expected = &case.planned.expected;
    let identity = &case.module.identity;
    let vendor = identity.vendor.as_ref().value().map(String::as_str);
    let part = identity.part_number.as_ref().value().map(String::as_str);
    let (key, patterns) = [
        ("vendors", &expected.vendors, vendor),
        ("part_numbers", &expected.part_numbers, part),
    ]
    .into_iter()
    .find(|(_, patterns, text)| !patterns.allow(*text))
    .map(|(key, patterns, _)| (key, patterns))?;
    Some(Finding {
        rule: ID,
        severity: Severity::Error,
        saw: describe(case.module, case.class),
        planned: patterns.in_words(),
        advice: format!("swap it for one that is on the list, or add it to `{key}` in the plan"),
    })
}
