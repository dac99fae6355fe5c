//! A 400G passive copper cable: flat memory and not a single monitor.

use super::Nameplate;
use super::cmis_pages::{Application, Design, MediaType, Support};
use crate::bus::address::Half;
use crate::sim::module::SimModule;
use crate::sim::physics::{Line, Nominal, Physics};

/// 400G CR8 over copper.
const APPLICATIONS: &[Application] = &[Application {
    host: 0x1D,
    media: 0x01,
    lanes: (8, 8),
    starts: 0x01,
}];

/// A cable of 2 m.
pub fn dac_400g(nameplate: &Nameplate) -> SimModule {
    /// Whole decibels at 5, 7, 12.9, 25.8 and 53.1 GHz.
    const ATTENUATION: [u8; 5] = [6, 8, 12, 18, 0];
    const TWO_METERS: u8 = 0b01 << 6 | 2;
    let design = Design {
        nameplate,
        identifier: 0x18,
        revision: 0x40,
        firmware: (0, 0),
        media_type: MediaType::PassiveCopper,
        applications: APPLICATIONS,
        quarter_watts: 1,
        power_class: 1,
        cable_length: TWO_METERS,
        connector: 0x23,
        technology: 0x0A,
        fiber_length: 0,
        wavelength: 0.0,
        pages: 0,
        banks: 0,
        characteristics: 0,
        support: Support::default(),
        limits: None,
    };
    let mut registers = design.flat_registers();
    registers
        .page(Half::page(0x00))
        .put_bytes(204, &ATTENUATION)
        .put_checksum(222, 128, 221);
    let nominal = Nominal {
        temperature_celsius: 35.0,
        supply_volts: 3.3,
        tx_power_dbm: 0.0,
        rx_power_dbm: 0.0,
        bias_milliamperes: 0.0,
        // Nothing but the line decides.
        media_quality: 1e6,
        host_quality: 0.0,
        line: Line::eight_50g(7.5),
        retimes: false,
    };
    SimModule::new(registers, Some(Physics::new(nameplate.seed(), nominal)))
}
