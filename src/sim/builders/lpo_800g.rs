//! An 800G linear pluggable: drivers and amplifiers, nothing retimed.
//!
//! Linear host codes and LPO media codes, no CDR, no loss of lock, no VDM and
//! no diagnostics pages; asked for one of those it shows page 00h. Its current
//! comes in steps of 8 µA. With the enhanced LPO pages C1h and C2h on wish.

use super::Nameplate;
use super::cmis_pages::{Application, Design, Limits, MediaType, Support, USER_MEMORY, VDM};
use super::vdm_pages::{each, put_vdm};
use crate::bus::address::Half;
use crate::sim::memory::Registers;
use crate::sim::module::SimModule;
use crate::sim::physics::{Line, Nominal, Physics};

/// LEI-800G, LEI-400G and LEI-100G to DR8, DR4 and DR1 LPO.
const APPLICATIONS: &[Application] = &[
    Application {
        host: 0x23,
        media: 0x92,
        lanes: (8, 8),
        starts: 0x01,
    },
    Application {
        host: 0x22,
        media: 0x91,
        lanes: (4, 4),
        starts: 0x11,
    },
    Application {
        host: 0x20,
        media: 0x8F,
        lanes: (1, 1),
        starts: 0xFF,
    },
];

/// As a real module: equaliser failure, loss of signal and fault; bias × 4;
/// fixed and adaptive equaliser without CDR.
const SUPPORT: Support = Support {
    tx_flags: 0x0B,
    rx_flags: 0x02,
    module_monitors: 0b11,
    lane_monitors: 0x17,
    tx_signal: 0x0C,
    rx_signal: 0x34,
};

const BIAS: f64 = 260.0;

/// A module of 8.5 W.
pub fn lpo_800g(nameplate: &Nameplate) -> SimModule {
    finish(registers(nameplate), nameplate)
}

/// The same with amplitude readings in vendor pages, one maker's scheme.
pub fn lpo_800g_enhanced(nameplate: &Nameplate) -> SimModule {
    let mut registers = registers(nameplate);
    put_enhanced_pages(&mut registers);
    finish(registers, nameplate)
}

/// The same with statistics of bit errors that nobody in it could count: they
/// say zero.
pub fn lpo_800g_hollow(nameplate: &Nameplate) -> SimModule {
    let mut registers = registers(nameplate);
    let pages = registers.u8(Half::page(0x01), 142);
    registers
        .page(Half::page(0x01))
        .put_u8(142, pages | VDM)
        .put_checksum(255, 130, 254);
    let ratios = (9..=16).flat_map(|kind| each(kind, [0])).collect();
    put_vdm(&mut registers, &[ratios]);
    finish(registers, nameplate)
}

fn registers(nameplate: &Nameplate) -> Registers {
    Design {
        nameplate,
        identifier: 0x19,
        revision: 0x51,
        firmware: (3, 4),
        media_type: MediaType::SingleMode,
        applications: APPLICATIONS,
        quarter_watts: 34,
        power_class: 5,
        cable_length: 0,
        connector: 0x0D,
        technology: 0x04,
        fiber_length: 0x05,
        wavelength: 1311.0,
        pages: USER_MEMORY,
        banks: 1,
        characteristics: 0,
        support: SUPPORT,
        limits: Some(Limits::around(BIAS)),
    }
    .registers()
}

fn finish(registers: Registers, nameplate: &Nameplate) -> SimModule {
    let nominal = Nominal {
        temperature_celsius: 43.0,
        supply_volts: 3.3,
        tx_power_dbm: 0.9,
        rx_power_dbm: -0.9,
        bias_milliamperes: BIAS,
        // Nothing in the module decides about bits.
        media_quality: 8.6,
        host_quality: 0.0,
        line: Line::eight_100g(11.0),
        retimes: false,
    };
    SimModule::new(registers, Some(Physics::new(nameplate.seed(), nominal)))
}

/// 01h:195-196, C1h and C2h as one maker lays them out.
fn put_enhanced_pages(registers: &mut Registers) {
    const MARKER: u8 = 0x4C;
    const VERSION: u8 = 0x10;
    const CAPABILITIES: u8 = 0b1_1100;
    /// 5 mV.
    const HOST_AMPLITUDES: [u8; 4] = [180, 60, 170, 70];
    const HOST_AMPLITUDE: u8 = 120;
    /// 0.1 µW.
    const MEDIA_AMPLITUDES: [f64; 4] = [25_000.0, 2_000.0, 20_000.0, 2_500.0];
    const MEDIA_AMPLITUDE: u16 = 8_100;
    registers
        .page(Half::page(0x01))
        .put_bytes(195, &[MARKER, VERSION])
        .put_checksum(255, 130, 254);
    registers
        .page(Half::page(0xC1))
        .put_u8(128, CAPABILITIES)
        .put_u8(129, 50)
        .put_bytes(133, &[0b0000_0101, 0])
        .put_u8(135, 2)
        .put_bytes(136, &HOST_AMPLITUDES)
        .put_u8(140, 3)
        .put_thresholds(141, MEDIA_AMPLITUDES, 1.0);
    let mut page = registers.page(Half::page(0xC2));
    for lane in 0..8_u8 {
        page.put_u8(145 + lane, HOST_AMPLITUDE + lane)
            .put_u16(161 + 2 * lane, MEDIA_AMPLITUDE + 50 * u16::from(lane));
    }
}
