//! Sees host lanes that are slower, or faster, than the role is built on.

use super::super::finding::{Finding, Severity};
use super::super::offered;
use super::super::policy::LaneRate;
use super::Case;

/// The rule's name.
pub const ID: &str = "lane-rate";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let policy = &case.planned.policy;
    if policy.lane_rates.is_empty() {
        return None;
    }
    let gbps = offered::host_lane_gbps(case.module)?;
    let rate = LaneRate::of_gbps(gbps);
    let is_in = |list: &[LaneRate]| rate.is_some_and(|rate| list.contains(&rate));
    if is_in(&policy.lane_rates) {
        return None;
    }
    let wanted: Vec<_> = policy.lane_rates.iter().map(|rate| rate.name()).collect();
    let (severity, advice) = if is_in(&policy.lane_rates_accepted) {
        let advice = "it works at its own rate; plan the faster one for the next purchase, or \
                      name this one under `lane_rates`";
        (Severity::Notice, advice)
    } else {
        let advice = "make sure that the host's lanes run at this rate; then name it under \
                      `lane_rates`";
        (Severity::Warning, advice)
    };
    Some(Finding {
        rule: ID,
        severity,
        saw: match rate {
            Some(rate) => format!("host lanes of {} ({gbps} Gb/s)", rate.name()),
            None => format!("host lanes of {gbps} Gb/s"),
        },
        planned: format!("{}: {}", case.planned.role.name(), wanted.join(" or ")),
        advice: advice.to_owned(),
    })
}
