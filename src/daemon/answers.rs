//! Answers that wait for their clients, within bounds.
//!
//! An answer is in memory until its client has taken the last of it. The metrics of
//! 512 ports are 4 MiB, and a socket has hundreds of clients: those that ask and do not
//! take would need a gibibyte until the listener's patience with them ends. So all
//! answers that wait may be [`MOST_WAITING`] together, and one more is refused.

use std::sync::Arc;

use axum::body::{self, Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::asked::refuse;

/// How many bytes may wait for clients at a time. A part of what `MemoryMax=` of the
/// unit allows; enough for ten scrapes of 512 ports at the same moment. What the kernel
/// has taken over for a client is bounded by `sockets`.
pub const MOST_WAITING: u32 = 48 << 20;

/// Answers below this are not counted, so that none of them is ever refused. Those of
/// all clients together are a few MiB.
const SMALL: usize = 16 << 10;

/// The room for answers that wait, shared by whoever holds a clone.
#[derive(Debug, Clone)]
pub struct Room {
    free: Arc<Semaphore>,
    whole: u32,
}

impl Room {
    /// Room for so many bytes.
    pub fn new(bytes: u32) -> Self {
        Self {
            free: Arc::new(Semaphore::new(bytes as usize)),
            whole: bytes,
        }
    }

    /// The answer, which takes its room until it is sent or its client is gone; status
    /// 503 in its stead where there is no room. One that is larger than all the room
    /// gets it whole. Streams pass: how many there are is up to their route.
    async fn hold(&self, answer: Response) -> Response {
        let (head, body) = answer.into_parts();
        let size = body.size_hint().exact();
        let Some(size) = size.and_then(|size| usize::try_from(size).ok()) else {
            return Response::from_parts(head, body);
        };
        if size < SMALL {
            return Response::from_parts(head, body);
        }
        let wanted = u32::try_from(size).unwrap_or(u32::MAX).min(self.whole);
        let Ok(room) = Arc::clone(&self.free).try_acquire_many_owned(wanted) else {
            let said = "as many answers as may wait for clients that do not take them; ask again";
            let wait = [(RETRY_AFTER, "10")];
            let refused = refuse(StatusCode::SERVICE_UNAVAILABLE, said.to_owned());
            return (wait, refused).into_response();
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
    room.hold(next.run(request).await).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Listen;
    use crate::daemon::listener::{PATIENCE, serve};
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

    #[test]
    fn answers_that_nobody_takes_leave_no_room_for_more_until_their_clients_are_gone() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let inside = runtime.enter();
        let socket = listen(&Listen::Tcp("127.0.0.1:0".parse().unwrap())).unwrap();
        let Listen::Tcp(address) = socket.place().unwrap() else {
            unreachable!("it listens on TCP");
        };
        let room = Room::new(u32::try_from(LONG + LONG / 2).unwrap());
        let app = Router::new()
            .route("/long", get(|| async { "x".repeat(LONG) }))
            .route("/small", get(|| async { "y".repeat(SMALL - 1) }))
            .layer(axum::middleware::from_fn_with_state(room, within));
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        tokio::spawn(serve(socket, app, None, PATIENCE, stopped));
        drop(inside);

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
    fn one_answer_may_take_all_the_room_and_streams_need_none() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let room = Room::new(1024);
        let hold = |body: Body| runtime.block_on(room.hold(Response::new(body)));
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
