//! A module in perfect health, for tests to make ill.

use std::sync::Arc;
use std::time::Duration;

use super::host_fec::{FecCode, FecSource, HostFec};
use crate::bus::address::Bank;
use crate::class::{Class, Classification, Source};
use crate::module::assemble::{self, Registers};
use crate::module::{
    Application, DataPathState, LaneCount, LaneReadings, Levels, Management, ModuleState, Reading,
    SignalFlags, Snapshot, Statistic, VdmSample,
};
use crate::names::{Lane, Side};
use crate::units::{Amperes, Celsius, Volts, Watts};

/// A CMIS module with two lanes in use and everything in the middle of its
/// thresholds.
pub(super) fn well() -> Snapshot {
    let mut module = assemble::snapshot(Registers {
        image: Arc::default(),
        failures: Vec::new(),
        started: Duration::ZERO,
        finished: Duration::ZERO,
    });
    module.management = Management::Cmis;
    module.state = Reading::Value(ModuleState::Ready);
    module.lane_count = LaneCount { host: 2, media: 2 };
    module.lanes = (0..2).map(lane).collect();
    module.monitors.temperature = Reading::Value(Celsius::new(45.0));
    module.monitors.supply = Reading::Value(Volts::new(3.3));
    let thresholds = &mut module.thresholds;
    thresholds.temperature = levels([75.0, -5.0, 70.0, 0.0]).map(|l| l.map(Celsius::new));
    thresholds.supply = levels([3.63, 2.97, 3.465, 3.135]).map(|l| l.map(Volts::new));
    thresholds.tx_power = levels([4e-3, 0.1e-3, 2e-3, 0.2e-3]).map(|l| l.map(Watts::new));
    thresholds.rx_power = levels([4e-3, 0.05e-3, 2e-3, 0.1e-3]).map(|l| l.map(Watts::new));
    thresholds.tx_bias = levels([12e-3, 2e-3, 10e-3, 3e-3]).map(|l| l.map(Amperes::new));
    module
}

/// The same with lanes of 106.25 Gb/s: 400GAUI-4-L C2M onto 400GBASE-FR4.
pub(super) fn of_100g_lanes() -> Snapshot {
    let mut module = well();
    module.media_type = Reading::Value(2);
    module.applications = vec![Application {
        number: 1,
        host_code: 0x50,
        media_code: 0x1D,
        host_lanes: 4,
        media_lanes: 4,
        host_starts: 1,
        media_starts: Reading::Value(1),
    }];
    module
}

fn levels(values: [f64; 4]) -> Reading<Levels<f64>> {
    Reading::Value(Levels::from_array(values))
}

fn lane(index: u8) -> LaneReadings {
    LaneReadings {
        lane: Lane::from_index(index),
        bank: Bank::ZERO,
        data_path_state: Reading::Value(DataPathState::Activated),
        active_application: Reading::Value(1),
        tx_power: Reading::Value(Watts::new(1e-3)),
        tx_bias: Reading::Value(Amperes::new(7e-3)),
        rx_power: Reading::Value(Watts::new(0.8e-3)),
        signals: SignalFlags {
            tx_fault: Reading::NOT_ADVERTISED,
            tx_los: Reading::NOT_ADVERTISED,
            tx_lol: Reading::NOT_ADVERTISED,
            tx_adaptive_eq_fault: Reading::NOT_ADVERTISED,
            rx_los: Reading::NOT_ADVERTISED,
            rx_lol: Reading::NOT_ADVERTISED,
            data_path_changed: Reading::NOT_ADVERTISED,
            rx_output_changed: Reading::NOT_ADVERTISED,
        },
        tx_power_flags: Reading::NOT_ADVERTISED,
        tx_bias_flags: Reading::NOT_ADVERTISED,
        rx_power_flags: Reading::NOT_ADVERTISED,
        settings: Reading::NOT_ADVERTISED,
    }
}

/// Counters of an 800G host so many seconds after the start, all of them absent.
pub(super) fn host_fec(seconds: u64) -> HostFec {
    HostFec {
        code: Some(FecCode::Rs544),
        coded_bits_per_second: Some(850e9),
        ..HostFec::empty(Duration::from_secs(seconds), FecSource::Ethtool)
    }
}

/// A class with the retiming that it implies.
pub(super) fn of_class(class: Class) -> Classification {
    Classification {
        class,
        form: class.form(),
        retiming: class.retiming(),
        confidence: 0.9,
        source: Source::Scored,
        evidence: Vec::new(),
        missing: Vec::new(),
        conflicts: Vec::new(),
        scores: Vec::new(),
    }
}

/// The error ratio that the module measures now on a media lane, from 1.
pub(super) fn media_ber(lane: u8, value: f64) -> VdmSample {
    VdmSample {
        bank: Bank::ZERO,
        instance: u16::from(lane),
        observable: 15,
        name: "pre_fec_ber",
        side: Some(Side::Media),
        statistic: Statistic::Current,
        lane: Some(lane),
        frozen: false,
        value: Reading::Value(value),
        unit: "ratio",
        raw: 0,
        thresholds: Reading::NOT_ADVERTISED,
        flags: Reading::NOT_ADVERTISED,
    }
}
