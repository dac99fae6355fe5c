//! What happens inside a module: temperature, laser and light over time. What
//! becomes of the bits is in [`super::quality`].
//!
//! Everything is a function of seed and time, without hidden state: two modules
//! with one seed agree at every instant, however often either is read.

use std::time::Duration;

use super::air::Seat;
use super::knobs::Knobs;
use super::noise;
use super::pam4::{Code, KP4, KR4};

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
    /// Decision quality of the media side: of the module's own slicer if it has
    /// one, else what light and amplifier leave for the host to decide.
    pub media_quality: f64,
    /// Decision quality of the module's slicer for what the host sends.
    pub host_quality: f64,
    /// The electrical line between the module and the host.
    pub line: Line,
    /// Whether the module decides about received bits and sends them on anew.
    pub retimes: bool,
}

/// The line to the host, and the code that its decoder corrects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// How many lanes make a port.
    pub lanes: u8,
    /// Coded bits of a lane in a second.
    pub lane_bits_per_second: f64,
    /// The code.
    pub code: Code,
    /// Decision quality of the host's slicer, were the module's output perfect.
    pub quality: f64,
}

impl Line {
    /// Eight lanes of 106.25 Gb/s, 800G.
    pub const fn eight_100g(quality: f64) -> Self {
        Self {
            lanes: 8,
            lane_bits_per_second: 106.25e9,
            code: KP4,
            quality,
        }
    }

    /// Eight lanes of 53.125 Gb/s, 400G.
    pub const fn eight_50g(quality: f64) -> Self {
        Self {
            lane_bits_per_second: 53.125e9,
            ..Self::eight_100g(quality)
        }
    }

    /// Lanes of 25.78125 Gb/s.
    pub const fn of_25g(lanes: u8, quality: f64) -> Self {
        Self {
            lanes,
            lane_bits_per_second: 25.781_25e9,
            code: KR4,
            quality,
        }
    }

    /// The coded bits of the port in a second.
    pub fn bits_per_second(&self) -> f64 {
        f64::from(self.lanes) * self.lane_bits_per_second
    }
}

/// A module's inner life.
#[derive(Debug, Clone)]
pub struct Physics {
    /// What makes this module different from its sisters.
    pub seed: u64,
    /// Its family's values.
    pub nominal: Nominal,
    /// What is done to it.
    pub knobs: Knobs,
    /// Where in which box it is; alone in still air if nowhere.
    pub seat: Option<Seat>,
    /// How much stronger than usual all of its noises are.
    pub noisiness: f64,
}

/// Which of the independent noises of a module is meant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Noise {
    Temperature,
    Supply,
    TxPower,
    RxPower,
    Bias,
    MediaQuality,
    HostQuality,
    LineQuality,
    Connector,
    TxPowerWander,
    RxPowerWander,
    BiasWander,
    MediaQualityWander,
    LineQualityWander,
}

impl Noise {
    /// How slowly it goes.
    fn period(self) -> Duration {
        const HOUR: u64 = 3600;
        Duration::from_secs(match self {
            Self::Temperature | Self::Supply => 47,
            Self::TxPower | Self::RxPower | Self::Bias => 3,
            Self::MediaQuality | Self::HostQuality | Self::LineQuality => 3,
            Self::Connector => 2,
            Self::RxPowerWander => 5 * HOUR,
            Self::MediaQualityWander => 7 * HOUR,
            Self::LineQualityWander => 9 * HOUR,
            Self::BiasWander => 11 * HOUR,
            Self::TxPowerWander => 31 * HOUR,
        })
    }
}

/// Streams of noise that one quantity has: one for each lane.
const LANES: u64 = 64;

impl Physics {
    /// A healthy module.
    pub fn new(seed: u64, nominal: Nominal) -> Self {
        Self {
            seed,
            nominal,
            knobs: Knobs::healthy(nominal.temperature_celsius, nominal.supply_volts),
            seat: None,
            noisiness: 1.0,
        }
    }

    /// Puts all knobs back.
    pub fn calm(&mut self) {
        let nominal = self.nominal;
        self.knobs = Knobs::healthy(nominal.temperature_celsius, nominal.supply_volts);
    }

    /// Case temperature, °C.
    pub fn temperature(&self, now: Duration) -> f64 {
        let box_warmth = self.seat.as_ref().map_or(0.0, |seat| seat.warmth(now));
        self.knobs.temperature.at(now) + box_warmth + 0.8 * self.noise(Noise::Temperature, 0, now)
    }

    /// Supply, V.
    pub fn supply(&self, now: Duration) -> f64 {
        self.knobs.supply.at(now) + 0.008 * self.noise(Noise::Supply, 0, now)
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
    pub fn is_dark(&self, lane: u8, now: Duration) -> bool {
        now < self.knobs.dark_until || self.knobs.dark_lanes >> (lane & 63) & 1 == 1
    }

    /// Whether a lane's laser is dead.
    pub fn is_dead(&self, lane: u8) -> bool {
        self.knobs.dead_lasers >> (lane & 63) & 1 == 1
    }

    /// Light sent by a lane whose laser is on, dBm. The driver holds it with more
    /// and more current; of a worn laser it cannot any longer.
    pub fn tx_power(&self, lane: u8, now: Duration) -> Option<f64> {
        const FADES_FROM: f64 = 0.7;
        const FADING_DB: f64 = 4.0;
        let faded = (self.age(now) - FADES_FROM).max(0.0) / (1.0 - FADES_FROM);
        (!self.is_dead(lane)).then(|| {
            self.nominal.tx_power_dbm
                + 0.5 * self.spread(Noise::TxPower, lane)
                + 0.04 * self.noise(Noise::TxPower, lane, now)
                + 0.04 * self.noise(Noise::TxPowerWander, lane, now)
                - FADING_DB * faded
        })
    }

    /// Light received by a lane, dBm.
    pub fn rx_power(&self, lane: u8, now: Duration) -> Option<f64> {
        let is_lit = !self.is_dark(lane, now);
        is_lit.then(|| self.nominal.rx_power_dbm + self.rx_deviation_db(lane, now))
    }

    /// Current of a lane's laser, mA: a warm laser wants more, a worn one much
    /// more, up to what the driver gives.
    pub fn bias(&self, lane: u8, now: Duration) -> f64 {
        const MOST_FOR_WEAR: f64 = 0.55;
        const FOR_WEAR: f64 = 0.7;
        const PER_KELVIN: f64 = 0.004;
        if self.is_dead(lane) {
            return 0.0;
        }
        let warmth = self.temperature(now) - self.nominal.temperature_celsius;
        let share = 1.0
            + 0.03 * self.spread(Noise::Bias, lane)
            + 0.004 * self.noise(Noise::Bias, lane, now)
            + 0.003 * self.noise(Noise::BiasWander, lane, now)
            + (FOR_WEAR * self.age(now)).min(MOST_FOR_WEAR)
            + PER_KELVIN * warmth;
        self.nominal.bias_milliamperes * share
    }

    /// Received light beyond the nominal, dB.
    pub(super) fn rx_deviation_db(&self, lane: u8, now: Duration) -> f64 {
        /// How much more the fourth of four waves loses in a bend than the first.
        const TILT: f64 = 0.5;
        /// How unsteady light is behind dirt, as a share of what is lost.
        const UNSTEADY: f64 = 0.15;
        let knobs = &self.knobs;
        let wave = f64::from(lane % 4) / 3.0 - 0.5;
        let bend = knobs.bend_db.at(now) * (1.0 + TILT * wave);
        let dirt = knobs.dirt_db.at(now);
        let dirt = match dirt == 0.0 {
            true => 0.0,
            false => dirt * (1.0 + UNSTEADY * self.noise(Noise::Connector, lane, now)),
        };
        let own = knobs.lane_loss_db.get(&lane);
        0.3 * self.spread(Noise::RxPower, lane)
            + 0.05 * self.noise(Noise::RxPower, lane, now)
            + 0.08 * self.noise(Noise::RxPowerWander, lane, now)
            - knobs.rx_loss_db.at(now)
            - bend
            - dirt
            - own.map_or(0.0, |ramp| ramp.at(now))
    }

    /// What makes a lane differ from its neighbours for ever, -1 to 1.
    pub(super) fn spread(&self, noise: Noise, lane: u8) -> f64 {
        noise::spread(self.seed, stream(noise, lane))
    }

    /// Smooth noise over time, -1 to 1 at the usual noisiness.
    pub(super) fn noise(&self, noise: Noise, lane: u8, now: Duration) -> f64 {
        self.noisiness * noise::smooth(self.seed, stream(noise, lane), noise.period(), now)
    }
}

fn stream(noise: Noise, lane: u8) -> u64 {
    noise as u64 * LANES + u64::from(lane)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::sim::air::Air;

    pub(in crate::sim) const NOMINAL: Nominal = Nominal {
        temperature_celsius: 50.0,
        supply_volts: 3.3,
        tx_power_dbm: 1.0,
        rx_power_dbm: -1.0,
        bias_milliamperes: 60.0,
        media_quality: 5.6,
        host_quality: 6.0,
        line: Line::eight_100g(7.0),
        retimes: true,
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
    fn a_laser_ages_by_its_current_first() {
        let mut physics = Physics::new(1, NOMINAL);
        let (current, light) = (physics.bias(0, at(9)), physics.tx_power(0, at(9)));
        physics.knobs.ageing.turn_to(0.6, at(9), at(0));
        assert!(physics.bias(0, at(9)) > 1.35 * current);
        assert_eq!(physics.tx_power(0, at(9)), light);
        physics.knobs.ageing.turn_to(1.0, at(9), at(0));
        let faded = light.unwrap() - physics.tx_power(0, at(9)).unwrap();
        assert!((faded - 4.0).abs() < 1e-9, "{faded}");
    }

    #[test]
    fn a_bend_takes_from_all_lanes_and_dirt_trembles() {
        let healthy = Physics::new(1, NOMINAL);
        let lost = |turn: fn(&mut Physics)| {
            let mut physics = healthy.clone();
            turn(&mut physics);
            let lanes = (0..4_u8).flat_map(|lane| (0..30).map(move |second| (lane, at(second))));
            let lost = lanes.map(|(lane, now)| {
                healthy.rx_power(lane, now).unwrap() - physics.rx_power(lane, now).unwrap()
            });
            let lost: Vec<f64> = lost.collect();
            let least = lost.iter().copied().fold(f64::MAX, f64::min);
            (least, lost.iter().copied().fold(f64::MIN, f64::max))
        };
        let (least, most) = lost(|physics| physics.knobs.bend_db.turn_to(2.0, at(0), at(0)));
        assert!((least - 1.5).abs() < 1e-9 && (most - 2.5).abs() < 1e-9);
        let (least, most) = lost(|physics| physics.knobs.dirt_db.turn_to(2.0, at(0), at(0)));
        assert!((1.7..1.95).contains(&least) && (2.05..2.3).contains(&most));
        let one = Knobs {
            lane_loss_db: [(2, super::super::knobs::Ramp::steady(3.0))].into(),
            ..healthy.knobs.clone()
        };
        let outlier = Physics {
            knobs: one,
            ..healthy.clone()
        };
        assert_eq!(outlier.rx_power(1, at(3)), healthy.rx_power(1, at(3)));
        assert!(outlier.rx_power(2, at(3)) < healthy.rx_power(2, at(3)));
    }

    #[test]
    fn the_air_of_the_box_counts() {
        let mut physics = Physics::new(1, NOMINAL);
        let alone = physics.temperature(at(5));
        let seat = Air::new(1, 2).seat(0);
        seat.warm(12.0, at(0), at(0));
        physics.seat = Some(seat);
        let warmed = physics.temperature(at(5)) - alone;
        assert!((9.0..15.0).contains(&warmed), "{warmed}");
    }
}
