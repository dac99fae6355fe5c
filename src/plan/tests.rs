//! Every rule against simulated modules that went through the real sweep: what
//! raises it, what one step away does not, and the text that a person reads.

#[cfg(test)]
mod demo;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod one_port;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::check::{check, check_watched};
use super::date::Date;
use super::finding::{Finding, Severity};
use super::fleet::{FleetPort, check_fleet, check_plan};
use super::watched::Watched;
use super::{Assignment, Plan};
use crate::bus::paging::Paged;
use crate::class::{self, Classification, Settings};
use crate::clock::ManualClock;
use crate::module::sweep::Session;
use crate::module::{Presence, Snapshot};
use crate::names::PortName;
use crate::sim::builders;
use crate::sim::cage::Cage;
use crate::sim::knobs::Knobs;
use crate::sim::module::SimModule;
use crate::sim::wire::BusRate;

/// A swept module and its class.
type Module = (Snapshot, Classification);

/// Sweeps a cage a few times and classifies what stands in it, if it answers.
fn sweep(cage: &Cage, clock: &ManualClock) -> Option<Module> {
    let i2c = cage.i2c(BusRate::default());
    let mut memory = Paged::new(i2c, clock.clone(), Arc::default());
    let mut session = Session::new();
    let snapshot = (0..4)
        .find_map(|_| session.sweep(&mut memory, clock).ok())?
        .snapshot;
    let class = class::classify(&snapshot, &Settings::default());
    Some((snapshot, class))
}

/// A module that has run for a minute.
fn running(module: SimModule) -> Module {
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    cage.insert(module);
    clock.advance(Duration::from_secs(60));
    sweep(&cage, &clock).unwrap()
}

/// A module of a simulated family.
fn module(family: &str) -> Module {
    running(builders::by_name(family).unwrap())
}

/// A module of a family with a serial number and something done to it.
fn treated(family: &str, serial: &str, turn: impl FnOnce(&mut Knobs, Duration)) -> Module {
    let module = builders::by_name_with_serial(family, serial).unwrap();
    running(module.with_knobs(turn))
}

fn plan(text: &str) -> Plan {
    let text = format!("[fabric]\nname = 'x'\nplanes = 4\nhost = 'leaf3'\n{text}");
    Plan::parse(&text, Path::new("plan.toml")).unwrap()
}

fn assignment<'a>(plan: &'a Plan, port: &str) -> &'a Assignment {
    plan.assignment(&PortName::new(port).unwrap()).unwrap()
}

fn port<'a>(plan: &'a Plan, name: &str, module: Option<&'a Module>) -> FleetPort<'a> {
    FleetPort {
        assignment: assignment(plan, name),
        presence: match module {
            Some(_) => Presence::Active,
            None => Presence::Empty,
        },
        snapshot: module.map(|(snapshot, _)| snapshot),
        class: module.map(|(_, class)| class),
    }
}

/// A finding in one line.
fn line(finding: &Finding) -> String {
    format!(
        "{} {}: saw {}, planned {}; {}",
        finding.severity.name(),
        finding.rule,
        finding.saw,
        finding.planned,
        finding.advice
    )
}

/// Findings of a rule between ports, with their ports.
fn between(found: &[(PortName, Finding)], rule: &str) -> Vec<String> {
    let of_rule = found.iter().filter(|(_, finding)| finding.rule == rule);
    of_rule
        .map(|(port, finding)| format!("{port}: {}", line(finding)))
        .collect()
}
