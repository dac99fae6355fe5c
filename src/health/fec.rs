//! Arithmetic of the Reed-Solomon codes of Ethernet: what a bit error ratio before
//! correction means behind it, if errors fall at random.
//!
//! Sums run in the logarithm, so that ratios far below what a float can hold stay
//! numbers that can be compared.

use super::host_fec::FecCode;

/// A Reed-Solomon code over symbols of ten bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Symbols of a codeword.
    symbols: u16,
    /// Symbols of a codeword that carry data.
    data: u16,
    /// Most wrong symbols that are corrected.
    corrects: u16,
}

/// RS(544,514), KP4: all lanes of 50 Gb/s and more (IEEE 802.3 clauses 91, 119).
pub const KP4: Code = Code {
    symbols: 544,
    data: 514,
    corrects: 15,
};
/// RS(528,514), KR4: lanes of 25 Gb/s (clauses 91, 108).
pub const KR4: Code = Code {
    symbols: 528,
    data: 514,
    corrects: 7,
};
/// RS(272,257): the low-latency code (clause 161).
pub const LOW_LATENCY: Code = Code {
    symbols: 272,
    data: 257,
    corrects: 7,
};

/// Bits of a symbol.
const SYMBOL_BITS: f64 = 10.0;
/// A term smaller than the largest by this natural logarithm adds no digit.
const NEGLIGIBLE: f64 = 45.0;
/// Bits of frames by bits of code payload: 256b/257b.
const TRANSCODING: f64 = 256.0 / 257.0;

/// What is expected of codewords at some bit error ratio, as natural logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// Share of codewords with at least so many wrong symbols.
    pub ln_codewords: f64,
    /// Share of wrong bits that are in them.
    pub ln_bits: f64,
}

impl Code {
    /// The code that a host names; `None` where it corrects nothing, or is not of
    /// this family.
    pub fn of(code: FecCode) -> Option<Self> {
        match code {
            FecCode::Rs544 => Some(KP4),
            FecCode::Rs528 => Some(KR4),
            FecCode::Rs272 => Some(LOW_LATENCY),
            FecCode::Off | FecCode::BaseR => None,
        }
    }

    /// Bits of a codeword.
    pub fn bits(self) -> f64 {
        f64::from(self.symbols) * SYMBOL_BITS
    }

    /// Most wrong symbols of a codeword that are corrected.
    pub fn corrects(self) -> u16 {
        self.corrects
    }

    /// Share of codewords that cannot be corrected, at a bit error ratio of 0 to 1.
    ///
    /// 0 where it is smaller than a float can hold: see [`Code::expected`].
    pub fn codeword_error_ratio(self, ber: f64) -> f64 {
        self.expected(ber, self.corrects + 1).ln_codewords.exp()
    }

    /// Bit error ratio behind the correction, likewise: codewords beyond it are
    /// handed on as they came.
    pub fn post_fec_ber(self, ber: f64) -> f64 {
        self.expected(ber, self.corrects + 1).ln_bits.exp()
    }

    /// Share of Ethernet frames that are lost when so many codewords are: a frame
    /// of `octets` touches one codeword and, for its length, more.
    pub fn frame_loss_ratio(self, codeword_error_ratio: f64, octets: f64) -> f64 {
        let payload = f64::from(self.data) * SYMBOL_BITS * TRANSCODING;
        let touched = 1.0 + octets.max(0.0) * 8.0 / payload;
        let kept = (-codeword_error_ratio.clamp(0.0, 1.0)).ln_1p() * touched;
        -kept.exp_m1()
    }

    /// Mean seconds between two codewords that cannot be corrected, at so many
    /// coded bits a second; infinite where a float cannot hold it.
    pub fn seconds_between_bad(self, ber: f64, bits_per_second: f64) -> f64 {
        let codewords = bits_per_second / self.bits();
        (-self.expected(ber, self.corrects + 1).ln_codewords - codewords.ln()).exp()
    }

    /// What is expected of codewords with at least `wrong` wrong symbols.
    ///
    /// A ratio outside 0 to 1 is taken for the nearer end, NaN for 0.
    pub fn expected(self, ber: f64, wrong: u16) -> Expected {
        let never = Expected {
            ln_codewords: f64::NEG_INFINITY,
            ln_bits: f64::NEG_INFINITY,
        };
        if wrong == 0 {
            return Expected {
                ln_codewords: 0.0,
                ln_bits: ber.clamp(0.0, 1.0).max(0.0).ln(),
            };
        }
        if wrong > self.symbols || ber.is_nan() || ber <= 0.0 {
            return never;
        }
        let ber = ber.min(1.0);
        let n = f64::from(self.symbols);
        // A right symbol has ten right bits.
        let ln_right = SYMBOL_BITS * (-ber).ln_1p();
        let ln_wrong = (-ln_right.exp_m1()).ln();
        let ln_bits_of_wrong = ber.ln() - ln_wrong;
        let likeliest = -ln_right.exp_m1() * n;
        let mut ln_choices = 0.0;
        let (mut codewords, mut bits) = (LnSum::default(), LnSum::default());
        for j in 1..=self.symbols {
            let j_float = f64::from(j);
            ln_choices += ((n - j_float + 1.0) / j_float).ln();
            if j < wrong {
                continue;
            }
            let right = n - j_float;
            // Infinity times none is none.
            let of_right = if right == 0.0 { 0.0 } else { right * ln_right };
            let ln_term = ln_choices + j_float * ln_wrong + of_right;
            // Past the likeliest number terms only fall; these add no digit.
            if j_float > likeliest && ln_term < codewords.largest - NEGLIGIBLE {
                break;
            }
            codewords.add(ln_term);
            bits.add(ln_term + (j_float / n).ln());
        }
        Expected {
            ln_codewords: codewords.ln().min(0.0),
            ln_bits: (bits.ln() + ln_bits_of_wrong).min(0.0),
        }
    }

    /// The most wrong symbols that one of so many codewords is expected to have:
    /// the last count of which at least half a codeword is expected. Beyond what is
    /// corrected decoders do not count on: all of that is one more than the most.
    pub fn largest_expected(self, ber: f64, codewords: f64) -> u16 {
        let enough = 0.5_f64.ln() - codewords.ln();
        let has = |wrong: &u16| self.expected(ber, *wrong).ln_codewords >= enough;
        (1..=self.corrects + 1).take_while(has).last().unwrap_or(0)
    }

    /// The bit error ratio at which this share of codewords has at least one wrong
    /// bit.
    pub fn ber_of_touched(self, share: f64) -> f64 {
        -((-share.clamp(0.0, 1.0)).ln_1p() / self.bits()).exp_m1()
    }

    /// The bit error ratio at which this share of symbols is wrong.
    pub fn ber_of_symbols(self, share: f64) -> f64 {
        -((-share.clamp(0.0, 1.0)).ln_1p() / SYMBOL_BITS).exp_m1()
    }
}

/// A sum of numbers of which only logarithms are known.
#[derive(Clone, Copy)]
struct LnSum {
    largest: f64,
    /// The sum, in units of the largest.
    sum: f64,
}

impl Default for LnSum {
    fn default() -> Self {
        Self {
            largest: f64::NEG_INFINITY,
            sum: 0.0,
        }
    }
}

impl LnSum {
    fn add(&mut self, ln: f64) {
        if ln == f64::NEG_INFINITY {
            return;
        }
        if ln > self.largest {
            self.sum = self.sum * (self.largest - ln).exp() + 1.0;
            self.largest = ln;
        } else {
            self.sum += (ln - self.largest).exp();
        }
    }

    fn ln(self) -> f64 {
        self.largest + self.sum.ln()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pre-FEC BER, share of bad codewords, BER behind the correction, and the
    /// largest expected bin of an 800G port in a minute and in a day: RS(544,514)
    /// computed with exact rationals, to four digits.
    type Row = (f64, &'static str, &'static str, Option<[u16; 2]>);
    const TABLE: [Row; 11] = [
        (1e-3, "1.530e-4", "4.641e-7", None),
        (5e-4, "2.793e-8", "8.325e-11", None),
        (2.4e-4, "8.152e-13", "2.412e-15", Some([14, 16])),
        (2.0e-4, "5.390e-14", "1.593e-16", None),
        (1e-4, "1.360e-18", "4.009e-21", Some([10, 12])),
        (5e-5, "2.669e-23", "7.859e-26", None),
        (2.4e-5, "2.416e-28", "7.110e-31", Some([7, 8])),
        (1e-5, "2.140e-34", "6.295e-37", Some([5, 7])),
        (1e-6, "2.239e-50", "6.585e-53", Some([3, 5])),
        (1e-7, "2.249e-66", "6.615e-69", Some([2, 3])),
        (1e-8, "2.250e-82", "6.618e-85", Some([2, 2])),
    ];
    /// Coded bits of an 800G port in a second.
    const RATE_800G: f64 = 850e9;

    #[test]
    fn kp4_agrees_with_the_reference_table_to_four_digits() {
        for (ber, codewords, bits, bins) in TABLE {
            assert_eq!(format!("{:.3e}", KP4.codeword_error_ratio(ber)), codewords);
            assert_eq!(format!("{:.3e}", KP4.post_fec_ber(ber)), bits);
            if let Some(bins) = bins {
                let rate = RATE_800G / KP4.bits();
                let of = |seconds: f64| KP4.largest_expected(ber, rate * seconds);
                assert_eq!([of(60.0), of(86_400.0)], bins, "{ber}");
            }
        }
        // From 5e-4 on, correction fails within the minute.
        let minute = RATE_800G / KP4.bits() * 60.0;
        assert!(KP4.largest_expected(5e-4, minute) >= 16);
    }

    #[test]
    fn bad_codewords_of_an_800g_port_come_as_often_as_the_table_says() {
        let between = |ber| KP4.seconds_between_bad(ber, RATE_800G);
        assert!((between(1e-3) * 1e6 - 42.0).abs() < 0.5);
        assert!((between(5e-4) - 0.23).abs() < 0.005);
        assert!((between(2.4e-4) / 3600.0 - 2.2).abs() < 0.05);
        assert!((between(1e-4) / (365.25 * 86_400.0) - 149.0).abs() < 0.5);
    }

    #[test]
    fn other_codes_correct_less() {
        let at = |code: Code| code.codeword_error_ratio(1e-5);
        assert!(at(KP4) < at(LOW_LATENCY) && at(LOW_LATENCY) < at(KR4));
        // Of the first term alone: C(528, 8) ps^8.
        let ps = 1e-4_f64;
        let choices: f64 = (0..8)
            .map(|i| (528.0 - f64::from(i)) / (1.0 + f64::from(i)))
            .product();
        let first = choices * ps.powi(8);
        assert!((at(KR4) / first - 1.0).abs() < 0.06);
        assert_eq!(Code::of(FecCode::Off), None);
        assert_eq!(Code::of(FecCode::Rs544), Some(KP4));
    }

    #[test]
    fn the_logarithm_goes_on_where_floats_end() {
        let ln = |ber| KP4.expected(ber, 16).ln_codewords;
        // Sixteen decades for each decade.
        let slope = (ln(1e-299) - ln(1e-300)) / 10_f64.ln();
        assert!((slope - 16.0).abs() < 1e-6, "{slope}");
        assert_eq!(KP4.codeword_error_ratio(1e-300), 0.0);
        assert_eq!(KP4.codeword_error_ratio(0.0), 0.0);
        assert_eq!(KP4.codeword_error_ratio(f64::NAN), 0.0);
        assert!((KP4.codeword_error_ratio(1.0) - 1.0).abs() < 1e-9);
        assert!((KP4.codeword_error_ratio(0.5) - 1.0).abs() < 1e-9);
        assert!((KP4.post_fec_ber(0.5) - 0.5).abs() < 1e-3);
        assert_eq!(KP4.expected(1e-5, 0).ln_codewords, 0.0);
    }

    #[test]
    fn frames_touch_a_codeword_and_more_for_their_length() {
        // 802.3: a 64-octet frame is lost with one codeword and an eighth or so.
        let small = KP4.frame_loss_ratio(1e-9, 64.0) / 1e-9;
        assert!((small - 1.1).abs() < 1e-3, "{small}");
        assert!(KP4.frame_loss_ratio(1e-9, 9000.0) > 1.4e-8);
        assert_eq!(KP4.frame_loss_ratio(0.0, 64.0), 0.0);
        assert_eq!(KP4.frame_loss_ratio(1.0, 64.0), 1.0);
    }

    #[test]
    fn shares_lead_back_to_the_bit_error_ratio() {
        for ber in [1e-12, 1e-6, 1e-3] {
            let touched = KP4.expected(ber, 1).ln_codewords.exp();
            assert!((KP4.ber_of_touched(touched) / ber - 1.0).abs() < 1e-3);
            let symbols = -(SYMBOL_BITS * (-ber).ln_1p()).exp_m1();
            assert!((KP4.ber_of_symbols(symbols) / ber - 1.0).abs() < 1e-3);
        }
        assert_eq!(KP4.ber_of_touched(0.0), 0.0);
    }

    proptest! {
        #[test]
        fn any_float_gives_ratios(ber in any::<f64>(), wrong in any::<u16>()) {
            for code in [KP4, KR4, LOW_LATENCY] {
                let expected = code.expected(ber, wrong);
                prop_assert!(expected.ln_codewords <= 0.0 && expected.ln_bits <= 0.0);
                let ratio = code.codeword_error_ratio(ber);
                prop_assert!((0.0..=1.0).contains(&ratio));
                prop_assert!((0.0..=1.0).contains(&code.frame_loss_ratio(ratio, 1500.0)));
            }
        }

        #[test]
        fn more_wrong_bits_never_help(exponent in -300.0..-0.4_f64) {
            let ber = 10_f64.powf(exponent);
            let ln = |ber| KP4.expected(ber, 16).ln_codewords;
            prop_assert!(ln(ber) <= ln(ber * 1.5) + 1e-9);
        }
    }
}
