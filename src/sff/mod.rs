//! Typed SFF-8636 and SFF-8472 registers: bytes in, plain data out; cannot fail.
//!
//! Values that both maps encode alike are here; each map has its own folder.

pub mod sff8472;
pub mod sff8636;

use crate::bus::sheet::Sheet;
use crate::units::{Amperes, Celsius, Volts, Watts};

/// One step of a temperature: 1/256 degree Celsius.
const TEMPERATURE_STEP: f64 = 1.0 / 256.0;
/// One step of a supply voltage: 100 microvolts.
const SUPPLY_STEP: f64 = 100e-6;
/// One step of a laser bias current: 2 microamperes.
const BIAS_STEP: f64 = 2e-6;
/// One step of an optical power: 0.1 microwatt.
const POWER_STEP: f64 = 0.1e-6;

/// The temperature of a number of steps.
fn temperature(steps: f64) -> Celsius {
    Celsius::new(steps * TEMPERATURE_STEP)
}

/// The supply voltage of a number of steps.
fn supply(steps: f64) -> Volts {
    Volts::new(steps * SUPPLY_STEP)
}

/// The laser bias current of a number of steps.
fn bias(steps: f64) -> Amperes {
    Amperes::new(steps * BIAS_STEP)
}

/// The optical power of a number of steps.
fn power(steps: f64) -> Watts {
    Watts::new(steps * POWER_STEP)
}

/// Four words from an absolute offset on: high alarm, low alarm, high warning,
/// low warning. `None` if they are all zeros: the set says nothing.
fn four_words(sheet: &Sheet, first: u8) -> Option<[u16; 4]> {
    let words = [0, 2, 4, 6].map(|step| sheet.u16(first + step));
    words.iter().any(|word| *word != 0).then_some(words)
}

/// The alarm and warning thresholds of a module, each set in the order high
/// alarm, low alarm, high warning, low warning; `None` where a set is blank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThresholdSets {
    /// Case temperature.
    pub temperature: Option<[Celsius; 4]>,
    /// Supply voltage.
    pub supply: Option<[Volts; 4]>,
    /// Optical receive power, for every lane.
    pub rx_power: Option<[Watts; 4]>,
    /// Laser bias, for every lane.
    pub tx_bias: Option<[Amperes; 4]>,
    /// Optical transmit power, for every lane.
    pub tx_power: Option<[Watts; 4]>,
}
