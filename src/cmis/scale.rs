//! From register words to units, for the quantities that more than one page
//! holds: monitors and their thresholds (CMIS 5.4 Tables 8-65 and 8-99).

use crate::units::{Amperes, Celsius, Ratio, Volts, Watts};

/// Temperature: signed, 1/256 degree Celsius.
const CELSIUS_PER_BIT: f64 = 1.0 / 256.0;
/// Supply voltage: unsigned, 100 uV.
const VOLTS_PER_BIT: f64 = 100e-6;
/// Optical power: unsigned, 0.1 uW.
const WATTS_PER_BIT: f64 = 0.1e-6;
/// What levels in dBm are relative to.
const MILLIWATT: f64 = 1e-3;
/// Ten times the power is 10 dB, in steps of 0.01 dB.
const CENTI_DBM_PER_DECADE: f64 = 1000.0;
/// Laser bias: unsigned, 2 uA before the multiplier of 01h:160.4-3.
const AMPERES_PER_BIT: f64 = 2e-6;
/// Cooler current: signed, 7FFFh is all of it.
const FULL_TEC_CURRENT: f64 = 32_767.0;

/// Temperature.
pub fn temperature(raw: i16) -> Celsius {
    Celsius::new(f64::from(raw) * CELSIUS_PER_BIT)
}

/// Supply voltage.
pub fn supply(raw: u16) -> Volts {
    Volts::new(f64::from(raw) * VOLTS_PER_BIT)
}

/// Optical power, average or OMA.
pub fn optical_power(raw: u16) -> Watts {
    Watts::new(f64::from(raw) * WATTS_PER_BIT)
}

/// Optical power from a signed word in 0.01 dBm.
pub fn power_of_centi_dbm(raw: i16) -> Watts {
    Watts::new(MILLIWATT * 10_f64.powf(f64::from(raw) / CENTI_DBM_PER_DECADE))
}

/// Laser bias, with the multiplier that the module advertises (1, 2 or 4).
pub fn bias(raw: u16, multiplier: u8) -> Amperes {
    Amperes::new(f64::from(raw) * AMPERES_PER_BIT * f64::from(multiplier))
}

/// Thermo-electric cooler current as a share of its largest; the sign is the
/// direction. The one code below -1 (8000h) is -1.
pub fn tec_current(raw: i16) -> Ratio {
    Ratio::new((f64::from(raw) / FULL_TEC_CURRENT).max(-1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_the_right_sign_and_size() {
        for raw in 0..=u16::MAX {
            let signed = raw.cast_signed();
            let degrees = temperature(signed).celsius();
            assert_eq!(degrees * 256.0, f64::from(signed));
            assert!((supply(raw).volts() * 1e4 - f64::from(raw)).abs() < 1e-6);
            assert!((optical_power(raw).watts() * 1e7 - f64::from(raw)).abs() < 1e-6);
            let level = power_of_centi_dbm(signed).dbm().unwrap();
            assert!((level * 100.0 - f64::from(signed)).abs() < 1e-6);
            assert!((bias(raw, 1).amperes() * 5e5 - f64::from(raw)).abs() < 1e-6);
            assert!(tec_current(signed).ratio().abs() <= 1.0);
            assert_eq!(tec_current(signed).ratio() < 0.0, signed < 0);
        }
    }

    #[test]
    fn known_words() {
        assert_eq!(temperature(-256).celsius(), -1.0);
        assert!((supply(0x80C0).volts() - 3.296).abs() < 1e-12);
        assert!((optical_power(10_000).watts() - 1e-3).abs() < 1e-15);
        assert!((bias(25_000, 4).amperes() - 0.2).abs() < 1e-12);
        assert_eq!(tec_current(0x7FFF).ratio(), 1.0);
        assert_eq!(tec_current(i16::MIN).ratio(), -1.0);
    }
}
