//! What the daemon does right now, as JSON for an engineer who debugs it. It is
//! served on unix sockets only, and no part of the API: what it tells changes with
//! the insides that it shows.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::runtime::Handle;

use super::inside::{Doing, LastSweep, PortInside, PortState, Work};
use super::journal::Journal;
use super::poller::Pulse;
use super::server::Served;
use super::stream::MOST_STREAMS;
use crate::names::BusName;
use crate::report::StoreStatus;

/// The route of the state.
pub(super) fn routes() -> Router<Arc<Served>> {
    Router::new().route("/debug/state", get(state))
}

/// All of it. Times are in seconds; those of what is to come are negative when it is
/// late.
#[derive(Serialize)]
struct Document {
    /// Since the daemon started.
    up_seconds: f64,
    buses: Vec<Bus>,
    store: Store,
    streams: Streams,
    /// Of the server: one for each connection, listener and stream.
    server_tasks: usize,
}

#[derive(Serialize)]
struct Bus {
    bus: String,
    /// Steps of its poller; the watchdog wants this to grow.
    steps: u64,
    /// Whether the way to some module was open once.
    opened: bool,
    doing: Now,
    ports: Vec<Port>,
}

/// What a poller does now.
#[derive(Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
enum Now {
    Starting,
    /// It is in the midst of a step; if this lasts, the adapter hangs.
    Works {
        port: String,
        work: Work,
        since_seconds: f64,
    },
    /// Nothing is to be done, but these ports have a sweep under way that waits.
    Waits {
        ports: Vec<String>,
        until_in_seconds: f64,
    },
    /// Nothing is to be done, and no sweep is under way.
    Idles {
        until_in_seconds: f64,
    },
}

#[derive(Serialize)]
struct Port {
    port: String,
    /// `null` until its poller has taken it over.
    state: Option<Stands>,
}

#[derive(Serialize)]
struct Stands {
    presence: &'static str,
    /// Whether the way to the module is open; `null` while a sweep has it.
    open: Option<bool>,
    /// Whether statistics of the module may be frozen by us; `null` while a sweep
    /// decides.
    holds_frozen: Option<bool>,
    failures_in_a_row: u32,
    panics_in_a_row: u32,
    /// For how long it is left alone because it keeps failing.
    dormant_rest_seconds: Option<f64>,
    period_seconds: f64,
    due_in_seconds: f64,
    under_way: Option<UnderWay>,
    sweeps: u64,
    last_sweep: Option<Last>,
}

#[derive(Serialize)]
struct UnderWay {
    since_seconds: f64,
    goes_on_in_seconds: f64,
}

#[derive(Serialize)]
struct Last {
    ended_ago_seconds: f64,
    took_seconds: f64,
    /// `null` for a look out of turn.
    began_late_seconds: Option<f64>,
    bus_transactions: u64,
    bus_bytes: u64,
    bus_seconds: f64,
}

#[derive(Serialize)]
struct Store {
    /// `null` where nothing is kept.
    status: Option<Status>,
    /// `null` where nothing waits for a disk.
    desk: Option<DeskNow>,
}

#[derive(Serialize)]
struct Status {
    /// Whether it can be written.
    up: bool,
    directory: Option<String>,
    trouble: Option<Trouble>,
    saved_events: u64,
    bytes: Option<u64>,
}

#[derive(Serialize)]
struct Trouble {
    kind: &'static str,
    said: String,
}

#[derive(Serialize)]
struct DeskNow {
    unsaved_events: usize,
    lost_events: u64,
    waiting_minutes: usize,
    waiting_sessions: usize,
    /// For how long the writer has been waiting for the disk, if it is.
    busy_seconds: Option<f64>,
}

#[derive(Serialize)]
struct Streams {
    open: usize,
    most: usize,
}

async fn state(State(served): State<Arc<Served>>) -> Json<Document> {
    let context = &served.context;
    let pollers = served.roster.pollers.load();
    let now = || context.clock.now();
    let buses = pollers.iter().map(|(bus, pulse)| of_bus(bus, pulse, now));
    Json(Document {
        buses: buses.collect(),
        store: Store {
            status: context.fleet.store.load().as_ref().as_ref().map(status),
            desk: desk(&context.journal, now()),
        },
        streams: Streams {
            open: served.streams.open(),
            most: MOST_STREAMS,
        },
        server_tasks: Handle::current().metrics().num_alive_tasks(),
        up_seconds: now().as_secs_f64(),
    })
}

/// How long until `at`; negative if that is over.
fn ahead(at: Duration, now: Duration) -> f64 {
    at.as_secs_f64() - now.as_secs_f64()
}

/// How long ago `at` was.
fn ago(at: Duration, now: Duration) -> f64 {
    now.saturating_sub(at).as_secs_f64()
}

fn of_bus(bus: &BusName, pulse: &Pulse, clock: impl Fn() -> Duration) -> Bus {
    let doing = pulse.inside.doing.load_full();
    let ports = pulse.inside.ports.load_full();
    let seen: Vec<(&PortInside, Arc<Option<PortState>>)> = ports
        .iter()
        .map(|port| (port.as_ref(), port.state.load_full()))
        .collect();
    // Looked at last, so that nothing published lies ahead of it by mistake.
    let now = clock();
    let waiting = seen.iter().filter(|(_, state)| {
        let state = state.as_ref().as_ref();
        state.is_some_and(|state| state.under_way.is_some())
    });
    let waiting: Vec<String> = waiting.map(|(port, _)| port.name.to_string()).collect();
    Bus {
        bus: bus.to_string(),
        steps: pulse.steps.load(Ordering::Relaxed),
        opened: pulse.opened.load(Ordering::Relaxed),
        doing: match doing.as_ref() {
            Doing::Starting => Now::Starting,
            Doing::Working { port, work, since } => Now::Works {
                port: port.name.to_string(),
                work: *work,
                since_seconds: ago(*since, now),
            },
            Doing::Resting { until } if waiting.is_empty() => Now::Idles {
                until_in_seconds: ahead(*until, now),
            },
            Doing::Resting { until } => Now::Waits {
                ports: waiting,
                until_in_seconds: ahead(*until, now),
            },
        },
        ports: seen
            .iter()
            .map(|(port, state)| Port {
                port: port.name.to_string(),
                state: state.as_ref().as_ref().map(|state| stands(state, now)),
            })
            .collect(),
    }
}

fn stands(state: &PortState, now: Duration) -> Stands {
    let standing = &state.standing;
    Stands {
        presence: standing.presence.name(),
        open: standing.is_open,
        holds_frozen: standing.holds_frozen,
        failures_in_a_row: standing.failures,
        panics_in_a_row: state.panics,
        dormant_rest_seconds: standing.rest.as_ref().map(Duration::as_secs_f64),
        period_seconds: state.period.as_secs_f64(),
        due_in_seconds: ahead(state.due, now),
        under_way: state.under_way.map(|sweep| UnderWay {
            since_seconds: ago(sweep.began, now),
            goes_on_in_seconds: ahead(sweep.goes_on, now),
        }),
        sweeps: state.sweeps,
        last_sweep: state.last.as_ref().map(|sweep| last(sweep, now)),
    }
}

fn last(sweep: &LastSweep, now: Duration) -> Last {
    Last {
        ended_ago_seconds: ago(sweep.ended, now),
        took_seconds: sweep.took.as_secs_f64(),
        began_late_seconds: sweep.late.as_ref().map(Duration::as_secs_f64),
        bus_transactions: sweep.traffic.transactions,
        bus_bytes: sweep.traffic.bytes,
        bus_seconds: sweep.traffic.busy.as_secs_f64(),
    }
}

fn status(status: &StoreStatus) -> Status {
    Status {
        up: status.trouble.is_none(),
        directory: status
            .directory
            .as_ref()
            .map(|directory| directory.display().to_string()),
        trouble: status.trouble.as_ref().map(|trouble| Trouble {
            kind: trouble.kind,
            said: trouble.said.clone(),
        }),
        saved_events: status.saved,
        bytes: status.bytes,
    }
}

fn desk(journal: &Journal, now: Duration) -> Option<DeskNow> {
    let queues = journal.queues()?;
    Some(DeskNow {
        unsaved_events: queues.events,
        lost_events: queues.lost,
        waiting_minutes: queues.minutes,
        waiting_sessions: queues.sessions,
        busy_seconds: queues.busy_since.map(|since| ago(since, now)),
    })
}
