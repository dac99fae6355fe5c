//! One simulated module as the bus sees it: byte pointer, page select, refusals.
//!
//! Bus rules of CMIS 5.x as told in public transcriptions: the byte pointer
//! wraps inside its half; a bank takes effect when the page byte is written; a
//! page that does not exist becomes page 00h without a word; a module that is
//! busy does not acknowledge its address.

use std::time::Duration;

use super::access::Management;
use super::diagnostics::SELECTOR;
use super::fault::SimError;
use super::live;
use super::module::SimModule;
use super::wire::BusRate;
use crate::bus::address::{Bank, Device, Half, Page};

/// CMIS: a write message carries at most eight bytes.
const LONGEST_WRITE: usize = 8;
const BANK_SELECT: u8 = 126;
const PAGE_SELECT: u8 = 127;

impl SimModule {
    /// Whether the module acknowledges this address now, on a bus this fast.
    pub(super) fn answers(&self, address: u8, rate: BusRate, now: Duration) -> bool {
        self.device(address).is_some() && rate <= self.manners.fastest && now >= self.held_until
    }

    /// Which device of this module has this address.
    fn device(&self, address: u8) -> Option<Device> {
        const DIAGNOSTICS: u8 = 92;
        let second = self.management == Management::Sff8472
            && self.registers.bit(Half::LOWER, DIAGNOSTICS, 6);
        match address {
            a if a == Device::A0.address() => Some(Device::A0),
            a if a == Device::A2.address() && second => Some(Device::A2),
            _ => None,
        }
    }

    /// The half that an offset of a device shows now.
    fn half(&self, device: Device, offset: u8) -> Half {
        if offset < 128 {
            return Half::lower(device);
        }
        let (bank, page) = self.selected;
        match (self.management, device) {
            _ if self.is_flat() => Half::page_of(device, 0),
            (Management::Cmis, _) => Half::page(page).in_bank(bank),
            (Management::Sff8472, Device::A0) => Half::page(0),
            (_, device) => Half::page_of(device, page),
        }
    }

    fn is_flat(&self) -> bool {
        self.management.is_flat(&self.registers)
    }

    /// Takes one write message that ends at `end`: an offset, then bytes.
    ///
    /// # Errors
    /// More bytes than a module takes; none of them has had an effect.
    pub(super) fn write(
        &mut self,
        address: u8,
        message: &[u8],
        end: Duration,
    ) -> Result<(), SimError> {
        let (Some(device), [offset, payload @ ..]) = (self.device(address), message) else {
            return Ok(());
        };
        self.refresh(end);
        if payload.len() > LONGEST_WRITE {
            return Err(SimError::Refused);
        }
        let mut offset = *offset;
        let mut hold = Duration::ZERO;
        for byte in payload {
            hold = hold.max(self.store(device, offset, *byte, end));
            offset = next(offset);
        }
        self.point(device, offset);
        self.held_until = self.held_until.max(end + hold);
        Ok(())
    }

    /// Serves one read message from the byte pointer on.
    pub(super) fn read(&mut self, address: u8, buffer: &mut [u8], now: Duration) {
        let Some(device) = self.device(address) else {
            return buffer.fill(u8::MAX);
        };
        self.refresh(now);
        let mut offset = self.pointer(device);
        let half = self.half(device, offset);
        if half == Half::LOWER && self.management == Management::Cmis && !self.is_flat() {
            live::summarise(&mut self.registers);
        }
        let served = self.manners.read_limit.unwrap_or(usize::MAX);
        for (n, slot) in buffer.iter_mut().enumerate() {
            if n >= served {
                *slot = u8::MAX;
                continue;
            }
            *slot = self.registers.u8(half, offset);
            if *slot != 0 && self.management.clears(half, offset) {
                self.registers.put(half, offset, &[0]);
            }
            offset = next(offset);
        }
        self.point(device, offset);
    }

    /// Another master selects a page and leaves the byte pointer there.
    pub(super) fn select_from_elsewhere(&mut self, bank: u8, page: u8) {
        if self.is_flat() || self.management == Management::Sff8472 {
            return;
        }
        self.registers.put(Half::LOWER, BANK_SELECT, &[bank]);
        self.select(page);
        self.point(Device::A0, 128);
    }

    fn pointer(&self, device: Device) -> u8 {
        let [a0, a2] = self.pointers;
        match device {
            Device::A0 => a0,
            Device::A2 => a2,
        }
    }

    fn point(&mut self, device: Device, offset: u8) {
        let [a0, a2] = &mut self.pointers;
        match device {
            Device::A0 => *a0 = offset,
            Device::A2 => *a2 = offset,
        }
    }

    /// Stores one written byte where it may be stored; returns how long the
    /// module is busy with it.
    fn store(&mut self, device: Device, offset: u8, byte: u8, now: Duration) -> Duration {
        let half = self.half(device, offset);
        let page = half.upper().map(|(Page(page), _)| page);
        let cmis = self.management == Management::Cmis;
        let selects = match self.management {
            Management::Cmis | Management::Sff8636 => half == Half::LOWER,
            Management::Sff8472 => half == Half::lower(Device::A2),
        };
        match (page, offset) {
            (None, BANK_SELECT | PAGE_SELECT) if self.is_flat() => {}
            (None, BANK_SELECT) if cmis => {
                self.registers.put(half, offset, &[byte]);
                return self.manners.page_hold;
            }
            (None, PAGE_SELECT) if selects => {
                self.select(byte);
                return self.manners.page_hold;
            }
            (Some(0x14), SELECTOR) if cmis => {
                self.windows.select(&mut self.registers, half, byte, now);
            }
            (Some(0x2F), 144) if cmis => self.freeze.request(&mut self.registers, byte, now),
            _ if self.management.keeps(half, offset) => {
                self.registers.put(half, offset, &[byte]);
            }
            _ => {}
        }
        match page {
            Some(0x03) if cmis => self.manners.user_memory_hold,
            _ => self.manners.write_hold,
        }
    }

    /// Selects a page in the bank that byte 126 names; one that does not exist
    /// becomes page 00h.
    fn select(&mut self, page: u8) {
        let (device, bank) = match self.management {
            Management::Cmis => (
                Device::A0,
                Bank::new(self.registers.u8(Half::LOWER, BANK_SELECT)),
            ),
            Management::Sff8636 => (Device::A0, Some(Bank::ZERO)),
            Management::Sff8472 => (Device::A2, Some(Bank::ZERO)),
        };
        let exists = bank.is_some_and(|bank| {
            self.registers
                .has(Half::page_of(device, page).in_bank(bank))
        });
        let page = if exists { page } else { 0 };
        self.selected = (bank.unwrap_or_default(), page);
        self.registers
            .put(Half::lower(device), PAGE_SELECT, &[page]);
    }
}

/// The offset after this one: the pointer wraps inside its half.
fn next(offset: u8) -> u8 {
    offset & 0x80 | offset.wrapping_add(1) & 0x7F
}
