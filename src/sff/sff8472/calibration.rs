//! Calibration by the host: how raw words become steps of the unit (SFF-8472
//! Table 9-6 of revision 12.4).
//!
//! Temperature, supply, bias and transmit power are straight lines; receive
//! power is a polynomial of fourth degree in the raw word itself.

use crate::bus::sheet::Sheet;

/// A2h:56-75: coefficients of receive power, IEEE 754 single precision, from the
/// fourth power down to the constant.
pub(super) const RX_POWER: u8 = 56;
const COEFFICIENT_LENGTH: u8 = 4;
/// A2h:76-91: slope (unsigned, 8 bits of fraction) and offset (signed).
pub(super) const TX_BIAS: u8 = 76;
pub(super) const TX_POWER: u8 = 80;
pub(super) const TEMPERATURE: u8 = 84;
pub(super) const SUPPLY: u8 = 88;
const OFFSET_AFTER_SLOPE: u8 = 2;
const SLOPE_STEP: f64 = 1.0 / 256.0;

/// A straight line from raw words to steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    slope: f64,
    offset: f64,
}

impl Line {
    /// The line that leaves words as they are.
    const NEUTRAL: Self = Self {
        slope: 1.0,
        offset: 0.0,
    };

    fn decode(sheet: &Sheet, at: u8) -> Self {
        Self {
            slope: f64::from(sheet.u16(at)) * SLOPE_STEP,
            offset: f64::from(sheet.i16(at + OFFSET_AFTER_SLOPE)),
        }
    }

    /// The steps of a raw word. Sign is the caller's: temperatures are signed.
    pub fn apply(self, raw: f64) -> f64 {
        self.slope * raw + self.offset
    }
}

/// How the raw words of A2h become steps of their units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Case temperature, from signed words.
    pub temperature: Line,
    /// Supply voltage.
    pub supply: Line,
    /// Laser bias.
    pub tx_bias: Line,
    /// Transmit power.
    pub tx_power: Line,
    /// Receive power: coefficients from the fourth power down.
    rx_power: [f64; 5],
}

impl Calibration {
    /// For a module that calibrates itself: words are steps.
    pub const NEUTRAL: Self = Self {
        temperature: Line::NEUTRAL,
        supply: Line::NEUTRAL,
        tx_bias: Line::NEUTRAL,
        tx_power: Line::NEUTRAL,
        rx_power: [0.0, 0.0, 0.0, 1.0, 0.0],
    };

    /// The constants in A2h, for a module that leaves calibration to the host.
    pub fn decode(a2: &Sheet) -> Self {
        let coefficient = |place: u8| {
            let bytes = a2.array(RX_POWER + place * COEFFICIENT_LENGTH);
            f64::from(f32::from_be_bytes(bytes))
        };
        Self {
            temperature: Line::decode(a2, TEMPERATURE),
            supply: Line::decode(a2, SUPPLY),
            tx_bias: Line::decode(a2, TX_BIAS),
            tx_power: Line::decode(a2, TX_POWER),
            rx_power: [0, 1, 2, 3, 4].map(coefficient),
        }
    }

    /// The steps of receive power of a raw word, never below zero; `None` where
    /// the coefficients are no numbers.
    pub fn rx_power(&self, raw: u16) -> Option<f64> {
        let raw = f64::from(raw);
        let steps = self.rx_power.iter().fold(0.0, |sum, c| sum * raw + c);
        steps.is_finite().then_some(steps.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A2h with the constants of a calibration, computed on its own.
    fn a2(coefficients: [f32; 5], slope: u16, offset: i16) -> Sheet {
        let mut sheet = Sheet::full([0; 128]);
        for (place, c) in coefficients.into_iter().enumerate() {
            sheet.put(56 + 4 * u8::try_from(place).unwrap(), &c.to_be_bytes());
        }
        for at in [76, 80, 84, 88] {
            sheet.put(at, &slope.to_be_bytes());
            sheet.put(at + 2, &offset.to_be_bytes());
        }
        sheet
    }

    #[test]
    fn neutral_constants_change_nothing() {
        let neutral = Calibration::decode(&a2([0.0, 0.0, 0.0, 1.0, 0.0], 0x0100, 0));
        assert_eq!(neutral, Calibration::NEUTRAL);
        for raw in 0..=u16::MAX {
            assert_eq!(neutral.rx_power(raw), Some(f64::from(raw)));
            assert_eq!(neutral.supply.apply(f64::from(raw)), f64::from(raw));
        }
    }

    #[test]
    fn receive_power_is_a_polynomial_in_the_raw_word() {
        let c = [1e-15_f32, -2e-10, 3e-5, 0.5, 12.0];
        let calibration = Calibration::decode(&a2(c, 0x0100, 0));
        for raw in (0..=u16::MAX).step_by(97) {
            let x = f64::from(raw);
            let [c4, c3, c2, c1, c0] = c.map(f64::from);
            let right = c4 * x.powi(4) + c3 * x.powi(3) + c2 * x.powi(2) + c1 * x + c0;
            let ours = calibration.rx_power(raw).unwrap();
            assert!((ours - right).abs() <= right.abs() * 1e-12, "{raw}");
        }
    }

    #[test]
    fn slopes_are_unsigned_and_offsets_signed() {
        let calibration = Calibration::decode(&a2([0.0; 5], 0x8180, -300));
        let steps = calibration.temperature.apply(-1000.0);
        assert_eq!(steps, -1000.0 * 129.5 - 300.0);
    }

    #[test]
    fn coefficients_that_are_no_numbers_give_no_power() {
        for c in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let calibration = Calibration::decode(&a2([0.0, c, 0.0, 1.0, 0.0], 0, 0));
            assert_eq!(calibration.rx_power(100), None);
        }
        let ones = Calibration::decode(&Sheet::full([0xFF; 128]));
        assert_eq!(ones.rx_power(1), None);
        let zeros = Calibration::decode(&Sheet::full([0; 128]));
        assert_eq!(zeros.rx_power(9), Some(0.0));
        let below = Calibration::decode(&a2([0.0, 0.0, 0.0, 1.0, -50.0], 0x0100, 0));
        assert_eq!(below.rx_power(49), Some(0.0));
    }
}
