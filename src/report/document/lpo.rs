//! Amplitudes that an enhanced LPO module measures.

use serde::Serialize;

use super::monitor::{level_flags, levels_of};
use super::{Absent, Members};
use crate::module::{EnhancedLpo, LpoLane};

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "EnhancedLpo"))]
pub(super) struct Lpo {
    /// The largest extinction ratio, in decibels.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_extinction_ratio_db: Option<f64>,
    /// Which lanes are inverted.
    polarity: Polarity,
    /// How exact VMA is, in volts.
    #[serde(skip_serializing_if = "Option::is_none")]
    vma_accuracy_volts: Option<f64>,
    /// Thresholds for VMA, in volts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "super::described::levels"))]
    vma_thresholds_volts: Option<Members<f64>>,
    /// How exact OMA is, in decibels.
    #[serde(skip_serializing_if = "Option::is_none")]
    oma_accuracy_db: Option<f64>,
    /// Thresholds for OMA, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "super::described::levels"))]
    oma_thresholds_watts: Option<Members<f64>>,
    /// Values by lane.
    lanes: Vec<Lane>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

/// Bit k: lane k + 1 is inverted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Polarity {
    /// Of the transmitters.
    tx: u8,
    /// Of the receivers.
    rx: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "LpoLane"))]
struct Lane {
    /// The lane over all banks, from 1.
    lane: u16,
    /// Voltage modulation amplitude from the host, in volts.
    #[serde(skip_serializing_if = "Option::is_none")]
    vma_volts: Option<f64>,
    /// Optical modulation amplitude received, in watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    oma_watts: Option<f64>,
    #[serde(flatten)]
    #[cfg_attr(test, schemars(schema_with = "super::described::lpo_flags"))]
    flags: Members<bool>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn lpo(lpo: &EnhancedLpo) -> Lpo {
    let mut absent = Absent::default();
    Lpo {
        max_extinction_ratio_db: absent.take(
            "max_extinction_ratio_db",
            lpo.max_extinction_ratio.map(|ratio| ratio.decibels()),
        ),
        polarity: Polarity {
            tx: lpo.tx_polarity,
            rx: lpo.rx_polarity,
        },
        vma_accuracy_volts: absent.take(
            "vma_accuracy_volts",
            lpo.vma_accuracy.map(|accuracy| accuracy.volts()),
        ),
        vma_thresholds_volts: absent
            .take("vma_thresholds_volts", lpo.vma_thresholds)
            .map(|levels| levels_of(levels.map(|v| v.volts()))),
        oma_accuracy_db: absent.take(
            "oma_accuracy_db",
            lpo.oma_accuracy.map(|accuracy| accuracy.decibels()),
        ),
        oma_thresholds_watts: absent
            .take("oma_thresholds_watts", lpo.oma_thresholds)
            .map(|levels| levels_of(levels.map(|p| p.watts()))),
        lanes: lpo.lanes.iter().map(lane).collect(),
        absent,
    }
}

fn lane(lane: &LpoLane) -> Lane {
    let mut absent = Absent::default();
    let vma_flags = absent.passing("vma_flags", lane.vma_flags);
    let oma_flags = absent.passing("oma_flags", lane.oma_flags);
    Lane {
        lane: lane.lane.number(),
        vma_volts: absent.passing("vma_volts", lane.vma.map(|v| v.volts())),
        oma_watts: absent.passing("oma_watts", lane.oma.map(|p| p.watts())),
        flags: level_flags("vma", vma_flags)
            .chain(level_flags("oma", oma_flags))
            .collect(),
        absent,
    }
}
