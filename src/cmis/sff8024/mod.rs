//! SFF-8024 code tables: what the numbers in identity and applications mean.
//!
//! Codes newer than these tables are kept as numbers and shown as such.

use crate::units::Meters;

/// Which directions of an interface are linear, that is not retimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Linearity {
    /// Neither, or the code does not say.
    None,
    /// The receive direction only (half-retimed).
    Rx,
    /// Both.
    Both,
}

/// What family an interface code belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Chip to module AUI.
    ChipToModule,
    /// Copper cable PMD.
    Copper,
    /// Linear electrical or optical interface (LPO).
    Linear,
    /// Half-retimed electrical interface (LRO).
    HalfRetimed,
    /// Direct-detect optical PMD.
    DirectDetect,
    /// Coherent optical PMD.
    Coherent,
    /// Active cable.
    ActiveCable,
    /// Passive copper.
    PassiveCopper,
    /// Twisted pair.
    BaseT,
    /// Loopback plug.
    Loopback,
    /// Fibre Channel, InfiniBand, CPRI, OTN, PCIe, PON and older ones.
    Other,
    /// The vendor's own meaning.
    Vendor,
    /// Undefined, reserved, in conflict between sources, or an escape code.
    None,
}

/// One row of a host or media interface table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interface {
    /// The code.
    pub code: u8,
    /// The name as the table has it.
    pub name: &'static str,
    /// Rate over all lanes in Gb/s, coding included, where the code fixes it.
    pub total_gbps: Option<f64>,
    /// Lanes, where the code fixes them.
    pub lanes: Option<u8>,
    /// Rate of one lane in Gb/s, coding included.
    pub lane_gbps: Option<f64>,
    /// Symbol rate of one lane in GBd.
    pub lane_gbd: Option<f64>,
    /// `NRZ`, `PAM4`, `DP-16QAM` …; empty where the code does not say.
    pub modulation: &'static str,
    /// Reach over the medium that the code names.
    pub reach: Option<Meters>,
    /// Which directions are linear.
    pub linear: Linearity,
    /// The body whose standard it is, `IEEE 802.3`, `LPO MSA` …
    pub standard: &'static str,
    /// Its family.
    pub kind: Kind,
}
