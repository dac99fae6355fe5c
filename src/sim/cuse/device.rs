//! A character device as the programs see it that hold it open: each has its
//! own slave address, all share the bus behind it.
//!
//! The manners are those of the kernel's own i2c-dev (Documentation/i2c/dev-interface).

use std::collections::BTreeMap;

use embedded_hal::i2c::{I2c, Operation};

use super::Errno;
use super::protocol::{Call, Reply, Request, introduction, message};
use super::{ioctl, smbus};
use crate::sim::i2c::SimI2c;

/// The most that one `read`, `write` or message may carry (i2c-dev).
pub(super) const LONGEST_MESSAGE: usize = 8192;

/// A simulated adapter's device.
pub struct Device {
    name: String,
    bus: SimI2c,
    open: BTreeMap<u64, OpenFile>,
    next_handle: u64,
}

/// What a program set on the file that it opened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OpenFile {
    /// The 7-bit address that `read`, `write` and SMBus calls go to.
    pub address: u8,
}

impl Device {
    /// A device `/dev/NAME` before this bus.
    pub fn new(name: &str, bus: SimI2c) -> Self {
        Self {
            name: name.to_owned(),
            bus,
            open: BTreeMap::new(),
            next_handle: 1,
        }
    }

    /// Answers a message of the kernel; `None` if no answer is expected, or if
    /// the message is too short to have one.
    pub fn answer(&mut self, request: &[u8]) -> Option<Vec<u8>> {
        let request = Request::parse(request)?;
        let reply = self.reply(&request.call);
        message(request.unique, &reply.unwrap_or_else(Reply::Failed))
    }

    fn reply(&mut self, call: &Call<'_>) -> Result<Reply, Errno> {
        Ok(match call {
            Call::Init => introduction(&self.name),
            Call::Open => {
                let handle = self.next_handle;
                self.next_handle += 1;
                self.open.insert(handle, OpenFile::default());
                Reply::Opened(handle)
            }
            Call::Read { handle, length } => {
                let address = self.file(*handle)?.address;
                let length = usize::try_from(*length).unwrap_or(LONGEST_MESSAGE);
                let mut bytes = vec![0; length.min(LONGEST_MESSAGE)];
                self.transfer(address, &mut [Operation::Read(&mut bytes)])?;
                Reply::Bytes(bytes)
            }
            Call::Write { handle, bytes } => {
                let address = self.file(*handle)?.address;
                let (taken, _) = bytes.split_at(bytes.len().min(LONGEST_MESSAGE));
                self.transfer(address, &mut [Operation::Write(taken)])?;
                Reply::Written(u32::try_from(taken.len()).unwrap_or(u32::MAX))
            }
            Call::Flush => Reply::Bytes(Vec::new()),
            Call::Release { handle } => {
                self.open.remove(handle);
                Reply::Bytes(Vec::new())
            }
            Call::Interrupt => Reply::None,
            Call::Ioctl(call) => {
                let file = self.file(call.handle)?;
                match call.command {
                    smbus::COMMAND => smbus::call(self, file, call)?,
                    _ => ioctl::call(self, call)?,
                }
            }
            Call::Other(_) => return Err(Errno::NotImplemented),
            Call::Malformed => return Err(Errno::Io),
        })
    }

    fn file(&self, handle: u64) -> Result<OpenFile, Errno> {
        self.open.get(&handle).copied().ok_or(Errno::Io)
    }

    /// Sets the slave address of an open file.
    pub(super) fn set_address(&mut self, handle: u64, address: u8) {
        self.open.insert(handle, OpenFile { address });
    }

    /// One transaction on the bus.
    pub(super) fn transfer(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Errno> {
        self.bus
            .transaction(address, operations)
            .map_err(Errno::from)
    }
}

#[cfg(test)]
mod tests;
