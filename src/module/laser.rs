//! Lasers that are set or watched one by one: tunable ones (CMIS pages 04h, 12h
//! and 62h), and those of an external source (ELSFP pages 1Ah and 1Bh).

use super::{Levels, Reading};
use crate::cmis::page04;
use crate::cmis::page12::FLAG_NAMES;
use crate::names::Lane;
use crate::units::{Amperes, Hertz, Volts, Watts};

/// One laser whose frequency the module tells. What can only be said of a
/// tunable one is absent for others.
#[derive(Debug, Clone, PartialEq)]
pub struct Laser {
    /// The media lane over all banks.
    pub lane: Lane,
    /// The frequency it has now.
    pub frequency: Reading<Hertz>,
    /// The frequency that channel and fine offset ask for.
    pub set_frequency: Reading<Hertz>,
    /// The channel that the host asks for.
    pub channel: Reading<i16>,
    /// The grid on which it counts (CMIS 12h:128-135).
    pub grid_code: Reading<u8>,
    /// The output power that the host asks for.
    pub target_power: Reading<Watts>,
    /// Whether it is tuning.
    pub tuning: Reading<bool>,
    /// Whether it holds its wavelength.
    pub locked: Reading<bool>,
    /// Latched tuning flags; [`Laser::named_flags`] names them.
    pub flags: Reading<[bool; 6]>,
    /// Thresholds of transmit power that hold for this lane in place of the
    /// module's (CMIS 5.4).
    pub tx_power_thresholds: Reading<Levels<Watts>>,
}

impl Laser {
    /// A laser of which nothing is known.
    pub(super) fn unknown(lane: Lane) -> Self {
        Self {
            lane,
            frequency: Reading::NOT_ADVERTISED,
            set_frequency: Reading::NOT_ADVERTISED,
            channel: Reading::NOT_ADVERTISED,
            grid_code: Reading::NOT_ADVERTISED,
            target_power: Reading::NOT_ADVERTISED,
            tuning: Reading::NOT_ADVERTISED,
            locked: Reading::NOT_ADVERTISED,
            flags: Reading::NOT_ADVERTISED,
            tx_power_thresholds: Reading::NOT_ADVERTISED,
        }
    }
}

impl Laser {
    /// Each latched tuning flag's name with its reading, as JSON uses it.
    pub fn named_flags(&self) -> impl Iterator<Item = (&'static str, Reading<bool>)> {
        let flags = self.flags;
        FLAG_NAMES
            .into_iter()
            .enumerate()
            .map(move |(place, name)| {
                let raised = flags.and_then(|flags| flags.get(place).copied().into());
                (name, raised)
            })
    }

    /// From one channel to the next that may be used; undefined for a reserved
    /// grid code.
    pub fn grid_spacing(&self) -> Reading<Hertz> {
        let spacing = |code| page04::grid_of(code).map(|grid| grid.spacing);
        self.grid_code.and_then(|code| spacing(code).into())
    }
}

/// An external laser source. Power and bias of its lasers are those of the
/// snapshot's lanes.
#[derive(Debug, Clone, PartialEq)]
pub struct LaserSource {
    /// Whether power is held constant (true) or current (false).
    pub holds_power: Reading<bool>,
    /// Most and least power that can be set.
    pub power_limits: Reading<[Watts; 2]>,
    /// Most and least bias that can be set.
    pub bias_limits: Reading<[Amperes; 2]>,
    /// The current that the module draws.
    pub supply_current: Reading<Amperes>,
    /// Its lasers.
    pub lanes: Vec<SourceLane>,
}

/// One laser of an external source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceLane {
    /// The lane over all banks.
    pub lane: Lane,
    /// Whether the host has enabled it.
    pub enabled: Reading<bool>,
    /// What it does.
    pub state: Reading<LaserState>,
    /// The power it is set to.
    pub power_set_point: Reading<Watts>,
    /// The bias it is set to.
    pub bias_set_point: Reading<Amperes>,
    /// The voltage over it.
    pub voltage: Reading<Volts>,
    /// Latched: it is about to fail.
    pub warning: Reading<bool>,
    /// Why it failed; 0 is no fault.
    pub fault_code: Reading<u8>,
    /// Why it is about to fail; 0 is no warning.
    pub warning_code: Reading<u8>,
}

/// What a laser of an external source does (ELSFP 1Ah:221-222).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LaserState {
    /// Off.
    Off,
    /// On its way to full power.
    Ramping,
    /// On.
    On,
    /// A reserved code, kept.
    Reserved(u8),
}

impl LaserState {
    /// The state for a code.
    pub fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Off,
            1 => Self::Ramping,
            2 => Self::On,
            other => Self::Reserved(other),
        }
    }

    /// The word used in JSON, or the number of a reserved state.
    pub fn name(self) -> Result<&'static str, u8> {
        match self {
            Self::Off => Ok("off"),
            Self::Ramping => Ok("ramping"),
            Self::On => Ok("on"),
            Self::Reserved(code) => Err(code),
        }
    }
}
