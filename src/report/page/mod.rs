//! The status page: the fleet at a glance, and one port in full.
//!
//! Plain HTML made afresh for each request, which works without scripts; where
//! there are some, `page.js` renews the numbers in place from the stream of
//! changes, or `renew.js` what differs in the page made anew. Nothing is loaded from elsewhere. Colour never speaks alone: each
//! verdict has a glyph and a word. Nothing on the page writes to a module.

mod argument;
mod bar;
mod beside;
pub(super) mod bringup;
mod chart;
mod fabric;
mod findings;
mod flags;
mod happenings;
mod head;
mod lanes;
pub(super) mod mark;
mod monitors;
mod panel;
mod part;
pub mod past;
mod port;
mod ports;
mod ratios;
mod raw;
mod sessions;
mod shown;
mod sort;
mod timeline;

use std::time::SystemTime;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::headline::Headline;
use super::{Fleet, PortSlot, PortView, moment};
use crate::names::PortName;
use crate::plan::Plan;
use crate::plan::finding::Finding;
use mark::Mark;
use past::{Past, Range};

pub use bringup::Filter;
pub use sort::Sort;

/// The look of all pages, then of the page of one port.
const STYLE: &str = concat!(include_str!("style.css"), include_str!("port.css"));

/// The script of the button that copies a dump, and where the page looks for it.
pub const COPY_SCRIPT: &str = include_str!("copy.js");
/// See [`COPY_SCRIPT`].
pub const COPY_SCRIPT_ADDRESS: &str = "/copy.js";

/// The script of the pages that renew themselves, served at [`SCRIPT_ADDRESS`].
pub const SCRIPT: &str = include_str!("page.js");

/// Where the pages look for their script.
pub const SCRIPT_ADDRESS: &str = "/page.js";

/// The script of the pages that are asked for anew, and where they look for it.
pub const RENEW_SCRIPT: &str = include_str!("renew.js");
/// See [`RENEW_SCRIPT`].
pub const RENEW_SCRIPT_ADDRESS: &str = "/renew.js";

/// What stands where there is no value.
const NONE: &str = "–";

/// A page that reloads itself does it this often; `renew.js` asks as often.
const REFRESH_SECONDS: u8 = 5;

/// One port with the view that the whole page shows of it.
struct Seen<'a> {
    slot: &'a PortSlot,
    view: std::sync::Arc<PortView>,
    mark: Mark,
    headline: Headline,
    /// Those of the view and those between ports.
    findings: Vec<Finding>,
}

impl<'a> Seen<'a> {
    fn look(fleet: &Fleet, slot: &'a PortSlot) -> Self {
        let view = slot.view.load_full();
        let mark = Mark::of(&view);
        let headline = Headline::of(&view);
        let findings = fleet.findings_of(&slot.name, &view);
        Self {
            slot,
            view,
            mark,
            headline,
            findings,
        }
    }

    fn name(&self) -> &str {
        self.slot.name.as_str()
    }
}

/// All ports, in the order of the box.
fn look<'a>(fleet: &Fleet, slots: &'a [std::sync::Arc<PortSlot>]) -> Vec<Seen<'a>> {
    slots.iter().map(|slot| Seen::look(fleet, slot)).collect()
}

/// The overview of all ports: front panel, findings, and a table in this order.
/// `now` is what ages count to.
pub fn overview(fleet: &Fleet, sort: Sort, now: SystemTime) -> String {
    let slots = fleet.ports.load();
    let seen = look(fleet, &slots);
    let body = html! {
        (head::head("Overview", &seen, fleet, now))
        main {
            @if seen.is_empty() {
                section { p {
                    "No port is configured. " code { "opticsd discover --format toml" }
                    " prints ports to begin with; write them to opticsd.toml in the place of "
                    code { "no_ports" } " and reload the service."
                } }
            } @else {
                (panel::panel(&seen))
                (ports::table(&seen, sort, now))
                (findings::all(&seen))
                (ports::buses(fleet))
            }
        }
    };
    document("opticsd", &body, Refresh::Live)
}

/// The page of one port of the fleet, with what the store tells of it. `now` is what
/// ages count to.
pub fn port(fleet: &Fleet, slot: &PortSlot, past: &Past, now: SystemTime) -> String {
    let seen = Seen::look(fleet, slot);
    let refresh = match past.range {
        Range::Hour => Refresh::Often,
        // Long charts are looked at, and change little in a few seconds.
        Range::Day | Range::Week => Refresh::Never,
    };
    document(seen.name(), &port::body(&seen, past, now), refresh)
}

/// The page with the registers of one port; it stands still, to be read.
/// `now` is what ages count to.
pub fn raw(fleet: &Fleet, slot: &PortSlot, now: SystemTime) -> String {
    let seen = Seen::look(fleet, slot);
    let title = format!("{} registers", seen.name());
    document(&title, &raw::body(&seen, now), Refresh::Never)
}

/// The page of the fabric that the plan is part of: its planes and powers on this
/// box, and what the whole comes to. Without a plan, or with one that lacks numbers,
/// the page says what to write. `now` is what ages count to.
pub fn fabric(fleet: &Fleet, plan: Option<&Plan>, now: SystemTime) -> String {
    let slots = fleet.ports.load();
    let seen = look(fleet, &slots);
    let body = fabric::body(&seen, fleet, plan, now);
    document("opticsd: fabric", &body, Refresh::Often)
}

/// The checklist of planned ports, as far as `filter` lets them through. `now` is
/// what ages count to.
pub fn bringup(fleet: &Fleet, plan: Option<&Plan>, filter: &Filter, now: SystemTime) -> String {
    let slots = fleet.ports.load();
    let seen = look(fleet, &slots);
    let body = bringup::body(&seen, fleet, plan, filter, now);
    document("opticsd: bring-up", &body, Refresh::Live)
}

/// A page that has a message alone, with the way back to all ports.
pub fn message(title: &str, message: &str) -> String {
    let body = html! {
        header { p.home { a href="/" { "opticsd" } } h1 { (title) } }
        main { section.wide {
            p { (message) }
            p { a href="/" { "All ports" } }
        } }
    };
    document(&format!("opticsd: {title}"), &body, Refresh::Never)
}

/// Whether a page renews itself; it reloads as a whole where scripts do not run. With
/// scripts it never does: that would take its reader from where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refresh {
    /// Its numbers, from the stream of changes.
    Live,
    /// What differs when it is asked for anew.
    Often,
    Never,
}

fn document(title: &str, body: &Markup, refresh: Refresh) -> String {
    let script = match refresh {
        Refresh::Live => Some(SCRIPT_ADDRESS),
        Refresh::Often => Some(RENEW_SCRIPT_ADDRESS),
        Refresh::Never => None,
    };
    let reload = html! { meta http-equiv="refresh" content=(REFRESH_SECONDS); };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(script) = script {
                    noscript { (reload) }
                    script src=(script) defer {}
                }
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
    .into_string()
}

/// The age of a port's data, `2.0 s ago`.
fn age(view: &PortView, now: SystemTime) -> Option<String> {
    let at = view.last_read?;
    Some(format!("{} ago", moment::span(moment::age(at, now))))
}

/// The address of a port's page. A name may hold what addresses must not, `/`
/// above all.
fn address(port: &PortName) -> String {
    format!("/ports/{}", encoded(port.as_str()))
}

/// A link to the registers of a port as a dump file.
fn dump_link(seen: &Seen<'_>) -> Markup {
    let name = encoded(seen.name());
    html! {
        a href=(format!("/api/v1/ports/{name}/dump")) download=(format!("{name}.dump")) { "dump" }
    }
}

/// A name as one segment of an address (RFC 3986, section 2).
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests;
