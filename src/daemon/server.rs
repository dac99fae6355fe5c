//! The routes, and nothing that waits: every answer is made from the newest
//! published views, without a bus and without a lock.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use maud::{DOCTYPE, html};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::error;

use super::archive::{self, Archive};
use super::listener::{PATIENCE, PatientListener};
use super::watch::Context;
use crate::report::metrics::{self, Exporter};
use crate::report::{PortSlot, api, console, page, raw, text};

/// The longest request body, in bytes: no route takes one.
const LONGEST_BODY: usize = 1024;

/// What pages may load: their own inline style and nothing else.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the routes answer from.
pub struct Served {
    /// The published fleet, the plan in force, and what the time is.
    pub context: Arc<Context>,
    /// The fleet's rendering as metrics.
    pub exporter: Exporter,
    /// What was stored.
    pub archive: Archive,
}

impl Served {
    /// The slot of a port, if there is one of that name.
    fn port(&self, name: &str) -> Option<Arc<PortSlot>> {
        let ports = self.context.fleet.ports.load();
        ports
            .iter()
            .find(|slot| slot.name.as_str() == name)
            .cloned()
    }
}

/// All routes.
pub fn routes(served: Arc<Served>) -> Router {
    Router::new()
        .route("/", get(overview))
        .route("/ports/{name}", get(port_page))
        .route("/ports/{name}/raw", get(raw_page))
        .route("/fabric", get(fabric_page))
        .route("/metrics", get(scrape))
        .route("/api/v1/ports", get(ports_json))
        .route("/api/v1/ports/{name}", get(port_json))
        .route("/api/v1/ports/{name}/dump", get(port_dump))
        .route("/healthz", get(healthy))
        .merge(archive::routes())
        .fallback(no_such_route)
        .layer(middleware::from_fn(guard))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(served)
}

/// Serves one socket until `stop` turns true, then lets open requests end.
///
/// # Errors
/// What the operating system said of the socket.
pub async fn serve(
    socket: TcpListener,
    served: Arc<Served>,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let listener = PatientListener::new(socket, PATIENCE);
    axum::serve(listener, routes(served))
        .with_graceful_shutdown(async move {
            // The sender gone means the same as its word.
            let _ = stop.wait_for(|stopped| *stopped).await;
        })
        .await
}

/// Opens a socket.
///
/// # Errors
/// What the operating system said.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Puts the headers on every answer that keep a browser from doing more than
/// showing it.
async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn overview(State(served): State<Arc<Served>>) -> Html<String> {
    Html(page::overview(
        &served.context.fleet,
        served.context.clock.wall(),
    ))
}

async fn fabric_page(State(served): State<Arc<Served>>) -> Html<String> {
    Html(page::fabric(served.context.plan.load().as_ref().as_ref()))
}

async fn port_page(State(served): State<Arc<Served>>, Path(name): Path<String>) -> Response {
    match served.port(&name) {
        Some(slot) => Html(page::port(
            &served.context.fleet,
            &slot,
            served.context.clock.wall(),
        ))
        .into_response(),
        None => missing_page(&format!("No port is called {name}.")),
    }
}

async fn raw_page(State(served): State<Arc<Served>>, Path(name): Path<String>) -> Response {
    match served.port(&name) {
        Some(slot) => Html(page::raw(
            &served.context.fleet,
            &slot,
            served.context.clock.wall(),
        ))
        .into_response(),
        None => missing_page(&format!("No port is called {name}.")),
    }
}

async fn scrape(State(served): State<Arc<Served>>) -> Response {
    match served.exporter.render() {
        Ok(text) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            error!(%error, "metrics cannot be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response()
        }
    }
}

/// How an API route answers: `?format=text` is what `opticsd show` prints.
#[derive(Debug, Default, Deserialize)]
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

async fn ports_json(State(served): State<Arc<Served>>, Query(wish): Query<Wish>) -> Response {
    match wish.format {
        Format::Json => Json(api::ports(
            &served.context.fleet,
            served.context.clock.wall(),
        ))
        .into_response(),
        Format::Text => text::table(&served.context.fleet.ports.load()).into_response(),
    }
}

async fn port_json(
    State(served): State<Arc<Served>>,
    Path(name): Path<String>,
    Query(wish): Query<Wish>,
) -> Response {
    match (served.port(&name), wish.format) {
        (Some(slot), Format::Json) => Json(api::port(
            &served.context.fleet,
            &slot,
            served.context.clock.wall(),
        ))
        .into_response(),
        (Some(slot), Format::Text) => console::port(&served.context.fleet, &slot).into_response(),
        (None, _) => no_such_port(&name),
    }
}

/// The registers of a port as the last sweeps read them: nothing is read, and
/// so no latched flag consumed, for this.
async fn port_dump(State(served): State<Arc<Served>>, Path(name): Path<String>) -> Response {
    let Some(slot) = served.port(&name) else {
        return no_such_port(&name);
    };
    raw::dump_file(&slot, served.context.clock.wall()).map_or_else(
        || {
            missing_json(&format!(
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
        missing_json(&format!(
            "nothing is served at {path}; the API is /api/v1/ports, /api/v1/ports/NAME, /api/v1/ports/NAME/dump, \
             /api/v1/events, /api/v1/captures and /api/v1/captures/ID"
        ))
    } else {
        missing_page(&format!("Nothing is served at {path}."))
    }
}

fn no_such_port(name: &str) -> Response {
    missing_json(&format!(
        "no port is called {name}; GET /api/v1/ports lists them"
    ))
}

fn missing_json(error: &str) -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "error": error }))).into_response()
}

fn missing_page(message: &str) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "opticsd: not found" }
            }
            body {
                h1 { "Not found" }
                p { (message) }
                p { a href="/" { "All ports" } }
            }
        }
    };
    (StatusCode::NOT_FOUND, Html(markup.into_string())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Settings;
    use crate::clock::SystemClock;
    use crate::daemon::journal::Journal;
    use crate::daemon::publish;
    use crate::daemon::shelf::Shelf;
    use crate::names::{BusName, PortName};
    use crate::store::database::Database;
    use arc_swap::ArcSwap;
    use std::sync::Mutex;
    use std::time::SystemTime;

    /// Runs `ask` with the address of a server that has one unread port.
    fn with_server(ask: impl FnOnce(String)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let fleet = Arc::new(publish::fleet(SystemTime::now()));
        fleet.ports.store(Arc::new(vec![Arc::new(PortSlot::new(
            PortName::new("et-0/1").unwrap(),
            BusName::new("bus").unwrap(),
            publish::unread(None),
        ))]));
        let served = Arc::new(Served {
            archive: Archive::new(
                Arc::new(Shelf::Memory(Mutex::new(Database::in_memory().unwrap()))),
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
        });
        let socket = runtime.block_on(listen("127.0.0.1:0".parse().unwrap()));
        let socket = socket.unwrap();
        let address = socket.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let server = runtime.spawn(serve(socket, served, stopped));
        ask(format!("http://{address}"));
        stop.send(true).unwrap();
        runtime.block_on(server).unwrap().unwrap();
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
                "/fabric",
                "/metrics",
                "/api/v1/ports",
                "/api/v1/ports?format=text",
                "/api/v1/ports/et-0%2F1",
                "/api/v1/ports/et-0%2F1?format=text",
                "/api/v1/events",
                "/api/v1/events?port=a&kind=b&since=1h&after=3&limit=5",
                "/api/v1/captures",
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
