//! The clockwork: one thread per root adapter reads, one small server answers,
//! and this file starts them, watches over them and ends them.
//!
//! - [`load`], [`reload`], [`source`]: from files to ports that can be read.
//! - [`lifecycle`], [`watch`], [`poller`], [`crew`]: one cage, one port, one
//!   root adapter, all of them.
//! - [`hosts`], [`sim_host`]: what the hosts count for the links.
//! - [`probe`]: one look at all of them.
//! - [`stage`], [`rehearsal`]: the same on recorded and on simulated time.
//! - [`by_hand`]: all of the clockwork without its threads.
//! - [`fleet_check`]: what no port shows alone.
//! - [`changes`], [`publish`]: what is told of it.
//! - [`journal`], [`desk`], [`scribe`], [`office`], [`teller`], [`shelf`]: events
//!   to the disk, then to counters and log, and back; [`minutes`] for the plots,
//!   [`sessions`] of links.
//! - [`inside`], `debug`: what all this does right now, for who debugs it.
//! - [`panics`]: what a defect of ours leaves behind.
//! - [`sockets`], [`listener`], [`access`], [`tls`], [`server`], [`answers`],
//!   [`archive`], [`notify`]: to whom, and who may ask.

pub mod access;
pub mod answers;
pub mod archive;
mod asked;
mod attend;
pub mod by_hand;
pub mod changes;
mod counting;
pub mod crew;
mod debug;
mod describe;
pub mod desk;
pub mod fleet_check;
pub mod hosts;
pub mod inside;
pub mod journal;
pub mod lifecycle;
pub mod listener;
pub mod load;
mod lock;
pub mod minutes;
pub mod notify;
pub mod office;
mod pages;
pub mod panics;
pub mod poller;
#[cfg(test)]
mod poller_tests;
mod port_pages;
pub mod probe;
pub mod publish;
pub mod rehearsal;
pub mod reload;
pub mod schedule;
pub mod scribe;
pub mod server;
pub mod sessions;
pub mod shelf;
pub mod sim_host;
pub mod sockets;
pub mod source;
pub mod stage;
pub mod stream;
pub mod teller;
pub mod tls;
pub mod watch;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::runtime::{self, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch as signpost;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::class::Settings;
use crate::clock::{Clock, SystemClock};
use crate::config::Listen;
use crate::names::BusName;
use crate::report::metrics::Exporter;
use access::Gate;
use answers::{MOST_WAITING, Room};
use archive::Archive;
use crew::Crew;
use desk::Desk;
use listener::PATIENCE;
use minutes::Minutes;
use notify::Watchdog;
use office::{Office, OfficeError};
use panics::Panics;
use reload::{ConfigFile, Wanted};
use server::Served;
use stream::Streams;
use watch::Context;

/// How often the daemon looks after its pollers and tells how things stand.
const ROUND_OF_THE_WATCHMAN: Duration = Duration::from_secs(1);

/// How many threads make answers.
const SERVING_THREADS: usize = 2;

/// How many answers a thread makes before it looks again who else is there. One takes
/// milliseconds, a look microseconds; of itself the runtime would make 61.
const ANSWERS_BETWEEN_LOOKS: u32 = 4;

/// How long open requests, and then the pollers, may take to end.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(3);

/// Why the daemon could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// A place cannot be listened on.
    #[error("cannot listen on {place}: {source}; choose another with --listen")]
    Listen {
        /// The place.
        place: Listen,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The sockets that the service manager opened cannot be used.
    #[error("cannot use the sockets of the service manager: {0}; see the socket unit")]
    HandedOver(std::io::Error),
    /// The operating system refused a thread, a signal or a timer.
    #[error("cannot start: {0}")]
    Start(#[from] std::io::Error),
    /// The metrics cannot be set up.
    #[error("cannot set up the metrics: {0}")]
    Metrics(#[from] prometheus::Error),
    /// The store of events cannot be used, and a person has to decide.
    #[error(transparent)]
    Store(#[from] OfficeError),
    /// The thread that writes the store ended though nobody told it to.
    #[error("the writer of the store ended by itself; this is a defect of opticsd")]
    ScribeEnded,
    /// The thread of a bus ended though nobody told it to.
    #[error("the poller of bus {0} ended by itself; this is a defect of opticsd")]
    PollerEnded(BusName),
    /// The thread that asks a kind of host ended though nobody told it to.
    #[error("the thread {0} ended by itself; this is a defect of opticsd")]
    AskerEnded(&'static str),
    /// What serves a socket ended though nobody told it to.
    #[error("a listener ended by itself; this is a defect of opticsd")]
    ListenerEnded,
}

/// Runs the daemon until SIGTERM or SIGINT.
///
/// `config` is read again on SIGHUP; without one SIGHUP ends the daemon too.
/// `listening` is called once with the places that are really served.
///
/// # Errors
/// [`DaemonError`] if it cannot start, or has to end.
pub fn run(
    wanted: Wanted,
    config: Option<ConfigFile>,
    clock: &SystemClock,
    listening: impl FnOnce(&[Listen]),
) -> Result<(), DaemonError> {
    let (serving, watching) = runtimes()?;
    let life = live(wanted, config, clock, listening, serving.handle());
    let outcome = watching.block_on(life);
    serving.shutdown_timeout(PATIENCE_AT_THE_END);
    outcome
}

/// What serves clients, and what the watchman lives on: two, so that no crowd of
/// clients keeps it from its rounds, and with them the service manager from news.
fn runtimes() -> std::io::Result<(Runtime, Runtime)> {
    let serving = runtime::Builder::new_multi_thread()
        .worker_threads(SERVING_THREADS)
        .event_interval(ANSWERS_BETWEEN_LOOKS)
        .enable_all()
        .build()?;
    let watching = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok((serving, watching))
}

/// The signals that the daemon listens to.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

/// From the first socket to the last. Clients are served by the other runtime.
async fn live(
    wanted: Wanted,
    config: Option<ConfigFile>,
    clock: &SystemClock,
    listening: impl FnOnce(&[Listen]),
    serving: &runtime::Handle,
) -> Result<(), DaemonError> {
    let panics = Panics::watch();
    let signals = Signals::new()?;
    let sockets = {
        let _inside = serving.enter();
        sockets::open(&wanted.listen)?
    };
    let fleet = Arc::new(publish::fleet(clock.wall()));
    let time: Arc<dyn Clock> = Arc::new(clock.clone());
    let desk = Arc::new(Desk::new(Arc::clone(&time)));
    let state = wanted.state.as_deref();
    let office = Office::open(state, &fleet, desk)?;
    let context = Arc::new(Context {
        clock: time,
        plan: ArcSwap::from_pointee(wanted.plan),
        settings: Settings::default(),
        journal: office.journal.clone(),
        fleet,
    });
    context.fleet.profile.store(Arc::new(wanted.profile));
    let (stop, stopped) = signpost::channel(false);
    let mut crew = Crew::new(Arc::clone(&context));
    let served = Arc::new(Served {
        roster: crew.roster(),
        exporter: Exporter::new(Arc::clone(&context.fleet))?,
        archive: Archive::new(Arc::clone(&office.shelf), office.journal.clone()),
        streams: Streams::new(stopped.clone()),
        room: Room::new(MOST_WAITING, answers::PATIENCE),
        context: Arc::clone(&context),
    });
    let gate = Arc::new(Gate::new(Arc::clone(&context.fleet)));
    gate.put(wanted.access, clock.wall());
    let mut servers = JoinSet::new();
    let mut addresses = Vec::new();
    for socket in sockets {
        let address = socket.place()?;
        info!(%address, "listening");
        addresses.push(address);
        // Who may open a socket's file is up to the file system.
        let gate = (!socket.is_local()).then(|| Arc::clone(&gate));
        let app = if socket.is_local() {
            server::local_routes(Arc::clone(&served))
        } else {
            server::routes(Arc::clone(&served), gate.clone())
        };
        let server = listener::serve(socket, app, gate, PATIENCE, stopped.clone());
        servers.spawn_on(server, serving);
    }
    listening(&addresses);

    crew.assign(wanted.ports)?;
    let mut watchman = Watchman {
        context,
        serving: wanted.listen,
        config,
        gate,
        watchdog: Watchdog::from_environment(),
        panics,
        is_ready: false,
    };
    let mut minutes = Minutes::default();
    let outcome = tokio::select! {
        outcome = watchman.watch(&mut crew, &office, &mut minutes, signals) => outcome,
        // Each serves until it is told to stop.
        Some(_) = servers.join_next() => Err(DaemonError::ListenerEnded),
    };

    notify::stopping();
    // Nobody listens any more if the servers ended first.
    let _ = stop.send(true);
    let ended = async { while servers.join_next().await.is_some() {} };
    let ended = tokio::time::timeout(PATIENCE_AT_THE_END, ended).await;
    if ended.is_err() {
        warn!("open requests were cut off");
    }
    for bus in crew.retire(PATIENCE_AT_THE_END) {
        warn!(%bus, "the adapter hangs and was left behind");
    }
    office.journal.keep_minutes(minutes.end());
    watchman.panics.hand_over(&office.journal);
    office.close(PATIENCE_AT_THE_END);
    outcome
}

/// Looks after the pollers, follows signals, and keeps the service manager
/// in the picture.
struct Watchman {
    context: Arc<Context>,
    serving: Vec<Listen>,
    gate: Arc<Gate>,
    config: Option<ConfigFile>,
    watchdog: Watchdog,
    panics: Panics,
    is_ready: bool,
}

impl Watchman {
    /// Watches until a signal says to end, or a poller is lost.
    async fn watch(
        &mut self,
        crew: &mut Crew,
        office: &Office,
        minutes: &mut Minutes,
        mut signals: Signals,
    ) -> Result<(), DaemonError> {
        let pace = self.watchdog.pace().unwrap_or(ROUND_OF_THE_WATCHMAN);
        let mut rounds = tokio::time::interval(pace.min(ROUND_OF_THE_WATCHMAN));
        loop {
            tokio::select! {
                _ = signals.terminate.recv() => return Ok(()),
                _ = signals.interrupt.recv() => return Ok(()),
                _ = signals.hangup.recv() => match &self.config {
                    None => return Ok(()),
                    Some(file) => {
                        notify::reloading();
                        reload::reload(
                            file,
                            &self.context,
                            crew,
                            &self.gate,
                            &self.serving,
                        );
                        notify::ready();
                    }
                },
                _ = rounds.tick() => self.round(crew, office, minutes)?,
            }
        }
    }

    /// One round: pollers alive, stale values taken back, everybody told.
    fn round(
        &mut self,
        crew: &Crew,
        office: &Office,
        minutes: &mut Minutes,
    ) -> Result<(), DaemonError> {
        self.panics.hand_over(&office.journal);
        if let Some(error) = crew.fallen() {
            return Err(error);
        }
        if !office.look_after() {
            return Err(DaemonError::ScribeEnded);
        }
        look_after_ports(&self.context, crew, &self.gate, minutes);
        if !self.is_ready && crew.is_ready() {
            self.is_ready = true;
            notify::ready();
        }
        notify::status(&publish::status_line(&self.context.fleet));
        self.watchdog.feed(crew.steps(), crew.is_empty());
        Ok(())
    }
}

/// What is to be done about once a second, whoever makes the pollers' steps: stale
/// values taken back, ports compared, minutes gathered.
fn look_after_ports(context: &Context, crew: &Crew, gate: &Gate, minutes: &mut Minutes) {
    let fleet = &context.fleet;
    let (now, wall) = (context.clock.now(), context.clock.wall());
    publish::withdraw_stale(fleet, |port| crew.period(port), now);
    fleet_check::round(context);
    gate.look(wall);
    minutes.round(fleet, wall, &context.journal);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn whoever_is_served_does_not_keep_the_watchman_from_its_rounds() {
        let (serving, watching) = runtimes().unwrap();
        let (busy, is_busy) = channel();
        for _ in 0..SERVING_THREADS {
            let busy = busy.clone();
            // Until the last end of the channel is gone.
            let (stay, until) = channel::<()>();
            serving.spawn(async move {
                busy.send(stay).unwrap();
                let _ = until.recv();
            });
        }
        let all_busy: Vec<_> = is_busy.iter().take(SERVING_THREADS).collect();
        let (done, is_done) = channel();
        std::thread::spawn(move || {
            watching.block_on(async {
                let mut rounds = tokio::time::interval(Duration::from_millis(1));
                for _ in 0..3 {
                    rounds.tick().await;
                }
            });
            done.send(()).unwrap();
        });
        // Not a measure: only so that a failing test ends.
        let rounds = is_done.recv_timeout(Duration::from_secs(60));
        drop(all_busy);
        assert_eq!(rounds, Ok(()));
    }
}
