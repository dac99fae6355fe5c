//! Signal quality: VDM observables over time.

use super::{Levels, Reading};
use crate::bus::address::Bank;
pub use crate::cmis::vdm_observables::Statistic;
use crate::names::Side;

/// One VDM observable instance.
#[derive(Debug, Clone, PartialEq)]
pub struct VdmSample {
    /// Bank in which the instance lives.
    pub bank: Bank,
    /// Instance number, 1 to 256.
    pub instance: u16,
    /// Observable type code.
    pub observable: u8,
    /// What is observed, without side and statistic: `pre_fec_ber`, `snr`,
    /// `laser_temperature` …; `vendor` or `reserved` where the code is not known.
    pub name: &'static str,
    /// Which side, where the observable has one.
    pub side: Option<Side>,
    /// What the value tells over time.
    pub statistic: Statistic,
    /// The resource: lane 1 to 8 in its bank, or `None` for the whole module
    /// or data path (lane code 15).
    pub lane: Option<u8>,
    /// Whether a statistic was held still while it was read: then it is that of
    /// the last whole interval. One read unfrozen is that of an interval under
    /// way, and current values are never frozen.
    pub frozen: bool,
    /// The value in `unit`.
    pub value: Reading<f64>,
    /// SI unit of value and thresholds, as
    /// [`Observable::unit`](crate::cmis::vdm_observables::Observable::unit) lists them.
    pub unit: &'static str,
    /// The register word as read.
    pub raw: u16,
    /// Thresholds in `unit`, where the set says something.
    pub thresholds: Reading<Levels<f64>>,
    /// Latched flags: bit 0 high alarm, 1 low alarm, 2 high warning, 3 low warning.
    pub flags: Reading<u8>,
}
