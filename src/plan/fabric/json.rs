//! The sizing of a fabric as JSON: SI units, and what is not known left out.

use serde::Serialize;
use serde_json::{Value, json};

use super::bill::{Group, Link};
use super::clos::Tier;
use super::level;
use super::size::{Plane, Sizing};

/// Seconds in a nanosecond.
const NANOSECOND: f64 = 1e-9;

/// Bits per second in a gigabit per second.
const GIGABIT: f64 = 1e9;

/// The sizing for programs: `planes` with `tiers` and `links` in each, `hosts`,
/// `totals`, `latency` and `contradictions`. Power in watts, speed in bits per
/// second, length in metres, time in seconds, cost in prices of one 800G module.
pub fn json(sizing: &Sizing) -> Value {
    let totals = &sizing.totals;
    let contradictions = sizing.contradictions.iter().map(|found| {
        object([
            ("rule", json!(found.rule())),
            ("plane", json!(found.plane())),
            ("text", json!(found.to_string())),
        ])
    });
    object([
        ("name", json!(sizing.name)),
        ("tiers", json!(sizing.tiers)),
        ("radix", json!(sizing.radix)),
        ("endpoints", json!(sizing.endpoints())),
        ("port_bits_per_second", speed(sizing.port_gbps)),
        ("lane_bits_per_second", speed(sizing.lanes.gbps)),
        ("lanes_per_port", json!(sizing.lanes.per_port)),
        ("lanes_per_module", json!(sizing.lanes.per_module)),
        ("planes", list(sizing.planes.iter().map(plane))),
        (
            "hosts",
            object([
                ("modules", json!(sizing.hosts.modules)),
                ("lanes_per_module", json!(sizing.lanes.host_per_module)),
                ("watts", json!(sizing.hosts.watts)),
                ("connectors", json!(sizing.hosts.connectors)),
                ("cost", json!(sizing.hosts.cost)),
            ]),
        ),
        (
            "totals",
            object([
                ("switches", json!(totals.switches)),
                ("links", json!(totals.links)),
                ("lane_ends", json!(totals.lane_ends)),
                (
                    "modules",
                    json!(totals.switch_modules + totals.host_modules),
                ),
                ("switch_modules", json!(totals.switch_modules)),
                ("host_modules", json!(totals.host_modules)),
                ("by_class", list(totals.groups.iter().map(group))),
                ("watts", json!(totals.watts)),
                ("watts_all_dsp", json!(totals.watts_all_dsp)),
                ("watts_all_lpo", json!(totals.watts_all_lpo)),
                ("fibers", json!(totals.fibers)),
                ("fiber_meters", json!(totals.fiber_meters)),
                ("connectors", json!(totals.connectors)),
                ("cost", json!(totals.cost)),
                ("cost_in_800g_modules", json!(totals.cost_in_800g)),
            ]),
        ),
        (
            "latency",
            object([
                ("links", json!(sizing.latency.links)),
                (
                    "modules_seconds",
                    json!(sizing.latency.modules_ns.map(|ns| ns * NANOSECOND)),
                ),
                ("fiber_seconds", json!(sizing.latency.fiber_ns * NANOSECOND)),
            ]),
        ),
        ("contradictions", list(contradictions)),
    ])
}

fn plane(plane: &Plane) -> Value {
    let tiers = (1..).zip(&plane.clos.tiers);
    object([
        ("plane", json!(plane.number)),
        ("radix", json!(plane.radix)),
        ("endpoints", json!(plane.clos.endpoints)),
        ("capacity", json!(plane.clos.capacity)),
        ("oversubscription", json!(plane.oversubscription)),
        ("switches", json!(plane.clos.switches())),
        ("tiers", list(tiers.map(|(number, of)| tier(number, of)))),
        ("links", list(plane.links.iter().map(link))),
    ])
}

fn tier(number: usize, tier: &Tier) -> Value {
    object([
        ("tier", json!(number)),
        ("name", json!(level(number))),
        ("switches", json!(tier.switches())),
        ("links_down", json!(tier.down())),
        ("links_up", json!(tier.up())),
    ])
}

fn link(link: &Link) -> Value {
    object([
        ("tier", json!(link.tier)),
        ("role", json!(link.role.name())),
        ("class", json!(link.class.name())),
        ("links", json!(link.links)),
        ("lower_modules", json!(link.lower_modules)),
        ("upper_modules", json!(link.upper_modules)),
        ("watts", json!(link.watts)),
        ("fibers", json!(link.fibers)),
        ("fiber_meters", json!(link.fiber_meters)),
        ("connectors", json!(link.connectors)),
        ("cost", json!(link.cost)),
    ])
}

fn group(group: &Group) -> Value {
    object([
        ("role", json!(group.role.name())),
        ("class", json!(group.class.name())),
        ("bits_per_second", speed(group.gbps)),
        ("modules", json!(group.modules)),
        ("watts", json!(group.watts)),
    ])
}

fn speed(gbps: u64) -> Value {
    json!(gbps as f64 * GIGABIT)
}

/// An object without the members that are not known.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let known = members.into_iter().filter(|(_, value)| !value.is_null());
    known
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn list<T: Serialize>(items: impl Iterator<Item = T>) -> Value {
    json!(items.collect::<Vec<_>>())
}
