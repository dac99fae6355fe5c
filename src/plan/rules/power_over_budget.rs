//! Sees a module that may take more power for its data rate than its role
//! plans for, but not more than it must.

use super::super::finding::{Finding, Severity};
use super::{Case, Power};

/// The rule's name.
pub const ID: &str = "power-over-budget";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    hold(&Power::of(case)?, case.planned.role.name())
}

fn hold(power: &Power, role: &str) -> Option<Finding> {
    let budget = power.lines.warn;
    (power.per_100g > budget && power.per_100g <= power.lines.limit).then(|| Finding {
        rule: ID,
        severity: Severity::Warning,
        saw: power.saw(),
        planned: format!("{role}: up to {budget} W per 100 Gb/s"),
        advice: format!(
            "budget {:.1} W and the cooling for this cage, or use a part that states less",
            power.watts
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::role::{Policy, Role};

    #[test]
    fn speaks_between_the_two_lines_only() {
        let policy = Policy::of_role(Role::ScaleOut);
        // The lines are 2.1 and 2.5 at 800 Gb/s, 3.0 and 3.25 at 400 Gb/s.
        let speaks = |watts, gigabits| {
            let power = Power::against(&policy, None, watts, watts * 100.0 / gigabits);
            hold(&power, "scale-out").is_some()
        };
        assert!(!speaks(16.8, 800.0));
        assert!(speaks(16.9, 800.0));
        assert!(speaks(20.0, 800.0));
        assert!(!speaks(20.1, 800.0));
        assert!(!speaks(12.0, 400.0));
        assert!(speaks(12.1, 400.0));
    }

    #[test]
    fn names_watts_and_rate() {
        let power = Power::against(&Policy::of_role(Role::ScaleUp), None, 10.0, 1.25);
        let finding = hold(&power, "scale-up").unwrap();
        assert_eq!(
            finding.saw,
            "1.25 W per 100 Gb/s: 10.0 W at most for 800 Gb/s"
        );
        assert_eq!(finding.planned, "scale-up: up to 1.15 W per 100 Gb/s");
    }
}
