//! An 800G half-retimed module: a retimer on the way out, linear on the way in.
//!
//! CDR and loss of lock in the transmit direction only, so it can vouch for the
//! host side and has nothing to say about the bits from the fibre.

use super::Nameplate;
use super::cmis_pages::{Application, DIAGNOSTICS, Design, Limits, MediaType, Support, VDM};
use super::diagnostics_pages::{Diagnostics, put_diagnostics};
use super::vdm_pages::{each, put_vdm};
use crate::sim::module::SimModule;
use crate::sim::physics::{Line, Nominal, Physics};

/// EEI-800G-RTLR-8-L, EEI-400G-RTLR-4-L and EEI-100G-RTLR-1-L to DR8, DR4, DR.
const APPLICATIONS: &[Application] = &[
    Application {
        host: 0x97,
        media: 0x56,
        lanes: (8, 8),
        starts: 0x01,
    },
    Application {
        host: 0x95,
        media: 0x1C,
        lanes: (4, 4),
        starts: 0x11,
    },
    Application {
        host: 0x91,
        media: 0x14,
        lanes: (1, 1),
        starts: 0xFF,
    },
];

const SUPPORT: Support = Support {
    tx_flags: 0b1111,
    rx_flags: 0b010,
    module_monitors: 0b11,
    lane_monitors: 0b1111,
    tx_signal: 0b1011,
    rx_signal: 0b1_1100,
};

/// A module of 10.5 W.
pub fn lro_800g(nameplate: &Nameplate) -> SimModule {
    const BIAS: f64 = 120.0;
    let design = Design {
        nameplate,
        identifier: 0x19,
        revision: 0x53,
        firmware: (1, 3),
        media_type: MediaType::SingleMode,
        applications: APPLICATIONS,
        quarter_watts: 42,
        power_class: 6,
        cable_length: 0,
        connector: 0x28,
        technology: 0x04,
        fiber_length: 0x05,
        wavelength: 1311.0,
        pages: VDM | DIAGNOSTICS,
        banks: 1,
        characteristics: 0,
        support: SUPPORT,
        limits: Some(Limits::around(BIAS)),
    };
    let mut registers = design.registers();
    let lanes = [each(4, 0..8), each(6, 0..8), each(8, 0..8)].concat();
    let path = (10..=26).step_by(2).flat_map(|kind| each(kind, [0]));
    put_vdm(&mut registers, &[lanes.into_iter().chain(path).collect()]);
    put_diagnostics(
        &mut registers,
        Diagnostics {
            loopbacks: 0,
            results: 0x13,
            engines: 0x05,
        },
    );
    let nominal = Nominal {
        temperature_celsius: 46.0,
        supply_volts: 3.3,
        tx_power_dbm: 1.0,
        rx_power_dbm: -1.0,
        bias_milliamperes: BIAS,
        media_quality: 8.0,
        host_quality: 6.0,
        line: Line::eight_100g(10.0),
        retimes: false,
    };
    SimModule::new(registers, Some(Physics::new(nameplate.seed(), nominal)))
}
