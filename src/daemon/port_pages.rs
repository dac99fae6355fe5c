//! The routes of the pages of one port: as it stands, with what the store tells of
//! it, and its registers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::archive;
use super::journal::Journal;
use super::pages::missing;
use super::server::Served;
use super::shelf::Shelf;
use crate::report::events::{self, CaptureDocument};
use crate::report::page::past::{Found, Minute, Past, Range, is_charted};
use crate::report::{page, sessions};
use crate::store::StoreError;
use crate::store::history::Point;
use crate::store::record::{CaptureQuery, EventQuery};

/// How long a page waits for the store before it goes without.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many events of the range are marks at most.
const MARKS: usize = 2000;
/// How many of the newest events, captures and sessions a page shows.
const NEWEST: usize = 40;

/// The routes.
pub(super) fn routes() -> Router<Arc<Served>> {
    Router::new()
        .route("/ports/{name}", get(port_page))
        .route("/ports/{name}/raw", get(raw_page))
        .route(page::COPY_SCRIPT_ADDRESS, get(copy_script))
}

/// What a port's page can be asked for: `?range=24h`.
#[derive(Debug, Default, Deserialize)]
struct Wish {
    range: Option<String>,
}

async fn port_page(
    State(served): State<Arc<Served>>,
    Path(name): Path<String>,
    Query(wish): Query<Wish>,
) -> Response {
    let Some(slot) = served.port(&name) else {
        return missing(&format!("No port is called {name}."));
    };
    let range = wish
        .range
        .as_deref()
        .map_or(Ok(Range::default()), Range::parse);
    let range = match range {
        Ok(range) => range,
        Err(said) => return not_understood(&said),
    };
    let past = Past {
        range,
        found: look_back(&served, name, range).await,
    };
    let now = served.context.clock.wall();
    Html(page::port(&served.context.fleet, &slot, &past, now)).into_response()
}

/// The answer to a question that makes no sense.
fn not_understood(said: &str) -> Response {
    let page = maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "opticsd: not understood" } }
            body { main {
                h1 { "Not understood" }
                p { (said) }
                p { a href="/" { "All ports" } }
            } }
        }
    };
    (StatusCode::BAD_REQUEST, Html(page.into_string())).into_response()
}

async fn raw_page(State(served): State<Arc<Served>>, Path(name): Path<String>) -> Response {
    match served.port(&name) {
        Some(slot) => Html(page::raw(
            &served.context.fleet,
            &slot,
            served.context.clock.wall(),
        ))
        .into_response(),
        None => missing(&format!("No port is called {name}.")),
    }
}

/// The script of the button that copies a dump.
async fn copy_script() -> Response {
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    ([(CONTENT_TYPE, kind)], page::COPY_SCRIPT).into_response()
}

/// What the store tells of a port, or why it does not. A disk that hangs keeps its
/// own thread waiting and not the page.
async fn look_back(served: &Served, port: String, range: Range) -> Result<Found, String> {
    let wall = served.context.clock.wall();
    let since = wall.duration_since(std::time::SystemTime::UNIX_EPOCH);
    let to = since.unwrap_or_default().as_secs() / 60 + 1;
    let question = move |shelf: &Shelf, journal: &Journal| found(shelf, journal, port, range, to);
    match tokio::time::timeout(PATIENCE, served.archive.ask(question)).await {
        Ok(answer) => answer.map_err(|refusal| refusal.said),
        Err(_) => Err(format!(
            "the store did not answer within {} s",
            PATIENCE.as_secs()
        )),
    }
}

fn found(
    shelf: &Shelf,
    journal: &Journal,
    port: String,
    range: Range,
    to: u64,
) -> Result<Found, StoreError> {
    let from = to.saturating_sub(range.minutes());
    let begin = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(from * 60);
    let query = |since, limit| EventQuery {
        port: Some(port.clone()),
        kind: None,
        since,
        after: None,
        limit,
    };
    // Those that wait are asked for first, see `merged`.
    let newest = query(None, NEWEST);
    let unsaved = journal.unsaved(&newest);
    let mut recent = events::merged(shelf.events(&newest)?, unsaved, NEWEST);
    recent.reverse();
    let mut captures = shelf.captures(&CaptureQuery {
        port: Some(port.clone()),
        limit: NEWEST,
    })?;
    captures.reverse();
    // One more, for the last to be compared with.
    let kept: Vec<_> = shelf.sessions(&port, NEWEST + 1)?;
    let kept: Vec<_> = kept.into_iter().map(archive::kept).collect();
    let mut sessions = sessions::documents(&kept);
    sessions.truncate(NEWEST);
    let series = shelf.many(&port, is_charted, from..to)?;
    Ok(Found {
        to,
        series: series
            .into_iter()
            .map(|(name, points)| (name, points.into_iter().map(minute).collect()))
            .collect(),
        happened: shelf.events(&query(Some(begin), MARKS))?,
        recent,
        captures: captures.into_iter().map(CaptureDocument::new).collect(),
        sessions,
    })
}

fn minute((minute, cell): Point) -> Minute {
    Minute {
        minute,
        min: f64::from(cell.min),
        mean: f64::from(cell.mean),
        max: f64::from(cell.max),
    }
}
