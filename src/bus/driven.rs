//! Modules whose pages a driver selects: what sysfs files and ethtool share.
//!
//! A driver or NIC firmware is asked for bytes of a page and selects the page
//! itself. Whether it did cannot be verified: the select bytes that it shows are
//! those it left behind. One mistake shows all the same: a page that repeats page
//! 00h byte for byte is one that the module does not have (it falls back to page
//! 00h, CMIS 5.4 section 8.2.15), or that the firmware does not select.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::address::{Device, Half, Span};
use super::cost::{AccessPath, Reach};
use super::meter::Meter;
use super::pieces::chunks;
use super::read_plan::{self, Visit};
use super::sheet::Sheet;
use super::wait::{self, Work};
use super::{Addressing, BusError, BusErrorKind, Memory, Part};
use crate::clock::Clock;

/// The longest read that a half allows.
const LONG_READ: u8 = 128;
/// The longest read that CMIS promises of every module (5.4 section 5.2.2.3).
const SHORT_READ: u8 = 8;
/// How often a visit is tried: drivers try several times on their own.
const MOST_ATTEMPTS: u32 = 2;
/// The wait between: tWRITE, the longest hold-off of an access (CMIS 5.4 Table
/// 10-5).
const PAUSE: Duration = Duration::from_millis(10);
/// How many bytes must repeat page 00h, and how many different ones among them,
/// before it is no accident.
const ECHO_LENGTH: usize = 16;
const ECHO_VARIETY: usize = 6;

/// A driver that reads a module, page select included.
pub trait Driver: Send {
    /// Fills the buffer with the bytes of a half from the absolute offset `first`
    /// on; they end inside the half.
    ///
    /// # Errors
    /// What went wrong; a page or device that is not there is
    /// [`BusErrorKind::NoSuchPage`] or [`BusErrorKind::NoAnswer`].
    fn read(&mut self, half: Half, first: u8, buffer: &mut [u8]) -> Result<(), BusErrorKind>;

    /// What it does on the wire for a read.
    fn path(&self) -> AccessPath;
}

/// One module behind a driver.
pub struct Driven<D, C> {
    driver: D,
    clock: C,
    meter: Arc<Meter>,
    addressing: Addressing,
    /// Longest read that this module serves right.
    longest_read: u8,
    /// Page 00h as it was read last.
    first_page: Sheet,
}

impl<D: Driver, C: Clock> Driven<D, C> {
    /// The module behind `driver`; waits on `clock`, counts in `meter`.
    pub fn new(driver: D, clock: C, meter: Arc<Meter>) -> Self {
        Self {
            driver,
            clock,
            meter,
            addressing: Addressing::Flat,
            longest_read: LONG_READ,
            first_page: Sheet::unknown(),
        }
    }

    /// One try of a visit.
    fn attempt(
        &mut self,
        half: Half,
        parts: &[Part],
        sheet: &mut Sheet,
    ) -> Result<(), BusErrorKind> {
        let page = half.upper().map(|(page, _)| page.0);
        let is_first = matches!(page, Some(0)) && half.device() == Device::A0;
        if self.addressing == Addressing::Flat && page.is_some_and(|page| page != 0) {
            return Err(BusErrorKind::NoSuchPage);
        }
        let longest = self.longest_read;
        for chunk in parts.iter().flat_map(|part| chunks(*part, longest)) {
            let mut buffer = vec![0; usize::from(chunk.length)];
            self.counted(|driver| driver.read(half, chunk.first, &mut buffer), chunk)?;
            sheet.put(chunk.first, &buffer);
        }
        if is_first {
            self.first_page.merge(sheet, parts);
        } else if page.is_some() && self.is_echo(parts, sheet) {
            return Err(BusErrorKind::NoSuchPage);
        }
        Ok(())
    }

    /// One visit, tried as often as that may help. Others go first.
    async fn visit_patiently(
        &mut self,
        half: Half,
        parts: &[Part],
        sheet: &mut Sheet,
    ) -> Result<(), BusError> {
        wait::give_way().await;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut fresh = Sheet::unknown();
            let kind = match self.attempt(half, parts, &mut fresh) {
                Ok(()) => {
                    sheet.merge(&fresh, parts);
                    return Ok(());
                }
                Err(kind) => kind,
            };
            if !kind.is_transient() || attempts >= MOST_ATTEMPTS {
                if kind != BusErrorKind::NoSuchPage {
                    self.meter.count_error(&kind);
                }
                return Err(BusError {
                    kind,
                    half,
                    attempts,
                });
            }
            wait::pause(&self.clock, PAUSE).await;
        }
    }

    /// One read of the driver, counted like a transaction of a bus.
    fn counted(
        &mut self,
        read: impl FnOnce(&mut D) -> Result<(), BusErrorKind>,
        chunk: Part,
    ) -> Result<(), BusErrorKind> {
        let started = self.clock.now();
        let outcome = read(&mut self.driver);
        let spent = self.clock.now().saturating_sub(started).as_nanos();
        let meter = &self.meter;
        meter.reads.fetch_add(1, Ordering::Relaxed);
        meter
            .bytes
            .fetch_add(u64::from(chunk.length), Ordering::Relaxed);
        meter
            .busy_nanoseconds
            .fetch_add(u64::try_from(spent).unwrap_or(u64::MAX), Ordering::Relaxed);
        outcome
    }

    /// Whether parts of an upper page are those of page 00h once more.
    fn is_echo(&self, parts: &[Part], sheet: &Sheet) -> bool {
        let known = parts
            .iter()
            .all(|part| self.first_page.knows(part.first, part.length));
        let bytes = |of: &Sheet| -> Vec<u8> {
            let runs = parts.iter().map(|p| of.slice(p.first, p.length));
            runs.flatten().copied().collect()
        };
        let seen = bytes(sheet);
        let mut different = seen.clone();
        different.sort_unstable();
        different.dedup();
        known
            && seen.len() >= ECHO_LENGTH
            && different.len() >= ECHO_VARIETY
            && seen == bytes(&self.first_page)
    }
}

impl<D: Driver, C: Clock> Memory for Driven<D, C> {
    fn visit_in_steps<'a>(
        &'a mut self,
        half: Half,
        parts: &'a [Part],
        sheet: &'a mut Sheet,
    ) -> Work<'a, Result<(), BusError>> {
        Box::pin(self.visit_patiently(half, parts, sheet))
    }

    fn plan(&mut self, spans: &[Span], spared: &[Span]) -> Vec<Visit> {
        let reach = Reach {
            path: self.driver.path(),
            addressing: self.addressing,
            longest_read: self.longest_read,
        };
        read_plan::visits(spans, spared, &reach)
    }

    fn set_addressing(&mut self, addressing: Addressing) {
        self.addressing = addressing;
        self.first_page = Sheet::unknown();
    }

    fn probe_read_size(&mut self, half: Half) -> Work<'_, Result<bool, BusError>> {
        Box::pin(async move {
            let whole = [Part {
                first: half.base(),
                length: LONG_READ,
            }];
            let (mut long, mut short) = (Sheet::unknown(), Sheet::unknown());
            self.longest_read = LONG_READ;
            let long_read = self.visit_patiently(half, &whole, &mut long).await;
            self.longest_read = SHORT_READ;
            self.visit_patiently(half, &whole, &mut short).await?;
            let trusted = long_read.is_ok() && long == short;
            if trusted {
                self.longest_read = LONG_READ;
            }
            Ok(trusted)
        })
    }

    fn sees_swaps(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::image::Image;
    use crate::clock::ManualClock;
    use crate::module::sweep::Session;
    use crate::sim::builders;

    /// A driver that serves an image, with the vices that firmware has.
    struct Firmware {
        image: Image,
        ignores_page: bool,
        garbles_beyond: usize,
        fails: u32,
    }

    impl Driver for Firmware {
        fn read(&mut self, half: Half, first: u8, buffer: &mut [u8]) -> Result<(), BusErrorKind> {
            if self.fails > 0 {
                self.fails -= 1;
                return Err(BusErrorKind::TimedOut);
            }
            let half = match half.upper() {
                Some(_) if self.ignores_page => Half::page(0),
                _ => half,
            };
            let sheet = self.image.sheet(half).ok_or(BusErrorKind::NoSuchPage)?;
            let length = u8::try_from(buffer.len()).unwrap();
            buffer.copy_from_slice(sheet.slice(first, length));
            if buffer.len() > self.garbles_beyond {
                buffer[self.garbles_beyond..].fill(0xFF);
            }
            Ok(())
        }

        fn path(&self) -> AccessPath {
            AccessPath::Ethtool
        }
    }

    fn driven(change: impl FnOnce(&mut Firmware)) -> (Driven<Firmware, ManualClock>, Arc<Meter>) {
        let mut firmware = Firmware {
            image: builders::by_name("dsp-800g")
                .unwrap()
                .registers()
                .image()
                .clone(),
            ignores_page: false,
            garbles_beyond: 128,
            fails: 0,
        };
        change(&mut firmware);
        let meter = Arc::new(Meter::default());
        let clock = ManualClock::new();
        (Driven::new(firmware, clock, Arc::clone(&meter)), meter)
    }

    #[test]
    fn firmware_that_shows_page_00_for_every_page_is_not_believed() {
        let (mut module, _) = driven(|firmware| firmware.ignores_page = true);
        let sweep = Session::new().sweep(&mut module, &ManualClock::new());
        let snapshot = sweep.unwrap().snapshot;
        assert!(!snapshot.failures.is_empty());
        assert!(
            snapshot
                .failures
                .iter()
                .all(|failure| failure.error.kind == BusErrorKind::NoSuchPage),
            "{:?}",
            snapshot.failures
        );
    }

    #[test]
    fn a_swap_shows_by_the_serial_number() {
        let (mut module, _) = driven(|_| ());
        let clock = ManualClock::new();
        let mut session = Session::new();
        assert!(session.sweep(&mut module, &clock).unwrap().inserted);
        assert!(!session.sweep(&mut module, &clock).unwrap().inserted);
        let page = module.driver.image.sheet_mut(Half::page(0));
        page.put(166, b"ANOTHER-SERIAL-1");
        assert!(session.sweep(&mut module, &clock).unwrap().inserted);
    }

    #[test]
    fn a_module_that_garbles_long_reads_is_read_short() {
        let (mut module, _) = driven(|firmware| firmware.garbles_beyond = 64);
        assert!(!wait::complete(module.probe_read_size(Half::page(0))).unwrap());
        let (mut module, meter) = driven(|_| ());
        assert!(wait::complete(module.probe_read_size(Half::page(0))).unwrap());
        assert_eq!(meter.reads.load(Ordering::Relaxed), 17);
        assert_eq!(meter.bytes.load(Ordering::Relaxed), 256);
    }

    #[test]
    fn what_may_pass_is_tried_again_and_counted_if_it_does_not() {
        let part = [Part {
            first: 0,
            length: 8,
        }];
        let (mut module, meter) = driven(|firmware| firmware.fails = 1);
        let mut sheet = Sheet::unknown();
        module.visit(Half::LOWER, &part, &mut sheet).unwrap();
        assert!(meter.errors().is_empty());
        module.driver.fails = 9;
        let error = module.visit(Half::LOWER, &part, &mut sheet).unwrap_err();
        assert_eq!((error.kind, error.attempts), (BusErrorKind::TimedOut, 2));
        assert_eq!(meter.errors().get("timed_out"), Some(&1));
    }

    #[test]
    fn a_flat_module_is_not_asked_for_pages() {
        let (mut module, meter) = driven(|_| ());
        let part = [Part {
            first: 128,
            length: 8,
        }];
        let error = module.visit(Half::page(1), &part, &mut Sheet::unknown());
        assert_eq!(error.unwrap_err().kind, BusErrorKind::NoSuchPage);
        assert_eq!(meter.reads.load(Ordering::Relaxed), 0);
    }
}
