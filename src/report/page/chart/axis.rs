//! The numbers and times beside a chart.

use super::lines::Line;
use super::{Scale, Span};
use crate::report::moment;

/// The numbers of an axis: where it begins and ends, and what stands beside it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<(f64, String)>,
}

/// About how many numbers stand beside a linear axis.
const NUMBERS: f64 = 5.0;
/// The most powers of ten that are all named.
const DECADES: i32 = 7;

impl Axis {
    /// An axis on which all lines have room; `None` without a value to show.
    pub(super) fn of(scale: Scale, lines: &[&Line]) -> Option<Self> {
        let extremes = lines.iter().filter_map(|line| line.extremes());
        let [low, high] = extremes.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])?;
        match scale {
            Scale::Linear => Some(Self::linear(low, high)),
            Scale::Log => (low > 0.0).then(|| Self::decades(low, high)),
        }
    }

    /// Round numbers, evenly, that take in both values.
    pub(super) fn linear(low: f64, high: f64) -> Self {
        // A quantity that stands still has an axis all the same.
        let wide = (high - low).max(high.abs().max(low.abs()) * 1e-2).max(1e-9);
        let middle = f64::midpoint(low, high);
        let (low, high) = (low.min(middle - wide / 2.0), high.max(middle + wide / 2.0));
        let step = round_step((high - low) / NUMBERS);
        let first = (low / step).floor();
        let last = (high / step).ceil();
        let digits = digits_of(step);
        let mut ticks = Vec::new();
        let mut at = first;
        while at <= last {
            let value = at * step;
            // No minus before nothing.
            let value = if value == 0.0 { 0.0 } else { value };
            ticks.push((value, format!("{value:.digits$}")));
            at += 1.0;
        }
        Self {
            low: first * step,
            high: last * step,
            ticks,
        }
    }

    /// Powers of ten that take in both values, which are above 0.
    pub(super) fn decades(low: f64, high: f64) -> Self {
        let (first, mut last) = (exponent(low.log10().floor()), exponent(high.log10().ceil()));
        if first == last {
            last += 1;
        }
        let every = (last - first + DECADES - 1) / DECADES;
        let ticks = (first..=last)
            .filter(|power| (power - first) % every.max(1) == 0)
            .map(|power| (10_f64.powi(power), format!("1e{power}")));
        Self {
            low: 10_f64.powi(first),
            high: 10_f64.powi(last),
            ticks: ticks.collect(),
        }
    }
}

/// 1, 2 or 5 times a power of ten, not less than this.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().find(|s| s * power >= least);
    step.unwrap_or(10.0) * power
}

/// How many decimals tell numbers apart that are so far from each other.
fn digits_of(step: f64) -> usize {
    let decimals = -step.log10().floor();
    (1..=9)
        .rfind(|n| float(*n) <= decimals)
        .map_or(0, |n| usize::try_from(n).unwrap_or(0))
}

/// The exponent of a float's power of ten.
fn exponent(power: f64) -> i32 {
    // Beyond these a double has no numbers.
    (-324..=308).find(|n| f64::from(*n) >= power).unwrap_or(308)
}

/// The minutes that have their time below them, with it: at most one in a sixth or so
/// of the span, at whole hours and days where they are that far apart.
pub(super) fn times(span: Span) -> Vec<(u64, String)> {
    const STEPS: [u64; 8] = [1, 5, 10, 60, 180, 360, 720, 1440];
    let wanted = span.to.saturating_sub(span.from) / 8;
    let step = STEPS
        .into_iter()
        .find(|step| *step >= wanted)
        .unwrap_or(1440);
    let first = span.from.div_ceil(step);
    (first..=span.to / step)
        .map(|n| (n * step, label(n * step, step)))
        .collect()
}

fn label(minute: u64, step: u64) -> String {
    let at = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(minute * 60);
    let text = moment::utc(at);
    let part = if step >= 1440 {
        text.get(5..10)
    } else {
        text.get(11..16)
    };
    part.unwrap_or_default().to_owned()
}

/// A number of minutes for the drawing, which is exact enough for all that come.
pub(super) fn float(minutes: u64) -> f64 {
    u32::try_from(minutes).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn a_log_axis_has_whole_decades_around_its_values() {
        let axis = Axis::decades(3e-9, 4e-6);
        assert_eq!(labels(&axis), ["1e-9", "1e-8", "1e-7", "1e-6", "1e-5"]);
        assert!((axis.low - 1e-9).abs() < 1e-20 && (axis.high - 1e-5).abs() < 1e-16);
        let one = Axis::decades(1e-8, 1e-8);
        assert_eq!(labels(&one), ["1e-8", "1e-7"]);
        let many = Axis::decades(1e-15, 0.9);
        assert_eq!(labels(&many).first(), Some(&"1e-15"));
        assert!(many.ticks.len() <= 8, "{:?}", many.ticks);
    }

    #[test]
    fn a_linear_axis_has_round_numbers_around_its_values() {
        let axis = Axis::linear(46.2, 52.9);
        assert_eq!(labels(&axis), ["46", "48", "50", "52", "54"]);
        let axis = Axis::linear(-0.13, 0.21);
        assert_eq!(labels(&axis), ["-0.2", "-0.1", "0.0", "0.1", "0.2", "0.3"]);
        for value in [0.0, -40.0, 3.3, 1e9] {
            let still = Axis::linear(value, value);
            assert!(still.low < value && value < still.high, "{still:?}");
            assert!((2..12).contains(&still.ticks.len()), "{still:?}");
        }
    }

    #[test]
    fn times_stand_at_round_moments() {
        // 2027-01-15T08:00:00Z.
        let now = 30_000_000;
        let span = |minutes| Span {
            from: now - minutes,
            to: now,
            step: 1,
        };
        let of = |minutes| -> Vec<String> {
            let times = times(span(minutes));
            times.into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(of(60)[..3], ["07:00", "07:10", "07:20"]);
        assert_eq!(of(1440)[..3], ["09:00", "12:00", "15:00"]);
        assert_eq!(of(7 * 1440)[..2], ["01-09", "01-10"]);
    }
}
