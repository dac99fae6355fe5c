//! F16: the number format of bit error ratios and frame counts in VDM (20h-2Fh)
//! and diagnostics (14h); CMIS 5.x section 8, "F16".
//!
//! Bits 15-11 are a decimal exponent s, bits 10-0 a mantissa m; the value is
//! m x 10^(s - 24). There is no sign, no infinity, and one value may have
//! several encodings: compare decoded values, never words.

/// Where the mantissa ends and the exponent begins.
const MANTISSA_BITS: u32 = 11;
/// All bits of the mantissa.
const MANTISSA: u16 = 0x07FF;
/// The exponent that stands for 10^0.
const BIAS: usize = 24;

/// Powers of ten up to the bias; a double holds them exactly up to 10^22.
#[rustfmt::skip] // as a triangle of columns it is longer and no clearer
const POWERS: [f64; BIAS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
    1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24,
];

/// The value of an F16 word, 0 to 2.047e10. Never negative, NaN or infinite.
///
/// Small values are divided by a whole power of ten rather than multiplied by a
/// fraction, so that all encodings of one value give the same double.
pub fn decode(word: u16) -> f64 {
    let mantissa = f64::from(word & MANTISSA);
    let exponent = usize::from(word >> MANTISSA_BITS);
    let power = |n: usize| POWERS.get(n).copied().unwrap_or(1.0);
    if exponent < BIAS {
        mantissa / power(BIAS - exponent)
    } else {
        mantissa * power(exponent - BIAS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_what_its_decimal_text_says() {
        for word in 0..=u16::MAX {
            let text = format!("{}e{}", word & 0x7FF, i32::from(word >> 11) - 24);
            let right: f64 = text.parse().unwrap();
            let error = (decode(word) - right).abs();
            // The parser rounds once; 10^23 and 10^24 are themselves rounded.
            let slack = if word >> 11 < 2 { f64::EPSILON } else { 0.0 };
            assert!(
                error <= right * slack,
                "{word:#06x}: {} {right}",
                decode(word)
            );
        }
    }

    #[test]
    fn known_words_decode_to_known_values() {
        let known = [
            (0x0000, 0.0),
            (0x0001, 1e-24),
            (0x71DA, 4.74e-8),
            (0x8A37, 5.67e-5),
            (0x90F0, 2.40e-4),
            (0xA7FF, 0.2047),
            (0xC001, 1.0),
            (0xF800, 0.0),
            (0xFFFF, 2.047e10),
        ];
        for (word, value) in known {
            assert!((decode(word) - value).abs() <= value * 1e-15, "{word:#06x}");
        }
    }

    #[test]
    fn all_encodings_of_one_value_are_one_double() {
        for word in [0x8064, 0x880A, 0x9001] {
            assert_eq!(decode(word), decode(0x7BE8));
        }
        assert_eq!(decode(0xB805), decode(0xA9F4));
    }
}
