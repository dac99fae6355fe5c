//! Chance that can be repeated: smooth noise as a function of seed and time, and
//! a generator for what has to be drawn.

use std::f64::consts::{PI, TAU};
use std::time::Duration;

use super::raw;

/// Places at which a noise has its own level, one after another.
const NO_STEP: u64 = u64::MAX;

/// What makes one thing of a stream differ from the same of another stream for
/// ever, -1 to 1.
pub fn spread(seed: u64, stream: u64) -> f64 {
    level(seed, stream, NO_STEP)
}

/// Smooth noise over time, -1 to 1: a new level each `period`, and a cosine
/// between two of them.
pub fn smooth(seed: u64, stream: u64, period: Duration, now: Duration) -> f64 {
    let place = now.as_secs_f64() / period.as_secs_f64();
    let step = raw::to_u64(place.floor());
    let before = level(seed, stream, step);
    let after = level(seed, stream, step + 1);
    let share = (1.0 - (PI * place.fract()).cos()) / 2.0;
    before + (after - before) * share
}

/// A number from -1 to 1 that depends on nothing but its arguments.
fn level(seed: u64, stream: u64, step: u64) -> f64 {
    2.0 * unit(mix(mix(mix(seed) ^ stream) ^ step)) - 1.0
}

/// The upper bits of a word as a number from 0 to below 1.
fn unit(word: u64) -> f64 {
    const BITS: u32 = 53;
    (word >> (u64::BITS - BITS)) as f64 / (1_u64 << BITS) as f64
}

/// The mixing step of Steele, Lea and Flood's SplitMix64 generator.
fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A seeded generator.
#[derive(Debug, Clone)]
pub struct Draw {
    state: u64,
}

impl Draw {
    /// The generator of a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Evenly from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        let word = mix(self.state);
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        unit(word)
    }

    /// How many of many rare things happen where `mean` are expected.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        /// From here on the normal distribution is as good.
        const MANY: f64 = 30.0;
        if mean.is_nan() || mean <= 0.0 {
            return 0;
        }
        if mean >= MANY {
            return raw::to_u64(mean + mean.sqrt() * self.normal());
        }
        let end = (-mean).exp();
        let (mut count, mut product) = (0, self.unit());
        while product > end {
            count += 1;
            product *= self.unit();
        }
        count
    }

    /// A normal deviate, by the method of Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_repeats_and_is_smooth() {
        let period = Duration::from_secs(10);
        let at = |tenths: u64| smooth(1, 2, period, Duration::from_millis(100 * tenths));
        for tenths in 0..1000 {
            assert_eq!(at(tenths), at(tenths));
            assert!((at(tenths) - at(tenths + 1)).abs() < 0.04);
        }
        assert_ne!(spread(1, 2), spread(1, 3));
        assert_ne!(spread(1, 2), spread(2, 2));
    }

    #[test]
    fn draws_have_their_mean_and_their_spread() {
        const DRAWS: u32 = 20_000;
        for mean in [0.3, 5.0, 29.0, 31.0, 4000.0] {
            let mut draw = Draw::new(7);
            let counts: Vec<f64> = (0..DRAWS).map(|_| draw.poisson(mean) as f64).collect();
            let average = counts.iter().sum::<f64>() / f64::from(DRAWS);
            let variance = counts.iter().map(|n| (n - average).powi(2)).sum::<f64>();
            let error = 5.0 * (mean / f64::from(DRAWS)).sqrt();
            assert!((average - mean).abs() < error, "{mean}: {average}");
            let ratio = variance / f64::from(DRAWS) / mean;
            assert!((0.95..1.05).contains(&ratio), "{mean}: {ratio}");
        }
        assert_eq!(Draw::new(1).poisson(0.0), 0);
        assert_eq!(Draw::new(1).poisson(f64::NAN), 0);
    }
}
