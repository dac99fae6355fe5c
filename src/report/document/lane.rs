//! Values by lane: levels and flags, signal to noise ratio, VDM.

use serde::Serialize;

use super::monitor::{level_flags, levels_of};
use super::{Absent, Members, StateWord, finite};
use crate::module::{LaneLatency, LaneReadings, LaneSnr, Snapshot, VdmSample};
use crate::names::Side;

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Lane {
    /// The lane over all banks, from 1.
    lane: u16,
    /// The bank that it belongs to.
    bank: u8,
    /// State of the data path of the host lane, or the number of a reserved state.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_path_state: Option<StateWord>,
    /// Number of the application that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    active_application: Option<u8>,
    /// Light sent, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    tx_power_watts: Option<f64>,
    /// Laser bias, in amperes.
    #[serde(skip_serializing_if = "Option::is_none")]
    tx_bias_amperes: Option<f64>,
    /// Light received, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    rx_power_watts: Option<f64>,
    #[serde(flatten)]
    #[cfg_attr(test, schemars(schema_with = "super::described::lane_flags"))]
    flags: Members<bool>,
    /// Why members are missing, by their names; only reasons that can pass.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn lane(lane: &LaneReadings) -> Lane {
    let mut absent = Absent::default();
    let mut flags = Vec::new();
    for (name, flag) in lane.signals.named() {
        flags.extend(
            absent
                .passing(name, flag)
                .map(|flag| (name.to_owned(), flag)),
        );
    }
    for (quantity, absence, levels) in [
        ("tx_power", "tx_power_flags", lane.tx_power_flags),
        ("tx_bias", "tx_bias_flags", lane.tx_bias_flags),
        ("rx_power", "rx_power_flags", lane.rx_power_flags),
    ] {
        flags.extend(level_flags(quantity, absent.passing(absence, levels)));
    }
    Lane {
        lane: lane.lane.number(),
        bank: lane.bank.number(),
        data_path_state: absent
            .passing("data_path_state", lane.data_path_state)
            .map(|state| StateWord::from(state.name())),
        active_application: absent.passing("active_application", lane.active_application),
        tx_power_watts: absent.passing("tx_power_watts", finite(lane.tx_power.map(|p| p.watts()))),
        tx_bias_amperes: absent
            .passing("tx_bias_amperes", finite(lane.tx_bias.map(|c| c.amperes()))),
        rx_power_watts: absent.passing("rx_power_watts", finite(lane.rx_power.map(|p| p.watts()))),
        flags: flags.into_iter().collect(),
        absent,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Snr {
    /// Of signals from the host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    host: Vec<SnrValue>,
    /// Of signals from the medium.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media: Vec<SnrValue>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SnrValue {
    /// The lane over all banks, from 1.
    lane: u16,
    /// In decibels.
    value_db: f64,
}

pub(super) fn snr(snapshot: &Snapshot) -> Snr {
    let value = |snr: &LaneSnr| {
        Some(SnrValue {
            lane: snr.lane.number(),
            value_db: finite(snr.snr.map(|snr| snr.decibels())).value()?,
        })
    };
    let of = |side| {
        let lanes = snapshot.snr.iter().filter(|snr| snr.side == side);
        lanes.filter_map(value).collect()
    };
    Snr {
        host: of(Side::Host),
        media: of(Side::Media),
    }
}

/// Error ratios of test patterns, by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PatternBer {
    /// Of signals from the host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    host: Vec<RatioValue>,
    /// Of signals from the medium.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media: Vec<RatioValue>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RatioValue {
    /// The lane over all banks, from 1.
    lane: u16,
    /// Wrong bits by all bits.
    value: f64,
}

/// The error ratios of test patterns; `None` where the module shows none.
pub(super) fn pattern_ber(snapshot: &Snapshot) -> Option<PatternBer> {
    let of = |side| -> Vec<RatioValue> {
        let lanes = snapshot.pattern_ber.iter().filter(|b| b.side == side);
        lanes
            .filter_map(|b| {
                Some(RatioValue {
                    lane: b.lane.number(),
                    value: b.ber.value()?.ratio(),
                })
            })
            .collect()
    };
    (!snapshot.pattern_ber.is_empty()).then(|| PatternBer {
        host: of(Side::Host),
        media: of(Side::Media),
    })
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Vdm {
    /// Type of the observable, as CMIS numbers it.
    #[serde(rename = "type")]
    observable: u8,
    /// Its name.
    name: &'static str,
    /// `host` or `media`; left out where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<&'static str>,
    /// `current`, `minimum`, `maximum`, `average` and so on.
    statistic: &'static str,
    /// Lane within the bank, from 1; left out for the whole module or data path.
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<u8>,
    /// The bank.
    bank: u8,
    /// The value, in `unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    /// Statistics only: whether they stood still while they were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen: Option<bool>,
    /// The unit of `value` and `thresholds`, in words.
    unit: &'static str,
    /// The register as it was read.
    raw: u16,
    /// The module's own thresholds, in `unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "super::described::levels"))]
    thresholds: Option<Members<f64>>,
    /// The four latched flags as bits: high alarm, low alarm, high warning, low warning from bit 0 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<u8>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn vdm(sample: &VdmSample) -> Vdm {
    let mut absent = Absent::default();
    Vdm {
        observable: sample.observable,
        name: sample.name,
        side: sample.side.map(Side::name),
        statistic: sample.statistic.name(),
        lane: sample.lane,
        bank: sample.bank.number(),
        value: absent.number("value", sample.value),
        frozen: sample.statistic.is_over_time().then_some(sample.frozen),
        unit: sample.unit,
        raw: sample.raw,
        thresholds: absent
            .passing("thresholds", sample.thresholds)
            .map(levels_of),
        flags: absent.passing("flags", sample.flags),
        absent,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Latency {
    /// The lane over all banks, from 1.
    lane: u16,
    /// From the medium to the host, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    rx_seconds: Option<f64>,
    /// From the host to the medium, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    tx_seconds: Option<f64>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn latency(latency: &LaneLatency) -> Latency {
    let mut absent = Absent::default();
    Latency {
        lane: latency.lane.number(),
        rx_seconds: absent.passing("rx_seconds", latency.rx.map(|t| t.as_secs_f64())),
        tx_seconds: absent.passing("tx_seconds", latency.tx.map(|t| t.as_secs_f64())),
        absent,
    }
}
