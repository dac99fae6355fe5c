//! One port as text for a terminal: what stands in the cage, then the module.

use super::{Fleet, PortSlot, text};

/// A port in full. Where there is no module to show it says what stands in the
/// cage, what the bus said, and what the plan wants.
pub fn port(fleet: &Fleet, slot: &PortSlot) -> String {
    let view = slot.view.load();
    let findings = fleet.findings_of(&slot.name, &view);
    let mut out = format!(
        "{} on {}: {}, {}\n",
        slot.name,
        slot.bus,
        view.presence.name(),
        view.judgement.verdict.name()
    );
    if let Some(trouble) = &view.trouble {
        out += &format!("  bus: {trouble}\n");
    }
    if let (Some(snapshot), Some(class)) = (&view.snapshot, &view.class) {
        let module = text::module(
            snapshot,
            class,
            &findings,
            Some((&view.judgement, &view.health)),
        );
        return out + "\n" + &module;
    }
    for finding in &findings {
        out += &format!(
            "  {} {}: saw {}, planned {}; {}\n",
            finding.severity.name(),
            finding.rule,
            finding.saw,
            finding.planned,
            finding.advice
        );
    }
    out
}
