//! Writing the published fleet: first views, plan labels, stale values taken back.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::bus::meter::Meter;
use crate::health::event::EventCounts;
use crate::health::verdict::{self, Judgement, Verdict};
use crate::module::Presence;
use crate::names::{BusName, PortName};
use crate::report::{BusStats, Fleet, Planned, PortCounts, PortSlot, PortView, ReloadStatus};

/// For how many periods a value is shown after the sweep that brought it.
pub const PERIODS_UNTIL_STALE: u32 = 3;

/// A fleet without ports, whose configuration was loaded just now.
pub fn fleet(now: SystemTime) -> Fleet {
    Fleet {
        ports: ArcSwap::default(),
        buses: ArcSwap::default(),
        reload: ArcSwap::from_pointee(ReloadStatus {
            good: true,
            at: now,
        }),
        profile: ArcSwap::default(),
        web: ArcSwapOption::empty(),
        events: EventCounts::default(),
        across: ArcSwap::default(),
        imbalance: ArcSwap::default(),
        store: ArcSwap::default(),
    }
}

/// The counters of a root adapter that did nothing yet.
pub fn bus(name: BusName) -> BusStats {
    BusStats {
        name,
        meter: Arc::new(Meter::default()),
        overruns: AtomicU64::new(0),
        last_round: ArcSwap::default(),
        jitter: ArcSwap::default(),
    }
}

/// The view of a port that was not looked at yet.
pub fn unread(planned: Option<Planned>) -> PortView {
    PortView {
        planned,
        presence: Presence::Unread,
        settled: false,
        snapshot: None,
        class: None,
        findings: Vec::new(),
        judgement: Judgement {
            verdict: Verdict::Unknown,
            reasons: Vec::new(),
        },
        health: Arc::default(),
        flags: Vec::new(),
        trouble: None,
        last_read: None,
        counts: PortCounts::default(),
    }
}

/// For how long a value may be shown: some periods, or as many rounds where a
/// round takes longer than its period.
pub fn shown_for(period: Duration, last_round: Option<Duration>) -> Duration {
    period.max(last_round.unwrap_or_default()) * PERIODS_UNTIL_STALE
}

/// Takes back the values of ports whose poller hangs, and of hosts that do: who
/// reads withdraws what is stale by itself, unless a read never returns.
///
/// Twice the usual time is granted, so that this never races with a poller
/// that is merely slow.
pub fn withdraw_stale(
    fleet: &Fleet,
    period: impl Fn(&PortName) -> Option<Duration>,
    now: Duration,
) {
    let buses = fleet.buses.load();
    for slot in fleet.ports.load().iter() {
        let period = period(&slot.name).unwrap_or_default();
        withdraw_host(slot, shown_for(period, None) * 2, now);
        let old = slot.view.load_full();
        let Some(snapshot) = &old.snapshot else {
            continue;
        };
        let bus = buses.iter().find(|bus| bus.name == slot.bus);
        let round = bus.and_then(|bus| **bus.last_round.load());
        let age = now.saturating_sub(snapshot.finished);
        if age <= shown_for(period, round) * 2 {
            continue;
        }
        let age = age.as_secs();
        let trouble =
            format!("no sweep for {age} s: the adapter hangs, or the machine is too busy");
        let view = PortView {
            presence: Presence::Failing,
            settled: false,
            snapshot: None,
            class: None,
            findings: old.findings.clone(),
            judgement: verdict::judge(
                Presence::Failing,
                None,
                None,
                &old.findings,
                &[],
                Some(&trouble),
            ),
            health: Arc::default(),
            flags: Vec::new(),
            trouble: Some(trouble),
            ..PortView::clone(&old)
        };
        // A poller that came back in this instant wins.
        slot.view.compare_and_swap(&old, Arc::new(view));
    }
}

/// Takes back what a host counted if that is older than it may be shown.
fn withdraw_host(slot: &PortSlot, shown_for: Duration, now: Duration) {
    let old = slot.host_fec.load_full();
    let is_stale = |at: Duration| now.saturating_sub(at) > shown_for;
    if old.as_ref().is_some_and(|fec| is_stale(fec.at)) {
        // An answer that came in this instant wins.
        slot.host_fec.compare_and_swap(&old, None);
    }
}

/// One line for the service manager: how many modules are up, how many bad.
pub fn status_line(fleet: &Fleet) -> String {
    let ports = fleet.ports.load();
    if ports.is_empty() {
        return "no port is configured".to_owned();
    }
    let (mut up, mut bad) = (0_usize, 0_usize);
    for slot in ports.iter() {
        let view = slot.view.load();
        up += usize::from(view.presence == Presence::Active);
        bad += usize::from(view.judgement.verdict == Verdict::Bad);
    }
    format!("{up}/{} modules up, {bad} bad", ports.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::host_fec::{FecSource, HostFec};
    use crate::names::PortName;

    #[test]
    fn what_a_hanging_host_told_is_taken_back() {
        let (name, bus) = (PortName::new("a").unwrap(), BusName::new("b").unwrap());
        let slot = PortSlot::new(name, bus, unread(None));
        let second = Duration::from_secs(1);
        let told = HostFec::empty(second, FecSource::Ethtool);
        slot.host_fec.store(Some(Arc::new(told)));
        withdraw_host(&slot, 6 * second, 7 * second);
        assert!(slot.host_fec.load().is_some());
        withdraw_host(&slot, 6 * second, 8 * second);
        assert!(slot.host_fec.load().is_none());
    }

    #[test]
    fn values_are_shown_for_three_rounds() {
        let second = Duration::from_secs(1);
        assert_eq!(shown_for(second, None), 3 * second);
        assert_eq!(shown_for(second, Some(20 * second)), 60 * second);
    }
}
