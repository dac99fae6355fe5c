//! The class of a module with the argument for it.

use maud::{Markup, html};

use super::part;
use crate::class::{Class, Classification};
use crate::report::text;

pub(super) fn section(class: &Classification) -> Markup {
    html! {
        section id="class" {
            h2 { "Class " small { (class.source.name()) } }
            p {
                b.big { (class.class.name()) } ": " (class.class.description()) ", "
                (class.form.name()) ", " (text::retiming(class.retiming)) ", "
                (format!("{:.0} % sure", class.confidence * 100.0))
            }
            @if class.evidence.is_empty() {
                p.quiet { "Nothing was found that tells." }
            } @else { (part::scroll("Evidence for the class", &evidence(class))) }
            (list("Conflicts", &class.conflicts, "nothing speaks against it"))
            (list("Missing", &class.missing, "nothing that was looked for"))
            (alternatives(class))
        }
    }
}

fn evidence(class: &Classification) -> Markup {
    html! { table {
        thead { tr {
            th scope="col" { "Signal" } th scope="col" { "Where" } th scope="col" { "Value" }
            th scope="col" { "Says" } th.n scope="col" { "Weight" }
        } }
        tbody { @for evidence in &class.evidence { tr {
            th scope="row" { (evidence.signal) }
            td.proof { (part::or_none(&evidence.place, "no register")) }
            td.mono { (part::or_none(&evidence.value, "no value")) }
            td.says { (evidence.says) }
            td.n { (format!("{:+.2}", evidence.weight)) }
        } } }
    } }
}

/// What other classes scored.
fn alternatives(class: &Classification) -> Markup {
    let own = |other: Class| other == class.class;
    html! {
        h3 { "Weighed against each other" }
        @if class.scores.is_empty() {
            p.quiet { "Nothing was weighed: one fact decides." }
        } @else {
            dl.scores { @for (other, score) in &class.scores {
                dt { (other.name()) @if own(*other) { " ✓" } }
                dd {
                    meter min="0" max="1" value=(format!("{score:.2}"))
                        aria-label=(format!("score of {}", other.name())) {}
                    " " span.n { (format!("{score:.2}")) }
                }
            } }
        }
    }
}

fn list(title: &str, lines: &[String], none: &str) -> Markup {
    html! {
        h3 { (title) }
        @if lines.is_empty() { p.quiet { (none) } }
        @else { ul.quiet { @for line in lines { li { (line) } } } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_argument_has_evidence_gaps_conflicts_and_alternatives() {
        let mut class = sample::classification();
        class.conflicts = vec![sample::HOSTILE.to_owned()];
        let page = section(&class).into_string();
        for wanted in [
            "<b class=\"big\">dsp</b>",
            "<th scope=\"row\">retiming</th>",
            "01h:161.0",
            "transmit CDR implemented",
            "+0.45",
            "page 13h: not advertised",
            "&lt;script&gt;",
            "dsp ✓",
            "aria-label=\"score of lro\"",
            "0.12",
        ] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
        assert!(!page.contains("<script"));
        class.scores.clear();
        assert!(section(&class).into_string().contains("one fact decides"));
    }
}
