//! One simulated module as the bus sees it: byte pointer, page select, refusals.
//!
//! Bus rules of CMIS 5.x as told in public transcriptions: the byte pointer
//! wraps inside its half; a bank takes effect when the page byte is written; a
//! page that does not exist becomes page 00h without a word; a module that is
//! busy does not acknowledge its address.

use std::time::Duration;

use super::access::Management;
use super::diagnostics::{SELECTOR, Windows};
use super::fault::SimError;
use super::lifecycle::{DataPathStep, Stage, Startup};
use super::memory::Registers;
use super::physics::{Knobs, Physics};
use super::vdm::{self, Freeze};
use super::wire::BusRate;
use super::{live, live_sff};
use crate::bus::address::{Bank, Device, Half, Page};
use crate::bus::image::Image;

/// How often a module samples its monitors and evaluates its thresholds.
const SAMPLING_MILLISECONDS: u128 = 100;
/// CMIS: a write message carries at most eight bytes.
const LONGEST_WRITE: usize = 8;
const BANK_SELECT: u8 = 126;
const PAGE_SELECT: u8 = 127;

/// How a module behaves on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manners {
    /// From power-on to traffic.
    pub startup: Startup,
    /// How long it refuses access after a page change (tBPC, at most 10 ms).
    pub page_hold: Duration,
    /// How long it refuses access after another write (tWRITE, at most 10 ms).
    pub write_hold: Duration,
    /// How long it refuses access after a write to page 03h (tWRITENV, 80 ms).
    pub user_memory_hold: Duration,
    /// How many bytes of one read it serves; the rest reads FFh.
    pub read_limit: Option<usize>,
    /// The fastest bus on which it answers.
    pub fastest: BusRate,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            startup: Startup::default(),
            page_hold: Duration::from_millis(2),
            write_hold: Duration::from_millis(3),
            user_memory_hold: Duration::from_millis(40),
            read_limit: None,
            fastest: BusRate::Khz400,
        }
    }
}

/// A simulated module.
#[derive(Debug, Clone)]
pub struct SimModule {
    /// How it behaves on the bus.
    pub manners: Manners,
    management: Management,
    /// The registers as they are at power-on.
    factory: Registers,
    registers: Registers,
    physics: Option<Physics>,
    /// What bytes 126 and 127 select now.
    selected: (Bank, u8),
    /// The byte pointers of the two devices.
    pointers: [u8; 2],
    powered_at: Duration,
    held_until: Duration,
    stage: Stage,
    sampled: Option<u128>,
    freeze: Freeze,
    windows: Windows,
}

impl SimModule {
    /// A module with these registers; without physics nothing in it moves.
    pub fn new(mut factory: Registers, physics: Option<Physics>) -> Self {
        for half in [Half::LOWER, Half::page(0)] {
            factory.page(half);
        }
        let manners = Manners::default();
        Self {
            manners,
            management: Management::of(&factory),
            registers: factory.clone(),
            factory,
            physics,
            selected: (Bank::ZERO, 0),
            pointers: [0; 2],
            powered_at: Duration::ZERO,
            held_until: Duration::ZERO,
            stage: manners.startup.stage(Duration::ZERO),
            sampled: None,
            freeze: Freeze::default(),
            windows: Windows::default(),
        }
    }

    /// A recorded module: its pages and flags behave, its values do not move.
    pub fn from_image(image: &Image) -> Self {
        Self::new(Registers::from_image(image), None)
    }

    /// The same module with other bus manners.
    pub fn with_manners(mut self, change: impl FnOnce(&mut Manners)) -> Self {
        change(&mut self.manners);
        self
    }

    /// The same module with another seed for its noise.
    pub fn with_seed(mut self, seed: u64) -> Self {
        if let Some(physics) = &mut self.physics {
            physics.seed = seed;
        }
        self
    }

    /// The same module with its knobs turned from the start.
    pub fn with_knobs(mut self, turn: impl FnOnce(&mut Knobs, Duration)) -> Self {
        self.adjust(Duration::ZERO, turn);
        self
    }

    /// The registers as they stand, without any effect of a read.
    pub fn registers(&self) -> &Registers {
        &self.registers
    }

    /// Powers the module: registers as from the factory, page 00h, time zero.
    pub fn power_on(&mut self, now: Duration) {
        self.registers = self.factory.clone();
        self.selected = (Bank::ZERO, 0);
        self.pointers = [0; 2];
        self.powered_at = now;
        self.held_until = now + self.manners.startup.management;
        self.stage = self.manners.startup.stage(Duration::ZERO);
        self.sampled = None;
        self.freeze = Freeze::new(now);
        self.windows = Windows::default();
    }

    /// Turns the knobs; what was so before is latched first. Returns whether
    /// the module has any.
    pub fn adjust(&mut self, now: Duration, turn: impl FnOnce(&mut Knobs, Duration)) -> bool {
        self.refresh(now);
        let Some(physics) = &mut self.physics else {
            return false;
        };
        turn(&mut physics.knobs, now);
        self.sampled = None;
        true
    }

    /// Puts all knobs back to a healthy module's. Returns whether it has any.
    pub fn calm(&mut self, now: Duration) -> bool {
        self.refresh(now);
        let Some(physics) = &mut self.physics else {
            return false;
        };
        *physics = Physics::new(physics.seed, physics.nominal);
        self.sampled = None;
        true
    }

    /// Overwrites the vendor name in both copies of the registers, raw bytes
    /// and all, and keeps the checksum of the page right.
    pub fn write_vendor(&mut self, text: &[u8]) {
        const FIELD: usize = 16;
        for registers in [&mut self.factory, &mut self.registers] {
            match self.management {
                Management::Cmis => registers
                    .page(Half::page(0))
                    .put_text(129, FIELD, text)
                    .put_checksum(222, 128, 221),
                Management::Sff8636 => registers
                    .page(Half::page(0))
                    .put_text(148, FIELD, text)
                    .put_checksum(191, 128, 190),
                Management::Sff8472 => registers
                    .page(Half::LOWER)
                    .put_text(20, FIELD, text)
                    .put_checksum(63, 0, 62),
            };
        }
    }

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

    /// Lets everything happen that was due by `now`.
    fn refresh(&mut self, now: Duration) {
        let registers = &mut self.registers;
        let settled = self.freeze.settle(registers, now) | self.windows.settle(registers, now);
        let tick = now.as_millis() / SAMPLING_MILLISECONDS;
        if self.sampled == Some(tick) && !settled {
            return;
        }
        self.sampled = Some(tick);
        let Some(physics) = &self.physics else {
            return;
        };
        let age = now.saturating_sub(self.powered_at);
        let stages = (self.stage, self.manners.startup.stage(age));
        let active = stages.1.data_path == DataPathStep::Activated;
        self.stage = stages.1;
        match self.management {
            Management::Cmis => {
                live::refresh(registers, physics, stages, now);
                vdm::sample(registers, &mut self.freeze, physics, active, now);
                self.windows.refresh(registers, physics, active, now);
            }
            Management::Sff8636 => live_sff::refresh_qsfp(registers, physics, stages, now),
            Management::Sff8472 => live_sff::refresh_sfp(registers, physics, stages.1, now),
        }
    }
}

/// The offset after this one: the pointer wraps inside its half.
fn next(offset: u8) -> u8 {
    offset & 0x80 | offset.wrapping_add(1) & 0x7F
}
