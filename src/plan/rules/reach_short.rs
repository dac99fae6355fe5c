//! Sees a module whose light, or a cable whose length, ends before the link does.

use super::super::finding::{Finding, Severity};
use super::super::offered::{length_in_words, reach_meters};
use super::Case;
use crate::class::Form;

/// The rule's name.
pub const ID: &str = "reach-short";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let planned = case.planned;
    let cable = case.module.cable_length.value().map(|l| l.meters());
    if let Some(length) = cable.filter(|_| case.class.form == Form::Cable) {
        let wanted = planned.expected.length_meters?;
        return (length < wanted).then(|| {
            let saw = format!("a cable of {}", length_in_words(length));
            finding(saw, format!("{} of it", length_in_words(wanted)))
        });
    }
    let reach = reach_meters(case.module)?;
    let saw = || format!("reaches {}", length_in_words(reach));
    match planned.expected.length_meters {
        Some(wanted) if reach < wanted => Some(finding(
            saw(),
            format!("{} of fibre", length_in_words(wanted)),
        )),
        _ => {
            let least = planned.policy.reach.min_meters;
            (reach < least).then(|| {
                let role = planned.role.name();
                let planned = format!("{role}: {} or more", length_in_words(least));
                finding(saw(), planned)
            })
        }
    }
}

fn finding(saw: String, planned: String) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Error,
        saw,
        planned,
        advice: "swap it for one that reaches far enough, or correct `length_meters` or \
                 `reach_min_meters` in the plan"
            .to_owned(),
    }
}
