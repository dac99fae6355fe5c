//! What no port shows alone: planes compared with their sisters, the two ends of
//! links, serial numbers twice. Done once a second from the published views.

use std::sync::Arc;

use super::journal::Journal;
use super::watch::Context;
use crate::health::common;
use crate::health::event::Event;
use crate::names::PortName;
use crate::plan::Plan;
use crate::plan::date::Date;
use crate::plan::finding::Finding;
use crate::plan::fleet::{FleetPort, check_fleet};
use crate::plan::planes;
use crate::plan::policy::WatchPolicy;
use crate::report::{Fleet, PortView};

/// Holds the plan against the day and the ports against each other, publishes
/// what came of it and tells what changed.
///
/// To be called from one thread only: it replaces the plan when a day begins.
pub fn round(context: &Context) {
    let today = Date::of(context.clock.wall());
    let plan = context.plan.load_full();
    let Some(plan) = plan.as_ref() else {
        let findings = warming(&context.fleet, None).into_iter().collect();
        publish(&context.fleet, &context.journal, findings, Vec::new());
        return;
    };
    if plan.today() == Some(today) {
        look(&context.fleet, &context.journal, plan);
    } else {
        let dated = Arc::new(Some(plan.clone().as_of(today)));
        context.plan.store(Arc::clone(&dated));
        if let Some(plan) = dated.as_ref() {
            look(&context.fleet, &context.journal, plan);
        }
    }
}

/// Holds the published ports against each other and publishes what came of it.
pub fn look(fleet: &Fleet, journal: &Journal, plan: &Plan) {
    let slots = fleet.ports.load();
    let seen: Vec<(&PortName, Arc<PortView>)> = slots
        .iter()
        .map(|slot| (&slot.name, slot.view.load_full()))
        .collect();
    let ports: Vec<FleetPort<'_>> = seen
        .iter()
        .filter_map(|(name, view)| {
            Some(FleetPort {
                assignment: plan.assignment(name)?,
                presence: view.presence,
                snapshot: view.snapshot.as_deref(),
                class: view.class.as_deref(),
            })
        })
        .collect();
    let mut findings = check_fleet(plan, &ports);
    findings.extend(warming(fleet, Some(plan)));
    findings.sort_by(|(one, _), (other, _)| one.cmp(other));
    publish(fleet, journal, findings, planes::imbalance(&ports));
}

/// Whether most modules of the box have become warmer: told of the one that has
/// most.
fn warming(fleet: &Fleet, plan: Option<&Plan>) -> Option<(PortName, Finding)> {
    let slots = fleet.ports.load();
    let warmed: Vec<(&PortName, (f64, f64))> = slots
        .iter()
        .filter_map(|slot| {
            let assignment = plan.and_then(|plan| plan.assignment(&slot.name));
            let watch = assignment.map_or_else(WatchPolicy::default, |a| a.policy.watch);
            let warmed = slot.view.load().health.warmed?;
            Some((&slot.name, (warmed, watch.warming_celsius)))
        })
        .collect();
    let values: Vec<(f64, f64)> = warmed.iter().map(|(_, value)| *value).collect();
    let (place, finding) = common::warming(&values)?;
    let (name, _) = warmed.get(place)?;
    Some((PortName::clone(name), finding))
}

/// Publishes findings and imbalances, and tells of findings that are new or gone.
fn publish(
    fleet: &Fleet,
    journal: &Journal,
    findings: Vec<(PortName, Finding)>,
    imbalance: Vec<planes::Imbalance>,
) {
    let before = fleet.across.load_full();
    let tell = |port: &PortName, event: Event| {
        let slots = fleet.ports.load();
        let slot = slots.iter().find(|slot| slot.name == *port);
        let module = slot.and_then(|slot| slot.view.load().snapshot.clone());
        journal.tell_of(port, module.as_ref(), vec![event]);
    };
    let is_in = |list: &[(PortName, Finding)], port: &PortName, rule: &str| {
        let first = list.partition_point(|(other, _)| other < port);
        let mut own = list
            .iter()
            .skip(first)
            .take_while(|(other, _)| other == port);
        own.any(|(_, finding)| finding.rule == rule)
    };
    for (port, finding) in &findings {
        if !is_in(&before, port, finding.rule) {
            let event = Event::FindingRaised {
                rule: finding.rule,
                severity: finding.severity,
                saw: finding.saw.clone(),
            };
            tell(port, event);
        }
    }
    for (port, finding) in before.iter() {
        if !is_in(&findings, port, finding.rule) {
            let event = Event::FindingCleared { rule: finding.rule };
            tell(port, event);
        }
    }
    fleet.across.store(Arc::new(findings));
    fleet.imbalance.store(Arc::new(imbalance));
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use arc_swap::ArcSwap;

    use super::super::publish as views;
    use super::*;
    use crate::class::Settings;
    use crate::clock::ManualClock;
    use crate::health::figures::Figures;
    use crate::module::Presence;
    use crate::names::BusName;
    use crate::plan::finding::Severity;
    use crate::report::PortSlot;

    const PLAN: &str = "[fabric]\nname = 'x'\nplanes = 2\n\
        [[assign]]\nports = 'n1'\nrole = 'scale-out'\nplane = 1\nplane_set = 'nic'\n\
        [[assign]]\nports = 'n2'\nrole = 'scale-out'\nplane = 2\nplane_set = 'nic'\n\
        [[exception]]\nports = 'n2'\nrule = 'plane-incomplete'\nreason = 'on order'\n\
        expires = '1970-01-01'\n";

    /// A NIC of two planes whose second cage holds what is said.
    fn context(second: Presence) -> (Context, ManualClock) {
        let clock = ManualClock::new();
        let fleet = views::fleet(SystemTime::UNIX_EPOCH);
        let slots = [("n1", Presence::Unread), ("n2", second)].map(|(name, presence)| {
            let mut view = views::unread(None);
            view.presence = presence;
            Arc::new(PortSlot::new(
                PortName::new(name).unwrap(),
                BusName::new("bus").unwrap(),
                view,
            ))
        });
        fleet.ports.store(Arc::new(slots.to_vec()));
        let plan = Plan::parse(PLAN, Path::new("plan.toml")).unwrap();
        let fleet = Arc::new(fleet);
        let context = Context {
            clock: Arc::new(clock.clone()),
            plan: ArcSwap::from_pointee(Some(plan)),
            settings: Settings::default(),
            journal: Journal::unkept(&fleet),
            fleet,
        };
        (context, clock)
    }

    /// Rule and gravity of each finding of the second port.
    fn found(context: &Context) -> Vec<(&'static str, Severity)> {
        let slots = context.fleet.ports.load();
        let slot = slots.get(1).unwrap();
        let findings = context.fleet.findings_of(&slot.name, &slot.view.load());
        findings.iter().map(|f| (f.rule, f.severity)).collect()
    }

    fn told(context: &Context, kind: &str) -> u64 {
        let kinds = context.fleet.events.by_kind();
        let mut of_kind = kinds.into_iter().filter(|(name, _)| *name == kind);
        of_kind.next().map_or(0, |(_, number)| number)
    }

    #[test]
    fn what_no_port_shows_alone_is_published_and_told_once() {
        let (context, _) = context(Presence::Failing);
        assert_eq!(found(&context), []);
        round(&context);
        assert_eq!(found(&context), [("plane-incomplete", Severity::Notice)]);
        round(&context);
        assert_eq!(told(&context, "finding_raised"), 1);
        let slots = context.fleet.ports.load();
        let slot = slots.get(1).unwrap();
        slot.view.store(Arc::new(views::unread(None)));
        round(&context);
        assert_eq!(found(&context), []);
        assert_eq!(told(&context, "finding_cleared"), 1);
    }

    #[test]
    fn a_new_day_ends_exceptions() {
        let (context, clock) = context(Presence::Failing);
        round(&context);
        assert_eq!(found(&context), [("plane-incomplete", Severity::Notice)]);
        clock.advance(Duration::from_secs(86_400));
        round(&context);
        let warned = Severity::Warning;
        assert_eq!(
            found(&context),
            [("plane-incomplete", warned), ("exception-expired", warned)]
        );
    }

    #[test]
    fn a_box_that_warms_up_is_told_of_its_warmest_port() {
        let (context, _) = context(Presence::Unread);
        let slots = (1..=6).map(|number| {
            let mut view = views::unread(None);
            view.health = Arc::new(Figures {
                warmed: Some(12.0 + f64::from(number % 3)),
                ..Figures::default()
            });
            let name = PortName::new(&format!("n{number}")).unwrap();
            Arc::new(PortSlot::new(name, BusName::new("bus").unwrap(), view))
        });
        context.fleet.ports.store(Arc::new(slots.collect()));
        for plan in [context.plan.load_full(), Arc::new(None)] {
            context.plan.store(plan);
            round(&context);
            let across = context.fleet.across.load();
            let warming = across.iter().filter(|(_, f)| f.rule == "box-warming");
            let ports: Vec<_> = warming.map(|(port, _)| port.as_str()).collect();
            assert_eq!(ports, ["n5"]);
        }
    }

    #[test]
    fn without_a_plan_nothing_is_found() {
        let (context, _) = context(Presence::Failing);
        round(&context);
        context.plan.store(Arc::new(None));
        round(&context);
        assert_eq!(found(&context), []);
        assert!(context.fleet.imbalance.load().is_empty());
    }
}
