//! What a plan says of the fabric beyond this box. Whatever it leaves out has a
//! default, and each default can be overridden.

use super::usual::Usual;
use crate::class::Class;
use crate::plan::role::Role;
use crate::tomlfile::Spot;

/// The fabric beyond this box, as the plan designs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Endpoints of each plane; as many as the switches carry if left out.
    pub endpoints: Option<u64>,
    /// Speed of one port of a switch, in Gb/s: the radix counts such ports.
    pub port_gbps: u64,
    /// Speed of one lane, in Gb/s; see [`super::Lanes`] for the default.
    pub lane_gbps: Option<u64>,
    /// Lanes of one module in a switch.
    pub lanes_per_module: u64,
    /// Ports of a leaf towards endpoints by ports towards spines; 1 is
    /// non-blocking.
    pub oversubscription: f64,
    /// Price of a 1.6T module by that of an 800G module.
    pub price_ratio_1600g: f64,
    /// Modules of one endpoint, all planes together.
    pub host_modules_per_endpoint: Share,
    /// Lanes of one module in an endpoint; just enough for every plane if left
    /// out.
    pub host_lanes_per_module: Option<u64>,
    /// What is assumed of a class.
    pub usual: Usual,
    /// What the plan says of the links, at most one for each tier.
    pub links: Vec<LinkDesign>,
    /// Planes that differ from the others, at most one for each plane.
    pub planes: Vec<PlaneDesign>,
}

impl Default for Design {
    /// Ports of 200 Gb/s on modules of eight lanes, non-blocking, and one module
    /// for each endpoint.
    fn default() -> Self {
        Self {
            endpoints: None,
            port_gbps: 200,
            lane_gbps: None,
            lanes_per_module: 8,
            oversubscription: 1.0,
            price_ratio_1600g: 1.3,
            host_modules_per_endpoint: Share::ONE,
            host_lanes_per_module: None,
            usual: Usual::default(),
            links: Vec::new(),
            planes: Vec::new(),
        }
    }
}

/// What the plan says of the links of one tier, in every plane.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkDesign {
    /// The tier at the upper end, 1 (leaf) to 3 (core).
    pub tier: u16,
    /// What the links are for.
    pub role: Option<Role>,
    /// The class of the modules at both ends.
    pub class: Option<Class>,
    /// Worst-case watts of one module in a switch.
    pub watts_per_module: Option<f64>,
    /// Worst-case watts of one module in an endpoint.
    pub host_watts_per_module: Option<f64>,
    /// Length of one link in metres.
    pub meters: Option<f64>,
    /// Fibres of one link.
    pub fibers_per_link: Option<u64>,
    /// Fibre connectors of one module.
    pub connectors_per_module: Option<u64>,
    /// What the modules at both ends together add to the way of a bit, one way,
    /// in nanoseconds.
    pub latency_ns: Option<f64>,
    /// Price of one module in a switch, in prices of an 800G module.
    pub price: Option<f64>,
    /// Where the plan says so.
    pub at: Spot,
}

/// A plane that differs from the others.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneDesign {
    /// The plane, from 1.
    pub plane: u16,
    /// Its endpoints.
    pub endpoints: Option<u64>,
    /// Ports of its switches.
    pub radix: Option<u16>,
    /// Its leaves' ports down by ports up.
    pub oversubscription: Option<f64>,
    /// Where the plan says so.
    pub at: Spot,
}

/// So many modules for so many endpoints: one, four, or one for two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    modules: u64,
    endpoints: u64,
}

impl Share {
    /// One module for each endpoint.
    pub const ONE: Self = Self {
        modules: 1,
        endpoints: 1,
    };

    /// The most endpoints that share modules.
    const MOST_ENDPOINTS: u32 = 64;

    /// The most modules of one such group.
    const MOST_MODULES: u32 = 4096;

    /// The share that a number of modules per endpoint stands for, such as 0.5
    /// for one module between two. `None` if it is no fraction with a small
    /// divisor.
    pub fn from_number(per_endpoint: f64) -> Option<Self> {
        (1..=Self::MOST_ENDPOINTS).find_map(|endpoints| {
            let wanted = per_endpoint * f64::from(endpoints);
            let near = |modules: &u32| (f64::from(*modules) - wanted).abs() < 1e-3;
            let modules = (0..=Self::MOST_MODULES).find(near)?;
            Some(Self {
                modules: modules.into(),
                endpoints: endpoints.into(),
            })
        })
    }

    /// The modules of so many endpoints; the last group may be incomplete.
    pub fn modules(self, endpoints: u64) -> u64 {
        endpoints
            .saturating_mul(self.modules)
            .div_ceil(self.endpoints)
    }

    /// Modules that a group shares.
    pub fn group_modules(self) -> u64 {
        self.modules
    }

    /// Endpoints of such a group.
    pub fn group_endpoints(self) -> u64 {
        self.endpoints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_counts_whole_modules() {
        let count = |per_endpoint, endpoints| {
            Share::from_number(per_endpoint).map(|share| share.modules(endpoints))
        };
        assert_eq!(count(1.0, 7), Some(7));
        assert_eq!(count(0.5, 7), Some(4));
        assert_eq!(count(1.5, 7), Some(11));
        assert_eq!(count(0.333_33, 9), Some(3));
        assert_eq!(count(0.0, 9), Some(0));
        assert_eq!(count(0.0137, 9), None);
    }
}
