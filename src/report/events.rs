//! Events and captures as JSON, and as lines for a person.

use std::fmt::Write;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::moment;
use super::plain::plain;
use crate::store::record::{CaptureRecord, EventRecord};

/// An event, an element of `/api/v1/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EventDocument {
    /// Its place in the order of all events.
    pub id: u64,
    /// Wall time, UTC (RFC 3339).
    pub time: String,
    /// The port; absent for an event of the daemon itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Serial number of the module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The word for the kind of event.
    pub kind: String,
    /// What happened, in words.
    pub what: String,
    /// What was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Whether a human should look.
    pub grave: bool,
    /// The capture with the registers of that instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture: Option<u64>,
    /// Whether it is in the store; one that is not yet waits in memory.
    pub saved: bool,
}

impl EventDocument {
    /// The document of an event.
    pub fn new(event: EventRecord, saved: bool) -> Self {
        Self {
            id: event.id,
            time: moment::utc_millis(event.at),
            port: event.port,
            serial: event.serial,
            kind: event.kind,
            what: event.what,
            before: event.before,
            after: event.after,
            grave: event.grave,
            capture: event.capture,
            saved,
        }
    }
}

/// A capture without its registers, an element of `/api/v1/captures`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaptureDocument {
    /// Its number.
    pub id: u64,
    /// Wall time, UTC (RFC 3339).
    pub time: String,
    /// The port.
    pub port: String,
    /// Serial number of the module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The kind of the event that asked for it.
    pub kind: String,
    /// Length of the dump file.
    pub bytes: u64,
}

impl CaptureDocument {
    /// The document of a capture.
    pub fn new(capture: CaptureRecord) -> Self {
        Self {
            id: capture.id,
            time: moment::utc_millis(capture.at),
            port: capture.port,
            serial: capture.serial,
            kind: capture.kind,
            bytes: capture.size,
        }
    }
}

/// Events from the store and events that wait for it, as one list in order, at
/// most the newest `limit` of them.
///
/// `unsaved` must have been asked for before `saved`: an event on its way is then
/// in one of the two at least, and in the list once.
pub fn merged(
    saved: Vec<EventRecord>,
    unsaved: Vec<EventRecord>,
    limit: usize,
) -> Vec<EventDocument> {
    let last = saved.last().map_or(0, |event| event.id);
    let waiting = unsaved.into_iter().filter(|event| event.id > last);
    let waiting: Vec<_> = waiting
        .map(|event| EventDocument::new(event, false))
        .collect();
    let mut events: Vec<_> = saved
        .into_iter()
        .map(|event| EventDocument::new(event, true))
        .chain(waiting)
        .collect();
    let surplus = events.len().saturating_sub(limit);
    events.drain(..surplus);
    events
}

/// Events as lines: time, port, kind, what, and the capture where there is one.
/// A line of a grave event begins with an exclamation mark.
pub fn events_text(events: &[EventDocument]) -> String {
    let mut out = String::new();
    for event in events {
        let mark = if event.grave { '!' } else { ' ' };
        let port = event.port.as_deref().unwrap_or("-");
        let what = plain(&event.what);
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "{mark} {} {port:<14} {:<16} {}",
            event.time,
            event.kind,
            what.trim_end()
        );
        if let Some(capture) = event.capture {
            let _ = write!(out, "  [capture {capture}]");
        }
        if !event.saved {
            let _ = write!(out, "  [not stored yet]");
        }
        out.push('\n');
    }
    out
}

/// Captures as a table.
pub fn captures_text(captures: &[CaptureDocument]) -> String {
    let mut out = format!(
        "{:>8}  {:<24}  {:<14}  {:<16}  {:>7}  SERIAL\n",
        "ID", "TIME", "PORT", "EVENT", "BYTES"
    );
    for capture in captures {
        let serial = plain(capture.serial.as_deref().unwrap_or("-"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{:>8}  {:<24}  {:<14}  {:<16}  {:>7}  {}",
            capture.id,
            capture.time,
            capture.port,
            capture.kind,
            capture.bytes,
            serial.trim_end()
        );
    }
    out
}

/// What a person or a program may write for a moment: `2027-01-15T08:00:00Z`,
/// `2027-01-15`, seconds since 1970, or how long ago, such as `30m`, `6h`, `7d`.
pub fn since(text: &str, now: SystemTime) -> Result<SystemTime, String> {
    moment::parse(text, now).ok_or_else(|| {
        format!(
            "{text:?} is no moment; expected one such as 2027-01-15T08:00:00Z, 2027-01-15, \
             1800000000 (seconds since 1970) or 6h (ago; s, m, h or d)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn event(id: u64) -> EventRecord {
        EventRecord {
            id,
            at: sample::now(),
            port: Some("Ethernet0".to_owned()),
            serial: None,
            kind: "insert".to_owned(),
            what: format!("module inserted: {}", sample::HOSTILE),
            before: None,
            after: None,
            grave: true,
            capture: Some(3),
        }
    }

    #[test]
    fn an_event_on_its_way_to_the_store_is_listed_once() {
        let list = merged(
            vec![event(1), event(2), event(3)],
            vec![event(2), event(3), event(4)],
            3,
        );
        let ids: Vec<_> = list.iter().map(|event| (event.id, event.saved)).collect();
        assert_eq!(ids, [(2, true), (3, true), (4, false)]);
    }

    #[test]
    fn lines_stay_lines_whatever_a_module_says() {
        let text = events_text(&[EventDocument::new(event(1), false)]);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains('\x1b'));
        assert!(
            text.starts_with("! 2027-01-15T08:00:00.000Z Ethernet0 "),
            "{text}"
        );
        assert!(
            text.trim_end().ends_with("[capture 3]  [not stored yet]"),
            "{text}"
        );
    }
}
