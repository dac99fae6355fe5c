//! The tail of the normal distribution, in the logarithm: as far out as error
//! ratios go.

use std::f64::consts::PI;

/// From here on the continued fraction takes over from the series.
const FAR: f64 = 3.0;
/// Steps of the continued fraction: enough for all digits from [`FAR`] on.
const FRACTION_STEPS: u32 = 120;
/// Steps of the series: enough for all digits up to [`FAR`].
const SERIES_STEPS: u32 = 60;
/// Steps of Newton's method: it doubles the digits with each.
const NEWTON_STEPS: u32 = 40;

/// The natural logarithm of the probability to lie more than `x` standard
/// deviations above the mean.
pub(super) fn ln_tail(x: f64) -> f64 {
    if x < -FAR {
        return (-ln_tail(-x).exp()).ln_1p();
    }
    if x > FAR {
        let mut fraction = x;
        for step in (1..=FRACTION_STEPS).rev() {
            fraction = x + f64::from(step) / fraction;
        }
        return ln_density(x) - fraction.ln();
    }
    let (mut term, mut sum) = (x, x);
    for step in 1..=SERIES_STEPS {
        term *= x * x / f64::from(2 * step + 1);
        sum += term;
    }
    (0.5 - ln_density(x).exp() * sum).ln()
}

/// How many standard deviations above the mean a tail of this probability begins;
/// the argument is its natural logarithm.
///
/// Returns `None` for what is no probability between 0 and 1, or all there is.
pub(super) fn tail_begins(ln_probability: f64) -> Option<f64> {
    if !ln_probability.is_finite() || ln_probability >= 0.0 {
        return None;
    }
    if ln_probability > 0.5_f64.ln() {
        let rest = (-ln_probability.exp_m1()).ln();
        return tail_begins(rest).map(|x| -x);
    }
    let mut x = (-2.0 * ln_probability - (2.0 * PI).ln()).max(0.0).sqrt();
    for _ in 0..NEWTON_STEPS {
        let ln = ln_tail(x);
        let step = (ln - ln_probability) / (ln_density(x) - ln).exp();
        x += step;
        if step.abs() < 1e-13 * (1.0 + x.abs()) {
            break;
        }
    }
    x.is_finite().then_some(x)
}

fn ln_density(x: f64) -> f64 {
    -0.5 * x * x - 0.5 * (2.0 * PI).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tails() {
        for (x, tail) in [
            (0.0, 0.5),
            (1.0, 0.158_655_253_931_457_05),
            (1.959_963_984_540_054, 0.025),
            (3.0, 1.349_898_031_630_094_6e-3),
            (6.0, 9.865_876_450_377e-10),
            (-1.0, 0.841_344_746_068_542_9),
            (-8.0, 1.0),
        ] {
            let ratio = ln_tail(x).exp() / tail;
            assert!((ratio - 1.0).abs() < 1e-10, "{x}: {ratio}");
        }
        // Beyond what a float holds: ln Q(40) is -804.608...
        assert!((ln_tail(40.0) + 804.608_442).abs() < 1e-4);
        // Where series and fraction meet there is no step.
        assert!((ln_tail(3.0) - ln_tail(3.0 + 1e-12)).abs() < 1e-10);
    }

    #[test]
    fn the_tail_leads_back_to_its_beginning() {
        for x in [-4.0, -1.0, 0.0, 0.5, 2.9, 3.1, 7.0, 36.0] {
            let found = tail_begins(ln_tail(x)).unwrap();
            assert!((found - x).abs() < 1e-7, "{x}: {found}");
        }
        for nonsense in [0.0, 1.0, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(tail_begins(nonsense), None);
        }
    }
}
