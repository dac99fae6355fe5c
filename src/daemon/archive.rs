//! The routes to what was stored. Unlike all others they wait for a disk, on
//! threads of their own, and few at a time: a disk that hangs must not gather
//! requests.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::asked::{Asked, Named, refuse};
use super::journal::Journal;
use super::server::Served;
use super::shelf::Shelf;
use crate::health::session::Record;
use crate::report::answers::{Points, SeriesNames};
use crate::report::events::{self, CaptureDocument};
use crate::report::moment;
use crate::report::sessions::{self, Kept};
use crate::store::StoreError;
use crate::store::record::{CaptureQuery, EventQuery};
use crate::store::sessions::Session;

/// How many questions the disk is asked at a time.
const AT_A_TIME: usize = 4;

/// How many elements a list has unless told otherwise.
const LIMIT: usize = 1000;

/// How many elements a list may have.
pub const MOST: usize = 100_000;

/// How far back a plot goes unless told otherwise.
const RANGE: Duration = Duration::from_secs(6 * 3600);

/// Where the routes find what was stored.
pub struct Archive {
    shelf: Arc<Shelf>,
    journal: Journal,
    permits: Arc<Semaphore>,
}

impl Archive {
    /// An archive of a store and of the events that wait for it.
    pub fn new(shelf: Arc<Shelf>, journal: Journal) -> Self {
        Self {
            shelf,
            journal,
            permits: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }

    /// Asks the store on a thread that may wait.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Shelf, &Journal) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return Err(Refusal {
                status: StatusCode::SERVICE_UNAVAILABLE,
                said: "too many questions to the store at a time, or its disk does not answer; \
                       ask again later"
                    .to_owned(),
            });
        };
        let (shelf, journal) = (Arc::clone(&self.shelf), self.journal.clone());
        let answer = spawn_blocking(move || {
            let _permit = permit;
            let answer = question(&shelf, &journal);
            if answer.as_ref().is_err_and(StoreError::is_corruption) {
                journal.suspect();
            }
            answer
        });
        match answer.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Refusal {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                said: format!("the store cannot be read: {error}"),
            }),
            Err(error) => Err(Refusal {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                said: format!("the store was not read: {error}; this is a defect of opticsd"),
            }),
        }
    }
}

/// Why the store was not read.
pub(super) struct Refusal {
    status: StatusCode,
    /// In words.
    pub said: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        refuse(self.status, self.said)
    }
}

/// The routes.
pub fn routes() -> Router<Arc<Served>> {
    Router::new()
        .route("/api/v1/events", get(list_events))
        .route("/api/v1/captures", get(list_captures))
        .route("/api/v1/captures/{id}", get(one_capture))
        .route("/api/v1/ports/{name}/history", get(port_history))
        .route("/api/v1/ports/{name}/sessions", get(port_sessions))
}

/// What may be asked of events.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventsWish {
    port: Option<String>,
    kind: Option<String>,
    since: Option<String>,
    after: Option<u64>,
    limit: Option<usize>,
}

impl EventsWish {
    fn query(self, now: SystemTime) -> Result<EventQuery, String> {
        Ok(EventQuery {
            port: self.port,
            kind: self.kind,
            since: self
                .since
                .map(|text| events::since(&text, now))
                .transpose()?,
            after: self.after,
            limit: self.limit.unwrap_or(LIMIT).min(MOST),
        })
    }
}

async fn list_events(
    State(served): State<Arc<Served>>,
    Asked(wish): Asked<EventsWish>,
) -> Response {
    let query = match wish.query(served.context.clock.wall()) {
        Ok(query) => query,
        Err(said) => return refuse(StatusCode::BAD_REQUEST, format!("since: {said}")),
    };
    let answer = served.archive.ask(move |shelf, journal| {
        let unsaved = journal.unsaved(&query);
        // A store that cannot be read does not hide what waits for it.
        let saved = match shelf.events(&query) {
            Err(_) if !unsaved.is_empty() => Vec::new(),
            saved => saved?,
        };
        Ok(events::merged(saved, unsaved, query.limit))
    });
    match answer.await {
        Ok(list) => Json(list).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// What may be asked of captures.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CapturesWish {
    port: Option<String>,
    limit: Option<usize>,
}

async fn list_captures(
    State(served): State<Arc<Served>>,
    Asked(wish): Asked<CapturesWish>,
) -> Response {
    let query = CaptureQuery {
        port: wish.port,
        limit: wish.limit.unwrap_or(LIMIT).min(MOST),
    };
    match served
        .archive
        .ask(move |shelf, _| shelf.captures(&query))
        .await
    {
        Ok(list) => {
            let list: Vec<_> = list.into_iter().map(CaptureDocument::new).collect();
            Json(list).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn one_capture(State(served): State<Arc<Served>>, Named(id): Named<u64>) -> Response {
    match served.archive.ask(move |shelf, _| shelf.capture(id)).await {
        Ok(Some(text)) => text.into_response(),
        Ok(None) => refuse(
            StatusCode::NOT_FOUND,
            format!("there is no capture {id} (any more); GET /api/v1/captures lists them"),
        ),
        Err(refusal) => refusal.into_response(),
    }
}

/// What may be asked of a port's history.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HistoryWish {
    series: Option<String>,
    range: Option<String>,
}

/// A series of a port, minute by minute; without `series` the names of those that
/// it has.
async fn port_history(
    State(served): State<Arc<Served>>,
    Named(port): Named<String>,
    Asked(wish): Asked<HistoryWish>,
) -> Response {
    let range = wish.range.as_deref().map_or(Some(RANGE), moment::ago);
    let Some(range) = range else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "range: expected how far back, such as 30m, 6h or 7d".to_owned(),
        );
    };
    let since = served
        .context
        .clock
        .wall()
        .duration_since(SystemTime::UNIX_EPOCH);
    let end = since.unwrap_or_default().as_secs() / 60 + 1;
    let minutes = end.saturating_sub(range.as_secs().div_ceil(60))..end;
    let asked = port.clone();
    match wish.series {
        None => {
            let names = served
                .archive
                .ask(move |shelf, _| shelf.series(&asked, minutes));
            match names.await {
                Ok(series) => Json(SeriesNames { port, series }).into_response(),
                Err(refusal) => refusal.into_response(),
            }
        }
        Some(series) => {
            let wanted = series.clone();
            let answer = served
                .archive
                .ask(move |shelf, _| shelf.points(&asked, &wanted, minutes));
            match answer.await {
                Ok(points) => {
                    let points: Vec<_> = points
                        .into_iter()
                        .map(|(minute, cell)| (minute * 60, cell.min, cell.mean, cell.max))
                        .collect();
                    let answer = Points {
                        port,
                        series,
                        points,
                    };
                    Json(answer).into_response()
                }
                Err(refusal) => refusal.into_response(),
            }
        }
    }
}

/// What may be asked of a port's sessions.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionsWish {
    limit: Option<usize>,
}

/// The link sessions of a port, the newest first.
async fn port_sessions(
    State(served): State<Arc<Served>>,
    Named(port): Named<String>,
    Asked(wish): Asked<SessionsWish>,
) -> Response {
    let most = wish.limit.unwrap_or(LIMIT).min(MOST);
    let answer = served.archive.ask(move |shelf, _| {
        // One more, for the last to be compared with.
        let sessions = shelf.sessions(&port, most.saturating_add(1))?;
        let kept: Vec<Kept> = sessions.into_iter().map(kept).collect();
        let mut list = sessions::documents(&kept);
        list.truncate(most);
        Ok(list)
    });
    match answer.await {
        Ok(list) => Json(list).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// A session of the store as what is shown.
pub(super) fn kept(session: Session) -> Kept {
    Kept {
        record: Record::from_document(&session.document).ok(),
        serial: session.serial,
        opened: session.opened,
        closed: session.closed,
    }
}
