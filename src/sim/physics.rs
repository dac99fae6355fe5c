//! What happens inside a module: temperature, light and bit errors over time.
//!
//! Everything is a function of seed and time, without hidden state: two modules
//! with one seed agree at every instant, however often either is read.

use std::f64::consts::PI;
use std::time::Duration;

use super::knobs::{Knobs, Ramp};
use super::pam4::bit_error_ratio;

/// What a healthy module of a family does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nominal {
    /// Case temperature, °C.
    pub temperature_celsius: f64,
    /// Supply, V.
    pub supply_volts: f64,
    /// Light sent by each lane, dBm.
    pub tx_power_dbm: f64,
    /// Light received by each lane, dBm.
    pub rx_power_dbm: f64,
    /// Laser current of each lane, mA.
    pub bias_milliamperes: f64,
    /// Decision quality of the media side slicer (see [`bit_error_ratio`]).
    pub media_quality: f64,
    /// Decision quality of the host side slicer.
    pub host_quality: f64,
}

/// A module's inner life.
#[derive(Debug, Clone, PartialEq)]
pub struct Physics {
    /// What makes this module different from its sisters.
    pub seed: u64,
    /// Its family's values.
    pub nominal: Nominal,
    /// What is done to it.
    pub knobs: Knobs,
}

/// Which of the independent noises of a module is meant.
#[derive(Debug, Clone, Copy)]
enum Noise {
    Temperature,
    Supply,
    TxPower,
    RxPower,
    Bias,
    MediaQuality,
    HostQuality,
}

/// How slowly temperature wanders.
const THERMAL_PERIOD: Duration = Duration::from_secs(47);
/// How slowly light and quality wander.
const OPTICAL_PERIOD: Duration = Duration::from_secs(3);
/// Streams of noise that one quantity has: one for each lane.
const LANES: u64 = 64;

impl Physics {
    /// A healthy module.
    pub fn new(seed: u64, nominal: Nominal) -> Self {
        Self {
            seed,
            nominal,
            knobs: Knobs {
                temperature: Ramp::steady(nominal.temperature_celsius),
                ageing: Ramp::steady(0.0),
                rx_loss_db: Ramp::steady(0.0),
                ber_decades: Ramp::steady(0.0),
                dark_lanes: 0,
                dead_lasers: 0,
            },
        }
    }

    /// Case temperature, °C.
    pub fn temperature(&self, now: Duration) -> f64 {
        self.knobs.temperature.at(now) + 0.8 * self.noise(Noise::Temperature, 0, now)
    }

    /// Supply, V.
    pub fn supply(&self, now: Duration) -> f64 {
        self.nominal.supply_volts + 0.008 * self.noise(Noise::Supply, 0, now)
    }

    /// Temperature of a lane's laser, °C: warmer than the case.
    pub fn laser_temperature(&self, lane: u8, now: Duration) -> f64 {
        self.temperature(now) + 6.0 + self.spread(Noise::Temperature, lane)
    }

    /// Current that cools (negative) or heats the lasers, as a share of the most.
    pub fn tec_current(&self, now: Duration) -> f64 {
        ((45.0 - self.temperature(now)) / 60.0).clamp(-1.0, 1.0)
    }

    /// Wear, 0 to 1.
    pub fn age(&self, now: Duration) -> f64 {
        self.knobs.ageing.at(now).clamp(0.0, 1.0)
    }

    /// Whether a lane receives no light at all.
    pub fn is_dark(&self, lane: u8) -> bool {
        self.knobs.dark_lanes >> (lane & 63) & 1 == 1
    }

    /// Whether a lane's laser is dead.
    pub fn is_dead(&self, lane: u8) -> bool {
        self.knobs.dead_lasers >> (lane & 63) & 1 == 1
    }

    /// Light sent by a lane whose laser is on, dBm.
    pub fn tx_power(&self, lane: u8, now: Duration) -> Option<f64> {
        const FADING_DB: f64 = 3.0;
        (!self.is_dead(lane)).then(|| {
            self.nominal.tx_power_dbm
                + 0.5 * self.spread(Noise::TxPower, lane)
                + 0.04 * self.noise(Noise::TxPower, lane, now)
                - FADING_DB * self.age(now)
        })
    }

    /// Light received by a lane, dBm.
    pub fn rx_power(&self, lane: u8, now: Duration) -> Option<f64> {
        (!self.is_dark(lane)).then(|| self.nominal.rx_power_dbm + self.rx_deviation_db(lane, now))
    }

    /// Current of a lane's laser, mA.
    pub fn bias(&self, lane: u8, now: Duration) -> f64 {
        if self.is_dead(lane) {
            return 0.0;
        }
        let warmth = (self.temperature(now) - self.nominal.temperature_celsius) * 0.004;
        let share = 1.0
            + 0.03 * self.spread(Noise::Bias, lane)
            + 0.004 * self.noise(Noise::Bias, lane, now)
            + 0.6 * self.age(now)
            + warmth;
        self.nominal.bias_milliamperes * share
    }

    /// Decision quality of the media side: falls with light as optical decibels.
    pub fn media_quality(&self, lane: u8, now: Duration) -> f64 {
        if self.is_dark(lane) {
            return 0.0;
        }
        let light = 10_f64.powf(self.rx_deviation_db(lane, now) / 10.0);
        let own = 1.0
            + 0.02 * self.spread(Noise::MediaQuality, lane)
            + 0.01 * self.noise(Noise::MediaQuality, lane, now);
        self.nominal.media_quality * light * own
    }

    /// Decision quality of the host side: nothing to do with light.
    pub fn host_quality(&self, lane: u8, now: Duration) -> f64 {
        let own = 1.0
            + 0.02 * self.spread(Noise::HostQuality, lane)
            + 0.01 * self.noise(Noise::HostQuality, lane, now);
        self.nominal.host_quality * own
    }

    /// Pre-FEC bit error ratio of a media lane.
    pub fn media_ber(&self, lane: u8, now: Duration) -> f64 {
        self.worsened(bit_error_ratio(self.media_quality(lane, now)), now)
    }

    /// Pre-FEC bit error ratio of a host lane.
    pub fn host_ber(&self, lane: u8, now: Duration) -> f64 {
        self.worsened(bit_error_ratio(self.host_quality(lane, now)), now)
    }

    fn worsened(&self, ber: f64, now: Duration) -> f64 {
        (ber * 10_f64.powf(self.knobs.ber_decades.at(now))).min(0.5)
    }

    /// Received light beyond the nominal, dB.
    fn rx_deviation_db(&self, lane: u8, now: Duration) -> f64 {
        0.3 * self.spread(Noise::RxPower, lane) + 0.05 * self.noise(Noise::RxPower, lane, now)
            - self.knobs.rx_loss_db.at(now)
    }

    /// What makes a lane differ from its neighbours for ever, -1 to 1.
    fn spread(&self, noise: Noise, lane: u8) -> f64 {
        level(self.seed, stream(noise, lane), u64::MAX)
    }

    /// Smooth noise over time, -1 to 1.
    fn noise(&self, noise: Noise, lane: u8, now: Duration) -> f64 {
        let period = match noise {
            Noise::Temperature | Noise::Supply => THERMAL_PERIOD,
            _ => OPTICAL_PERIOD,
        };
        let place = now.as_secs_f64() / period.as_secs_f64();
        let step = super::raw::to_u64(place.floor());
        let before = level(self.seed, stream(noise, lane), step);
        let after = level(self.seed, stream(noise, lane), step + 1);
        let share = (1.0 - (PI * place.fract()).cos()) / 2.0;
        before + (after - before) * share
    }
}

fn stream(noise: Noise, lane: u8) -> u64 {
    noise as u64 * LANES + u64::from(lane)
}

/// A number from -1 to 1 that depends on nothing but its arguments.
fn level(seed: u64, stream: u64, step: u64) -> f64 {
    const BITS: u32 = 53;
    let mixed = splitmix(splitmix(splitmix(seed) ^ stream) ^ step);
    let unit = (mixed >> (u64::BITS - BITS)) as f64 / (1_u64 << BITS) as f64;
    2.0 * unit - 1.0
}

/// The mixing step of Steele, Lea and Flood's SplitMix64 generator.
fn splitmix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOMINAL: Nominal = Nominal {
        temperature_celsius: 50.0,
        supply_volts: 3.3,
        tx_power_dbm: 1.0,
        rx_power_dbm: -1.0,
        bias_milliamperes: 60.0,
        media_quality: 5.6,
        host_quality: 6.0,
    };

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_same_seed_gives_the_same_life() {
        let (one, two) = (Physics::new(7, NOMINAL), Physics::new(7, NOMINAL));
        let other = Physics::new(8, NOMINAL);
        for second in [0, 1, 5, 1000] {
            assert_eq!(one.rx_power(3, at(second)), two.rx_power(3, at(second)));
            assert_ne!(one.rx_power(3, at(second)), other.rx_power(3, at(second)));
        }
        assert_ne!(one.rx_power(0, at(1)), one.rx_power(1, at(1)));
    }

    #[test]
    fn noise_is_small_and_smooth() {
        let physics = Physics::new(1, NOMINAL);
        let mut last = physics.temperature(at(0));
        for second in 1..200 {
            let next = physics.temperature(at(second));
            assert!((next - 50.0).abs() < 1.0);
            assert!((next - last).abs() < 0.2, "jump at {second} s");
            last = next;
        }
    }

    #[test]
    fn bit_errors_follow_the_light() {
        let mut physics = Physics::new(1, NOMINAL);
        let healthy = physics.media_ber(0, at(10));
        physics.knobs.rx_loss_db.turn_to(2.0, at(10), at(10));
        let weak = physics.media_ber(0, at(20));
        assert!(healthy < 1e-7 && weak > 100.0 * healthy, "{healthy} {weak}");
        physics.knobs.dark_lanes = 1;
        assert_eq!(physics.rx_power(0, at(20)), None);
        assert!(physics.media_ber(0, at(20)) > 0.3);
        assert_eq!(physics.host_ber(0, at(20)), physics.host_ber(0, at(20)));
    }
}
