//! Numbers into raw register integers, as an analogue-to-digital converter
//! does it: to the nearest step, and no further than the scale goes.

/// Defines one rounding, saturating conversion from `f64`.
macro_rules! rounded {
    ($name:ident, $int:ty) => {
        /// The nearest value of the type; what is beyond it becomes its end,
        /// not-a-number becomes zero.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` from a float saturates by definition, which is what is wanted"
        )]
        pub fn $name(value: f64) -> $int {
            value.round() as $int
        }
    };
}

rounded!(to_u8, u8);
rounded!(to_u16, u16);
rounded!(to_i16, i16);
rounded!(to_u64, u64);

/// An optical power in units of 0.1 µW from dBm; no light is 0.
pub fn tenth_microwatts(dbm: Option<f64>) -> u16 {
    const UNITS_PER_MILLIWATT: f64 = 10_000.0;
    dbm.map_or(0, |dbm| {
        to_u16(10_f64.powf(dbm / 10.0) * UNITS_PER_MILLIWATT)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_round_and_saturate() {
        assert_eq!(to_u16(1.5), 2);
        assert_eq!(to_u16(-3.0), 0);
        assert_eq!(to_u16(1e9), u16::MAX);
        assert_eq!(to_i16(-40_000.0), i16::MIN);
        assert_eq!(to_u8(f64::NAN), 0);
    }

    #[test]
    fn power_is_in_tenths_of_a_microwatt() {
        assert_eq!(tenth_microwatts(Some(0.0)), 10_000);
        assert_eq!(tenth_microwatts(Some(-40.0)), 1);
        assert_eq!(tenth_microwatts(None), 0);
    }
}
