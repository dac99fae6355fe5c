//! One port in full: how it is judged and why, what the plan wants beside what is
//! there, every value, and what was before.

use std::time::SystemTime;

use maud::{Markup, html};

use super::past::Past;
use super::{
    Seen, address, age, argument, beside, dump_link, encoded, findings, flags, happenings, lanes,
    monitors, part, ratios, sessions, timeline,
};
use crate::module::{Reading, Snapshot};
use crate::report::{codes, moment, text};

/// The parts of the page to which the list at its top leads.
const PARTS: [(&str, &str); 11] = [
    ("plan", "plan"),
    ("class", "class"),
    ("ratios", "error ratios"),
    ("lanes", "lanes"),
    ("history", "over time"),
    ("flags", "flags"),
    ("sessions", "sessions"),
    ("events", "events"),
    ("captures", "captures"),
    ("applications", "applications"),
    ("problems", "problems"),
];

pub(super) fn body(seen: &Seen<'_>, past: &Past, now: SystemTime) -> Markup {
    let view = &seen.view;
    let module = view.snapshot.as_deref();
    let class = view.class.as_deref();
    let main = html! {
        main {
            (trouble(seen))
            (findings::of_port(seen))
            div.stack {
                (beside::section(seen))
                @if let Some(module) = module { (identity(seen, module)) }
            }
            div.stack {
                @if let Some(class) = class { (argument::section(class)) }
                @if let Some(module) = module { (monitors::section(module)) }
            }
            (ratios::section(&view.health))
            @if let Some(module) = module { (lanes::lanes(module)) }
            (timeline::section(seen, past))
            (flags::section(view, now))
            @if let Ok(found) = &past.found {
                (sessions::section(&found.sessions))
                (happenings::events(seen.name(), &found.recent))
                (happenings::captures(seen.name(), &found.captures))
            }
            @if let Some(module) = module {
                (applications(module))
                @if let Some(class) = class { (lanes::vdm(module, class)) }
                (problems(module))
            }
        }
    };
    html! { (head(seen, past, now)) (main) }
}

fn head(seen: &Seen<'_>, past: &Past, now: SystemTime) -> Markup {
    let view = &seen.view;
    let module = view.snapshot.as_deref();
    // Links lead to what is there only.
    let is_there = |id: &str| match id {
        "sessions" | "events" | "captures" => past.found.is_ok(),
        "class" => view.class.is_some(),
        "lanes" => module.is_some_and(|module| !module.lanes.is_empty()),
        "applications" => module.is_some_and(|module| !module.applications.is_empty()),
        "problems" => module.is_some_and(|m| !crate::report::problems(m).is_empty()),
        _ => true,
    };
    html! {
        header {
            p.home { a href="/" { "opticsd" } }
            h1 { (seen.name()) }
            ul.counts aria-label="Verdict" { li.(seen.mark.class) {
                span.glyph aria-hidden="true" { (seen.mark.glyph) } " " (view.judgement.verdict.name())
                @if seen.mark.word != view.judgement.verdict.name() { ", " (seen.mark.word) }
            } }
            p.age {
                span data-live="" {}
                @match (view.last_read, age(view, now)) {
                    (Some(at), Some(age)) => { "read " b { (age) } ", " (moment::utc(at)) }
                    _ => { "never read" }
                }
                " · " a href=(format!("/api/v1/ports/{}", encoded(seen.name()))) { "JSON" }
                @if module.is_some() {
                    " · " a href=(format!("{}/raw", address(&seen.slot.name))) { "registers" }
                    " · " (dump_link(seen))
                }
            }
            nav.jump aria-label="On this page" { ul {
                li { a href="/" { "← all ports" } }
                @for (id, name) in PARTS.iter().filter(|(id, _)| is_there(id)) {
                    li { a href=(format!("#{id}")) { (name) } }
                }
            } }
        }
    }
}

/// What is wrong, in words; that nothing is, where nothing is.
fn trouble(seen: &Seen<'_>) -> Markup {
    let view = &seen.view;
    let verdict = view.judgement.verdict.name();
    html! {
        section.trouble.(seen.mark.class) id="verdict" {
            h2 { "Verdict: " (verdict) }
            ul {
                @if let Some(trouble) = &view.trouble { li { "last sweep failed: " (trouble) } }
                @for reason in &view.judgement.reasons { li { (reason) } }
                @if view.trouble.is_none() && view.judgement.reasons.is_empty() {
                    li { @match view.snapshot {
                        Some(_) => "nothing is wrong with it",
                        None => { "the cage is " (view.presence.name()) }
                    } }
                }
            }
        }
    }
}

fn identity(seen: &Seen<'_>, module: &Snapshot) -> Markup {
    let text = |reading: &Reading<String>| reading.clone();
    let identity = &module.identity;
    let power = module
        .power
        .max
        .map(|max| format!("{:.2} W at most", max.watts()));
    let management = identity.revision.as_ref().value().map_or_else(
        || module.management.name().to_owned(),
        |revision| format!("{} {revision}", module.management.name()),
    );
    let state = module.state.map(|state| {
        state.name().map_or_else(
            |code| format!("reserved {code}"),
            |name| name.replace('_', " "),
        )
    });
    let facts = [
        ("Vendor", text(&identity.vendor)),
        ("Part", text(&identity.part_number)),
        ("Revision", text(&identity.revision_number)),
        ("Serial", text(&identity.serial)),
        ("Date code", text(&identity.date_code)),
        ("Form factor", Reading::Value(codes::form_factor(module))),
        ("Management", Reading::Value(management)),
        ("Connector", codes::connector(module).into()),
        ("Media", codes::media_type(module).into()),
        ("Technology", codes::technology(module).into()),
        ("Power", power),
        ("Firmware", text(&module.firmware.active)),
        ("State", state),
        ("Bus", Reading::Value(seen.slot.bus.to_string())),
    ];
    html! {
        section id="module" {
            h2 { "Module" }
            dl { @for (name, value) in &facts {
                dt { (name) }
                dd { @match value {
                    Reading::Value(value) => (part::or_none(value, "empty")),
                    Reading::Absent(why) => (part::absent(why.reason())),
                } }
            } }
        }
    }
}

fn applications(module: &Snapshot) -> Markup {
    let title = html! { "Applications " small { "what the module offers" } };
    let table = html! { table {
        thead { tr {
            th scope="col" { "In use" } th.n scope="col" { "App" } th scope="col" { "Host" }
            th scope="col" { "Media" } th.n scope="col" { "Lanes" }
        } }
        tbody { @for application in &module.applications {
            @let names = codes::application(module, application);
            @let in_use = text::is_in_use(module, application);
            tr.active[in_use] {
                td { @if in_use { "▸ yes" } @else { "no" } }
                td.n { (application.number) }
                td { (codes::name_or_code(application.host_code, names.host)) }
                td { (codes::name_or_code(application.media_code, names.media)) }
                td.n { (application.host_lanes) ":" (application.media_lanes) }
            }
        } }
    } };
    html! {
        @if !module.applications.is_empty() {
            (part::wide("applications", &title, &part::scroll("Applications", &table)))
        }
    }
}

fn problems(module: &Snapshot) -> Markup {
    let problems = crate::report::problems(module);
    let list = html! { ul { @for problem in &problems { li { (problem) } } } };
    html! {
        @if !problems.is_empty() { (part::wide("problems", &html! { "Problems" }, &list)) }
    }
}
