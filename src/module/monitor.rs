//! Module-wide monitors with their thresholds and latched flags.

use super::Reading;
use crate::units::{Amperes, Celsius, Ratio, Volts, Watts};

/// Module-wide monitors.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitors {
    /// Case temperature.
    pub temperature: Reading<Celsius>,
    /// Supply voltage.
    pub supply: Reading<Volts>,
    /// Laser temperature (CMIS Aux2 or Aux3).
    pub laser_temperature: Reading<Celsius>,
    /// Thermo-electric cooler current, -1 (full cooling) to 1 (full heating).
    pub tec_current: Reading<Ratio>,
    /// A second supply voltage (CMIS Aux3).
    pub supply_2: Reading<Volts>,
    /// Auxiliary monitors whose meaning is the vendor's, or that have no place of
    /// their own above: name (`aux1` …, `custom`) and raw word.
    pub vendor: Vec<(&'static str, i16)>,
}

/// One value at each of the four levels, in register order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels<T> {
    /// High alarm.
    pub high_alarm: T,
    /// Low alarm.
    pub low_alarm: T,
    /// High warning.
    pub high_warning: T,
    /// Low warning.
    pub low_warning: T,
}

/// The names of the levels in register order, as labels and JSON use them.
pub const LEVEL_NAMES: [&str; 4] = ["high_alarm", "low_alarm", "high_warning", "low_warning"];

impl<T: Copy> Levels<T> {
    /// Values in register order: high alarm, low alarm, high warning, low warning.
    pub fn from_array([high_alarm, low_alarm, high_warning, low_warning]: [T; 4]) -> Self {
        Self {
            high_alarm,
            low_alarm,
            high_warning,
            low_warning,
        }
    }

    /// The values in register order.
    pub fn to_array(self) -> [T; 4] {
        [
            self.high_alarm,
            self.low_alarm,
            self.high_warning,
            self.low_warning,
        ]
    }

    /// Each level's name with its value, in register order.
    pub fn named(self) -> [(&'static str, T); 4] {
        let [a, b, c, d] = self.to_array();
        let [na, nb, nc, nd] = LEVEL_NAMES;
        [(na, a), (nb, b), (nc, c), (nd, d)]
    }

    /// Applies a function to each level.
    pub fn map<U: Copy>(self, f: impl FnMut(T) -> U) -> Levels<U> {
        Levels::from_array(self.to_array().map(f))
    }
}

/// The module's own thresholds. A set of all ones is absent; one of all zeros is
/// kept, and the snapshot's problems tell that it cannot be used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Case temperature.
    pub temperature: Reading<Levels<Celsius>>,
    /// Supply voltage.
    pub supply: Reading<Levels<Volts>>,
    /// Optical transmit power, for every lane.
    pub tx_power: Reading<Levels<Watts>>,
    /// Laser bias, for every lane.
    pub tx_bias: Reading<Levels<Amperes>>,
    /// Optical receive power, for every lane.
    pub rx_power: Reading<Levels<Watts>>,
}

/// Module-wide latched flags, as this sweep found them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModuleFlags {
    /// Case temperature.
    pub temperature: Reading<Levels<bool>>,
    /// Supply voltage.
    pub supply: Reading<Levels<bool>>,
    /// Auxiliary monitor 1.
    pub aux1: Reading<Levels<bool>>,
    /// Auxiliary monitor 2.
    pub aux2: Reading<Levels<bool>>,
    /// Auxiliary monitor 3.
    pub aux3: Reading<Levels<bool>>,
    /// The vendor's own monitor.
    pub custom: Reading<Levels<bool>>,
    /// The module state changed (CMIS 00h:8.0).
    pub state_changed: Reading<bool>,
    /// Module firmware error (CMIS 00h:8.1).
    pub module_firmware_error: Reading<bool>,
    /// Data path firmware error (CMIS 00h:8.2).
    pub data_path_firmware_error: Reading<bool>,
}
