//! Module-wide monitors beside their thresholds.

use super::grid::{Align, Grid};
use crate::module::{Levels, Reading, Snapshot};
use crate::report::quantity::{self, NONE};

/// Writes each monitor with its thresholds and its margin to the nearer
/// warning; nothing where there is no monitor.
pub(super) fn write(snapshot: &Snapshot, out: &mut String) {
    let monitors = &snapshot.monitors;
    let thresholds = &snapshot.thresholds;
    let rows = [
        Row {
            name: "Temperature",
            unit: "°C",
            digits: 1,
            value: monitors.temperature.map(|t| t.celsius()),
            levels: thresholds.temperature.map(|l| l.map(|t| t.celsius())),
        },
        Row {
            name: "Supply",
            unit: "V",
            digits: 3,
            value: monitors.supply.map(|v| v.volts()),
            levels: thresholds.supply.map(|l| l.map(|v| v.volts())),
        },
        Row::alone(
            "Laser temperature",
            "°C",
            1,
            monitors.laser_temperature.map(|t| t.celsius()),
        ),
        Row::alone(
            "TEC current",
            "%",
            1,
            monitors.tec_current.map(|s| s.ratio() * 100.0),
        ),
        Row::alone(
            "Second supply",
            "V",
            3,
            monitors.supply_2.map(|v| v.volts()),
        ),
    ];
    write_rows(&rows, snapshot, out);
}

struct Row {
    name: &'static str,
    unit: &'static str,
    digits: usize,
    value: Reading<f64>,
    levels: Reading<Levels<f64>>,
}

impl Row {
    fn alone(name: &'static str, unit: &'static str, digits: usize, value: Reading<f64>) -> Self {
        Self {
            name,
            unit,
            digits,
            value,
            levels: Reading::NOT_ADVERTISED,
        }
    }
}

fn write_rows(rows: &[Row], snapshot: &Snapshot, out: &mut String) {
    use Align::{Left, Right};
    let mut grid = Grid::new(&[Left, Right, Left, Right, Right, Right, Right, Left]);
    grid.row([
        "Monitor",
        "Value",
        "Unit",
        "Low alarm",
        "Low warn",
        "High warn",
        "High alarm",
        "Margin",
    ]);
    let known = rows
        .iter()
        .filter(|row| row.value.value().is_some() || row.levels.value().is_some());
    let known: Vec<&Row> = known.collect();
    if known.is_empty() && snapshot.monitors.vendor.is_empty() {
        return;
    }
    for row in known {
        let show = |value: f64| format!("{value:.*}", row.digits);
        let levels = row.levels.value();
        let level =
            |pick: fn(Levels<f64>) -> f64| levels.map_or_else(String::new, |l| show(pick(l)));
        let margin = row
            .value
            .value()
            .zip(levels)
            .and_then(|(v, l)| quantity::margin(v, l));
        grid.row([
            row.name,
            &row.value.value().map_or_else(|| NONE.to_owned(), show),
            row.unit,
            &level(|l| l.low_alarm),
            &level(|l| l.low_warning),
            &level(|l| l.high_warning),
            &level(|l| l.high_alarm),
            &margin.map_or_else(String::new, |m| {
                format!("{} to {}", show(m.amount), m.towards())
            }),
        ]);
    }
    for (name, raw) in &snapshot.monitors.vendor {
        grid.row([name, &*raw.to_string(), "raw"]);
    }
    out.push('\n');
    grid.without_empty_columns("").write(0, out);
}

/// The names of the module-wide flags that were found raised.
pub(in crate::report) fn raised(snapshot: &Snapshot) -> Vec<String> {
    let flags = &snapshot.flags;
    let quantities = [
        ("temperature", flags.temperature),
        ("supply", flags.supply),
        ("aux1", flags.aux1),
        ("aux2", flags.aux2),
        ("aux3", flags.aux3),
        ("custom", flags.custom),
    ];
    let single = [
        ("module state changed", flags.state_changed),
        ("module firmware error", flags.module_firmware_error),
        ("data path firmware error", flags.data_path_firmware_error),
    ];
    let levels = quantities
        .into_iter()
        .flat_map(|(name, levels)| raised_levels(name, levels));
    let single = single
        .into_iter()
        .filter(|(_, flag)| flag.value() == Some(true))
        .map(|(name, _)| name.to_owned());
    levels.chain(single).collect()
}

/// The levels of a quantity whose flags were found raised, as words.
pub(in crate::report) fn raised_levels(
    quantity: &str,
    levels: Reading<Levels<bool>>,
) -> impl Iterator<Item = String> {
    levels
        .value()
        .into_iter()
        .flat_map(Levels::named)
        .filter(|(_, raised)| *raised)
        .map(move |(level, _)| format!("{quantity} {}", level.replace('_', " ")))
}
