//! What happened between two views of a port.
//!
//! Pure: both views in, events out. Whatever is the same in both makes no event.
//! Flags that come and go are told by [`crate::health::flags::Latches`].

use crate::health::event::{Event, Nameplate};
use crate::module::{Presence, Snapshot};
use crate::report::PortView;

/// The events that lead from one view of a port to the next, in the order in
/// which a person would tell them.
pub fn between(before: &PortView, after: &PortView) -> Vec<Event> {
    let mut events = Vec::new();
    module_changes(before, after, &mut events);
    trouble_changes(before, after, &mut events);
    finding_changes(before, after, &mut events);
    let (from, to) = (before.judgement.verdict, after.judgement.verdict);
    if from != to {
        let reason = after.judgement.reasons.first().cloned();
        events.push(Event::VerdictChanged {
            from,
            to,
            reason: reason.unwrap_or_default(),
        });
    }
    events
}

/// Modules that came, went or changed.
fn module_changes(before: &PortView, after: &PortView, events: &mut Vec<Event>) {
    let came = after.counts.insertions > before.counts.insertions;
    // Whether it can be read or not: who came and did not go is there.
    let is_there = |view: &PortView| view.counts.insertions > view.counts.departures;
    if came && is_there(before) {
        events.push(Event::Swapped(nameplate(after.snapshot.as_deref())));
    } else if came {
        events.push(Event::Inserted(nameplate(after.snapshot.as_deref())));
    } else if is_there(before) && !is_there(after) {
        events.push(Event::Removed(nameplate(before.snapshot.as_deref())));
    }
    if let Some(class) = &after.class {
        let known = before.class.as_ref().map(|c| c.class);
        if came || known.is_some_and(|known| known != class.class) {
            events.push(Event::ClassDecided {
                class: class.class,
                confidence: class.confidence,
            });
        }
    }
    let Some(now) = &after.snapshot else {
        return;
    };
    let then = before.snapshot.as_ref().filter(|_| !came);
    let state_then = then.and_then(|snapshot| snapshot.state.value());
    if let (Some(from), Some(to)) = (state_then, now.state.value())
        && from != to
    {
        events.push(Event::StateChanged { from, to });
    }
}

/// Bus trouble that began or ended. An empty cage is no trouble of the bus, and
/// one lost sweep of a good module is none yet.
fn trouble_changes(before: &PortView, after: &PortView, events: &mut Vec<Event>) {
    match (trouble(before), trouble(after)) {
        (None, Some(said)) => events.push(Event::BusTrouble {
            said: said.to_owned(),
        }),
        (Some(_), None) if after.presence != Presence::Empty => events.push(Event::BusRecovered),
        _ => {}
    }
}

/// What the bus said, where it counts.
fn trouble(view: &PortView) -> Option<&str> {
    match view.presence {
        Presence::Empty | Presence::Active => None,
        Presence::Unread if !view.settled => None,
        Presence::Unread | Presence::Settling | Presence::Failing | Presence::Dormant => {
            view.trouble.as_deref()
        }
    }
}

/// Findings that are new or gone, by rule.
fn finding_changes(before: &PortView, after: &PortView, events: &mut Vec<Event>) {
    for finding in &after.findings {
        if !before.findings.iter().any(|f| f.rule == finding.rule) {
            events.push(Event::FindingRaised {
                rule: finding.rule,
                severity: finding.severity,
                saw: finding.saw.clone(),
            });
        }
    }
    for finding in &before.findings {
        if !after.findings.iter().any(|f| f.rule == finding.rule) {
            events.push(Event::FindingCleared { rule: finding.rule });
        }
    }
}

/// Who the module says it is.
pub fn nameplate(snapshot: Option<&Snapshot>) -> Nameplate {
    snapshot.map_or_else(Nameplate::default, |snapshot| {
        let identity = &snapshot.identity;
        Nameplate {
            vendor: identity.vendor.as_ref().value().cloned(),
            part_number: identity.part_number.as_ref().value().cloned(),
            serial: identity.serial.as_ref().value().cloned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::publish::unread;
    use crate::health::verdict::{Judgement, Verdict};
    use crate::plan::finding::{Finding, Severity};

    fn view(presence: Presence) -> PortView {
        PortView {
            presence,
            ..unread(None)
        }
    }

    fn kinds(before: &PortView, after: &PortView) -> Vec<&'static str> {
        between(before, after).iter().map(Event::kind).collect()
    }

    #[test]
    fn the_same_view_twice_is_no_event() {
        let mut view = view(Presence::Failing);
        view.trouble = Some("module refused a byte".to_owned());
        assert_eq!(between(&view, &view), []);
    }

    #[test]
    fn modules_come_go_and_are_swapped() {
        let empty = view(Presence::Empty);
        let mut there = view(Presence::Active);
        there.counts.insertions = 1;
        let mut other = there.clone();
        other.counts.insertions = 2;
        let mut gone = there.clone();
        gone.presence = Presence::Empty;
        gone.trouble = Some("no answer to the address".to_owned());
        gone.counts.departures = 1;
        assert_eq!(kinds(&empty, &there), ["insert"]);
        assert_eq!(kinds(&there, &other), ["swap"]);
        assert_eq!(kinds(&there, &gone), ["remove"]);
        // One that could not be read for a while is still there.
        there.presence = Presence::Failing;
        assert_eq!(kinds(&there, &other)[0], "swap");
        // Whoever never gave a name did not come.
        assert_eq!(kinds(&view(Presence::Settling), &empty), [""; 0]);
    }

    #[test]
    fn an_empty_cage_is_no_bus_trouble_and_a_silent_module_is() {
        let mut empty = view(Presence::Empty);
        empty.trouble = Some("no answer to the address".to_owned());
        assert_eq!(kinds(&view(Presence::Unread), &empty), [""; 0]);

        let well = view(Presence::Active);
        let mut failing = view(Presence::Failing);
        failing.trouble = Some("module refused a byte".to_owned());
        let mut lost_one = well.clone();
        lost_one.trouble.clone_from(&failing.trouble);
        assert_eq!(kinds(&well, &lost_one), [""; 0]);
        assert_eq!(kinds(&lost_one, &failing), ["bus_trouble"]);
        assert_eq!(kinds(&failing, &well), ["bus_recovered"]);
    }

    #[test]
    fn findings_and_verdicts_are_told_once() {
        let well = view(Presence::Active);
        let mut ill = well.clone();
        ill.findings.push(Finding {
            rule: "class-denied",
            severity: Severity::Error,
            saw: "dsp".to_owned(),
            planned: "lpo".to_owned(),
            advice: "swap it".to_owned(),
        });
        ill.judgement = Judgement {
            verdict: Verdict::Bad,
            reasons: vec!["dsp in scale-up".to_owned()],
        };
        assert_eq!(kinds(&well, &ill), ["finding_raised", "verdict_changed"]);
        assert_eq!(kinds(&ill, &well), ["finding_cleared", "verdict_changed"]);
    }
}
