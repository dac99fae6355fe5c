//! Planes compared with their sisters: of all ports, or lanes of one port, that
//! carry the traffic of one NIC or leaf, which one is worse than the others.
//!
//! Each plane is held against the median of the others, in the direction that
//! is bad only: a plane that is better is nobody's trouble, and with two planes
//! the worse one is named.

mod reading;

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use super::finding::Finding;
use super::fleet::FleetPort;
use super::role::Role;
use super::rules::{plane_imbalance, plane_incomplete};
use super::{Assignment, Plan};
use crate::module::Presence;
use crate::names::PortName;
use reading::Readings;

pub use reading::Quantity;

/// How far the worst plane of a role is from its sisters in one quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Imbalance {
    /// The role.
    pub role: Role,
    /// What was compared.
    pub quantity: Quantity,
    /// The difference by what the plan tolerates: above 1 there is a finding.
    pub ratio: f64,
}

/// One plane of a set.
struct Member<'a> {
    port: &'a FleetPort<'a>,
    plane: u16,
    /// Lanes over all banks, where the plane has a part of a port.
    lanes: Option<RangeInclusive<u16>>,
    readings: Readings,
}

/// Planes that carry one NIC's or leaf's traffic.
struct Set<'a> {
    name: &'a str,
    members: Vec<Member<'a>>,
}

/// The findings about the planes of all sets, each on the port of its plane.
pub(super) fn look(plan: &Plan, ports: &[FleetPort<'_>]) -> Vec<(PortName, Finding)> {
    let sets = sets(ports);
    let mut found = Vec::new();
    for set in &sets {
        found.extend(set.unplanned(plan.fabric.planes));
        found.extend(set.members.iter().filter_map(|member| set.dark(member)));
        found.extend(set.imbalanced());
    }
    found
}

/// How far the worst plane of each role is from its sisters, in each quantity
/// that could be compared.
pub fn imbalance(ports: &[FleetPort<'_>]) -> Vec<Imbalance> {
    let mut worst: BTreeMap<(&str, Quantity), Imbalance> = BTreeMap::new();
    for set in &sets(ports) {
        for member in &set.members {
            let role = member.port.assignment.role;
            for (quantity, ratio) in set.ratios(member) {
                let entry = worst.entry((role.name(), quantity)).or_insert(Imbalance {
                    role,
                    quantity,
                    ratio,
                });
                entry.ratio = entry.ratio.max(ratio);
            }
        }
    }
    worst.into_values().collect()
}

/// The plane sets among the ports, in the order of their first ports.
fn sets<'a>(ports: &'a [FleetPort<'a>]) -> Vec<Set<'a>> {
    let mut sets: Vec<Set<'a>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for port in ports {
        let Some(name) = set_name(port.assignment) else {
            continue;
        };
        let place = *places.entry(name).or_insert_with(|| {
            sets.push(Set {
                name,
                members: Vec::new(),
            });
            sets.len() - 1
        });
        if let Some(set) = sets.get_mut(place) {
            set.members.extend(members(port));
        }
    }
    sets
}

/// The name of the set that a port belongs to: its own where it is split over
/// planes by itself.
fn set_name(assignment: &Assignment) -> Option<&str> {
    let split = assignment.expected.breakout.as_ref();
    let by_itself = split.is_some_and(|split| !split.planes.is_empty());
    match &assignment.plane_set {
        Some(name) if by_itself || assignment.plane.is_some() => Some(name),
        None if by_itself => Some(assignment.port.as_str()),
        _ => None,
    }
}

/// The planes that a port carries: one, or one for each data path.
fn members<'a>(port: &'a FleetPort<'a>) -> Vec<Member<'a>> {
    let one = |plane, lanes: Option<RangeInclusive<u16>>| Member {
        port,
        plane,
        readings: Readings::of(port, lanes.as_ref()),
        lanes,
    };
    let split = port.assignment.expected.breakout.as_ref();
    match split.filter(|split| !split.planes.is_empty()) {
        None => port
            .assignment
            .plane
            .map(|plane| one(plane, None))
            .into_iter()
            .collect(),
        Some(split) => {
            let lanes = port.snapshot.map_or(0, |module| module.lane_count.host);
            // Each data path has its share of the lanes, in their order.
            let share = (lanes / split.paths.max(1)).max(1);
            let starts = (1..).step_by(usize::from(share));
            let planes = split.planes.iter().zip(starts);
            planes
                .map(|(plane, first)| one(*plane, Some(first..=first.saturating_add(share - 1))))
                .collect()
        }
    }
}

impl Member<'_> {
    /// The plane in words, with its lanes where it has a part of a port.
    fn in_words(&self) -> String {
        match &self.lanes {
            None => format!("plane {}", self.plane),
            Some(lanes) if lanes.start() == lanes.end() => {
                format!("plane {} (lane {})", self.plane, lanes.start())
            }
            Some(lanes) => format!(
                "plane {} (lanes {} to {})",
                self.plane,
                lanes.start(),
                lanes.end()
            ),
        }
    }

    fn found(&self, finding: Finding) -> (PortName, Finding) {
        (self.port.assignment.port.clone(), finding)
    }
}

impl Set<'_> {
    /// Planes that the fabric has and the plan does not give to the set.
    fn unplanned(&self, wanted: u16) -> Option<(PortName, Finding)> {
        let first = self.members.first()?;
        let mut planes: Vec<u16> = self.members.iter().map(|member| member.plane).collect();
        planes.sort_unstable();
        planes.dedup();
        let complete = planes.len() >= usize::from(wanted);
        (!complete).then(|| first.found(plane_incomplete::planned(self.name, &planes, wanted)))
    }

    /// A plane whose module must be there and does not answer.
    fn dark(&self, member: &Member<'_>) -> Option<(PortName, Finding)> {
        let stands = member.port.presence;
        let dark = matches!(
            stands,
            Presence::Empty | Presence::Failing | Presence::Dormant
        ) && member.port.assignment.required;
        dark.then(|| {
            member.found(plane_incomplete::dark(
                self.name,
                member.plane,
                stands.name(),
            ))
        })
    }

    /// The planes that are worse than the others by more than is tolerated.
    fn imbalanced(&self) -> Vec<(PortName, Finding)> {
        let one = |member: &Member<'_>| {
            let differs: Vec<String> = self
                .ratios(member)
                .into_iter()
                .filter(|(_, ratio)| *ratio > 1.0)
                .filter_map(|(quantity, _)| {
                    let (own, others) = self.own_and_others(member, quantity)?;
                    Some(quantity.in_words(own, others))
                })
                .collect();
            let peer = member.port.assignment.peer.as_ref();
            let towards = peer.map_or_else(String::new, |peer| format!(" towards {peer}"));
            (!differs.is_empty()).then(|| {
                let plane = member.in_words();
                member.found(plane_imbalance::of(&plane, self.name, &differs, &towards))
            })
        };
        self.members.iter().filter_map(one).collect()
    }

    /// By how much a plane is worse than its sisters, as a share of what is
    /// tolerated; 0 where it is as good or better.
    fn ratios(&self, member: &Member<'_>) -> Vec<(Quantity, f64)> {
        let policy = &member.port.assignment.policy;
        let ratio = |quantity: Quantity| {
            let (own, others) = self.own_and_others(member, quantity)?;
            let worse = quantity.worse_by(own, others, policy);
            Some((quantity, worse.max(0.0)))
        };
        Quantity::ALL.into_iter().filter_map(ratio).collect()
    }

    /// A plane's own value and the median of its sisters'.
    fn own_and_others(&self, member: &Member<'_>, quantity: Quantity) -> Option<(f64, f64)> {
        let own = member.readings.get(quantity)?;
        let others = self
            .members
            .iter()
            .filter(|other| !std::ptr::eq(*other, member));
        let others = others.filter_map(|other| other.readings.get(quantity));
        Some((own, reading::median(others)?))
    }
}
