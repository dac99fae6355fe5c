//! A fully retimed 800G OSFP: signal processors both ways, VDM, diagnostics.

use super::Nameplate;
use super::cmis_pages::{Application, DIAGNOSTICS, Design, Limits, MediaType, Support, VDM};
use super::diagnostics_pages::{Diagnostics, put_diagnostics};
use super::vdm_pages::{Instance, MODULE, each, put_vdm};
use crate::sim::module::SimModule;
use crate::sim::physics::{Line, Nominal, Physics};

/// Which fibres a module drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optics {
    /// Two data paths of four wavelengths, 2 km.
    TwoFr4,
    /// One data path of eight fibres, 500 m.
    Dr8,
}

/// 400GAUI-4-L to 400G-FR4, 100GAUI-1-L to 100G-FR.
const FR4: &[Application] = &[
    Application {
        host: 0x50,
        media: 0x1D,
        lanes: (4, 4),
        starts: 0x11,
    },
    Application {
        host: 0x4C,
        media: 0x15,
        lanes: (1, 1),
        starts: 0xFF,
    },
];

/// 800GAUI-8-L to 800GBASE-DR8, 400GAUI-4-L to 400GBASE-DR4, 200GAUI-2-L by
/// vendor code, 100GAUI-1-L to 100GBASE-DR.
const DR8: &[Application] = &[
    Application {
        host: 0x52,
        media: 0x56,
        lanes: (8, 8),
        starts: 0x01,
    },
    Application {
        host: 0x50,
        media: 0x1C,
        lanes: (4, 4),
        starts: 0x11,
    },
    Application {
        host: 0x4E,
        media: 0xC0,
        lanes: (2, 2),
        starts: 0x55,
    },
    Application {
        host: 0x4C,
        media: 0x14,
        lanes: (1, 1),
        starts: 0xFF,
    },
];

const SUPPORT: Support = Support {
    tx_flags: 0b1111,
    rx_flags: 0b110,
    module_monitors: 0b111,
    lane_monitors: 0b111,
    tx_signal: 0b1011,
    rx_signal: 0b1_1111,
};

/// A module with a case of 52 °C, 2 dB above the KP4 limit.
pub fn dsp_800g(nameplate: &Nameplate, optics: Optics) -> SimModule {
    const BIAS: f64 = 75.0;
    let (applications, fiber_length, wavelength, connector, paths) = match optics {
        Optics::TwoFr4 => (FR4, 0x42, 0.0, 0x07, vec![0, 4]),
        Optics::Dr8 => (DR8, 0x05, 1311.0, 0x0D, vec![0]),
    };
    let design = Design {
        nameplate,
        identifier: 0x19,
        revision: 0x52,
        firmware: (2, 10),
        media_type: MediaType::SingleMode,
        applications,
        quarter_watts: 62,
        power_class: 8,
        cable_length: 0,
        connector,
        technology: 0x06,
        fiber_length,
        wavelength,
        pages: VDM | DIAGNOSTICS,
        banks: 1,
        // Cooled; the first auxiliary monitor is the TEC current.
        characteristics: 1 << 7 | 1,
        support: SUPPORT,
        limits: Some(Limits::around(BIAS)),
    };
    let mut registers = design.registers();
    put_vdm(&mut registers, &observables(&paths));
    put_diagnostics(
        &mut registers,
        Diagnostics {
            loopbacks: 0x0A,
            results: 0x33,
            engines: 0x66,
        },
    );
    let nominal = Nominal {
        temperature_celsius: 52.0,
        supply_volts: 3.3,
        tx_power_dbm: 1.2,
        rx_power_dbm: -0.8,
        bias_milliamperes: BIAS,
        media_quality: 5.9,
        host_quality: 6.1,
        line: Line::eight_100g(7.0),
        retimes: true,
    };
    SimModule::new(registers, Some(Physics::new(nameplate.seed(), nominal)))
}

/// Lane observables and the first half of the data path ones, with a hole; then
/// the second group.
fn observables(paths: &[u8]) -> Vec<Vec<Instance>> {
    let lanes = [4, 5, 6, 7].map(|kind| each(kind, 0..8)).concat();
    let hole = each(0, [0]);
    let error_ratios = (9..=16).flat_map(|kind| each(kind, paths.iter().copied()));
    let first = lanes.into_iter().chain(hole).chain(error_ratios).collect();

    let frames = (17..=26).flat_map(|kind| each(kind, paths.iter().copied()));
    let module = [each(2, [MODULE]), each(1, [0])].concat();
    vec![first, frames.chain(module).collect()]
}
