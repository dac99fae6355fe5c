//! Lasers: how tunable ones are set and where they are; external sources.

use serde::Serialize;

use super::monitor::levels_of;
use super::{Absent, Members, StateWord, finite};
use crate::module::{self, Reading, SourceLane};
use crate::units::Watts;

/// Target powers come in steps of 0.01 dB; what is finer is left from arithmetic.
const STEPS_PER_DB: f64 = 100.0;

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Laser {
    /// The media lane over all banks, from 1.
    lane: u16,
    /// The frequency it has now, in hertz.
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_hertz: Option<f64>,
    /// Channel number on the grid.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<i16>,
    /// Grid spacing, as CMIS codes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    grid_code: Option<u8>,
    /// Power that was asked for, in dBm, as the module is told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    target_power_dbm: Option<f64>,
    /// Whether it is being tuned.
    #[serde(skip_serializing_if = "Option::is_none")]
    tuning: Option<bool>,
    /// Whether it stands on its frequency.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked: Option<bool>,
    #[serde(flatten)]
    #[cfg_attr(test, schemars(schema_with = "super::described::laser_flags"))]
    flags: Members<bool>,
    /// Thresholds for the light sent, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "super::described::levels"))]
    tx_power_thresholds_watts: Option<Members<f64>>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn laser(laser: &module::Laser) -> Laser {
    let mut absent = Absent::default();
    let mut flags = Vec::new();
    for (name, flag) in laser.named_flags() {
        flags.extend(
            absent
                .passing(name, flag)
                .map(|flag| (name.to_owned(), flag)),
        );
    }
    Laser {
        lane: laser.lane.number(),
        frequency_hertz: absent.passing("frequency_hertz", laser.frequency.map(|f| f.hertz())),
        channel: absent.passing("channel", laser.channel),
        grid_code: absent.passing("grid_code", laser.grid_code),
        target_power_dbm: absent.passing("target_power_dbm", laser.target_power.and_then(dbm)),
        tuning: absent.passing("tuning", laser.tuning),
        locked: absent.passing("locked", laser.locked),
        flags: flags.into_iter().collect(),
        tx_power_thresholds_watts: absent
            .passing("tx_power_thresholds_watts", laser.tx_power_thresholds)
            .map(|levels| levels_of(levels.map(|p| p.watts()))),
        absent,
    }
}

fn dbm(power: Watts) -> Reading<f64> {
    let rounded = |level: f64| (level * STEPS_PER_DB).round() / STEPS_PER_DB;
    power.dbm().map(rounded).into()
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LaserSource {
    /// Whether it holds power (true) or bias (false).
    #[serde(skip_serializing_if = "Option::is_none")]
    holds_power: Option<bool>,
    /// The most it can be asked for, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_power_watts: Option<f64>,
    /// The least it can be asked for, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_power_watts: Option<f64>,
    /// The most bias it can be asked for, in amperes.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bias_amperes: Option<f64>,
    /// The least bias it can be asked for, in amperes.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_bias_amperes: Option<f64>,
    /// What it draws, in amperes.
    #[serde(skip_serializing_if = "Option::is_none")]
    supply_current_amperes: Option<f64>,
    /// Its lasers.
    lanes: Vec<OneLaser>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OneLaser {
    /// The lane, from 1.
    lane: u16,
    /// Whether it is asked to shine.
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    /// Its state, or the number of a reserved state.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<StateWord>,
    /// Power that was asked for, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    power_set_point_watts: Option<f64>,
    /// Bias that was asked for, in amperes.
    #[serde(skip_serializing_if = "Option::is_none")]
    bias_set_point_amperes: Option<f64>,
    /// Voltage across it, in volts.
    #[serde(skip_serializing_if = "Option::is_none")]
    voltage_volts: Option<f64>,
    /// Whether it warns.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<bool>,
    /// Code of its fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault_code: Option<u8>,
    /// Code of its warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning_code: Option<u8>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn laser_source(source: &module::LaserSource) -> LaserSource {
    let mut absent = Absent::default();
    let power = source.power_limits.map(|limits| limits.map(|p| p.watts()));
    let bias = source.bias_limits.map(|limits| limits.map(|c| c.amperes()));
    let current = source.supply_current.map(|c| c.amperes());
    LaserSource {
        holds_power: absent.passing("holds_power", source.holds_power),
        max_power_watts: absent.passing("max_power_watts", power.map(|[most, _]| most)),
        min_power_watts: absent.passing("min_power_watts", power.map(|[_, least]| least)),
        max_bias_amperes: absent.passing("max_bias_amperes", bias.map(|[most, _]| most)),
        min_bias_amperes: absent.passing("min_bias_amperes", bias.map(|[_, least]| least)),
        supply_current_amperes: absent.passing("supply_current_amperes", finite(current)),
        lanes: source.lanes.iter().map(one_laser).collect(),
        absent,
    }
}

fn one_laser(lane: &SourceLane) -> OneLaser {
    let mut absent = Absent::default();
    OneLaser {
        lane: lane.lane.number(),
        enabled: absent.passing("enabled", lane.enabled),
        state: absent
            .passing("state", lane.state)
            .map(|state| StateWord::from(state.name())),
        power_set_point_watts: absent.passing(
            "power_set_point_watts",
            lane.power_set_point.map(|p| p.watts()),
        ),
        bias_set_point_amperes: absent.passing(
            "bias_set_point_amperes",
            lane.bias_set_point.map(|c| c.amperes()),
        ),
        voltage_volts: absent.passing("voltage_volts", lane.voltage.map(|v| v.volts())),
        warning: absent.passing("warning", lane.warning),
        fault_code: absent.passing("fault_code", lane.fault_code),
        warning_code: absent.passing("warning_code", lane.warning_code),
        absent,
    }
}
