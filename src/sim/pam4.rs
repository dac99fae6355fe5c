//! PAM4 and its error correction in formulas: decision quality into bit error
//! ratio and signal-to-noise ratio, bit errors into wrong symbols of a codeword.

use std::f64::consts::TAU;

/// Bit error ratio of Gray-coded PAM4 at decision quality `q`: ¾ of the
/// Gaussian tail beyond it. The KP4 limit of 2.4e-4 is at 3.414.
pub fn bit_error_ratio(q: f64) -> f64 {
    // Börjesson and Sundberg's approximation of the tail, good to 0.3 %.
    let q = q.max(0.0);
    let tail = (-q * q / 2.0).exp() / (TAU.sqrt() * (0.661 * q + 0.339 * (q * q + 5.51).sqrt()));
    0.75 * tail.min(0.5)
}

/// Signal-to-noise ratio of PAM4 at decision quality `q`, dB.
///
/// Four levels ±1, ±3 have a mean power of 5 with half a level distance of 1.
pub fn signal_to_noise_db(q: f64) -> f64 {
    match q {
        q if q > 0.0 => (20.0 * q.log10() + 10.0 * 5_f64.log10()).max(0.0),
        _ => 0.0,
    }
}

/// Bits of a symbol of the Reed-Solomon codes of Ethernet.
pub const SYMBOL_BITS: u32 = 10;
/// How many wrong symbols of a codeword are told apart; more count as this many.
pub const SYMBOLS_TOLD: usize = 24;

/// A Reed-Solomon code of Ethernet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Symbols of a codeword.
    pub symbols: u16,
    /// How many wrong ones it corrects.
    pub corrects: usize,
}

/// RS(544,514), "KP4".
pub const KP4: Code = Code {
    symbols: 544,
    corrects: 15,
};
/// RS(528,514), "KR4".
pub const KR4: Code = Code {
    symbols: 528,
    corrects: 7,
};

/// The chances that a symbol is wrong at this bit error ratio.
pub fn symbol_error_ratio(ber: f64) -> f64 {
    -f64::exp_m1(f64::from(SYMBOL_BITS) * f64::ln_1p(-ber.clamp(0.0, 0.5)))
}

impl Code {
    /// The chances of 0, 1, 2, … wrong symbols in a codeword where bits are wrong
    /// independently of each other; the last entry is the chance of so many or
    /// more.
    pub fn wrong_symbols(self, ber: f64) -> [f64; SYMBOLS_TOLD + 1] {
        /// Up to so many wrong symbols on average the chance of none is a double.
        const MOST_IN_MEAN: f64 = 600.0;
        let wrong = symbol_error_ratio(ber);
        let length = f64::from(self.symbols);
        let odds = wrong / (1.0 - wrong);
        let mut chances = [0.0; SYMBOLS_TOLD + 1];
        if length * -f64::ln_1p(-wrong) > MOST_IN_MEAN {
            if let Some(last) = chances.last_mut() {
                *last = 1.0;
            }
            return chances;
        }
        let mut next = (length * f64::ln_1p(-wrong)).exp();
        let mut count = 0.0;
        let mut step = |chance: f64| {
            count += 1.0;
            chance * (length + 1.0 - count) / count * odds
        };
        for chance in chances.iter_mut().take(SYMBOLS_TOLD) {
            *chance = next;
            next = step(next);
        }
        // The rest rises up to the mean and then falls for good.
        let mut tail = 0.0;
        for _ in SYMBOLS_TOLD..=usize::from(self.symbols) {
            let before = tail;
            tail += next;
            let after = step(next);
            if tail == before && after <= next {
                break;
            }
            next = after;
        }
        if let Some(last) = chances.last_mut() {
            *last = tail;
        }
        chances
    }

    /// The share of codewords that independent bit errors make uncorrectable.
    pub fn codeword_error_ratio(self, ber: f64) -> f64 {
        let chances = self.wrong_symbols(ber);
        chances.iter().skip(self.corrects + 1).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_the_code_is_at_its_quality() {
        assert!((bit_error_ratio(3.414) / 2.4e-4 - 1.0).abs() < 0.01);
        assert!((bit_error_ratio(0.0) - 0.375).abs() < 1e-9);
        assert!((signal_to_noise_db(3.414) - 17.66).abs() < 0.01);
        assert_eq!(signal_to_noise_db(0.0), 0.0);
    }

    #[test]
    fn codewords_fail_as_the_arithmetic_of_the_code_has_it() {
        // Exact rationals, rounded to four digits.
        for (ber, expected) in [
            (1e-3, 1.530e-4),
            (2.4e-4, 8.152e-13),
            (1e-5, 2.140e-34),
            (1e-8, 2.250e-82),
        ] {
            let ratio = KP4.codeword_error_ratio(ber) / expected;
            assert!((ratio - 1.0).abs() < 1e-3, "{ber}: {ratio}");
        }
        assert!(KP4.codeword_error_ratio(0.1) > 0.999);
        assert!(KR4.codeword_error_ratio(2.4e-4) > 1e-6);
        assert_eq!(KP4.codeword_error_ratio(0.0), 0.0);
    }

    #[test]
    fn the_chances_of_a_codeword_add_up() {
        for ber in [0.0, 1e-12, 1e-6, 1e-3, 0.02, 0.4] {
            let sum: f64 = KP4.wrong_symbols(ber).iter().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{ber}: {sum}");
        }
    }
}
