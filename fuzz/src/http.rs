//! Any bytes as what a client says on a connection: through the HTTP server and the
//! real routes, in memory.

use std::io::Write;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use axum::Router;
use axum::middleware::map_response;
use axum::response::Response;
use opticsd::class::{self, Settings};
use opticsd::clock::{ManualClock, SystemClock};
use opticsd::daemon::answers::{self, MOST_WAITING, Room};
use opticsd::daemon::archive::Archive;
use opticsd::daemon::journal::Journal;
use opticsd::daemon::listener::{PATIENCE, converse};
use opticsd::daemon::publish;
use opticsd::daemon::server::{Served, routes};
use opticsd::daemon::shelf::Shelf;
use opticsd::daemon::stream::Streams;
use opticsd::daemon::watch::Context;
use opticsd::health::figures::Figures;
use opticsd::module::Presence;
use opticsd::module::sweep::Session;
use opticsd::names::{BusName, PortName};
use opticsd::plan::Plan;
use opticsd::report::metrics::Exporter;
use opticsd::report::{PortSlot, PortView};
use opticsd::sim::builders;
use opticsd::store::database::Database;
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// The longest that a client says: it goes into the socket before anybody reads.
const LONGEST: usize = 48 << 10;
/// A client whose answers pause so long has no more to hear: the server waits for
/// the rest of a question, or tells a stream.
const QUIET: Duration = Duration::from_millis(10);
/// What every client says in the end, so that the server hangs up.
const GOODBYE: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
/// A plan for the ports.
const PLAN: &str = include_str!("../../config/plans/demo.toml");

/// A server with three ports, two of them with a module.
struct Server {
    runtime: Runtime,
    app: Router,
    stop: watch::Sender<bool>,
}

impl Server {
    fn start() -> Option<Self> {
        let runtime = Builder::new_current_thread().enable_all().build().ok()?;
        let fleet = Arc::new(publish::fleet(SystemTime::now()));
        let ports = [
            ("Ethernet0", Some("dsp-800g")),
            ("et-0/1", Some("lpo-800g")),
            ("swp3", None),
        ];
        let slots = ports.into_iter().filter_map(|(name, module)| {
            let name = PortName::new(name)?;
            let view = module
                .and_then(view)
                .unwrap_or_else(|| publish::unread(None));
            let bus = BusName::new("i2c-1")?;
            Some(Arc::new(PortSlot::new(name, bus, view)))
        });
        fleet.ports.store(Arc::new(slots.collect()));
        let (stop, stopped) = watch::channel(false);
        let shelf = Shelf::Memory(Mutex::new(Database::in_memory().ok()?));
        let plan = Plan::parse(PLAN, "plan.toml".as_ref()).ok();
        let served = Arc::new(Served {
            streams: Streams::new(stopped),
            room: Room::new(MOST_WAITING, answers::PATIENCE),
            roster: Arc::default(),
            archive: Archive::new(Arc::new(shelf), Journal::unkept(&fleet)),
            exporter: Exporter::new(Arc::clone(&fleet)).ok()?,
            context: Arc::new(Context {
                clock: Arc::new(SystemClock::new()),
                plan: ArcSwap::from_pointee(plan),
                settings: Settings::default(),
                journal: Journal::unkept(&fleet),
                fleet,
            }),
        });
        let app = routes(served, None).layer(map_response(sane));
        Some(Self { runtime, app, stop })
    }
}

/// No question makes the server fail. It is busy (503) while questions to the store
/// that were broken off go on.
async fn sane(response: Response) -> Response {
    let status = response.status();
    assert!(!status.is_server_error() || status == 503, "{response:?}");
    response
}

/// A port with this module in it.
fn view(module: &str) -> Option<PortView> {
    let mut memory = builders::by_name(module)?.registers().image().clone();
    let sweep = Session::new()
        .sweep(&mut memory, &ManualClock::new())
        .ok()?;
    let class = class::classify(&sweep.snapshot, &Settings::default());
    Some(PortView {
        presence: Presence::Active,
        settled: true,
        health: Arc::new(Figures::of_module(&sweep.snapshot, &class)),
        snapshot: Some(Arc::new(sweep.snapshot)),
        class: Some(Arc::new(class)),
        last_read: Some(SystemTime::now()),
        ..publish::unread(None)
    })
}

/// What a client says.
pub fn http(bytes: &[u8]) {
    static SERVER: LazyLock<Option<Server>> = LazyLock::new(Server::start);
    let server = SERVER.as_ref();
    assert!(server.is_some(), "the server cannot be started");
    if let Some(server) = server {
        let said = bytes.get(..LONGEST).unwrap_or(bytes);
        let held = server.runtime.block_on(talk(server, said));
        assert!(held.is_ok(), "no connection in memory: {held:?}");
    }
}

/// Says something and listens until the server hangs up or has no more to say.
async fn talk(server: &Server, said: &[u8]) -> std::io::Result<()> {
    let (mut client, far) = StdUnixStream::pair()?;
    client.write_all(said)?;
    client.write_all(GOODBYE)?;
    client.set_nonblocking(true)?;
    far.set_nonblocking(true)?;
    let (client, far) = (UnixStream::from_std(client)?, UnixStream::from_std(far)?);
    let listen = async {
        let mut buffer = vec![0; 16 << 10];
        while tokio::time::timeout(QUIET, client.readable()).await.is_ok() {
            match client.try_read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => break,
                _ => {}
            }
        }
    };
    let stopped = server.stop.subscribe();
    tokio::select! {
        () = converse(Box::new(far), server.app.clone(), PATIENCE, stopped) => {}
        () = listen => {}
    }
    Ok(())
}
