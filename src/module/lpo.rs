//! Amplitudes that a linear module measures on pages of its vendor (enhanced
//! LPO, pages C1h and C2h).

use super::{Levels, Reading};
use crate::names::Lane;
use crate::units::{Decibels, Volts, Watts};

/// What an enhanced LPO module says of itself and its lanes.
#[derive(Debug, Clone, PartialEq)]
pub struct EnhancedLpo {
    /// Highest extinction ratio of the transmitters.
    pub max_extinction_ratio: Reading<Decibels>,
    /// Bit k: transmit lane k + 1 is inverted.
    pub tx_polarity: u8,
    /// Bit k: receive lane k + 1 is inverted.
    pub rx_polarity: u8,
    /// How far host amplitudes may be from the truth.
    pub vma_accuracy: Reading<Volts>,
    /// Thresholds of the host amplitudes.
    pub vma_thresholds: Reading<Levels<Volts>>,
    /// How far optical amplitudes may be from the truth.
    pub oma_accuracy: Reading<Decibels>,
    /// Thresholds of the optical amplitudes.
    pub oma_thresholds: Reading<Levels<Watts>>,
    /// The lanes of bank 0.
    pub lanes: Vec<LpoLane>,
}

/// The amplitudes of one lane: of the host lane and of the media lane with this
/// number, where there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct LpoLane {
    /// The lane.
    pub lane: Lane,
    /// Voltage modulation amplitude at the host input (host lane).
    pub vma: Reading<Volts>,
    /// Optical modulation amplitude received (media lane).
    pub oma: Reading<Watts>,
    /// Latched threshold flags of the host amplitude.
    pub vma_flags: Reading<Levels<bool>>,
    /// Latched threshold flags of the optical amplitude.
    pub oma_flags: Reading<Levels<bool>>,
}
