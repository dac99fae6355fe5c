//! What a scenario turns on a module, at once or over time.

use std::collections::BTreeMap;
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
        if now < self.start {
            return self.from;
        }
        let gone = now.saturating_sub(self.start).as_secs_f64();
        let share = match self.length.as_secs_f64() {
            length if length > 0.0 => (gone / length).min(1.0),
            _ => 1.0,
        };
        self.from + (self.to - self.from) * share
    }

    /// The same ramp with all levels lower by so much.
    pub(super) fn lowered(&self, by: f64) -> Self {
        Self {
            from: self.from - by,
            to: self.to - by,
            ..*self
        }
    }

    /// Sets out for another level at `now`, to be there `over` later.
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
    /// Case temperature in a cool box, °C.
    pub temperature: Ramp,
    /// Supply, V.
    pub supply: Ramp,
    /// 0 is new, 1 is worn out: more current for the same light, then less light.
    pub ageing: Ramp,
    /// Light lost on the way in, dB beyond the nominal.
    pub rx_loss_db: Ramp,
    /// Light lost in a bent fibre, dB: longer waves lose more.
    pub bend_db: Ramp,
    /// Light lost at a dirty connector, dB: it is unsteady and throws light back.
    pub dirt_db: Ramp,
    /// Light that single lanes lose, dB.
    pub lane_loss_db: BTreeMap<u8, Ramp>,
    /// Decades by which all bit error ratios are worse than the light explains.
    pub ber_decades: Ramp,
    /// Decades by which what was received is worse since receivers adapted to
    /// something that was not the signal.
    pub adaptation_decades: Ramp,
    /// Bursts of errors in a second, on all lanes together.
    pub bursts: Ramp,
    /// Until when no lane receives light, because the far end is starting anew.
    pub dark_until: Duration,
    /// Until when the data paths are deactivated.
    pub down_until: Duration,
    /// Lanes that receive no light, as a bitmap.
    pub dark_lanes: u64,
    /// Lanes whose laser is dead, as a bitmap.
    pub dead_lasers: u64,
    /// Whether the firmware hangs: registers answer and stand still.
    pub hangs: bool,
}

impl Knobs {
    /// The knobs of a healthy module with this temperature and supply.
    pub fn healthy(temperature_celsius: f64, supply_volts: f64) -> Self {
        let zero = Ramp::steady(0.0);
        Self {
            temperature: Ramp::steady(temperature_celsius),
            supply: Ramp::steady(supply_volts),
            ageing: zero,
            rx_loss_db: zero,
            bend_db: zero,
            dirt_db: zero,
            lane_loss_db: BTreeMap::new(),
            ber_decades: zero,
            adaptation_decades: zero,
            bursts: zero,
            dark_until: Duration::ZERO,
            down_until: Duration::ZERO,
            dark_lanes: 0,
            dead_lasers: 0,
            hangs: false,
        }
    }

    /// Takes the light of all lanes away for a while; when it is back, receivers
    /// have adapted worse by so many decades of bit error ratio.
    pub fn flap(&mut self, decades: f64, now: Duration, dark: Duration) {
        self.dark_until = now + dark;
        self.adapt(decades, self.dark_until);
    }

    /// Deactivates the data paths for a while; when they are up again, receivers
    /// have adapted worse by so many decades of bit error ratio.
    pub fn deactivate(&mut self, decades: f64, now: Duration, down: Duration) {
        self.down_until = now + down;
        self.adapt(decades, self.down_until);
    }

    fn adapt(&mut self, decades: f64, at: Duration) {
        self.adaptation_decades.turn_to(decades, at, Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_flap_ends_in_worse_adaptation() {
        let mut knobs = Knobs::healthy(50.0, 3.3);
        knobs.flap(1.0, at(10), at(5));
        assert_eq!(knobs.dark_until, at(15));
        assert_eq!(knobs.adaptation_decades.at(at(14)), 0.0);
        assert_eq!(knobs.adaptation_decades.at(at(15)), 1.0);
    }

    #[test]
    fn ramps_start_from_where_they_are() {
        let mut ramp = Ramp::steady(50.0);
        ramp.turn_to(90.0, at(10), at(20));
        assert_eq!(ramp.at(at(20)), 70.0);
        ramp.turn_to(50.0, at(20), at(0));
        assert_eq!(ramp.at(at(20)), 50.0);
        assert_eq!(ramp.at(at(19)), 70.0, "not yet");
    }
}
