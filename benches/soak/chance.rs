//! Everything that happens by chance, from one seed.

use std::time::Duration;

use opticsd::sim::noise::Draw;

/// A seeded source of chance.
pub struct Chance(Draw);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Draw::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x50A4))
    }

    /// Evenly from one number up to, not including, another.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small numbers"
    )]
    pub fn within(&mut self, from: u64, to: u64) -> u64 {
        from + (self.0.unit() * (to - from) as f64) as u64
    }

    /// A place in a list of that length.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.within(0, length as u64)).unwrap()
    }

    /// One of some.
    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.place(of.len())]
    }

    /// Whether something happens that happens once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.within(0, times) == 0
    }

    /// Evenly between two numbers.
    pub fn number(&mut self, from: f64, to: f64) -> f64 {
        from + self.0.unit() * (to - from)
    }

    /// A time between two, in seconds.
    pub fn seconds(&mut self, from: f64, to: f64) -> Duration {
        Duration::from_secs_f64(self.number(from, to))
    }

    /// A wait until something that comes once in `mean`, whenever it wants.
    pub fn wait(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(-(1.0 - self.0.unit()).ln().max(-8.0))
    }
}
