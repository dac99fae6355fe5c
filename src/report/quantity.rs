//! Quantities as an optics engineer reads them: milliwatts beside dBm, margins
//! to the module's own thresholds. For screens only; metrics and JSON are SI.

use crate::module::Levels;
use crate::units::{Amperes, Celsius, Watts};

/// What stands where there is no value.
pub(super) const NONE: &str = "-";

/// Optical power in milliwatts, `1.0233`.
pub(super) fn milliwatts(power: Watts) -> String {
    format!("{:.4}", power.watts() * 1e3)
}

/// Optical power in dBm, `+0.10`; `-` without light.
pub(super) fn dbm(power: Watts) -> String {
    power
        .dbm()
        .map_or_else(|| NONE.to_owned(), |level| format!("{level:+.2}"))
}

/// Laser bias in milliamperes, `85.2`.
pub(super) fn milliamperes(current: Amperes) -> String {
    format!("{:.1}", current.amperes() * 1e3)
}

/// Temperature in degrees Celsius, `46.5`.
pub(super) fn celsius(temperature: Celsius) -> String {
    format!("{:.1}", temperature.celsius())
}

/// A value in the unit that [`crate::module::VdmSample`] names: small ratios in
/// scientific notation, the rest with as many digits as the registers carry.
pub(super) fn in_unit(value: f64, unit: &str) -> String {
    match unit {
        _ if value == 0.0 => "0".to_owned(),
        "ratio" if value.abs() < 1e-2 => format!("{value:.2e}"),
        "ratio" => format!("{value:.3}"),
        "decibels" | "celsius" => format!("{value:.2}"),
        "hertz" => format!("{:.0}M", value / 1e6),
        "volts" => format!("{value:.3}"),
        "watts" => format!("{value:.3e}"),
        _ if !(1e-3..1e6).contains(&value.abs()) => format!("{value:.2e}"),
        _ => rounded(value),
    }
}

/// A number with three decimals at most, `33.333`.
pub(super) fn rounded(value: f64) -> String {
    format!("{}", (value * 1e3).round() / 1e3)
}

/// How far a value is from the nearer of its warning thresholds: negative when
/// beyond it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Margin {
    /// In the value's unit, or in decibels.
    pub amount: f64,
    /// Whether the nearer threshold is the high one.
    pub to_high: bool,
}

impl Margin {
    fn nearer(to_low: f64, to_high: f64) -> Option<Self> {
        let margin = if to_high < to_low {
            Self {
                amount: to_high,
                to_high: true,
            }
        } else {
            Self {
                amount: to_low,
                to_high: false,
            }
        };
        margin.amount.is_finite().then_some(margin)
    }

    /// Which warning threshold is the nearer one.
    pub(super) fn towards(self) -> &'static str {
        if self.to_high {
            "high warning"
        } else {
            "low warning"
        }
    }
}

/// The margin in the value's own unit.
pub(super) fn margin(value: f64, levels: Levels<f64>) -> Option<Margin> {
    Margin::nearer(value - levels.low_warning, levels.high_warning - value)
}

/// The margin of an optical power in decibels; `None` without light.
pub(super) fn margin_db(power: Watts, levels: Levels<Watts>) -> Option<Margin> {
    let level = power.dbm()?;
    let to_low = levels
        .low_warning
        .dbm()
        .map_or(f64::INFINITY, |low| level - low);
    let to_high = levels
        .high_warning
        .dbm()
        .map_or(f64::INFINITY, |high| high - level);
    Margin::nearer(to_low, to_high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_light_has_no_level_and_no_margin() {
        assert_eq!(dbm(Watts::new(0.0)), "-");
        assert_eq!(dbm(Watts::new(1e-3)), "+0.00");
        let levels = Levels::from_array([2.0, 0.25, 1.0, 0.5].map(|mw| Watts::new(mw * 1e-3)));
        assert_eq!(margin_db(Watts::new(0.0), levels), None);
        let near_high = margin_db(Watts::new(0.9e-3), levels).unwrap();
        assert!(near_high.to_high && (near_high.amount - 0.4576).abs() < 1e-3);
        let below = margin_db(Watts::new(0.4e-3), levels).unwrap();
        assert!(!below.to_high && below.amount < 0.0);
    }

    #[test]
    fn a_low_threshold_of_no_light_is_never_near() {
        let levels = Levels::from_array([2.0, 0.0, 1.0, 0.0].map(|mw| Watts::new(mw * 1e-3)));
        let margin = margin_db(Watts::new(1e-9), levels).unwrap();
        assert!(margin.to_high);
    }

    #[test]
    fn values_keep_sensible_digits() {
        assert_eq!(in_unit(4.95e-8, "ratio"), "4.95e-8");
        assert_eq!(in_unit(0.0, "ratio"), "0");
        assert_eq!(in_unit(21.535, "decibels"), "21.54");
        assert_eq!(in_unit(-30e6, "hertz"), "-30M");
        assert_eq!(in_unit(12.0, "raw"), "12");
        assert_eq!(in_unit(7.36e-8, "frames"), "7.36e-8");
    }
}
