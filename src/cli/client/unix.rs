//! HTTP over a unix socket: what the client library needs to know of one.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, LazyBuffers, NextTimeout, Transport,
};

/// Connects to the socket of this path, whatever host a URL names.
#[derive(Debug)]
pub(super) struct Connector(pub(super) PathBuf);

impl ureq::unversioned::transport::Connector for Connector {
    type Out = Stream;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _chained: Option<()>,
    ) -> Result<Option<Stream>, Error> {
        let config = details.config;
        Ok(Some(Stream {
            socket: UnixStream::connect(&self.0)?,
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
        }))
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Stream {
    socket: UnixStream,
    buffers: LazyBuffers,
}

impl Transport for Stream {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = timeout.for_write();
        let after = timeout.not_zero().map(|after| *after);
        self.socket.set_write_timeout(after)?;
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        let sent = self.socket.write_all(output);
        sent.map_err(|error| in_time(error, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = timeout.for_read();
        let after = timeout.not_zero().map(|after| *after);
        self.socket.set_read_timeout(after)?;
        let amount = loop {
            match self.socket.read(self.buffers.input_append_buf()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(in_time(error, timeout)),
                Ok(amount) => break amount,
            }
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        // Whether there is something to read without taking it; a peer that has
        // closed shows as the end.
        let mut byte = [0];
        let is_quiet = self.socket.set_nonblocking(true).is_ok()
            && matches!(self.socket.read(&mut byte), Err(e) if e.kind() == ErrorKind::WouldBlock);
        is_quiet && self.socket.set_nonblocking(false).is_ok()
    }
}

/// A socket says "would block" where time ran out.
fn in_time(error: std::io::Error, timeout: NextTimeout) -> Error {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::Timeout(timeout.reason),
        _ => error.into(),
    }
}
