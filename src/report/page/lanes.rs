//! The lanes of a port: levels between the module's own thresholds, state and
//! flags; and the VDM observables by lane.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::{bar, part};
use crate::class::Classification;
use crate::module::{Absence, LaneReadings, Levels, Reading, Snapshot, VdmSample};
use crate::names::Side;
use crate::report::quantity::{self, Margin};
use crate::report::{codes, quality, text};
use crate::units::{Amperes, Watts};

/// The lanes, with the light and the laser current of each between the module's own
/// thresholds.
pub(super) fn lanes(module: &Snapshot) -> Markup {
    let title = html! { "Lanes " small { "between the module's own thresholds; margins to the nearer warning" } };
    let table = html! { table.lanes {
        thead { tr {
            th.n scope="col" { "Lane" } th scope="col" { "Data path" } th.n scope="col" { "App" }
            th.n scope="col" { "Rx mW" } th.n scope="col" { "Rx dBm" } th scope="col" { "Rx light" }
            th.n scope="col" { "Margin dB" }
            th.n scope="col" { "Tx mW" } th.n scope="col" { "Tx dBm" } th scope="col" { "Tx light" }
            th.n scope="col" { "Margin dB" }
            th.n scope="col" { "Bias mA" } th scope="col" { "Bias" } th.n scope="col" { "Margin mA" }
            th.n scope="col" { "SNR dB" } th scope="col" { "Flags raised" }
        } }
        tbody { @for lane in &module.lanes { (row(module, lane)) } }
        (thresholds(module))
    } };
    html! {
        @if !module.lanes.is_empty() { (part::wide("lanes", &title, &part::scroll("Lanes", &table))) }
    }
}

fn row(module: &Snapshot, lane: &LaneReadings) -> Markup {
    let thresholds = &module.thresholds;
    let raised = text::raised_flags(lane);
    html! {
        tr {
            th.n scope="row" { (lane.lane) }
            td { @match lane.data_path_state.absence() {
                None => (text::data_path_state(lane)),
                Some(why) => (part::absent(why.reason())),
            } }
            td.n { @match lane.active_application {
                Reading::Value(0) => (part::absent("no application is in use")),
                Reading::Value(app) => (app),
                Reading::Absent(why) => (part::absent(why.reason())),
            } }
            (light(lane.rx_power, thresholds.rx_power))
            (light(lane.tx_power, thresholds.tx_power))
            (bias(lane.tx_bias, thresholds.tx_bias))
            td.n { (part::or_none(&text::snr(module, lane), "not told")) }
            td { @if raised.is_empty() { span.quiet { "none" } } @else { span.flags { (raised.join(", ")) } } }
        }
    }
}

/// Light: milliwatts, dBm, its bar, and its margin in dB.
fn light(reading: Reading<Watts>, levels: Reading<Levels<Watts>>) -> Markup {
    let both = reading.value().zip(levels.value());
    let margin = both.and_then(|(power, levels)| quantity::margin_db(power, levels));
    let why = match reading {
        Reading::Value(_) if levels.value().is_some() => "no light, so no level to compare",
        Reading::Value(_) => "the module has no thresholds for it",
        Reading::Absent(why) => why.reason(),
    };
    html! {
        (power(reading))
        td { @if let Some(bar) = both.and_then(|(power, levels)| bar::power(power, levels)) { (bar) } }
        td.n { (margin_cell(margin, 1, why)) }
    }
}

/// Laser current: milliamperes, its bar, and its margin.
fn bias(reading: Reading<Amperes>, levels: Reading<Levels<Amperes>>) -> Markup {
    let levels = levels.map(|levels| levels.map(|c| c.amperes() * 1e3));
    let both = reading
        .map(|c| c.amperes() * 1e3)
        .value()
        .zip(levels.value());
    let margin = both.and_then(|(current, levels)| quantity::margin(current, levels));
    let why = reading
        .absence()
        .map_or("the module has no thresholds for it", Absence::reason);
    html! {
        td.n { @match reading {
            Reading::Value(current) => (quantity::milliamperes(current)),
            Reading::Absent(why) => (part::absent(why.reason())),
        } }
        td { @if let Some(bar) = both.and_then(|(current, levels)| bar::bar(current, levels)) { (bar) } }
        td.n { (margin_cell(margin, 0, why)) }
    }
}

/// A margin with an arrow to the threshold that it is to; one that is used up is
/// marked.
fn margin_cell(margin: Option<Margin>, digits: usize, why: &str) -> Markup {
    let Some(margin) = margin else {
        return part::absent(why);
    };
    let arrow = if margin.to_high { "↑" } else { "↓" };
    let amount = margin.amount;
    html! {
        span.flags[amount < 0.0] title=(format!("to the {}", margin.towards())) {
            (format!("{amount:+.digits$}")) " " (arrow)
            span.hidden { " to the " (margin.towards()) }
        }
    }
}

fn power(power: Reading<Watts>) -> Markup {
    html! {
        @match power {
            Reading::Value(power) => {
                td.n { (quantity::milliwatts(power)) }
                td.n { (part::or_none(&quantity::dbm(power), "no light")) }
            }
            Reading::Absent(why) => {
                td.n { (part::absent(why.reason())) }
                td.n { (part::absent(why.reason())) }
            }
        }
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
                th scope="row" colspan="3" { (name) }
                (power(thresholds.rx_power.map(watts)))
                td {} td {}
                (power(thresholds.tx_power.map(watts)))
                td {} td {}
                td.n { @match thresholds.tx_bias.map(amperes) {
                    Reading::Value(current) => (quantity::milliamperes(current)),
                    Reading::Absent(why) => (part::absent(why.reason())),
                } }
                td {} td {} td {} td {}
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
    let title = html! { "Signal quality " small { "versatile diagnostics" } };
    let table = html! { table {
        thead { tr {
            th scope="col" { "Observable" } th scope="col" { "Side" } th scope="col" { "Statistic" }
            th scope="col" { "Unit" }
            @for lane in &lanes { th.n scope="col" { @match lane {
                Some(lane) => { "Lane " (lane) }
                None => "Whole",
            } } }
        } }
        tbody { @for kind in kinds { (vdm_row(module, class, kind, &lanes)) } }
    } };
    html! {
        @if !module.vdm.is_empty() { (part::wide("vdm", &title, &part::scroll("Signal quality", &table))) }
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
                th scope="row" { (codes::observable(first)) }
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
    let Some(sample) = sample else {
        return html! { td.n {} };
    };
    let value = match sample.value {
        Reading::Value(value) => value,
        Reading::Absent(why) => return html! { td.n { (part::absent(why.reason())) } },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn light_and_current_have_margins_to_the_nearer_threshold() {
        let mut module = sample::module("S1");
        if let Some(lane) = module.lanes.get_mut(1) {
            lane.rx_power = Reading::Value(Watts::new(0.0));
            lane.tx_power = Reading::Absent(Absence::NotReady);
        }
        if let Some(lane) = module.lanes.get_mut(2) {
            lane.rx_power = Reading::Value(Watts::new(1.8e-4));
        }
        let page = lanes(&module).into_string();
        for wanted in [
            // 0.95 mW is 4.7 dB below 2.82 and 6.8 dB above 0.2 mW.
            "title=\"to the high warning\">+4.7 ↑",
            // 0.18 mW is 0.5 dB below the low warning.
            "class=\"flags\" title=\"to the low warning\">-0.5 ↓",
            "title=\"no light\"",
            "title=\"not ready\"",
            // 85 mA, with 110 mA the high warning.
            "title=\"to the high warning\">+25 ↑",
            "<svg class=\"bar degraded\"",
        ] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
    }
}
