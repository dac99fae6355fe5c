//! The route that tells changes as they come, as server-sent events.
//!
//! A stream keeps its connection for as long as it lasts, so there are
//! [`MOST_STREAMS`] at a time. It writes at least a comment every
//! `KEEP_ALIVE`, well within the listener's patience with clients that say
//! nothing; one that takes nothing is cut off there, and one that is gone is noticed
//! by the next write. After `LONGEST` the client has to ask again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tracing::error;

use super::asked::refuse;
use super::server::Served;
use crate::report::live::{Listener, News};

/// How many streams there are at a time: far fewer than connections, so that
/// scrapes and pages always find one.
pub const MOST_STREAMS: usize = 32;

/// How often a client is told something, at most.
const PACE: Duration = Duration::from_secs(1);

/// After how long without news a comment shows that the stream is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a stream lasts.
const LONGEST: Duration = Duration::from_secs(3600);

/// The seats for streams, and the word to end them.
#[derive(Debug)]
pub struct Streams {
    seats: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

impl Streams {
    /// Streams that end when `stop` turns true, or its sender is gone.
    pub fn new(stop: watch::Receiver<bool>) -> Self {
        Self {
            seats: Arc::new(Semaphore::new(MOST_STREAMS)),
            stop,
        }
    }

    /// How many are open.
    pub(super) fn open(&self) -> usize {
        MOST_STREAMS.saturating_sub(self.seats.available_permits())
    }
}

/// The route of the stream.
pub(super) fn routes() -> Router<Arc<Served>> {
    Router::new().route("/api/v1/stream", get(changes))
}

async fn changes(State(served): State<Arc<Served>>) -> Response {
    let Ok(seat) = Arc::clone(&served.streams.seats).try_acquire_owned() else {
        let said = format!(
            "{MOST_STREAMS} streams are open, which is as many as there may be; close one, or \
             ask /api/v1/ports instead"
        );
        let wait = [(RETRY_AFTER, "10")];
        return (wait, refuse(StatusCode::SERVICE_UNAVAILABLE, said)).into_response();
    };
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let telling = Telling {
        stop: served.streams.stop.clone(),
        served,
        listener: Listener::default(),
        pace,
        end: Instant::now() + LONGEST,
        _seat: seat,
    };
    Sse::new(stream::unfold(telling, Telling::next))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}

/// One client's stream.
struct Telling {
    served: Arc<Served>,
    listener: Listener,
    pace: Interval,
    end: Instant,
    stop: watch::Receiver<bool>,
    _seat: OwnedSemaphorePermit,
}

impl Telling {
    /// Waits for the next event; `None` at the end of the stream.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            tokio::select! {
                biased;
                _ = self.stop.wait_for(|stopped| *stopped) => return None,
                () = tokio::time::sleep_until(self.end) => return None,
                _ = self.pace.tick() => {}
            }
            if let Some(event) = self.look() {
                return Some((Ok(event), self));
            }
        }
    }

    fn look(&mut self) -> Option<Event> {
        let context = &self.served.context;
        let plan = context.plan.load();
        let plan = plan.as_ref().as_ref();
        let news = self
            .listener
            .hear(&context.fleet, plan, context.clock.wall())?;
        match news {
            News::Others => Some(Event::default().event("others").data("{}")),
            News::Ports(told) => match Event::default().event("ports").json_data(&*told) {
                Ok(event) => Some(event),
                Err(error) => {
                    error!(%error, "changes cannot be told");
                    None
                }
            },
        }
    }
}
