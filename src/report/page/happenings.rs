//! What happened to a port, and the registers that were kept with it.

use maud::{Markup, html};

use super::{encoded, part};
use crate::report::events::{CaptureDocument, EventDocument};

/// The newest events, the newest first.
pub(super) fn events(port: &str, events: &[EventDocument]) -> Markup {
    let title = html! { "Events" };
    let table = html! { table {
        thead { tr {
            th scope="col" { "Time" } th scope="col" { "Kind" } th scope="col" { "What" }
            th scope="col" { "Before → after" } th scope="col" { "Registers" }
        } }
        tbody { @for event in events {
            tr.grave[event.grave] {
                th.time scope="row" { (event.time) }
                td { @if event.grave { span.sign.bad title="look at it" { "✕" } " " } (event.kind) }
                td.what { (event.what) @if !event.saved { span.quiet { " (not stored yet)" } } }
                td { (change(event)) }
                td { @match event.capture {
                    Some(id) => a href=(format!("/api/v1/captures/{id}")) { "capture " (id) },
                    None => (part::absent("none was kept")),
                } }
            }
        } }
    } };
    let content = html! {
        @if events.is_empty() { p.quiet { "None is kept." } }
        @else { (part::scroll("Events", &table)) }
        p { a href=(format!("/api/v1/events?port={}", encoded(port))) { "all of them as JSON" } }
    };
    part::wide("events", &title, &content)
}

fn change(event: &EventDocument) -> Markup {
    match (&event.before, &event.after) {
        (None, None) => part::absent("not a change of something"),
        (before, after) => {
            let word = |word: &Option<String>| match word {
                Some(word) => html! { (word) },
                None => part::absent("nothing"),
            };
            html! { (word(before)) " → " (word(after)) }
        }
    }
}

/// The newest captures, the newest first, as files.
pub(super) fn captures(port: &str, captures: &[CaptureDocument]) -> Markup {
    let title = html! { "Captures " small { "registers at an event" } };
    let name = |capture: &CaptureDocument| format!("{}-{}.dump", encoded(port), capture.id);
    let table = html! { table {
        thead { tr {
            th scope="col" { "Time" } th scope="col" { "Event" } th scope="col" { "Module" }
            th.n scope="col" { "Bytes" } th scope="col" { "File" }
        } }
        tbody { @for capture in captures {
            tr {
                th.time scope="row" { (capture.time) }
                td { (capture.kind) }
                td { (part::or_none(capture.serial.as_deref().unwrap_or_default(), "no serial number")) }
                td.n { (capture.bytes) }
                td { a href=(format!("/api/v1/captures/{}", capture.id)) download=(name(capture)) {
                    "capture " (capture.id)
                } }
            }
        } }
    } };
    let content = html! {
        @if captures.is_empty() { p.quiet { "None is kept." } }
        @else { (part::scroll("Captures", &table)) }
    };
    part::wide("captures", &title, &content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn events_tell_time_kind_change_and_where_their_registers_are() {
        let event = EventDocument {
            id: 9,
            time: "2027-01-15T07:00:00.000Z".to_owned(),
            port: Some("Ethernet0".to_owned()),
            serial: None,
            kind: "verdict_changed".to_owned(),
            what: sample::HOSTILE.to_owned(),
            before: Some("ok".to_owned()),
            after: Some("bad".to_owned()),
            grave: true,
            capture: Some(4),
            saved: false,
        };
        let page = events("Ethernet1/1", &[event]).into_string();
        for wanted in [
            "2027-01-15T07:00:00.000Z",
            "verdict_changed",
            "ok → bad",
            "(not stored yet)",
            "href=\"/api/v1/captures/4\"",
            "href=\"/api/v1/events?port=Ethernet1%2F1\"",
            "&lt;script&gt;",
        ] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
        assert!(!page.contains("<script"));
        assert!(events("a", &[]).into_string().contains("None is kept"));
    }

    #[test]
    fn captures_are_files_to_keep() {
        let capture = CaptureDocument {
            id: 4,
            time: "2027-01-15T07:00:00.000Z".to_owned(),
            port: "Ethernet1/1".to_owned(),
            serial: Some(sample::HOSTILE.to_owned()),
            kind: "insert".to_owned(),
            bytes: 5000,
        };
        let page = captures("Ethernet1/1", &[capture]).into_string();
        assert!(page.contains("download=\"Ethernet1%2F1-4.dump\""), "{page}");
        assert!(!page.contains("<script"));
    }
}
