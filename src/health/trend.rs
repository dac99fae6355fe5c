//! Whether a value goes one way: the median of all slopes (Theil 1950, Sen 1968)
//! and the test of Mann and Kendall. Neither minds outliers.

use super::window::Point;

/// The chance that mere noise is called a trend, in one fit.
pub const FALSE_TRENDS: f64 = 1e-4;
/// Where a normal distribution leaves half of that on each side.
const DEVIATIONS: f64 = 3.890_591_886_413_12;
/// Where it leaves 2.5 % on each side: the interval of the slope.
const INTERVAL_DEVIATIONS: f64 = 1.959_963_984_540_054;
/// With fewer points not even a straight line is that unlikely.
const FEWEST_POINTS: usize = 12;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// A trend that is not chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Change a day.
    pub per_day: f64,
    /// Between which the true change a day lies with 95 %.
    pub interval: [f64; 2],
    /// How long it was watched, in days.
    pub days: f64,
    /// Where the line stands at the end.
    pub now: f64,
}

impl Trend {
    /// The trend of some points, if there is one: significant at
    /// [`FALSE_TRENDS`], and over the window a change of at least `least`.
    pub(super) fn of(points: &[Point], least: f64) -> Option<Self> {
        let points: Vec<(f64, f64)> = points
            .iter()
            .filter(|point| point.at.is_finite() && point.value.is_finite())
            .map(|point| (f64::from(point.at), f64::from(point.value)))
            .collect();
        if points.len() < FEWEST_POINTS {
            return None;
        }
        let seconds = points.last()?.0 - points.first()?.0;
        let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
        let (mut up, mut down) = (0.0, 0.0);
        let mut later = points.as_slice();
        while let [(at, value), rest @ ..] = later {
            for (other_at, other) in rest {
                slopes.push((other - value) / (other_at - at));
                up += if other > value { 1.0 } else { 0.0 };
                down += if other < value { 1.0 } else { 0.0 };
            }
            later = rest;
        }
        slopes.retain(|slope: &f64| slope.is_finite());
        let n = f64::from(u16::try_from(points.len()).ok()?);
        // Ties only make the true deviation smaller.
        let deviation = (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
        let surplus: f64 = up - down;
        if (surplus.abs() - 1.0) / deviation < DEVIATIONS {
            return None;
        }
        slopes.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| quantile(&slopes, share);
        let per_second = at(0.5)?;
        if (per_second * seconds).abs() < least {
            return None;
        }
        let pairs = f64::from(u32::try_from(slopes.len()).ok()?);
        let half = INTERVAL_DEVIATIONS * deviation / pairs / 2.0;
        let end = points.last()?.0;
        let mut levels: Vec<f64> = points
            .iter()
            .map(|(at, value)| value + per_second * (end - at))
            .collect();
        levels.sort_unstable_by(f64::total_cmp);
        Some(Self {
            per_day: per_second * SECONDS_PER_DAY,
            interval: [at(0.5 - half)?, at(0.5 + half)?].map(|slope| slope * SECONDS_PER_DAY),
            days: seconds / SECONDS_PER_DAY,
            now: quantile(&levels, 0.5)?,
        })
    }

    /// In how many days the line reaches a limit, and the soonest that the interval
    /// allows; `None` where it leads away from it, or further than twice the time
    /// that was watched: nobody can see that far.
    pub fn days_until(&self, limit: f64) -> Option<[f64; 2]> {
        let [low, high] = self.interval;
        let fastest = if self.per_day > 0.0 { high } else { low };
        let likely = (limit - self.now) / self.per_day;
        let soonest = (limit - self.now) / fastest;
        let in_sight = likely > 0.0 && likely.is_finite() && likely <= 2.0 * self.days;
        in_sight.then_some([likely, soonest.min(likely)])
    }
}

/// The value below which a share of a sorted list lies.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * f64::from(u32::try_from(last).ok()?);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 0 and the last place"
    )]
    let [low, high] = [place.floor(), place.ceil()].map(|place| place as usize);
    Some(f64::midpoint(*sorted.get(low)?, *sorted.get(high)?))
}

/// The middle of some values; `None` of none.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    quantile(&values, 0.5)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::health::noise::Noise;
    use crate::health::window::narrow;

    /// Points an hour apart.
    fn points(values: impl IntoIterator<Item = f64>) -> Vec<Point> {
        (0_u16..)
            .zip(values)
            .map(|(hour, value)| Point {
                at: f32::from(hour) * 3600.0,
                value: narrow(value),
            })
            .collect()
    }

    #[test]
    fn a_slope_is_found_through_noise_and_outliers() {
        let mut noise = Noise::new(5);
        let mut values: Vec<f64> = (0..48)
            .map(|hour| -8.0 + f64::from(hour) / 24.0 * 0.5 + 0.05 * noise.normal())
            .collect();
        values[7] = 0.0;
        values[31] = -15.0;
        let trend = Trend::of(&points(values), 0.1).unwrap();
        assert!((trend.per_day - 0.5).abs() < 0.03, "{trend:?}");
        assert!(trend.interval[0] <= 0.5 && 0.5 <= trend.interval[1]);
        assert!((trend.now + 7.02).abs() < 0.05);
        // From -7 to the limit at -6 it takes two days; -3.62 is out of sight.
        let [likely, soonest] = trend.days_until(-6.0).unwrap();
        assert!((likely - 2.05).abs() < 0.2 && soonest <= likely);
        assert_eq!(trend.days_until(-3.62), None);
        assert_eq!(trend.days_until(-9.0), None);
    }

    #[test]
    fn noise_has_a_trend_no_more_often_than_stated() {
        let mut noise = Noise::new(1);
        let (mut found, fits) = (0_u32, 10_000_u32);
        for _ in 0..fits {
            let values: Vec<f64> = (0..32).map(|_| noise.normal()).collect();
            found += u32::from(Trend::of(&points(values), 0.0).is_some());
        }
        // One is expected; more than five come once in a thousand such tests.
        assert!(found <= 5, "{found} of {fits}");
    }

    #[test]
    fn intervals_hold_the_true_slope_as_often_as_stated() {
        let mut noise = Noise::new(9);
        let (mut held, mut fits) = (0_u32, 0_u32);
        for _ in 0..600 {
            let values: Vec<f64> = (0..40)
                .map(|hour| f64::from(hour) / 24.0 + 0.3 * noise.normal())
                .collect();
            let Some(trend) = Trend::of(&points(values), 0.0) else {
                continue;
            };
            fits += 1;
            held += u32::from(trend.interval[0] <= 1.0 && 1.0 <= trend.interval[1]);
        }
        assert!(fits > 500, "{fits}");
        let share = f64::from(held) / f64::from(fits);
        assert!(share > 0.92, "{share}");
    }

    #[test]
    fn little_is_no_trend_however_steady() {
        let rising = || (0..40).map(|hour| f64::from(hour) * 1e-3);
        assert!(Trend::of(&points(rising()), 0.1).is_none());
        assert!(Trend::of(&points(rising()), 0.01).is_some());
        assert!(Trend::of(&points(rising().take(11)), 0.0).is_none());
        assert!(Trend::of(&points((0..40).map(|_| 1.0)), 0.0).is_none());
    }

    proptest! {
        #[test]
        fn no_points_make_nonsense(
            values in prop::collection::vec((any::<f32>(), any::<f32>()), 0..64),
            limit in any::<f64>(),
        ) {
            let points: Vec<_> = values.into_iter().map(|(at, value)| Point { at, value }).collect();
            if let Some(trend) = Trend::of(&points, 0.0) {
                prop_assert!(trend.per_day.is_finite());
                if let Some([likely, soonest]) = trend.days_until(limit) {
                    prop_assert!(likely.is_finite() && soonest.is_finite());
                }
            }
        }
    }
}
