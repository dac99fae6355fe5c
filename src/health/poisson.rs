//! How far the true rate of rare happenings may be from the number that was
//! counted.

/// The probability with which an interval holds the truth.
pub const CONFIDENCE: f64 = 0.95;
/// What each side of an interval leaves out.
const TAIL: f64 = (1.0 - CONFIDENCE) / 2.0;
/// Where a normal tail of [`TAIL`] begins.
const DEVIATIONS: f64 = 1.959_963_984_540_054;
/// Up to so many the exact sums are used (Garwood 1936), beyond it the cube root
/// of Wilson and Hilferty, which is within a thousandth of them there.
const EXACT_UP_TO: f64 = 30.0;
/// Halvings of the search: past the last digit of a float.
const HALVINGS: u32 = 60;

/// The largest mean that leaves a chance of 5 % to count nothing: one-sided, since
/// nothing has no other side.
pub fn upper_of_none() -> f64 {
    -(1.0 - CONFIDENCE).ln()
}

/// The means between which the true one lies with [`CONFIDENCE`], when `counted`
/// were; counts over windows that overlap may have fractions.
///
/// For nothing: from 0 to [`upper_of_none`].
pub fn interval(counted: f64) -> [f64; 2] {
    let counted = counted.max(0.0);
    if counted < 1.0 {
        return [0.0, upper_of_none().max(upper(counted))];
    }
    [lower(counted), upper(counted)]
}

fn lower(counted: f64) -> f64 {
    if counted > EXACT_UP_TO {
        return cube(counted, -DEVIATIONS);
    }
    // At least as many as counted, with a chance of TAIL.
    search(counted, |mean| {
        1.0 - at_most(counted.floor() - 1.0, mean) > TAIL
    })
}

fn upper(counted: f64) -> f64 {
    if counted > EXACT_UP_TO {
        return cube(counted + 1.0, DEVIATIONS);
    }
    if counted < 1.0 {
        return upper_of_none();
    }
    search(4.0 * counted + 10.0, |mean| {
        at_most(counted.floor(), mean) < TAIL
    })
}

fn cube(of: f64, deviations: f64) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * of) + deviations / (3.0 * of.sqrt());
    of * root.powi(3)
}

/// The least mean up to `most` for which something holds that holds for all that
/// are larger.
fn search(most: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, most);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// The chance to count at most so many at this mean.
fn at_most(count: f64, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = if count < 0.0 { 0.0 } else { term };
    let mut step = 1.0;
    while step <= count {
        term *= mean / step;
        sum += term;
        step += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::health::noise::Noise;

    #[test]
    fn small_counts_agree_with_the_tables() {
        // Garwood's 95 % intervals as printed in textbooks.
        for (counted, [low, high]) in [
            (1.0, [0.0253, 5.572]),
            (2.0, [0.2422, 7.225]),
            (5.0, [1.623, 11.668]),
            (10.0, [4.795, 18.390]),
            (30.0, [20.241, 42.827]),
            (100.0, [81.36, 121.63]),
        ] {
            let found = interval(counted);
            assert!((found[0] / low - 1.0).abs() < 2e-3, "{counted}: {found:?}");
            assert!((found[1] / high - 1.0).abs() < 2e-3, "{counted}: {found:?}");
        }
        assert!((upper_of_none() - 2.9957).abs() < 1e-4);
        assert_eq!(interval(0.0), [0.0, upper_of_none()]);
    }

    /// The share of counts whose interval holds the mean that made them.
    fn coverage(mean: f64, noise: &mut Noise) -> f64 {
        const TIMES: u32 = 4000;
        let mut held = 0_u32;
        for _ in 0..TIMES {
            let [low, high] = interval(noise.poisson(mean));
            held += u32::from(low <= mean && mean <= high);
        }
        f64::from(held) / f64::from(TIMES)
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_stated() {
        let mut noise = Noise::new(7);
        for mean in [0.3, 1.0, 2.5, 7.0, 20.0, 45.0, 300.0] {
            let held = coverage(mean, &mut noise);
            // Exact intervals of few counts hold it more often, never less; four
            // thousand trials tell that to a hundredth.
            assert!((0.94..=1.0).contains(&held), "{mean}: {held}");
            if mean >= 45.0 {
                assert!(held < 0.97, "{mean}: {held}");
            }
        }
    }

    proptest! {
        #[test]
        fn bounds_lie_around_the_count(counted in 0.0..1e12_f64) {
            let [low, high] = interval(counted);
            prop_assert!(low >= 0.0 && low <= counted && high >= counted);
            prop_assert!(high.is_finite());
        }
    }
}
