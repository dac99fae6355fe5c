//! The module snapshot: all that one sweep learnt of one module.
//!
//! Plain data, one shape for CMIS, SFF-8636 and SFF-8472. Values carry their
//! units; what is missing says why ([`Reading`]). Nothing in here judges.

mod alias;
pub mod application;
pub mod assemble;
mod cmis_applications;
mod cmis_coherent;
mod cmis_elsfp;
mod cmis_identity;
mod cmis_lanes;
mod cmis_laser;
mod cmis_lpo;
mod cmis_monitors;
#[cfg(test)]
mod cmis_truth;
pub mod coherent;
mod cut_short;
mod from_cmis;
mod from_diagnostics;
mod from_sff;
mod from_sff8472;
mod from_sff8636;
mod from_vdm;
mod identify;
pub mod identity;
pub mod lane;
pub mod laser;
pub mod lpo;
pub mod monitor;
mod oddities;
#[cfg(test)]
mod optional_lasers;
#[cfg(test)]
mod optional_pages;
pub mod performance;
pub mod presence;
mod read_list;
pub mod reading;
#[cfg(test)]
mod recorded;
pub mod rehearsal;
pub mod state;
mod statistics;
pub mod sweep;
#[cfg(test)]
mod sweep_tests;
mod visiting;

use std::sync::Arc;
use std::time::Duration;

pub use application::{Application, LaneCount};
pub use coherent::{CoherentLane, Fec, Interval};
pub use identity::{CdrPresence, Checksum, FiberReach, Firmware, Identity, Management, Power};
pub use lane::{LaneBer, LaneLatency, LaneReadings, LaneSettings, LaneSnr, SignalFlags};
pub use laser::{Laser, LaserSource, LaserState, SourceLane};
pub use lpo::{EnhancedLpo, LpoLane};
pub use monitor::{LEVEL_NAMES, Levels, ModuleFlags, Monitors, Thresholds};
pub use performance::{Statistic, VdmSample};
pub use presence::Presence;
pub use reading::{Absence, Reading};
pub use state::{DataPathState, ModuleState};

use crate::bus::BusError;
use crate::bus::image::Image;
use crate::cmis::page01::Advertisement;
use crate::cmis::page13_14::DiagnosticsCapability;
use crate::units::Meters;

/// All that one sweep learnt of one module. Immutable once made.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Which specification its memory map follows.
    pub management: Management,
    /// Who made it, which part, which connector.
    pub identity: Identity,
    /// The module state machine (CMIS only).
    pub state: Reading<ModuleState>,
    /// Whether the monitors are not valid yet (SFF-8636 00h:2.0, SFF-8472 A2h:110.0).
    pub data_not_ready: Reading<bool>,
    /// Which media table the applications use (CMIS 00h:85).
    pub media_type: Reading<u8>,
    /// Power class and worst-case power.
    pub power: Power,
    /// Length of a fixed cable.
    pub cable_length: Reading<Meters>,
    /// Supported reach by kind of fibre.
    pub fiber: FiberReach,
    /// Nominal wavelength.
    pub wavelength: Reading<Meters>,
    /// Firmware and hardware revisions, as `major.minor`.
    pub firmware: Firmware,
    /// How many banks of eight lanes, 1 to 32.
    pub banks: u8,
    /// How many lanes on each side, over all banks.
    pub lane_count: LaneCount,
    /// The checksums that could be tested.
    pub checksums: Vec<Checksum>,
    /// Advertised applications, in slot order; unused slots are left out.
    pub applications: Vec<Application>,
    /// Module-wide monitors.
    pub monitors: Monitors,
    /// The module's own alarm and warning thresholds.
    pub thresholds: Thresholds,
    /// Module-wide latched flags.
    pub flags: ModuleFlags,
    /// Lane by lane over all banks; as many as the side with more lanes has.
    pub lanes: Vec<LaneReadings>,
    /// Signal to noise ratio where the diagnostics selector already shows it.
    pub snr: Vec<LaneSnr>,
    /// Error ratios of test patterns where the diagnostics selector already shows
    /// them.
    pub pattern_ber: Vec<LaneBer>,
    /// VDM observables in descriptor order.
    pub vdm: Vec<VdmSample>,
    /// Lasers whose frequency the module tells: tunable ones and those of a laser
    /// source.
    pub lasers: Vec<Laser>,
    /// Coherent media lanes: error counters and link quality.
    pub coherent: Vec<CoherentLane>,
    /// What only an external laser source has.
    pub laser_source: Option<LaserSource>,
    /// Amplitudes that an enhanced LPO module measures.
    pub lpo: Option<EnhancedLpo>,
    /// How long a signal takes through the module, by host lane.
    pub latency: Vec<LaneLatency>,
    /// What page 01h advertises (CMIS, paged).
    pub advertisement: Reading<Advertisement>,
    /// What page 13h says of diagnostics (CMIS, where advertised).
    pub diagnostics: Reading<DiagnosticsCapability>,
    /// What SFF-8636 and SFF-8472 say of retiming (00h:129.3-2; A0h:64.3).
    pub sff_cdr: Reading<CdrPresence>,
    /// Oddities that a person should know of: bad checksum, missing page,
    /// reserved code, text that is not text.
    pub problems: Vec<String>,
    /// Register groups that could not be read in this sweep, and why.
    pub failures: Vec<GroupFailure>,
    /// The raw registers.
    pub image: Arc<Image>,
    /// When the sweep began, on the sweeping clock.
    pub started: Duration,
    /// When the sweep ended.
    pub finished: Duration,
}

/// A register group that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupFailure {
    /// The group's name.
    pub group: &'static str,
    /// What the bus said.
    pub error: BusError,
}
