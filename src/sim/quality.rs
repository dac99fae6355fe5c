//! What light and temperature make of the bits: decision quality and bit error
//! ratios at the module's own slicers and at the host's decoder behind it.
//!
//! A retimed module decides, counts and sends anew: errors of the sections add
//! up. A linear module decides nothing: noise of the sections adds up, and only
//! the host's decoder sees what came of it.

use std::time::Duration;

use super::pam4::bit_error_ratio;
use super::physics::{Noise, Physics};

/// How many bits of a symbol a burst of errors spoils, on average.
pub(super) const BITS_IN_BURST_SYMBOL: f64 = 5.0;
/// How many symbols in a row a burst spoils, on average.
pub(super) const SYMBOLS_IN_BURST: f64 = 6.0;
/// The share of bursts that spoil more symbols than KP4 corrects, where their
/// length has no memory.
pub(super) const UNCORRECTABLE_BURSTS: f64 = 0.065;

impl Physics {
    /// Decision quality of the media side: falls with light as optical decibels,
    /// with warmth, and with light that a connector throws back.
    pub fn media_quality(&self, lane: u8, now: Duration) -> f64 {
        /// What a kelvin above the nominal costs.
        const PER_KELVIN: f64 = 0.0015;
        /// Inverse quality that reflections leave at best, for each dB of dirt.
        const REFLECTION: f64 = 0.11;
        if self.is_dark(lane, now) {
            return 0.0;
        }
        let light = 10_f64.powf(self.rx_deviation_db(lane, now) / 10.0);
        let warmth = self.temperature(now) - self.nominal.temperature_celsius;
        let own = 1.0
            + 0.02 * self.spread(Noise::MediaQuality, lane)
            + 0.01 * self.noise(Noise::MediaQuality, lane, now)
            + 0.01 * self.noise(Noise::MediaQualityWander, lane, now)
            - PER_KELVIN * warmth;
        let alone = self.nominal.media_quality * light * own.max(0.0);
        match REFLECTION * self.knobs.dirt_db.at(now) {
            reflection if reflection > 0.0 => joined([alone, 1.0 / reflection]),
            _ => alone,
        }
    }

    /// Decision quality of the module's slicer for what the host sends: nothing to
    /// do with light.
    pub fn host_quality(&self, lane: u8, now: Duration) -> f64 {
        let own = 1.0
            + 0.02 * self.spread(Noise::HostQuality, lane)
            + 0.01 * self.noise(Noise::HostQuality, lane, now);
        self.nominal.host_quality * own
    }

    /// Decision quality of the host's slicer, were the module's output perfect: a
    /// supply below its range spoils the module's output.
    fn line_quality(&self, lane: u8, now: Duration) -> f64 {
        const LEAST_VOLTS: f64 = 3.135;
        const PER_VOLT: f64 = 2.0;
        let own = 1.0
            + 0.02 * self.spread(Noise::LineQuality, lane)
            + 0.01 * self.noise(Noise::LineQuality, lane, now)
            + 0.01 * self.noise(Noise::LineQualityWander, lane, now)
            - PER_VOLT * (LEAST_VOLTS - self.knobs.supply.at(now)).max(0.0);
        self.nominal.line.quality * own.max(0.0)
    }

    /// Pre-FEC bit error ratio of a media lane, as the module's slicer sees it.
    pub fn media_ber(&self, lane: u8, now: Duration) -> f64 {
        let decades = self.knobs.ber_decades.at(now) + self.knobs.adaptation_decades.at(now);
        worsened(bit_error_ratio(self.media_quality(lane, now)), decades) + self.burst_ber(now)
    }

    /// Pre-FEC bit error ratio of what the module receives from the host on a lane.
    pub fn host_ber(&self, lane: u8, now: Duration) -> f64 {
        let decades = self.knobs.ber_decades.at(now);
        worsened(bit_error_ratio(self.host_quality(lane, now)), decades)
    }

    /// Pre-FEC bit error ratio of a lane at the decoder of the host behind the
    /// module, without bursts: of all sections from the far host's encoder on.
    pub fn received_ber(&self, lane: u8, now: Duration) -> f64 {
        let knobs = &self.knobs;
        let decades = knobs.ber_decades.at(now) + knobs.adaptation_decades.at(now);
        let media = self.media_quality(lane, now);
        // The far host's line is as good as ours.
        let lines = [self.line_quality(lane, now), self.nominal.line.quality];
        let ber = match self.nominal.retimes {
            true => bit_error_ratio(media) + lines.map(bit_error_ratio).iter().sum::<f64>(),
            false => bit_error_ratio(joined([media, joined(lines)])),
        };
        worsened(ber, decades)
    }

    /// Bursts of errors in a second, on all lanes together.
    pub fn bursts(&self, now: Duration) -> f64 {
        self.knobs.bursts.at(now).max(0.0)
    }

    /// What bursts add to the bit error ratio of every lane.
    fn burst_ber(&self, now: Duration) -> f64 {
        let bits = SYMBOLS_IN_BURST * BITS_IN_BURST_SYMBOL;
        self.bursts(now) * bits / self.nominal.line.bits_per_second()
    }
}

/// The quality where the noise of two sections adds up: that of the worse one, or
/// less.
fn joined([one, other]: [f64; 2]) -> f64 {
    match one.min(other) > 0.0 {
        true => 1.0 / one.recip().hypot(other.recip()),
        false => 0.0,
    }
}

fn worsened(ber: f64, decades: f64) -> f64 {
    (ber * 10_f64.powf(decades)).min(0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::physics::tests::NOMINAL;
    use crate::sim::physics::{Line, Nominal};

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
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
    }

    #[test]
    fn dirt_costs_more_bits_than_its_light_explains() {
        let with = |turn: fn(&mut Physics)| {
            let mut physics = Physics::new(1, NOMINAL);
            turn(&mut physics);
            physics.media_ber(0, at(5))
        };
        let loss = with(|physics| physics.knobs.rx_loss_db.turn_to(1.0, at(0), at(0)));
        let dirt = with(|physics| physics.knobs.dirt_db.turn_to(1.0, at(0), at(0)));
        assert!(dirt > 3.0 * loss, "{dirt} {loss}");
    }

    #[test]
    fn a_retimed_module_adds_errors_and_a_linear_one_noise() {
        let quality = |retimes| Nominal {
            media_quality: 5.0,
            line: Line::eight_100g(5.0),
            retimes,
            ..NOMINAL
        };
        let received = |retimes| Physics::new(1, quality(retimes)).received_ber(0, at(5));
        let one_section = bit_error_ratio(5.0);
        let (retimed, linear) = (received(true), received(false));
        assert!((1.0..10.0).contains(&(retimed / one_section)), "{retimed}");
        assert!(linear > 300.0 * retimed, "{linear} {retimed}");
    }

    #[test]
    fn a_weak_supply_and_a_bad_adaptation_are_seen_by_the_host() {
        let mut physics = Physics::new(1, NOMINAL);
        let (healthy, media) = (physics.received_ber(0, at(5)), physics.media_ber(0, at(5)));
        physics.knobs.supply.turn_to(3.0, at(0), at(0));
        assert!(physics.received_ber(0, at(5)) > 3.0 * healthy);
        assert_eq!(physics.media_ber(0, at(5)), media);
        physics.calm();
        physics.knobs.flap(1.0, at(0), at(3));
        assert!(physics.media_ber(0, at(2)) > 0.3);
        let again = physics.received_ber(0, at(5)) / healthy;
        assert!((again - 10.0).abs() < 1e-6, "{again}");
    }
}
