//! Carries messages between `/dev/cuse` and a [`Device`].
//!
//! A device lives as long as its [`Server`]: when that is dropped, or the process
//! ends, the kernel takes the node away, and programs that hold it open get
//! ENOTCONN. Calls are answered one after the other, as on a bus; devices of
//! their own threads do not wait for each other.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::device::Device;
use super::protocol::LONGEST_TRANSFER;
use crate::sim::i2c::SimI2c;

/// The kernel's door to character devices in user space.
const CUSE: &str = "/dev/cuse";

/// Room for the longest request: a write, its headers, a page to spare.
const REQUEST: usize = LONGEST_TRANSFER as usize + 8192;

/// Why a device cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum CuseError {
    /// The kernel's door is closed.
    #[error("cannot open {CUSE}: {0}; it needs root and `modprobe cuse`")]
    Open(io::Error),
    /// Something has that name.
    #[error("{} is there already; choose another name", .0.display())]
    Taken(PathBuf),
    /// The kernel did not make the node.
    #[error("the kernel refused {}: {source}", path.display())]
    Refused {
        /// The node.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The kernel took the device away.
    #[error("{}: the kernel took it away: {source}", path.display())]
    Lost {
        /// The node.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A device that programs can open.
pub struct Server {
    path: PathBuf,
    control: File,
    device: Device,
    buffer: Vec<u8>,
}

impl Server {
    /// Makes `/dev/NAME` before this bus. When this returns, the node is there.
    ///
    /// # Errors
    /// [`CuseError`] if the kernel does not make it.
    pub fn open(name: &str, bus: SimI2c) -> Result<Self, CuseError> {
        let path = Path::new("/dev").join(name);
        if path.exists() {
            return Err(CuseError::Taken(path));
        }
        let mut options = OpenOptions::new();
        let control = options.read(true).write(true).open(CUSE);
        let mut server = Self {
            path,
            control: control.map_err(CuseError::Open)?,
            device: Device::new(name, bus),
            buffer: vec![0; REQUEST],
        };
        // The kernel's first request asks for the name; answering it makes the node.
        let introduced = match server.step() {
            Ok(()) if !server.path.exists() => Err(ErrorKind::NotFound.into()),
            introduced => introduced,
        };
        let path = server.path.clone();
        introduced.map_err(|source| CuseError::Refused { path, source })?;
        Ok(server)
    }

    /// Where the device is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Answers calls until the kernel takes the device away; returns why.
    pub fn serve(mut self) -> CuseError {
        loop {
            if let Err(source) = self.step() {
                let path = self.path;
                return CuseError::Lost { path, source };
            }
        }
    }

    /// Takes one request and answers it.
    fn step(&mut self) -> io::Result<()> {
        let length = match self.control.read(&mut self.buffer) {
            // ENOENT: the caller gave up before its request was read.
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::NotFound) => {
                return Ok(());
            }
            read => read?,
        };
        let request = self.buffer.get(..length).unwrap_or_default();
        let Some(answer) = self.device.answer(request) else {
            return Ok(());
        };
        match self.control.write_all(&answer) {
            // The caller was killed while it waited.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            // What does not fit the call has failed as EIO for its caller; the
            // next call may be well.
            Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
            written => written,
        }
    }
}
