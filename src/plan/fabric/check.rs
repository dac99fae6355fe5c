//! Finds where a plan contradicts itself: in its arithmetic, and between the
//! fabric and the ports that it assigns.

use std::collections::BTreeMap;

use super::clos::{self, Clos};
use super::contradiction::Contradiction;
use super::number::{grouped, to_one};
use super::size::{Plane, Sizing, Wish};
use super::{Lanes, MOST_TIERS};
use crate::plan::role::Standing;
use crate::plan::{Fabric, Plan};

/// Contradictions among the numbers of the fabric.
pub(super) fn arithmetic(fabric: &Fabric, sizing: &Sizing) -> Vec<Contradiction> {
    let mut found = Vec::new();
    unknown(fabric, sizing, &mut found);
    lanes(fabric, &sizing.lanes, &mut found);
    for plane in &sizing.planes {
        let wish = Wish::new(&fabric.design, plane.number, sizing.radix);
        endpoints(plane, wish, sizing.tiers, &mut found);
        division(plane, wish, sizing.tiers, &mut found);
        cages(plane, &sizing.lanes, &mut found);
        difference(plane, wish, fabric, sizing, &mut found);
    }
    found
}

/// Planes and tiers that are described but not there.
fn unknown(fabric: &Fabric, sizing: &Sizing, found: &mut Vec<Contradiction>) {
    let planes = fabric.planes;
    let tiers = sizing.tiers;
    let design = &fabric.design;
    let absent = design.planes.iter().filter(|plane| plane.plane > planes);
    found.extend(absent.map(|plane| Contradiction::NoSuchPlane {
        plane: plane.plane,
        planes,
        line: plane.at.line,
    }));
    let absent = design.links.iter().filter(|link| link.tier > tiers);
    found.extend(absent.map(|link| Contradiction::NoSuchTier {
        tier: link.tier,
        tiers,
        line: link.at.line,
    }));
}

fn lanes(fabric: &Fabric, lanes: &Lanes, found: &mut Vec<Contradiction>) {
    let port_gbps = fabric.design.port_gbps;
    if !port_gbps.is_multiple_of(lanes.gbps) {
        found.push(Contradiction::SpeedDoesNotDivide {
            port_gbps,
            lane_gbps: lanes.gbps,
        });
    }
    if !lanes.per_module.is_multiple_of(lanes.per_port) {
        found.push(Contradiction::LanesDoNotFit {
            per_port: lanes.per_port,
            per_module: lanes.per_module,
        });
    }
    if lanes.host_needed > lanes.host_per_module {
        found.push(Contradiction::HostLanesDoNotFit {
            needed: lanes.host_needed,
            per_module: lanes.host_per_module,
            planes: fabric.planes,
        });
    }
}

fn endpoints(plane: &Plane, wish: Wish, tiers: u16, found: &mut Vec<Contradiction>) {
    let capacity = plane.clos.capacity;
    let Some(wanted) = wish.endpoints.filter(|wanted| *wanted > capacity) else {
        return;
    };
    let (plane, radix) = (plane.number, wish.radix);
    let enough = |tiers: &u16| clos::capacity(radix, *tiers, wish.split()) >= wanted;
    found.push(match (tiers..=MOST_TIERS).find(enough) {
        Some(needed) => Contradiction::TooFewTiers {
            plane,
            wanted,
            capacity,
            tiers,
            radix,
            needed,
        },
        None => Contradiction::TooManyEndpoints {
            plane,
            wanted,
            capacity,
            tiers,
            radix,
        },
    });
}

/// Whether the ports of a switch divide. A single tier needs no division.
fn division(plane: &Plane, wish: Wish, tiers: u16, found: &mut Vec<Contradiction>) {
    if tiers < 2 {
        return;
    }
    if !wish.split().is_even {
        found.push(Contradiction::RadixDoesNotDivide {
            plane: plane.number,
            radix: wish.radix,
            oversubscription: wish.oversubscription,
        });
    } else if tiers > 2 && !wish.radix.is_multiple_of(2) {
        found.push(Contradiction::OddRadix {
            plane: plane.number,
            radix: wish.radix,
        });
    }
}

fn cages(plane: &Plane, lanes: &Lanes, found: &mut Vec<Contradiction>) {
    let radix = u64::from(plane.radix);
    let ports_per_module = lanes.ports_per_module;
    if !radix.is_multiple_of(ports_per_module) {
        found.push(Contradiction::PortsDoNotFillModules {
            plane: plane.number,
            radix: plane.radix,
            ports_per_module,
        });
        return;
    }
    let cages = radix / ports_per_module;
    for (tier, needed) in (1..).zip(modules_of_a_switch(&plane.clos, lanes)) {
        if needed > cages {
            found.push(Contradiction::TooFewCages {
                plane: plane.number,
                tier,
                needed,
                cages,
            });
        }
    }
}

/// The modules of that switch of each tier that has the most.
fn modules_of_a_switch(clos: &Clos, lanes: &Lanes) -> impl Iterator<Item = u64> {
    clos.tiers.iter().map(|tier| {
        let modules = tier
            .groups
            .iter()
            .map(|switch| lanes.modules(switch.down) + lanes.modules(switch.up));
        modules.max().unwrap_or(0)
    })
}

/// Whether a plane has the size of the first.
fn difference(
    plane: &Plane,
    wish: Wish,
    fabric: &Fabric,
    sizing: &Sizing,
    found: &mut Vec<Contradiction>,
) {
    let Some(first) = sizing.planes.first() else {
        return;
    };
    let model = Wish::new(&fabric.design, first.number, sizing.radix);
    let mut differ = |quantity, here: String, first: String| {
        if here != first {
            found.push(Contradiction::PlanesDiffer {
                plane: plane.number,
                quantity,
                here,
                first,
            });
        }
    };
    let wanted = |wish: Wish, plane: &Plane| grouped(wish.endpoints.unwrap_or(plane.clos.capacity));
    differ("endpoints", wanted(wish, plane), wanted(model, first));
    differ(
        "ports in a switch",
        wish.radix.to_string(),
        model.radix.to_string(),
    );
    differ(
        "oversubscription",
        to_one(wish.oversubscription),
        to_one(model.oversubscription),
    );
}

/// Contradictions between the fabric and the ports that the plan assigns. A
/// plan that assigns none speaks of the fabric alone.
pub(super) fn assignments(plan: &Plan, sizing: &Sizing) -> Vec<Contradiction> {
    let mut found = Vec::new();
    if !plan.assignments().is_empty() {
        roles(plan, sizing, &mut found);
        ports(plan, &mut found);
    }
    found
}

fn roles(plan: &Plan, sizing: &Sizing, found: &mut Vec<Contradiction>) {
    let links = sizing.planes.iter().take(1).flat_map(|plane| &plane.links);
    let mut without = Vec::new();
    for link in links {
        let (role, class, tier) = (link.role, link.class, link.tier);
        let mut ports = plan
            .assignments()
            .iter()
            .filter(|assignment| assignment.role == role)
            .peekable();
        if ports.peek().is_none() {
            if !without.contains(&role) {
                without.push(role);
                found.push(Contradiction::RoleWithoutPorts { role, tier });
            }
        } else if ports.all(|port| port.policy.standing(class) == Standing::Denied) {
            found.push(Contradiction::ClassDenied { class, role, tier });
        }
    }
}

/// Whether the planes that this box reaches have as many ports each.
fn ports(plan: &Plan, found: &mut Vec<Contradiction>) {
    let mut ports: BTreeMap<u16, usize> = BTreeMap::new();
    for plane in plan.assignments().iter().filter_map(|port| port.plane) {
        *ports.entry(plane).or_default() += 1;
    }
    let Some((other, there)) = ports.pop_first() else {
        return;
    };
    let unlike = ports.into_iter().filter(|(_, here)| *here != there);
    found.extend(unlike.map(|(plane, here)| Contradiction::PortsDiffer {
        plane,
        here,
        other,
        there,
    }));
}
