//! The routes, and nothing that waits: every answer is made from the newest
//! published views, without a bus and without a lock.

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    REFERRER_POLICY, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use tracing::{Instrument, debug, debug_span, error};

use super::access::Gate;
use super::answers::{self, Room};
use super::archive::{self, Archive};
use super::asked::{Asked, Named, refuse};
use super::debug;
use super::describe;
use super::inside::Roster;
use super::stream::{self, Streams};
use super::watch::Context;
use super::{pages, port_pages};
use crate::report::metrics::{self, Exporter};
use crate::report::order::Order;
use crate::report::text::Look;
use crate::report::{PortSlot, api, console, raw, text};
use crate::tomlfile::nearest;

/// The longest request body, in bytes: no route takes one.
const LONGEST_BODY: usize = 1024;

/// What pages may load: their own inline style, the script of this server, and what
/// that asks this server for.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
     script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the routes answer from.
pub struct Served {
    /// The published fleet, the plan in force, and what the time is.
    pub context: Arc<Context>,
    /// The fleet's rendering as metrics.
    pub exporter: Exporter,
    /// What was stored.
    pub archive: Archive,
    /// Who is told changes as they come.
    pub streams: Streams,
    /// For answers that wait for their clients.
    pub room: Room,
    /// The pollers, for who debugs the daemon.
    pub roster: Arc<Roster>,
}

impl Served {
    /// The slot of a port, if there is one of that name.
    pub(super) fn port(&self, name: &str) -> Option<Arc<PortSlot>> {
        let ports = self.context.fleet.ports.load();
        ports
            .iter()
            .find(|slot| slot.name.as_str() == name)
            .cloned()
    }
}

/// All routes of the API and the pages, behind a gate or open to everybody.
pub fn routes(served: Arc<Served>, gate: Option<Arc<Gate>>) -> Router {
    with_routes(Router::new(), served, gate)
}

/// The same and those that show the daemon's insides: for unix sockets, which only
/// those can open whom the file system lets.
pub fn local_routes(served: Arc<Served>) -> Router {
    with_routes(debug::routes(), served, None)
}

fn with_routes(more: Router<Arc<Served>>, served: Arc<Served>, gate: Option<Arc<Gate>>) -> Router {
    more.route("/metrics", get(scrape))
        .route("/api/v1/ports", get(ports_json))
        .route("/api/v1/buses", get(buses_json))
        .route("/api/v1/ports/{name}", get(port_json))
        .route("/api/v1/ports/{name}/dump", get(port_dump))
        .route("/healthz", get(healthy))
        .merge(pages::routes())
        .merge(port_pages::routes())
        .merge(archive::routes())
        .merge(stream::routes())
        .merge(describe::routes())
        .fallback(no_such_route)
        .method_not_allowed_fallback(read_only)
        .layer(middleware::from_fn_with_state(
            served.room.clone(),
            answers::within,
        ))
        .layer(middleware::from_fn_with_state(gate, guard))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(served)
}

/// Lets in who may come, and puts the headers on every answer that keep a browser
/// from doing more than showing it.
async fn guard(State(gate): State<Option<Arc<Gate>>>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method(), request.uri().path());
    let span = debug_span!("request", %method, path);
    let began = Instant::now();
    async move {
        let response = admit(gate, request, next).await;
        let status = response.status().as_u16();
        debug!(status, took = ?began.elapsed(), "answered");
        response
    }
    .instrument(span)
    .await
}

/// The answer to whoever may come, with its headers.
async fn admit(gate: Option<Arc<Gate>>, request: Request, next: Next) -> Response {
    let access = gate.as_ref().and_then(|gate| gate.access());
    let admitted = match (&gate, &access) {
        (Some(gate), Some(access)) => gate.admits(access, request.headers()).await,
        _ => true,
    };
    let mut response = if admitted {
        next.run(request).await
    } else {
        let asks = [(
            WWW_AUTHENTICATE,
            "Basic realm=\"opticsd\", charset=\"UTF-8\"",
        )];
        (
            StatusCode::UNAUTHORIZED,
            asks,
            "user and password, please\n",
        )
            .into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "deny"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in access.iter().flat_map(|access| access.headers()) {
        match value {
            Some(value) => headers.insert(name, value.clone()),
            None => headers.remove(name),
        };
    }
    response
}

async fn scrape(State(served): State<Arc<Served>>, headers: HeaderMap) -> Response {
    let text = match served.exporter.render() {
        Ok(text) => text,
        Err(error) => {
            error!(%error, "metrics cannot be rendered");
            let said = "the metrics cannot be rendered; the log says why\n";
            return (StatusCode::INTERNAL_SERVER_ERROR, said).into_response();
        }
    };
    let vary = (VARY, HeaderValue::from_static("accept-encoding"));
    let kind = (
        CONTENT_TYPE,
        HeaderValue::from_static(metrics::CONTENT_TYPE),
    );
    match takes_gzip(&headers).then(|| gzip(text.as_bytes())) {
        Some(Ok(packed)) => {
            let coding = (CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            ([kind, vary, coding], packed).into_response()
        }
        Some(Err(_)) | None => ([kind, vary], text).into_response(),
    }
}

/// Whether a client takes answers packed by gzip (RFC 9110, section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).into_iter();
    let mut codings = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        is_gzip && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|q| q > 0.0))
    })
}

/// Packs as fast as can be: the text repeats itself so much that more effort
/// saves little.
fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes)?;
    packer.finish()
}

/// How an API route answers: `?format=text` is what `opticsd show` prints.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default)]
    format: Format,
}

/// The forms of an answer.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Text,
}

async fn ports_json(State(served): State<Arc<Served>>, Asked(wish): Asked<Wish>) -> Response {
    match wish.format {
        Format::Json => Json(api::ports(
            &served.context.fleet,
            served.context.clock.wall(),
        ))
        .into_response(),
        Format::Text => {
            let mut ports = api::ports(&served.context.fleet, served.context.clock.wall());
            Order::default().sort(&mut ports);
            text::table(&ports, Look::default()).into_response()
        }
    }
}

async fn buses_json(State(served): State<Arc<Served>>) -> Response {
    Json(api::buses(&served.context.fleet)).into_response()
}

async fn port_json(
    State(served): State<Arc<Served>>,
    Named(name): Named<String>,
    Asked(wish): Asked<Wish>,
) -> Response {
    match (served.port(&name), wish.format) {
        (Some(slot), Format::Json) => Json(api::port(
            &served.context.fleet,
            &slot,
            served.context.clock.wall(),
        ))
        .into_response(),
        (Some(slot), Format::Text) => console::port(&served.context.fleet, &slot).into_response(),
        (None, _) => no_such_port(&served, &name),
    }
}

/// The registers of a port as the last sweeps read them: nothing is read, and
/// so no latched flag consumed, for this.
async fn port_dump(State(served): State<Arc<Served>>, Named(name): Named<String>) -> Response {
    let Some(slot) = served.port(&name) else {
        return no_such_port(&served, &name);
    };
    raw::dump_file(&slot, served.context.clock.wall()).map_or_else(
        || {
            missing_json(format!(
                "no registers were read of port {name}: it is {}",
                slot.view.load().presence.name()
            ))
        },
        IntoResponse::into_response,
    )
}

async fn healthy() -> &'static str {
    "ok\n"
}

/// The answer to any other path, in the language of whoever asks.
async fn no_such_route(uri: Uri) -> Response {
    let path = uri.path();
    if path.starts_with("/api/") {
        missing_json(format!(
            "nothing is served at {path}; GET /api/v1/openapi.json describes what is, GET /api/v1/ports begins"
        ))
    } else {
        pages::missing(&format!("Nothing is served at {path}."))
    }
}

/// The answer to anything but a question: there is nothing here to change.
async fn read_only(method: Method, uri: Uri) -> Response {
    let said = format!("{method} is not answered: everything here can only be read");
    let status = StatusCode::METHOD_NOT_ALLOWED;
    if uri.path().starts_with("/api/") {
        refuse(status, said)
    } else {
        (status, format!("{said}\n")).into_response()
    }
}

fn no_such_port(served: &Served, name: &str) -> Response {
    let ports = served.context.fleet.ports.load();
    let near = nearest(name, ports.iter().map(|slot| slot.name.as_str()));
    missing_json(match near {
        Some(near) => format!("no port is called {name}; did you mean {near}?"),
        None => format!("no port is called {name}; GET /api/v1/ports lists them"),
    })
}

fn missing_json(error: String) -> Response {
    refuse(StatusCode::NOT_FOUND, error)
}

#[cfg(test)]
pub(super) use tests::served;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Settings;
    use crate::clock::SystemClock;
    use crate::daemon::journal::Journal;
    use crate::daemon::listener::{PATIENCE, serve};
    use crate::daemon::publish;
    use crate::daemon::shelf::Shelf;
    use crate::daemon::sockets::listen;
    use crate::names::{BusName, PortName};
    use crate::report::page;
    use crate::store::database::Database;
    use arc_swap::ArcSwap;
    use std::io::{BufRead, BufReader, Read};
    use std::sync::Mutex;
    use std::time::SystemTime;
    use tokio::sync::watch;

    /// A server's insides with one unread port and this store, until it is stopped.
    pub(in crate::daemon) fn served(
        database: Database,
        stopped: watch::Receiver<bool>,
    ) -> Arc<Served> {
        let fleet = Arc::new(publish::fleet(SystemTime::now()));
        fleet.ports.store(Arc::new(vec![Arc::new(PortSlot::new(
            PortName::new("et-0/1").unwrap(),
            BusName::new("bus").unwrap(),
            publish::unread(None),
        ))]));
        Arc::new(Served {
            streams: Streams::new(stopped),
            room: Room::new(answers::MOST_WAITING, answers::PATIENCE),
            roster: Arc::default(),
            archive: Archive::new(
                Arc::new(Shelf::Memory(Mutex::new(database))),
                Journal::unkept(&fleet),
            ),
            exporter: Exporter::new(Arc::clone(&fleet)).unwrap(),
            context: Arc::new(Context {
                clock: Arc::new(SystemClock::new()),
                plan: ArcSwap::default(),
                settings: Settings::default(),
                journal: Journal::unkept(&fleet),
                fleet,
            }),
        })
    }

    /// Runs `ask` with the address of a server that has one unread port.
    fn with_server(ask: impl FnOnce(String)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (stop, stopped) = watch::channel(false);
        let served = served(Database::in_memory().unwrap(), stopped.clone());
        let inside = runtime.enter();
        let socket = listen(&"127.0.0.1:0".parse().unwrap()).unwrap();
        let place = socket.place().unwrap();
        let app = routes(served, None);
        let server = runtime.spawn(serve(socket, app, None, PATIENCE, stopped));
        drop(inside);
        ask(format!("http://{place}"));
        stop.send(true).unwrap();
        runtime.block_on(server).unwrap();
    }

    fn get(url: &str) -> ureq::http::Response<ureq::Body> {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .build();
        config.new_agent().get(url).call().unwrap()
    }

    #[test]
    fn every_route_answers_and_is_guarded() {
        with_server(|base| {
            for path in [
                "/",
                "/ports/et-0%2F1",
                "/ports/et-0%2F1/raw",
                "/ports/et-0%2F1?range=7d",
                "/copy.js",
                "/?sort=margin",
                "/bringup",
                "/bringup?role=scale-out&plane=1&show=not-ok",
                "/fabric",
                "/page.js",
                "/renew.js",
                "/metrics",
                "/api/v1/ports",
                "/api/v1/ports?format=text",
                "/api/v1/ports/et-0%2F1",
                "/api/v1/ports/et-0%2F1?format=text",
                "/api/v1/events",
                "/api/v1/events?port=a&kind=b&since=1h&after=3&limit=5",
                "/api/v1/captures",
                "/api/v1/ports/et-0%2F1/history",
                "/api/v1/ports/et-0%2F1/history?series=supply_volts&range=7d",
                "/api/v1/ports/et-0%2F1/sessions?limit=3",
                "/healthz",
            ] {
                let answer = get(&format!("{base}{path}"));
                assert_eq!(answer.status(), 200, "{path}");
                let policy = &answer.headers()["content-security-policy"];
                assert_eq!(policy, CONTENT_POLICY, "{path}");
            }
        });
    }

    #[test]
    fn pages_run_the_script_of_this_server_and_no_other() {
        let of = |kind: &str| {
            let mut rules = CONTENT_POLICY.split(';').map(str::trim);
            rules.find_map(|rule| rule.strip_prefix(kind)?.strip_prefix(' '))
        };
        assert_eq!(of("default-src"), Some("'none'"));
        assert_eq!(of("script-src"), Some("'self'"));
        assert_eq!(of("connect-src"), Some("'self'"));
        with_server(|base| {
            let mut answer = get(&format!("{base}/page.js"));
            let kind = &answer.headers()["content-type"];
            assert_eq!(kind, "text/javascript; charset=utf-8");
            assert_eq!(answer.body_mut().read_to_string().unwrap(), page::SCRIPT);
            for path in ["/", "/bringup", "/fabric", "/ports/et-0%2F1"] {
                let text = get(&format!("{base}{path}")).body_mut().read_to_string();
                let text = text.unwrap();
                // Nothing that this policy forbids is relied on.
                let scripts = text.matches("<script").count();
                assert_eq!(scripts, text.matches("<script src=\"/").count(), "{path}");
                assert!(
                    !text.contains(" onclick") && !text.contains("javascript:"),
                    "{path}"
                );
            }
        });
    }

    #[test]
    fn a_question_that_makes_no_sense_is_refused_with_the_choices() {
        with_server(|base| {
            for (path, said) in [
                (
                    "/?sort=%3Cb%3E",
                    "no order called &lt;b&gt;; there are state",
                ),
                ("/bringup?plane=x", "A plane is a number"),
            ] {
                let mut answer = get(&format!("{base}{path}"));
                assert_eq!(answer.status(), 400, "{path}");
                let text = answer.body_mut().read_to_string().unwrap();
                assert!(text.contains(said), "{text}");
            }
        });
    }

    #[test]
    fn a_stream_tells_all_ports_and_ends_with_the_server() {
        let mut left = None;
        with_server(|base| {
            let answer = get(&format!("{base}/api/v1/stream"));
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers()["content-type"], "text/event-stream");
            let mut lines = BufReader::new(answer.into_body().into_reader()).lines();
            assert_eq!(lines.next().unwrap().unwrap(), "event: ports");
            let data = lines.next().unwrap().unwrap();
            let told: serde_json::Value =
                serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            assert_eq!(told["ports"][0]["port"], "et-0/1");
            assert_eq!(told["ports"][0]["presence"], "unread");
            left = Some(lines);
        });
        // The server has ended, though nobody closed the stream.
        assert!(
            left.unwrap()
                .all(|line| line.is_ok_and(|line| line.is_empty()))
        );
    }

    #[test]
    fn streams_beyond_the_last_seat_are_told_so_and_seats_come_back() {
        with_server(|base| {
            let url = format!("{base}/api/v1/stream");
            let mut open: Vec<_> = (0..stream::MOST_STREAMS).map(|_| get(&url)).collect();
            assert!(open.iter().all(|answer| answer.status() == 200));
            let mut refused = get(&url);
            assert_eq!(refused.status(), 503);
            let said = refused.body_mut().read_to_string().unwrap();
            assert!(said.contains("streams are open"), "{said}");
            // Other routes have room.
            assert_eq!(get(&format!("{base}/healthz")).status(), 200);
            drop(open.pop());
            while get(&url).status() != 200 {
                std::thread::yield_now();
            }
        });
    }

    #[test]
    fn metrics_are_packed_for_those_who_ask() {
        with_server(|base| {
            let ask = |codings: &str| {
                let config = ureq::Agent::config_builder().proxy(None).build();
                let request = config.new_agent().get(format!("{base}/metrics"));
                let mut answer = request.header("accept-encoding", codings).call().unwrap();
                let coding = answer.headers().get("content-encoding").cloned();
                let bytes = answer.body_mut().read_to_vec().unwrap();
                (
                    coding.map(|coding| coding.to_str().unwrap().to_owned()),
                    bytes,
                )
            };
            let (coding, packed) = ask("br;q=1.0, gzip;q=0.8");
            assert_eq!(coding.as_deref(), Some("gzip"));
            let mut text = String::new();
            let mut unpacker = flate2::read::GzDecoder::new(packed.as_slice());
            unpacker.read_to_string(&mut text).unwrap();
            assert!(text.contains("opticsd_build_info") && packed.len() < text.len() / 2);
            for codings in ["identity", "gzip;q=0", "gzipped"] {
                let (coding, plain) = ask(codings);
                assert_eq!(coding, None, "{codings}");
                assert!(plain.starts_with(b"# HELP"));
            }
        });
    }

    #[test]
    fn a_range_that_is_none_is_told_with_those_that_are() {
        with_server(|base| {
            let mut page = get(&format!("{base}/ports/et-0%2F1?range=%3Cb%3E2y"));
            assert_eq!(page.status(), 400);
            let text = page.body_mut().read_to_string().unwrap();
            assert!(text.contains("expected 1h, 24h or 7d"), "{text}");
            assert!(!text.contains("<b>2y"), "{text}");
        });
    }

    #[test]
    fn nothing_can_be_changed() {
        with_server(|base| {
            for path in ["/", "/metrics", "/api/v1/ports", "/api/v1/ports/et-0%2F1"] {
                let config = ureq::Agent::config_builder()
                    .http_status_as_error(false)
                    .proxy(None)
                    .build();
                let agent = config.new_agent();
                let mut answer = agent.post(format!("{base}{path}")).send("x").unwrap();
                assert_eq!(answer.status(), 405, "{path}");
                assert_eq!(answer.headers()["allow"], "GET,HEAD", "{path}");
                let said = answer.body_mut().read_to_string().unwrap();
                assert!(said.contains("POST is not answered"), "{said}");
            }
        });
    }

    #[test]
    fn what_is_not_there_is_said_in_the_language_of_the_route() {
        with_server(|base| {
            let mut api = get(&format!("{base}/api/v1/ports/none"));
            assert_eq!(api.status(), 404);
            let text = api.body_mut().read_to_string().unwrap();
            assert!(text.contains("no port is called none"), "{text}");

            let mut dump = get(&format!("{base}/api/v1/ports/et-0%2F1/dump"));
            assert_eq!(dump.status(), 404);
            let text = dump.body_mut().read_to_string().unwrap();
            assert!(text.contains("port et-0/1: it is unread"), "{text}");

            let mut page = get(&format!("{base}/ports/%3Cb%3E"));
            assert_eq!(page.status(), 404);
            let text = page.body_mut().read_to_string().unwrap();
            assert!(
                text.contains("&lt;b&gt;") && !text.contains("<b>"),
                "{text}"
            );
            assert_eq!(get(&format!("{base}/api/v2")).status(), 404);
        });
    }
}
