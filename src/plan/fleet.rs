//! Holds all ports of a plan against each other: what no port shows alone.

use std::collections::HashMap;

use super::finding::Finding;
use super::rules::{self, Case, duplicate_serial, peer_class_mismatch};
use super::{Assignment, Plan, exception, planes};
use crate::class::{Classification, Form};
use crate::module::{Presence, Snapshot};
use crate::names::PortName;

/// A planned port with what stands in it.
#[derive(Debug, Clone, Copy)]
pub struct FleetPort<'a> {
    /// What the plan says.
    pub assignment: &'a Assignment,
    /// What stands in the cage.
    pub presence: Presence,
    /// The module, if it was read.
    pub snapshot: Option<&'a Snapshot>,
    /// Its class.
    pub class: Option<&'a Classification>,
}

impl<'a> FleetPort<'a> {
    /// A port at which nobody looked.
    fn unread(assignment: &'a Assignment) -> Self {
        Self {
            assignment,
            presence: Presence::Unread,
            snapshot: None,
            class: None,
        }
    }

    fn module(&self) -> Option<(&'a Snapshot, &'a Classification)> {
        self.snapshot.zip(self.class)
    }
}

/// What differs from the plan between ports, each on the port where something
/// is to be done; by port, and the gravest first on each. Exceptions are
/// applied.
///
/// `ports` are those that were looked at, each once.
pub fn check_fleet(plan: &Plan, ports: &[FleetPort<'_>]) -> Vec<(PortName, Finding)> {
    let mut found = planes::look(plan, ports);
    found.extend(duplicate_serials(ports));
    found.extend(peers(plan, ports));
    excepted(plan, found)
}

/// What is wrong with a plan by itself, without any hardware; ordered as in
/// [`check_fleet`]. Whatever has lapsed by the day of [`Plan::as_of`] is told.
pub fn check_plan(plan: &Plan) -> Vec<(PortName, Finding)> {
    let unread: Vec<_> = plan.assignments().iter().map(FleetPort::unread).collect();
    let mut found = planes::look(plan, &unread);
    let told = |assignment: &Assignment, finding| (assignment.port.clone(), finding);
    for assignment in plan.assignments() {
        let too_long = rules::fiber_too_long::look(assignment);
        found.extend(too_long.map(|finding| told(assignment, finding)));
    }
    let mut found = excepted(plan, found);
    for assignment in plan.assignments() {
        let lapsed = assignment.exceptions.iter().filter(|e| e.lapsed);
        let findings = lapsed.map(rules::exception_expired::of);
        found.extend(findings.map(|finding| told(assignment, finding)));
    }
    let mut found = in_order(found);
    // One that a finding above still needs is told already.
    found.dedup();
    found
}

/// Findings by port, the gravest first on each; the same ones side by side.
fn in_order(mut found: Vec<(PortName, Finding)>) -> Vec<(PortName, Finding)> {
    found.sort_by(|(port, one), (other_port, other)| {
        let by_port = port.cmp(other_port);
        let by_severity = other.severity.cmp(&one.severity);
        let by_words = (one.rule, &one.saw).cmp(&(other.rule, &other.saw));
        by_port.then(by_severity).then(by_words)
    });
    found
}

/// Applies the exceptions of each port to its findings.
fn excepted(plan: &Plan, found: Vec<(PortName, Finding)>) -> Vec<(PortName, Finding)> {
    let found = in_order(found);
    let mut told = Vec::with_capacity(found.len());
    for of_one in found.chunk_by(|(port, _), (other, _)| port == other) {
        let Some((port, _)) = of_one.first() else {
            continue;
        };
        let mut findings: Vec<_> = of_one.iter().map(|(_, finding)| finding.clone()).collect();
        if let Some(assignment) = plan.assignment(port) {
            exception::apply(&assignment.exceptions, &mut findings);
        }
        told.extend(findings.into_iter().map(|finding| (port.clone(), finding)));
    }
    told
}

/// Modules of one vendor with one serial number. The two ends of a cable have
/// one by custom.
fn duplicate_serials(ports: &[FleetPort<'_>]) -> Vec<(PortName, Finding)> {
    let mut by_serial: HashMap<(Option<&str>, &str), Vec<&FleetPort<'_>>> = HashMap::new();
    for port in ports {
        let Some(identity) = port.snapshot.map(|module| &module.identity) else {
            continue;
        };
        let vendor = identity.vendor.as_ref().value().map(String::as_str);
        let serial = identity.serial.as_ref().value().map(String::as_str);
        if let Some(serial) = serial.filter(|serial| !serial.is_empty()) {
            by_serial.entry((vendor, serial)).or_default().push(port);
        }
    }
    let mut found = Vec::new();
    for ((_, serial), same) in by_serial {
        let is_cable = |port: &&FleetPort<'_>| port.class.is_some_and(|c| c.form == Form::Cable);
        if same.len() < 2 || (same.len() == 2 && same.iter().all(is_cable)) {
            continue;
        }
        for port in &same {
            let name = &port.assignment.port;
            let names = same.iter().map(|other| &other.assignment.port);
            let others: Vec<_> = names
                .filter(|other| *other != name)
                .map(PortName::as_str)
                .take(MOST_NAMED)
                .collect();
            let finding = duplicate_serial::of(&format!("serial number {serial}"), &others);
            found.push((name.clone(), finding));
        }
    }
    found
}

/// How many other ports a finding names: a vendor that writes one number into
/// every module would fill pages.
const MOST_NAMED: usize = 4;

/// Links of which both ends are ports of the plan, each end looked at by its own
/// policy. Where the plan says what is at the far end, the port's own check told.
fn peers(plan: &Plan, ports: &[FleetPort<'_>]) -> Vec<(PortName, Finding)> {
    let by_name: HashMap<&PortName, &FleetPort<'_>> = ports
        .iter()
        .map(|port| (&port.assignment.port, port))
        .collect();
    let one = |port: &FleetPort<'_>| {
        let (module, class) = port.module()?;
        let far = by_name.get(&plan.far_port(port.assignment)?)?.module()?;
        let case = Case {
            planned: port.assignment,
            module,
            class,
            host_counts: false,
            host_silent: None,
        };
        let finding = peer_class_mismatch::look_at(&case, far)?;
        Some((port.assignment.port.clone(), finding))
    };
    let unsaid = ports
        .iter()
        .filter(|p| p.assignment.expected.peer_class.is_none());
    unsaid.filter_map(one).collect()
}

impl Plan {
    /// The port of this plan at the far end of another: named in full, or as
    /// `box:port` where the plan is that of the box.
    fn far_port(&self, assignment: &Assignment) -> Option<PortName> {
        let peer = assignment.peer.as_deref()?;
        let in_full = PortName::new(peer).filter(|name| self.assignment(name).is_some());
        in_full.or_else(|| {
            let (host, port) = peer.rsplit_once(':')?;
            let own = self.fabric.host.as_deref() == Some(host);
            own.then(|| PortName::new(port)).flatten()
        })
    }
}
