//! The sign of a port: class of colour, glyph and word.

use crate::health::verdict::Verdict;
use crate::module::{Presence, Snapshot};
use crate::plan::finding::Severity;
use crate::report::{PortView, order};

/// How a port is shown at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) struct Mark {
    /// The style class: the verdict's name, or `empty`.
    pub class: &'static str,
    /// One character that tells without colour.
    pub glyph: &'static str,
    /// The same as a word.
    pub word: &'static str,
    /// Where it stands in a list with the worst first.
    pub rank: u8,
}

/// The glyph of a verdict.
pub(super) fn glyph(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Bad => "✕",
        Verdict::Degraded => "!",
        Verdict::Unknown => "?",
        Verdict::Ok => "✓",
    }
}

impl Mark {
    /// The mark of a port. What stands in the cage goes before the verdict's
    /// own glyph, because it says where to look.
    pub(in crate::report) fn of(view: &PortView) -> Self {
        let verdict = view.judgement.verdict;
        let (glyph, word) = special(view).unwrap_or((glyph(verdict), verdict.name()));
        let class = match verdict {
            Verdict::Unknown if !view.presence.is_module() => "empty",
            _ => verdict.name(),
        };
        Self {
            class,
            glyph,
            word,
            rank: order::rank(verdict.name(), view.presence.name()),
        }
    }
}

fn special(view: &PortView) -> Option<(&'static str, &'static str)> {
    match view.presence {
        Presence::Unread => return Some(("…", "not read yet")),
        Presence::Empty if view.judgement.verdict == Verdict::Bad => return Some(("∅", "missing")),
        Presence::Empty => return Some(("·", "empty")),
        Presence::Settling => return Some(("~", "settling")),
        Presence::Failing => return Some(("⊘", "no answer")),
        Presence::Dormant => return Some(("⊘", "no answer for long")),
        Presence::Active => {}
    }
    if view.findings.iter().any(|f| f.severity == Severity::Error) {
        return Some(("≠", "not as planned"));
    }
    let troubled = matches!(view.judgement.verdict, Verdict::Bad | Verdict::Degraded);
    let dark = view.snapshot.as_deref().is_some_and(is_dark);
    (troubled && dark).then_some(("○", "no light"))
}

/// Whether every lane that measures light receives none, and one does.
fn is_dark(module: &Snapshot) -> bool {
    let mut lanes = module
        .lanes
        .iter()
        .filter(|lane| lane.rx_power.value().is_some() || lane.signals.rx_los.value().is_some());
    let is_lit = |lane: &crate::module::LaneReadings| {
        lane.signals.rx_los.value() != Some(true)
            && lane
                .rx_power
                .value()
                .is_none_or(|power| power.watts() > 0.0)
    };
    let first_is_dark = lanes.next().is_some_and(|lane| !is_lit(lane));
    first_is_dark && !lanes.any(is_lit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::units::Watts;

    #[test]
    fn what_stands_in_the_cage_goes_first() {
        let mut view = sample::active(sample::module("S1"));
        assert_eq!(Mark::of(&view).glyph, "≠");
        view.findings.clear();
        assert_eq!((Mark::of(&view).glyph, Mark::of(&view).class), ("✕", "bad"));
        view.presence = Presence::Failing;
        assert_eq!(Mark::of(&view).word, "no answer");
        assert_eq!(Mark::of(&sample::view()).class, "empty");
    }

    #[test]
    fn a_module_is_dark_only_if_every_lane_is() {
        let mut module = sample::module("S1");
        assert!(!is_dark(&module));
        for lane in &mut module.lanes {
            lane.rx_power = crate::module::Reading::Value(Watts::new(0.0));
        }
        assert!(is_dark(&module));
        module.lanes[3].rx_power = crate::module::Reading::Value(Watts::new(1e-3));
        assert!(!is_dark(&module));
        assert!(!is_dark(&sample::nothing()));
    }
}
