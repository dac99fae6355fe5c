//! F16, the number format of bit error ratios and frame counts, both ways.
//!
//! CMIS 5.x, VDM samples: bits 15-11 are a decimal exponent s, bits 10-0 a
//! mantissa m, and the value is m · 10^(s − 24). Not IEEE 754. This is a second
//! opinion beside the decoder of the daemon and shares nothing with it.

/// Exponent bias.
const BIAS: i32 = 24;
/// The largest mantissa: eleven bits.
const MOST: f64 = 2047.0;
/// The largest exponent: five bits.
const LAST_EXPONENT: u16 = 31;

/// The encoding with the most digits of a value that is not negative.
///
/// Below 5e-25 it is zero; above 2.047e10, and for not-a-number, all ones.
pub fn encode(value: f64) -> u16 {
    for exponent in 0..=LAST_EXPONENT {
        let mantissa = (value / unit(exponent)).round();
        if mantissa <= MOST {
            return exponent_and(exponent, mantissa);
        }
    }
    u16::MAX
}

/// The value of an encoding.
pub fn decode(raw: u16) -> f64 {
    f64::from(raw & 0x07FF) * unit(raw >> 11)
}

/// What one step of the mantissa is worth.
fn unit(exponent: u16) -> f64 {
    10_f64.powi(i32::from(exponent) - BIAS)
}

/// Joins the two fields; zero has only one encoding here.
fn exponent_and(exponent: u16, mantissa: f64) -> u16 {
    match super::raw::to_u16(mantissa) {
        0 => 0,
        mantissa => exponent << 11 | mantissa,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_pairs() {
        for (raw, value) in [
            (0x4BE8_u16, 1e-12),
            (0x71DA, 4.74e-8),
            (0x7853, 8.3e-8),
            (0x8A37, 5.67e-5),
            (0x9161, 3.53e-4),
            (0xA7FF, 0.2047),
            (0xC001, 1.0),
            (0xFFFF, 2.047e10),
        ] {
            let close = (decode(raw) / value - 1.0).abs() < 1e-12;
            assert!(close, "{raw:04x} is {} and not {value}", decode(raw));
        }
        assert_eq!(encode(0.0), 0);
        assert_eq!(encode(1e-12), 0x4BE8);
        assert_eq!(encode(2.4e-4), 0x90F0);
    }

    #[test]
    fn every_raw_value_comes_back_as_the_same_number() {
        for raw in 0..=u16::MAX {
            let value = decode(raw);
            let again = decode(encode(value));
            let error = (again - value).abs();
            assert!(error <= value * 1e-9, "{raw:04x}: {value} became {again}");
        }
    }

    #[test]
    fn the_best_digits_are_kept() {
        let mut value = 1e-15;
        while value < 1.0 {
            let error = (decode(encode(value)) / value - 1.0).abs();
            assert!(error < 0.0026, "{value}: off by {error}");
            value *= 1.37;
        }
    }

    #[test]
    fn what_does_not_fit_is_all_ones() {
        assert_eq!(encode(1e12), 0xFFFF);
        assert_eq!(encode(f64::NAN), 0xFFFF);
    }
}
