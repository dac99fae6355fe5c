//! Module-wide values: monitors, thresholds, flags.

use serde::Serialize;

use super::{Absent, Members};
use crate::module::{Levels, Reading, Snapshot};

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Monitors {
    /// Case temperature, in degrees Celsius.
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature_celsius: Option<f64>,
    /// Supply, in volts.
    #[serde(skip_serializing_if = "Option::is_none")]
    supply_volts: Option<f64>,
    /// Temperature of the laser, in degrees Celsius.
    #[serde(skip_serializing_if = "Option::is_none")]
    laser_temperature_celsius: Option<f64>,
    /// Current of the cooler, in percent of the most; negative while it heats.
    #[serde(skip_serializing_if = "Option::is_none")]
    tec_current_percent: Option<f64>,
    /// Second supply, in volts.
    #[serde(skip_serializing_if = "Option::is_none")]
    supply_2_volts: Option<f64>,
    #[serde(flatten)]
    #[cfg_attr(test, schemars(schema_with = "super::described::vendor_monitors"))]
    vendor: Members<i16>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn monitors(snapshot: &Snapshot) -> Monitors {
    let monitors = &snapshot.monitors;
    let mut absent = Absent::default();
    Monitors {
        temperature_celsius: absent.number(
            "temperature_celsius",
            monitors.temperature.map(|t| t.celsius()),
        ),
        supply_volts: absent.number("supply_volts", monitors.supply.map(|v| v.volts())),
        laser_temperature_celsius: absent.number(
            "laser_temperature_celsius",
            monitors.laser_temperature.map(|t| t.celsius()),
        ),
        tec_current_percent: absent.number(
            "tec_current_percent",
            monitors.tec_current.map(|share| share.ratio() * 100.0),
        ),
        supply_2_volts: absent.number("supply_2_volts", monitors.supply_2.map(|v| v.volts())),
        vendor: monitors
            .vendor
            .iter()
            .map(|(name, raw)| ((*name).to_owned(), *raw))
            .collect(),
        absent,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Thresholds {
    /// For the case temperature, in degrees Celsius.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "super::described::levels"))]
    temperature_celsius: Option<Members<f64>>,
    /// For the supply, in volts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "super::described::levels"))]
    supply_volts: Option<Members<f64>>,
    /// For light sent, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "super::described::levels"))]
    tx_power_watts: Option<Members<f64>>,
    /// For laser bias, in amperes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "super::described::levels"))]
    tx_bias_amperes: Option<Members<f64>>,
    /// For light received, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "super::described::levels"))]
    rx_power_watts: Option<Members<f64>>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn thresholds(snapshot: &Snapshot) -> Thresholds {
    let thresholds = &snapshot.thresholds;
    let mut absent = Absent::default();
    let mut set = |name, levels: Reading<Levels<f64>>| absent.take(name, levels).map(levels_of);
    Thresholds {
        temperature_celsius: set(
            "temperature_celsius",
            thresholds.temperature.map(|l| l.map(|t| t.celsius())),
        ),
        supply_volts: set(
            "supply_volts",
            thresholds.supply.map(|l| l.map(|v| v.volts())),
        ),
        tx_power_watts: set(
            "tx_power_watts",
            thresholds.tx_power.map(|l| l.map(|p| p.watts())),
        ),
        tx_bias_amperes: set(
            "tx_bias_amperes",
            thresholds.tx_bias.map(|l| l.map(|c| c.amperes())),
        ),
        rx_power_watts: set(
            "rx_power_watts",
            thresholds.rx_power.map(|l| l.map(|p| p.watts())),
        ),
        absent,
    }
}

/// The four levels as members; one that is not a number is left out.
pub(super) fn levels_of(levels: Levels<f64>) -> Members<f64> {
    levels
        .named()
        .into_iter()
        .filter(|(_, value)| value.is_finite())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Flags {
    #[serde(flatten)]
    #[cfg_attr(test, schemars(schema_with = "super::described::module_flags"))]
    raised: Members<bool>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn flags(snapshot: &Snapshot) -> Flags {
    let flags = &snapshot.flags;
    let mut absent = Absent::default();
    let mut raised = Vec::new();
    for (quantity, levels) in [
        ("temperature", flags.temperature),
        ("supply", flags.supply),
        ("aux1", flags.aux1),
        ("aux2", flags.aux2),
        ("aux3", flags.aux3),
        ("custom", flags.custom),
    ] {
        raised.extend(level_flags(quantity, absent.take(quantity, levels)));
    }
    for (name, flag) in [
        ("state_changed", flags.state_changed),
        ("module_firmware_error", flags.module_firmware_error),
        ("data_path_firmware_error", flags.data_path_firmware_error),
    ] {
        raised.extend(absent.take(name, flag).map(|flag| (name.to_owned(), flag)));
    }
    Flags {
        raised: raised.into_iter().collect(),
        absent,
    }
}

/// The four flags of a quantity, as `QUANTITY_LEVEL`.
pub(super) fn level_flags(
    quantity: &str,
    levels: Option<Levels<bool>>,
) -> impl Iterator<Item = (String, bool)> {
    levels
        .into_iter()
        .flat_map(Levels::named)
        .map(move |(level, raised)| (format!("{quantity}_{level}"), raised))
}
