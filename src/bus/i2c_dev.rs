//! The kernel's I2C device, `/dev/i2c-N`, with the kernel's own words for what
//! went wrong.
//!
//! The device is bound to the module's address first (`I2C_SLAVE`), so an
//! address that a kernel driver owns is refused as busy and left alone. What the
//! adapter can do is asked once (`I2C_FUNCS`): plain I2C is used as it is, one
//! that refuses long transactions gets them in pieces, and one that can do SMBus
//! only is read in blocks or words (Documentation/i2c/functionality).

use std::fmt;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, Operation};
use i2cdev::core::I2CDevice;
use i2cdev::linux::{LinuxI2CDevice, LinuxI2CError};
use linux_embedded_hal::{I2CError, I2cdev};

use super::cost::SharedPath;
use super::meter::{Meter, Metered};
use super::paging::Paged;
use super::pairs::InPairs;
use super::smbus::{Smbus, SmbusPort, Width};
use super::{BusErrorKind, Memory};
use crate::clock::Clock;

// Linux errno values, as i2c adapters use them (Documentation/i2c/fault-codes).
const EINTR: i32 = 4;
const EIO: i32 = 5;
const ENXIO: i32 = 6;
const EAGAIN: i32 = 11;
const EBUSY: i32 = 16;
const ENODEV: i32 = 19;
const EBADMSG: i32 = 74;
const EPROTO: i32 = 71;
const ETIMEDOUT: i32 = 110;
const EREMOTEIO: i32 = 121;
/// The adapter cannot do such a transaction: too many messages, or too long.
const EOPNOTSUPP: i32 = 95;

/// The unit of the kernel's timeout.
const TIMEOUT_UNIT: Duration = Duration::from_millis(10);

/// How a device is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// How long a transfer may take, in steps of 10 ms; at least one. It holds for
    /// the adapter, whoever uses it.
    pub timeout: Duration,
    /// How often the kernel repeats a transfer that lost the bus to another master.
    pub retries: u16,
    /// See [`Paged::leaving_page_zero`].
    pub leave_page_zero: bool,
    /// See [`Paged::seeded`].
    pub seed: u64,
}

/// A timeout of ten times what the longest transfer takes at 100 kHz, and much
/// less than the second that most adapters wait.
impl Default for Manner {
    fn default() -> Self {
        Self {
            timeout: Duration::from_millis(200),
            retries: 1,
            leave_page_zero: false,
            seed: 0,
        }
    }
}

/// The calls of linux/i2c-dev.h that no crate offers. Their numbers are bare:
/// they were given out before numbers told direction and size.
mod calls {
    use std::ffi::c_ulong;

    nix::ioctl_write_int_bad!(set_retries, 0x0701);
    nix::ioctl_write_int_bad!(set_timeout, 0x0702);
    nix::ioctl_read_bad!(functionality, 0x0705, c_ulong);
}

/// What an adapter can do (`I2C_FUNCS`, linux/i2c.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Functionality(u64);

impl Functionality {
    const I2C: u64 = 1;
    const READ_BYTE: u64 = 0x0008_0000;
    const WRITE_BYTE: u64 = 0x0010_0000;
    const READ_WORD: u64 = 0x0020_0000;
    const READ_BLOCK: u64 = 0x0400_0000;

    /// Whether it does plain I2C, with combined transactions.
    pub fn is_plain(self) -> bool {
        self.0 & Self::I2C != 0
    }

    /// The widest SMBus read that it does; `None` if it cannot read a 16-bit
    /// value in one transfer, or cannot select a page.
    pub fn width(self) -> Option<Width> {
        let has = |functions| self.0 & functions == functions;
        if has(Self::READ_BLOCK | Self::WRITE_BYTE) {
            Some(Width::Block)
        } else if has(Self::READ_WORD | Self::READ_BYTE | Self::WRITE_BYTE) {
            Some(Width::Word)
        } else {
            None
        }
    }

    /// Asks the adapter behind an open I2C device. One that does not answer is
    /// taken for plain I2C: what it cannot do, it will say.
    fn of(device: RawFd) -> Self {
        let mut functions = 0;
        // SAFETY: the device is open as long as its owner lends it to us, and the
        // call writes one unsigned long, which is what it gets.
        match unsafe { calls::functionality(device, &raw mut functions) } {
            #[allow(
                clippy::useless_conversion,
                reason = "an unsigned long has 32 bits on some machines"
            )]
            Ok(_) => Self(u64::from(functions)),
            Err(_) => Self(Self::I2C),
        }
    }
}

/// What the adapter behind a device says that it can do. Its driver is asked; nothing
/// happens on the bus.
///
/// # Errors
/// If the device cannot be opened.
pub fn functionality(path: &Path) -> io::Result<Functionality> {
    let device = std::fs::File::options().read(true).write(true).open(path)?;
    Ok(Functionality::of(device.as_raw_fd()))
}

/// Sets for how long the adapter waits and how often it tries. An adapter that
/// does not take it keeps its own patience, which is no reason not to use it.
fn set_patience(device: RawFd, manner: Manner) {
    let units = manner.timeout.as_nanos() / TIMEOUT_UNIT.as_nanos();
    let timeout = i32::try_from(units).unwrap_or(i32::MAX).max(1);
    // SAFETY: the device is open as long as its owner lends it to us, and both
    // calls take a number and touch no memory.
    unsafe {
        let _ = calls::set_timeout(device, timeout);
        let _ = calls::set_retries(device, manner.retries.into());
    }
}

/// Opens the module behind a device such as `/dev/i2c-3` in the way that its
/// adapter allows, and uses it as `manner` says; waits on `clock`, and counts in
/// `meter`.
///
/// # Errors
/// What the operating system said, or that the adapter can do too little.
pub fn open<C: Clock + Clone + 'static>(
    path: &Path,
    manner: Manner,
    clock: &C,
    meter: &Arc<Meter>,
) -> Result<Box<dyn Memory>, KernelError> {
    let bus = KernelBus::open(path, manner)?;
    let able = bus.functionality();
    if able.is_plain() {
        let metered = Metered::new(bus, clock.clone(), Arc::clone(meter));
        let bus = InPairs::new(metered, KernelError::is_refusal);
        let path = bus.path();
        return Ok(paged(bus, path, manner, clock, meter));
    }
    let Some(width) = able.width() else {
        return Err(KernelError::unable());
    };
    let smbus = Smbus::new(KernelPort::new(path, manner), width, clock.clone());
    let metered = Metered::new(smbus, clock.clone(), Arc::clone(meter));
    let bus = InPairs::always(metered);
    let path = SharedPath::new(width.path());
    Ok(paged(bus, path, manner, clock, meter))
}

/// The module on a bus, which puts transactions on the wire in the way of `path`.
fn paged<I: I2c + Send + 'static, C: Clock + Clone + 'static>(
    bus: I,
    path: SharedPath,
    manner: Manner,
    clock: &C,
    meter: &Arc<Meter>,
) -> Box<dyn Memory>
where
    BusErrorKind: From<I::Error>,
{
    let paged = Paged::new(bus, clock.clone(), Arc::clone(meter));
    Box::new(
        paged
            .over(path)
            .seeded(manner.seed)
            .leaving_page_zero(manner.leave_page_zero),
    )
}

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
    pub fn open(path: &Path, manner: Manner) -> Result<Self, KernelError> {
        let device = I2cdev::new(path).map_err(|error| KernelError(error.into()))?;
        set_patience(device.as_raw_fd(), manner);
        Ok(Self { device })
    }

    /// What its adapter can do.
    pub fn functionality(&self) -> Functionality {
        Functionality::of(self.device.as_raw_fd())
    }
}

/// One kernel I2C device by way of SMBus transfers, opened for each address.
struct KernelPort {
    path: PathBuf,
    manner: Manner,
    device: Option<(u8, LinuxI2CDevice)>,
}

impl KernelPort {
    fn new(path: &Path, manner: Manner) -> Self {
        Self {
            path: path.to_owned(),
            manner,
            device: None,
        }
    }

    /// One transfer with the device at an address.
    fn with<T>(
        &mut self,
        address: u8,
        transfer: impl FnOnce(&mut LinuxI2CDevice) -> Result<T, LinuxI2CError>,
    ) -> Result<T, BusErrorKind> {
        let told = |error: LinuxI2CError| BusErrorKind::from(KernelError(error.into()));
        let device = match self.device.take() {
            Some((at, device)) if at == address => device,
            _ => {
                let device = LinuxI2CDevice::new(&self.path, u16::from(address)).map_err(told)?;
                set_patience(device.as_raw_fd(), self.manner);
                device
            }
        };
        let (_, device) = self.device.insert((address, device));
        transfer(device).map_err(told)
    }
}

impl SmbusPort for KernelPort {
    fn write_byte(&mut self, address: u8, register: u8, value: u8) -> Result<(), BusErrorKind> {
        self.with(address, |d| d.smbus_write_byte_data(register, value))
    }

    fn read_byte(&mut self, address: u8, register: u8) -> Result<u8, BusErrorKind> {
        self.with(address, |d| d.smbus_read_byte_data(register))
    }

    fn read_word(&mut self, address: u8, register: u8) -> Result<[u8; 2], BusErrorKind> {
        // The kernel puts the first byte low (SMBus 3.1 section 6.5.5).
        self.with(address, |d| d.smbus_read_word_data(register))
            .map(u16::to_le_bytes)
    }

    fn read_block(
        &mut self,
        address: u8,
        register: u8,
        buffer: &mut [u8],
    ) -> Result<(), BusErrorKind> {
        let length = u8::try_from(buffer.len()).unwrap_or(u8::MAX);
        let block = self.with(address, |d| d.smbus_read_i2c_block_data(register, length))?;
        if block.len() != buffer.len() {
            return Err(BusErrorKind::BusFault);
        }
        buffer.copy_from_slice(&block);
        Ok(())
    }
}

/// What the kernel said of a transfer.
#[derive(Debug)]
pub struct KernelError(I2CError);

impl KernelError {
    /// Whether the adapter refuses transactions of this shape.
    pub fn is_refusal(&self) -> bool {
        self.errno() == Some(EOPNOTSUPP)
    }

    /// The adapter can do neither plain I2C nor enough of SMBus.
    fn unable() -> Self {
        let said = "the adapter can do neither I2C nor SMBus reads of two bytes and more; \
            values of 16 bits would be torn. Read the module through a kernel driver (optoe)";
        let error = io::Error::new(io::ErrorKind::Unsupported, said);
        Self(LinuxI2CError::Io(error).into())
    }

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
            // A signal came, a checksum was wrong, an answer made no sense: no more
            // of a device's fault than a glitch on the wires.
            Some(EIO | EINTR | EBADMSG | EPROTO) => Self::BusFault,
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
        for glitch in [EIO, EINTR, EBADMSG, EPROTO] {
            assert_eq!(kind(glitch), BusErrorKind::BusFault);
            assert!(kind(glitch).is_transient());
        }
        assert!(kind(ETIMEDOUT).is_transient());
        let busy = kind(EBUSY);
        assert!(!busy.is_transient());
        assert!(busy.to_string().contains("kernel driver"));
    }

    #[test]
    fn an_adapter_is_used_as_far_as_it_goes() {
        let able = |functions| {
            let able = Functionality(functions);
            (able.is_plain(), able.width())
        };
        // A full adapter, the i2c-stub module, and SMBus hosts without I2C blocks.
        assert_eq!(able(0x0EFF_0009), (true, Some(Width::Block)));
        assert_eq!(able(0x0CFF_0000), (false, Some(Width::Block)));
        assert_eq!(able(0x007F_0000), (false, Some(Width::Word)));
        assert_eq!(able(0x001E_0000), (false, None));
        assert_eq!(able(0), (false, None));
        assert!(KernelError::unable().to_string().contains("optoe"));
    }

    #[test]
    fn only_an_unsupported_transaction_is_a_refusal() {
        let refused = |errno| KernelError(I2CError::from(LinuxI2CError::Errno(errno))).is_refusal();
        assert!(refused(EOPNOTSUPP));
        assert!(!refused(EREMOTEIO) && !refused(EIO));
    }

    #[test]
    fn a_file_that_is_no_i2c_device_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let meter = Arc::new(Meter::default());
        let clock = crate::clock::ManualClock::new();
        // ENOTTY: it does not know the calls.
        let error = open(file.path(), Manner::default(), &clock, &meter);
        let error = error.err().unwrap();
        assert_eq!(error.errno(), Some(25));
        assert_eq!(Functionality::of(file.as_raw_fd()), Functionality(1));
        set_patience(file.as_raw_fd(), Manner::default());
    }

    #[test]
    fn a_device_that_is_not_there_says_so() {
        let error = KernelBus::open(Path::new("/nonexistent/i2c-9"), Manner::default())
            .err()
            .unwrap();
        assert_eq!(error.errno(), Some(2));
    }
}
