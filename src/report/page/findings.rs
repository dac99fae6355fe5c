//! Findings against the plan, gravest first.

use std::cmp::Reverse;

use maud::{Markup, html};

use super::{Seen, address};
use crate::plan::finding::{Finding, Severity};

/// The findings of all ports.
pub(super) fn all(seen: &[Seen<'_>]) -> Markup {
    let mut found: Vec<(&Seen<'_>, &Finding)> = seen
        .iter()
        .flat_map(|seen| seen.findings.iter().map(move |finding| (seen, finding)))
        .collect();
    found.sort_by_key(|(_, finding)| Reverse(finding.severity));
    html! {
        section.findings.all {
            h2 { "Findings " small { (found.len()) } }
            @if found.is_empty() {
                p.quiet { "Every port is as its plan wants it." }
            } @else {
                ul { @for (seen, finding) in found {
                    li {
                        (sign(finding.severity)) " "
                        a href=(address(&seen.slot.name)) { (seen.name()) } " "
                        (text(finding))
                    }
                } }
            }
        }
    }
}

/// The findings of one port.
pub(super) fn of_port(seen: &Seen<'_>) -> Markup {
    html! {
        @if !seen.findings.is_empty() {
            section.findings {
                h2 { "Against the plan" }
                ul { @for finding in &seen.findings {
                    li { (sign(finding.severity)) " " (text(finding)) }
                } }
            }
        }
    }
}

fn sign(severity: Severity) -> Markup {
    let (class, glyph) = match severity {
        Severity::Error => ("bad", "✕"),
        Severity::Warning => ("degraded", "!"),
        Severity::Notice => ("unknown", "i"),
    };
    html! { span.sign.(class) title=(severity.name()) { (glyph) } }
}

fn text(finding: &Finding) -> Markup {
    html! {
        code { (finding.rule) }
        span.difference { "saw " b { (finding.saw) } ", planned " b { (finding.planned) } }
        span.advice { (finding.advice) }
    }
}
