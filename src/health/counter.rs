//! The difference between two readings of counters that may wrap, be reset, or
//! belong to something else by now.

use super::host_fec::HostFec;

/// Widths at which hardware counters wrap, in bits. The widest are those of
/// drivers, which reach their end only if something set them near it.
const WIDTHS: [u32; 3] = [32, 48, 64];

/// What was counted between two readings, and over how long.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Difference {
    /// Seconds between the readings.
    pub seconds: f64,
    /// Codewords received.
    pub codewords: Option<u64>,
    /// Codewords corrected.
    pub corrected_codewords: Option<u64>,
    /// Codewords that could not be.
    pub uncorrectable_codewords: Option<u64>,
    /// Bits corrected.
    pub corrected_bits: Option<u64>,
    /// Symbols corrected.
    pub corrected_symbols: Option<u64>,
    /// Bits corrected in each lane.
    pub lane_bits: Vec<Option<u64>>,
    /// Codewords by wrong symbols.
    pub histogram: Vec<u64>,
}

/// Why two readings have no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unlike {
    /// Source, code, speed or shape of the counters is another one.
    Changed,
    /// The counters began anew, or the clock did.
    Restarted,
}

/// What was counted from one reading to the next.
///
/// One counter that falls from near the end of a width to near its beginning has
/// wrapped; any other fall, and more than one at once, is a reset.
pub(super) fn difference(before: &HostFec, after: &HostFec) -> Result<Difference, Unlike> {
    if before.source != after.source
        || before.code != after.code
        || !same_rate(before.coded_bits_per_second, after.coded_bits_per_second)
        || before.lanes.len() != after.lanes.len()
        || before.histogram.len() != after.histogram.len()
    {
        return Err(Unlike::Changed);
    }
    let seconds = after.at.checked_sub(before.at).ok_or(Unlike::Restarted)?;
    let mut falls = Falls::default();
    let lanes = before.lanes.iter().zip(&after.lanes);
    let bins = before.histogram.iter().zip(&after.histogram);
    let difference = Difference {
        seconds: seconds.as_secs_f64(),
        codewords: falls.of(before.codewords, after.codewords),
        corrected_codewords: falls.of(before.corrected_codewords, after.corrected_codewords),
        uncorrectable_codewords: falls.of(
            before.uncorrectable_codewords,
            after.uncorrectable_codewords,
        ),
        corrected_bits: falls.of(before.corrected_bits, after.corrected_bits),
        corrected_symbols: falls.of(before.corrected_symbols, after.corrected_symbols),
        lane_bits: lanes
            .map(|(before, after)| falls.of(before.corrected_bits, after.corrected_bits))
            .collect(),
        histogram: bins
            .filter_map(|(before, after)| falls.of(Some(*before), Some(*after)))
            .collect(),
    };
    if falls.resets > 0 || falls.wraps > 1 {
        return Err(Unlike::Restarted);
    }
    Ok(difference)
}

/// Whether two rates are the same speed of a link, within what clocks differ.
fn same_rate(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one / other - 1.0).abs() < 1e-3,
        (None, None) => true,
        _ => false,
    }
}

/// Counters that fell.
#[derive(Default)]
struct Falls {
    wraps: u32,
    resets: u32,
}

impl Falls {
    /// The difference of one counter; `None` where one of the readings lacks it.
    fn of(&mut self, before: Option<u64>, after: Option<u64>) -> Option<u64> {
        let (before, after) = (before?, after?);
        if let Some(difference) = after.checked_sub(before) {
            return Some(difference);
        }
        for width in WIDTHS {
            let last = u64::MAX >> (64 - width);
            let quarter = last / 4;
            if before <= last && before > last - quarter && after < quarter {
                self.wraps += 1;
                return Some((last - before).saturating_add(after).saturating_add(1));
            }
        }
        self.resets += 1;
        None
    }
}

impl Difference {
    /// Whether any counter moved.
    pub(super) fn has_moved(&self) -> bool {
        let single = [
            self.codewords,
            self.corrected_codewords,
            self.uncorrectable_codewords,
            self.corrected_bits,
            self.corrected_symbols,
        ];
        let mut all = single
            .iter()
            .chain(&self.lane_bits)
            .copied()
            .flatten()
            .chain(self.histogram.iter().copied());
        all.any(|counted| counted > 0)
    }

    /// Codewords received: as counted, or as the histogram adds up, which has
    /// those without errors too.
    pub(super) fn all_codewords(&self) -> Option<u64> {
        let summed = || {
            let bins = (!self.histogram.is_empty()).then_some(&self.histogram)?;
            let corrected = bins.iter().fold(0_u64, |sum, bin| sum.saturating_add(*bin));
            Some(corrected.saturating_add(self.uncorrectable_codewords.unwrap_or_default()))
        };
        self.codewords.or_else(summed)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::health::fixture::host_fec;
    use crate::health::host_fec::{FecCode, FecSource};

    #[test]
    fn counters_are_subtracted() {
        let before = HostFec {
            corrected_bits: Some(100),
            ..host_fec(1)
        };
        let after = HostFec {
            corrected_bits: Some(350),
            ..host_fec(3)
        };
        let found = difference(&before, &after).unwrap();
        assert_eq!(found.corrected_bits, Some(250));
        assert_eq!(found.seconds, 2.0);
        assert!(found.has_moved());
        assert!(!difference(&before, &before).unwrap().has_moved());
    }

    #[test]
    fn one_counter_at_the_end_of_its_width_wraps() {
        for width in WIDTHS {
            let last = u64::MAX >> (64 - width);
            let before = HostFec {
                corrected_bits: Some(last - 9),
                ..host_fec(1)
            };
            let after = HostFec {
                corrected_bits: Some(5),
                ..host_fec(2)
            };
            let found = difference(&before, &after).unwrap();
            assert_eq!(found.corrected_bits, Some(15), "{width}");
        }
    }

    #[test]
    fn a_fall_elsewhere_or_of_two_at_once_is_a_reset() {
        let before = HostFec {
            corrected_bits: Some(1000),
            ..host_fec(1)
        };
        let after = HostFec {
            corrected_bits: Some(5),
            ..host_fec(2)
        };
        assert_eq!(difference(&before, &after), Err(Unlike::Restarted));
        let end = Some(u64::from(u32::MAX));
        let two = |at, counted| HostFec {
            corrected_bits: counted,
            corrected_codewords: counted,
            ..host_fec(at)
        };
        let found = difference(&two(1, end), &two(2, Some(0)));
        assert_eq!(found, Err(Unlike::Restarted));
    }

    #[test]
    fn a_clock_that_steps_back_is_no_negative_time() {
        assert_eq!(
            difference(&host_fec(9), &host_fec(1)),
            Err(Unlike::Restarted)
        );
    }

    #[test]
    fn another_speed_code_or_source_is_not_compared() {
        let changes: [fn(&mut HostFec); 5] = [
            |fec| fec.coded_bits_per_second = Some(425e9),
            |fec| fec.coded_bits_per_second = None,
            |fec| fec.code = Some(FecCode::Rs528),
            |fec| fec.source = FecSource::Sonic,
            |fec| fec.histogram = vec![0; 16],
        ];
        for change in changes {
            let mut after = host_fec(2);
            after.at = Duration::from_secs(2);
            change(&mut after);
            assert_eq!(difference(&host_fec(1), &after), Err(Unlike::Changed));
        }
    }
}
