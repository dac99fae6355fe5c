//! What the pollers do right now, for an engineer who debugs the daemon.
//!
//! Each poller publishes it as it goes: what it is about to do, then how the port
//! stands that it dealt with. A reader takes the newest of it without a lock, so a
//! thread that hangs in its adapter is seen to hang, and in which port.

use std::ops::AddAssign;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arc_swap::ArcSwap;
use serde::Serialize;

use super::poller::Pulse;
use super::watch::observe::Standing;
use crate::bus::meter::Meter;
use crate::names::{BusName, PortName};

/// All pollers there are, with their signs of life; replaced as a whole.
#[derive(Debug, Default)]
pub struct Roster {
    /// By bus.
    pub pollers: ArcSwap<Vec<(BusName, Arc<Pulse>)>>,
}

/// What one poller does, published by it.
#[derive(Debug, Default)]
pub struct BusInside {
    /// What it does now.
    pub doing: ArcSwap<Doing>,
    /// Its ports, in their order.
    pub ports: ArcSwap<Vec<Arc<PortInside>>>,
}

/// What a poller does.
#[derive(Debug, Default)]
pub enum Doing {
    /// Nothing yet.
    #[default]
    Starting,
    /// Something for a port.
    Working {
        /// The port.
        port: Arc<PortInside>,
        /// What for.
        work: Work,
        /// Since when, on the clock of the daemon.
        since: Duration,
    },
    /// Nothing is due.
    Resting {
        /// Until when, on the clock of the daemon; an order ends it sooner.
        until: Duration,
    },
}

/// What is done for a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// A sweep is begun or goes on.
    Sweeps,
    /// It is asked whether its module is there.
    Asks,
    /// It is no longer watched, and its module left as it should be.
    Leaves,
}

/// How a port stands with its poller.
#[derive(Debug)]
pub struct PortInside {
    /// Its name.
    pub name: PortName,
    /// The newest; `None` before the first step.
    pub state: ArcSwap<Option<PortState>>,
}

/// How a port stands with its poller at a moment. Times are on the clock of the
/// daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortState {
    /// What is known of the cage.
    pub standing: Standing,
    /// How often it is swept.
    pub period: Duration,
    /// When it is swept next.
    pub due: Duration,
    /// The sweep under way.
    pub under_way: Option<UnderWay>,
    /// The last one that came to its end.
    pub last: Option<LastSweep>,
    /// Sweeps that came to their end, well or badly.
    pub sweeps: u64,
    /// Sweeps in a row that ended in a panic.
    pub panics: u32,
}

/// A sweep under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderWay {
    /// When it began.
    pub began: Duration,
    /// When it goes on.
    pub goes_on: Duration,
}

/// A sweep that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSweep {
    /// When it ended.
    pub ended: Duration,
    /// From its beginning to its end, its waits included.
    pub took: Duration,
    /// How much later it began than it was due; `None` for a look out of turn.
    pub late: Option<Duration>,
    /// What it did on the bus.
    pub traffic: Traffic,
}

/// Work on a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Transactions, whether they read or only write.
    pub transactions: u64,
    /// Payload bytes in both directions.
    pub bytes: u64,
    /// Time spent in transactions.
    pub busy: Duration,
}

impl Traffic {
    /// All that a meter has counted.
    pub fn of(meter: &Meter) -> Self {
        let reads = meter.reads.load(Ordering::Relaxed);
        Self {
            transactions: reads.wrapping_add(meter.writes.load(Ordering::Relaxed)),
            bytes: meter.bytes.load(Ordering::Relaxed),
            busy: meter.busy(),
        }
    }

    /// What was counted since `before`.
    pub fn since(self, before: Self) -> Self {
        Self {
            transactions: self.transactions.saturating_sub(before.transactions),
            bytes: self.bytes.saturating_sub(before.bytes),
            busy: self.busy.saturating_sub(before.busy),
        }
    }
}

impl AddAssign for Traffic {
    fn add_assign(&mut self, more: Self) {
        self.transactions = self.transactions.saturating_add(more.transactions);
        self.bytes = self.bytes.saturating_add(more.bytes);
        self.busy = self.busy.saturating_add(more.busy);
    }
}

impl BusInside {
    /// The poller turns to a port.
    pub fn works(&self, ledger: &Ledger, work: Work, since: Duration) {
        let port = ledger.published();
        self.doing
            .store(Arc::new(Doing::Working { port, work, since }));
    }

    /// The poller rests.
    pub fn rests(&self, until: Duration) {
        self.doing.store(Arc::new(Doing::Resting { until }));
    }
}

/// How things stand with a port after a step of its poller.
pub struct Stand {
    /// What the watch says.
    pub standing: Standing,
    /// How often it is swept.
    pub period: Duration,
    /// When it is swept next.
    pub due: Duration,
    /// When its sweep goes on, if one is under way.
    pub goes_on: Option<Duration>,
    /// Sweeps in a row that ended in a panic.
    pub panics: u32,
}

/// What a poller notes of one of its ports.
pub struct Ledger {
    published: Arc<PortInside>,
    /// When the sweep under way began, and how late.
    begun: Option<(Duration, Option<Duration>)>,
    /// What it did on the bus so far.
    traffic: Traffic,
    last: Option<LastSweep>,
    sweeps: u64,
}

impl Ledger {
    /// Nothing noted yet.
    pub fn new(name: PortName) -> Self {
        Self {
            published: Arc::new(PortInside {
                name,
                state: ArcSwap::default(),
            }),
            begun: None,
            traffic: Traffic::default(),
            last: None,
            sweeps: 0,
        }
    }

    /// Where it is published.
    pub fn published(&self) -> Arc<PortInside> {
        Arc::clone(&self.published)
    }

    /// A sweep begins, so much later than it was due.
    pub fn begin(&mut self, now: Duration, late: Option<Duration>) {
        self.begun = Some((now, late));
        self.traffic = Traffic::default();
    }

    /// The sweep under way comes to no end.
    pub fn abandon(&mut self) {
        self.begun = None;
    }

    /// Publishes how things stand after a step that did this on the bus.
    pub fn publish(&mut self, now: Duration, traffic: Traffic, stand: Stand) {
        if self.begun.is_some() {
            self.traffic += traffic;
        }
        let under_way = match (self.begun, stand.goes_on) {
            (Some((began, _)), Some(goes_on)) => Some(UnderWay { began, goes_on }),
            (Some((began, late)), None) => {
                self.begun = None;
                self.sweeps = self.sweeps.saturating_add(1);
                self.last = Some(LastSweep {
                    ended: now,
                    took: now.saturating_sub(began),
                    late,
                    traffic: self.traffic,
                });
                None
            }
            (None, _) => None,
        };
        self.published.state.store(Arc::new(Some(PortState {
            standing: stand.standing,
            period: stand.period,
            due: stand.due,
            under_way,
            last: self.last,
            sweeps: self.sweeps,
            panics: stand.panics,
        })));
    }
}
