//! The routes of the pages of one port: as it stands, with what the store tells of
//! it, and its registers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::archive;
use super::journal::Journal;
use super::pages::{as_script, missing, plain};
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
        Err(said) => return plain(StatusCode::BAD_REQUEST, "Not understood", &said),
    };
    let past = Past {
        range,
        found: look_back(&served, name, range).await,
    };
    let now = served.context.clock.wall();
    Html(page::port(&served.context.fleet, &slot, &past, now)).into_response()
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
    as_script(page::COPY_SCRIPT)
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::SystemTime;

    use super::*;
    use crate::daemon::server::served;
    use crate::store::chunk::Cell;
    use crate::store::database::Database;
    use crate::store::history::Minute;
    use crate::store::record::{EventRecord, NewCapture, Packed};
    use crate::store::sessions::Session;

    fn now() -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap().as_secs() / 60
    }

    fn event(id: u64, minute: u64) -> EventRecord {
        EventRecord {
            id,
            at: SystemTime::UNIX_EPOCH + Duration::from_secs(minute * 60),
            port: Some("et-0/1".to_owned()),
            serial: None,
            kind: "insert".to_owned(),
            what: "module inserted".to_owned(),
            before: None,
            after: None,
            grave: false,
            capture: None,
        }
    }

    /// A store with an hour-old and a day-old event, a capture, a session whose
    /// record is no record, and two series of which one has a chart.
    fn full() -> Database {
        let mut database = Database::in_memory().unwrap();
        let cell = Cell {
            min: 40.0,
            mean: 41.0,
            max: 42.0,
        };
        let writing = database.begin().unwrap();
        writing.event(&event(1, now() - 600)).unwrap();
        writing.event(&event(2, now() - 30)).unwrap();
        let minute = Minute {
            port: "et-0/1".to_owned(),
            minute: now() - 5,
            cells: [("temperature_celsius", cell), ("supply_volts", cell)]
                .map(|(name, cell)| (name.to_owned(), cell))
                .into(),
        };
        writing.minute(&minute).unwrap();
        let at = SystemTime::now();
        let capture = NewCapture {
            at,
            port: "et-0/1".to_owned(),
            serial: None,
            kind: "insert".to_owned(),
            dump: Packed::new("page lower\n"),
        };
        writing.capture(&capture).unwrap();
        let session = Session {
            port: "et-0/1".to_owned(),
            serial: "S1".to_owned(),
            key: "1".to_owned(),
            opened: at,
            closed: None,
            document: "no record".to_owned(),
        };
        writing.session(&session).unwrap();
        writing.commit().unwrap();
        database
    }

    #[tokio::test]
    async fn a_page_finds_all_that_the_store_has_of_its_port() {
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let served = served(full(), stopped);
        let found = look_back(&served, "et-0/1".to_owned(), Range::Hour).await;
        let found = found.unwrap();
        let ids = |ids: &[u64]| ids.to_vec();
        let recent: Vec<u64> = found.recent.iter().map(|event| event.id).collect();
        let happened: Vec<u64> = found.happened.iter().map(|event| event.id).collect();
        assert_eq!((recent, happened), (ids(&[2, 1]), ids(&[2])));
        assert_eq!(
            found.series.keys().collect::<Vec<_>>(),
            ["temperature_celsius"]
        );
        assert_eq!(found.series["temperature_celsius"][0].max, 42.0);
        assert_eq!((found.captures.len(), found.sessions.len()), (1, 1));
        let other = look_back(&served, "et-0/2".to_owned(), Range::Day).await;
        assert_eq!(other.unwrap().series.len(), 0);
    }

    #[tokio::test]
    async fn a_disk_that_hangs_does_not_hang_a_page() {
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let served = served(Database::in_memory().unwrap(), stopped);
        let (stop, hold) = mpsc::channel::<()>();
        let hold = Arc::new(std::sync::Mutex::new(hold));
        // As many questions as are let in at a time wait for the disk.
        let mut waiting = tokio::task::JoinSet::new();
        loop {
            let (served, hold) = (Arc::clone(&served), Arc::clone(&hold));
            let (begun, has_begun) = tokio::sync::oneshot::channel();
            waiting.spawn(async move {
                let answer = served.archive.ask(move |_, _| {
                    let _ = begun.send(());
                    let hold = hold
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    Ok(hold.recv().is_ok())
                });
                answer.await.is_ok()
            });
            if has_begun.await.is_err() {
                break;
            }
        }
        let wish = Query(Wish {
            range: Some("24h".to_owned()),
        });
        let page = port_page(State(Arc::clone(&served)), Path("et-0/1".to_owned()), wish).await;
        assert_eq!(page.status(), StatusCode::OK);
        let body = axum::body::to_bytes(page.into_body(), 1 << 20)
            .await
            .unwrap();
        let text = String::from_utf8_lossy(&body);
        assert!(
            text.contains("History is not available: too many questions"),
            "{text}"
        );
        drop(stop);
        waiting.join_all().await;
    }
}
