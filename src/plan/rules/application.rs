//! Sees a module that does not offer what the link is to run, or runs something
//! else.

use super::super::finding::{Finding, Severity};
use super::super::offered;
use super::Case;

/// The rule's name.
pub const ID: &str = "application";

pub(in super::super) fn look(case: &Case<'_>) -> Option<Finding> {
    let wish = case.planned.expected.application.as_ref()?;
    let module = case.module;
    if module.applications.is_empty() {
        // Older memory maps do not list applications.
        return None;
    }
    let fulfils = |application| offered::fulfils(module, application, wish);
    let running = offered::in_use(module);
    let (severity, seen, advice) = if !module.applications.iter().any(fulfils) {
        let all: Vec<_> = module.applications.iter().collect();
        let advice = format!(
            "swap it for a module that offers {}, or correct `application` in the plan",
            wish.in_words()
        );
        (Severity::Error, ("offers", all), advice)
    } else if !running.is_empty() && !running.iter().any(|application| fulfils(application)) {
        let advice = format!(
            "configure the port of the host for {}: the module offers it",
            wish.in_words()
        );
        (Severity::Warning, ("runs", running), advice)
    } else {
        return None;
    };
    let (verb, applications) = seen;
    let names: Vec<_> = applications
        .into_iter()
        .map(|application| offered::in_words(module, application))
        .collect();
    Some(Finding {
        rule: ID,
        severity,
        saw: format!("{verb} {}", names.join(", ")),
        planned: wish.in_words(),
        advice,
    })
}
