//! Sees a module that may take more power for its data rate than its role can
//! bear.

use super::super::finding::{Finding, Severity};
use super::{Case, Power};

/// The rule's name.
pub const ID: &str = "power-over-hard-limit";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    hold(&Power::of(case)?, case.planned.role.name())
}

fn hold(power: &Power, role: &str) -> Option<Finding> {
    let limit = power.lines.limit;
    (power.per_100g > limit).then(|| Finding {
        rule: ID,
        severity: Severity::Error,
        saw: power.saw(),
        planned: format!("{role}: never above {limit} W per 100 Gb/s"),
        advice: format!(
            "swap it, or make sure the cage can feed and cool {:.1} W and raise \
             `watts_per_100g_limit` for this port in the plan",
            power.watts
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::role::{Policy, Role};

    #[test]
    fn speaks_above_the_limit_only() {
        let policy = Policy::of_role(Role::ScaleUp);
        let at_limit = Power::against(&policy, None, 12.0, 1.5);
        assert_eq!(hold(&at_limit, "scale-up"), None);
        let above = Power::against(&policy, None, 15.0, 1.875);
        let finding = hold(&above, "scale-up").unwrap();
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.planned, "scale-up: never above 1.5 W per 100 Gb/s");
    }
}
