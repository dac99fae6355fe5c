//! What the light of a module says about fibre, connectors and the far end.

use super::lanes;
use crate::class::Class;
use crate::health::optical::{self, Light};
use crate::module::{LaneReadings, Reading, Snapshot};

/// Bias in amperes below which a laser is off.
const LASER_ON: f64 = 1e-3;

/// What the transmitters of the lanes in use do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transmit {
    Fine,
    Off,
    /// Some lanes are off or at fault, or nobody tells.
    Unclear,
}

/// Hints from the light of the lanes in use; none where all is well, where no
/// lane is in use, and for copper.
pub(super) fn look(module: &Snapshot, class: Option<Class>) -> Vec<String> {
    let measured = |lane: &LaneReadings| {
        lane.rx_power.value().is_some() || lane.signals.rx_los.value().is_some()
    };
    let in_use = |lane: &LaneReadings| optical::carries(module, lane) && measured(lane);
    let used: Vec<&LaneReadings> = module.lanes.iter().filter(|lane| in_use(lane)).collect();
    if !optical::glows(class) || used.is_empty() {
        return Vec::new();
    }
    let transmit = transmit(module);
    let of = |light: Light| {
        lanes(module, &|lane| {
            in_use(lane) && optical::light(module, lane) == light
        })
    };
    let is_dark = |lane: &&LaneReadings| optical::light(module, lane) == Light::None;
    let all_dark = used.iter().all(is_dark);
    let mut said = Vec::new();
    match (all_dark, transmit) {
        (true, Transmit::Fine) => said.push(
            "tx fine, rx dark: fibre, polarity or the far end".to_owned(),
        ),
        (true, Transmit::Off) => said.push(
            "tx off, rx dark: the host has turned the lasers off; enable the port, then look again"
                .to_owned(),
        ),
        (true, Transmit::Unclear) => {
            said.push("rx dark: fibre, polarity or the far end".to_owned());
        }
        (false, Transmit::Off) => said.push(
            "tx off: the lasers are off while light arrives; the host has disabled them, so enable the port"
                .to_owned(),
        ),
        (false, Transmit::Fine | Transmit::Unclear) => {}
    }
    if all_dark {
        return said;
    }
    if let Some(lanes) = of(Light::None) {
        said.push(format!(
            "{lanes} dark among lit ones: a dirty or broken fibre at that position of the connector, or that lane of the far end"
        ));
    }
    if let Some(lanes) = of(Light::Lost) {
        said.push(format!(
            "light was lost for a moment on {lanes}: a loose or bent fibre; reseat the connector"
        ));
    }
    said.extend(of_levels(module, &used));
    let unlocked = |lane: &LaneReadings| {
        in_use(lane)
            && lane.signals.rx_lol == Reading::Value(true)
            && optical::light(module, lane) == Light::Some
    };
    if let Some(lanes) = lanes(module, &unlocked) {
        said.push(format!(
            "light but no lock on {lanes}: compare speed and coding with the far end"
        ));
    }
    said
}

fn of_levels(module: &Snapshot, used: &[&LaneReadings]) -> Vec<String> {
    let Some(levels) = module.thresholds.rx_power.value() else {
        return Vec::new();
    };
    let is_lit = |lane: &LaneReadings| {
        used.iter().any(|other| other.lane == lane.lane)
            && optical::light(module, lane) != Light::None
    };
    let watts = |lane: &LaneReadings| lane.rx_power.value().map(|power| power.watts());
    let is_low = |lane: &LaneReadings| {
        is_lit(lane) && watts(lane).is_some_and(|watts| watts < levels.low_warning.watts())
    };
    let is_high = |lane: &LaneReadings| {
        is_lit(lane) && watts(lane).is_some_and(|watts| watts > levels.high_warning.watts())
    };
    let mut said = Vec::new();
    if used.iter().all(|lane| is_low(lane)) {
        said.push(
            "all lanes low: a dirty connector, too much loss on the way, or the wrong reach"
                .to_owned(),
        );
    } else if let Some(lanes) = lanes(module, &is_low) {
        said.push(format!(
            "low light on {lanes} alone: clean and inspect that fibre, at both ends"
        ));
    }
    if let Some(lanes) = lanes(module, &is_high) {
        said.push(format!(
            "too much light on {lanes}: the link is too short for this reach; put an attenuator in"
        ));
    }
    said
}

fn transmit(module: &Snapshot) -> Transmit {
    let used = module
        .lanes
        .iter()
        .filter(|lane| optical::carries(module, lane));
    let states: Vec<bool> = used.filter_map(sends).collect();
    let at_fault = module
        .lanes
        .iter()
        .any(|lane| lane.signals.tx_fault == Reading::Value(true));
    if states.is_empty() {
        Transmit::Unclear
    } else if states.iter().all(|sends| !sends) {
        Transmit::Off
    } else if at_fault || states.contains(&false) {
        Transmit::Unclear
    } else {
        Transmit::Fine
    }
}

/// Whether a lane sends light; `None` where nothing tells.
fn sends(lane: &LaneReadings) -> Option<bool> {
    let light = lane.tx_power.value().map(|power| power.watts() > 0.0);
    let laser = lane.tx_bias.value().map(|bias| bias.amperes() >= LASER_ON);
    match (light, laser) {
        (Some(light), Some(laser)) => Some(light && laser),
        (one, other) => one.or(other),
    }
}
