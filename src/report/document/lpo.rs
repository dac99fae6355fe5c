//! Amplitudes that an enhanced LPO module measures.

use serde::Serialize;

use super::monitor::{level_flags, levels_of};
use super::{Absent, Members};
use crate::module::{EnhancedLpo, LpoLane};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Lpo {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_extinction_ratio_db: Option<f64>,
    polarity: Polarity,
    #[serde(skip_serializing_if = "Option::is_none")]
    vma_accuracy_volts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vma_thresholds_volts: Option<Members<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oma_accuracy_db: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oma_thresholds_watts: Option<Members<f64>>,
    lanes: Vec<Lane>,
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

/// Bit k: lane k + 1 is inverted.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Polarity {
    tx: u8,
    rx: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Lane {
    lane: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    vma_volts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oma_watts: Option<f64>,
    #[serde(flatten)]
    flags: Members<bool>,
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
