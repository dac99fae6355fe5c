//! Sessions: from the moment a link comes up until it goes down, and what one of
//! them leaves for the next to be compared with.

use serde::{Deserialize, Serialize};

use super::ber::{Estimate, Source, Vantage};
use super::course::{Course, Spread};
use super::lines::Standing;
use super::normal;
use crate::module::{LaneSettings, Snapshot};
use crate::names::Side;
use crate::units::Watts;

/// The first sweeps of a session that tell its levels.
const LEVEL_SWEEPS: u32 = 10;
/// With fewer values a session is no measure for the next.
const LEAST_SAMPLES: f64 = 10.0;

/// What a session leaves behind; its JSON is what the store keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// How long it lasted, in seconds.
    pub seconds: f64,
    /// Error ratios, each vantage once.
    pub ratios: Vec<Ratio>,
    /// Case temperature when the link came up, °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_celsius: Option<f64>,
    /// Levels and settings of each lane when it came up.
    pub lanes: Vec<LaneRecord>,
    /// Lanes whose polarity is inverted, a bit each: transmit, receive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polarity: Option<[u8; 2]>,
}

/// The error ratio of one vantage over a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// `host` or `media`.
    pub side: String,
    /// `module` or `host`.
    pub source: String,
    /// How many values there were.
    pub samples: f64,
    /// How many of them saw no error.
    pub bounds: f64,
    /// Mean of the decimal logarithms of the others.
    pub log10_mean: f64,
    /// Sum of the squares of what they were off it.
    pub log10_squares: f64,
    /// The least of them.
    pub log10_least: f64,
    /// The most of them.
    pub log10_most: f64,
    /// Wrong bits that were seen.
    pub errors: f64,
    /// Bits that were looked at.
    pub bits: f64,
    /// The lowest bound.
    pub bound: f64,
}

/// One lane when the link came up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LaneRecord {
    /// The lane over all banks.
    pub lane: u16,
    /// Received light, dBm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rx_dbm: Option<f64>,
    /// Sent light, dBm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx_dbm: Option<f64>,
    /// Laser bias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx_bias_amperes: Option<f64>,
    /// Settings as numbers: transmit equaliser adaptive, its target; receive
    /// pre-cursor, post-cursor, amplitude.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<[u8; 5]>,
}

impl Record {
    /// The record as the text that is kept.
    ///
    /// # Errors
    /// If a number is none that JSON knows.
    pub fn to_document(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// Reads a record that was kept.
    ///
    /// # Errors
    /// If the text is no record.
    pub fn from_document(document: &str) -> serde_json::Result<Self> {
        serde_json::from_str(document)
    }

    /// The error ratio of each vantage over the session, with the number of values
    /// that it is of; those without are left out.
    pub fn estimates(&self) -> Vec<(Vantage, Estimate, f64)> {
        let of = |vantage| {
            let spread = self.spread_of(vantage)?;
            Some((vantage, spread.center()?, spread.samples))
        };
        Vantage::ALL.into_iter().filter_map(of).collect()
    }

    /// How the ratios of this session stand to those of one before, for each
    /// vantage of which both tell enough.
    pub fn changes_since(&self, before: &Self) -> Vec<Change> {
        let of = |vantage| {
            let (then, now) = (before.spread(vantage)?, self.spread(vantage)?);
            Change::between(vantage, &then, &now)
        };
        Vantage::ALL.into_iter().filter_map(of).collect()
    }

    /// The spread of a vantage's ratio, if it is fit to be compared with.
    pub(super) fn spread(&self, vantage: Vantage) -> Option<Spread> {
        let spread = self.spread_of(vantage)?;
        (spread.samples >= LEAST_SAMPLES).then_some(spread)
    }

    fn spread_of(&self, vantage: Vantage) -> Option<Spread> {
        let ratio = self.ratios.iter().find(|ratio| {
            ratio.side == vantage.side.name() && ratio.source == vantage.source.name()
        })?;
        Some(Spread {
            samples: ratio.samples,
            bounds: ratio.bounds,
            mean: ratio.log10_mean,
            squares: ratio.log10_squares,
            least: ratio.log10_least,
            most: ratio.log10_most,
            errors: ratio.errors,
            bits: ratio.bits,
            bound: ratio.bound,
        })
    }

    /// The record of a lane.
    pub(super) fn lane(&self, lane: u16) -> Option<&LaneRecord> {
        self.lanes.iter().find(|record| record.lane == lane)
    }
}

/// A session that goes on.
#[derive(Debug, Clone, Default)]
pub(super) struct Session {
    /// How long it has lasted, in seconds.
    pub seconds: f64,
    /// How often the module was read in it.
    pub sweeps: u32,
    /// The lanes of the link.
    pub lanes: Vec<u16>,
    /// The ratio of each vantage.
    pub courses: Vec<(Vantage, Course)>,
    levels: Vec<LevelSums>,
    temperature: (f64, f64),
    polarity: Option<[u8; 2]>,
}

/// Sums of a lane's levels, each with how many it is of.
#[derive(Debug, Clone, Copy, Default)]
struct LevelSums {
    lane: u16,
    rx: (f64, f64),
    tx: (f64, f64),
    bias: (f64, f64),
    settings: Option<[u8; 5]>,
}

impl Session {
    /// A session over these lanes.
    pub(super) fn over(lanes: Vec<u16>) -> Self {
        Self {
            lanes,
            ..Self::default()
        }
    }

    /// Takes in the ratios of a step.
    pub(super) fn count(&mut self, standings: &[Standing]) {
        for standing in standings {
            let vantage = standing.vantage();
            let known = self.courses.iter().position(|(other, _)| *other == vantage);
            let place = known.unwrap_or_else(|| {
                self.courses.push((vantage, Course::default()));
                self.courses.len() - 1
            });
            if let Some((_, course)) = self.courses.get_mut(place) {
                course.push(self.seconds, standing.ber);
            }
        }
    }

    /// Takes in what a sweep read of levels and settings.
    pub(super) fn read(&mut self, module: &Snapshot) {
        self.sweeps = self.sweeps.saturating_add(1);
        if self.sweeps > LEVEL_SWEEPS {
            return;
        }
        add(
            &mut self.temperature,
            module.monitors.temperature.value().map(|t| t.celsius()),
        );
        if let Some(lpo) = &module.lpo {
            self.polarity
                .get_or_insert([lpo.tx_polarity, lpo.rx_polarity]);
        }
        self.levels.resize(module.lanes.len(), LevelSums::default());
        for (sums, lane) in self.levels.iter_mut().zip(&module.lanes) {
            sums.lane = lane.lane.number();
            add(&mut sums.rx, lane.rx_power.value().and_then(Watts::dbm));
            add(&mut sums.tx, lane.tx_power.value().and_then(Watts::dbm));
            add(&mut sums.bias, lane.tx_bias.value().map(|a| a.amperes()));
            let settings = lane.settings.value().map(LaneSettings::to_array);
            sums.settings = sums.settings.or(settings);
        }
    }

    /// The received light of a lane when the link came up, dBm.
    pub(super) fn rx_dbm(&self, lane: u16) -> Option<f64> {
        let mut levels = self.levels.iter();
        mean(levels.find(|sums| sums.lane == lane)?.rx)
    }

    /// What the session leaves behind as it stands.
    pub(super) fn record(&self) -> Record {
        let ratios = self.courses.iter().map(|(vantage, course)| {
            let spread = course.all;
            Ratio {
                side: vantage.side.name().to_owned(),
                source: vantage.source.name().to_owned(),
                samples: spread.samples,
                bounds: spread.bounds,
                log10_mean: spread.mean,
                log10_squares: spread.squares,
                log10_least: spread.least,
                log10_most: spread.most,
                errors: spread.errors,
                bits: spread.bits,
                bound: spread.bound,
            }
        });
        let lanes = self.levels.iter().map(|sums| LaneRecord {
            lane: sums.lane,
            rx_dbm: mean(sums.rx),
            tx_dbm: mean(sums.tx),
            tx_bias_amperes: mean(sums.bias),
            settings: sums.settings,
        });
        Record {
            seconds: self.seconds,
            ratios: ratios.collect(),
            temperature_celsius: mean(self.temperature),
            lanes: lanes.collect(),
            polarity: self.polarity,
        }
    }

    /// Whether the session lasted long enough to be a measure for the next.
    pub(super) fn is_measure(&self) -> bool {
        self.sweeps >= LEVEL_SWEEPS
    }

    /// The settings that are not those of the session before, in words.
    pub(super) fn settings_unlike(&self, before: &Record) -> Vec<String> {
        const NAMES: [&str; 5] = [
            "transmit equaliser adaptive",
            "transmit equaliser target",
            "receive pre-cursor",
            "receive post-cursor",
            "receive amplitude",
        ];
        let mut unlike = Vec::new();
        for sums in &self.levels {
            let then = before.lane(sums.lane).and_then(|lane| lane.settings);
            let Some((now, then)) = sums.settings.zip(then) else {
                continue;
            };
            for ((name, now), then) in NAMES.iter().zip(now).zip(then) {
                if now != then {
                    unlike.push(format!("{name} of lane {} {now}, was {then}", sums.lane));
                }
            }
        }
        if let Some((now, then)) = self.polarity.zip(before.polarity) {
            for ((side, now), then) in ["transmit", "receive"].iter().zip(now).zip(then) {
                if now != then {
                    unlike.push(format!("{side} polarity {now:#04x}, was {then:#04x}"));
                }
            }
        }
        unlike
    }
}

/// How an error ratio stands to that of the session before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Which side, seen by whom.
    pub vantage: Vantage,
    /// The ratio before.
    pub before: Estimate,
    /// The ratio now.
    pub now: Estimate,
    /// How many times the one before: at least so many where no error was seen
    /// before, at most so many where none is seen now.
    pub times: f64,
    /// How sure it is that the ratio is worse than before, 0 to 1.
    pub confidence: f64,
}

impl Change {
    /// Compares the newest values of a session with the one before; `None` where
    /// neither saw an error, or none is seen now and the bound does not tell.
    pub(super) fn between(vantage: Vantage, before: &Spread, now: &Spread) -> Option<Self> {
        let (then, at_present) = (before.center()?, now.center()?);
        let times = at_present.number() / then.number();
        if at_present.is_bound() && (then.is_bound() || times > 1.0) {
            return None;
        }
        let off = before.error_of_center().hypot(now.error_of_center());
        Some(Self {
            vantage,
            before: then,
            now: at_present,
            times,
            confidence: 1.0 - normal::ln_tail(times.log10() / off).exp(),
        })
    }
}

impl Vantage {
    /// Every vantage from which errors are counted.
    pub const ALL: [Self; 3] = [
        Self {
            side: Side::Media,
            source: Source::Module,
        },
        Self {
            side: Side::Host,
            source: Source::Module,
        },
        Self {
            side: Side::Host,
            source: Source::Host,
        },
    ];
}

fn add((sum, count): &mut (f64, f64), value: Option<f64>) {
    if let Some(value) = value.filter(|value| value.is_finite()) {
        *sum += value;
        *count += 1.0;
    }
}

fn mean((sum, count): (f64, f64)) -> Option<f64> {
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::ber::Ber;
    use crate::health::fixture;
    use crate::module::{Reading, Statistic};

    const MEDIA: Vantage = Vantage::ALL[0];

    fn spread(ratio: f64, samples: u32) -> Spread {
        let mut spread = Spread::default();
        for _ in 0..samples {
            spread.add(&Ber {
                side: Side::Media,
                source: Source::Module,
                lane: Some(1),
                statistic: Statistic::Current,
                estimate: Estimate::of_ratio(ratio, Some(1e11)).unwrap(),
                bits: Some(1e11),
            });
        }
        spread
    }

    #[test]
    fn a_tenfold_ratio_is_sure_and_wander_is_not() {
        let before = spread(1e-9, 100);
        let change = Change::between(MEDIA, &before, &spread(1e-8, 2)).unwrap();
        assert!((change.times - 10.0).abs() < 1e-6);
        assert!(change.confidence > 0.999);
        let wander = Change::between(MEDIA, &before, &spread(1.2e-9, 2)).unwrap();
        assert!(wander.confidence < 0.9);
        // A handful of errors is not sure of anything.
        let few = Change::between(MEDIA, &spread(2e-11, 10), &spread(2e-10, 1)).unwrap();
        assert!(few.confidence < change.confidence);
    }

    #[test]
    fn bounds_are_compared_as_far_as_they_tell() {
        let (none, some) = (spread(0.0, 20), spread(1e-9, 20));
        assert_eq!(Change::between(MEDIA, &none, &none), None);
        let worse = Change::between(MEDIA, &none, &some).unwrap();
        assert!(worse.before.is_bound() && worse.times > 30.0);
        assert!(Change::between(MEDIA, &some, &none).unwrap().times < 0.1);
        assert_eq!(Change::between(MEDIA, &spread(1e-12, 20), &none), None);
    }

    #[test]
    fn a_record_survives_its_document() {
        let mut module = fixture::well();
        module.lanes[0].settings = Reading::Value(LaneSettings::from_array([1, 2, 3, 4, 5]));
        let mut session = Session::default();
        for _ in 0..12 {
            session.read(&module);
        }
        session.courses.push((MEDIA, Course::default()));
        session.courses[0].1.all = spread(1e-9, 12);
        let record = session.record();
        assert_eq!(record.lanes[0].settings, Some([1, 2, 3, 4, 5]));
        assert_eq!(record.temperature_celsius, Some(45.0));
        let kept = Record::from_document(&record.to_document().unwrap()).unwrap();
        assert_eq!(kept, record);
        assert_eq!(kept.spread(MEDIA), Some(spread(1e-9, 12)));
        assert!(Record::from_document("{}").is_err());
        assert!(session.is_measure());
        module.lanes[0].settings = Reading::Value(LaneSettings::from_array([1, 2, 3, 4, 7]));
        let mut next = Session::default();
        next.read(&module);
        assert_eq!(
            next.settings_unlike(&record),
            ["receive amplitude of lane 1 7, was 5"]
        );
    }
}
