//! Sees the two ends of a link that do not go together by class.

use super::super::finding::{Finding, Severity};
use super::{Case, describe};
use crate::class::{Class, Classification};
use crate::module::Snapshot;

/// The rule's name.
pub const ID: &str = "peer-class-mismatch";

/// By what the plan says of the far end.
pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let peer = case.planned.expected.peer_class?;
    find(case, peer, format!("{} at the far end", peer.name()))
}

/// By what was found at the far end.
pub(in super::super) fn look_at(
    case: &Case<'_>,
    far: (&Snapshot, &Classification),
) -> Option<Finding> {
    let far_end = describe(far.0, far.1);
    find(case, far.1.class, format!("{far_end} at the far end"))
}

fn find(case: &Case<'_>, peer: Class, far_end: String) -> Option<Finding> {
    let wanted = case
        .planned
        .policy
        .peer_rule
        .broken(case.class.class, peer)?;
    Some(Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: format!("{}, {far_end}", case.saw()),
        planned: format!("{}: {wanted}", case.planned.role.name()),
        advice: "put modules of one class at both ends; an engineered link takes \
                 `peer_rule = \"any\"` for these ports"
            .to_owned(),
    })
}
