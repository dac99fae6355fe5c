//! One look at every port, for commands that ask no daemon.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::crew::Crew;
use super::journal::Journal;
use super::publish;
use super::reload::Wanted;
use super::watch::Context;
use crate::class::Settings;
use crate::clock::{Clock, SystemClock};
use crate::config::Cadences;
use crate::report::{Fleet, PortSlot};

/// Longer than any probe takes: no port is looked at twice, unless it settles.
const PERIOD: Duration = Duration::from_secs(3600);

/// How often the ports are asked whether they were looked at.
const STEP: Duration = Duration::from_millis(20);

/// How long a probe may take: what a hanging adapter costs, and more than one
/// slow sweep for each port.
fn patience(ports: usize) -> Duration {
    let per_port = Duration::from_secs(3) * u32::try_from(ports).unwrap_or(u32::MAX);
    Duration::from_secs(15).saturating_add(per_port)
}

/// How long the pollers may take to end.
const RETIRE: Duration = Duration::from_secs(1);

/// Looks at each port once, all root adapters at the same time, and again at
/// those that settle. A port whose adapter hangs stays unread.
///
/// # Errors
/// What the operating system said if a thread could not be started.
pub fn probe(wanted: Wanted, clock: &SystemClock) -> std::io::Result<Arc<Fleet>> {
    let fleet = Arc::new(publish::fleet(clock.wall()));
    let context = Context {
        clock: Arc::new(clock.clone()),
        plan: ArcSwap::from_pointee(wanted.plan),
        settings: Settings::default(),
        fleet: Arc::clone(&fleet),
        journal: Journal::unkept(&fleet),
    };
    let deadline = clock.now().saturating_add(patience(wanted.ports.len()));
    let mut crew = Crew::new(Arc::new(context));
    let mut ports = wanted.ports;
    for port in &mut ports {
        port.cadences = Cadences::every(PERIOD);
    }
    crew.assign(ports)?;
    while clock.now() < deadline && !fleet.ports.load().iter().all(|slot| is_done(slot)) {
        clock.sleep(STEP);
    }
    crew.retire(RETIRE);
    Ok(fleet)
}

/// Whether it is known what stands in the cage.
fn is_done(slot: &PortSlot) -> bool {
    slot.view.load().settled
}
