//! What the decoder of a host counted: the noun between whoever reads it and
//! whoever judges it.
//!
//! All are counters since some moment that nobody knows (a reset of the port, a
//! boot): only differences say anything.

use std::time::Duration;

/// The counters of one port at one moment. `None` and empty lists mean that the
/// source does not have it, never that nothing was counted.
#[derive(Debug, Clone, PartialEq)]
pub struct HostFec {
    /// When they were read, on the daemon's clock.
    pub at: Duration,
    /// Who counted.
    pub source: FecSource,
    /// Whether the host sees the link up, where the source tells.
    pub link_up: Option<bool>,
    /// The code that is in use, where the source tells.
    pub code: Option<FecCode>,
    /// Rate of the coded bits, FEC overhead included, bit/s: what a bit count is
    /// to be divided by.
    pub coded_bits_per_second: Option<f64>,
    /// Codewords received, right or wrong.
    pub codewords: Option<u64>,
    /// Codewords that had errors and were corrected.
    pub corrected_codewords: Option<u64>,
    /// Codewords with more errors than the code corrects.
    pub uncorrectable_codewords: Option<u64>,
    /// Bits corrected.
    pub corrected_bits: Option<u64>,
    /// Symbols corrected.
    pub corrected_symbols: Option<u64>,
    /// The same for each lane of the decoder, in its order.
    pub lanes: Vec<LaneFec>,
    /// Correctable codewords by how many of their symbols were wrong, from none
    /// on. It ends where a source begins to count several numbers together.
    pub histogram: Vec<u64>,
    /// Ratios that the source works out by itself.
    pub told: ToldRatios,
}

impl HostFec {
    /// An answer that tells nothing but when it was given and by whom.
    pub fn empty(at: Duration, source: FecSource) -> Self {
        Self {
            at,
            source,
            link_up: None,
            code: None,
            coded_bits_per_second: None,
            codewords: None,
            corrected_codewords: None,
            uncorrectable_codewords: None,
            corrected_bits: None,
            corrected_symbols: None,
            lanes: Vec::new(),
            histogram: Vec::new(),
            told: ToldRatios::default(),
        }
    }

    /// Whether it says anything of errors.
    pub fn tells_errors(&self) -> bool {
        let counts = [
            self.corrected_codewords,
            self.uncorrectable_codewords,
            self.corrected_bits,
            self.corrected_symbols,
        ];
        counts.iter().any(Option::is_some) || self.told.pre_fec.is_some()
    }
}

/// The counters of one lane of a host's decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaneFec {
    /// Codewords that had errors and were corrected.
    pub corrected_codewords: Option<u64>,
    /// Codewords with more errors than the code corrects.
    pub uncorrectable_codewords: Option<u64>,
    /// Bits corrected.
    pub corrected_bits: Option<u64>,
}

/// Bit error ratios as a source worked them out itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ToldRatios {
    /// Before correction.
    pub pre_fec: Option<f64>,
    /// After it.
    pub post_fec: Option<f64>,
}

/// Who counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FecSource {
    /// The driver of a network interface, asked by ethtool netlink.
    Ethtool,
    /// The SONiC counters database.
    Sonic,
    /// The decoder of a simulated host.
    Simulated,
}

/// Forward error correction codes of Ethernet (IEEE 802.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FecCode {
    /// None.
    Off,
    /// BASE-R, "Firecode" (clause 74).
    BaseR,
    /// RS(528,514), KR4 (clause 91).
    Rs528,
    /// RS(544,514), KP4 (clauses 91, 119).
    Rs544,
    /// RS(272,257), low latency (clause 161).
    Rs272,
}
