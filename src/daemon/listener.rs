//! A listening socket that does not let clients hold it up.
//!
//! A connection that neither asks for anything nor takes its answer within
//! [`PATIENCE`] is closed, however slowly it drips bytes; and there are
//! [`MOST_CONNECTIONS`] at a time at most.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

/// How long a connection may live without an answer going out. Above the usual
/// scrape intervals, so that a scraper keeps its connection.
pub const PATIENCE: Duration = Duration::from_secs(75);

/// How many connections are served at a time; further ones wait in the kernel.
pub const MOST_CONNECTIONS: usize = 256;

/// A listening socket with limits.
#[derive(Debug)]
pub struct PatientListener {
    inner: TcpListener,
    seats: Arc<Semaphore>,
    patience: Duration,
}

impl PatientListener {
    /// Limits what comes in on this socket.
    pub fn new(inner: TcpListener, patience: Duration) -> Self {
        Self {
            inner,
            seats: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
            patience,
        }
    }
}

impl Listener for PatientListener {
    type Io = PatientStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // The semaphore is never closed, so there is always a seat in the end.
        let seat = Arc::clone(&self.seats).acquire_owned().await.ok();
        let (inner, address) = Listener::accept(&mut self.inner).await;
        let stream = PatientStream {
            inner,
            deadline: Box::pin(tokio::time::sleep(self.patience)),
            patience: self.patience,
            _seat: seat,
        };
        (stream, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.inner.local_addr()
    }
}

/// A connection with a deadline that each byte of an answer pushes back.
#[derive(Debug)]
pub struct PatientStream {
    inner: TcpStream,
    deadline: Pin<Box<Sleep>>,
    patience: Duration,
    _seat: Option<OwnedSemaphorePermit>,
}

impl PatientStream {
    /// An error once the deadline has passed; else wakes the task when it does.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl AsyncRead for PatientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl AsyncWrite for PatientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        let outcome = Pin::new(&mut self.inner).poll_write(cx, bytes);
        if matches!(outcome, Poll::Ready(Ok(_))) {
            let deadline = Instant::now() + self.patience;
            self.deadline.as_mut().reset(deadline);
        }
        outcome
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn a_connection_that_asks_for_nothing_is_closed() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let socket = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = socket.local_addr().unwrap();
        let listener = PatientListener::new(socket, Duration::from_millis(50));
        runtime.spawn(async { axum::serve(listener, axum::Router::new()).await });

        let mut client = std::net::TcpStream::connect(address).unwrap();
        client.write_all(b"GET / HT").unwrap();
        let limit = Some(Duration::from_secs(20));
        client.set_read_timeout(limit).unwrap();
        let mut answer = Vec::new();
        // Closed or reset, but not left waiting for the client's own limit.
        let outcome = client.read_to_end(&mut answer);
        let timed_out = matches!(&outcome, Err(e) if e.kind() == io::ErrorKind::WouldBlock);
        assert!(!timed_out && answer.is_empty(), "{outcome:?}");
    }
}
