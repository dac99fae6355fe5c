//! The sizing of a fabric: every plane, every tier, and what they come to.

use super::bill::{Cabling, Hosts, Link, Totals};
use super::clos::{self, Clos, Split};
use super::contradiction::Contradiction;
use super::design::{Design, PlaneDesign};
use super::lanes::Lanes;
use super::{MOST_TIERS, check, usual};
use crate::plan::role::Role;
use crate::plan::{Fabric, Plan};

/// What a fabric comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Sizing {
    /// The fabric's name.
    pub name: String,
    /// Tiers of switches, 1 to 3.
    pub tiers: u16,
    /// Ports of one switch.
    pub radix: u16,
    /// Speed of one port in Gb/s.
    pub port_gbps: u64,
    /// How lanes fit into modules.
    pub lanes: Lanes,
    /// The planes, first to last; never none.
    pub planes: Vec<Plane>,
    /// The modules in endpoints, which all planes share.
    pub hosts: Hosts,
    /// Everything together.
    pub totals: Totals,
    /// The longest way between two endpoints.
    pub latency: Latency,
    /// Where the plan contradicts itself. The numbers are then those of what can
    /// be built: a plane with its capacity, a switch with its ports rounded.
    pub contradictions: Vec<Contradiction>,
}

impl Sizing {
    /// Endpoints that reach all planes.
    pub fn endpoints(&self) -> u64 {
        let endpoints = self.planes.iter().map(|plane| plane.clos.endpoints);
        endpoints.min().unwrap_or(0)
    }
}

/// One plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Which one, from 1.
    pub number: u16,
    /// Ports of one of its switches.
    pub radix: u16,
    /// Ports of a leaf down by ports up, as built.
    pub oversubscription: f64,
    /// Its switches.
    pub clos: Clos,
    /// Its links by tier, lowest first.
    pub links: Vec<Link>,
}

/// What modules and fibre add to the longest way between two endpoints, one
/// way, up to the top tier and down again. Switches are not counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// Links on the way.
    pub links: u16,
    /// What the modules add, in nanoseconds; unknown if it is of one class.
    pub modules_ns: Option<f64>,
    /// What the light needs, in nanoseconds.
    pub fiber_ns: f64,
}

/// What a plan must say before a fabric can be sized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lacking {
    /// The ports of a switch.
    #[error("[fabric] has no `radix`; write how many ports a switch has, or give --sizing --radix")]
    Radix,
    /// Tiers or endpoints.
    #[error(
        "[fabric] has neither `tiers` nor `endpoints`; write one, or give --sizing with --tiers or --endpoints"
    )]
    Size,
    /// Fewer tiers.
    #[error("[fabric] has {0} `tiers`; the arithmetic covers 1 to {MOST_TIERS}")]
    TooManyTiers(u16),
}

/// Sizes the fabric of a plan and holds what the plan assigns against it.
///
/// # Errors
/// What the plan lacks.
pub fn of_plan(plan: &Plan) -> Result<Sizing, Lacking> {
    let mut roles = plan.assignments().iter().map(|assignment| assignment.role);
    let first = roles.next();
    // A box with one role tells what its fabric is for.
    let role = first.filter(|first| roles.all(|role| role == *first));
    let mut sizing = of_fabric(&plan.fabric, role)?;
    let found = check::assignments(plan, &sizing);
    sizing.contradictions.extend(found);
    Ok(sizing)
}

/// Sizes a fabric. `role` is that of links of which the plan says nothing;
/// scale-out if that is unknown too.
///
/// # Errors
/// What the plan lacks.
pub fn of_fabric(fabric: &Fabric, role: Option<Role>) -> Result<Sizing, Lacking> {
    let design = &fabric.design;
    let radix = fabric.radix.ok_or(Lacking::Radix)?;
    let tiers = tiers(fabric, radix)?;
    let lanes = Lanes::new(design, fabric.planes);
    let role = role.unwrap_or(Role::ScaleOut);
    let cabling: Vec<_> = (1..=tiers)
        .map(|tier| Cabling::new(design, &lanes, tier, role))
        .collect();
    let planes: Vec<_> = (1..=fabric.planes)
        .map(|number| plane(design, number, radix, tiers, &cabling, &lanes))
        .collect();
    let endpoints = planes.iter().map(|plane| plane.clos.endpoints).max();
    let host_modules = design
        .host_modules_per_endpoint
        .modules(endpoints.unwrap_or(0));
    let hosts = Cabling::new(design, &lanes, 1, role).hosts(host_modules);
    let totals = Totals::new(&planes, &hosts, &cabling, &lanes, design);
    let mut sizing = Sizing {
        name: fabric.name.clone(),
        tiers,
        radix,
        port_gbps: design.port_gbps,
        lanes,
        planes,
        hosts,
        totals,
        latency: latency(tiers, &cabling),
        contradictions: Vec::new(),
    };
    sizing.contradictions = check::arithmetic(fabric, &sizing);
    Ok(sizing)
}

/// The tiers of the plan, or the fewest that carry its endpoints.
fn tiers(fabric: &Fabric, radix: u16) -> Result<u16, Lacking> {
    if let Some(tiers) = fabric.tiers {
        return match tiers {
            1..=MOST_TIERS => Ok(tiers),
            _ => Err(Lacking::TooManyTiers(tiers)),
        };
    }
    let endpoints = fabric.design.endpoints.ok_or(Lacking::Size)?;
    let split = Split::new(radix, fabric.design.oversubscription);
    let enough = |tiers: &u16| clos::capacity(radix, *tiers, split) >= endpoints;
    Ok((1..=MOST_TIERS).find(enough).unwrap_or(MOST_TIERS))
}

fn plane(
    design: &Design,
    number: u16,
    radix: u16,
    tiers: u16,
    cabling: &[Cabling],
    lanes: &Lanes,
) -> Plane {
    let wish = Wish::new(design, number, radix);
    let split = wish.split();
    let clos = Clos::new(wish.radix, tiers, split, wish.endpoints);
    Plane {
        number,
        radix: wish.radix,
        oversubscription: match tiers {
            1 => 1.0,
            _ => split.down as f64 / split.up as f64,
        },
        links: cabling
            .iter()
            .map(|cabling| cabling.link(&clos, lanes))
            .collect(),
        clos,
    }
}

/// What the plan wants of one plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wish {
    pub(super) radix: u16,
    pub(super) endpoints: Option<u64>,
    pub(super) oversubscription: f64,
}

impl Wish {
    /// The fabric's numbers, or those of the plane where it has its own.
    pub(super) fn new(design: &Design, number: u16, radix: u16) -> Self {
        let own = design.planes.iter().find(|plane| plane.plane == number);
        let of = |plane: &PlaneDesign| Self {
            radix: plane.radix.unwrap_or(radix),
            endpoints: plane.endpoints.or(design.endpoints),
            oversubscription: plane.oversubscription.unwrap_or(design.oversubscription),
        };
        own.map_or(
            Self {
                radix,
                endpoints: design.endpoints,
                oversubscription: design.oversubscription,
            },
            of,
        )
    }

    /// How a leaf of the plane divides its ports.
    pub(super) fn split(&self) -> Split {
        Split::new(self.radix, self.oversubscription)
    }
}

fn latency(tiers: u16, cabling: &[Cabling]) -> Latency {
    let modules = cabling.iter().map(|cabling| cabling.latency_ns);
    let meters: f64 = cabling.iter().map(|cabling| cabling.meters).sum();
    Latency {
        links: 2 * tiers,
        modules_ns: modules.sum::<Option<f64>>().map(|once| 2.0 * once),
        fiber_ns: 2.0 * meters * usual::FIBER_NS_PER_METER,
    }
}
