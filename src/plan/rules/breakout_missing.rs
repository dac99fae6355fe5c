//! Sees a module that cannot be split as planned: no application of that rate, or
//! not as often at once.

use super::super::finding::{Finding, Severity};
use super::super::{expected, offered};
use super::Case;
use crate::class::power::instances;

/// The rule's name.
pub const ID: &str = "breakout-missing";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let wanted = case.planned.expected.breakout.as_ref()?;
    let module = case.module;
    if module.applications.is_empty() {
        // Older memory maps do not list applications.
        return None;
    }
    let offers: Vec<(u16, f64)> = module
        .applications
        .iter()
        .filter_map(|application| {
            let rate = offered::rate(module, application)?;
            Some((instances(module, application), rate))
        })
        .collect();
    let fits = |(times, rate): &(u16, f64)| {
        *times >= wanted.paths && offered::same(*rate, wanted.gigabits)
    };
    (!offers.iter().any(fits)).then(|| {
        let words: Vec<_> = offers
            .iter()
            .map(|(times, rate)| format!("{times}x{}", expected::rate_in_words(*rate)))
            .collect();
        Finding {
            rule: ID,
            severity: Severity::Error,
            saw: match words.as_slice() {
                [] => "applications of unknown rates".to_owned(),
                words => format!("splits into {}", words.join(", ")),
            },
            planned: wanted.in_words(),
            advice: format!(
                "swap it for a module that offers {} for each data path, or correct `breakout` in \
                 the plan",
                expected::rate_in_words(wanted.gigabits)
            ),
        }
    })
}
