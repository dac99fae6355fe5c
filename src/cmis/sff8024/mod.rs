//! SFF-8024 code tables: what the numbers in identity and applications mean.
//!
//! Interfaces ([`host_interface`], [`media_interface`]) carry rates, lanes, reach
//! and linearity, because plans and classes are judged by them; all other codes
//! ([`codes`]) have a name only. Codes newer than these tables are kept as
//! numbers and shown as such.

mod cable;
pub mod codes;
mod host;
mod mmf;
mod smf;
mod standard;

pub use codes::{
    connector_name, extended_compliance_name, form_factor, identifier_name, media_technology_name,
    media_type_name,
};

use crate::units::Meters;

/// Media type codes (CMIS 00h:85, Table 8-20 in 5.4).
const MEDIA_MMF: u8 = 1;
const MEDIA_SMF: u8 = 2;
const MEDIA_PASSIVE_COPPER: u8 = 3;
const MEDIA_ACTIVE_CABLE: u8 = 4;
const MEDIA_BASE_T: u8 = 5;
/// Media types of the vendor's own.
const MEDIA_VENDOR: std::ops::RangeInclusive<u8> = 0x40..=0x8F;

/// Host interface codes of the vendor's own; FFh ends the list of applications.
const HOST_VENDOR: std::ops::RangeInclusive<u8> = 0xC0..=0xFE;
/// Media interface codes of the vendor's own, unless a table has a row for one.
const MEDIA_CODE_VENDOR: std::ops::RangeInclusive<u8> = 0xC0..=0xFF;

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

/// A row of which only code, name, standard and family are known.
const fn row(code: u8, name: &'static str, standard: &'static str, kind: Kind) -> Interface {
    Interface {
        code,
        name,
        total_gbps: None,
        lanes: None,
        lane_gbps: None,
        lane_gbd: None,
        modulation: "",
        reach: None,
        linear: Linearity::None,
        standard,
        kind,
    }
}

/// A table's zero stands for what the code does not fix.
const fn fixed(value: f64) -> Option<f64> {
    if value > 0.0 { Some(value) } else { None }
}

impl Interface {
    /// Adds total rate, lanes, rate and symbol rate of a lane, and modulation;
    /// zero where the code does not fix a number.
    const fn rate(
        mut self,
        total_gbps: f64,
        lanes: u8,
        lane_gbps: f64,
        lane_gbd: f64,
        modulation: &'static str,
    ) -> Self {
        self.total_gbps = fixed(total_gbps);
        self.lanes = if lanes > 0 { Some(lanes) } else { None };
        self.lane_gbps = fixed(lane_gbps);
        self.lane_gbd = fixed(lane_gbd);
        self.modulation = modulation;
        self
    }

    /// Adds the reach in metres.
    const fn reach(mut self, meters: f64) -> Self {
        self.reach = Some(Meters::new(meters));
        self
    }

    /// Adds which directions are linear.
    const fn linear(mut self, linear: Linearity) -> Self {
        self.linear = linear;
        self
    }
}

/// The row of a code in a table that rises by code.
fn find(table: &'static [Interface], code: u8) -> Option<&'static Interface> {
    let place = table.binary_search_by_key(&code, |row| row.code).ok()?;
    table.get(place)
}

/// The row of a host interface code (SFF-8024 Table 4-5).
///
/// Returns `None` for a code without a row of its own, vendor codes included:
/// ask [`kind_of_host`] what range it lies in.
pub fn host_interface(code: u8) -> Option<&'static Interface> {
    find(&host::HOST, code)
}

/// The row of a media interface code in the table of a media type (CMIS 00h:85;
/// SFF-8024 Tables 4-6 to 4-10).
///
/// Returns `None` for a media type without a table and for a code without a row
/// of its own: ask [`kind_of_media`] what range it lies in.
pub fn media_interface(media_type: u8, code: u8) -> Option<&'static Interface> {
    match media_type {
        MEDIA_MMF => find(&mmf::MMF, code),
        MEDIA_SMF => find(&smf::SMF, code),
        MEDIA_PASSIVE_COPPER => find(&cable::PASSIVE_COPPER, code),
        MEDIA_ACTIVE_CABLE => find(&cable::ACTIVE_CABLE, code),
        MEDIA_BASE_T => find(&cable::BASE_T, code),
        _ => None,
    }
}

/// The family of a host interface code, with or without a row of its own.
pub fn kind_of_host(code: u8) -> Kind {
    match host_interface(code) {
        Some(row) => row.kind,
        None if HOST_VENDOR.contains(&code) => Kind::Vendor,
        None => Kind::None,
    }
}

/// The family of a media interface code, with or without a row of its own.
/// Every code of a vendor's media type (40h to 8Fh) is the vendor's.
pub fn kind_of_media(media_type: u8, code: u8) -> Kind {
    let known_type = (MEDIA_MMF..=MEDIA_BASE_T).contains(&media_type);
    match media_interface(media_type, code) {
        Some(row) => row.kind,
        None if MEDIA_VENDOR.contains(&media_type) => Kind::Vendor,
        None if known_type && MEDIA_CODE_VENDOR.contains(&code) => Kind::Vendor,
        None => Kind::None,
    }
}

#[cfg(test)]
mod tests;
