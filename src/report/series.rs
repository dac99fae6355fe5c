//! Which quantities of a port have a plot over time.
//!
//! A series has the name of its metric without prefix, and a slash for each label
//! that tells it from its sisters: `temperature_celsius`,
//! `lane_rx_power_watts/3`, `pre_fec_bit_error_ratio/media/module`.

use super::PortView;
use crate::health::figures::Figures;
use crate::module::{Reading, Snapshot};

/// A series of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// The quantity, and what tells it from its sisters but the lane.
    pub quantity: &'static str,
    /// Side and source, for a quantity that is seen from several places.
    pub vantage: Option<(&'static str, &'static str)>,
    /// The lane, for a quantity of one.
    pub lane: Option<u16>,
}

impl Series {
    /// Its name.
    pub fn name(&self) -> String {
        match (self.vantage, self.lane) {
            (Some((side, source)), _) => format!("{}/{side}/{source}", self.quantity),
            (None, Some(lane)) => format!("{}/{lane}", self.quantity),
            (None, None) => self.quantity.to_owned(),
        }
    }
}

/// Calls `tell` for each quantity that the newest sweep of a port brought.
pub fn each(view: &PortView, mut tell: impl FnMut(Series, f64)) {
    if let Some(snapshot) = &view.snapshot {
        of_module(snapshot, &mut tell);
        of_link(&view.health, &mut tell);
    }
}

/// The worst error ratio of each vantage, or the bound where no error was seen,
/// and how far that is from what the code corrects.
fn of_link(health: &Figures, tell: &mut impl FnMut(Series, f64)) {
    for standing in &health.standings {
        let vantage = standing.vantage();
        let vantage = Some((vantage.side.name(), vantage.source.name()));
        let mut add = |quantity, value| {
            let series = Series {
                quantity,
                vantage,
                lane: None,
            };
            tell(series, value);
        };
        add("pre_fec_bit_error_ratio", standing.estimate().number());
        if let Some(margin) = standing.margin {
            add("ber_margin_decades", margin.decades);
        }
    }
}

fn of_module(snapshot: &Snapshot, tell: &mut impl FnMut(Series, f64)) {
    let mut add = |quantity, lane, reading: Reading<f64>| {
        if let Reading::Value(value) = reading
            && value.is_finite()
        {
            let series = Series {
                quantity,
                vantage: None,
                lane,
            };
            tell(series, value);
        }
    };
    let monitors = &snapshot.monitors;
    add(
        "temperature_celsius",
        None,
        monitors.temperature.map(|t| t.celsius()),
    );
    add("supply_volts", None, monitors.supply.map(|v| v.volts()));
    for lane in &snapshot.lanes {
        let number = Some(lane.lane.number());
        add(
            "lane_rx_power_watts",
            number,
            lane.rx_power.map(|p| p.watts()),
        );
        add(
            "lane_tx_power_watts",
            number,
            lane.tx_power.map(|p| p.watts()),
        );
        add(
            "lane_tx_bias_amperes",
            number,
            lane.tx_bias.map(|i| i.amperes()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_is_absent_has_no_point() {
        let mut module = sample::module("S1");
        module.monitors.supply = Reading::NOT_ADVERTISED;
        let lanes = module.lanes.len();
        let mut names = Vec::new();
        each(&sample::active(module), |series, _| {
            names.push(series.name())
        });
        assert!(names.contains(&"temperature_celsius".to_owned()));
        assert!(names.contains(&format!("lane_rx_power_watts/{lanes}")));
        assert!(!names.contains(&"supply_volts".to_owned()));
        each(&sample::view(), |_, _| panic!("nothing is known"));
    }
}
