//! Amplitudes that an enhanced LPO module measures, lane by lane.

use super::grid::{Align, Grid};
use super::monitors::raised_levels;
use crate::module::{EnhancedLpo, Levels, LpoLane, Reading};
use crate::report::quantity::{self, NONE};
use crate::units::{Volts, Watts};

/// Writes a row for each lane and one for each threshold level.
pub(super) fn write(lpo: &EnhancedLpo, out: &mut String) {
    out.push('\n');
    let mut grid = Grid::new(&[
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Left,
    ]);
    grid.row(["Lane", "Host mV", "Rx OMA mW", "dBm", "Flags raised"]);
    for lane in &lpo.lanes {
        grid.row(row(lane));
    }
    write_thresholds(lpo, &mut grid);
    grid.write(0, out);
    for (direction, polarity) in [("transmit", lpo.tx_polarity), ("receive", lpo.rx_polarity)] {
        let lanes: Vec<String> = (0..8)
            .filter(|lane| polarity >> lane & 1 == 1)
            .map(|lane| (lane + 1).to_string())
            .collect();
        if !lanes.is_empty() {
            let text = format!("{direction} lanes inverted: {}", lanes.join(", "));
            super::line(&text, out);
        }
    }
}

fn row(lane: &LpoLane) -> [String; 5] {
    let flags: Vec<String> = raised_levels("host amplitude", lane.vma_flags)
        .chain(raised_levels("optical amplitude", lane.oma_flags))
        .collect();
    let [milliwatts, dbm] = optical(lane.oma);
    [
        lane.lane.to_string(),
        millivolts(lane.vma),
        milliwatts,
        dbm,
        flags.join(", "),
    ]
}

fn write_thresholds(lpo: &EnhancedLpo, grid: &mut Grid) {
    type Pick<T> = fn(Levels<T>) -> T;
    let rows: [(&str, Pick<Volts>, Pick<Watts>); 4] = [
        ("high alarm", |l| l.high_alarm, |l| l.high_alarm),
        ("high warning", |l| l.high_warning, |l| l.high_warning),
        ("low warning", |l| l.low_warning, |l| l.low_warning),
        ("low alarm", |l| l.low_alarm, |l| l.low_alarm),
    ];
    for (name, volts, watts) in rows {
        let [milliwatts, dbm] = optical(lpo.oma_thresholds.map(watts));
        let host = millivolts(lpo.vma_thresholds.map(volts));
        grid.row([name, &host, &milliwatts, &dbm]);
    }
}

fn millivolts(amplitude: Reading<Volts>) -> String {
    amplitude.value().map_or_else(
        || NONE.to_owned(),
        |amplitude| format!("{:.0}", amplitude.volts() * 1e3),
    )
}

/// Milliwatts and dBm of an amplitude, `-` where there is none.
fn optical(amplitude: Reading<Watts>) -> [String; 2] {
    amplitude.value().map_or_else(
        || [NONE.to_owned(), NONE.to_owned()],
        |amplitude| [quantity::milliwatts(amplitude), quantity::dbm(amplitude)],
    )
}
