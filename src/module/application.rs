//! Applications: the pairings of host and media interface that a module offers.

use super::Reading;

/// Lanes on each side, over all banks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaneCount {
    /// Electrical lanes.
    pub host: u16,
    /// Media lanes.
    pub media: u16,
}

/// An advertised pairing of host and media interface (CMIS AppSel).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Application {
    /// AppSel code, 1 to 15.
    pub number: u8,
    /// SFF-8024 host interface code.
    pub host_code: u8,
    /// SFF-8024 media interface code; its table is chosen by the media type.
    pub media_code: u8,
    /// Host lanes, 1 to 8; 0 means as the interface code says.
    pub host_lanes: u8,
    /// Media lanes, 1 to 8; 0 means as the interface code says.
    pub media_lanes: u8,
    /// Bit k: may start on host lane k + 1.
    pub host_starts: u8,
    /// Bit k: may start on media lane k + 1.
    pub media_starts: Reading<u8>,
}
