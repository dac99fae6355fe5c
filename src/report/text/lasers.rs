//! Lasers one by one: how tunable ones are set, what an external source does.

use super::grid::{Align, Grid};
use super::{heading, line};
use crate::module::{Laser, LaserSource, Reading, Snapshot, SourceLane};
use crate::report::quantity::{self, NONE};
use crate::units::{Hertz, Watts};

/// Writes a row for each laser whose frequency the module tells, then what an
/// external source says of its lasers.
pub(super) fn write(snapshot: &Snapshot, out: &mut String) {
    if !snapshot.lasers.is_empty() {
        out.push('\n');
        let mut grid = Grid::new(&[Align::Right; 6]);
        grid.row([
            "Lane",
            "Laser THz",
            "Set THz",
            "Channel",
            "Grid GHz",
            "Target dBm",
            "Laser state",
        ]);
        for laser in &snapshot.lasers {
            grid.row(row(laser));
        }
        grid.write(0, out);
        write_own_thresholds(snapshot, out);
    }
    if let Some(source) = &snapshot.laser_source {
        write_source(source, out);
    }
}

fn row(laser: &Laser) -> [String; 7] {
    [
        laser.lane.to_string(),
        terahertz(laser.frequency),
        terahertz(laser.set_frequency),
        shown(laser.channel, |channel| channel.to_string()),
        grid(laser),
        shown(laser.target_power, quantity::dbm),
        state(laser),
    ]
}

/// What the laser does, with the flags that were found raised.
fn state(laser: &Laser) -> String {
    let now = match (laser.tuning.value(), laser.locked.value()) {
        (Some(true), _) => Some("tuning"),
        (_, Some(true)) => Some("locked"),
        (_, Some(false)) => Some("not locked"),
        (_, None) => None,
    };
    let raised = laser
        .named_flags()
        .filter(|(_, flag)| flag.value() == Some(true))
        .map(|(name, _)| name.replace('_', " "));
    let words: Vec<String> = now.map(str::to_owned).into_iter().chain(raised).collect();
    if words.is_empty() {
        NONE.to_owned()
    } else {
        words.join(", ")
    }
}

fn grid(laser: &Laser) -> String {
    match (laser.grid_spacing(), laser.grid_code) {
        (Reading::Value(spacing), _) => quantity::rounded(spacing.hertz() / 1e9),
        (_, Reading::Value(code)) => format!("reserved {code}"),
        _ => NONE.to_owned(),
    }
}

fn write_source(source: &LaserSource, out: &mut String) {
    heading("Laser source", out);
    for fact in facts(source) {
        line(&fact, out);
    }
    let mut grid = Grid::new(&[
        Align::Right,
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
    ]);
    grid.row([
        "Lane",
        "Laser",
        "Set mW",
        "Set mA",
        "Voltage V",
        "Faults and warnings",
    ]);
    for lane in &source.lanes {
        grid.row(source_row(lane));
    }
    grid.write(0, out);
}

fn facts(source: &LaserSource) -> Vec<String> {
    let mut facts = Vec::new();
    if let Reading::Value(holds_power) = source.holds_power {
        let held = if holds_power { "power" } else { "current" };
        facts.push(format!("holds {held} constant"));
    }
    if let Reading::Value([most, least]) = source.power_limits {
        let [least, most] = [least, most].map(quantity::milliwatts);
        facts.push(format!("power can be set from {least} to {most} mW"));
    }
    if let Reading::Value([most, least]) = source.bias_limits {
        let [least, most] = [least, most].map(quantity::milliamperes);
        facts.push(format!("bias can be set from {least} to {most} mA"));
    }
    if let Reading::Value(current) = source.supply_current {
        facts.push(format!("draws {} mA", quantity::milliamperes(current)));
    }
    facts
}

fn source_row(lane: &SourceLane) -> [String; 6] {
    let state = lane.state.map(|state| match state.name() {
        Ok(name) => name.to_owned(),
        Err(code) => format!("reserved {code}"),
    });
    let enabled = match lane.enabled {
        Reading::Value(false) => ", not enabled",
        Reading::Value(true) | Reading::Absent(_) => "",
    };
    [
        lane.lane.to_string(),
        shown(state, |state| state + enabled),
        shown(lane.power_set_point, quantity::milliwatts),
        shown(lane.bias_set_point, quantity::milliamperes),
        shown(lane.voltage, |v| format!("{:.3}", v.volts())),
        trouble(lane),
    ]
}

fn trouble(lane: &SourceLane) -> String {
    let code = |word: &str, code: Reading<u8>| {
        let code = code.value().filter(|code| *code != 0)?;
        Some(format!("{word}: {}", cause(code)))
    };
    let warned = (lane.warning == Reading::Value(true)).then(|| "warning flag".to_owned());
    [
        code("fault", lane.fault_code),
        code("warning", lane.warning_code),
        warned,
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}

/// What a fault or warning code of a laser says (ELSFP 1Ah:212-219).
fn cause(code: u8) -> String {
    match code {
        1 => "power control failed".to_owned(),
        2 => "current control failed".to_owned(),
        9.. => format!("the vendor's code {code}"),
        _ => format!("reserved code {code}"),
    }
}

fn terahertz(frequency: Reading<Hertz>) -> String {
    shown(frequency, |f| format!("{:.6}", f.hertz() / 1e12))
}

fn shown<T>(reading: Reading<T>, show: impl FnOnce(T) -> String) -> String {
    reading.value().map_or_else(|| NONE.to_owned(), show)
}

/// Writes the thresholds that single lanes have for transmit power.
fn write_own_thresholds(snapshot: &Snapshot, out: &mut String) {
    for laser in &snapshot.lasers {
        if let Reading::Value(levels) = laser.tx_power_thresholds {
            let level = |(name, power): (&str, Watts)| {
                format!("{} {}", name.replace('_', " "), quantity::dbm(power))
            };
            let levels: Vec<String> = levels.named().into_iter().map(level).collect();
            let text = format!("lane {} tx power, dBm: {}", laser.lane, levels.join(", "));
            line(&text, out);
        }
    }
}
