//! Light and laser of each lane that carries traffic.
//!
//! A lane that nobody uses has every right to be dark, so only lanes in use are
//! judged. CMIS tells them by the data path state; SFF modules have no such
//! state, there a laser that is on tells it.

use super::reason::{Reason, lanes_in_words};
use super::thresholds::{beyond, holds_low_alarm};
use crate::class::Class;
use crate::module::{
    DataPathState, LaneReadings, Levels, Management, ModuleState, Reading, Snapshot,
};
use crate::names::Lane;
use crate::units::Watts;

/// Bias in amperes from which a laser counts as on: no laser in use works with
/// less, and disabled drivers leak less.
const LASER_ON: f64 = 1e-3;

/// What is wrong with the light. Copper has none, whatever its registers say.
pub(super) fn look(module: &Snapshot, class: Option<Class>) -> Vec<Reason> {
    if !glows(class) {
        return Vec::new();
    }
    let mut reasons = Vec::new();
    let mut dark: Vec<Lane> = Vec::new();
    let mut lost: Vec<Lane> = Vec::new();
    for lane in module.lanes.iter().filter(|lane| carries(module, lane)) {
        match light(module, lane) {
            Light::None => dark.push(lane.lane),
            Light::Lost => lost.push(lane.lane),
            Light::Some => reasons.extend(receive_level(module, lane)),
        }
        reasons.extend(transmit_levels(module, lane).into_iter().flatten());
    }
    if let Some(lanes) = lanes_in_words(&dark) {
        reasons.insert(0, Reason::bad(format!("no light received on {lanes}")));
    }
    if let Some(lanes) = lanes_in_words(&lost) {
        let text = format!("light was lost for a moment on {lanes}");
        reasons.push(Reason::degraded(text));
    }
    reasons
}

/// Whether light is to be expected of a class.
pub fn glows(class: Option<Class>) -> bool {
    use Class::{Acc, Aec, BaseT, Dac, Lacc};
    !matches!(class, Some(Acc | Aec | BaseT | Dac | Lacc))
}

/// Whether a lane is in use.
///
/// Data path states belong to host lanes, light to media lanes. With as many of
/// each they are the same lanes; otherwise any data path in use counts for all.
pub fn carries(module: &Snapshot, lane: &LaneReadings) -> bool {
    let active =
        |lane: &LaneReadings| lane.data_path_state == Reading::Value(DataPathState::Activated);
    match module.management {
        Management::Cmis => {
            let ready = module.state == Reading::Value(ModuleState::Ready);
            let same_lanes = module.lane_count.host == module.lane_count.media;
            ready
                && if same_lanes {
                    active(lane)
                } else {
                    module.lanes.iter().any(active)
                }
        }
        Management::Sff8636 | Management::Sff8472 => {
            let laser_on = lane
                .tx_bias
                .value()
                .is_some_and(|a| a.amperes() >= LASER_ON);
            laser_on && module.data_not_ready != Reading::Value(true)
        }
        Management::Unknown => false,
    }
}

/// What a lane receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// There is light, however little.
    Some,
    /// There is none.
    None,
    /// There is light now, but it was lost since the last sweep.
    Lost,
}

/// What a lane receives, by its level and its latched flag.
pub fn light(module: &Snapshot, lane: &LaneReadings) -> Light {
    let flagged = lane.signals.rx_los == Reading::Value(true);
    match lane.rx_power.value().map(Watts::watts) {
        Some(watts) if watts <= 0.0 => Light::None,
        // The flag is latched: a good level beside it says that the loss is over.
        Some(watts) if flagged && holds_low_alarm(watts, receive_thresholds(module)) => Light::Lost,
        _ if flagged => Light::None,
        _ => Light::Some,
    }
}

fn receive_thresholds(module: &Snapshot) -> Reading<Levels<f64>> {
    module.thresholds.rx_power.map(|l| l.map(Watts::watts))
}

fn receive_level(module: &Snapshot, lane: &LaneReadings) -> Option<Reason> {
    beyond(
        &format!("lane {} receive power", lane.lane),
        lane.rx_power.map(Watts::watts),
        receive_thresholds(module),
        light_in_words,
    )
}

fn transmit_levels(module: &Snapshot, lane: &LaneReadings) -> [Option<Reason>; 2] {
    let power = beyond(
        &format!("lane {} transmit power", lane.lane),
        lane.tx_power.map(Watts::watts),
        module.thresholds.tx_power.map(|l| l.map(Watts::watts)),
        light_in_words,
    );
    let bias = beyond(
        &format!("lane {} laser bias", lane.lane),
        lane.tx_bias.map(|a| a.amperes()),
        module.thresholds.tx_bias.map(|l| l.map(|a| a.amperes())),
        |amperes| format!("{:.1} mA", amperes * 1e3),
    );
    [power, bias]
}

/// Optical power as people say it: milliwatts with dBm beside.
fn light_in_words(watts: f64) -> String {
    let milliwatts = watts * 1e3;
    match Watts::new(watts).dbm() {
        Some(dbm) => format!("{milliwatts:.4} mW ({dbm:.1} dBm)"),
        None => format!("{milliwatts:.4} mW"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::verdict::Verdict;
    use super::*;
    use crate::units::Amperes;

    fn told(module: &Snapshot) -> Vec<(Verdict, String)> {
        let reasons = look(module, None).into_iter();
        reasons
            .map(|reason| (reason.verdict, reason.text))
            .collect()
    }

    fn milliwatts(value: f64) -> Reading<Watts> {
        Reading::Value(Watts::new(value * 1e-3))
    }

    #[test]
    fn levels_are_told_with_lane_value_and_limit() {
        let mut module = fixture::well();
        assert_eq!(told(&module), []);
        module.lanes[0].rx_power = milliwatts(0.04);
        module.lanes[1].tx_power = milliwatts(3.0);
        module.lanes[1].tx_bias = Reading::Value(Amperes::new(0.011));
        assert_eq!(
            told(&module),
            [
                (
                    Verdict::Bad,
                    "lane 1 receive power 0.0400 mW (-14.0 dBm) is below the module's \
                     low alarm of 0.0500 mW (-13.0 dBm)"
                        .to_owned()
                ),
                (
                    Verdict::Degraded,
                    "lane 2 transmit power 3.0000 mW (4.8 dBm) is above the module's \
                     high warning of 2.0000 mW (3.0 dBm)"
                        .to_owned()
                ),
                (
                    Verdict::Degraded,
                    "lane 2 laser bias 11.0 mA is above the module's high warning of 10.0 mA"
                        .to_owned()
                ),
            ]
        );
    }

    #[test]
    fn a_dark_lane_is_told_once() {
        let mut module = fixture::well();
        for lane in &mut module.lanes {
            lane.rx_power = milliwatts(0.0);
            lane.signals.rx_los = Reading::Value(true);
        }
        let text = "no light received on lanes 1, 2".to_owned();
        assert_eq!(told(&module), [(Verdict::Bad, text)]);
    }

    #[test]
    fn loss_of_signal_is_believed_unless_the_level_is_good() {
        let mut module = fixture::well();
        module.lanes[1].signals.rx_los = Reading::Value(true);
        let text = "light was lost for a moment on lane 2".to_owned();
        assert_eq!(told(&module), [(Verdict::Degraded, text)]);
        let dark = [(Verdict::Bad, "no light received on lane 2".to_owned())];
        module.lanes[1].rx_power = milliwatts(0.01);
        assert_eq!(told(&module), dark);
        module.lanes[1].rx_power = Reading::NOT_ADVERTISED;
        assert_eq!(told(&module), dark);
    }

    #[test]
    fn a_lane_out_of_use_may_be_dark() {
        let mut module = fixture::well();
        module.lanes[1].rx_power = milliwatts(0.0);
        module.lanes[1].data_path_state = Reading::Value(DataPathState::Initialized);
        assert_eq!(told(&module), []);
        // With fewer media than host lanes the states are not those of the light.
        module.lane_count.media = 1;
        assert_eq!(told(&module).len(), 1);
        module.state = Reading::Value(ModuleState::LowPower);
        assert_eq!(told(&module), []);
    }

    #[test]
    fn a_laser_that_is_on_puts_an_sff_lane_in_use() {
        let mut module = fixture::well();
        module.management = Management::Sff8636;
        module.state = Reading::NOT_ADVERTISED;
        for lane in &mut module.lanes {
            lane.data_path_state = Reading::NOT_ADVERTISED;
            lane.rx_power = milliwatts(0.0);
        }
        module.lanes[0].tx_bias = Reading::Value(Amperes::new(0.0));
        let text = "no light received on lane 2".to_owned();
        assert_eq!(told(&module), [(Verdict::Bad, text)]);
        module.data_not_ready = Reading::Value(true);
        assert_eq!(told(&module), []);
    }

    #[test]
    fn copper_is_never_dark() {
        let mut module = fixture::well();
        module.lanes[0].rx_power = milliwatts(0.0);
        assert_eq!(look(&module, Some(Class::Dac)), []);
        assert_eq!(look(&module, Some(Class::Lpo)).len(), 1);
    }
}
