//! Levels over time: received light, sent light and bias of each lane, and the
//! temperature of the module.

use super::trend::{Trend, median};
use super::window::{Point, Window};
use crate::module::Snapshot;
use crate::units::Watts;

/// Changes of less are no trend: dB of received light, a share of bias, °C.
const LEAST_LIGHT: f64 = 0.5;
const LEAST_BIAS: f64 = 0.05;
const LEAST_WARMTH: f64 = 3.0;
/// A module that came in warms up for so many seconds.
const WARM_UP_SECONDS: f64 = 900.0;
/// With fewer points nobody knows what temperature is usual.
const USUAL_POINTS: usize = 30;
/// How much more bias a laser takes for each °C at constant light, as a share: more
/// than uncooled lasers of the usual kinds do.
const BIAS_PER_CELSIUS: f64 = 0.02;
/// Light that changed by less is constant, in dB: control loops hold it better.
const CONSTANT_LIGHT: f64 = 0.5;
/// With fewer points a quarter of them is no median.
const QUARTERED_POINTS: usize = 16;

/// What a trend is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Received light in dB.
    RxPower,
    /// Laser bias, as a share.
    TxBias,
    /// Case temperature in °C.
    Temperature,
}

impl Quantity {
    /// The word used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::RxPower => "rx_power",
            Self::TxBias => "tx_bias",
            Self::Temperature => "temperature",
        }
    }

    /// The unit of its change a day.
    pub fn unit(self) -> &'static str {
        match self {
            Self::RxPower => "decibels",
            Self::TxBias => "ratio",
            Self::Temperature => "celsius",
        }
    }
}

/// A level that goes one way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelTrend {
    /// Of what.
    pub quantity: Quantity,
    /// The lane over all banks; `None` for the module.
    pub lane: Option<u16>,
    /// How it goes; bias as natural logarithm of amperes.
    pub trend: Trend,
}

impl LevelTrend {
    /// The change a day in [`Quantity::unit`], and between which the true one lies.
    pub fn per_day(&self) -> (f64, [f64; 2]) {
        let Trend {
            per_day, interval, ..
        } = self.trend;
        match self.quantity {
            Quantity::TxBias => (per_day.exp_m1(), interval.map(f64::exp_m1)),
            Quantity::RxPower | Quantity::Temperature => (per_day, interval),
        }
    }
}

/// A laser that takes more current for the same light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ageing {
    pub lane: u16,
    /// By which share the bias rose beyond what warmth explains.
    pub rise: f64,
    /// Bias at first and now, amperes.
    pub from: f64,
    pub to: f64,
    /// In how many days.
    pub days: f64,
}

/// The levels of one module over time.
#[derive(Debug, Clone, Default)]
pub(super) struct Levels {
    lanes: Vec<LaneLevels>,
    temperature: Track,
    /// Since the module was first seen.
    seconds: f64,
    warmth: Option<f64>,
}

#[derive(Debug, Clone, Default)]
struct LaneLevels {
    lane: u16,
    rx: Track,
    tx: Window,
    bias: Track,
}

/// A window and the trend of its points.
#[derive(Debug, Clone, Default)]
struct Track {
    window: Window,
    trend: Option<Trend>,
}

impl Track {
    fn push(&mut self, at: f64, value: Option<f64>, least: f64) {
        if value.is_some_and(|value| self.window.push(at, value)) {
            self.trend = Trend::of(self.window.points(), least);
        }
    }
}

impl Levels {
    /// Takes in a sweep, so many seconds after the one before; `lit` are the lanes
    /// of the link.
    pub(super) fn read(&mut self, module: &Snapshot, lit: &[u16], elapsed: f64) {
        self.seconds += elapsed;
        let at = self.seconds;
        self.warmth = module.monitors.temperature.value().map(|t| t.celsius());
        if at > WARM_UP_SECONDS {
            self.temperature.push(at, self.warmth, LEAST_WARMTH);
        }
        self.lanes
            .resize_with(module.lanes.len(), LaneLevels::default);
        for (levels, lane) in self.lanes.iter_mut().zip(&module.lanes) {
            levels.lane = lane.lane.number();
            if !lit.contains(&levels.lane) {
                continue;
            }
            let dbm = |power: Option<Watts>| power.and_then(Watts::dbm);
            levels.rx.push(at, dbm(lane.rx_power.value()), LEAST_LIGHT);
            if let Some(sent) = dbm(lane.tx_power.value()) {
                levels.tx.push(at, sent);
            }
            let bias = lane.tx_bias.value().map(|bias| bias.amperes().ln());
            levels.bias.push(at, bias, LEAST_BIAS.ln_1p());
        }
    }

    /// Begins received light anew: another fibre, or the same one cleaned.
    pub(super) fn forget_light(&mut self) {
        for lane in &mut self.lanes {
            lane.rx = Track::default();
        }
    }

    /// The levels that go one way.
    pub(super) fn trends(&self) -> Vec<LevelTrend> {
        let one = |quantity, lane, track: &Track| {
            track.trend.map(|trend| LevelTrend {
                quantity,
                lane,
                trend,
            })
        };
        let of_lanes = self.lanes.iter().flat_map(|levels| {
            let lane = Some(levels.lane);
            [
                one(Quantity::RxPower, lane, &levels.rx),
                one(Quantity::TxBias, lane, &levels.bias),
            ]
        });
        let of_module = one(Quantity::Temperature, None, &self.temperature);
        of_lanes.flatten().chain(of_module).collect()
    }

    /// How much warmer than usual the module is, in °C; `None` until it is known
    /// what is usual.
    pub(super) fn warmed(&self) -> Option<f64> {
        let points = self.temperature.window.points();
        if points.len() < USUAL_POINTS {
            return None;
        }
        Some(self.warmth? - median(points.iter().map(|point| f64::from(point.value)))?)
    }

    /// The lasers whose bias rose by at least such a share at constant light, more
    /// than warmth explains.
    pub(super) fn ageing(&self, least: f64) -> Vec<Ageing> {
        let warmer = change(self.temperature.window.points()).map_or(0.0, |(from, to)| to - from);
        let warmth = warmer.max(0.0) * BIAS_PER_CELSIUS;
        let one = |levels: &LaneLevels| {
            let trend = levels.bias.trend.filter(|trend| trend.per_day > 0.0)?;
            let (from, to) = change(levels.bias.window.points())?;
            let rise = (to - from).exp_m1() - warmth;
            // More light on purpose takes more current.
            let brighter =
                change(levels.tx.points()).is_some_and(|(from, to)| to - from > CONSTANT_LIGHT);
            (rise >= least && !brighter).then(|| Ageing {
                lane: levels.lane,
                rise,
                from: from.exp(),
                to: to.exp(),
                days: trend.days,
            })
        };
        self.lanes.iter().filter_map(one).collect()
    }
}

/// The medians of the first and the last quarter of some points.
fn change(points: &[Point]) -> Option<(f64, f64)> {
    if points.len() < QUARTERED_POINTS {
        return None;
    }
    let quarter = points.len() / 4;
    let values = |points: &[Point]| median(points.iter().map(|point| f64::from(point.value)));
    let first = values(points.get(..quarter)?)?;
    let last = values(points.get(points.len() - quarter..)?)?;
    Some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::fixture;
    use crate::health::noise::Noise;
    use crate::module::Reading;
    use crate::units::{Amperes, Celsius};

    const HOUR: f64 = 3600.0;

    /// A module watched for four days, an hour a sweep; `change` makes it what it is
    /// at that share of the time.
    fn watched(change: impl Fn(&mut Snapshot, f64)) -> Levels {
        let mut noise = Noise::new(2);
        let mut levels = Levels::default();
        for hour in 0..96_u32 {
            let mut module = fixture::well();
            change(&mut module, f64::from(hour) / 96.0);
            for lane in &mut module.lanes {
                lane.rx_power = lane
                    .rx_power
                    .map(|power| Watts::new(power.watts() * (1.0 + 0.01 * noise.normal())));
                lane.tx_bias = lane
                    .tx_bias
                    .map(|bias| Amperes::new(bias.amperes() * (1.0 + 0.003 * noise.normal())));
            }
            levels.read(&module, &[1, 2], HOUR);
        }
        levels
    }

    #[test]
    fn what_is_constant_has_no_trend_and_no_age() {
        let levels = watched(|_, _| {});
        assert_eq!(levels.trends(), []);
        assert_eq!(levels.ageing(0.1), []);
        assert!(levels.warmed().unwrap().abs() < 0.01);
    }

    #[test]
    fn bias_that_rises_at_constant_light_is_ageing() {
        let older = |module: &mut Snapshot, share: f64| {
            module.lanes[1].tx_bias = Reading::Value(Amperes::new(7e-3 * (1.0 + 0.3 * share)));
        };
        let levels = watched(older);
        let found = levels.ageing(0.1);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].lane, 2);
        assert!((found[0].rise - 0.22).abs() < 0.04, "{found:?}");
        assert_eq!(levels.trends().len(), 1);
        assert_eq!(levels.trends()[0].quantity, Quantity::TxBias);
        // So much more light takes so much more current.
        let brighter = watched(|module, share| {
            older(module, share);
            module.lanes[1].tx_power = Reading::Value(Watts::new(1e-3 * (1.0 + 0.5 * share)));
        });
        assert_eq!(brighter.ageing(0.1), []);
        // So much warmth explains it.
        let warmer = watched(|module, share| {
            older(module, share);
            module.monitors.temperature = Reading::Value(Celsius::new(45.0 + 15.0 * share));
        });
        assert_eq!(warmer.ageing(0.1), []);
        assert!(warmer.warmed().unwrap() > 5.0);
    }

    #[test]
    fn fading_light_has_a_trend_until_the_link_is_new() {
        let mut levels = watched(|module, share| {
            let power = 0.8e-3 * 10_f64.powf(-0.2 * share);
            module.lanes[0].rx_power = Reading::Value(Watts::new(power));
        });
        let [found] = levels.trends()[..] else {
            panic!("one trend");
        };
        assert_eq!((found.quantity, found.lane), (Quantity::RxPower, Some(1)));
        assert!((found.trend.per_day + 0.5).abs() < 0.05);
        levels.forget_light();
        assert_eq!(levels.trends(), []);
    }
}
