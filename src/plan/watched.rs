//! What watching a port over time brings to the check: findings that no single
//! look can make, and whether the host counts errors for it.

use super::finding::Finding;

/// The error ratio is worse than before the link last went down.
pub const BER_WORSE_AFTER_FLAP: &str = "ber-worse-after-flap";
/// The error ratio rises and will pass its limit.
pub const BER_RISING: &str = "ber-rising";
/// Errors come in bursts.
pub const FEC_BURSTS: &str = "fec-bursts";
/// A laser takes more and more current for the same light.
pub const LASER_AGEING: &str = "laser-ageing";
/// One lane has got much worse than its sisters.
pub const LANE_OUTLIER: &str = "lane-outlier";
/// All lanes together receive less light than when the link came up.
pub const LIGHT_DROPPED: &str = "light-dropped";
/// Equaliser, amplitude or polarity are not those of the session before.
pub const SETTINGS_CHANGED: &str = "settings-changed";
/// Most modules of the box have become warmer.
pub const BOX_WARMING: &str = "box-warming";

/// The names of all rules that watching one port makes, in the order of the
/// alphabet: those that a plan can make exceptions of. [`BOX_WARMING`] is of no
/// port.
pub const NAMES: [&str; 7] = [
    BER_RISING,
    BER_WORSE_AFTER_FLAP,
    FEC_BURSTS,
    LANE_OUTLIER,
    LASER_AGEING,
    LIGHT_DROPPED,
    SETTINGS_CHANGED,
];

/// What was seen over time of one port.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watched {
    /// Whether the FEC counters of the host are read for it.
    pub host_counts: bool,
    /// Why they cannot be read, where somebody is named to read them from.
    pub host_silent: Option<String>,
    /// What was found.
    pub findings: Vec<Finding>,
}
