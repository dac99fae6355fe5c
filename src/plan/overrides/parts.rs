//! The parts of a policy beside classes and power: lane rates, reach, peers,
//! error ratios, planes.

use crate::plan::finding::Severity;
use crate::plan::policy::{BerSource, LaneRate, PeerRule};
use crate::plan::role::Policy;
use crate::tomlfile::{At, Field, Table};

/// The range of every length, in metres: around the earth.
const METERS: std::ops::RangeInclusive<f64> = 0.0..=40e6;
/// The range of every error ratio: a coin is right half of the time.
const RATIO: std::ops::RangeInclusive<f64> = 1e-18..=0.5;

/// Reads `lane_rates` and `lane_rates_accepted`: as with classes, a rate written
/// into one list leaves the other.
pub(super) fn lane_rates(table: &mut Table<'_>, policy: &mut Policy) {
    let valid = LaneRate::ALL.map(|rate| (rate.name(), rate));
    let values = |list: Vec<At<LaneRate>>| list.into_iter().map(|rate| rate.value).collect();
    let expected: Option<Vec<LaneRate>> = table.key("lane_rates").words(&valid).map(values);
    let accepted = table.key("lane_rates_accepted").words(&valid).map(values);
    if let Some(list) = expected {
        policy
            .lane_rates_accepted
            .retain(|rate| !list.contains(rate));
        policy.lane_rates = list;
    }
    if let Some(list) = accepted {
        policy.lane_rates.retain(|rate| !list.contains(rate));
        policy.lane_rates_accepted = list;
    }
}

/// Reads `reach_min_meters`, `reach_max_meters` and `fiber_max_meters`.
pub(super) fn reach(table: &mut Table<'_>, policy: &mut Policy) {
    let meters = |field: Field<'_>| field.number_in(METERS, "metres");
    let least = meters(table.key("reach_min_meters"));
    let most = meters(table.key("reach_max_meters"));
    let fiber = meters(table.key("fiber_max_meters"));
    let reach = &mut policy.reach;
    set(&mut reach.min_meters, least);
    set(&mut reach.max_meters, most);
    set(&mut reach.fiber_meters, fiber);
    if let Some(written) = least.or(most)
        && reach.min_meters > reach.max_meters
    {
        let message = format!(
            "the least reach is {} m, but the most is {} m; set both so that the most is the higher",
            reach.min_meters, reach.max_meters
        );
        table.mistake(written.spot, message);
    }
}

/// Reads `standard_interfaces` and `peer_rule`.
pub(super) fn interfaces(table: &mut Table<'_>, policy: &mut Policy) {
    set(
        &mut policy.standard_interfaces,
        table.key("standard_interfaces").flag(),
    );
    let valid = PeerRule::ALL.map(|rule| (rule.name(), rule));
    set(&mut policy.peer_rule, table.key("peer_rule").word(&valid));
}

/// Reads `ber_warn`, `ber_error`, `ber_limit`, `ber_from` and `no_ber_severity`.
pub(super) fn ber(table: &mut Table<'_>, policy: &mut Policy) {
    let ratio = |field: Field<'_>| field.number_in(RATIO, "wrong bits by all bits");
    let warn = ratio(table.key("ber_warn"));
    let error = ratio(table.key("ber_error"));
    let limit = ratio(table.key("ber_limit"));
    let ber = &mut policy.ber;
    set(&mut ber.warn, warn);
    set(&mut ber.error, error);
    set(&mut ber.limit, limit);
    if let Some(written) = warn.or(error).or(limit)
        && !(ber.warn <= ber.error && ber.error <= ber.limit)
    {
        let message = format!(
            "`ber_warn` is {:e}, `ber_error` {:e} and `ber_limit` {:e}; set them so that they rise",
            ber.warn, ber.error, ber.limit
        );
        table.mistake(written.spot, message);
    }
    let valid = BerSource::ALL.map(|source| (source.name(), source));
    set(&mut ber.from, table.key("ber_from").word(&valid));
    let valid = [
        ("off", None),
        (Severity::Notice.name(), Some(Severity::Notice)),
        (Severity::Warning.name(), Some(Severity::Warning)),
        (Severity::Error.name(), Some(Severity::Error)),
    ];
    set(
        &mut ber.severity_without,
        table.key("no_ber_severity").word(&valid),
    );
}

/// Reads `plane_rx_power_db`, `plane_temperature_celsius` and
/// `plane_ber_decades`.
pub(super) fn planes(table: &mut Table<'_>, policy: &mut Policy) {
    let planes = &mut policy.planes;
    for (key, value, most, unit) in [
        ("plane_rx_power_db", &mut planes.rx_power_db, 40.0, "dB"),
        (
            "plane_temperature_celsius",
            &mut planes.temperature_celsius,
            200.0,
            "degrees Celsius",
        ),
        (
            "plane_ber_decades",
            &mut planes.ber_decades,
            20.0,
            "decades",
        ),
    ] {
        // A tolerance of nothing would name a plane for its noise.
        set(value, table.key(key).number_in(0.1..=most, unit));
    }
}

/// Reads the lines for what only watching over time shows.
pub(super) fn watch(table: &mut Table<'_>, policy: &mut Policy) {
    let watch = &mut policy.watch;
    for (key, value, range, unit) in [
        ("ber_flap_ratio", &mut watch.flap_ratio, 1.5..=1e6, "times"),
        ("rx_drop_db", &mut watch.rx_drop_db, 0.1..=40.0, "dB"),
        (
            "lane_ber_decades",
            &mut watch.lane_ber_decades,
            0.1..=20.0,
            "decades",
        ),
        ("bias_rise", &mut watch.bias_rise, 0.01..=10.0, "as a share"),
        (
            "warming_celsius",
            &mut watch.warming_celsius,
            1.0..=200.0,
            "degrees Celsius",
        ),
        (
            "trend_horizon_days",
            &mut watch.horizon_days,
            0.01..=3650.0,
            "days",
        ),
    ] {
        set(value, table.key(key).number_in(range, unit));
    }
    // A codeword of KP4 has 544 symbols.
    let symbols = |field: Field<'_>| field.whole_in(0..=544);
    let warn = symbols(table.key("fec_tail_warn"));
    let error = symbols(table.key("fec_tail_error"));
    set(&mut watch.fec_tail_warn, warn);
    set(&mut watch.fec_tail_error, error);
    if let Some(written) = warn.or(error)
        && watch.fec_tail_warn > watch.fec_tail_error
    {
        let message = format!(
            "`fec_tail_warn` is {} and `fec_tail_error` {}; set them so that they rise",
            watch.fec_tail_warn, watch.fec_tail_error
        );
        table.mistake(written.spot, message);
    }
}

/// Puts in what was written, if anything was.
fn set<T>(value: &mut T, written: Option<At<T>>) {
    if let Some(written) = written {
        *value = written.value;
    }
}
