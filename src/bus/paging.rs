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
use super::pieces::chunks;
use super::read_plan::{self, Visit};
use super::sheet::Sheet;
use super::wait::{self, Jitter, Work};
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
    leaves_page_zero: bool,
    jitter: Jitter,
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
            leaves_page_zero: false,
            jitter: Jitter::seeded(0),
        }
    }

    /// The same with waits of its own: masters that collide must not collide
    /// again in step, so each module gets another seed.
    pub fn seeded(self, seed: u64) -> Self {
        Self {
            jitter: Jitter::seeded(seed),
            ..self
        }
    }

    /// The same that selects bank 0 and page 00h whenever a sweep leaves the
    /// module, for programs that take it for granted. Each sweep then costs a
    /// select, and a look at the serial number: page 00h is where every module
    /// begins, so it does not tell one from another.
    pub fn leaving_page_zero(self, leaves_page_zero: bool) -> Self {
        Self {
            leaves_page_zero,
            ..self
        }
    }

    /// The same over a bus that puts transactions on the wire in another way, so
    /// that reads are planned for it.
    pub fn over(self, path: SharedPath) -> Self {
        Self { path, ..self }
    }

    /// One try of a visit.
    async fn attempt(
        &mut self,
        half: Half,
        parts: &[Part],
        sheet: &mut Sheet,
    ) -> Result<(), BusErrorKind> {
        let Some((page, bank)) = half.upper() else {
            return self.read(half, parts, false, sheet).await;
        };
        if self.addressing == Addressing::Flat {
            return match page.0 {
                0 => self.read(half, parts, false, sheet).await,
                _ => Err(BusErrorKind::NoSuchPage),
            };
        }
        self.select(half.device(), bank.number(), page.0).await?;
        self.read(half, parts, true, sheet).await?;
        if half.device() == Device::A0 {
            self.left_at = Some((bank.number(), page.0));
        }
        Ok(())
    }

    /// Selects a page in the way of the module.
    async fn select(&mut self, device: Device, bank: u8, page: u8) -> Result<(), BusErrorKind> {
        self.forget_place(device);
        let both = [BANK_SELECT, bank, page];
        let write: &[u8] = match self.addressing {
            Addressing::Flat => return Ok(()),
            Addressing::Page => &[PAGE_SELECT, page],
            Addressing::BankAndPage => &both,
        };
        let address = device.address();
        self.patiently(|i2c| i2c.write(address, write)).await
    }

    /// Reads parts in as few combined transactions as the kernel allows, each
    /// with the select bytes in front if `verified`.
    async fn read(
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
            self.read_batch(half, batch, verified, sheet).await?;
        }
        Ok(())
    }

    /// Reads chunks in one transaction.
    async fn read_batch(
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
        })
        .await?;
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
    async fn patiently(
        &mut self,
        mut transaction: impl FnMut(&mut I) -> Result<(), I::Error> + Send,
    ) -> Result<(), BusErrorKind> {
        let give_up = self.clock.now() + HOLD_OFF;
        let mut pause = FIRST_PAUSE;
        loop {
            let outcome = transaction(&mut self.i2c).map_err(BusErrorKind::from);
            let Err(kind) = outcome else {
                return Ok(());
            };
            let refused = matches!(kind, BusErrorKind::NoAnswer | BusErrorKind::Refused);
            if !refused || self.clock.now() + pause > give_up {
                return Err(kind);
            }
            wait::pause(&self.clock, pause).await;
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
    fn forget_place(&mut self, device: Device) {
        if device == Device::A0 {
            self.left_at = None;
        }
    }

    /// One visit, tried as often as that may help. Others go first.
    async fn visit_patiently(
        &mut self,
        half: Half,
        parts: &[Part],
        sheet: &mut Sheet,
    ) -> Result<(), BusError> {
        wait::give_way().await;
        let deadline = self.clock.now() + VISIT_DEADLINE;
        let mut at_zero = None;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut fresh = Sheet::unknown();
            let outcome = self.attempt(half, parts, &mut fresh).await;
            let found_zero = matches!(outcome, Err(BusErrorKind::WrongPage { page: 0, .. }));
            // A module that lacks a page shows page 00h instead (CMIS 5.4
            // section 8.2.15). Twice in a row is no other master's doing; once
            // was, if it is not so now.
            let fell_back = at_zero.take();
            if let Some(kind) = fell_back.as_ref().filter(|_| !found_zero) {
                self.meter.count_error(kind);
            }
            let kind = match outcome {
                Ok(()) => {
                    sheet.merge(&fresh, parts);
                    return Ok(());
                }
                Err(_) if found_zero && fell_back.is_some() => BusErrorKind::NoSuchPage,
                Err(kind) => kind,
            };
            let hopeless =
                !kind.is_transient() || attempts >= MOST_ATTEMPTS || self.clock.now() >= deadline;
            // What another master does is counted each time, anything else where
            // no further try is left.
            let moved = matches!(kind, BusErrorKind::WrongPage { .. }) && !found_zero;
            if moved || hopeless && kind != BusErrorKind::NoSuchPage {
                self.meter.count_error(&kind);
            }
            if hopeless {
                return Err(BusError {
                    kind,
                    half,
                    attempts,
                });
            }
            at_zero = Some(kind).filter(|_| found_zero);
            let pause = self
                .jitter
                .spread(FIRST_PAUSE * (1 << attempts.min(MOST_ATTEMPTS)));
            wait::pause(&self.clock, pause).await;
        }
    }
}

impl<I: I2c + Send, C: Clock> Memory for Paged<I, C>
where
    BusErrorKind: From<I::Error>,
{
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

    fn knock(&mut self) -> Option<Result<(), BusErrorKind>> {
        let address = Device::A0.address();
        let answer = self.i2c.write_read(address, &[0], &mut [0]);
        Some(answer.map_err(BusErrorKind::from))
    }

    fn leave(&mut self) -> Work<'_, ()> {
        Box::pin(async {
            if self.leaves_page_zero
                && self.addressing != Addressing::Flat
                && self.select(Device::A0, 0, 0).await.is_ok()
            {
                self.left_at = Some((0, 0));
            }
        })
    }

    fn sees_swaps(&self) -> bool {
        self.left_at.is_some_and(|(_, page)| page != 0)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::sim::builders;
    use crate::sim::cage::Cage;
    use crate::sim::fault::Fault;
    use crate::sim::lifecycle::Startup;
    use crate::sim::wire::BusRate;
    use std::collections::BTreeMap;

    /// A long powered module whose page another master moves before the n-th
    /// transaction, and what a visit to page 11h counts then.
    fn counted(nth: u32, page: u8, visited: u8) -> (bool, BTreeMap<&'static str, u64>) {
        let clock = ManualClock::new();
        let cage = Cage::new(Arc::new(clock.clone()));
        let module = builders::by_name("dsp-800g").unwrap();
        cage.insert(module.with_manners(|manners| {
            manners.startup = Startup::INSTANT;
            manners.page_hold = Duration::ZERO;
        }));
        clock.advance(Duration::from_secs(1));
        cage.set_fault(Fault::OtherMaster { nth, bank: 0, page });
        let meter = Arc::new(Meter::default());
        let mut module = Paged::new(cage.i2c(BusRate::Khz400), clock, Arc::clone(&meter));
        module.set_addressing(Addressing::BankAndPage);
        let part = Part {
            first: 154,
            length: 16,
        };
        let visit = module.visit(Half::page(visited), &[part], &mut Sheet::unknown());
        (visit.is_ok(), meter.errors())
    }

    #[test]
    fn what_another_master_moves_is_counted_and_a_missing_page_is_not() {
        let nothing = BTreeMap::new();
        let once = BTreeMap::from([("other_master", 1)]);
        // Before the select it does not matter, behind it does.
        assert_eq!(counted(1, 0x02, 0x11), (true, nothing.clone()));
        assert_eq!(counted(2, 0x02, 0x11), (true, once.clone()));
        assert_eq!(counted(2, 0x00, 0x11), (true, once));
        assert_eq!(counted(9, 0x02, 0x11), (true, nothing.clone()));
        // 05h is none that this module has: it shows page 00h each time.
        assert_eq!(counted(9, 0x02, 0x05), (false, nothing));
    }
}
