//! A character device as the programs see it that hold it open: each has its
//! own slave address, all share the bus behind it.
//!
//! The manners are those of the kernel's own i2c-dev (Documentation/i2c/dev-interface).

use std::collections::BTreeMap;
use std::time::Duration;

use embedded_hal::i2c::{I2c, Operation};

use super::Errno;
use super::protocol::{Call, Reply, Request, introduction, message};
use super::{ioctl, smbus};
use crate::sim::fault::SimError;
use crate::sim::i2c::SimI2c;

/// The most that one `read`, `write` or message may carry (i2c-dev).
pub(super) const LONGEST_MESSAGE: usize = 8192;

/// How long an adapter waits for a module, unless a program says otherwise
/// (drivers/i2c/i2c-core-base.c).
const PATIENCE: Duration = Duration::from_secs(1);

/// A simulated adapter's device.
pub struct Device {
    name: String,
    bus: SimI2c,
    open: BTreeMap<u64, OpenFile>,
    next_handle: u64,
    /// How often a transaction that lost the bus is tried again.
    retries: u32,
    /// For how long at most.
    patience: Duration,
}

/// What a program set on the file that it opened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OpenFile {
    /// The address that `read`, `write` and SMBus calls go to.
    pub address: u16,
    /// Whether that is one of ten bits. No module has such an address.
    pub ten_bit: bool,
}

impl OpenFile {
    /// The 7-bit address on the bus.
    ///
    /// # Errors
    /// Nobody has an address of ten bits.
    pub fn slave(self) -> Result<u8, Errno> {
        match u8::try_from(self.address) {
            Ok(address) if !self.ten_bit => Ok(address),
            _ => Err(Errno::NO_SUCH_ADDRESS),
        }
    }
}

impl Device {
    /// A device `/dev/NAME` before this bus.
    pub fn new(name: &str, bus: SimI2c) -> Self {
        let mut device = Self {
            name: name.to_owned(),
            bus,
            open: BTreeMap::new(),
            next_handle: 1,
            retries: 0,
            patience: PATIENCE,
        };
        device.set_patience(PATIENCE);
        device
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
                let address = self.file(*handle)?.slave()?;
                let length = usize::try_from(*length).unwrap_or(LONGEST_MESSAGE);
                let mut bytes = vec![0; length.min(LONGEST_MESSAGE)];
                self.transfer(address, &mut [Operation::Read(&mut bytes)])?;
                Reply::Bytes(bytes)
            }
            Call::Write { handle, bytes } => {
                let address = self.file(*handle)?.slave()?;
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
                    _ => ioctl::call(self, file, call)?,
                }
            }
            Call::Other(_) => return Err(Errno::NOT_IMPLEMENTED),
            Call::Malformed => return Err(Errno::IO),
        })
    }

    fn file(&self, handle: u64) -> Result<OpenFile, Errno> {
        self.open.get(&handle).copied().ok_or(Errno::IO)
    }

    /// Sets what a program wants of its open file.
    pub(super) fn set_file(&mut self, handle: u64, file: OpenFile) {
        self.open.insert(handle, file);
    }

    /// Sets how long the adapter waits for a module, for all that use it.
    pub(super) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
        self.bus.set_patience(patience);
    }

    /// Sets how often a transaction that lost the bus is tried again, for all
    /// that use the adapter.
    pub(super) fn set_retries(&mut self, retries: u32) {
        self.retries = retries;
    }

    /// One transaction on the bus, tried again if another master won it, as often and
    /// for as long as the programs want (drivers/i2c/i2c-core-base.c), but not for days:
    /// a kernel would, and only the program that wanted it would wait for that.
    pub(super) fn transfer(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Errno> {
        let mut left = self.retries;
        let began = self.bus.now();
        let patience = self.patience.min(PATIENCE);
        let is_over = |bus: &SimI2c| bus.now().saturating_sub(began) > patience;
        loop {
            match self.bus.transaction(address, operations) {
                Err(SimError::ArbitrationLost) if left > 0 && !is_over(&self.bus) => left -= 1,
                outcome => return outcome.map_err(Errno::from),
            }
        }
    }
}

#[cfg(test)]
mod tests;
