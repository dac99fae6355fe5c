//! The sizing of a fabric as text for a terminal.

use super::bill::Link;
use super::level;
use super::number::{cost, grouped, meters, planes, speed, three_figures, tiers, to_one, watts};
use super::size::{Plane, Sizing};

/// What stands where a figure is not known.
const UNKNOWN: &str = "-";

/// The sizing for people: planes with their tiers and links, endpoints, totals
/// and contradictions.
pub fn text(sizing: &Sizing) -> String {
    let mut lines = vec![head(sizing)];
    for alike in alike(&sizing.planes) {
        lines.push(String::new());
        lines.extend(plane(&alike));
    }
    lines.push(String::new());
    lines.extend(together(sizing));
    if !sizing.contradictions.is_empty() {
        lines.push(String::new());
        lines.push("Contradictions".to_owned());
        let found = sizing.contradictions.iter();
        lines.extend(found.map(|contradiction| format!("  {contradiction}")));
    }
    lines.join("\n") + "\n"
}

fn head(sizing: &Sizing) -> String {
    format!(
        "{}: {} of radix {} at {}, {}",
        sizing.name,
        tiers(sizing.tiers),
        sizing.radix,
        speed(sizing.port_gbps),
        planes(sizing.planes.len()),
    )
}

/// Neighbouring planes of the same size, so that none is told twice.
fn alike(planes: &[Plane]) -> Vec<Vec<&Plane>> {
    let same = |a: &Plane, b: &Plane| (a.radix, &a.clos) == (b.radix, &b.clos);
    planes
        .chunk_by(same)
        .map(|planes| planes.iter().collect())
        .collect()
}

fn plane(alike: &[&Plane]) -> Vec<String> {
    let (Some(plane), Some(last)) = (alike.first(), alike.last()) else {
        return Vec::new();
    };
    let clos = &plane.clos;
    let name = match alike.len() {
        1 => format!("Plane {}", plane.number),
        _ => format!("Planes {} to {}, each", plane.number, last.number),
    };
    let mut lines = vec![format!(
        "{name}: {} endpoints of at most {}, {} switches",
        grouped(clos.endpoints),
        grouped(clos.capacity),
        grouped(clos.switches()),
    )];
    let mut rows = vec![row([
        "tier",
        "switches",
        "links down",
        "links up",
        "down:up",
    ])];
    for (number, tier) in (1..).zip(&clos.tiers) {
        let (down, up) = (tier.down(), tier.up());
        let ratio = (up > 0).then(|| to_one(down as f64 / up as f64));
        rows.push(row([
            level(number),
            &grouped(tier.switches()),
            &grouped(down),
            &grouped(up),
            ratio.as_deref().unwrap_or(UNKNOWN),
        ]));
    }
    lines.extend(aligned(&rows, 1));
    let mut rows = vec![row([
        "links",
        "role",
        "class",
        "count",
        "switch modules",
        "power",
        "fibres",
        "length",
        "connectors",
        "cost",
    ])];
    rows.extend(plane.links.iter().map(link));
    lines.extend(aligned(&rows, 3));
    lines
}

fn link(link: &Link) -> Vec<String> {
    let tier = usize::from(link.tier);
    let ends = format!("{} to {}", level(tier.saturating_sub(1)), level(tier));
    row([
        &ends,
        link.role.name(),
        link.class.name(),
        &grouped(link.links),
        &grouped(link.modules()),
        &power(link.watts),
        &grouped(link.fibers),
        &meters(link.fiber_meters),
        &grouped(link.connectors),
        &cost(link.cost),
    ])
}

fn together(sizing: &Sizing) -> Vec<String> {
    let totals = &sizing.totals;
    let mut lines = vec!["All together".to_owned()];
    let mut rows = vec![row(["modules", "role", "class", "power"])];
    for group in &totals.groups {
        rows.push(row([
            &format!("{} of {}", grouped(group.modules), speed(group.gbps)),
            group.role.name(),
            group.class.name(),
            &power(group.watts),
        ]));
    }
    lines.extend(aligned(&rows, 3));
    let rows = [
        row(["endpoints", &grouped(sizing.endpoints())]),
        row(["switches", &grouped(totals.switches)]),
        row([
            "links",
            &format!(
                "{}, {} lane ends",
                grouped(totals.links),
                grouped(totals.lane_ends)
            ),
        ]),
        row([
            "modules",
            &format!(
                "{}: {} in switches, {} in endpoints",
                grouped(totals.switch_modules + totals.host_modules),
                grouped(totals.switch_modules),
                grouped(totals.host_modules)
            ),
        ]),
        row(["module power", &power_line(sizing)]),
        row([
            "fibre",
            &format!(
                "{} fibres, {}, {} connectors",
                grouped(totals.fibers),
                meters(totals.fiber_meters),
                grouped(totals.connectors)
            ),
        ]),
        row([
            "relative cost",
            &format!(
                "{} (one 800G module is 1); the same speed in 800G modules: {}",
                cost(totals.cost),
                cost(totals.cost_in_800g)
            ),
        ]),
        row(["latency", &latency(sizing)]),
    ];
    lines.extend(aligned(&rows, 2));
    lines
}

fn power_line(sizing: &Sizing) -> String {
    let totals = &sizing.totals;
    let mut line = power(totals.watts);
    if let (Some(dsp), Some(lpo)) = (totals.watts_all_dsp, totals.watts_all_lpo)
        && dsp > lpo
    {
        line += &format!(
            "; all DSP {}, all LPO {}: linear modules save {}",
            watts(dsp),
            watts(lpo),
            watts(dsp - lpo)
        );
    }
    line
}

fn latency(sizing: &Sizing) -> String {
    let latency = sizing.latency;
    let modules = latency.modules_ns.map_or(UNKNOWN.to_owned(), three_figures);
    format!(
        "{modules} ns from modules, {} ns from fibre: one way over {} links",
        three_figures(latency.fiber_ns),
        latency.links
    )
}

fn power(known: Option<f64>) -> String {
    known.map_or(UNKNOWN.to_owned(), watts)
}

fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    cells.into_iter().map(str::to_owned).collect()
}

/// Rows as lines with columns under each other: the first `words` to the left,
/// numbers to the right.
fn aligned(rows: &[Vec<String>], words: usize) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            line += "  ";
            line += &match column < words {
                true => format!("{cell:<width$}"),
                false => format!("{cell:>width$}"),
            };
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
