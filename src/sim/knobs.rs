//! What a scenario turns on a module, at once or over time.

use std::time::Duration;

/// A value on its way from one level to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    from: f64,
    to: f64,
    start: Duration,
    length: Duration,
}

impl Ramp {
    /// A value that stays.
    pub const fn steady(value: f64) -> Self {
        Self {
            from: value,
            to: value,
            start: Duration::ZERO,
            length: Duration::ZERO,
        }
    }

    /// The value now.
    pub fn at(&self, now: Duration) -> f64 {
        let gone = now.saturating_sub(self.start).as_secs_f64();
        let share = match self.length.as_secs_f64() {
            length if length > 0.0 => (gone / length).min(1.0),
            _ => 1.0,
        };
        self.from + (self.to - self.from) * share
    }

    /// Sets out for another level, to be there `over` from now.
    pub fn turn_to(&mut self, level: f64, now: Duration, over: Duration) {
        *self = Self {
            from: self.at(now),
            to: level,
            start: now,
            length: over,
        };
    }
}

/// What a scenario turns. Lanes count from 0 over all banks.
#[derive(Debug, Clone, PartialEq)]
pub struct Knobs {
    /// Case temperature, °C.
    pub temperature: Ramp,
    /// 0 is new, 1 is worn out: bias up, light down.
    pub ageing: Ramp,
    /// Light lost on the way in, dB beyond the nominal.
    pub rx_loss_db: Ramp,
    /// Decades by which all bit error ratios are worse than the light explains.
    pub ber_decades: Ramp,
    /// Lanes that receive no light, as a bitmap.
    pub dark_lanes: u64,
    /// Lanes whose laser is dead, as a bitmap.
    pub dead_lasers: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn ramps_start_from_where_they_are() {
        let mut ramp = Ramp::steady(50.0);
        ramp.turn_to(90.0, at(10), at(20));
        assert_eq!(ramp.at(at(20)), 70.0);
        ramp.turn_to(50.0, at(20), at(0));
        assert_eq!(ramp.at(at(20)), 50.0);
        assert_eq!(ramp.at(at(5)), 50.0);
    }
}
