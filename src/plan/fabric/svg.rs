//! The sizing of a fabric as a drawing: planes side by side, tiers above each
//! other, the endpoints below all of them. It stands alone, and in a page too:
//! its styles name nothing but its own.

use maud::{Markup, PreEscaped, html};

use super::bill::Link;
use super::level;
use super::number::{cost, grouped, planes, speed, tiers, to_one, watts};
use super::size::{Plane, Sizing};

/// Colours for light and dark.
const STYLE: &str = include_str!("fabric.css");

/// Room at each edge.
const MARGIN: u32 = 20;
/// Width of one plane, with the room beside it.
const PLANE_WIDTH: u32 = 260;
/// Room between planes.
const GAP: u32 = 16;
/// Where the planes begin, below the title.
const TOP: u32 = 74;
/// From one tier to the next.
const TIER_HEIGHT: u32 = 118;
/// The box of a switch.
const SWITCH: (u32, u32) = (24, 16);
/// The most boxes that are drawn for a tier: one for each of so many switches,
/// and beyond that as many as fit. The number stands above them.
const MOST_BOXES: u32 = 6;
/// Height of one line of text.
const LINE: u32 = 18;
/// The same, as a step from line to line.
const LINE_STEP: usize = 18;
/// Width of one letter of text, generously.
const LETTER: u32 = 7;

/// The drawing of a sizing, as an SVG document without an XML declaration, so
/// that it can stand in a page too.
pub fn svg(sizing: &Sizing) -> String {
    let subtitle = subtitle(sizing);
    let columns = u32::try_from(sizing.planes.len()).unwrap_or(0);
    // Wide enough for the text above and below, however few the planes.
    let told = sizing.contradictions.iter().map(ToString::to_string);
    let told: Vec<_> = told.collect();
    let texts = told.iter().chain([&subtitle]);
    let letters = texts.map(|text| text.chars().count()).max().unwrap_or(0);
    let letters = u32::try_from(letters).unwrap_or(0);
    let width = (columns * PLANE_WIDTH).max(letters * LETTER) + 2 * MARGIN;
    let plane_height = u32::from(sizing.tiers) * TIER_HEIGHT + 3 * LINE;
    let hosts_at = TOP + plane_height;
    let complaints_at = hosts_at + 3 * LINE + LINE;
    let complaints = complaints_at..;
    let complaints = complaints.step_by(LINE_STEP).zip(&told);
    let height = complaints
        .clone()
        .last()
        .map_or(complaints_at, |(y, _)| y + LINE)
        + MARGIN;
    let offsets = (0..columns).map(|n| MARGIN + n * PLANE_WIDTH);
    html! {
        svg class="fabric-drawing" xmlns="http://www.w3.org/2000/svg" role="img"
            viewBox=(format!("0 0 {width} {height}")) {
            title { (title(sizing)) }
            style { (PreEscaped(STYLE)) }
            rect class="paper" width=(width) height=(height) {}
            text class="title" x=(MARGIN) y="30" { (title(sizing)) }
            text class="start" x=(MARGIN) y="52" { (subtitle) }
            @for (plane, x) in sizing.planes.iter().zip(offsets) {
                (draw_plane(plane, x, plane_height, contradicted(sizing, plane)))
            }
            (draw_hosts(sizing, hosts_at, width))
            @for (y, found) in complaints {
                text class="start bad" x=(MARGIN) y=(y) { (found) }
            }
        }
    }
    .into_string()
}

fn title(sizing: &Sizing) -> String {
    format!(
        "{}: {} endpoints on {}",
        sizing.name,
        grouped(sizing.endpoints()),
        planes(sizing.planes.len())
    )
}

fn subtitle(sizing: &Sizing) -> String {
    let totals = &sizing.totals;
    let power = totals.watts.map(|power| format!(" · {}", watts(power)));
    format!(
        "{} of radix {} at {} · {} switches · {} links · {} modules{} · cost {}",
        tiers(sizing.tiers),
        sizing.radix,
        speed(sizing.port_gbps),
        grouped(totals.switches),
        grouped(totals.links),
        grouped(totals.switch_modules + totals.host_modules),
        power.unwrap_or_default(),
        cost(totals.cost),
    )
}

fn contradicted(sizing: &Sizing, plane: &Plane) -> bool {
    let mut planes = sizing.contradictions.iter().map(|found| found.plane());
    planes.any(|contradicted| contradicted == Some(plane.number))
}

/// One plane in its frame, the top tier first.
fn draw_plane(plane: &Plane, x: u32, height: u32, is_contradicted: bool) -> Markup {
    let width = PLANE_WIDTH - GAP;
    let middle = x + width / 2;
    let tiers = plane.clos.tiers.len();
    let y_of = |tier: usize| {
        let below_top = u32::try_from(tiers.saturating_sub(tier)).unwrap_or(0);
        TOP + 3 * LINE + below_top * TIER_HEIGHT
    };
    // The links of a tier go down to the tier below, or to the endpoints.
    let boxes = |tier: usize| match tier.checked_sub(1).and_then(|n| plane.clos.tiers.get(n)) {
        Some(tier) => places(tier.switches(), x, width),
        None => places(MOST_BOXES.into(), x, width),
    };
    html! {
        rect.plane.contradicted[is_contradicted] x=(x) y=(TOP) width=(width) height=(height - 8) rx="6" {}
        text x=(middle) y=(TOP + LINE) {
            "Plane " (plane.number)
            @if plane.clos.tiers.len() > 1 { " · " (to_one(plane.oversubscription)) }
        }
        @for (tier, link) in (1..).zip(&plane.links) {
            @for from in boxes(tier) {
                @for to in boxes(tier - 1) {
                    line class="link" x1=(from) y1=(y_of(tier) + SWITCH.1)
                        x2=(to) y2=(y_of(tier - 1)) {}
                }
            }
            text class="faint halo" x=(middle) y=(y_of(tier - 1) - 2 * LINE) { (link_label(link)) }
        }
        @for (number, tier) in (1..).zip(&plane.clos.tiers) {
            @for place in places(tier.switches(), x, width) {
                rect class="switch" x=(place.saturating_sub(SWITCH.0 / 2)) y=(y_of(number))
                    width=(SWITCH.0) height=(SWITCH.1) rx="3" {}
            }
            text class="halo" x=(middle) y=(y_of(number) - 5) {
                (grouped(tier.switches())) " " (level(number)) " switches"
            }
        }
    }
}

/// The middles of the boxes that stand for so many switches.
fn places(switches: u64, x: u32, width: u32) -> Vec<u32> {
    let boxes = u32::try_from(switches).map_or(MOST_BOXES, |n| n.clamp(1, MOST_BOXES));
    (0..boxes)
        .map(|n| x + width * (2 * n + 1) / (2 * boxes))
        .collect()
}

fn link_label(link: &Link) -> String {
    let power = link.watts.map(|power| format!(" · {}", watts(power)));
    format!(
        "{} links · {} {}{}",
        grouped(link.links),
        link.role.name(),
        link.class.name(),
        power.unwrap_or_default()
    )
}

/// The endpoints, below every plane.
fn draw_hosts(sizing: &Sizing, y: u32, width: u32) -> Markup {
    let power = sizing.hosts.watts.filter(|_| sizing.hosts.modules > 0);
    html! {
        rect class="switch" x=(MARGIN) y=(y) width=(width - 2 * MARGIN - GAP) height=(2 * LINE) rx="4" {}
        text x=(width / 2) y=(y + LINE + 4) {
            (grouped(sizing.endpoints())) " endpoints · " (grouped(sizing.hosts.modules)) " modules"
            @if sizing.hosts.modules > 0 { " of " (speed(sizing.lanes.host_module_gbps())) }
            @if let Some(power) = power { " · " (watts(power)) }
        }
    }
}
