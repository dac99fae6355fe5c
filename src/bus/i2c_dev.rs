//! The kernel's I2C device, `/dev/i2c-N`, with the kernel's own words for what
//! went wrong.
//!
//! The device is bound to the module's address first (`I2C_SLAVE`), so an
//! address that a kernel driver owns is refused as busy and left alone.

use std::fmt;
use std::path::Path;

use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, Operation};
use i2cdev::linux::LinuxI2CError;
use linux_embedded_hal::{I2CError, I2cdev};

use super::BusErrorKind;

// Linux errno values, as i2c adapters use them (Documentation/i2c/fault-codes).
const EIO: i32 = 5;
const ENXIO: i32 = 6;
const EAGAIN: i32 = 11;
const EBUSY: i32 = 16;
const ENODEV: i32 = 19;
const ETIMEDOUT: i32 = 110;
const EREMOTEIO: i32 = 121;

/// One kernel I2C device.
pub struct KernelBus {
    device: I2cdev,
}

impl KernelBus {
    /// Opens a device such as `/dev/i2c-3`.
    ///
    /// # Errors
    /// What the operating system said: no such file, no permission, not an I2C
    /// device.
    pub fn open(path: &Path) -> Result<Self, KernelError> {
        let device = I2cdev::new(path).map_err(|error| KernelError(error.into()))?;
        Ok(Self { device })
    }
}

/// What the kernel said of a transfer.
#[derive(Debug)]
pub struct KernelError(I2CError);

impl KernelError {
    /// The error number, if the kernel gave one.
    pub fn errno(&self) -> Option<i32> {
        match self.0.inner() {
            LinuxI2CError::Errno(number) => Some(*number),
            LinuxI2CError::Io(error) => error.raw_os_error(),
        }
    }
}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errno() {
            Some(EBUSY) => f.write_str(
                "the address is in use by a kernel driver (EBUSY); unbind it or read its sysfs file",
            ),
            Some(number) => std::io::Error::from_raw_os_error(number).fmt(f),
            None => self.0.fmt(f),
        }
    }
}

impl std::error::Error for KernelError {}

impl embedded_hal::i2c::Error for KernelError {
    fn kind(&self) -> ErrorKind {
        self.0.kind()
    }
}

impl From<KernelError> for BusErrorKind {
    fn from(error: KernelError) -> Self {
        match error.errno() {
            Some(ENXIO | ENODEV) => Self::NoAnswer,
            // Many adapters do not tell a refused address from a refused byte.
            Some(EREMOTEIO) => Self::NoAnswer,
            Some(EAGAIN) => Self::ArbitrationLost,
            Some(EIO) => Self::BusFault,
            Some(ETIMEDOUT) => Self::TimedOut,
            _ => Self::Other(error.to_string()),
        }
    }
}

impl ErrorType for KernelBus {
    type Error = KernelError;
}

impl I2c for KernelBus {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        I2c::<u8>::transaction(&mut self.device, address, operations).map_err(KernelError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(errno: i32) -> BusErrorKind {
        KernelError(I2CError::from(LinuxI2CError::Errno(errno))).into()
    }

    #[test]
    fn each_errno_has_its_kind_and_knows_whether_a_retry_helps() {
        assert_eq!(kind(ENXIO), BusErrorKind::NoAnswer);
        assert_eq!(kind(EREMOTEIO), BusErrorKind::NoAnswer);
        assert_eq!(kind(EAGAIN), BusErrorKind::ArbitrationLost);
        assert_eq!(kind(ETIMEDOUT), BusErrorKind::TimedOut);
        assert!(kind(ETIMEDOUT).is_transient());
        let busy = kind(EBUSY);
        assert!(!busy.is_transient());
        assert!(busy.to_string().contains("kernel driver"));
    }

    #[test]
    fn a_device_that_is_not_there_says_so() {
        let error = KernelBus::open(Path::new("/nonexistent/i2c-9"))
            .err()
            .unwrap();
        assert_eq!(error.errno(), Some(2));
    }
}
