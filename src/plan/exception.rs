//! Findings that the operator accepts for a while, with a reason.

use super::date::Date;
use super::finding::{Finding, Severity};
use super::rules::exception_expired;
use crate::tomlfile::Spot;

/// A rule that may be broken until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The rule.
    pub rule: &'static str,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is.
    pub expires: Date,
    /// Whether that day is over, as of the day that the plan was last held
    /// against ([`super::Plan::as_of`]).
    pub lapsed: bool,
    /// Where the plan file says so.
    pub at: Spot,
}

/// Applies the exceptions of a port: a finding that is accepted becomes a
/// notice with the reason; where that is over the finding stays, and another
/// one says so. Gravest first.
pub(super) fn apply(exceptions: &[Exception], findings: &mut Vec<Finding>) {
    let mut over: Vec<&Exception> = Vec::new();
    for finding in findings.iter_mut() {
        let mut named = exceptions.iter().filter(|e| e.rule == finding.rule);
        // Of several for one rule the one that still holds counts.
        if let Some(holds) = named.clone().find(|e| !e.lapsed) {
            finding.severity = Severity::Notice;
            finding.advice = format!("accepted until {}: {}", holds.expires, holds.reason);
        } else if let Some(lapsed) = named.next()
            && !over.contains(&lapsed)
        {
            over.push(lapsed);
        }
    }
    findings.extend(over.into_iter().map(exception_expired::of));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
}
