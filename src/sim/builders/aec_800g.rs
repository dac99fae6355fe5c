//! An 800G active electrical cable: copper with a retimer in each end.

use super::Nameplate;
use super::cmis_pages::{Application, DIAGNOSTICS, Design, Limits, MediaType, Support};
use super::diagnostics_pages::{Diagnostics, put_diagnostics};
use crate::bus::address::Half;
use crate::sim::module::SimModule;
use crate::sim::physics::{Line, Nominal, Physics};

/// 800GAUI-8-L, 400GAUI-4-L and 100GAUI-1-L; the far side is a cable whose bit
/// error ratio is below 1e-6.
const APPLICATIONS: &[Application] = &[
    Application {
        host: 0x52,
        media: 0x04,
        lanes: (8, 8),
        starts: 0x01,
    },
    Application {
        host: 0x50,
        media: 0x04,
        lanes: (4, 4),
        starts: 0x11,
    },
    Application {
        host: 0x4C,
        media: 0x04,
        lanes: (1, 1),
        starts: 0xFF,
    },
];

/// Retimers both ways; nothing optical to observe.
const SUPPORT: Support = Support {
    tx_flags: 0b1110,
    rx_flags: 0b110,
    module_monitors: 0b11,
    lane_monitors: 0,
    tx_signal: 0b1001,
    rx_signal: 0b1_1101,
};

/// A cable of 3 m, 12 W each end.
pub fn aec_800g(nameplate: &Nameplate) -> SimModule {
    const THREE_METERS: u8 = 0b01 << 6 | 3;
    let limits = Limits::around(0.0);
    let design = Design {
        nameplate,
        identifier: 0x19,
        revision: 0x50,
        firmware: (1, 18),
        media_type: MediaType::ActiveCable,
        applications: APPLICATIONS,
        quarter_watts: 48,
        power_class: 7,
        cable_length: THREE_METERS,
        connector: 0x23,
        technology: 0x0C,
        fiber_length: 0,
        wavelength: 0.0,
        pages: DIAGNOSTICS,
        banks: 1,
        characteristics: 0,
        support: SUPPORT,
        limits: Some(limits),
    };
    let mut registers = design.registers();
    // No light, hence no thresholds for it.
    registers
        .page(Half::page(0x02))
        .fill(176, 199, 0)
        .put_checksum(255, 128, 254);
    put_diagnostics(
        &mut registers,
        Diagnostics {
            loopbacks: 0x0A,
            results: 0x33,
            engines: 0x55,
        },
    );
    let nominal = Nominal {
        temperature_celsius: 41.0,
        supply_volts: 3.3,
        tx_power_dbm: 0.0,
        rx_power_dbm: 0.0,
        bias_milliamperes: 0.0,
        media_quality: 6.3,
        host_quality: 6.3,
        line: Line::eight_100g(7.0),
        retimes: true,
    };
    SimModule::new(registers, Some(Physics::new(nameplate.seed(), nominal)))
}
