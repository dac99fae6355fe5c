//! What the service manager is told: ready, reloading, stopping, a status line
//! and signs of life. Without a service manager all of it does nothing.

use std::time::Duration;

use sd_notify::NotifyState;
use tracing::debug;

/// The daemon listens and reads: its service counts as started, or as reloaded.
pub fn ready() {
    send(&[NotifyState::Ready]);
}

/// The configuration is being read anew. The time stamp is what
/// `Type=notify-reload` waits for.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => send(&[NotifyState::Reloading, now]),
        Err(error) => debug!(%error, "no monotonic time for the service manager"),
    }
}

/// The daemon is about to end.
pub fn stopping() {
    send(&[NotifyState::Stopping]);
}

/// One line on how things stand.
pub fn status(line: &str) {
    send(&[NotifyState::Status(line)]);
}

/// Sends states; a manager that does not listen is no trouble of ours.
fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        debug!(%error, "service manager not told");
    }
}

/// Feeds the service manager's watchdog from the progress of the pollers.
///
/// It is fed as long as any poller makes steps: one adapter that hangs shows
/// in its own ports, and a restart would take the others down with it.
#[derive(Debug)]
pub struct Watchdog {
    interval: Option<Duration>,
    seen: Option<u64>,
}

impl Watchdog {
    /// The watchdog that the service manager asked for in `WATCHDOG_USEC`.
    pub fn from_environment() -> Self {
        Self::with_interval(sd_notify::watchdog_enabled())
    }

    /// A watchdog that wants to be fed this often; `None` wants nothing.
    pub fn with_interval(interval: Option<Duration>) -> Self {
        Self {
            interval,
            seen: None,
        }
    }

    /// How often to call [`Watchdog::feed`] at least: a third of the interval,
    /// so that one late call does not matter.
    pub fn pace(&self) -> Option<Duration> {
        self.interval.map(|interval| interval / 3)
    }

    /// Feeds if there was progress: `steps` differs from the last call, or
    /// there is nothing to do at all. Returns whether it fed.
    pub fn feed(&mut self, steps: u64, is_idle: bool) -> bool {
        let moved = is_idle || self.seen != Some(steps);
        self.seen = Some(steps);
        let feeds = moved && self.interval.is_some();
        if feeds {
            send(&[NotifyState::Watchdog]);
        }
        feeds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_fed_by_progress_alone() {
        let mut dog = Watchdog::with_interval(Some(Duration::from_secs(30)));
        assert_eq!(dog.pace(), Some(Duration::from_secs(10)));
        assert!(dog.feed(1, false));
        assert!(dog.feed(2, false));
        assert!(!dog.feed(2, false));
        assert!(dog.feed(2, true));
        assert!(!Watchdog::with_interval(None).feed(1, false));
    }
}
