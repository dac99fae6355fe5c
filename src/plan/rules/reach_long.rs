//! Sees a module that reaches much farther than its role needs: it works, at a
//! price.

use super::super::finding::{Finding, Severity};
use super::super::offered::{length_in_words, reach_meters};
use super::Case;
use crate::class::Form;

/// The rule's name.
pub const ID: &str = "reach-long";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let most = case.planned.policy.reach.max_meters;
    let reach = reach_meters(case.module).filter(|_| case.class.form != Form::Cable)?;
    (reach > most).then(|| Finding {
        rule: ID,
        severity: Severity::Notice,
        saw: format!("reaches {}", length_in_words(reach)),
        planned: format!(
            "{}: up to {}",
            case.planned.role.name(),
            length_in_words(most)
        ),
        advice: "check that the far end can bear its light; where the link is that long, raise \
                 `reach_max_meters`"
            .to_owned(),
    })
}
