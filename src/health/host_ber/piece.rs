//! What one interval between two readings of the host's counters tells.

use super::super::counter::Difference;
use super::super::fec::Code;
use super::super::host_fec::HostFec;
use super::super::module_ber::float;

/// One piece of the window.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// How long it is.
    pub seconds: f64,
    /// Bits that came in.
    pub bits: f64,
    /// Wrong ones among them.
    pub errors: f64,
    /// Codewords that came in.
    pub codewords: f64,
    /// Those that could not be corrected.
    pub uncorrectable: f64,
    /// Errors of each lane, where all lanes count them.
    pub lanes: Vec<f64>,
}

impl Piece {
    /// Takes in another piece.
    pub(super) fn add(&mut self, other: &Self) {
        self.seconds += other.seconds;
        self.bits += other.bits;
        self.errors += other.errors;
        self.codewords += other.codewords;
        self.uncorrectable += other.uncorrectable;
        for (sum, more) in self.lanes.iter_mut().zip(&other.lanes) {
            *sum += more;
        }
    }
}

/// Errors and bits of one interval; `None` where the counters do not tell them, or
/// tell more errors than bits.
pub(super) fn piece(
    now: &HostFec,
    found: &Difference,
    code: Code,
    rate: Option<f64>,
) -> Option<Piece> {
    let counted = found.all_codewords().filter(|codewords| *codewords > 0);
    let counted_bits = counted.map(|codewords| float(codewords) * code.bits());
    let timed_bits = now
        .coded_bits_per_second
        .or(rate)
        .map(|rate| rate * found.seconds);
    let bits = counted_bits.or(timed_bits).filter(|bits| *bits > 0.0)?;
    let codewords = bits / code.bits();
    let uncorrectable = float(found.uncorrectable_codewords.unwrap_or_default());
    let errors = errors(found, code, bits, uncorrectable)?;
    let lanes: Option<Vec<f64>> = found.lane_bits.iter().map(|bits| bits.map(float)).collect();
    (errors <= bits && uncorrectable <= codewords).then(|| Piece {
        seconds: found.seconds,
        bits,
        errors,
        codewords,
        uncorrectable,
        lanes: lanes.unwrap_or_default(),
    })
}

/// Wrong bits of an interval, from whichever counter is nearest to bits.
///
/// Codewords that were not corrected are in none of them: each has at least one
/// wrong bit in one more symbol than the code corrects. Without them a link that
/// corrects nothing any more would look perfect.
fn errors(found: &Difference, code: Code, bits: f64, uncorrectable: f64) -> Option<f64> {
    let lanes: Option<u64> = found.lane_bits.iter().copied().sum();
    let lanes = lanes.filter(|_| !found.lane_bits.is_empty());
    let least = uncorrectable * f64::from(code.corrects() + 1);
    if let Some(corrected) = found.corrected_bits.or(lanes) {
        return Some(float(corrected) + least);
    }
    let binned = || {
        let bins = (0_u64..).zip(&found.histogram);
        let symbols = bins.map(|(wrong, codewords)| wrong.saturating_mul(*codewords));
        (!found.histogram.is_empty()).then(|| symbols.fold(0, u64::saturating_add))
    };
    if let Some(symbols) = found.corrected_symbols.or_else(binned) {
        let share = (float(symbols) + least) * 10.0 / bits;
        return Some(code.ber_of_symbols(share) * bits);
    }
    let codewords = bits / code.bits();
    let touched = float(found.corrected_codewords?) + uncorrectable;
    // That every one is touched tells of no upper end.
    let share = (touched / codewords).min(1.0 - 0.5 / codewords);
    Some(code.ber_of_touched(share) * bits)
}
