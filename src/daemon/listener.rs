//! Connections that cannot hold each other up.
//!
//! There are [`MOST_CONNECTIONS`] to a socket at a time at most. A client that is
//! slow to ask, or to take its answer, is cut off, however steadily it drips; one
//! that asks for nothing is let go after a while.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, Sleep};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::access::Gate;
use super::sockets::{Socket, Wire};

/// How many connections a socket serves at a time; further ones wait in the kernel.
pub const MOST_CONNECTIONS: u32 = 256;

/// How long a socket rests after it could not accept: when descriptors run out
/// only time helps.
const REST_AFTER_TROUBLE: Duration = Duration::from_millis(200);

/// The most bytes of a request before its body. Far above what browsers send.
const LONGEST_HEAD: usize = 16 * 1024;

/// For how long a client may keep a connection waiting.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until a question that was begun is whole, and for a handshake.
    pub asking: Duration,
    /// Until an answer is taken.
    pub answer: Duration,
    /// Until the next question. Above the usual scrape intervals, so that a
    /// scraper keeps its connection.
    pub idle: Duration,
}

/// What clients get.
pub const PATIENCE: Patience = Patience {
    asking: Duration::from_secs(10),
    answer: Duration::from_secs(30),
    idle: Duration::from_secs(75),
};

/// Serves one socket until `stop` turns true, then lets open requests end.
///
/// Connections are accepted with TLS where the gate says so.
pub async fn serve(
    socket: Socket,
    app: Router,
    gate: Option<Arc<Gate>>,
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let mut in_trouble = false;
    let seats = Arc::new(Semaphore::new(MOST_CONNECTIONS as usize));
    loop {
        let next = async {
            // The semaphore is never closed, so there is always a seat in the end.
            let seat = Arc::clone(&seats).acquire_owned().await.ok();
            (seat, socket.accept().await)
        };
        let (seat, accepted) = tokio::select! {
            () = ended(&mut stop) => break,
            next = next => next,
        };
        let stream = match accepted {
            Ok(stream) => stream,
            Err(error) => {
                if !std::mem::replace(&mut in_trouble, true) {
                    warn!(%error, "connections cannot be accepted");
                }
                tokio::time::sleep(REST_AFTER_TROUBLE).await;
                continue;
            }
        };
        in_trouble = false;
        let tls = gate.as_ref().and_then(|gate| gate.tls());
        let (app, stop) = (app.clone(), stop.clone());
        tokio::spawn(async move {
            let _seat = seat;
            let stream: Box<dyn Wire> = match tls {
                None => stream,
                Some(config) => {
                    let handshake = TlsAcceptor::from(config).accept(stream);
                    match tokio::time::timeout(patience.asking, handshake).await {
                        Ok(Ok(stream)) => Box::new(stream),
                        Ok(Err(error)) => return debug!(%error, "handshake failed"),
                        Err(_) => return debug!("handshake took too long"),
                    }
                }
            };
            converse(stream, app, patience, stop).await;
        });
    }
    drop(socket);
    // All seats free: every connection has ended.
    let _ = seats.acquire_many(MOST_CONNECTIONS).await;
}

/// Answers what is asked on one connection until the client closes it or `stop`
/// turns true.
pub async fn converse(
    stream: Box<dyn Wire>,
    app: Router,
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let stream = TokioIo::new(PatientStream::new(stream, patience));
    let mut server = http1::Builder::new();
    server.max_buf_size(LONGEST_HEAD);
    let mut connection = pin!(server.serve_connection(stream, TowerToHyperService::new(app)));
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = ended(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        debug!(%error, "connection ended");
    }
}

/// Waits for the word to stop. The sender gone means the same.
async fn ended(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopped| *stopped).await;
}

/// Whose turn it is on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The client's, and it said nothing yet.
    Idle,
    /// The client's, and it has begun.
    Asking,
    /// The client takes its answer.
    Answer,
}

/// A connection with a deadline for each turn.
#[derive(Debug)]
struct PatientStream<S> {
    inner: S,
    patience: Patience,
    turn: Turn,
    deadline: Pin<Box<Sleep>>,
}

impl<S> PatientStream<S> {
    fn new(inner: S, patience: Patience) -> Self {
        Self {
            inner,
            patience,
            // A client that comes has something to ask.
            turn: Turn::Asking,
            deadline: Box::pin(tokio::time::sleep(patience.asking)),
        }
    }

    /// An error once the deadline has passed; else wakes the task when it does.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }

    /// Begins a turn, which has its time from now on.
    fn begin(&mut self, turn: Turn) {
        if self.turn == turn {
            return;
        }
        self.turn = turn;
        let time = match turn {
            Turn::Idle => self.patience.idle,
            Turn::Asking => self.patience.asking,
            Turn::Answer => self.patience.answer,
        };
        self.deadline.as_mut().reset(Instant::now() + time);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PatientStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if buffer.filled().len() > before && self.turn == Turn::Idle {
            self.begin(Turn::Asking);
            // So that the new deadline wakes the task.
            self.check(cx)?;
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PatientStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.begin(Turn::Answer);
        self.check(cx)?;
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    // Without these two an answer would be copied to stand behind its head.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.begin(Turn::Answer);
        self.check(cx)?;
        Pin::new(&mut self.inner).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_flush(cx);
        // All that was to be said has been taken.
        if matches!(outcome, Poll::Ready(Ok(()))) && self.turn == Turn::Answer {
            self.begin(Turn::Idle);
            self.check(cx)?;
        }
        outcome
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Listen;
    use crate::daemon::sockets::listen;
    use axum::routing::get;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(3600);

    /// A server whose clients have so much time; its runtime, and a connection.
    fn server(patience: Patience) -> (tokio::runtime::Runtime, TcpStream) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let inside = runtime.enter();
        let socket = listen(&Listen::Tcp("127.0.0.1:0".parse().unwrap())).unwrap();
        let Listen::Tcp(address) = socket.place().unwrap() else {
            unreachable!("it listens on TCP");
        };
        let app = Router::new()
            .route("/", get(|| async { "hello" }))
            .route("/long", get(|| async { "x".repeat(64 << 20) }));
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            serve(socket, app, None, patience, stopped).await;
            drop(stop);
        });
        drop(inside);
        let client = TcpStream::connect(address).unwrap();
        // Not the server's limit: only so that a failing test ends.
        let limit = Some(Duration::from_secs(60));
        client.set_read_timeout(limit).unwrap();
        (runtime, client)
    }

    /// What a client reads until the server closes.
    fn rest(client: &mut TcpStream) -> Vec<u8> {
        let mut answer = Vec::new();
        let outcome = client.read_to_end(&mut answer);
        let timed_out = matches!(&outcome, Err(e) if e.kind() == io::ErrorKind::WouldBlock);
        assert!(!timed_out, "it is left waiting");
        answer
    }

    #[test]
    fn a_client_that_drips_its_question_is_cut_off() {
        let (_runtime, mut client) = server(Patience {
            asking: SHORT,
            answer: LONG,
            idle: LONG,
        });
        let dripping = client.try_clone().unwrap();
        let drip = std::thread::spawn(move || {
            let mut client = dripping;
            for byte in b"GET / HTTP/1.1\r\nX: ".iter().chain([b'x'; 4000].iter()) {
                if client.write_all(&[*byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        assert_eq!(rest(&mut client), b"");
        drop(client);
        drip.join().unwrap();
    }

    #[test]
    fn a_client_that_asks_for_nothing_more_is_let_go() {
        let (_runtime, mut client) = server(Patience {
            asking: LONG,
            answer: LONG,
            idle: SHORT,
        });
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        let answer = String::from_utf8(rest(&mut client)).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("hello"),
            "{answer}"
        );
    }

    #[test]
    fn a_client_that_does_not_take_its_answer_is_cut_off() {
        let (_runtime, mut client) = server(Patience {
            asking: LONG,
            answer: SHORT,
            idle: LONG,
        });
        client
            .write_all(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        // From its first byte on the answer has its time; it is far larger than what
        // fits on the way.
        client.read_exact(&mut [0]).unwrap();
        std::thread::sleep(4 * SHORT);
        assert!(rest(&mut client).len() < 64 << 20);
    }

    #[test]
    fn a_head_too_long_is_refused() {
        let (_runtime, mut client) = server(Patience {
            asking: LONG,
            answer: LONG,
            idle: SHORT,
        });
        let head = format!(
            "GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
            "y".repeat(40_000)
        );
        let _ = client.write_all(head.as_bytes());
        let answer = String::from_utf8_lossy(&rest(&mut client)).into_owned();
        assert!(!answer.contains("200 OK"), "{answer}");
    }
}
