//! One-field types for physical quantities, in SI base units.
//!
//! They are made by decoders, configuration and tests, and opened where values
//! leave the program. There is no arithmetic between units on purpose: what a
//! product of two of them means is decided where it is needed, with a name.

/// Defines a quantity: its type, its unit and the name of its opening method.
macro_rules! unit {
    ($(#[$meta:meta])* $name:ident, $open:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
        pub struct $name(f64);

        impl $name {
            /// Wraps a number that is in this unit already.
            pub const fn new(value: f64) -> Self {
                Self(value)
            }

            /// The number in this unit.
            pub const fn $open(self) -> f64 {
                self.0
            }
        }
    };
}

unit! {
    /// Temperature in degrees Celsius.
    Celsius, celsius
}
unit! {
    /// Potential in volts.
    Volts, volts
}
unit! {
    /// Current in amperes.
    Amperes, amperes
}
unit! {
    /// Power in watts: optical or electrical.
    Watts, watts
}
unit! {
    /// Length in metres: reach, cable length or wavelength.
    Meters, meters
}
unit! {
    /// Frequency in hertz.
    Hertz, hertz
}
unit! {
    /// A level ratio in decibels (SNR, LTP).
    Decibels, decibels
}
unit! {
    /// A share from 0 to 1, or -1 to 1 where it has a direction.
    Ratio, ratio
}
unit! {
    /// Wrong bits by all bits: 0 to 1.
    BitErrorRatio, ratio
}

impl Watts {
    /// The power in decibels relative to 1 mW, for screens only.
    ///
    /// Returns `None` at zero and below: no light has no level in dBm.
    pub fn dbm(self) -> Option<f64> {
        (self.0 > 0.0).then(|| 10.0 * (self.0 / 1e-3).log10())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dbm_is_absent_at_zero_and_right_elsewhere() {
        assert_eq!(Watts::new(0.0).dbm(), None);
        assert_eq!(Watts::new(1e-3).dbm(), Some(0.0));
        let dbm = Watts::new(0.501_2e-3).dbm().unwrap();
        assert!((dbm + 3.0).abs() < 1e-3);
    }
}
