//! Simulated modules behind a kernel character device: `/dev/i2c-90` that
//! answers the ioctls of a real I2C adapter.
//!
//! CUSE (character device in user space) makes the node; every call that a
//! program makes on it arrives here as a message. From the kernel inwards:
//! [`server`] opens `/dev/cuse` and carries messages, [`protocol`] reads and
//! writes them, [`device`] is what happens to a file that a program holds open,
//! [`ioctl`] and [`smbus`] what it asks of the bus.

pub mod device;
pub mod ioctl;
pub mod protocol;
pub mod server;
pub mod smbus;

/// How a call fails, in the kernel's numbers (include/uapi/asm-generic/errno.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Errno {
    /// The message makes no sense.
    Io = 5,
    /// Nobody acknowledged the address.
    NoSuchAddress = 6,
    /// Another master won the bus.
    Again = 11,
    /// A length or place in the caller's memory changed under the call.
    Fault = 14,
    /// A value that is out of range.
    Invalid = 22,
    /// No ioctl of an I2C device.
    NotTty = 25,
    /// A kind of message that the protocol has and a device need not answer.
    NotImplemented = 38,
    /// An I2C operation that this adapter does not have.
    NotSupported = 95,
    /// The adapter gave up waiting.
    TimedOut = 110,
    /// A byte was not acknowledged.
    RemoteIo = 121,
}

impl From<super::fault::SimError> for Errno {
    /// As adapters in the kernel do (Documentation/i2c/fault-codes).
    fn from(error: super::fault::SimError) -> Self {
        use super::fault::SimError;
        match error {
            SimError::NoAnswer => Self::NoSuchAddress,
            SimError::Refused => Self::RemoteIo,
            SimError::ArbitrationLost => Self::Again,
            SimError::BusFault => Self::Io,
            SimError::TimedOut => Self::TimedOut,
        }
    }
}
