//! The lanes of a port: levels between the module's own thresholds, state and
//! flags; and the VDM observables by lane.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::bar;
use crate::class::Classification;
use crate::module::{LaneReadings, Levels, Snapshot, VdmSample};
use crate::names::Side;
use crate::report::quantity::{self, NONE};
use crate::report::{codes, quality, text};
use crate::units::{Amperes, Watts};

pub(super) fn lanes(module: &Snapshot) -> Markup {
    html! {
        @if !module.lanes.is_empty() {
            section.wide {
                h2 { "Lanes" }
                div.scroll { table.lanes {
                    thead { tr {
                        th.n { "Lane" } th { "Data path" } th.n { "App" }
                        th.n { "Rx mW" } th.n { "dBm" } th { "" } th.n { "Margin dB" }
                        th.n { "Tx mW" } th.n { "dBm" } th { "" }
                        th.n { "Bias mA" } th { "" } th.n { "SNR dB" } th { "Flags raised" }
                    } }
                    tbody { @for lane in &module.lanes { (row(module, lane)) } }
                    (thresholds(module))
                } }
            }
        }
    }
}

fn row(module: &Snapshot, lane: &LaneReadings) -> Markup {
    let thresholds = &module.thresholds;
    let rx = lane.rx_power.value();
    let rx_levels = thresholds.rx_power.value();
    let margin = rx
        .zip(rx_levels)
        .and_then(|(power, levels)| quantity::margin_db(power, levels));
    let tx = lane.tx_power.value();
    let bias = lane.tx_bias.value();
    let bias_levels = thresholds
        .tx_bias
        .value()
        .map(|levels| levels.map(|c| c.amperes()));
    let raised = text::raised_flags(lane);
    html! {
        tr {
            td.n { (lane.lane) }
            td { (text::data_path_state(lane)) }
            td.n { (lane.active_application.value().map_or_else(none, |app| app.to_string())) }
            (power(rx))
            td { (drawn(rx.zip(rx_levels))) }
            td.n { (margin.map_or_else(none, |margin| format!("{:+.1}", margin.amount))) }
            (power(tx))
            td { (drawn(tx.zip(thresholds.tx_power.value()))) }
            td.n { (bias.map_or_else(none, quantity::milliamperes)) }
            td { @if let Some((bias, levels)) = bias.zip(bias_levels) {
                @if let Some(bar) = bar::bar(bias.amperes(), levels) { (bar) }
            } }
            td.n { (text::snr(module, lane)) }
            td.flags { (raised.join(", ")) }
        }
    }
}

fn drawn(power: Option<(Watts, Levels<Watts>)>) -> Markup {
    html! { @if let Some(bar) = power.and_then(|(power, levels)| bar::power(power, levels)) { (bar) } }
}

fn power(power: Option<Watts>) -> Markup {
    html! {
        td.n { (power.map_or_else(none, quantity::milliwatts)) }
        td.n { (power.map_or_else(none, quantity::dbm)) }
    }
}

fn thresholds(module: &Snapshot) -> Markup {
    let thresholds = &module.thresholds;
    type Pick<T> = fn(Levels<T>) -> T;
    let rows: [(&str, Pick<Watts>, Pick<Amperes>); 4] = [
        ("high alarm", |l| l.high_alarm, |l| l.high_alarm),
        ("high warning", |l| l.high_warning, |l| l.high_warning),
        ("low warning", |l| l.low_warning, |l| l.low_warning),
        ("low alarm", |l| l.low_alarm, |l| l.low_alarm),
    ];
    html! {
        tfoot { @for (name, watts, amperes) in rows {
            tr {
                td {} td { (name) } td {}
                (power(thresholds.rx_power.value().map(watts)))
                td {} td {}
                (power(thresholds.tx_power.value().map(watts)))
                td {}
                td.n { (thresholds.tx_bias.value().map(amperes).map_or_else(none, quantity::milliamperes)) }
                td {} td {} td {}
            }
        } }
    }
}

/// The VDM observables: a row for each, a column for each lane over all banks.
pub(super) fn vdm(module: &Snapshot, class: &Classification) -> Markup {
    let lanes: BTreeSet<Option<u16>> = module
        .vdm
        .iter()
        .map(quality::lane_over_all_banks)
        .collect();
    let kinds: BTreeSet<u8> = module.vdm.iter().map(|sample| sample.observable).collect();
    html! {
        @if !module.vdm.is_empty() {
            section.wide {
                h2 { "Signal quality " small { "versatile diagnostics" } }
                div.scroll { table {
                    thead { tr {
                        th { "Observable" } th { "Side" } th { "Statistic" } th { "Unit" }
                        @for lane in &lanes {
                            th.n { (lane.map_or_else(|| "whole".to_owned(), |lane| lane.to_string())) }
                        }
                    } }
                    tbody { @for kind in kinds { (vdm_row(module, class, kind, &lanes)) } }
                } }
            }
        }
    }
}

fn vdm_row(
    module: &Snapshot,
    class: &Classification,
    kind: u8,
    lanes: &BTreeSet<Option<u16>>,
) -> Markup {
    let samples: Vec<&VdmSample> = module.vdm.iter().filter(|s| s.observable == kind).collect();
    html! {
        @if let Some(first) = samples.first() {
            tr {
                td { (codes::observable(first)) }
                td { (first.side.map_or("", Side::name)) }
                td { (first.statistic.name()) }
                td.quiet { (first.unit) }
                @for lane in lanes {
                    (vdm_cell(samples.iter().find(|s| quality::lane_over_all_banks(s) == *lane).copied(), class))
                }
            }
        }
    }
}

fn vdm_cell(sample: Option<&VdmSample>, class: &Classification) -> Markup {
    let Some((sample, value)) = sample.and_then(|s| Some((s, s.value.value()?))) else {
        return html! { td.n {} };
    };
    let value = quantity::in_unit(value, sample.unit);
    let is_flagged = sample.flags.value().is_some_and(|flags| flags != 0);
    html! {
        @if quality::is_unfounded(sample, class) {
            td.n.quiet title="a module of this class cannot measure it" { "(" (value) ")" }
        } @else if is_flagged {
            td.n.flags title="threshold flag raised" { (value) "!" }
        } @else {
            td.n { (value) }
        }
    }
}

fn none() -> String {
    NONE.to_owned()
}
