//! What stands above every page of the fleet: where one is, how many ports are
//! well, and how old the data are.

use std::time::SystemTime;

use maud::{Markup, html};

use super::{Seen, mark};
use crate::health::verdict::Verdict;
use crate::report::{Fleet, moment};

/// The pages of the fleet with their addresses.
const PAGES: [(&str, &str); 3] = [
    ("Overview", "/"),
    ("Bring-up", "/bringup"),
    ("Fabric", "/fabric"),
];

/// The header of a page of the fleet; `here` is the page's name.
pub(super) fn head(here: &str, seen: &[Seen<'_>], fleet: &Fleet, now: SystemTime) -> Markup {
    html! {
        header {
            p.home { a href="/" { "opticsd" } }
            h1 { (here) }
            nav aria-label="Pages" { ul { @for (name, address) in PAGES {
                li {
                    @if name == here { a href=(address) aria-current="page" { (name) } }
                    @else { a href=(address) { (name) } }
                }
            } } }
            (counts(seen))
            (freshness(seen, fleet, now))
        }
    }
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
        ul.counts aria-label="Ports by verdict" {
            @for verdict in gravest_first {
                @let number = seen.iter().filter(|s| s.view.judgement.verdict == verdict).count();
                li.(verdict.name()) .none[number == 0] {
                    span.glyph aria-hidden="true" { (mark::glyph(verdict)) } " "
                    b data-count=(verdict.name()) { (number) } " " (verdict.name())
                }
            }
            li.plain { b data-count="modules" { (modules) } " modules in " b { (seen.len()) } " ports" }
        }
    }
}

fn freshness(seen: &[Seen<'_>], fleet: &Fleet, now: SystemTime) -> Markup {
    html! {
        p.age {
            span data-live="" {}
            @if let Some(oldest) = oldest(seen) {
                "oldest reading "
                b data-oldest=(moment::unix_seconds(oldest)) { (moment::span(moment::age(oldest, now))) }
                " ago · "
            } @else { "no readings yet · " }
            @if !fleet.reload.load().good {
                strong.bad { "✕ configuration not reloaded" } " · "
            }
            @if let Some(trouble) = store_trouble(fleet) {
                strong.bad { "✕ events not stored: " (trouble) } " · "
            }
            time data-now="" { (moment::utc(now)) }
            " · " a href="/metrics" { "metrics" } " · " a href="/api/v1/ports" { "JSON" }
        }
    }
}

/// When the oldest of the readings was taken that are shown.
fn oldest(seen: &[Seen<'_>]) -> Option<SystemTime> {
    let at_work = seen.iter().filter(|s| s.view.snapshot.is_some());
    at_work.filter_map(|s| s.view.last_read).min()
}

/// Why events cannot be stored, if that is so.
fn store_trouble(fleet: &Fleet) -> Option<String> {
    let status = fleet.store.load();
    let trouble = status.as_ref().as_ref()?.trouble.as_ref()?;
    Some(trouble.said.clone())
}
