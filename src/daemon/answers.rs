//! Answers that wait for their clients, within bounds.
//!
//! An answer is in memory until its client has taken the last of it. The metrics of
//! 512 ports are 4 MiB, and a socket has hundreds of clients: those that ask and do not
//! take would need a gibibyte until the listener's patience with them ends. So all
//! answers that wait may be [`MOST_WAITING`] together. One more waits for room before
//! it is made, and is refused where none comes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{self, Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::asked::refuse;

/// How many bytes may wait for clients at a time. A part of what `MemoryMax=` of the
/// unit allows; enough for ten scrapes of 512 ports at the same moment. What the kernel
/// has taken over for a client is bounded by `sockets`.
pub const MOST_WAITING: u32 = 48 << 20;

/// Answers below this are not counted, so that none of them is ever refused. Those of
/// all clients together are a few MiB.
const SMALL: usize = 16 << 10;

/// For how long a request may wait for room: half of what Prometheus waits for an
/// answer.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The room for answers that wait, shared by whoever holds a clone.
#[derive(Debug, Clone)]
pub struct Room {
    free: Arc<Semaphore>,
    whole: u32,
    patience: Duration,
    /// The size of the last answer by route, of those that are not small: for what a
    /// request waits before its answer is made.
    usual: Arc<Mutex<HashMap<String, u32>>>,
}

impl Room {
    /// Room for so many bytes, which a request waits for so long.
    pub fn new(bytes: u32, patience: Duration) -> Self {
        Self {
            free: Arc::new(Semaphore::new(bytes as usize)),
            whole: bytes,
            patience,
            usual: Arc::default(),
        }
    }

    /// Room for what a route usually answers, as soon as there is some; `None` where
    /// none comes in time.
    async fn ahead(&self, route: &str) -> Option<OwnedSemaphorePermit> {
        let usual = self.usual().get(route).copied().unwrap_or(0);
        let room = Arc::clone(&self.free).acquire_many_owned(usual);
        timeout(self.patience, room).await.ok()?.ok()
    }

    fn usual(&self) -> std::sync::MutexGuard<'_, HashMap<String, u32>> {
        self.usual.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer of a route, which takes its room, most of it there `ahead`, until it
    /// is sent or its client is gone; status 503 in its stead where there is no room.
    /// One that is larger than all the room gets it whole. Streams pass: how many there
    /// are is up to their route.
    async fn hold(&self, answer: Response, route: &str, ahead: OwnedSemaphorePermit) -> Response {
        let (head, body) = answer.into_parts();
        let size = body.size_hint().exact();
        let size = size.and_then(|size| usize::try_from(size).ok());
        let Some(size) = size.filter(|size| *size >= SMALL) else {
            return Response::from_parts(head, body);
        };
        let wanted = u32::try_from(size).unwrap_or(u32::MAX).min(self.whole);
        // Routes are few: they are named as the router does.
        self.usual().insert(route.to_owned(), wanted);
        let Some(room) = self.fit(ahead, wanted) else {
            return no_room();
        };
        match body::to_bytes(body, size).await {
            Ok(bytes) => {
                let waiting = Bytes::from_owner(Waiting { bytes, _room: room });
                Response::from_parts(head, Body::from(waiting))
            }
            // What has a size is in memory, where nothing can go wrong.
            Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }

    /// Room of the size wanted, made of other room; `None` if there is not enough.
    fn fit(&self, mut room: OwnedSemaphorePermit, wanted: u32) -> Option<OwnedSemaphorePermit> {
        let wanted = wanted as usize;
        // Dropped, what is too much is free again.
        drop(room.split(room.num_permits().saturating_sub(wanted)));
        let more = u32::try_from(wanted - room.num_permits()).ok()?;
        room.merge(Arc::clone(&self.free).try_acquire_many_owned(more).ok()?);
        Some(room)
    }
}

fn no_room() -> Response {
    let said = "as many answers as may wait for clients that do not take them; ask again";
    let refused = refuse(StatusCode::SERVICE_UNAVAILABLE, said.to_owned());
    ([(RETRY_AFTER, "10")], refused).into_response()
}

/// Bytes that nobody has taken yet, and the room that they have until then.
struct Waiting {
    bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Waiting {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Answers in the room that there is.
pub(super) async fn within(State(room): State<Room>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or("", MatchedPath::as_str).to_owned();
    let Some(ahead) = room.ahead(&route).await else {
        return no_room();
    };
    let answer = next.run(request).await;
    room.hold(answer, &route, ahead).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Listen;
    use crate::daemon::listener::{self, serve};
    use crate::daemon::sockets::listen;
    use axum::Router;
    use axum::routing::get;
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream};
    use std::time::{Duration, Instant};

    /// More than sockets hold.
    const LONG: usize = 32 << 20;

    /// Asks for a path, and reads the head of the answer and what comes with it.
    fn ask(address: SocketAddr, path: &str) -> (TcpStream, String) {
        let mut client = TcpStream::connect(address).unwrap();
        // Not the server's limit: only so that a failing test ends.
        let limit = Some(Duration::from_secs(60));
        client.set_read_timeout(limit).unwrap();
        write!(client, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut said = vec![0; 4096];
        let length = client.read(&mut said).unwrap();
        (client, String::from_utf8(said[..length].to_vec()).unwrap())
    }

    /// A server with room for one long answer and a half.
    fn serving(runtime: &tokio::runtime::Runtime, patience: Duration) -> SocketAddr {
        let inside = runtime.enter();
        let socket = listen(&Listen::Tcp("127.0.0.1:0".parse().unwrap())).unwrap();
        let Listen::Tcp(address) = socket.place().unwrap() else {
            unreachable!("it listens on TCP");
        };
        let room = Room::new(u32::try_from(LONG + LONG / 2).unwrap(), patience);
        let app = Router::new()
            .route("/long", get(|| async { "x".repeat(LONG) }))
            .route("/small", get(|| async { "y".repeat(SMALL - 1) }))
            .layer(axum::middleware::from_fn_with_state(room, within));
        let (stop, stopped) = tokio::sync::watch::channel(false);
        tokio::spawn(async move {
            serve(socket, app, None, listener::PATIENCE, stopped).await;
            drop(stop);
        });
        drop(inside);
        address
    }

    #[test]
    fn answers_that_nobody_takes_leave_no_room_for_more_until_their_clients_are_gone() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let address = serving(&runtime, Duration::from_millis(50));
        let (first, said) = ask(address, "/long");
        assert!(said.starts_with("HTTP/1.1 200"), "{said:.99}");
        assert!(said.contains(&format!("content-length: {LONG}\r\n")));
        let (_second, said) = ask(address, "/long");
        assert!(said.starts_with("HTTP/1.1 503"), "{said:.99}");
        assert!(said.contains("retry-after"), "{said}");
        let (_third, said) = ask(address, "/small");
        assert!(said.starts_with("HTTP/1.1 200"), "{said:.99}");

        drop(first);
        let began = Instant::now();
        while !ask(address, "/long").1.starts_with("HTTP/1.1 200") {
            assert!(began.elapsed() < Duration::from_secs(60), "no room again");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_request_waits_for_room() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let address = serving(&runtime, Duration::from_secs(60));
        let (first, said) = ask(address, "/long");
        assert!(said.starts_with("HTTP/1.1 200"), "{said:.99}");
        let second = std::thread::spawn(move || ask(address, "/long").1);
        std::thread::sleep(Duration::from_millis(50));
        assert!(!second.is_finished(), "there is no room");
        drop(first);
        let said = second.join().unwrap();
        assert!(said.starts_with("HTTP/1.1 200"), "{said:.99}");
    }

    #[test]
    fn one_answer_may_take_all_the_room_and_streams_need_none() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let room = Room::new(1024, Duration::ZERO);
        let hold = |body: Body| {
            let none = Arc::clone(&room.free).try_acquire_many_owned(0).unwrap();
            runtime.block_on(room.hold(Response::new(body), "", none))
        };
        let one = hold("x".repeat(2 * SMALL).into());
        assert_eq!(one.status(), StatusCode::OK);
        let other = hold("x".repeat(SMALL).into());
        assert_eq!(other.status(), StatusCode::SERVICE_UNAVAILABLE);
        let stream = futures_util::stream::iter([Ok::<_, std::io::Error>("x")]);
        assert_eq!(hold(Body::from_stream(stream)).status(), StatusCode::OK);
        drop(one);
        let other = hold("x".repeat(SMALL).into());
        assert_eq!(other.status(), StatusCode::OK);
    }
}
