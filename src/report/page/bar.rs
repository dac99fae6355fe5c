//! A value between the module's own four thresholds, drawn as a small bar.

use maud::{Markup, html};

use crate::module::Levels;
use crate::units::Watts;

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 10.0;

/// How much of the span between the alarms is drawn beyond each of them.
const MARGIN: f64 = 0.12;

/// The bar of an optical power, on a decibel scale; nothing without light or
/// where a threshold is no light.
pub(super) fn power(power: Watts, levels: Levels<Watts>) -> Option<Markup> {
    let decibels = levels.map(|level| level.dbm().unwrap_or(f64::NAN));
    bar(power.dbm()?, decibels)
}

/// The bar of any value on a linear scale; nothing where the thresholds do not
/// stand in their order.
pub(super) fn bar(value: f64, levels: Levels<f64>) -> Option<Markup> {
    let (low, high) = (levels.low_alarm, levels.high_alarm);
    let is_ordered = low <= levels.low_warning
        && levels.low_warning < levels.high_warning
        && levels.high_warning <= high
        && (high - low).is_finite();
    if !is_ordered {
        return None;
    }
    let beyond = (high - low) * MARGIN;
    let place = |value: f64| {
        let share = (value - low + beyond) / (high - low + 2.0 * beyond);
        share.clamp(0.0, 1.0) * WIDTH
    };
    let zone = |class, from: f64, to: f64| {
        html! { rect class=(class) x=(tenths(from)) y="2" width=(tenths(to - from)) height="6" {} }
    };
    let state = if value > high || value < low {
        "bad"
    } else if value > levels.high_warning || value < levels.low_warning {
        "degraded"
    } else {
        "ok"
    };
    Some(html! {
        svg.bar.(state) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) width=(WIDTH) height=(HEIGHT) aria-hidden="true" {
            (zone("alarm", 0.0, WIDTH))
            (zone("warning", place(low), place(high)))
            (zone("normal", place(levels.low_warning), place(levels.high_warning)))
            rect.value x=(tenths(place(value) - 1.5)) y="0" width="3" height="10" rx="1" {}
        }
    })
}

fn tenths(length: f64) -> String {
    format!("{length:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(value: f64) -> String {
        let levels = Levels::from_array([10.0, 0.0, 8.0, 2.0]);
        bar(value, levels).unwrap().into_string()
    }

    #[test]
    fn the_state_follows_the_thresholds_and_the_mark_stays_inside() {
        assert!(drawn(5.0).contains("bar ok"));
        assert!(drawn(1.0).contains("bar degraded"));
        assert!(drawn(-500.0).contains("bar bad"));
        assert!(drawn(-500.0).contains(r#"x="-1.5""#));
        assert!(drawn(5.0).contains(r#"x="58.5""#));
    }

    #[test]
    fn thresholds_out_of_order_draw_nothing() {
        assert!(bar(1.0, Levels::from_array([0.0; 4])).is_none());
        assert!(bar(1.0, Levels::from_array([10.0, 0.0, 2.0, 8.0])).is_none());
        let dark = Levels::from_array([1e-3, 0.0, 0.9e-3, 0.1e-3]).map(Watts::new);
        assert!(power(Watts::new(1e-4), dark).is_none());
    }
}
