//! The monitors of the whole module, between its own thresholds.

use maud::{Markup, html};

use super::{bar, part};
use crate::module::{Levels, Reading, Snapshot};
use crate::report::{quantity, text};

pub(super) fn section(module: &Snapshot) -> Markup {
    let monitors = &module.monitors;
    let thresholds = &module.thresholds;
    let temperature = thresholds.temperature.map(|l| l.map(|t| t.celsius()));
    let supply = thresholds.supply.map(|l| l.map(|v| v.volts()));
    let alone = Reading::NOT_ADVERTISED;
    let rows = [
        (
            "Temperature",
            "°C",
            monitors.temperature.map(|t| t.celsius()),
            temperature,
        ),
        ("Supply", "V", monitors.supply.map(|v| v.volts()), supply),
        (
            "Laser temperature",
            "°C",
            monitors.laser_temperature.map(|t| t.celsius()),
            alone,
        ),
        (
            "TEC current",
            "%",
            monitors.tec_current.map(|s| s.ratio() * 100.0),
            alone,
        ),
        (
            "Second supply",
            "V",
            monitors.supply_2.map(|v| v.volts()),
            alone,
        ),
    ];
    let table = html! { table {
        thead { tr {
            th scope="col" { "Monitor" } th.n scope="col" { "Value" } th scope="col" { "Unit" }
            th scope="col" { "Between thresholds" } th scope="col" { "Margin" }
            th.n scope="col" title="low alarm, low warning; high warning, high alarm" { "Thresholds" }
        } }
        tbody { @for (name, unit, value, levels) in rows { (row(name, unit, value, levels)) } }
    } };
    let raised = text::raised_module_flags(module);
    html! {
        section id="monitors" {
            h2 { "Monitors" }
            (part::scroll("Monitors", &table))
            @if !raised.is_empty() { p.flags { "Flags raised: " (raised.join(", ")) } }
        }
    }
}

fn row(name: &str, unit: &str, value: Reading<f64>, levels: Reading<Levels<f64>>) -> Markup {
    let both = value.value().zip(levels.value());
    let show = |value: f64| {
        if unit == "V" {
            format!("{value:.3}")
        } else {
            format!("{value:.1}")
        }
    };
    let margin = both.and_then(|(value, levels)| quantity::margin(value, levels));
    html! {
        tr {
            th scope="row" { (name) }
            td.n { @match value {
                Reading::Value(value) => (show(value)),
                Reading::Absent(why) => (part::absent(why.reason())),
            } }
            td.quiet { (unit) }
            td { @if let Some(bar) = both.and_then(|(v, l)| bar::bar(v, l)) { (bar) } }
            td { @match margin {
                Some(margin) => { (show(margin.amount)) " to " (margin.towards()) },
                None => (part::absent_because(value.absence().or(levels.absence()))),
            } }
            td.n { @match levels {
                Reading::Value(l) => {
                    (show(l.low_alarm)) ", " (show(l.low_warning)) "; "
                    (show(l.high_warning)) ", " (show(l.high_alarm))
                },
                Reading::Absent(why) => (part::absent(why.reason())),
            } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn values_stand_between_their_thresholds_and_gaps_say_why() {
        let page = section(&sample::module("S1")).into_string();
        for wanted in [
            "<td class=\"n\">46.5</td>",
            "23.5 to high warning",
            "-5.0, 0.0; 70.0, 75.0",
            "0.155 to low warning",
            "title=\"not ready\"",
            "Flags raised: ",
            "<svg class=\"bar ok\"",
        ] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
    }
}
