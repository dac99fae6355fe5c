//! The pages that every CMIS module has, from one description of it.
//!
//! CMIS 5.4 as told in public transcriptions: lower memory in tables 8-7 to 8-23,
//! 00h in 8-33 to 8-41, 01h in 8-44 to 8-59, 02h in 8-65, 10h in 8-83 to 8-91,
//! 11h in 8-93 to 8-106.

use crate::bus::address::{Bank, Half};
use crate::sim::memory::Registers;
use crate::sim::page_writer::PageWriter;
use crate::sim::{live, raw};

use super::Nameplate;

/// 00h:85, which table the media codes are of.
#[derive(Debug, Clone, Copy)]
pub enum MediaType {
    /// Single-mode fibre.
    SingleMode = 2,
    /// Passive or linear copper.
    PassiveCopper = 3,
    /// Active cable.
    ActiveCable = 4,
}

/// One application descriptor (00h:86-117 and 01h:176-183).
#[derive(Debug, Clone, Copy)]
pub struct Application {
    /// Host interface code, SFF-8024.
    pub host: u8,
    /// Media interface code, SFF-8024.
    pub media: u8,
    /// Electrical lanes and optical lanes.
    pub lanes: (u8, u8),
    /// On which lanes it may start, as a bitmap for both sides.
    pub starts: u8,
}

/// Which flags, monitors and controls a module has: 01h:157-162.
#[derive(Debug, Clone, Copy, Default)]
pub struct Support {
    /// 157: 0 fault, 1 loss of signal, 2 loss of lock, 3 equaliser failure.
    pub tx_flags: u8,
    /// 158: 1 loss of signal, 2 loss of lock.
    pub rx_flags: u8,
    /// 159: 0 temperature, 1 supply, 2 to 4 auxiliary.
    pub module_monitors: u8,
    /// 160: 0 bias, 1 Tx power, 2 Rx power, 4-3 bias multiplier 2^n.
    pub lane_monitors: u8,
    /// 161: 0 CDR, 1 its bypass, 2 host equaliser, 3 adaptive equaliser.
    pub tx_signal: u8,
    /// 162: 0 CDR, 1 its bypass, 2 amplitude, 4-3 equaliser, 5 staged set 1.
    pub rx_signal: u8,
}

/// Thresholds, each high alarm, low alarm, high warning, low warning.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Case temperature, °C.
    pub temperature: [f64; 4],
    /// Supply, V.
    pub supply: [f64; 4],
    /// Light sent, dBm.
    pub tx_power: [f64; 4],
    /// Laser current, mA.
    pub bias: [f64; 4],
    /// Light received, dBm.
    pub rx_power: [f64; 4],
}

impl Limits {
    /// What a data centre module of 1310 nm has, about a nominal laser current.
    pub fn around(bias_milliamperes: f64) -> Self {
        Self {
            temperature: [75.0, -5.0, 70.0, 0.0],
            supply: [3.63, 2.97, 3.465, 3.135],
            tx_power: [6.0, -5.0, 5.0, -4.0],
            bias: [1.6, 0.3, 1.5, 0.4].map(|share| share * bias_milliamperes),
            rx_power: [6.0, -9.0, 5.0, -8.0],
        }
    }
}

/// All that the common pages say of a module.
#[derive(Debug, Clone)]
pub struct Design<'a> {
    /// What is printed on it.
    pub nameplate: &'a Nameplate,
    /// 00h:0, SFF-8024.
    pub identifier: u8,
    /// 00h:1, revision nibbles.
    pub revision: u8,
    /// 00h:39-40.
    pub firmware: (u8, u8),
    /// 00h:85.
    pub media_type: MediaType,
    /// Descriptors; the first is the active one.
    pub applications: &'a [Application],
    /// 00h:201, 0.25 W.
    pub quarter_watts: u8,
    /// 00h:200, class 1 to 8.
    pub power_class: u8,
    /// 00h:202, multiplier and base.
    pub cable_length: u8,
    /// 00h:203, SFF-8024.
    pub connector: u8,
    /// 00h:212.
    pub technology: u8,
    /// 01h:132, multiplier and base of kilometres.
    pub fiber_length: u8,
    /// 01h:138, nm; 0 is not given.
    pub wavelength: f64,
    /// 01h:142, pages and banks.
    pub pages: u8,
    /// How many banks of lanes; must agree with `pages`.
    pub banks: u8,
    /// 01h:145, cooling and what the auxiliary monitors observe.
    pub characteristics: u8,
    /// 01h:157-162.
    pub support: Support,
    /// Page 02h; `None` for a module that sets none.
    pub limits: Option<Limits>,
}

/// 01h:142: diagnostics pages 13h and 14h.
pub const DIAGNOSTICS: u8 = 1 << 5;
/// 01h:142: VDM pages 20h to 2Fh.
pub const VDM: u8 = 1 << 6;
/// 01h:142: user memory, page 03h.
pub const USER_MEMORY: u8 = 1 << 2;

/// 01h:160.4-3.
const BIAS_MULTIPLIER: u8 = 3;

impl Design<'_> {
    /// Writes all common pages.
    pub fn registers(&self) -> Registers {
        let mut registers = Registers::new();
        self.lower(&mut registers.page(Half::LOWER), false);
        self.identity(&mut registers.page(Half::page(0x00)));
        self.advertisement(&mut registers.page(Half::page(0x01)));
        self.thresholds(&mut registers.page(Half::page(0x02)));
        if self.pages & USER_MEMORY != 0 {
            registers.page(Half::page(0x03)).fill(128, 255, 0xFF);
        }
        for bank in Bank::first(self.banks) {
            self.lane_control(&mut registers.page(Half::page(0x10).in_bank(bank)));
            self.lane_status(&mut registers.page(Half::page(0x11).in_bank(bank)));
        }
        registers
    }

    /// Writes lower memory and page 00h only: a module with flat memory.
    pub fn flat_registers(&self) -> Registers {
        let mut registers = Registers::new();
        self.lower(&mut registers.page(Half::LOWER), true);
        self.identity(&mut registers.page(Half::page(0x00)));
        registers
    }

    fn lower(&self, page: &mut PageWriter<'_>, flat: bool) {
        const READY: u8 = 3 << 1;
        const LOW_POWER: u8 = 1 << 1;
        const NO_INTERRUPT: u8 = 1;
        const ALLOW_LOW_POWER: u8 = 1 << 6;
        const BOTH_STATE_MACHINES: u8 = 3;
        let state = if flat { READY } else { LOW_POWER };
        let (major, minor) = self.firmware;
        page.put_u8(0, self.identifier)
            .put_u8(1, self.revision)
            .put_u8(2, if flat { 1 << 7 } else { 0 })
            .put_u8(3, state | NO_INTERRUPT)
            .put_u8(26, ALLOW_LOW_POWER)
            .put_u8(
                56,
                if self.revision >= 0x53 {
                    BOTH_STATE_MACHINES
                } else {
                    0
                },
            )
            .put_u8(39, major)
            .put_u8(40, minor)
            .put_u8(85, self.media_type as u8)
            .fill(86, 117, 0xFF);
        for (place, application) in (86..).step_by(4).zip(self.applications).take(8) {
            let (host, media) = application.lanes;
            page.put_u8(place, application.host)
                .put_u8(place + 1, application.media)
                .put_u8(place + 2, host << 4 | media)
                .put_u8(place + 3, application.starts);
        }
    }

    fn identity(&self, page: &mut PageWriter<'_>) {
        let plate = self.nameplate;
        page.put_u8(128, self.identifier)
            .put_text(129, 16, &plate.vendor)
            .put_bytes(145, &plate.oui)
            .put_text(148, 16, &plate.part_number)
            .put_text(164, 2, &plate.revision)
            .put_text(166, 16, &plate.serial)
            .put_text(182, 8, &plate.date_code)
            .put_text(190, 10, b"")
            .put_u8(200, (self.power_class - 1) << 5)
            .put_u8(201, self.quarter_watts)
            .put_u8(202, self.cable_length)
            .put_u8(203, self.connector)
            .put_u8(212, self.technology)
            .put_checksum(222, 128, 221);
    }

    fn advertisement(&self, page: &mut PageWriter<'_>) {
        const HARDWARE: [u8; 2] = [1, 2];
        /// Deinit 100 ms, init 5 s; power down 1 s, up 5 s; off and on 1 s.
        const DURATIONS: [(u8, u8); 3] = [(144, 0x47), (167, 0x67), (168, 0x66)];
        const WHOLE_PAGE_READS: u8 = 0b10;
        const WAVELENGTH_STEP: f64 = 0.05;
        const WAVELENGTH_TOLERANCE: u16 = 1300;
        let support = &self.support;
        let (major, minor) = self.firmware;
        page.put_bytes(128, &[major, minor.saturating_sub(1)])
            .put_bytes(130, &HARDWARE)
            .put_u8(132, self.fiber_length)
            .put_u16(138, raw::to_u16(self.wavelength / WAVELENGTH_STEP))
            .put_u16(
                140,
                if self.wavelength > 0.0 {
                    WAVELENGTH_TOLERANCE
                } else {
                    0
                },
            )
            .put_u8(142, self.pages)
            .put_u8(145, self.characteristics)
            .put_u8(146, 70)
            .put_u8(151, 1 << 4)
            .put_bytes(155, &[0b10, 0b10])
            .put_u8(157, support.tx_flags)
            .put_u8(158, support.rx_flags)
            .put_u8(159, support.module_monitors)
            .put_u8(160, support.lane_monitors)
            .put_u8(161, support.tx_signal)
            .put_u8(162, support.rx_signal)
            .fill(223, 250, 0xFF)
            .put_u8(
                251,
                if self.revision >= 0x53 {
                    WHOLE_PAGE_READS
                } else {
                    0
                },
            );
        for (place, code) in DURATIONS {
            page.put_u8(place, code);
        }
        for (place, application) in (176..).zip(self.applications) {
            page.put_u8(place, application.starts);
        }
        page.put_checksum(255, 130, 254);
    }

    fn thresholds(&self, page: &mut PageWriter<'_>) {
        if let Some(limits) = &self.limits {
            let multiplier = f64::from(1_u8 << (self.support.lane_monitors >> BIAS_MULTIPLIER & 3));
            page.put_signed_thresholds(128, limits.temperature, live::CELSIUS_STEP)
                .put_thresholds(136, limits.supply, live::SUPPLY_STEP)
                .put_thresholds(176, limits.tx_power.map(power_steps), 1.0)
                .put_thresholds(184, limits.bias, live::BIAS_STEP_MILLIAMPERES * multiplier)
                .put_thresholds(192, limits.rx_power.map(power_steps), 1.0);
        }
        page.put_checksum(255, 128, 254);
    }

    fn lane_control(&self, page: &mut PageWriter<'_>) {
        self.configurations(page, 145);
        page.put_u8(153, 0xFF);
        self.retimers(page, 160);
    }

    fn lane_status(&self, page: &mut PageWriter<'_>) {
        const SUCCESS: u8 = 0x11;
        page.fill(202, 205, SUCCESS);
        self.configurations(page, 206);
        page.put_u8(214, 0xFF);
        self.retimers(page, 221);
        for (place, lane) in (240..=247).zip(1_u8..) {
            page.put_u8(place, 1 << 4 | lane);
            page.put_u8(place + 8, 1 << 4 | lane);
        }
    }

    /// The first application on all eight lanes: AppSel 1, and the first lane
    /// of each data path.
    fn configurations(&self, page: &mut PageWriter<'_>, first: u8) {
        let width = self
            .applications
            .first()
            .map_or(8, |first| first.lanes.0.max(1));
        for lane in 0..8 {
            let path = lane - lane % width;
            page.put_u8(first + lane, 1 << 4 | path << 1);
        }
    }

    /// CDR enable bitmaps of both directions, all on where there is one.
    fn retimers(&self, page: &mut PageWriter<'_>, place: u8) {
        let enabled = |signal: u8| if signal & 1 == 1 { 0xFF } else { 0 };
        page.put_u8(place, enabled(self.support.tx_signal))
            .put_u8(place + 1, enabled(self.support.rx_signal));
    }
}

/// A level in dBm as a number of 0.1 µW steps.
fn power_steps(dbm: f64) -> f64 {
    f64::from(raw::tenth_microwatts(Some(dbm)))
}
