//! The front panel: one cell for each cage where it stands on the box, first
//! port above second, in blocks as on a faceplate.
//!
//! What one cage has to tell stands in one place below the panel while it is
//! pointed at or has the focus, so that it covers no other cage.

use maud::{Markup, html};

use super::{NONE, Seen, address, shown};

/// Cages in one block of the faceplate: eight columns of two.
const CAGES_PER_BLOCK: usize = 16;

pub(super) fn panel(seen: &[Seen<'_>]) -> Markup {
    html! {
        section.front {
            h2 { "Front panel" }
            div.panel {
                @for (number, block) in seen.chunks(CAGES_PER_BLOCK).enumerate() {
                    div.block { @for (place, port) in block.iter().enumerate() {
                        (cell(port, number * CAGES_PER_BLOCK + place))
                    } }
                }
                p.readout.quiet aria-hidden="true" {
                    "Point at a cage, or move to it with Tab, to read it here; follow it for the reason."
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

fn cell(seen: &Seen<'_>, number: usize) -> Markup {
    let role = seen
        .view
        .planned
        .as_ref()
        .map_or("unplanned", |planned| planned.role);
    let tip = format!("tip-{number}");
    html! {
        div.slot data-port=(seen.name()) {
            a.cage.(seen.mark.class).(role) data-look="" href=(address(&seen.slot.name)) aria-describedby=(tip) {
                span.hidden { (seen.name()) ": " span data-field="word" { (seen.mark.word) } }
                span.number aria-hidden="true" { (short(seen.name())) }
                span.glyph aria-hidden="true" data-field="glyph" { (seen.mark.glyph) }
            }
            div.tip id=(tip) role="tooltip" { (told(seen)) }
        }
    }
}

/// What a cage has to tell: name, role, module, warmth, worst lane, and the
/// gravest thing to know.
fn told(seen: &Seen<'_>) -> Markup {
    let view = &seen.view;
    let headline = &seen.headline;
    let identity = view.snapshot.as_deref().map(|module| &module.identity);
    let part = identity.and_then(|identity| identity.part_number.as_ref().value());
    html! {
        b { (seen.name()) } " " span data-field="word" { (seen.mark.word) }
        @if let Some(planned) = &view.planned {
            " · " (planned.role)
            @if let Some(plane) = &planned.plane { " plane " (plane) }
        }
        " · " span data-field="class" { (view.class.as_ref().map_or(NONE, |class| class.class.name())) }
        @if let Some(part) = part { " " (part) }
        " · serial " span data-field="serial" { (shown::serial(view)) }
        " · " span data-field="temperature" { (shown::temperature(headline)) } " °C"
        " · worst lane " span data-field="lane" { (shown::lane(headline)) }
        ", " span data-field="rx" { (shown::rx(headline)) } " dBm"
        ", margin " span data-field="margin" { (shown::margin(headline)) } " dB"
        br;
        span.reason data-field="reason" { (view.gravest().unwrap_or_default()) }
    }
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
