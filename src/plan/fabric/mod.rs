//! The arithmetic of a fabric: what the few numbers of a plan come to in
//! switches, links, modules, watts, fibre and money, and where they contradict
//! each other.
//!
//! `design` is what the plan says, `file` reads it, `usual` what is assumed of
//! a class unless the plan knows better. `clos` counts switches and links of one
//! plane, `lanes` fits lanes into modules, `bill` counts modules and adds up
//! what they cost. `check` finds the contradictions. [`text()`], [`json()`] and
//! [`svg()`] show it.

mod bill;
mod check;
mod clos;
mod contradiction;
mod design;
mod file;
mod json;
mod lanes;
mod number;
mod size;
mod svg;
mod text;
mod usual;

#[cfg(test)]
mod tests;

pub use bill::{Group, Hosts, Link, Totals};
pub use clos::{Clos, Switches, Tier};
pub use contradiction::Contradiction;
pub use design::{Design, LinkDesign, PlaneDesign, Share};
pub use file::{ENDPOINTS, PORT_GBPS};
pub use json::json;
pub use lanes::Lanes;
pub use number::{grouped, watts};
pub use size::{Lacking, Latency, Plane, Sizing, of_fabric, of_plan};
pub use svg::svg;
pub use text::text;
pub use usual::Usual;

/// The most tiers that the arithmetic covers: leaf, spine and core.
pub const MOST_TIERS: u16 = 3;

/// What stands at the ends of the links, from the endpoint up: the links of
/// tier `n`, counted from 1, join level `n - 1` to level `n`.
const LEVELS: [&str; 4] = ["host", "leaf", "spine", "core"];

/// What a level is called; the endpoints are level 0.
fn level(number: usize) -> &'static str {
    LEVELS.get(number).copied().unwrap_or("switch")
}
