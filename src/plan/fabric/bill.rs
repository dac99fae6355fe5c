//! The bill of a fabric: modules, watts, fibre and relative cost, from the
//! switches of each plane.

use super::clos::Clos;
use super::design::Design;
use super::lanes::Lanes;
use super::size::Plane;
use super::usual;
use crate::class::Class;
use crate::plan::role::Role;

/// The module that prices are told in.
const PRICED_GBPS: f64 = 800.0;

/// The links of one tier of one plane, with the modules in switches at their
/// ends. The modules in endpoints are [`Hosts`]: all planes share them.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The tier at the upper end, 1 (leaf) to 3 (core).
    pub tier: u16,
    /// What the links are for.
    pub role: Role,
    /// The class of the modules at both ends.
    pub class: Class,
    /// How many links.
    pub links: u64,
    /// Modules at the lower end; 0 where that is the endpoints.
    pub lower_modules: u64,
    /// Modules at the upper end.
    pub upper_modules: u64,
    /// Worst-case watts of these modules, if known.
    pub watts: Option<f64>,
    /// Fibres to lay.
    pub fibers: u64,
    /// Metres of fibre to lay.
    pub fiber_meters: f64,
    /// Fibre connectors at these modules.
    pub connectors: u64,
    /// What these modules cost, in prices of an 800G module.
    pub cost: f64,
}

impl Link {
    /// Modules at both ends.
    pub fn modules(&self) -> u64 {
        self.lower_modules + self.upper_modules
    }
}

/// The modules in endpoints.
#[derive(Debug, Clone, PartialEq)]
pub struct Hosts {
    /// How many.
    pub modules: u64,
    /// Worst-case watts of them, if known.
    pub watts: Option<f64>,
    /// Fibre connectors at them.
    pub connectors: u64,
    /// What they cost, in prices of an 800G module.
    pub cost: f64,
}

/// Modules of one role, class and speed.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What their links are for.
    pub role: Role,
    /// Their class.
    pub class: Class,
    /// Speed of one, in Gb/s.
    pub gbps: u64,
    /// How many.
    pub modules: u64,
    /// Worst-case watts of all of them, if known.
    pub watts: Option<f64>,
}

/// What the planes and the endpoints come to together.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// Switches of all tiers.
    pub switches: u64,
    /// Links of all tiers.
    pub links: u64,
    /// Ends of lanes: two for each lane of a link.
    pub lane_ends: u64,
    /// Modules in switches.
    pub switch_modules: u64,
    /// Modules in endpoints.
    pub host_modules: u64,
    /// All modules by role, class and speed.
    pub groups: Vec<Group>,
    /// Worst-case watts of all modules, if known of each.
    pub watts: Option<f64>,
    /// The same if every pluggable optical module were retimed.
    pub watts_all_dsp: Option<f64>,
    /// The same if every pluggable optical module were linear.
    pub watts_all_lpo: Option<f64>,
    /// Fibres to lay.
    pub fibers: u64,
    /// Metres of fibre to lay.
    pub fiber_meters: f64,
    /// Fibre connectors at modules.
    pub connectors: u64,
    /// What all modules cost, in prices of an 800G module.
    pub cost: f64,
    /// What the same speed would cost in 800G modules.
    pub cost_in_800g: f64,
}

/// The links of one tier with everything decided, whatever the plan left out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cabling {
    pub(super) tier: u16,
    pub(super) role: Role,
    pub(super) class: Class,
    pub(super) meters: f64,
    pub(super) latency_ns: Option<f64>,
    watts_each: Option<f64>,
    host_watts_each: Option<f64>,
    fibers_per_link: u64,
    connectors_each: u64,
    price_each: f64,
    host_price_each: f64,
}

impl Cabling {
    /// Decides the links below a tier; `role` is theirs if the plan says none.
    pub(super) fn new(design: &Design, lanes: &Lanes, tier: u16, role: Role) -> Self {
        let written = design.links.iter().find(|link| link.tier == tier);
        let role = written.and_then(|link| link.role).unwrap_or(role);
        let class = written.and_then(|link| link.class);
        let class = class.unwrap_or(match role {
            Role::ScaleUp => Class::Lpo,
            Role::ScaleOut => Class::Dsp,
            Role::ScaleAcross => Class::Coherent,
        });
        let has_fiber = usual::needs_fiber(class);
        // One pair for each lane, as in parallel optics; coherent light has one.
        let pairs = match class {
            Class::Coherent => 1,
            _ => lanes.per_port,
        };
        let usual_meters = usual::METERS.get(usize::from(tier).saturating_sub(1));
        let watts = |gbps| watts(design, class, gbps);
        let ratio = design.price_ratio_1600g;
        Self {
            tier,
            role,
            class,
            meters: written
                .and_then(|link| link.meters)
                .or(usual_meters.copied())
                .unwrap_or(0.0),
            latency_ns: written
                .and_then(|link| link.latency_ns)
                .or(design.usual.latency_ns(class)),
            watts_each: written
                .and_then(|link| link.watts_per_module)
                .or(watts(lanes.module_gbps())),
            host_watts_each: written
                .and_then(|link| link.host_watts_per_module)
                .or(watts(lanes.host_module_gbps())),
            fibers_per_link: written
                .and_then(|link| link.fibers_per_link)
                .unwrap_or(if has_fiber { 2 * pairs } else { 0 }),
            connectors_each: written
                .and_then(|link| link.connectors_per_module)
                .unwrap_or(u64::from(has_fiber)),
            price_each: written
                .and_then(|link| link.price)
                .unwrap_or(price(lanes.module_gbps(), ratio)),
            host_price_each: price(lanes.host_module_gbps(), ratio),
        }
    }

    /// What the links below this tier come to in one plane.
    pub(super) fn link(&self, clos: &Clos, lanes: &Lanes) -> Link {
        let upper = clos.tiers.get(usize::from(self.tier).saturating_sub(1));
        let lower = usize::from(self.tier).checked_sub(2);
        let lower = lower.and_then(|lower| clos.tiers.get(lower));
        let lower = lower.iter().flat_map(|tier| &tier.groups);
        let upper_groups = upper.iter().flat_map(|tier| &tier.groups);
        let links = upper.map_or(0, super::Tier::down);
        let lower_modules = lower.map(|s| s.count * lanes.modules(s.up)).sum();
        let upper_modules = upper_groups.map(|s| s.count * lanes.modules(s.down)).sum();
        let modules: u64 = lower_modules + upper_modules;
        let fibers = links.saturating_mul(self.fibers_per_link);
        Link {
            tier: self.tier,
            role: self.role,
            class: self.class,
            links,
            lower_modules,
            upper_modules,
            watts: self.watts_each.map(|each| each * modules as f64),
            fibers,
            fiber_meters: fibers as f64 * self.meters,
            connectors: modules.saturating_mul(self.connectors_each),
            cost: self.price_each * modules as f64,
        }
    }

    /// What the modules in endpoints come to; these must be the lowest links.
    pub(super) fn hosts(&self, modules: u64) -> Hosts {
        Hosts {
            modules,
            watts: self.host_watts_each.map(|each| each * modules as f64),
            connectors: modules.saturating_mul(self.connectors_each),
            cost: self.host_price_each * modules as f64,
        }
    }
}

impl Totals {
    /// Adds up planes and endpoints.
    pub(super) fn new(
        planes: &[Plane],
        hosts: &Hosts,
        cabling: &[Cabling],
        lanes: &Lanes,
        design: &Design,
    ) -> Self {
        let links = || planes.iter().flat_map(|plane| &plane.links);
        let of_links = links().map(|link| Group {
            role: link.role,
            class: link.class,
            gbps: lanes.module_gbps(),
            modules: link.modules(),
            watts: link.watts,
        });
        let of_hosts = cabling.first().map(|cabling| Group {
            role: cabling.role,
            class: cabling.class,
            gbps: lanes.host_module_gbps(),
            modules: hosts.modules,
            watts: hosts.watts,
        });
        let parts: Vec<Group> = of_links
            .chain(of_hosts)
            .filter(|group| group.modules > 0)
            .collect();
        let watts_as = |class| {
            let watts = parts.iter().map(|part| watts_as(part, class, design));
            watts.sum::<Option<f64>>()
        };
        let count: u64 = links().map(|link| link.links).sum();
        let gbps = parts.iter().map(|part| (part.modules * part.gbps) as f64);
        Self {
            switches: planes.iter().map(|plane| plane.clos.switches()).sum(),
            links: count,
            lane_ends: count.saturating_mul(2 * lanes.per_port),
            switch_modules: links().map(Link::modules).sum(),
            host_modules: hosts.modules,
            watts: parts.iter().map(|part| part.watts).sum(),
            watts_all_dsp: watts_as(Class::Dsp),
            watts_all_lpo: watts_as(Class::Lpo),
            fibers: links().map(|link| link.fibers).sum(),
            fiber_meters: links().map(|link| link.fiber_meters).sum(),
            connectors: links().map(|link| link.connectors).sum::<u64>() + hosts.connectors,
            cost: links().map(|link| link.cost).sum::<f64>() + hosts.cost,
            cost_in_800g: gbps.sum::<f64>() / PRICED_GBPS,
            groups: merged(parts),
        }
    }
}

/// Groups of the same role, class and speed made one.
fn merged(parts: Vec<Group>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for part in parts {
        let alike = |group: &&mut Group| {
            (group.role, group.class, group.gbps) == (part.role, part.class, part.gbps)
        };
        match groups.iter_mut().find(alike) {
            Some(group) => {
                group.modules += part.modules;
                group.watts = group.watts.zip(part.watts).map(|(a, b)| a + b);
            }
            None => groups.push(part),
        }
    }
    groups
}

/// The watts of modules if they were of another class, where they could be.
fn watts_as(group: &Group, class: Class, design: &Design) -> Option<f64> {
    if group.class == class || !usual::may_be_linear(group.class) {
        return group.watts;
    }
    Some(watts(design, class, group.gbps)? * group.modules as f64)
}

/// Worst-case watts of one module, if known.
fn watts(design: &Design, class: Class, gbps: u64) -> Option<f64> {
    Some(design.usual.watts_per_100g(class)? * gbps as f64 / 100.0)
}

/// The price of a module in prices of an 800G module: each doubling of the
/// speed multiplies it by the same ratio.
fn price(gbps: u64, ratio_1600g: f64) -> f64 {
    if gbps == 0 {
        return 0.0;
    }
    ratio_1600g.powf((gbps as f64 / PRICED_GBPS).log2())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_follow_the_ratio() {
        assert_eq!(price(800, 1.3), 1.0);
        assert_eq!(price(1600, 1.3), 1.3);
        assert_eq!(price(400, 1.25), 0.8);
        assert!((price(3200, 1.3) - 1.69).abs() < 1e-12);
        assert_eq!(price(0, 1.3), 0.0);
    }
}
