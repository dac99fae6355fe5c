//! The ways in which a plan can contradict itself, and what to do about each.

use std::fmt;

use super::level;
use super::number::{grouped, tiers as words};
use crate::class::Class;
use crate::plan::role::Role;

/// Two statements of a plan that cannot both be true.
#[derive(Debug, Clone, PartialEq)]
pub enum Contradiction {
    /// More endpoints than any number of tiers carries.
    TooManyEndpoints {
        /// The plane.
        plane: u16,
        /// Its endpoints.
        wanted: u64,
        /// What it carries.
        capacity: u64,
        /// Its tiers.
        tiers: u16,
        /// Ports of its switches.
        radix: u16,
    },
    /// More endpoints than these tiers carry, but more tiers would.
    TooFewTiers {
        /// The plane.
        plane: u16,
        /// Its endpoints.
        wanted: u64,
        /// What it carries.
        capacity: u64,
        /// Its tiers.
        tiers: u16,
        /// Ports of its switches.
        radix: u16,
        /// The tiers that carry the endpoints.
        needed: u16,
    },
    /// The ports of a leaf cannot be divided as the oversubscription wants.
    RadixDoesNotDivide {
        /// The plane.
        plane: u16,
        /// Ports of its switches.
        radix: u16,
        /// Ports down by ports up, as wanted.
        oversubscription: f64,
    },
    /// The spines of three tiers have as many ports down as up.
    OddRadix {
        /// The plane.
        plane: u16,
        /// Ports of its switches.
        radix: u16,
    },
    /// The ports of a switch are no whole number of modules.
    PortsDoNotFillModules {
        /// The plane.
        plane: u16,
        /// Ports of its switches.
        radix: u16,
        /// Ports of one module.
        ports_per_module: u64,
    },
    /// A module would have to carry ports down and ports up.
    TooFewCages {
        /// The plane.
        plane: u16,
        /// The tier, from 1.
        tier: usize,
        /// Modules that one switch needs.
        needed: u64,
        /// Modules that it has room for.
        cages: u64,
    },
    /// Lanes do not come to the speed of a port.
    SpeedDoesNotDivide {
        /// Speed of a port in Gb/s.
        port_gbps: u64,
        /// Speed of a lane in Gb/s.
        lane_gbps: u64,
    },
    /// The lanes of ports do not fill the lanes of a module in a switch.
    LanesDoNotFit {
        /// Lanes of a port.
        per_port: u64,
        /// Lanes of a module.
        per_module: u64,
    },
    /// A module in an endpoint has too few lanes for all planes.
    HostLanesDoNotFit {
        /// Lanes that it would need.
        needed: u64,
        /// Lanes that it has.
        per_module: u64,
        /// The planes.
        planes: u16,
    },
    /// A plane is not the size of the first.
    PlanesDiffer {
        /// The plane.
        plane: u16,
        /// In what.
        quantity: &'static str,
        /// How much it has.
        here: String,
        /// How much plane 1 has.
        first: String,
    },
    /// The plan describes a plane that the fabric has not.
    NoSuchPlane {
        /// The plane.
        plane: u16,
        /// How many there are.
        planes: u16,
        /// The line that describes it.
        line: usize,
    },
    /// The plan describes links of a tier that the fabric has not.
    NoSuchTier {
        /// The tier.
        tier: u16,
        /// How many there are.
        tiers: u16,
        /// The line that describes it.
        line: usize,
    },
    /// No assigned port has the role of the links.
    RoleWithoutPorts {
        /// The role.
        role: Role,
        /// The lowest tier whose links have it.
        tier: u16,
    },
    /// Every port of that role denies the class of the links.
    ClassDenied {
        /// The class.
        class: Class,
        /// The role.
        role: Role,
        /// The tier of the links.
        tier: u16,
    },
    /// This box has more ports in one plane than in another.
    PortsDiffer {
        /// The plane.
        plane: u16,
        /// Its ports here.
        here: usize,
        /// The other plane.
        other: u16,
        /// The other's ports.
        there: usize,
    },
}

impl Contradiction {
    /// Its stable name, for JSON.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::TooManyEndpoints { .. } => "too-many-endpoints",
            Self::TooFewTiers { .. } => "too-few-tiers",
            Self::RadixDoesNotDivide { .. } => "radix-does-not-divide",
            Self::OddRadix { .. } => "odd-radix",
            Self::PortsDoNotFillModules { .. } => "ports-do-not-fill-modules",
            Self::TooFewCages { .. } => "too-few-cages",
            Self::SpeedDoesNotDivide { .. } => "speed-does-not-divide",
            Self::LanesDoNotFit { .. } => "lanes-do-not-fit",
            Self::HostLanesDoNotFit { .. } => "host-lanes-do-not-fit",
            Self::PlanesDiffer { .. } => "planes-differ",
            Self::NoSuchPlane { .. } => "no-such-plane",
            Self::NoSuchTier { .. } => "no-such-tier",
            Self::RoleWithoutPorts { .. } => "role-without-ports",
            Self::ClassDenied { .. } => "class-denied",
            Self::PortsDiffer { .. } => "ports-differ",
        }
    }

    /// The plane that it is about, if it is about one.
    pub fn plane(&self) -> Option<u16> {
        match self {
            Self::TooManyEndpoints { plane, .. }
            | Self::TooFewTiers { plane, .. }
            | Self::RadixDoesNotDivide { plane, .. }
            | Self::OddRadix { plane, .. }
            | Self::PortsDoNotFillModules { plane, .. }
            | Self::TooFewCages { plane, .. }
            | Self::PlanesDiffer { plane, .. }
            | Self::NoSuchPlane { plane, .. }
            | Self::PortsDiffer { plane, .. } => Some(*plane),
            Self::SpeedDoesNotDivide { .. }
            | Self::LanesDoNotFit { .. }
            | Self::HostLanesDoNotFit { .. }
            | Self::NoSuchTier { .. }
            | Self::RoleWithoutPorts { .. }
            | Self::ClassDenied { .. } => None,
        }
    }
}

/// What contradicts what, and what to do.
impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyEndpoints {
                plane,
                wanted,
                capacity,
                tiers,
                radix,
            } => write!(
                f,
                "plane {plane} is to have {} endpoints, but {} of radix {radix} carry {}, and three tiers would not do; raise the radix or split the fabric",
                grouped(*wanted),
                words(*tiers),
                grouped(*capacity)
            ),
            Self::TooFewTiers {
                plane,
                wanted,
                capacity,
                tiers,
                radix,
                needed,
            } => write!(
                f,
                "plane {plane} is to have {} endpoints, but {} of radix {radix} carry {}; it takes {}",
                grouped(*wanted),
                words(*tiers),
                grouped(*capacity),
                words(*needed)
            ),
            Self::RadixDoesNotDivide {
                plane,
                radix,
                oversubscription,
            } => write!(
                f,
                "plane {plane}: radix {radix} does not divide {oversubscription} to 1 into ports down and up; change the radix or the oversubscription"
            ),
            Self::OddRadix { plane, radix } => write!(
                f,
                "plane {plane}: the spines of three tiers have half of their ports up, but radix {radix} has no half; choose an even radix"
            ),
            Self::PortsDoNotFillModules {
                plane,
                radix,
                ports_per_module,
            } => write!(
                f,
                "plane {plane}: modules carry {ports_per_module} ports each, but radix {radix} is no multiple of that; change lanes_per_module or the radix"
            ),
            Self::TooFewCages {
                plane,
                tier,
                needed,
                cages,
            } => write!(
                f,
                "plane {plane}: a {} needs {needed} modules so that none goes both down and up, but has room for {cages}; change the oversubscription or lanes_per_module",
                level(*tier)
            ),
            Self::SpeedDoesNotDivide {
                port_gbps,
                lane_gbps,
            } => write!(
                f,
                "a port of {port_gbps} Gb/s is no whole number of lanes of {lane_gbps} Gb/s; change port_gbps or lane_gbps"
            ),
            Self::LanesDoNotFit {
                per_port,
                per_module,
            } => write!(
                f,
                "a port has {per_port} lanes, and those of whole ports do not fill the {per_module} lanes of a module; change lanes_per_module or port_gbps"
            ),
            Self::HostLanesDoNotFit {
                needed,
                per_module,
                planes,
            } => write!(
                f,
                "a module in an endpoint needs {needed} lanes to reach {planes} planes, but has {per_module}; raise host_lanes_per_module or host_modules_per_endpoint"
            ),
            Self::PlanesDiffer {
                plane,
                quantity,
                here,
                first,
            } => write!(
                f,
                "plane {plane} has {here} {quantity}, plane 1 has {first}; traffic is sprayed over all planes alike, so make them equal"
            ),
            Self::NoSuchPlane {
                plane,
                planes,
                line,
            } => write!(
                f,
                "line {line} describes plane {plane}, but `planes` is {planes}; raise it or drop the table"
            ),
            Self::NoSuchTier { tier, tiers, line } => write!(
                f,
                "line {line} describes the links of tier {tier}, but there are {}; raise `tiers` or drop the table",
                words(*tiers)
            ),
            Self::RoleWithoutPorts { role, tier } => write!(
                f,
                "the links of tier {tier} are {}, but no port is assigned to that role; correct the role or assign ports",
                role.name()
            ),
            Self::ClassDenied { class, role, tier } => write!(
                f,
                "the links of tier {tier} are of class {}, which every {} port of this plan denies; change the class or allow it",
                class.name(),
                role.name()
            ),
            Self::PortsDiffer {
                plane,
                here,
                other,
                there,
            } => write!(
                f,
                "{here} ports of this plan are in plane {plane}, but {there} in plane {other}; traffic is sprayed over all planes alike, so make them equal"
            ),
        }
    }
}
