//! The `eeprom` file of a driver that owns the module: optoe, or a plain at24.
//!
//! The file shows the module's pages one behind the other, and the driver
//! selects them under a lock of its own; it sets the page back to 00h after each
//! read. We cannot verify the page, and need not write.
//!
//! Offsets: lower memory first; page p at 128 (p + 1), so that an absolute offset
//! of 128 and more is 128 p + offset. Where the driver knows banks, bank b of
//! pages from 10h on lies 256 pages further for each bank. Of an SFP, device A2
//! follows behind the 256 bytes of A0. Which of the two holds is told by
//! `dev_class` beside the file: 1 SFF-8636, 2 SFP, 3 CMIS.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::BusErrorKind;
use super::address::{Device, Half, Page};
use super::cost::AccessPath;
use super::driven::Driver;

/// Bytes of a half, and so of a page in the file.
const HALF: u64 = 128;
/// Pages from one bank to the next.
const BANK_PAGES: u64 = 256;
/// Bytes of device A0 of an SFP, in front of A2.
const DEVICE_A0: u64 = 256;
/// The `dev_class` of an SFP with two devices.
const TWO_DEVICES: &str = "2";

const EIO: i32 = 5;
const ENXIO: i32 = 6;
const EAGAIN: i32 = 11;
const ENODEV: i32 = 19;
const EINVAL: i32 = 22;
const ETIMEDOUT: i32 = 110;
const EREMOTEIO: i32 = 121;

/// A module behind an `eeprom` file.
#[derive(Debug)]
pub struct Optoe {
    file: File,
    /// What the driver takes the module for, if it is one that tells.
    class_file: PathBuf,
}

impl Optoe {
    /// Opens a file such as `/sys/bus/i2c/devices/34-0050/eeprom`, for reading.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: File::open(path)?,
            class_file: path.with_file_name("dev_class"),
        })
    }

    /// Whether the driver lays the file out as for this device and page. It is
    /// asked each time: another program may set the class at any time.
    fn check_layout(&self, half: Half) -> Result<(), BusErrorKind> {
        let Ok(class) = fs::read_to_string(&self.class_file) else {
            return Ok(());
        };
        let two_devices = class.trim() == TWO_DEVICES;
        let wanted = match (half.device(), half.upper()) {
            (Device::A2, _) if !two_devices => "2 (SFP)",
            (Device::A0, Some((page, _))) if two_devices && page.0 != 0 => {
                "1 (SFF-8636) or 3 (CMIS)"
            }
            _ => return Ok(()),
        };
        Err(BusErrorKind::Other(format!(
            "the driver takes the module for class {}; write {wanted} into {}",
            class.trim(),
            self.class_file.display()
        )))
    }
}

impl Driver for Optoe {
    fn read(&mut self, half: Half, first: u8, buffer: &mut [u8]) -> Result<(), BusErrorKind> {
        self.check_layout(half)?;
        let mut place = linear(half, first);
        let mut rest = buffer;
        while !rest.is_empty() {
            let count = self.file.read_at(rest, place).map_err(kind)?;
            if count == 0 {
                // The file of a flat module ends behind page 00h.
                return Err(BusErrorKind::NoSuchPage);
            }
            let length = count.min(rest.len());
            rest = rest.get_mut(length..).unwrap_or_default();
            place += u64::try_from(length).unwrap_or_default();
        }
        Ok(())
    }

    fn path(&self) -> AccessPath {
        AccessPath::Optoe
    }
}

/// Where a byte stands in the file.
fn linear(half: Half, offset: u8) -> u64 {
    let device = match half.device() {
        Device::A0 => 0,
        Device::A2 => DEVICE_A0,
    };
    let page = half.upper().map_or(0, |(Page(page), bank)| {
        u64::from(bank.number()) * BANK_PAGES + u64::from(page)
    });
    device + page * HALF + u64::from(offset)
}

/// What the driver said.
fn kind(error: io::Error) -> BusErrorKind {
    match error.raw_os_error() {
        // Drivers do not tell a refused address from a refused byte.
        Some(ENXIO | ENODEV | EREMOTEIO) => BusErrorKind::NoAnswer,
        Some(EAGAIN) => BusErrorKind::ArbitrationLost,
        Some(EIO) => BusErrorKind::BusFault,
        Some(ETIMEDOUT) => BusErrorKind::TimedOut,
        // Beyond what the driver serves of this module.
        Some(EINVAL) => BusErrorKind::NoSuchPage,
        _ => BusErrorKind::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::address::Bank;
    use crate::bus::driven::Driven;
    use crate::bus::image::Image;
    use crate::bus::meter::Meter;
    use crate::bus::paging::Paged;
    use crate::clock::ManualClock;
    use crate::module::Snapshot;
    use crate::module::sweep::Session;
    use crate::sim::builders;
    use crate::sim::cage::Cage;
    use crate::sim::module::SimModule;
    use crate::sim::wire::BusRate;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn offsets_are_those_of_the_driver() {
        let at = |page: u8, offset| linear(Half::page(page), offset);
        assert_eq!(linear(Half::LOWER, 17), 17);
        assert_eq!(at(0x00, 128), 128);
        assert_eq!(at(0x01, 128), 256);
        assert_eq!(at(0x02, 176), 432);
        assert_eq!(at(0x11, 154), 2330);
        assert_eq!(at(0x2F, 144), 6160);
        let bank_1 = Half::banked(0x11, Bank::new(1).unwrap()).unwrap();
        assert_eq!(linear(bank_1, 154), 35_098);
        assert_eq!(linear(Half::lower(Device::A2), 96), 352);
        assert_eq!(linear(Half::page_of(Device::A2, 0), 128), 384);
        assert_eq!(linear(Half::page_of(Device::A2, 2), 128), 640);
    }

    #[test]
    fn each_errno_has_its_kind() {
        let of = |errno| kind(io::Error::from_raw_os_error(errno));
        assert_eq!(of(ENXIO), BusErrorKind::NoAnswer);
        assert_eq!(of(EREMOTEIO), BusErrorKind::NoAnswer);
        assert_eq!(of(EIO), BusErrorKind::BusFault);
        assert_eq!(of(ETIMEDOUT), BusErrorKind::TimedOut);
        assert!(matches!(of(13), BusErrorKind::Other(_)));
    }

    /// A folder with the file that the driver would show for an image.
    fn folder(image: &Image, class: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = Vec::new();
        for (half, sheet) in image.halves() {
            let place = usize::try_from(linear(half, half.base())).unwrap();
            bytes.resize(bytes.len().max(place + 128), 0);
            bytes[place..place + 128].copy_from_slice(sheet.slice(half.base(), 128));
        }
        fs::write(folder.path().join("eeprom"), bytes).unwrap();
        fs::write(folder.path().join("dev_class"), format!("{class}\n")).unwrap();
        folder
    }

    /// What was learnt of a module, without the time that it took and without the
    /// bytes: which ones are read on the way depends on the path.
    fn still(mut snapshot: Snapshot) -> Snapshot {
        (snapshot.started, snapshot.finished) = (Duration::ZERO, Duration::ZERO);
        snapshot.image = Arc::default();
        snapshot
    }

    fn over_file(folder: &Path) -> Snapshot {
        let optoe = Optoe::open(&folder.join("eeprom")).unwrap();
        let clock = ManualClock::new();
        let mut module = Driven::new(optoe, clock.clone(), Arc::new(Meter::default()));
        still(Session::new().sweep(&mut module, &clock).unwrap().snapshot)
    }

    fn over_i2c(image: &Image) -> Snapshot {
        let clock = ManualClock::new();
        let cage = Cage::new(Arc::new(clock.clone()));
        cage.insert(SimModule::from_image(image));
        clock.advance(Duration::from_secs(30));
        let bus = cage.i2c(BusRate::default());
        let mut module = Paged::new(bus, clock.clone(), Arc::new(Meter::default()));
        still(Session::new().sweep(&mut module, &clock).unwrap().snapshot)
    }

    #[test]
    fn every_module_reads_the_same_as_over_i2c() {
        for name in builders::NAMES {
            let image = builders::by_name(name).unwrap().registers().image().clone();
            let class = match *name {
                "sfp28" => "2",
                "qsfp28" => "1",
                _ => "3",
            };
            let folder = folder(&image, class);
            assert_eq!(over_file(folder.path()), over_i2c(&image), "{name}");
        }
    }

    #[test]
    fn a_class_that_does_not_fit_says_what_to_write_where() {
        let image = builders::by_name("sfp28").unwrap();
        let wrong = folder(image.registers().image(), "1");
        let mut optoe = Optoe::open(&wrong.path().join("eeprom")).unwrap();
        let told = optoe.read(Half::lower(Device::A2), 0, &mut [0; 8]);
        let told = told.unwrap_err().to_string();
        assert!(told.contains("write 2 (SFP) into "), "{told}");
        assert!(told.ends_with("dev_class"), "{told}");
        fs::write(wrong.path().join("dev_class"), "2\n").unwrap();
        let told = optoe.read(Half::page(1), 128, &mut [0; 8]);
        assert!(told.unwrap_err().to_string().contains("3 (CMIS)"));
        fs::remove_file(wrong.path().join("dev_class")).unwrap();
        assert!(optoe.read(Half::page(1), 128, &mut [0; 8]).is_ok());
    }

    #[test]
    fn the_end_of_the_file_is_the_end_of_the_module() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("eeprom");
        fs::write(&path, [0x18; 300]).unwrap();
        let mut optoe = Optoe::open(&path).unwrap();
        assert!(optoe.read(Half::page(0), 128, &mut [0; 128]).is_ok());
        let beyond = optoe.read(Half::page(1), 128, &mut [0; 128]);
        assert_eq!(beyond, Err(BusErrorKind::NoSuchPage));
    }
}
