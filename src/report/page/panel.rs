//! The front panel: one cell for each cage where it stands on the box, first
//! port above second, in blocks as on a faceplate.

use maud::{Markup, html};

use super::{Seen, address};

/// Cages in one block of the faceplate: eight columns of two.
const CAGES_PER_BLOCK: usize = 16;

pub(super) fn panel(seen: &[Seen<'_>]) -> Markup {
    html! {
        section.front {
            h2 { "Front panel" }
            div.panel {
                @for block in seen.chunks(CAGES_PER_BLOCK) {
                    div.block { @for port in block { (cell(port)) } }
                }
            }
            p.legend {
                span { b.stripe.scale-up {} "scale-up" }
                span { b.stripe.scale-out {} "scale-out" }
                span { b.stripe.scale-across {} "scale-across" }
                span { "✓ ok" } span { "! degraded" } span { "✕ bad" } span { "≠ not as planned" }
                span { "○ no light" } span { "⊘ no answer" } span { "∅ missing" } span { "· empty" }
            }
        }
    }
}

fn cell(seen: &Seen<'_>) -> Markup {
    let role = seen
        .view
        .planned
        .as_ref()
        .map_or("unplanned", |planned| planned.role);
    html! {
        a.cage.(seen.mark.class).(role) href=(address(&seen.slot.name)) title=(title(seen)) {
            span.number { (short(seen.name())) }
            span.glyph { (seen.mark.glyph) }
            span.hidden { (seen.mark.word) }
        }
    }
}

/// What hovering tells: name, role, serial and the gravest thing to know.
fn title(seen: &Seen<'_>) -> String {
    let view = &seen.view;
    let mut lines = vec![format!("{}: {}", seen.name(), seen.mark.word)];
    if let Some(planned) = &view.planned {
        let plane = planned
            .plane
            .as_ref()
            .map_or_else(String::new, |plane| format!(", plane {plane}"));
        lines.push(format!("{}{plane}", planned.role));
    }
    if let Some(module) = view.snapshot.as_deref() {
        let class = view
            .class
            .as_ref()
            .map_or("unknown", |class| class.class.name());
        let part = module
            .identity
            .part_number
            .as_ref()
            .value()
            .map_or("", String::as_str);
        let serial = module
            .identity
            .serial
            .as_ref()
            .value()
            .map_or("", String::as_str);
        lines.push(format!("{class} {part} {serial}"));
    }
    lines.extend(view.gravest());
    lines.join("\n")
}

/// The part of a name that tells ports of one box apart: from its first digit
/// on, else all of it.
fn short(name: &str) -> &str {
    let digit = name.find(|c: char| c.is_ascii_digit());
    digit.and_then(|at| name.get(at..)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn the_short_name_begins_at_the_first_digit() {
        assert_eq!(short("Ethernet112"), "112");
        assert_eq!(short("swp1s2"), "1s2");
        assert_eq!(short("uplink"), "uplink");
    }
}
