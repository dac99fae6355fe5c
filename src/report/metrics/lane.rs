//! Families about single lanes. Lanes count from 1 over all banks.

use super::Port;
use super::family::{Family, Spec, truth};
use super::monitor::thresholds;
use crate::module::{DataPathState, LaneReadings, LpoLane};
use crate::names::Profile;
use crate::report::quality;

const RX_POWER: Spec = Spec::gauge(
    "opticsd_lane_rx_power_watts",
    "Optical power received in watts, 0 without light, as of the last sweep.",
);
const TX_POWER: Spec = Spec::gauge(
    "opticsd_lane_tx_power_watts",
    "Optical power sent in watts, as of the last sweep.",
);
const TX_BIAS: Spec = Spec::gauge(
    "opticsd_lane_tx_bias_amperes",
    "Laser bias current in amperes, as of the last sweep.",
);
const RX_POWER_THRESHOLD: Spec = Spec::gauge(
    "opticsd_lane_rx_power_threshold_watts",
    "The module's own thresholds for received power in watts, the same for all lanes, as of the last sweep.",
)
.in_profile(Profile::Default);
const TX_POWER_THRESHOLD: Spec = Spec::gauge(
    "opticsd_lane_tx_power_threshold_watts",
    "The module's own thresholds for sent power in watts, the same for all lanes, as of the last sweep.",
)
.in_profile(Profile::Default);
const TX_BIAS_THRESHOLD: Spec = Spec::gauge(
    "opticsd_lane_tx_bias_threshold_amperes",
    "The module's own thresholds for laser bias in amperes, the same for all lanes, as of the last sweep.",
)
.in_profile(Profile::Default);
const DATA_PATH: Spec = Spec::gauge(
    "opticsd_lane_datapath_active",
    "Whether the data path of the host lane is activated (1) or not (0), as of the last sweep.",
);
const RX_LOS: Spec = Spec::gauge(
    "opticsd_lane_rx_los",
    "Whether loss of the optical signal was flagged (1) in the last sweep or not (0).",
);
const RX_LOL: Spec = Spec::gauge(
    "opticsd_lane_rx_lol",
    "Whether loss of lock on the optical signal was flagged (1) in the last sweep or not (0).",
)
.in_profile(Profile::Default);
const TX_FAULT: Spec = Spec::gauge(
    "opticsd_lane_tx_fault",
    "Whether a transmitter fault was flagged (1) in the last sweep or not (0).",
);
const TX_LOS: Spec = Spec::gauge(
    "opticsd_lane_tx_los",
    "Whether loss of the signal from the host was flagged (1) in the last sweep or not (0).",
)
.in_profile(Profile::Default);
const TX_LOL: Spec = Spec::gauge(
    "opticsd_lane_tx_lol",
    "Whether loss of lock on the signal from the host was flagged (1) in the last sweep or not (0).",
)
.in_profile(Profile::Default);
const SNR: Spec = Spec::gauge(
    "opticsd_lane_snr_db",
    "Signal to noise ratio at the input of the lane in decibels, as of the last sweep.",
)
.in_profile(Profile::Default);

const VMA: Spec = Spec::gauge(
    "opticsd_lane_host_input_vma_volts",
    "Voltage modulation amplitude that arrives from the host in volts, as of the last sweep; enhanced LPO only.",
)
.in_profile(Profile::Default);
const OMA: Spec = Spec::gauge(
    "opticsd_lane_rx_oma_watts",
    "Optical modulation amplitude received in watts, as of the last sweep; enhanced LPO only.",
)
.in_profile(Profile::Default);

/// The families of this file.
pub(super) const SPECS: [&Spec; 15] = [
    &RX_POWER,
    &TX_POWER,
    &TX_BIAS,
    &RX_POWER_THRESHOLD,
    &TX_POWER_THRESHOLD,
    &TX_BIAS_THRESHOLD,
    &DATA_PATH,
    &RX_LOS,
    &RX_LOL,
    &TX_FAULT,
    &TX_LOS,
    &TX_LOL,
    &SNR,
    &VMA,
    &OMA,
];

pub(super) fn collect(ports: &[Port<'_>]) -> Vec<Family> {
    let flag = |reading: crate::module::Reading<bool>| reading.value().map(truth);
    vec![
        by_lane(&RX_POWER, ports, |lane| {
            Some(lane.rx_power.value()?.watts())
        }),
        by_lane(&TX_POWER, ports, |lane| {
            Some(lane.tx_power.value()?.watts())
        }),
        by_lane(&TX_BIAS, ports, |lane| {
            Some(lane.tx_bias.value()?.amperes())
        }),
        thresholds(&RX_POWER_THRESHOLD, ports, |module| {
            module.thresholds.rx_power.map(|l| l.map(|p| p.watts()))
        }),
        thresholds(&TX_POWER_THRESHOLD, ports, |module| {
            module.thresholds.tx_power.map(|l| l.map(|p| p.watts()))
        }),
        thresholds(&TX_BIAS_THRESHOLD, ports, |module| {
            module.thresholds.tx_bias.map(|l| l.map(|c| c.amperes()))
        }),
        by_lane(&DATA_PATH, ports, |lane| {
            Some(truth(
                lane.data_path_state.value()? == DataPathState::Activated,
            ))
        }),
        by_lane(&RX_LOS, ports, |lane| flag(lane.signals.rx_los)),
        by_lane(&RX_LOL, ports, |lane| flag(lane.signals.rx_lol)),
        by_lane(&TX_FAULT, ports, |lane| flag(lane.signals.tx_fault)),
        by_lane(&TX_LOS, ports, |lane| flag(lane.signals.tx_los)),
        by_lane(&TX_LOL, ports, |lane| flag(lane.signals.tx_lol)),
        snr(ports),
        by_lpo_lane(&VMA, ports, |lane| Some(lane.vma.value()?.volts())),
        by_lpo_lane(&OMA, ports, |lane| Some(lane.oma.value()?.watts())),
    ]
}

/// A family with at most one series for each lane, with the label `lane`.
fn by_lane(
    spec: &'static Spec,
    ports: &[Port<'_>],
    value: impl Fn(&LaneReadings) -> Option<f64>,
) -> Family {
    spec.by_port(ports, |port, series| {
        let lanes = port.snapshot().map(|module| module.lanes.as_slice());
        for lane in lanes.unwrap_or_default() {
            if let Some(value) = value(lane) {
                series.add(&[("lane", &lane.lane.to_string())], value);
            }
        }
    })
}

/// As [`by_lane`], from what an enhanced LPO module measures.
fn by_lpo_lane(
    spec: &'static Spec,
    ports: &[Port<'_>],
    value: impl Fn(&LpoLane) -> Option<f64>,
) -> Family {
    spec.by_port(ports, |port, series| {
        let lpo = port.snapshot().and_then(|module| module.lpo.as_ref());
        for lane in lpo.map(|lpo| lpo.lanes.as_slice()).unwrap_or_default() {
            series.add_some(&[("lane", &lane.lane.to_string())], value(lane));
        }
    })
}

fn snr(ports: &[Port<'_>]) -> Family {
    SNR.by_port(ports, |port, series| {
        for (lane, side, decibels) in port.snapshot().map(quality::lane_snr).unwrap_or_default() {
            let labels = [("lane", &*lane.to_string()), ("side", side.name())];
            series.add(&labels, decibels);
        }
    })
}
