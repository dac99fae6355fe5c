//! Coherent media lanes: error counters and link quality of the last interval.
//!
//! Nearly all modules have one such lane, which stands alone; further ones
//! follow in a list of their own.

use serde::Serialize;

use super::{Absent, Members};
use crate::module::{CoherentLane, Fec, Interval, Snapshot};

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Coherent {
    #[serde(flatten)]
    first: Performance,
    /// Further coherent lanes; nearly all modules have one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more_lanes: Vec<FurtherLane>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FurtherLane {
    /// The media lane over all banks, from 1.
    lane: u16,
    #[serde(flatten)]
    performance: Performance,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Performance {
    /// Counters of the last interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    fec: Option<Counters>,
    /// Quality of the link over the last interval, by quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(schema_with = "super::described::link"))]
    link: Option<Members<Spread>>,
    /// Why members are missing, by their names.
    #[serde(skip_serializing_if = "Absent::is_empty")]
    absent: Absent,
}

pub(super) fn coherent(snapshot: &Snapshot) -> Option<Coherent> {
    let (first, more) = snapshot.coherent.split_first()?;
    Some(Coherent {
        first: performance(first),
        more_lanes: more
            .iter()
            .map(|lane| FurtherLane {
                lane: lane.lane.number(),
                performance: performance(lane),
            })
            .collect(),
    })
}

fn performance(lane: &CoherentLane) -> Performance {
    let mut absent = Absent::default();
    let fec = absent.take("fec", lane.fec);
    let link = absent.take("link", lane.link.as_ref());
    let spread = |interval: &Interval| (interval.quantity.name.to_owned(), Spread::of(interval));
    Performance {
        fec: fec.map(|fec| Counters::of(&fec)),
        link: link.map(|link| link.iter().map(spread).collect()),
        absent,
    }
}

/// A quantity in the unit of [`Interval::quantity`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Spread {
    /// The average.
    avg: f64,
    /// The least.
    min: f64,
    /// The most.
    max: f64,
}

impl Spread {
    fn of(interval: &Interval) -> Self {
        Self {
            avg: interval.average,
            min: interval.minimum,
            max: interval.maximum,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Counters {
    /// Bits received.
    bits: u64,
    /// Bits in one part of the interval.
    bits_per_sub_interval: u64,
    /// Bits corrected.
    corrected_bits: u64,
    /// Bits corrected in the best part.
    corrected_bits_min: u64,
    /// Bits corrected in the worst part.
    corrected_bits_max: u64,
    /// Wrong bits by all bits before correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_fec_ber: Option<f64>,
    /// The same of the best part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_fec_ber_min: Option<f64>,
    /// The same of the worst part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_fec_ber_max: Option<f64>,
    /// Frames received.
    frames: u32,
    /// Frames in one part of the interval.
    frames_per_sub_interval: u32,
    /// Frames that could not be corrected.
    uncorrectable_frames: u32,
    /// The same of the best part.
    uncorrectable_frames_min: u32,
    /// The same of the worst part.
    uncorrectable_frames_max: u32,
}

impl Counters {
    fn of(fec: &Fec) -> Self {
        Self {
            bits: fec.bits,
            bits_per_sub_interval: fec.bits_per_sub_interval,
            corrected_bits: fec.corrected_bits,
            corrected_bits_min: fec.corrected_bits_min,
            corrected_bits_max: fec.corrected_bits_max,
            pre_fec_ber: fec.pre_fec_ber(),
            pre_fec_ber_min: fec.pre_fec_ber_min(),
            pre_fec_ber_max: fec.pre_fec_ber_max(),
            frames: fec.frames,
            frames_per_sub_interval: fec.frames_per_sub_interval,
            uncorrectable_frames: fec.uncorrectable_frames,
            uncorrectable_frames_min: fec.uncorrectable_frames_min,
            uncorrectable_frames_max: fec.uncorrectable_frames_max,
        }
    }
}
