//! What happens inside a module: temperature, light and bit errors over time.
//!
//! Everything is a function of seed and time, without hidden state: two modules
//! with one seed agree at every instant, however often either is read.

use std::f64::consts::{PI, TAU};
use std::time::Duration;

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
        assert!((bit_error_ratio(3.414) / 2.4e-4 - 1.0).abs() < 0.01);
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

    #[test]
    fn codewords_fail_at_the_limit_and_not_before() {
        assert!((codeword_error_ratio(2.4e-4).log10() + 12.09).abs() < 0.05);
        assert!(codeword_error_ratio(1e-8) < 1e-50);
        assert!(codeword_error_ratio(0.1) > 0.9);
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
