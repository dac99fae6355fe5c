//! Bank and page select over raw I2C, verified.
//!
//! A visit to an upper page is two transactions: one two-byte write to 126 (bank
//! and page), and one combined read that takes bytes 126-127 back together with
//! the data. No other master can move the page inside a combined read, so data
//! is believed only if its own transaction shows the page that was asked for.
//!
//! Times and transfer rules: CMIS 5.4 Tables 10-2 and 10-4 to 10-8, sections
//! 5.2.2 and B.2. Pages of SFF-8636 and of an SFP's A2h are selected by byte 127
//! alone.

use std::sync::Arc;
use std::time::Duration;

use embedded_hal::i2c::{I2c, Operation};

use super::address::{Device, Half, Span};
use super::cost::{AccessPath, Reach, SharedPath};
use super::freeze::Request;
use super::meter::Meter;
use super::read_plan::{self, Visit};
use super::sheet::Sheet;
use super::{Addressing, BusError, BusErrorKind, Memory, Part};
use crate::clock::Clock;

/// Bank select; page select is the byte after it (00h:126-127).
const BANK_SELECT: u8 = 126;
/// Page select (00h:127).
const PAGE_SELECT: u8 = 127;

/// The longest read that a half allows.
const LONG_READ: u8 = 128;
/// The longest read that CMIS promises of every module (5.4 section 5.2.2.3).
pub(super) const SHORT_READ: u8 = 8;
/// How many messages the kernel takes in one transfer (I2C_RDWR_IOCTL_MAX_MSGS).
const MOST_MESSAGES: usize = 42;
/// How many reads fit into a transfer behind that of the select bytes.
pub(super) const MOST_CHUNKS: usize = (MOST_MESSAGES - 2) / 2;

/// For how long a module may refuse an access after a write or a page change:
/// tWRITE and tBPC are 10 ms at most; some slack for the scheduler.
const HOLD_OFF: Duration = Duration::from_millis(12);
/// The first wait before a refused access is repeated; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_micros(500);
/// How often a visit is tried before its failure is told.
const MOST_ATTEMPTS: u32 = 4;
/// When a visit is given up, whatever the attempts: four attempts with two
/// hold-offs each fit.
const VISIT_DEADLINE: Duration = Duration::from_millis(100);

/// One module behind an I2C bus.
pub struct Paged<I, C> {
    i2c: I,
    clock: C,
    meter: Arc<Meter>,
    addressing: Addressing,
    /// Longest read that this module serves right.
    longest_read: u8,
    /// What the bus makes of transactions.
    path: SharedPath,
    /// Bank and page as the last good visit to device A0 left them.
    left_at: Option<(u8, u8)>,
}

impl<I: I2c, C: Clock> Paged<I, C>
where
    BusErrorKind: From<I::Error>,
{
    /// The module that answers on `i2c`; waits on `clock`; failed visits are
    /// counted in `meter`.
    pub fn new(i2c: I, clock: C, meter: Arc<Meter>) -> Self {
        Self {
            i2c,
            clock,
            meter,
            addressing: Addressing::Flat,
            longest_read: LONG_READ,
            path: SharedPath::new(AccessPath::Combined),
            left_at: None,
        }
    }

    /// The same over a bus that puts transactions on the wire in another way, so
    /// that reads are planned for it.
    pub fn over(self, path: SharedPath) -> Self {
        Self { path, ..self }
    }

    /// One try of a visit.
    fn attempt(
        &mut self,
        half: Half,
        parts: &[Part],
        sheet: &mut Sheet,
    ) -> Result<(), BusErrorKind> {
        let Some((page, bank)) = half.upper() else {
            return self.read(half, parts, false, sheet);
        };
        let select = [BANK_SELECT, bank.number(), page.0];
        let write: &[u8] = match self.addressing {
            Addressing::Flat if page.0 == 0 => return self.read(half, parts, false, sheet),
            Addressing::Flat => return Err(BusErrorKind::NoSuchPage),
            Addressing::Page => &[PAGE_SELECT, page.0],
            Addressing::BankAndPage => &select,
        };
        self.forget_place(half);
        let address = half.device().address();
        self.patiently(|i2c| i2c.write(address, write))?;
        self.read(half, parts, true, sheet)?;
        if half.device() == Device::A0 {
            self.left_at = Some((bank.number(), page.0));
        }
        Ok(())
    }

    /// Reads parts in as few combined transactions as the kernel allows, each
    /// with the select bytes in front if `verified`.
    fn read(
        &mut self,
        half: Half,
        parts: &[Part],
        verified: bool,
        sheet: &mut Sheet,
    ) -> Result<(), BusErrorKind> {
        let chunks: Vec<Part> = parts
            .iter()
            .flat_map(|part| chunks(*part, self.longest_read))
            .collect();
        for batch in chunks.chunks(MOST_CHUNKS) {
            self.read_batch(half, batch, verified, sheet)?;
        }
        Ok(())
    }

    /// Reads chunks in one transaction.
    fn read_batch(
        &mut self,
        half: Half,
        batch: &[Part],
        verified: bool,
        sheet: &mut Sheet,
    ) -> Result<(), BusErrorKind> {
        let address = half.device().address();
        let mut found = [0; 2];
        let offsets: Vec<[u8; 1]> = batch.iter().map(|chunk| [chunk.first]).collect();
        let mut buffers: Vec<Vec<u8>> = batch
            .iter()
            .map(|chunk| vec![0; usize::from(chunk.length)])
            .collect();
        self.patiently(|i2c| {
            let mut operations = Vec::with_capacity(2 * batch.len() + 2);
            if verified {
                operations.push(Operation::Write(&[BANK_SELECT]));
                operations.push(Operation::Read(&mut found));
            }
            for (offset, buffer) in offsets.iter().zip(&mut buffers) {
                operations.push(Operation::Write(offset));
                operations.push(Operation::Read(buffer));
            }
            i2c.transaction(address, &mut operations)
        })?;
        if verified {
            self.verify(half, found)?;
        }
        for (chunk, buffer) in batch.iter().zip(&buffers) {
            sheet.put(chunk.first, buffer);
        }
        Ok(())
    }

    /// Whether bank and page are those of the half.
    fn verify(&self, half: Half, [found_bank, found_page]: [u8; 2]) -> Result<(), BusErrorKind> {
        let Some((page, bank)) = half.upper() else {
            return Ok(());
        };
        // Without banks byte 126 is not a select byte and may hold anything.
        let bank_fits = self.addressing != Addressing::BankAndPage || found_bank == bank.number();
        if bank_fits && found_page == page.0 {
            return Ok(());
        }
        Err(BusErrorKind::WrongPage {
            wanted: half,
            bank: found_bank,
            page: found_page,
        })
    }

    /// Repeats one transaction for as long as a module may refuse it. A refused
    /// access has had no effect, so repeating it is safe.
    fn patiently(
        &mut self,
        mut transaction: impl FnMut(&mut I) -> Result<(), I::Error>,
    ) -> Result<(), BusErrorKind> {
        let give_up = self.clock.now() + HOLD_OFF;
        let mut pause = FIRST_PAUSE;
        loop {
            let kind = match transaction(&mut self.i2c) {
                Ok(()) => return Ok(()),
                Err(error) => BusErrorKind::from(error),
            };
            let refused = matches!(kind, BusErrorKind::NoAnswer | BusErrorKind::Refused);
            if !refused || self.clock.now() + pause > give_up {
                return Err(kind);
            }
            self.clock.sleep(pause);
            pause *= 2;
        }
    }

    /// One write that is not repeated, for [`super::freeze`] alone, which reads
    /// back what became of it.
    pub(super) fn write_once(&mut self, device: Device, message: &[u8]) {
        if let Err(error) = self.i2c.write(device.address(), message) {
            self.meter.count_error(&BusErrorKind::from(error));
        }
    }

    /// Bank and page are about to move, or nobody knows where they are.
    fn forget_place(&mut self, half: Half) {
        if half.device() == Device::A0 {
            self.left_at = None;
        }
    }
}

impl<I: I2c + Send, C: Clock> Memory for Paged<I, C>
where
    BusErrorKind: From<I::Error>,
{
    fn visit(&mut self, half: Half, parts: &[Part], sheet: &mut Sheet) -> Result<(), BusError> {
        let deadline = self.clock.now() + VISIT_DEADLINE;
        let mut fell_back = false;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut fresh = Sheet::unknown();
            let mut kind = match self.attempt(half, parts, &mut fresh) {
                Ok(()) => {
                    sheet.merge(&fresh, parts);
                    return Ok(());
                }
                Err(kind) => kind,
            };
            // A module that lacks a page shows page 00h instead (CMIS 5.4
            // section 8.2.15). Twice in a row is no other master's doing.
            let at_zero = matches!(kind, BusErrorKind::WrongPage { page: 0, .. });
            if at_zero && fell_back {
                kind = BusErrorKind::NoSuchPage;
            }
            fell_back = at_zero;
            let hopeless =
                !kind.is_transient() || attempts >= MOST_ATTEMPTS || self.clock.now() >= deadline;
            if hopeless {
                if kind != BusErrorKind::NoSuchPage {
                    self.meter.count_error(&kind);
                }
                return Err(BusError {
                    kind,
                    half,
                    attempts,
                });
            }
            // Masters that collide must not collide again in step.
            self.clock.sleep(FIRST_PAUSE * attempts);
        }
    }

    fn plan(&mut self, spans: &[Span], spared: &[Span]) -> Vec<Visit> {
        let reach = Reach {
            path: self.path.get(),
            addressing: self.addressing,
            longest_read: self.longest_read,
        };
        read_plan::visits(spans, spared, &reach)
    }

    fn set_addressing(&mut self, addressing: Addressing) {
        self.addressing = addressing;
        self.left_at = None;
    }

    fn probe_read_size(&mut self, half: Half) -> Result<bool, BusError> {
        let whole = [Part {
            first: half.base(),
            length: LONG_READ,
        }];
        let (mut long, mut short) = (Sheet::unknown(), Sheet::unknown());
        self.longest_read = LONG_READ;
        let long_read = self.visit(half, &whole, &mut long);
        self.longest_read = SHORT_READ;
        self.visit(half, &whole, &mut short)?;
        let trusted = long_read.is_ok() && long == short;
        if trusted {
            self.longest_read = LONG_READ;
        }
        Ok(trusted)
    }

    fn select_untouched(&self, lower: &Sheet) -> bool {
        match (self.addressing, self.left_at) {
            (Addressing::Flat, _) | (_, None) => true,
            (Addressing::Page, Some((_, page))) => lower.u8(PAGE_SELECT) == page,
            (Addressing::BankAndPage, Some(place)) => {
                (lower.u8(BANK_SELECT), lower.u8(PAGE_SELECT)) == place
            }
        }
    }

    fn freeze_request(&mut self) -> Option<&mut dyn Request> {
        Some(self)
    }
}

/// Cuts a part into reads of at most `longest` bytes that end on multiples of
/// it, so that no 16-bit value is split between two reads.
pub(super) fn chunks(part: Part, longest: u8) -> impl Iterator<Item = Part> {
    let end = u16::from(part.first) + u16::from(part.length);
    let mut next = u16::from(part.first);
    std::iter::from_fn(move || {
        let stop = (next / u16::from(longest) + 1) * u16::from(longest);
        let first = u8::try_from(next).ok().filter(|_| next < end)?;
        let length = u8::try_from(stop.min(end) - next).ok()?;
        next += u16::from(length);
        Some(Part { first, length })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(first: u8, length: u8, longest: u8) -> Vec<(u8, u8)> {
        chunks(Part { first, length }, longest)
            .map(|p| (p.first, p.length))
            .collect()
    }

    #[test]
    fn chunks_end_on_multiples_and_never_split_a_word() {
        assert_eq!(cut(154, 16, 128), [(154, 16)]);
        assert_eq!(cut(154, 16, 8), [(154, 6), (160, 8), (168, 2)]);
        assert_eq!(cut(0, 128, 128), [(0, 128)]);
        assert_eq!(cut(128, 128, 128), [(128, 128)]);
        assert_eq!(cut(248, 8, 8), [(248, 8)]);
        assert_eq!(cut(255, 1, 8), [(255, 1)]);
        assert_eq!(cut(128, 128, 8).len(), 16);
    }
}
