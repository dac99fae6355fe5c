//! The lanes as a table, with the thresholds under the values they bound, and
//! the flags raised.

use std::time::Duration;

use super::grid::{Align, Grid};
use super::monitors::raised_levels;
use crate::module::{LaneReadings, Levels, Reading, Snapshot};
use crate::report::quality;
use crate::report::quantity::{self, NONE};
use crate::units::{Amperes, Watts};

/// Writes a row for each lane and one for each threshold level; nothing where
/// the lanes of a module say nothing.
pub(super) fn write(snapshot: &Snapshot, out: &mut String) {
    let says = |cells: [String; 10]| cells.iter().skip(1).any(|cell| cell != NONE);
    if !snapshot
        .lanes
        .iter()
        .any(|lane| says(lane_row(snapshot, lane)))
    {
        return;
    }
    use Align::{Left, Right};
    out.push('\n');
    let mut grid = Grid::new(&[
        Right, Left, Right, Right, Right, Right, Right, Right, Right, Right,
    ]);
    grid.row([
        "Lane",
        "Data path",
        "App",
        "Tx mW",
        "dBm",
        "Bias mA",
        "Rx mW",
        "dBm",
        "Rx margin dB",
        "SNR dB",
    ]);
    for lane in &snapshot.lanes {
        grid.row(lane_row(snapshot, lane));
    }
    write_thresholds(snapshot, &mut grid);
    grid.without_empty_columns(NONE).write(0, out);
}

/// Writes the latched flags that were found raised, the module's and then, for
/// each flag of lanes, the lanes.
pub(super) fn write_flags(snapshot: &Snapshot, out: &mut String) {
    let mut raised_on: Vec<(String, Vec<String>)> = Vec::new();
    for lane in &snapshot.lanes {
        for flag in raised(lane) {
            match raised_on.iter_mut().find(|(name, _)| *name == flag) {
                Some((_, lanes)) => lanes.push(lane.lane.to_string()),
                None => raised_on.push((flag, vec![lane.lane.to_string()])),
            }
        }
    }
    let of_module = super::monitors::raised(snapshot);
    if raised_on.is_empty() && of_module.is_empty() {
        return;
    }
    super::heading("Flags raised since they were last read", out);
    let mut grid = Grid::new(&[]);
    for flag in &of_module {
        grid.row([flag.as_str(), "module"]);
    }
    for (flag, lanes) in &raised_on {
        let word = if lanes.len() == 1 { "lane" } else { "lanes" };
        grid.row([flag.as_str(), &format!("{word} {}", lanes.join(" "))]);
    }
    grid.write(2, out);
}

fn lane_row(snapshot: &Snapshot, lane: &LaneReadings) -> [String; 10] {
    let rx_levels = snapshot.thresholds.rx_power.value();
    let margin = lane
        .rx_power
        .value()
        .zip(rx_levels)
        .and_then(|(p, l)| quantity::margin_db(p, l));
    let [tx_milliwatts, tx_dbm] = power(lane.tx_power.value());
    let [rx_milliwatts, rx_dbm] = power(lane.rx_power.value());
    [
        lane.lane.to_string(),
        data_path_state(lane),
        lane.active_application
            .value()
            .map_or_else(none, |app| app.to_string()),
        tx_milliwatts,
        tx_dbm,
        bias(lane.tx_bias.value()),
        rx_milliwatts,
        rx_dbm,
        margin.map_or_else(none, |margin| format!("{:+.1}", margin.amount)),
        snr(snapshot, lane),
    ]
}

/// Writes the error ratios of test patterns, one row a lane and side.
pub(super) fn write_pattern_ber(snapshot: &Snapshot, out: &mut String) {
    if snapshot.pattern_ber.is_empty() {
        return;
    }
    out.push_str("\nTest pattern BER, worth something only while a pattern checker runs\n");
    let mut grid = Grid::new(&[Align::Right, Align::Left, Align::Right]);
    for found in &snapshot.pattern_ber {
        let ratio = found.ber.value().map(|ber| format!("{:.2e}", ber.ratio()));
        grid.row([
            found.lane.to_string(),
            found.side.name().to_owned(),
            ratio.unwrap_or_else(none),
        ]);
    }
    grid.write(2, out);
}

/// Writes how long signals take through the module, one row for each host lane.
pub(super) fn write_latencies(snapshot: &Snapshot, out: &mut String) {
    if snapshot.latency.is_empty() {
        return;
    }
    out.push('\n');
    let mut grid = Grid::new(&[Align::Right; 3]);
    grid.row(["Host lane", "Rx latency ns", "Tx latency ns"]);
    let shown = |latency: Reading<Duration>| {
        latency
            .value()
            .map_or_else(none, |latency| latency.as_nanos().to_string())
    };
    for latency in &snapshot.latency {
        grid.row([
            latency.lane.to_string(),
            shown(latency.rx),
            shown(latency.tx),
        ]);
    }
    grid.write(0, out);
}

/// The names of a lane's flags that were found raised, as words.
pub(in crate::report) fn raised(lane: &LaneReadings) -> Vec<String> {
    let signals = lane.signals.named().into_iter();
    let signals = signals
        .filter(|(_, flag)| flag.value() == Some(true))
        .map(|(name, _)| name.replace('_', " "));
    signals
        .chain(raised_levels("tx power", lane.tx_power_flags))
        .chain(raised_levels("tx bias", lane.tx_bias_flags))
        .chain(raised_levels("rx power", lane.rx_power_flags))
        .collect()
}

/// The data path state of a lane in words.
pub(in crate::report) fn data_path_state(lane: &LaneReadings) -> String {
    lane.data_path_state.value().map_or_else(none, |state| {
        state.name().map_or_else(
            |code| format!("reserved {code}"),
            |name| name.replace('_', " "),
        )
    })
}

/// The media-side signal to noise ratio of a lane, else the host side's.
pub(in crate::report) fn snr(snapshot: &Snapshot, lane: &LaneReadings) -> String {
    let best = quality::lane_snr(snapshot)
        .into_iter()
        .filter(|(of, _, _)| *of == lane.lane.number())
        .max_by_key(|(_, side, _)| *side);
    best.map_or_else(none, |(_, _, decibels)| format!("{decibels:.1}"))
}

fn write_thresholds(snapshot: &Snapshot, grid: &mut Grid) {
    let thresholds = &snapshot.thresholds;
    type Pick<T> = fn(Levels<T>) -> T;
    let rows: [(&str, Pick<Watts>, Pick<Amperes>); 4] = [
        ("high alarm", |l| l.high_alarm, |l| l.high_alarm),
        ("high warning", |l| l.high_warning, |l| l.high_warning),
        ("low warning", |l| l.low_warning, |l| l.low_warning),
        ("low alarm", |l| l.low_alarm, |l| l.low_alarm),
    ];
    let powers = [thresholds.tx_power, thresholds.rx_power];
    let is_absent = |levels: &Reading<Levels<Watts>>| levels.value().is_none();
    if powers.iter().all(is_absent) && thresholds.tx_bias.value().is_none() {
        return;
    }
    for (name, watts, amperes) in rows {
        let [tx_milliwatts, tx_dbm] = power(thresholds.tx_power.value().map(watts));
        let [rx_milliwatts, rx_dbm] = power(thresholds.rx_power.value().map(watts));
        let bias = bias(thresholds.tx_bias.value().map(amperes));
        grid.row([
            "",
            name,
            "",
            &tx_milliwatts,
            &tx_dbm,
            &bias,
            &rx_milliwatts,
            &rx_dbm,
        ]);
    }
}

/// Milliwatts and dBm of a power, `-` where there is none.
fn power(power: Option<Watts>) -> [String; 2] {
    power.map_or_else(
        || [none(), none()],
        |power| [quantity::milliwatts(power), quantity::dbm(power)],
    )
}

fn bias(current: Option<Amperes>) -> String {
    current.map_or_else(none, quantity::milliamperes)
}

fn none() -> String {
    NONE.to_owned()
}
