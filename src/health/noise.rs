//! Seeded chance for tests.

/// A count that was simulated, as a counter holds it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "simulated counts are small and not negative"
)]
pub(super) fn counted(count: f64) -> u64 {
    count as u64
}

/// A stream of numbers that is the same for the same seed (xorshift64*).
pub(super) struct Noise(u64);

impl Noise {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Evenly from 0 to 1, neither included.
    pub(super) fn even(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let word = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
        (word as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Normal, around 0 with a deviation of 1.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.even().ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.even()).cos()
    }

    /// A count of happenings whose mean is this.
    pub(super) fn poisson(&mut self, mean: f64) -> f64 {
        if mean > 200.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0);
        }
        let (mut count, mut product) = (0.0, self.even());
        while product > (-mean).exp() {
            count += 1.0;
            product *= self.even();
        }
        count
    }
}
