//! What the outside sees: the published view of the fleet, and its renderings.
//!
//! [`Fleet`] is read by every output and written by the pollers alone, one
//! pointer per port: an output takes the newest view and never waits for a bus.

pub mod answers;
pub mod api;
pub mod console;
pub mod document;
pub mod events;
pub mod live;
pub mod metrics;
pub mod page;
pub mod planned;
pub mod raw;
pub mod recording;
pub mod series;
pub mod sessions;
pub mod summary;
pub mod text;

mod codes;
mod figures_in_words;
mod headline;
mod health_json;
mod hint;
pub mod moment;
pub mod order;
pub mod plain;
mod quality;
mod quantity;
#[cfg(test)]
pub mod sample;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use arc_swap::{ArcSwap, ArcSwapOption};
pub use planned::Planned;

use crate::bus::meter::Meter;
use crate::class::Classification;
use crate::health::event::EventCounts;
use crate::health::figures::Figures;
use crate::health::flags::Tally;
use crate::health::host_fec::HostFec;
use crate::health::verdict::Judgement;
use crate::module::{Presence, Snapshot};
use crate::names::{BusName, PortName, Profile};
use crate::plan::finding::Finding;
use crate::plan::planes::Imbalance;

/// All that is published of all ports.
#[derive(Debug)]
pub struct Fleet {
    /// The ports in configured order; replaced as a whole on a reload.
    pub ports: ArcSwap<Vec<Arc<PortSlot>>>,
    /// The root adapters.
    pub buses: ArcSwap<Vec<Arc<BusStats>>>,
    /// When the configuration was last loaded, and whether that worked.
    pub reload: ArcSwap<ReloadStatus>,
    /// How much of each port the metrics tell.
    pub profile: ArcSwap<Profile>,
    /// How the web configuration is doing; `None` where there is none.
    pub web: ArcSwapOption<WebStatus>,
    /// How many events of each kind there were.
    pub events: EventCounts,
    /// What differs from the plan between ports, by port.
    pub across: ArcSwap<Vec<(PortName, Finding)>>,
    /// How far the planes of each role are from each other.
    pub imbalance: ArcSwap<Vec<Imbalance>>,
    /// How the store of events is doing; `None` where nothing is kept.
    pub store: ArcSwap<Option<StoreStatus>>,
}

impl Fleet {
    /// Every finding of a port, the gravest first: those of its view, and those
    /// between ports.
    pub fn findings_of(&self, port: &PortName, view: &PortView) -> Vec<Finding> {
        let across = self.across.load();
        let first = across.partition_point(|(other, _)| other < port);
        let own = across.iter().skip(first).take_while(|(p, _)| p == port);
        let mut findings = view.findings.clone();
        findings.extend(own.map(|(_, finding)| finding.clone()));
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }
}

/// One port: who it is, and its newest view.
#[derive(Debug)]
pub struct PortSlot {
    /// Its name.
    pub name: PortName,
    /// The root adapter it hangs on.
    pub bus: BusName,
    /// The newest view.
    pub view: ArcSwap<PortView>,
    /// What the FEC decoder of the host counted when it was last asked; `None`
    /// where no source of it is configured, and while the source is silent.
    pub host_fec: ArcSwapOption<HostFec>,
    /// How asking for that goes; `None` where no source of it is configured.
    pub host: ArcSwapOption<HostStatus>,
}

impl PortSlot {
    /// A port with its first view, of whose host nothing is known.
    pub fn new(name: PortName, bus: BusName, view: PortView) -> Self {
        Self {
            name,
            bus,
            view: ArcSwap::from_pointee(view),
            host_fec: ArcSwapOption::empty(),
            host: ArcSwapOption::empty(),
        }
    }
}

/// How asking a host for the counters of its FEC decoder goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostStatus {
    /// Who is asked, as the configuration says it: `ethtool:eth0`.
    pub source: String,
    /// Questions since the daemon started.
    pub reads: u64,
    /// Questions without an answer by kind of trouble.
    pub failures: BTreeMap<&'static str, u64>,
    /// What is wrong, if the last question had no answer.
    pub trouble: Option<String>,
}

impl HostStatus {
    /// The status of a source that was not asked yet.
    pub fn unasked(source: String) -> Self {
        Self {
            source,
            reads: 0,
            failures: BTreeMap::new(),
            trouble: None,
        }
    }
}

/// What is known of a port at one moment. Immutable.
#[derive(Debug, Clone)]
pub struct PortView {
    /// What the plan says of the port; `None` when no plan names it.
    pub planned: Option<Planned>,
    /// What stands in the cage.
    pub presence: Presence,
    /// Whether that is known for good, or another look soon may tell more.
    pub settled: bool,
    /// The newest sweep that worked; `None` once it is stale or the module gone.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The class of the module in the snapshot.
    pub class: Option<Arc<Classification>>,
    /// How the port differs from its plan.
    pub findings: Vec<Finding>,
    /// Whether it is well.
    pub judgement: Judgement,
    /// How well, in numbers.
    pub health: Arc<Figures>,
    /// Latched flags found raised since the module came.
    pub flags: Vec<Tally>,
    /// What the bus said last, if the last sweep failed.
    pub trouble: Option<String>,
    /// When a sweep last worked, wall time.
    pub last_read: Option<SystemTime>,
    /// Sweeps tried, sweeps failed by kind of trouble, insertions seen.
    pub counts: PortCounts,
}

impl PortView {
    /// The gravest thing to know of the port in one line: bus trouble, the
    /// first finding, the first reason of the verdict, or what the cage holds
    /// if that is not a module at work. That nobody answers in an empty cage says
    /// less than that a module is missing.
    pub fn gravest(&self) -> Option<String> {
        let is_missing = self.presence == Presence::Empty && !self.findings.is_empty();
        if let Some(trouble) = self.trouble.as_ref().filter(|_| !is_missing) {
            return Some(trouble.clone());
        }
        if let Some(finding) = self.findings.first() {
            return Some(format!(
                "{}: saw {}, planned {}",
                finding.rule, finding.saw, finding.planned
            ));
        }
        if let Some(reason) = self.judgement.reasons.first() {
            return Some(reason.clone());
        }
        (self.presence != Presence::Active).then(|| self.presence.name().to_owned())
    }
}

/// The oddities of a module, and the register groups that could not be read.
/// Pages that are not there at all are among the oddities, once each.
fn problems(snapshot: &Snapshot) -> Vec<String> {
    let unread = snapshot
        .failures
        .iter()
        .filter(|failure| !failure.error.kind.is_absence())
        .map(|failure| format!("{} could not be read: {}", failure.group, failure.error));
    snapshot.problems.iter().cloned().chain(unread).collect()
}

/// Counters of one port since the daemon started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortCounts {
    /// Sweeps tried.
    pub reads: u64,
    /// Failed visits by [`crate::bus::BusErrorKind::label`].
    pub failures: BTreeMap<&'static str, u64>,
    /// Modules seen to come.
    pub insertions: u64,
    /// How many of them are known to have gone; the last one may be there still.
    pub departures: u64,
    /// Latched threshold flags seen raised, by (quantity, level).
    pub threshold_flags: BTreeMap<(&'static str, &'static str), u64>,
    /// Latched signal flags seen raised, by flag.
    pub signal_flags: BTreeMap<&'static str, u64>,
}

/// Counters of one root adapter since the daemon started.
#[derive(Debug)]
pub struct BusStats {
    /// Its name.
    pub name: BusName,
    /// Transactions, bytes, time and errors.
    pub meter: Arc<Meter>,
    /// Sweeps that began so late that one was left out before them.
    pub overruns: AtomicU64,
    /// For how long sweeps were under way in the last round over all ports.
    pub last_round: ArcSwap<Option<Duration>>,
    /// How late a sweep of the last round began, at most.
    pub jitter: ArcSwap<Option<Duration>>,
}

/// How the store of events is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreStatus {
    /// The state directory; `None` where events are kept in memory.
    pub directory: Option<PathBuf>,
    /// Why nothing can be written, if that is so.
    pub trouble: Option<StoreTrouble>,
    /// Events written since the start.
    pub saved: u64,
    /// Events that wait to be written.
    pub waiting: usize,
    /// Events that were told but never written: too many waited.
    pub lost: u64,
    /// Failed attempts by kind of trouble.
    pub errors: BTreeMap<&'static str, u64>,
    /// The size of the store.
    pub bytes: Option<u64>,
}

impl StoreStatus {
    /// A store to which nothing was written yet.
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self {
            directory,
            trouble: None,
            saved: 0,
            waiting: 0,
            lost: 0,
            errors: BTreeMap::new(),
            bytes: None,
        }
    }
}

/// Why nothing can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreTrouble {
    /// The word for it, as in labels.
    pub kind: &'static str,
    /// In full.
    pub said: String,
}

/// The state of the web configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebStatus {
    /// Whether the last attempt to read it worked.
    pub good: bool,
    /// When the server's certificate runs out, where there is one.
    pub certificate_expires: Option<SystemTime>,
}

/// The state of the configuration.
#[derive(Debug, Clone)]
pub struct ReloadStatus {
    /// Whether the last attempt worked.
    pub good: bool,
    /// When it last worked.
    pub at: SystemTime,
}
