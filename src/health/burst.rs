//! Whether errors come in bursts: the tail of the host's FEC histogram against what
//! random errors would make.
//!
//! A bit error ratio says nothing of how errors lie; codes correct by the codeword,
//! so a burst uses up the margin that the ratio shows.

use super::fec::Code;
use super::module_ber::float;

/// A codeword as bad as the worst one must be that unlikely to be called a burst:
/// one in a million ports.
const UNLIKELY: f64 = 1e-6;
/// So far above the expectation it must be: linear links are mildly correlated by
/// nature, and their soaks show a bin or two.
const BINS_ABOVE: u16 = 3;

/// The worst codeword since the link came up, or of a module's last interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    /// Its wrong symbols; one more than the code corrects where it was beyond that.
    pub seen: u16,
    /// What the worst of so many codewords would have if errors fell at random.
    pub expected: u16,
    /// Whether that is too far apart for chance.
    pub is_burst: bool,
}

impl Tail {
    /// The tail of a histogram of codewords by wrong symbols, none first, and of
    /// codewords that were not corrected; `ber` is the error ratio that was counted
    /// beside it. `None` where nothing was counted.
    pub(super) fn of(histogram: &[u64], uncorrectable: u64, ber: f64, code: Code) -> Option<Self> {
        let corrected = histogram
            .iter()
            .fold(0, |sum: u64, bin| sum.saturating_add(*bin));
        let codewords = float(corrected.saturating_add(uncorrectable));
        if histogram.is_empty() || codewords <= 0.0 {
            return None;
        }
        let last = histogram.iter().rposition(|bin| *bin > 0)?;
        let seen = if uncorrectable > 0 {
            code.corrects() + 1
        } else {
            u16::try_from(last)
                .unwrap_or(u16::MAX)
                .min(code.corrects() + 1)
        };
        Some(Self::of_worst(seen, codewords, ber, code))
    }

    /// The tail where only the worst of so many codewords is known.
    pub(super) fn of_worst(seen: u16, codewords: f64, ber: f64, code: Code) -> Self {
        let ln_as_bad = code.expected(ber, seen).ln_codewords + codewords.ln();
        let expected = code.largest_expected(ber, codewords);
        Self {
            seen,
            expected,
            is_burst: ln_as_bad < UNLIKELY.ln() && seen >= expected.saturating_add(BINS_ABOVE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::fec::KP4;
    use crate::health::noise::{Noise, counted};

    /// A histogram of codewords whose bits are wrong at random.
    fn random(ber: f64, codewords: f64, noise: &mut Noise) -> Vec<u64> {
        let share = |wrong| KP4.expected(ber, wrong).ln_codewords.exp();
        (0..16)
            .map(|wrong| counted(noise.poisson(codewords * (share(wrong) - share(wrong + 1)))))
            .collect()
    }

    #[test]
    fn random_errors_are_no_bursts() {
        let mut noise = Noise::new(11);
        for ber in [1e-9, 1e-7, 1e-5, 1e-4] {
            for _ in 0..200 {
                let histogram = random(ber, 1e10, &mut noise);
                let tail = Tail::of(&histogram, 0, ber, KP4).unwrap();
                assert!(!tail.is_burst, "{ber}: {tail:?}");
                assert!(tail.seen <= tail.expected + 2, "{ber}: {tail:?}");
            }
        }
    }

    #[test]
    fn a_long_tail_is_a_burst_and_a_mild_one_is_not() {
        // The soak of a linear module: up to four wrong symbols at 4e-8.
        let mild = [9_000_000_000, 2_000_000, 300, 4, 1];
        let tail = Tail::of(&mild, 0, 4e-8, KP4).unwrap();
        assert_eq!((tail.seen, tail.is_burst), (4, false));
        let mut long = mild.to_vec();
        long.resize(16, 0);
        long[9] = 2;
        let tail = Tail::of(&long, 0, 4e-8, KP4).unwrap();
        assert!(tail.is_burst && tail.seen == 9 && tail.expected < 4);
        let tail = Tail::of(&mild, 7, 4e-8, KP4).unwrap();
        assert!(tail.is_burst && tail.seen == 16);
    }

    #[test]
    fn the_worst_codeword_alone_tells_as_well() {
        let tail = Tail::of_worst(3, 1.5e8, 1e-6, KP4);
        assert!(!tail.is_burst && tail.expected == 3 || tail.expected == 2);
        assert!(Tail::of_worst(10, 1.5e8, 1e-6, KP4).is_burst);
        assert!(!Tail::of_worst(u16::MAX, f64::NAN, f64::NAN, KP4).is_burst);
    }

    #[test]
    fn nothing_counted_has_no_tail() {
        assert_eq!(Tail::of(&[], 0, 1e-6, KP4), None);
        assert_eq!(Tail::of(&[0, 0], 0, 1e-6, KP4), None);
        let clean = Tail::of(&[1_000_000, 0, 0], 0, 1e-13, KP4).unwrap();
        assert_eq!((clean.seen, clean.is_burst), (0, false));
    }
}
