//! Simulated modules behind a kernel character device: `/dev/i2c-90` that
//! answers the ioctls of a real I2C adapter.
//!
//! CUSE (character device in user space) makes the node; every call that a
//! program makes on it arrives here as a message. From the kernel inwards:
//! [`server`] opens `/dev/cuse` and carries messages, [`protocol`] reads and
//! writes them, [`device`] is what happens to a file that a program holds open,
//! [`ioctl`] and [`smbus`] what it asks of the bus. [`rack`] keeps the devices of
//! several adapters, which come and go.

pub mod device;
pub mod ioctl;
pub mod protocol;
pub mod rack;
pub mod server;
pub mod smbus;

/// How a call fails, in the kernel's numbers (include/uapi/asm-generic/errno.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub u8);

impl Errno {
    /// EIO: the message makes no sense.
    pub const IO: Self = Self(5);
    /// ENXIO: nobody acknowledged the address.
    pub const NO_SUCH_ADDRESS: Self = Self(6);
    /// EAGAIN: another master won the bus.
    pub const AGAIN: Self = Self(11);
    /// EFAULT: a length or place in the caller's memory changed under the call.
    pub const FAULT: Self = Self(14);
    /// EINVAL: a value that is out of range.
    pub const INVALID: Self = Self(22);
    /// ENOTTY: no ioctl of an I2C device.
    pub const NOT_TTY: Self = Self(25);
    /// ENOSYS: a kind of message that the protocol has and a device need not
    /// answer.
    pub const NOT_IMPLEMENTED: Self = Self(38);
    /// EPROTO: the slave told a length that no block has.
    pub const PROTOCOL: Self = Self(71);
    /// EOPNOTSUPP: an I2C operation that this adapter does not have.
    pub const NOT_SUPPORTED: Self = Self(95);
    /// ETIMEDOUT: the adapter gave up waiting.
    pub const TIMED_OUT: Self = Self(110);
    /// EREMOTEIO: a byte was not acknowledged.
    pub const REMOTE_IO: Self = Self(121);
}

impl From<super::fault::SimError> for Errno {
    /// As adapters in the kernel do (Documentation/i2c/fault-codes).
    fn from(error: super::fault::SimError) -> Self {
        use super::fault::SimError;
        match error {
            SimError::NoAnswer => Self::NO_SUCH_ADDRESS,
            SimError::Refused => Self::REMOTE_IO,
            SimError::ArbitrationLost => Self::AGAIN,
            SimError::BusFault => Self::IO,
            SimError::TimedOut => Self::TIMED_OUT,
            SimError::Errno(number) => Self(number),
        }
    }
}
