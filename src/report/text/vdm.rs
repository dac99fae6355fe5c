//! VDM observables: one row for each quantity and statistic, one column for each
//! lane.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::grid::{Align, Grid};
use crate::class::Classification;
use crate::module::{Snapshot, Statistic, VdmSample};
use crate::names::Side;
use crate::report::quantity::{self, NONE};
use crate::report::{codes, quality};

/// Writes the observables of each bank. A value with a raised flag carries `!`;
/// error counts of a module that has no way to know them are set in brackets.
pub(super) fn write(snapshot: &Snapshot, class: &Classification, out: &mut String) {
    let banks: BTreeSet<u8> = snapshot.vdm.iter().map(|s| s.bank.number()).collect();
    for bank in &banks {
        let of_bank = snapshot.vdm.iter().filter(|s| s.bank.number() == *bank);
        let samples: Vec<&VdmSample> = of_bank.collect();
        let title = match banks.len() {
            1 => "VDM observable".to_owned(),
            _ => format!("VDM observable, bank {bank}"),
        };
        out.push('\n');
        bank_grid(title, &samples, class).write(0, out);
    }
    if snapshot.vdm.iter().any(is_flagged) {
        super::line("! flag raised", out);
    }
    if snapshot
        .vdm
        .iter()
        .any(|sample| quality::is_unfounded(sample, class))
    {
        super::line("in brackets: a module of this class cannot measure it", out);
    }
}

fn bank_grid(title: String, samples: &[&VdmSample], class: &Classification) -> Grid {
    let lanes: BTreeSet<Option<u8>> = samples.iter().map(|s| s.lane).collect();
    let mut rows: BTreeMap<u8, Vec<&VdmSample>> = BTreeMap::new();
    for sample in samples {
        rows.entry(sample.observable).or_default().push(sample);
    }
    let numbers = vec![Align::Right; lanes.len()];
    let mut grid = Grid::new(&[&[Align::Left; 4], numbers.as_slice()].concat());
    let columns = lanes.iter().map(|lane| match lane {
        Some(lane) => format!("Lane {lane} "),
        None => "Whole ".to_owned(),
    });
    let more = ["Side", "Stat", "Unit"].map(str::to_owned);
    grid.row([title].into_iter().chain(more).chain(columns));
    for row in in_reading_order(rows) {
        let cells = lanes.iter().map(|lane| {
            let sample = row.iter().find(|sample| sample.lane == *lane);
            sample.map_or_else(String::new, |sample| cell(sample, class))
        });
        let head = row.first().map(|sample| head_of(sample));
        grid.row(head.into_iter().flatten().chain(cells));
    }
    grid.without_empty_columns("")
}

/// The rows of one quantity together, the media side before the host's, each with what it
/// reads now and then its statistics.
fn in_reading_order(rows: BTreeMap<u8, Vec<&VdmSample>>) -> Vec<Vec<&VdmSample>> {
    let mut rows: Vec<(u8, Vec<&VdmSample>)> = rows.into_iter().collect();
    let names: Vec<(u8, Option<String>)> = rows
        .iter()
        .map(|(code, row)| (*code, row.first().map(|sample| codes::observable(sample))))
        .collect();
    rows.sort_by_cached_key(|(code, row)| {
        let first = row.first();
        let name = first.map(|sample| codes::observable(sample));
        let quantity = names.iter().find(|(_, other)| *other == name);
        let side = Reverse(first.and_then(|sample| sample.side));
        let statistic = first.map(|sample| rank(sample.statistic));
        (quantity.map(|(code, _)| *code), side, statistic, *code)
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

fn rank(statistic: Statistic) -> u8 {
    match statistic {
        Statistic::Current => 0,
        Statistic::Minimum => 1,
        Statistic::Average => 2,
        Statistic::Maximum => 3,
        Statistic::Total => 4,
    }
}

fn head_of(sample: &VdmSample) -> [String; 4] {
    [
        codes::observable(sample),
        sample.side.map_or("", Side::name).to_owned(),
        statistic(sample),
        match sample.unit {
            "decibels" => "dB",
            "celsius" => "°C",
            "hertz" => "Hz",
            "volts" => "V",
            "watts" => "W",
            unit => unit,
        }
        .to_owned(),
    ]
}

/// What the value tells over time, and whether it is of an interval under way.
fn statistic(sample: &VdmSample) -> String {
    let name = match sample.statistic {
        Statistic::Current => "now",
        Statistic::Minimum => "min",
        Statistic::Average => "mean",
        Statistic::Maximum => "max",
        Statistic::Total => "sum",
    };
    if sample.statistic.is_over_time() && !sample.frozen {
        format!("{name}, unfrozen")
    } else {
        name.to_owned()
    }
}

fn cell(sample: &VdmSample, class: &Classification) -> String {
    let value = sample.value.value().map_or_else(
        || NONE.to_owned(),
        |value| quantity::in_unit(value, sample.unit),
    );
    let flag = if is_flagged(sample) { '!' } else { ' ' };
    if quality::is_unfounded(sample, class) {
        format!("({value}){flag}")
    } else {
        format!("{value}{flag}")
    }
}

/// Whether one of the sample's own threshold flags was found raised.
fn is_flagged(sample: &VdmSample) -> bool {
    sample.flags.value().is_some_and(|flags| flags != 0)
}
