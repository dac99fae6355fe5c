//! The one place where an event is logged and counted.
//!
//! The log has a limit for each port, so that one that flaps all night leaves
//! room for the others; counters and store have none.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tracing::{info, warn};

use crate::health::event::Event;
use crate::report::Fleet;
use crate::store::record::EventRecord;

/// How many events of a port are logged in a row: more than an insertion with
/// all that a bad module has to say.
const BURST: u32 = 60;

/// How soon the next one may be logged once that many were.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a port must be quiet until it is told how much was left out.
const QUIET: Duration = Duration::from_secs(5);

/// Whether log records go to journald with fields of their own.
static TO_JOURNALD: AtomicBool = AtomicBool::new(false);

/// Says that log records go to journald, which takes fields that would only
/// lengthen a line of text.
pub fn log_goes_to_journald() {
    TO_JOURNALD.store(true, Ordering::Relaxed);
}

/// Counts and logs.
#[derive(Debug)]
pub struct Teller {
    fleet: Arc<Fleet>,
    ports: BTreeMap<String, Allowance>,
}

/// What a port may still log.
#[derive(Debug)]
struct Allowance {
    left: u32,
    /// When it was last filled up.
    filled: Duration,
    /// When the port last had something to say.
    last: Duration,
    /// What was not logged since the last word of it.
    left_out: u64,
}

impl Teller {
    /// Counts in this fleet.
    pub fn new(fleet: Arc<Fleet>) -> Self {
        Self {
            fleet,
            ports: BTreeMap::new(),
        }
    }

    /// Counts an event and logs it, unless its port logs too much. `now` is
    /// monotonic time.
    pub fn tell(&mut self, event: &Event, record: &EventRecord, now: Duration) {
        self.fleet.events.count(event);
        if let Some(port) = &record.port {
            let allowance = self.ports.entry(port.clone()).or_insert(Allowance {
                left: BURST,
                filled: now,
                last: now,
                left_out: 0,
            });
            if !allowance.take(now) {
                return;
            }
            allowance.own_up(port);
        }
        log(event, record);
    }

    /// Tells of ports that have become quiet how much of them was not logged.
    pub fn settle(&mut self, now: Duration) {
        self.ports.retain(|port, allowance| {
            let quiet = now.saturating_sub(allowance.last);
            if quiet >= QUIET {
                allowance.own_up(port);
            }
            quiet < PAUSE.saturating_mul(BURST)
        });
    }
}

impl Allowance {
    /// Takes one if there is one.
    fn take(&mut self, now: Duration) -> bool {
        self.last = now;
        while self.filled + PAUSE <= now && self.left < BURST {
            self.filled += PAUSE;
            self.left += 1;
        }
        if self.left == BURST {
            self.filled = now;
        }
        let is_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        self.left_out += u64::from(!is_left);
        is_left
    }

    /// Logs how much was left out.
    fn own_up(&mut self, port: &str) {
        let events = std::mem::take(&mut self.left_out);
        if events > 0 {
            warn!(
                port,
                events, "that many events were not logged; `opticsd events --port {port}` has them"
            );
        }
    }
}

/// Logs an event. Absent fields are left out by both logs.
fn log(event: &Event, record: &EventRecord) {
    let port = record.port.as_deref();
    let kind = record.kind.as_str();
    let what = record.what.as_str();
    if !TO_JOURNALD.load(Ordering::Relaxed) {
        if record.grave {
            warn!(port, kind, "{what}");
        } else {
            info!(port, kind, "{what}");
        }
        return;
    }
    let message_id = format!("{:032x}", event.message_id());
    let serial = record.serial.as_deref();
    let before = record.before.as_deref();
    let after = record.after.as_deref();
    // Fields become upper case in the journal: OPTICSD_PORT and so on.
    macro_rules! tell {
        ($level:ident) => {
            $level!(
                message_id,
                opticsd_event = record.id,
                opticsd_port = port,
                opticsd_kind = kind,
                opticsd_serial = serial,
                opticsd_before = before,
                opticsd_after = after,
                opticsd_capture = record.capture,
                "{}{}{what}",
                port.unwrap_or_default(),
                port.map_or("", |_| ": ")
            )
        };
    }
    if record.grave {
        tell!(warn);
    } else {
        tell!(info);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_may_log_a_burst_and_then_one_a_pause() {
        let start = Duration::from_secs(100);
        let mut allowance = Allowance {
            left: BURST,
            filled: start,
            last: start,
            left_out: 0,
        };
        let taken = (0..100).filter(|_| allowance.take(start)).count();
        assert_eq!(taken, usize::try_from(BURST).unwrap());
        assert_eq!(allowance.left_out, 40);
        assert!(allowance.take(start + PAUSE));
        assert!(!allowance.take(start + PAUSE));
        let later = start + PAUSE * 1000;
        let taken = (0..100).filter(|_| allowance.take(later)).count();
        assert_eq!(taken, usize::try_from(BURST).unwrap());
    }
}
