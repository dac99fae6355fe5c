//! A 25G LR SFP28 with SFF-8472 registers on both addresses.
//!
//! SFF-8472: identity at A0h, diagnostics at A2h.

use super::Nameplate;
use super::cmis_pages::Limits;
use crate::bus::address::{Device, Half};
use crate::sim::live;
use crate::sim::memory::Registers;
use crate::sim::module::SimModule;
use crate::sim::page_writer::PageWriter;
use crate::sim::physics::{Line, Nominal, Physics};
use crate::sim::raw;

const BIAS: f64 = 32.0;

/// A module of 10 km with internally calibrated diagnostics.
pub fn sfp28_lr(nameplate: &Nameplate) -> SimModule {
    let mut registers = Registers::new();
    put_identity(&mut registers.page(Half::LOWER), nameplate);
    registers.page(Half::page(0x00)).fill(128, 255, 0);
    put_diagnostics(&mut registers.page(Half::lower(Device::A2)));
    registers
        .page(Half::page_of(Device::A2, 0x00))
        .fill(128, 247, 0xFF);
    let nominal = Nominal {
        temperature_celsius: 35.0,
        supply_volts: 3.31,
        tx_power_dbm: -0.5,
        rx_power_dbm: -4.0,
        bias_milliamperes: BIAS,
        media_quality: 7.0,
        host_quality: 7.0,
        line: Line::of_25g(1, 8.5),
        retimes: true,
    };
    SimModule::new(registers, Some(Physics::new(nameplate.seed(), nominal)))
}

fn put_identity(page: &mut PageWriter<'_>, plate: &Nameplate) {
    const IDENTIFIER: u8 = 0x03;
    const BY_TWO_WIRE: u8 = 0x04;
    const LC: u8 = 0x07;
    const ENCODING_64B66B: u8 = 0x06;
    /// Above 25.4 GBd; the rate itself is in byte 66, in 250 MBd.
    const RATE_ELSEWHERE: u8 = 0xFF;
    const RATE: u8 = 103;
    /// 100GBASE-LR4 or 25GBASE-LR.
    const LR: u8 = 0x03;
    const NANOMETERS: u16 = 1310;
    /// Retimer.
    const OPTIONS: u8 = 1 << 3;
    /// Tx disable, Tx fault, loss of signal.
    const SIGNALS: u8 = 0b0001_1010;
    /// Diagnostics, internally calibrated, average Rx power.
    const MONITORING: u8 = 0b0110_1000;
    /// Alarm flags, soft Tx fault, soft loss of signal.
    const ENHANCED: u8 = 0b1011_0000;
    const REVISION_12: u8 = 0x08;
    page.put_bytes(0, &[IDENTIFIER, BY_TWO_WIRE, LC])
        .put_bytes(11, &[ENCODING_64B66B, RATE_ELSEWHERE])
        .put_bytes(14, &[10, 100])
        .put_text(20, 16, &plate.vendor)
        .put_u8(36, LR)
        .put_bytes(37, &plate.oui)
        .put_text(40, 16, &plate.part_number)
        .put_text(56, 4, &plate.revision)
        .put_u16(60, NANOMETERS)
        .put_bytes(64, &[OPTIONS, SIGNALS, RATE])
        .put_text(68, 16, &plate.serial)
        .put_text(84, 8, &plate.date_code)
        .put_bytes(92, &[MONITORING, ENHANCED, REVISION_12])
        .put_checksum(63, 0, 62)
        .put_checksum(95, 64, 94);
}

fn put_diagnostics(page: &mut PageWriter<'_>) {
    /// Slope 1.0 of the linear quantities, and 1.0 as IEEE 754 single.
    const SLOPE: u16 = 0x0100;
    const UNITY: [u8; 4] = [0x3F, 0x80, 0x00, 0x00];
    let limits = Limits {
        rx_power: [2.0, -17.0, 1.0, -14.0],
        ..Limits::around(BIAS)
    };
    let steps = |levels: [f64; 4]| levels.map(|dbm| f64::from(raw::tenth_microwatts(Some(dbm))));
    page.put_signed_thresholds(0, limits.temperature, live::CELSIUS_STEP)
        .put_thresholds(8, limits.supply, live::SUPPLY_STEP)
        .put_thresholds(16, limits.bias, live::BIAS_STEP_MILLIAMPERES)
        .put_thresholds(24, steps(limits.tx_power), 1.0)
        .put_thresholds(32, steps(limits.rx_power), 1.0)
        .put_bytes(68, &UNITY);
    for slope in [76, 80, 84, 88] {
        page.put_u16(slope, SLOPE);
    }
    page.put_checksum(95, 0, 94);
}
