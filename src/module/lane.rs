//! What is known of one lane.

use std::time::Duration;

use super::{DataPathState, Levels, Reading};
use crate::bus::address::Bank;
use crate::names::{Lane, Side};
use crate::units::{Amperes, BitErrorRatio, Decibels, Watts};

/// One lane. Host-side values exist for host lanes, media-side ones for media
/// lanes; the other side's are absent.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneReadings {
    /// The lane over all banks.
    pub lane: Lane,
    /// Its bank.
    pub bank: Bank,
    /// Data path state (host lane).
    pub data_path_state: Reading<DataPathState>,
    /// AppSel of the active control set; 0 is none (host lane).
    pub active_application: Reading<u8>,
    /// Optical transmit power (media lane).
    pub tx_power: Reading<Watts>,
    /// Laser bias (media lane).
    pub tx_bias: Reading<Amperes>,
    /// Optical receive power (media lane).
    pub rx_power: Reading<Watts>,
    /// Latched signal flags.
    pub signals: SignalFlags,
    /// Latched threshold flags of transmit power (media lane).
    pub tx_power_flags: Reading<Levels<bool>>,
    /// Latched threshold flags of laser bias (media lane).
    pub tx_bias_flags: Reading<Levels<bool>>,
    /// Latched threshold flags of receive power (media lane).
    pub rx_power_flags: Reading<Levels<bool>>,
    /// How the electrical side is set (host lane).
    pub settings: Reading<LaneSettings>,
}

impl LaneReadings {
    /// A lane of which nothing is known.
    pub(crate) fn unknown(lane: Lane, bank: Bank) -> Self {
        Self {
            lane,
            bank,
            data_path_state: Reading::NOT_ADVERTISED,
            active_application: Reading::NOT_ADVERTISED,
            tx_power: Reading::NOT_ADVERTISED,
            tx_bias: Reading::NOT_ADVERTISED,
            rx_power: Reading::NOT_ADVERTISED,
            signals: SignalFlags {
                tx_fault: Reading::NOT_ADVERTISED,
                tx_los: Reading::NOT_ADVERTISED,
                tx_lol: Reading::NOT_ADVERTISED,
                tx_adaptive_eq_fault: Reading::NOT_ADVERTISED,
                rx_los: Reading::NOT_ADVERTISED,
                rx_lol: Reading::NOT_ADVERTISED,
                data_path_changed: Reading::NOT_ADVERTISED,
                rx_output_changed: Reading::NOT_ADVERTISED,
            },
            tx_power_flags: Reading::NOT_ADVERTISED,
            tx_bias_flags: Reading::NOT_ADVERTISED,
            rx_power_flags: Reading::NOT_ADVERTISED,
            settings: Reading::NOT_ADVERTISED,
        }
    }
}

/// The settings in force of a host lane (CMIS 11h:214-234), as register codes.
pub use crate::cmis::page11::Settings as LaneSettings;

/// Latched signal flags of a lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignalFlags {
    /// Transmitter fault (media lane).
    pub tx_fault: Reading<bool>,
    /// Loss of signal from the host (host lane).
    pub tx_los: Reading<bool>,
    /// Loss of lock on the signal from the host (host lane).
    pub tx_lol: Reading<bool>,
    /// Adaptive input equaliser failed (host lane).
    pub tx_adaptive_eq_fault: Reading<bool>,
    /// Loss of optical signal (media lane).
    pub rx_los: Reading<bool>,
    /// Loss of lock on the media signal (media lane).
    pub rx_lol: Reading<bool>,
    /// The data path state changed (host lane).
    pub data_path_changed: Reading<bool>,
    /// The receive output status changed (host lane).
    pub rx_output_changed: Reading<bool>,
}

impl SignalFlags {
    /// Each flag's name with its reading, as labels and JSON use them.
    pub fn named(&self) -> [(&'static str, Reading<bool>); 8] {
        [
            ("tx_fault", self.tx_fault),
            ("tx_los", self.tx_los),
            ("tx_lol", self.tx_lol),
            ("tx_adaptive_eq_fault", self.tx_adaptive_eq_fault),
            ("rx_los", self.rx_los),
            ("rx_lol", self.rx_lol),
            ("data_path_changed", self.data_path_changed),
            ("rx_output_changed", self.rx_output_changed),
        ]
    }
}

/// Error ratio that the pattern checker of one lane found (CMIS 14h, selectors
/// 01h and 11h): of a test pattern, not of traffic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneBer {
    /// The lane over all banks.
    pub lane: Lane,
    /// Which input.
    pub side: Side,
    /// The ratio.
    pub ber: Reading<BitErrorRatio>,
}

/// Signal to noise ratio at the input of one lane (CMIS 14h, selector 06h).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneSnr {
    /// The lane over all banks.
    pub lane: Lane,
    /// Which input.
    pub side: Side,
    /// The ratio.
    pub snr: Reading<Decibels>,
}

/// How long a signal takes through the module (CMIS 15h).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneLatency {
    /// The host lane over all banks.
    pub lane: Lane,
    /// From the media to the host.
    pub rx: Reading<Duration>,
    /// From the host to the media.
    pub tx: Reading<Duration>,
}
