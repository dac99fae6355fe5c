//! A 100G CWDM4 QSFP28 with paged SFF-8636 registers.
//!
//! SFF-8636 revision 2.8: lower memory, page 00h and the thresholds of page 03h.

use super::Nameplate;
use super::cmis_pages::Limits;
use crate::bus::address::Half;
use crate::sim::live;
use crate::sim::memory::Registers;
use crate::sim::module::SimModule;
use crate::sim::page_writer::PageWriter;
use crate::sim::physics::{Line, Nominal, Physics};
use crate::sim::raw;

const IDENTIFIER: u8 = 0x11;
const BIAS: f64 = 40.0;

/// A module of power class 4, 2 km.
pub fn qsfp28_cwdm4(nameplate: &Nameplate) -> SimModule {
    let mut registers = Registers::new();
    put_lower(&mut registers.page(Half::LOWER));
    put_identity(&mut registers.page(Half::page(0x00)), nameplate);
    registers.page(Half::page(0x02)).fill(128, 255, 0xFF);
    put_limits(&mut registers.page(Half::page(0x03)));
    let nominal = Nominal {
        temperature_celsius: 38.0,
        supply_volts: 3.28,
        tx_power_dbm: 0.3,
        rx_power_dbm: -1.4,
        bias_milliamperes: BIAS,
        media_quality: 6.5,
        host_quality: 6.5,
        line: Line::of_25g(4, 7.5),
        retimes: true,
    };
    SimModule::new(registers, Some(Physics::new(nameplate.seed(), nominal)))
}

fn put_lower(page: &mut PageWriter<'_>) {
    const REVISION_2_8: u8 = 8;
    const NO_INTERRUPT: u8 = 1 << 1;
    page.put_u8(0, IDENTIFIER)
        .put_u8(1, REVISION_2_8)
        .put_u8(2, NO_INTERRUPT | 1)
        .put_u8(98, 0xFF);
}

fn put_identity(page: &mut PageWriter<'_>, plate: &Nameplate) {
    /// Class 4, CDR in both directions.
    const EXTENDED_IDENTIFIER: u8 = 0b11 << 6 | 1 << 3 | 1 << 2;
    const LC: u8 = 0x07;
    const SEE_EXTENDED_COMPLIANCE: u8 = 1 << 7;
    const ENCODING_64B66B: u8 = 0x05;
    /// Above 25.4 GBd; the rate itself is in byte 222, in 250 MBd.
    const RATE_ELSEWHERE: u8 = 0xFF;
    const RATE: u8 = 103;
    const DFB_1310: u8 = 0x4;
    /// 1310 nm and 6.5 nm.
    const WAVELENGTH: u16 = 26_200;
    const TOLERANCE: u16 = 1_300;
    const CWDM4: u8 = 0x06;
    /// Page 02h; Tx disable, Tx fault, Tx loss of signal.
    const OPTIONS: u8 = 1 << 7 | 1 << 4 | 1 << 3 | 1 << 1;
    /// Temperature, supply, average Rx power, Tx power.
    const MONITORS: u8 = 0b0011_1100;
    page.put_u8(128, IDENTIFIER)
        .put_u8(129, EXTENDED_IDENTIFIER)
        .put_u8(130, LC)
        .put_u8(131, SEE_EXTENDED_COMPLIANCE)
        .put_u8(139, ENCODING_64B66B)
        .put_u8(140, RATE_ELSEWHERE)
        .put_u8(142, 2)
        .put_u8(147, DFB_1310 << 4)
        .put_text(148, 16, &plate.vendor)
        .put_bytes(165, &plate.oui)
        .put_text(168, 16, &plate.part_number)
        .put_text(184, 2, &plate.revision)
        .put_u16(186, WAVELENGTH)
        .put_u16(188, TOLERANCE)
        .put_u8(190, 70)
        .put_u8(192, CWDM4)
        .put_u8(195, OPTIONS)
        .put_text(196, 16, &plate.serial)
        .put_text(212, 8, &plate.date_code)
        .put_u8(220, MONITORS)
        .put_u8(222, RATE)
        .put_checksum(191, 128, 190)
        .put_checksum(223, 192, 222);
}

fn put_limits(page: &mut PageWriter<'_>) {
    let limits = Limits::around(BIAS);
    let steps = |levels: [f64; 4]| levels.map(|dbm| f64::from(raw::tenth_microwatts(Some(dbm))));
    page.put_signed_thresholds(128, limits.temperature, live::CELSIUS_STEP)
        .put_thresholds(144, limits.supply, live::SUPPLY_STEP)
        .put_thresholds(176, steps(limits.rx_power), 1.0)
        .put_thresholds(184, limits.bias, live::BIAS_STEP_MILLIAMPERES)
        .put_thresholds(192, steps(limits.tx_power), 1.0);
}
