//! The few numbers of a port that lists are sorted by and people compare.

use super::{PortView, order, quantity};
use crate::health::ber::{Estimate, Source};
use crate::health::optical;
use crate::module::{LaneReadings, Snapshot};
use crate::names::{Lane, Side};
use crate::units::{Celsius, Watts};

/// The headline numbers of one port; what is not known is absent, and so is what is no
/// finite number. Page, terminal and API take their figures from here, so that they
/// tell the same.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Headline {
    /// Case temperature.
    pub temperature: Option<Celsius>,
    /// The lane in use that is nearest to one of its warning thresholds for received
    /// light, or dark.
    pub light: Option<Light>,
    /// The error ratio before correction that is nearest to its limit.
    pub ber: Option<Ratio>,
    /// By how many decades a day an error ratio grows: the fastest.
    pub growth: Option<f64>,
    /// Modules seen to come since the daemon started.
    pub insertions: u64,
    /// Electrical power that the module states as its most.
    pub power: Option<Watts>,
}

/// What one lane receives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Light {
    /// Which lane.
    pub lane: Lane,
    /// How much, 0 without light.
    pub power: Watts,
    /// How far that is from the nearer warning threshold in decibels, negative beyond
    /// it; `None` without light, and where the module tells no thresholds.
    pub margin: Option<f64>,
}

/// An error ratio and how many decades it is below its limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ratio {
    /// Which side of the module, and who counted.
    pub side: Side,
    /// See there.
    pub source: Source,
    /// The worst lane, from 1; `None` for the whole path.
    pub lane: Option<u16>,
    /// The ratio before correction.
    pub estimate: Estimate,
    /// Decades below the limit, negative above it.
    pub margin: f64,
}

impl Headline {
    /// The headline numbers of a port.
    pub(super) fn of(view: &PortView) -> Self {
        let module = view.snapshot.as_deref();
        let class = view.class.as_ref().map(|class| class.class);
        Self {
            temperature: module
                .and_then(|module| module.monitors.temperature.value())
                .filter(|temperature| temperature.celsius().is_finite()),
            light: module
                .filter(|_| optical::glows(class))
                .and_then(worst_light),
            ber: worst_ratio(view),
            growth: fastest_growth(view),
            insertions: view.counts.insertions,
            power: module.and_then(|module| module.power.max.value()),
        }
    }
}

impl Light {
    /// Whether nothing is received.
    pub(super) fn is_dark(&self) -> bool {
        self.power.watts() <= 0.0
    }

    /// The margin as a number to sort by, where dark is the least of all and an
    /// unknown margin the greatest.
    pub(super) fn rank(&self) -> f64 {
        self.nearness().0
    }

    /// What it is compared by.
    pub(super) fn nearness(&self) -> order::Nearness {
        order::nearness(self.power.watts(), self.margin)
    }
}

/// The worst lane of those in use; of all that measure light where none is.
fn worst_light(module: &Snapshot) -> Option<Light> {
    let levels = module.thresholds.rx_power.value();
    let of_lane = |lane: &LaneReadings| {
        let power = lane.rx_power.value().filter(|p| p.watts().is_finite())?;
        let margin = levels.and_then(|levels| quantity::margin_db(power, levels));
        Some(Light {
            lane: lane.lane,
            power,
            margin: margin.map(|margin| margin.amount),
        })
    };
    let worst = |lanes: &mut dyn Iterator<Item = &LaneReadings>| {
        lanes
            .filter_map(of_lane)
            .min_by(|one, other| order::by_light(Some(one.nearness()), Some(other.nearness())))
    };
    let mut in_use = module
        .lanes
        .iter()
        .filter(|lane| optical::carries(module, lane));
    worst(&mut in_use).or_else(|| worst(&mut module.lanes.iter()))
}

fn worst_ratio(view: &PortView) -> Option<Ratio> {
    let ratios = view.health.standings.iter().filter_map(|standing| {
        Some(Ratio {
            side: standing.ber.side,
            source: standing.ber.source,
            lane: standing.ber.lane,
            estimate: standing.estimate(),
            margin: standing.margin?.decades,
        })
    });
    let known = ratios.filter(|ratio| ratio.margin.is_finite());
    known.min_by(|one, other| one.margin.total_cmp(&other.margin))
}

fn fastest_growth(view: &PortView) -> Option<f64> {
    let trends = view.health.trends.iter();
    trends
        .map(|trending| trending.trend.per_day)
        .max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::Reading;
    use crate::report::sample;

    #[test]
    fn the_worst_lane_is_the_nearest_to_a_warning() {
        let headline = Headline::of(&sample::active(sample::module("S1")));
        let light = headline.light.unwrap();
        assert_eq!(light.lane.to_string(), "8");
        assert!(
            light
                .margin
                .is_some_and(|margin| (2.0..4.0).contains(&margin))
        );
        assert_eq!(headline.temperature.unwrap().celsius(), 46.5);
        assert_eq!(headline.insertions, 1);
    }

    #[test]
    fn a_dark_lane_is_worse_than_any_margin_and_has_none() {
        let mut module = sample::module("S1");
        module.lanes[2].rx_power = Reading::Value(Watts::new(0.0));
        let light = worst_light(&module).unwrap();
        assert_eq!((light.lane.to_string().as_str(), light.margin), ("3", None));
        assert!(light.is_dark() && light.rank() == f64::NEG_INFINITY);
    }

    #[test]
    fn lanes_that_nobody_uses_do_not_count_beside_those_in_use() {
        let mut module = sample::module("S1");
        module.lanes[2].rx_power = Reading::Value(Watts::new(0.0));
        module.lanes[2].data_path_state = Reading::Value(crate::module::DataPathState::Deactivated);
        assert_eq!(worst_light(&module).unwrap().lane.to_string(), "8");
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        let headline = Headline::of(&sample::view());
        assert_eq!(headline, Headline::default());
        assert_eq!(Headline::of(&sample::counted()).growth, Some(0.5));
    }
}
