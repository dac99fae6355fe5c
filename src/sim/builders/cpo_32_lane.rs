//! A co-packaged engine of 6.4T: 32 lanes of 200G in four banks.
//!
//! Identifier 80h is a convention of its makers; it retimes the way out only,
//! as the one published register image of such an engine does.

use super::Nameplate;
use super::cmis_pages::{Application, Design, Limits, MediaType, Support};
use crate::bus::address::Half;
use crate::sim::module::SimModule;
use crate::sim::physics::{Line, Nominal, Physics};

/// 800GAUI-4 to 800GBASE-DR4, 400GAUI-2 to DR2, 200GAUI-1 to DR1.
const APPLICATIONS: &[Application] = &[
    Application {
        host: 0x82,
        media: 0x77,
        lanes: (4, 4),
        starts: 0x11,
    },
    Application {
        host: 0x81,
        media: 0x75,
        lanes: (2, 2),
        starts: 0x55,
    },
    Application {
        host: 0x80,
        media: 0x73,
        lanes: (1, 1),
        starts: 0xFF,
    },
];

const SUPPORT: Support = Support {
    tx_flags: 0b0111,
    rx_flags: 0b010,
    module_monitors: 0b11,
    lane_monitors: 0b111,
    tx_signal: 0b0001,
    rx_signal: 0,
};

/// An engine of 48 W for all of its banks, without its laser.
pub fn cpo_32_lane(nameplate: &Nameplate) -> SimModule {
    const BANKS: u8 = 4;
    const FOUR_BANKS: u8 = 0b10;
    const BIAS: f64 = 50.0;
    let design = Design {
        nameplate,
        identifier: 0x80,
        revision: 0x53,
        firmware: (0, 9),
        media_type: MediaType::SingleMode,
        applications: APPLICATIONS,
        quarter_watts: 192,
        power_class: 8,
        cable_length: 0,
        connector: 0x80,
        technology: 0x04,
        fiber_length: 0x05,
        wavelength: 1311.0,
        pages: FOUR_BANKS,
        banks: BANKS,
        characteristics: 0,
        support: SUPPORT,
        limits: Some(Limits::around(BIAS)),
    };
    let mut registers = design.registers();
    registers.page(Half::LOWER).put_u8(70, BANKS);
    let nominal = Nominal {
        temperature_celsius: 55.0,
        supply_volts: 3.3,
        tx_power_dbm: 0.5,
        rx_power_dbm: -1.5,
        bias_milliamperes: BIAS,
        media_quality: 8.0,
        host_quality: 6.0,
        line: Line::eight_100g(10.0),
        retimes: false,
    };
    SimModule::new(registers, Some(Physics::new(nameplate.seed(), nominal)))
}
