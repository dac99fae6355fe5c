//! What the table `[fabric]` of a plan says beyond name, tiers, radix and
//! planes, key by key.

use std::ops::RangeInclusive;

use super::design::{Design, LinkDesign, PlaneDesign, Share};
use super::{MOST_TIERS, usual};
use crate::class::Class;
use crate::plan::role::Role;
use crate::tomlfile::{Field, Once, Table};

/// Endpoints of a plane: up to more than anybody plans for.
pub const ENDPOINTS: RangeInclusive<u64> = 1..=1_000_000_000_000;
/// The speeds of a port, in Gb/s.
pub const PORT_GBPS: RangeInclusive<u64> = 10..=12_800;
/// The speeds of a lane, in Gb/s.
const LANE_GBPS: RangeInclusive<u64> = 10..=1_000;
/// Lanes of a module: the largest form has 64.
const LANES: RangeInclusive<u64> = 1..=64;
/// Ports down by ports up, either way round.
const OVERSUBSCRIPTION: RangeInclusive<f64> = 0.1..=64.0;
/// Prices by each other.
const PRICES: RangeInclusive<f64> = 0.01..=100.0;
/// Watts of a module.
const WATTS: RangeInclusive<f64> = 0.0..=1_000.0;
/// Watts for each 100 Gb/s.
const WATTS_PER_100G: RangeInclusive<f64> = 0.0..=100.0;
/// Latencies of modules, in nanoseconds.
const LATENCY_NS: RangeInclusive<f64> = 0.0..=1e6;
/// Lengths of links, in metres.
const METERS: RangeInclusive<f64> = 0.0..=1e6;
/// Modules of an endpoint.
const HOST_MODULES: RangeInclusive<f64> = 0.0..=64.0;
/// Planes; which of them the fabric has is known later.
const PLANES: RangeInclusive<u16> = 1..=u16::MAX;

impl Design {
    /// Asks the table `[fabric]` for every key of a design.
    pub(in crate::plan) fn read(table: &mut Table<'_>) -> Self {
        let usual = Self::default();
        let mut design = Self {
            endpoints: count(&table.key("endpoints"), ENDPOINTS),
            port_gbps: count(&table.key("port_gbps"), PORT_GBPS).unwrap_or(usual.port_gbps),
            lane_gbps: count(&table.key("lane_gbps"), LANE_GBPS),
            lanes_per_module: count(&table.key("lanes_per_module"), LANES)
                .unwrap_or(usual.lanes_per_module),
            oversubscription: oversubscription(table).unwrap_or(usual.oversubscription),
            price_ratio_1600g: number(
                &table.key("price_ratio_1600g"),
                PRICES,
                "prices of an 800G module",
            )
            .unwrap_or(usual.price_ratio_1600g),
            host_modules_per_endpoint: share(table).unwrap_or(usual.host_modules_per_endpoint),
            host_lanes_per_module: count(&table.key("host_lanes_per_module"), LANES),
            ..usual
        };
        of_classes(table, &mut design);
        let mut seen = Once::default();
        design.links = table
            .key("link")
            .tables()
            .into_iter()
            .filter_map(|table| link(table, &mut seen))
            .collect();
        let mut seen = Once::default();
        design.planes = table
            .key("plane")
            .tables()
            .into_iter()
            .filter_map(|table| plane(table, &mut seen))
            .collect();
        design
    }
}

/// The plan's own figures of each class.
fn of_classes(table: &mut Table<'_>, design: &mut Design) {
    if let Some(mut figures) = table.key("watts_per_100g").table() {
        for class in usual::OF_LINKS {
            let unit = "watts per 100 Gb/s";
            if let Some(watts) = number(&figures.key(class.name()), WATTS_PER_100G, unit) {
                design.usual.set_watts_per_100g(class, watts);
            }
        }
        figures.finish();
    }
    if let Some(mut figures) = table.key("latency_ns").table() {
        for class in usual::OF_LINKS {
            let unit = "nanoseconds";
            if let Some(latency) = number(&figures.key(class.name()), LATENCY_NS, unit) {
                design.usual.set_latency_ns(class, latency);
            }
        }
        figures.finish();
    }
}

/// One `[[fabric.link]]`.
fn link(mut table: Table<'_>, seen: &mut Once<u16>) -> Option<LinkDesign> {
    let what = "1 for the links below the leaves, 2 below the spines, 3 below the cores";
    let tier = table.required("tier", what).whole_in(1..=MOST_TIERS);
    seen.take(&table, tier.as_slice(), "a tier described");
    let role = table
        .key("role")
        .word(&Role::ALL.map(|role| (role.name(), role)));
    let class = table
        .key("class")
        .word(&usual::OF_LINKS.map(|class: Class| (class.name(), class)));
    let host_watts = table.key("host_watts_per_module");
    if tier.is_some_and(|tier| tier.value != 1) {
        host_watts.refuse("belongs to tier 1: no other links reach the endpoints");
    }
    let link = LinkDesign {
        tier: tier.map_or(0, |tier| tier.value),
        role: role.map(|role| role.value),
        class: class.map(|class| class.value),
        watts_per_module: number(&table.key("watts_per_module"), WATTS, "watts"),
        host_watts_per_module: number(&host_watts, WATTS, "watts"),
        meters: number(&table.key("meters"), METERS, "metres"),
        fibers_per_link: count(&table.key("fibers_per_link"), 0..=256),
        connectors_per_module: count(&table.key("connectors_per_module"), 0..=64),
        latency_ns: number(&table.key("latency_ns"), LATENCY_NS, "nanoseconds"),
        price: number(&table.key("price"), PRICES, "prices of an 800G module"),
        at: table.spot(),
    };
    table.finish();
    tier.map(|_| link)
}

/// One `[[fabric.plane]]`.
fn plane(mut table: Table<'_>, seen: &mut Once<u16>) -> Option<PlaneDesign> {
    let plane = table
        .required("plane", "which plane differs from the others, from 1")
        .whole_in(PLANES);
    seen.take(&table, plane.as_slice(), "a plane described");
    let radix = table.key("radix").whole_in(2..=u16::MAX);
    let design = PlaneDesign {
        plane: plane.map_or(0, |plane| plane.value),
        endpoints: count(&table.key("endpoints"), ENDPOINTS),
        radix: radix.map(|radix| radix.value),
        oversubscription: oversubscription(&mut table),
        at: table.spot(),
    };
    table.finish();
    plane.map(|_| design)
}

fn share(table: &mut Table<'_>) -> Option<Share> {
    let field = table.key("host_modules_per_endpoint");
    let written = field.number_in(HOST_MODULES, "modules")?;
    let share = Share::from_number(written.value);
    if share.is_none() {
        field.refuse("is no simple fraction; write a whole number, or 0.5 for one between two");
    }
    share
}

fn oversubscription(table: &mut Table<'_>) -> Option<f64> {
    let field = table.key("oversubscription");
    number(&field, OVERSUBSCRIPTION, "ports down by ports up")
}

fn count(field: &Field<'_>, range: RangeInclusive<u64>) -> Option<u64> {
    field.count_in(range).map(|count| count.value)
}

fn number(field: &Field<'_>, range: RangeInclusive<f64>, unit: &str) -> Option<f64> {
    field.number_in(range, unit).map(|number| number.value)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::plan::Plan;

    fn parse(text: &str) -> Result<Design, Vec<String>> {
        let text = format!("[fabric]\nname = 'f'\n{text}");
        Plan::parse(&text, Path::new("p"))
            .map(|plan| plan.fabric.design)
            .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_plan_that_says_nothing_has_the_defaults() {
        assert_eq!(parse("").unwrap(), Design::default());
    }

    #[test]
    fn every_number_can_be_overridden() {
        let design = parse(
            "endpoints = 131_072\nport_gbps = 400\nlane_gbps = 100\nlanes_per_module = 16\n\
             oversubscription = 3\nprice_ratio_1600g = 1.25\nhost_modules_per_endpoint = 0.5\n\
             host_lanes_per_module = 4\nwatts_per_100g = { lpo = 1.125 }\n\
             latency_ns = { aec = 60 }\n\
             [[fabric.link]]\ntier = 1\nrole = 'scale-up'\nclass = 'lpo'\nwatts_per_module = 9\n\
             host_watts_per_module = 5.5\nmeters = 7\nfibers_per_link = 2\n\
             connectors_per_module = 2\nlatency_ns = 4\nprice = 0.8\n\
             [[fabric.plane]]\nplane = 2\nendpoints = 64\nradix = 16\noversubscription = 2.0\n",
        )
        .unwrap();
        assert_eq!(design.endpoints, Some(131_072));
        assert_eq!((design.port_gbps, design.lane_gbps), (400, Some(100)));
        assert_eq!(design.host_modules_per_endpoint.modules(10), 5);
        assert_eq!(design.usual.watts_per_100g(Class::Lpo), Some(1.125));
        assert_eq!(design.usual.latency_ns(Class::Aec), Some(60.0));
        let [link] = design.links.as_slice() else {
            panic!("{design:?}");
        };
        assert_eq!(
            (link.role, link.class),
            (Some(Role::ScaleUp), Some(Class::Lpo))
        );
        assert_eq!(link.host_watts_per_module, Some(5.5));
        assert_eq!((link.meters, link.price), (Some(7.0), Some(0.8)));
        let [plane] = design.planes.as_slice() else {
            panic!("{design:?}");
        };
        assert_eq!((plane.plane, plane.radix), (2, Some(16)));
        assert_eq!(plane.oversubscription, Some(2.0));
    }

    #[test]
    fn mistakes_have_a_place_and_the_nearest_word() {
        let told = parse(
            "endpoint = 5\nport_gbps = 5\nhost_modules_per_endpoint = 0.0137\n\
             watts_per_100g = { lop = 1 }\n\
             [[fabric.link]]\ntier = 2\nclass = 'elsfp'\nhost_watts_per_module = 1\nrol = 'x'\n\
             [[fabric.link]]\ntier = 2\n\
             [[fabric.link]]\ntier = 4\n\
             [[fabric.plane]]\nradix = 4\n",
        )
        .unwrap_err();
        assert_eq!(
            told,
            [
                "p:3:1: unknown key `endpoint`; did you mean `endpoints`?",
                "p:4:13: `port_gbps` is 5; expected a whole number from 10 to 12800",
                "p:5:29: `host_modules_per_endpoint` is no simple fraction; write a whole number, or 0.5 for one between two",
                "p:6:20: unknown key `lop`; did you mean `lpo`?",
                "p:9:9: `class` cannot be \"elsfp\"; expected one of \"dsp\", \"lpo\", \"lro\", \"coherent\", \"cpo\", \"npo\", \"aoc\", \"aec\", \"acc\", \"lacc\", \"dac\"",
                "p:10:25: `host_watts_per_module` belongs to tier 1: no other links reach the endpoints",
                "p:11:1: unknown key `rol`; did you mean `role`?",
                "p:13:8: `2` is a tier described on line 8 already",
                "p:15:8: `tier` is 4; expected a whole number from 1 to 3",
                "p:16:1: `plane` is missing: which plane differs from the others, from 1",
            ]
        );
    }
}
