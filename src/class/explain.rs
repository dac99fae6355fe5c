//! The argument for a class as one person would make it to another.

use std::fmt::Write as _;

use super::{Class, Classification, Evidence, Retiming, Source};

/// The class with everything for it, against it, missing and in conflict, as
/// lines of plain text that end with a newline.
pub fn explain(classification: &Classification) -> String {
    let mut text = headline(classification);
    let part = |chosen: fn(f64) -> bool| -> Vec<&Evidence> {
        let mut evidence: Vec<&Evidence> = classification.evidence.iter().collect();
        evidence.retain(|item| chosen(item.weight));
        evidence
    };
    let (speaks_for, speaks_against) = match classification.class {
        Class::Unknown => ("for the likeliest class", "against the likeliest class"),
        _ => ("for it", "against it"),
    };
    section(&mut text, speaks_for, &part(|weight| weight > 0.0));
    section(&mut text, speaks_against, &part(|weight| weight < 0.0));
    section(&mut text, "beside it", &part(|weight| weight == 0.0));
    list(&mut text, "missing", &classification.missing);
    list(&mut text, "in conflict", &classification.conflicts);
    text
}

fn headline(classification: &Classification) -> String {
    let decided = match classification.source {
        Source::Operator => "the operator says so",
        Source::Structural => "one fact decides",
        Source::Scored => "weighed",
    };
    let retimes = match classification.retiming {
        Retiming::None => "retimes nothing",
        Retiming::TxOnly => "retimes transmit only",
        Retiming::Both => "retimes both directions",
        Retiming::Unknown => "retiming not established",
    };
    format!(
        "{}: {}\n  confidence {:.2} ({decided}); {}; {retimes}\n",
        classification.class.name(),
        classification.class.description(),
        classification.confidence,
        classification.form.name(),
    )
}

fn section(text: &mut String, title: &str, evidence: &[&Evidence]) {
    if evidence.is_empty() {
        return;
    }
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{title}:");
    for item in evidence {
        let _ = writeln!(
            text,
            "  {:+.2}  {:<11}  {}\n                      {}: {}",
            item.weight, item.signal, item.says, item.place, item.value
        );
    }
}

fn list(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "{title}:");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}
