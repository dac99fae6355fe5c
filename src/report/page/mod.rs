//! The status page: the fleet at a glance, and one port in full.
//!
//! Plain HTML made afresh for each request, without scripts and without
//! anything to load beside it. Colour never speaks alone: each verdict has a
//! glyph and a word. Nothing on the page writes to a module.

mod argument;
mod bar;
mod beside;
mod chart;
mod findings;
mod flags;
mod happenings;
mod lanes;
mod mark;
mod monitors;
mod panel;
mod part;
pub mod past;
mod port;
mod ports;
mod ratios;
mod raw;
mod sessions;
mod timeline;

use std::time::SystemTime;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Fleet, PortSlot, PortView, moment};
use crate::health::verdict::Verdict;
use crate::names::PortName;
use crate::plan::finding::Finding;
use crate::plan::{Plan, fabric};
use mark::Mark;
use past::{Past, Range};

/// The look of all pages, then of the page of one port.
const STYLE: &str = concat!(include_str!("style.css"), include_str!("port.css"));

/// The script of the button that copies a dump, and where the page looks for it.
pub const COPY_SCRIPT: &str = include_str!("copy.js");
/// See [`COPY_SCRIPT`].
pub const COPY_SCRIPT_ADDRESS: &str = "/copy.js";

/// A page that reloads itself does it this often.
const REFRESH_SECONDS: u8 = 5;

/// One port with the view that the whole page shows of it.
struct Seen<'a> {
    slot: &'a PortSlot,
    view: std::sync::Arc<PortView>,
    mark: Mark,
    /// Those of the view and those between ports.
    findings: Vec<Finding>,
}

impl<'a> Seen<'a> {
    fn look(fleet: &Fleet, slot: &'a PortSlot) -> Self {
        let view = slot.view.load_full();
        let mark = Mark::of(&view);
        let findings = fleet.findings_of(&slot.name, &view);
        Self {
            slot,
            view,
            mark,
            findings,
        }
    }

    fn name(&self) -> &str {
        self.slot.name.as_str()
    }
}

/// The overview of all ports: front panel, findings, table with the worst first.
/// `now` is what ages count to.
pub fn overview(fleet: &Fleet, now: SystemTime) -> String {
    let slots = fleet.ports.load();
    let seen: Vec<Seen<'_>> = slots.iter().map(|slot| Seen::look(fleet, slot)).collect();
    let body = html! {
        header {
            h1 { "opticsd" }
            (counts(&seen))
            (freshness(&seen, fleet, now))
        }
        main {
            (panel::panel(&seen))
            (findings::all(&seen))
            (ports::table(&seen, now))
            (ports::buses(fleet))
        }
    };
    document("opticsd", &body, Refresh::Often)
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

/// The page of the fabric that the plan is part of: a drawing of its planes and
/// tiers, and what it comes to. Without a plan, or with one that lacks numbers,
/// the page says what to write.
pub fn fabric(plan: Option<&Plan>) -> String {
    let sized = plan.map(fabric::of_plan);
    let body = html! {
        header { a.home href="/" { "opticsd" } h1 { "Fabric" } }
        main { section { @match sized {
            None => p { "No plan is configured: name one with `plan` in the configuration." },
            Some(Err(lacking)) => p { (lacking) },
            Some(Ok(sizing)) => {
                // Made by the program itself; the names in it are escaped there.
                div.scroll { (PreEscaped(fabric::svg(&sizing))) }
                pre.scroll { (fabric::text(&sizing)) }
            }
        } } }
    };
    document("Fabric", &body, Refresh::Never)
}

/// Whether a page reloads itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refresh {
    Often,
    Never,
}

fn document(title: &str, body: &Markup, refresh: Refresh) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if refresh == Refresh::Often { meta http-equiv="refresh" content=(REFRESH_SECONDS); }
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
    .into_string()
}

fn counts(seen: &[Seen<'_>]) -> Markup {
    let modules = seen
        .iter()
        .filter(|seen| seen.view.presence.is_module())
        .count();
    let gravest_first = [
        Verdict::Bad,
        Verdict::Degraded,
        Verdict::Unknown,
        Verdict::Ok,
    ];
    html! {
        ul.counts {
            @for verdict in gravest_first {
                @let number = seen.iter().filter(|s| s.view.judgement.verdict == verdict).count();
                li.(verdict.name()) .none[number == 0] {
                    span.glyph { (mark::glyph(verdict)) } " "
                    b { (number) } " " (verdict.name())
                }
            }
            li.plain { b { (modules) } " modules in " b { (seen.len()) } " ports" }
        }
    }
}

fn freshness(seen: &[Seen<'_>], fleet: &Fleet, now: SystemTime) -> Markup {
    let at_work = seen.iter().filter(|s| s.view.snapshot.is_some());
    let oldest = at_work.filter_map(|s| s.view.last_read).min();
    html! {
        p.age {
            @if let Some(oldest) = oldest {
                "oldest reading " b { (moment::span(moment::age(oldest, now))) } " ago · "
            }
            @if !fleet.reload.load().good {
                strong.bad { "✕ configuration not reloaded" } " · "
            }
            @if let Some(trouble) = store_trouble(fleet) {
                strong.bad { "✕ events not stored: " (trouble) } " · "
            }
            (moment::utc(now))
            " · " a href="/fabric" { "fabric" } " · " a href="/metrics" { "metrics" } " · " a href="/api/v1/ports" { "JSON" }
        }
    }
}

/// Why events cannot be stored, if that is so.
fn store_trouble(fleet: &Fleet) -> Option<String> {
    let status = fleet.store.load();
    let trouble = status.as_ref().as_ref()?.trouble.as_ref()?;
    Some(trouble.said.clone())
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
