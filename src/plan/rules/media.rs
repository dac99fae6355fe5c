//! Sees a module for another medium than planned.

use super::super::finding::{Finding, Severity};
use super::Case;
use crate::cmis::sff8024;

/// The rule's name.
pub const ID: &str = "media";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let wanted = case.planned.expected.media?;
    // A memory map without media types says nothing against it.
    let found = case.module.media_type.value()?;
    (found != wanted.code()).then(|| Finding {
        rule: ID,
        severity: Severity::Error,
        saw: match sff8024::media_type_name(found) {
            Some(name) => name.to_owned(),
            None => format!("media type {found:02X}h"),
        },
        planned: wanted.name().to_owned(),
        advice: "swap it for one that fits the fibre or cable that lies there, or correct `media` \
                 in the plan"
            .to_owned(),
    })
}
