//! What is compared between planes, and how much of a difference counts.

use std::ops::RangeInclusive;

use crate::class::power::application_gbps;
use crate::class::{Classification, Retiming};
use crate::module::{DataPathState, LaneReadings, Snapshot};
use crate::names::Side;
use crate::plan::fleet::FleetPort;
use crate::plan::role::Policy;
use crate::units::Watts;

/// What VDM calls the error ratio before correction.
const PRE_FEC: &str = "pre_fec_ber";
/// Lanes in a bank: VDM names lanes inside their bank.
const LANES_PER_BANK: u16 = 8;
/// What no light is taken for, in dBm: below every receiver's reach.
const NO_LIGHT_DBM: f64 = -40.0;
/// How many data path lanes may be down, as a share: less than one of eight.
const LANE_SHARE: f64 = 1.0 / 16.0;
/// How much slower a plane may be, as a share: no two rates are that near.
const SPEED_SHARE: f64 = 0.05;

/// What is compared between planes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantity {
    /// Median received light, dBm.
    RxPower,
    /// Case temperature, °C.
    Temperature,
    /// Worst pre-FEC bit error ratio.
    PreFecBer,
    /// Share of host lanes whose data path is activated.
    DataPath,
    /// What the data path carries, Gb/s.
    Speed,
}

impl Quantity {
    /// Every quantity.
    pub const ALL: [Self; 5] = [
        Self::RxPower,
        Self::Temperature,
        Self::PreFecBer,
        Self::DataPath,
        Self::Speed,
    ];

    /// The word used in labels.
    pub fn name(self) -> &'static str {
        match self {
            Self::RxPower => "rx_power",
            Self::Temperature => "temperature",
            Self::PreFecBer => "pre_fec_ber",
            Self::DataPath => "data_path",
            Self::Speed => "speed",
        }
    }

    /// By how much a plane is worse than the others, as a share of what the
    /// policy tolerates; negative where it is better.
    pub(super) fn worse_by(self, own: f64, others: f64, policy: &Policy) -> f64 {
        let tolerance = &policy.planes;
        match self {
            Self::RxPower => (others - own) / tolerance.rx_power_db,
            Self::Temperature => (own - others) / tolerance.temperature_celsius,
            Self::PreFecBer => {
                // Below the line that warns, differences mean nothing.
                let decades = |ratio: f64| ratio.max(policy.ber.warn).log10();
                (decades(own) - decades(others)) / tolerance.ber_decades
            }
            Self::DataPath => (others - own) / LANE_SHARE,
            Self::Speed => (1.0 - own / others) / SPEED_SHARE,
        }
    }

    /// A plane's value beside that of the others, in words.
    pub(super) fn in_words(self, own: f64, others: f64) -> String {
        match self {
            Self::RxPower => format!("receives {own:.1} dBm, the others {others:.1} dBm"),
            Self::Temperature => format!("{own:.0} °C, the others {others:.0} °C"),
            Self::PreFecBer => format!("bit error ratio {own:.1e}, the others {others:.1e}"),
            Self::DataPath => format!(
                "{:.0} % of its lanes active, of the others {:.0} %",
                own * 100.0,
                others * 100.0
            ),
            Self::Speed => format!("carries {own:.0} Gb/s, the others {others:.0} Gb/s"),
        }
    }
}

/// The values of one plane; `None` where its module does not tell.
pub(super) struct Readings {
    rx_power: Option<f64>,
    temperature: Option<f64>,
    pre_fec_ber: Option<f64>,
    data_path: Option<f64>,
    speed: Option<f64>,
}

impl Readings {
    /// Reads a port, or some of its lanes, counted over all banks.
    pub(super) fn of(port: &FleetPort<'_>, lanes: Option<&RangeInclusive<u16>>) -> Self {
        let is_in = |lane: u16| lanes.is_none_or(|lanes| lanes.contains(&lane));
        let Some(module) = port.snapshot else {
            return Self {
                rx_power: None,
                temperature: None,
                pre_fec_ber: None,
                data_path: None,
                speed: None,
            };
        };
        let own: Vec<&LaneReadings> = module
            .lanes
            .iter()
            .filter(|lane| is_in(lane.lane.number()))
            .collect();
        Self {
            rx_power: rx_dbm(&own),
            temperature: module.monitors.temperature.value().map(|t| t.celsius()),
            pre_fec_ber: port.class.and_then(|class| ber(module, class, is_in)),
            data_path: active_share(&own),
            speed: speed(module, &own),
        }
    }

    pub(super) fn get(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::RxPower => self.rx_power,
            Quantity::Temperature => self.temperature,
            Quantity::PreFecBer => self.pre_fec_ber,
            Quantity::DataPath => self.data_path,
            Quantity::Speed => self.speed,
        }
    }
}

/// The middle of some values; `None` of none.
pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    let lower = values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

fn rx_dbm(lanes: &[&LaneReadings]) -> Option<f64> {
    let powers = lanes.iter().filter_map(|lane| lane.rx_power.value());
    let middle = median(powers.map(|power| power.watts()))?;
    let dbm = Watts::new(middle).dbm().unwrap_or(NO_LIGHT_DBM);
    Some(dbm.max(NO_LIGHT_DBM))
}

/// The worst error ratio of what the module receives, if it can know one.
fn ber(module: &Snapshot, class: &Classification, is_in: impl Fn(u16) -> bool) -> Option<f64> {
    let retimes = class.retiming == Retiming::Both;
    let samples = module.vdm.iter().filter(|sample| {
        let lane = sample.lane.map(|lane| {
            let first = LANES_PER_BANK * u16::from(sample.bank.number());
            first + u16::from(lane)
        });
        retimes
            && sample.name == PRE_FEC
            && sample.side == Some(Side::Media)
            && lane.is_none_or(&is_in)
    });
    let ratios = samples.filter_map(|sample| sample.value.value());
    ratios
        .filter(|ratio| ratio.is_finite())
        .max_by(f64::total_cmp)
}

fn active_share(lanes: &[&LaneReadings]) -> Option<f64> {
    let states = lanes.iter().filter_map(|lane| lane.data_path_state.value());
    let (mut all, mut active) = (0_u16, 0_u16);
    for state in states {
        all += 1;
        active += u16::from(state == DataPathState::Activated);
    }
    (all > 0).then(|| f64::from(active) / f64::from(all))
}

/// What the applications that the lanes run carry together, in Gb/s: each lane
/// has its share of one.
fn speed(module: &Snapshot, lanes: &[&LaneReadings]) -> Option<f64> {
    let media_type = module.media_type.value().unwrap_or_default();
    let shares = lanes.iter().filter_map(|lane| {
        let number = lane.active_application.value()?;
        let mut applications = module.applications.iter();
        let application = applications.find(|application| application.number == number)?;
        let gbps = application_gbps(application, media_type)?;
        let lanes = application.host_lanes.max(1);
        Some(gbps / f64::from(lanes))
    });
    let speed: f64 = shares.sum();
    (speed > 0.0).then_some(speed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::role::Role;

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!(median([].into_iter()), None);
        assert_eq!(median([3.0].into_iter()), Some(3.0));
        assert_eq!(median([9.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 9.0].into_iter()), Some(3.0));
    }

    #[test]
    fn worse_is_above_one_at_the_line() {
        let policy = Policy::of_role(Role::ScaleOut);
        let worse = |quantity: Quantity, own, others| quantity.worse_by(own, others, &policy);
        assert_eq!(worse(Quantity::RxPower, -3.0, -1.0), 1.0);
        assert!(worse(Quantity::RxPower, 1.0, -1.0) < 0.0);
        assert_eq!(worse(Quantity::Temperature, 65.0, 50.0), 1.0);
        assert!((worse(Quantity::PreFecBer, 1e-6, 1e-13) - 1.0).abs() < 1e-9);
        assert_eq!(worse(Quantity::PreFecBer, 1e-8, 1e-13), 0.0);
        assert!(worse(Quantity::DataPath, 0.875, 1.0) > 1.0);
        assert!(worse(Quantity::Speed, 400.0, 800.0) > 1.0);
        assert_eq!(worse(Quantity::Speed, 800.0, 800.0), 0.0);
    }
}
