//! The one place where an event is logged and counted.

use tracing::{info, warn};

use crate::health::event::{Event, EventCounts};
use crate::names::PortName;

/// Logs an event once, with its port where it has one, and counts it.
pub fn tell(counts: &EventCounts, port: Option<&PortName>, event: &Event) {
    counts.count(event);
    let kind = event.kind();
    match (port, event.is_grave()) {
        (Some(port), true) => warn!(%port, kind, "{event}"),
        (Some(port), false) => info!(%port, kind, "{event}"),
        (None, true) => warn!(kind, "{event}"),
        (None, false) => info!(kind, "{event}"),
    }
}
