//! A value against the module's own thresholds.

use super::reason::Reason;
use super::verdict::Verdict;
use crate::module::{Levels, Reading};

/// Whether four thresholds can be what the maker meant: alarms outside warnings,
/// and room between the two warnings. Sets that are left at zero, filled with
/// one value or written upside down are not.
fn usable(levels: Levels<f64>) -> bool {
    levels.high_alarm >= levels.high_warning
        && levels.high_warning > levels.low_warning
        && levels.low_warning >= levels.low_alarm
}

/// The reason that a value gives, if it is beyond a usable threshold: alarms
/// are bad, warnings degraded. `what` names the value; `words` writes a number
/// with its unit.
pub(super) fn beyond(
    what: &str,
    value: Reading<f64>,
    levels: Reading<Levels<f64>>,
    words: impl Fn(f64) -> String,
) -> Option<Reason> {
    let value = value.value()?;
    let levels = levels.value().filter(|levels| usable(*levels))?;
    let alarm = value > levels.high_alarm || value < levels.low_alarm;
    let (verdict, kind, high, low) = if alarm {
        (Verdict::Bad, "alarm", levels.high_alarm, levels.low_alarm)
    } else {
        let (high, low) = (levels.high_warning, levels.low_warning);
        (Verdict::Degraded, "warning", high, low)
    };
    let (place, limit) = if value > high {
        ("above the module's high", words(high))
    } else if value < low {
        ("below the module's low", words(low))
    } else {
        return None;
    };
    let value = words(value);
    Some(Reason {
        verdict,
        text: format!("{what} {value} is {place} {kind} of {limit}"),
    })
}

/// Whether a value is known to be at or above a usable low alarm.
pub(super) fn holds_low_alarm(value: f64, levels: Reading<Levels<f64>>) -> bool {
    levels
        .value()
        .is_some_and(|levels| usable(levels) && value >= levels.low_alarm)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: [f64; 4] = [75.0, -5.0, 70.0, 0.0];

    fn at(value: f64, levels: [f64; 4]) -> Option<Verdict> {
        let levels = Reading::Value(Levels::from_array(levels));
        let reason = beyond("x", Reading::Value(value), levels, |x| x.to_string());
        reason.map(|reason| reason.verdict)
    }

    #[test]
    fn a_threshold_itself_is_not_beyond() {
        assert_eq!(at(70.0, LEVELS), None);
        assert_eq!(at(70.1, LEVELS), Some(Verdict::Degraded));
        assert_eq!(at(75.0, LEVELS), Some(Verdict::Degraded));
        assert_eq!(at(75.1, LEVELS), Some(Verdict::Bad));
        assert_eq!(at(0.0, LEVELS), None);
        assert_eq!(at(-0.1, LEVELS), Some(Verdict::Degraded));
        assert_eq!(at(-5.1, LEVELS), Some(Verdict::Bad));
    }

    #[test]
    fn thresholds_that_make_no_sense_judge_nothing() {
        for levels in [
            [0.0, 0.0, 0.0, 0.0],
            [-5.0, 75.0, 0.0, 70.0],
            [75.0, -5.0, 0.0, 0.0],
            [65.0, -5.0, 70.0, 0.0],
            [75.0, 1.0, 70.0, 0.0],
            [f64::NAN, -5.0, 70.0, 0.0],
        ] {
            assert_eq!(at(1000.0, levels), None, "{levels:?}");
        }
        // Alarm and warning at one value still mean something.
        assert_eq!(at(75.1, [75.0, 0.0, 75.0, 0.0]), Some(Verdict::Bad));
    }

    #[test]
    fn the_reason_names_value_and_limit() {
        let levels = Reading::Value(Levels::from_array(LEVELS));
        let words = |x: f64| format!("{x:.1} °C");
        let reason = beyond("temperature", Reading::Value(71.0), levels, words);
        assert_eq!(
            reason.unwrap().text,
            "temperature 71.0 °C is above the module's high warning of 70.0 °C"
        );
    }
}
