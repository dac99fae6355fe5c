//! What no port shows alone: planes compared with their sisters, the two ends of
//! links, serial numbers twice. Done once a second from the published views.

use std::sync::Arc;

use super::journal;
use super::watch::Context;
use crate::health::event::Event;
use crate::names::PortName;
use crate::plan::Plan;
use crate::plan::date::Date;
use crate::plan::finding::Finding;
use crate::plan::fleet::{FleetPort, check_fleet};
use crate::plan::planes;
use crate::report::{Fleet, PortView};

/// Holds the plan against the day and the ports against each other, publishes
/// what came of it and tells what changed.
///
/// To be called from one thread only: it replaces the plan when a day begins.
pub fn round(context: &Context) {
    let today = Date::of(context.clock.wall());
    let plan = context.plan.load_full();
    let Some(plan) = plan.as_ref() else {
        publish(&context.fleet, Vec::new(), Vec::new());
        return;
    };
    if plan.today() == Some(today) {
        look(&context.fleet, plan);
    } else {
        let dated = Arc::new(Some(plan.clone().as_of(today)));
        context.plan.store(Arc::clone(&dated));
        if let Some(plan) = dated.as_ref() {
            look(&context.fleet, plan);
        }
    }
}

/// Holds the published ports against each other and publishes what came of it.
pub fn look(fleet: &Fleet, plan: &Plan) {
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
    let findings = check_fleet(plan, &ports);
    publish(fleet, findings, planes::imbalance(&ports));
}

/// Publishes findings and imbalances, and tells of findings that are new or gone.
fn publish(fleet: &Fleet, findings: Vec<(PortName, Finding)>, imbalance: Vec<planes::Imbalance>) {
    let before = fleet.across.load_full();
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
            journal::tell(&fleet.events, Some(port), &event);
        }
    }
    for (port, finding) in before.iter() {
        if !is_in(&findings, port, finding.rule) {
            let event = Event::FindingCleared { rule: finding.rule };
            journal::tell(&fleet.events, Some(port), &event);
        }
    }
    fleet.across.store(Arc::new(findings));
    fleet.imbalance.store(Arc::new(imbalance));
}
