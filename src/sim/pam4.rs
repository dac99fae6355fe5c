//! PAM4 and its error correction in three formulas: decision quality into bit
//! error ratio and signal-to-noise ratio, bit errors into lost codewords.

use std::f64::consts::TAU;

/// Bit error ratio of Gray-coded PAM4 at decision quality `q`: ¾ of the
/// Gaussian tail beyond it. The KP4 limit of 2.4e-4 is at 3.414.
pub fn bit_error_ratio(q: f64) -> f64 {
    // Börjesson and Sundberg's approximation of the tail, good to 0.3 %.
    let q = q.max(0.0);
    let tail = (-q * q / 2.0).exp() / (TAU.sqrt() * (0.661 * q + 0.339 * (q * q + 5.51).sqrt()));
    0.75 * tail.min(0.5)
}

/// Signal-to-noise ratio of PAM4 at decision quality `q`, dB.
///
/// Four levels ±1, ±3 have a mean power of 5 with half a level distance of 1.
pub fn signal_to_noise_db(q: f64) -> f64 {
    match q {
        q if q > 0.0 => (20.0 * q.log10() + 10.0 * 5_f64.log10()).max(0.0),
        _ => 0.0,
    }
}

/// The share of RS(544,514) codewords that random errors at this pre-FEC bit
/// error ratio make uncorrectable, from the code's arithmetic at a few points.
pub fn codeword_error_ratio(ber: f64) -> f64 {
    /// Decades of bit error ratio and of codeword error ratio.
    const CURVE: [(f64, f64); 6] = [
        (-6.0, -49.65),
        (-5.0, -33.67),
        (-4.0, -17.87),
        (-3.62, -12.09),
        (-3.301, -7.55),
        (-3.0, -3.815),
    ];
    let decades = ber.max(1e-30).log10();
    let section = CURVE
        .windows(2)
        .find(|pair| matches!(pair, [_, (end, _)] if decades <= *end));
    match section {
        Some([(x0, y0), (x1, y1)]) => 10_f64.powf(y0 + (decades - x0) * (y1 - y0) / (x1 - x0)),
        // Past the curve most codewords fail soon.
        _ => 10_f64.powf((-3.815 + 8.0 * (decades + 3.0)).min(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_the_code_is_at_its_quality() {
        assert!((bit_error_ratio(3.414) / 2.4e-4 - 1.0).abs() < 0.01);
        assert!((bit_error_ratio(0.0) - 0.375).abs() < 1e-9);
        assert!((signal_to_noise_db(3.414) - 17.66).abs() < 0.01);
        assert_eq!(signal_to_noise_db(0.0), 0.0);
    }

    #[test]
    fn codewords_fail_at_the_limit_and_not_before() {
        assert!((codeword_error_ratio(2.4e-4).log10() + 12.09).abs() < 0.05);
        assert!(codeword_error_ratio(1e-8) < 1e-50);
        assert!(codeword_error_ratio(0.1) > 0.9);
    }
}
