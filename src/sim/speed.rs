//! A clock that runs faster than the one it is made from, for `--speed`.

use std::time::{Duration, SystemTime};

use crate::clock::Clock;

/// Time in which everything happens `factor` times as fast: a second of it
/// passes, and a wait of a second ends, after 1/`factor` s of the inner clock.
#[derive(Debug, Clone)]
pub struct Hastened<C> {
    inner: C,
    factor: f64,
    began: SystemTime,
}

impl<C: Clock> Hastened<C> {
    /// Hastens a clock; factors that are not above zero count as 1.
    pub fn new(inner: C, factor: f64) -> Self {
        let usable = factor.is_finite() && factor > 0.0;
        let began = inner.wall() - inner.now();
        Self {
            inner,
            factor: if usable { factor } else { 1.0 },
            began,
        }
    }
}

impl<C: Clock> Clock for Hastened<C> {
    fn now(&self) -> Duration {
        self.inner.now().mul_f64(self.factor)
    }

    fn wall(&self) -> SystemTime {
        self.began + self.now()
    }

    fn sleep(&self, time: Duration) {
        self.inner.sleep(time.div_f64(self.factor));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn waits_shrink_and_time_stretches() {
        let slow = ManualClock::new();
        let fast = Hastened::new(slow.clone(), 10.0);
        fast.sleep(Duration::from_secs(20));
        assert_eq!(slow.now(), Duration::from_secs(2));
        assert_eq!(fast.now(), Duration::from_secs(20));
        assert_eq!(
            fast.wall(),
            SystemTime::UNIX_EPOCH + Duration::from_secs(20)
        );
        assert_eq!(Hastened::new(slow.clone(), 0.0).now(), slow.now());
    }
}
