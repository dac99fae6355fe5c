//! The charts of a port: error ratios, temperature, received light, with marks for
//! what happened.

use maud::{Markup, html};

use super::chart::{Chart, Line, Mark, Row, Scale, buckets};
use super::past::{Found, Past, Range};
use super::{Seen, address, part};
use crate::report::PortView;
use crate::store::record::EventRecord;

/// The series of error ratios, up to their vantage.
pub(super) const BER: &str = "pre_fec_bit_error_ratio/";
/// The series of received light, up to the lane.
pub(super) const RX_POWER: &str = "lane_rx_power_watts/";
/// The series of the case temperature.
pub(super) const TEMPERATURE: &str = "temperature_celsius";

/// Lanes in one chart.
const LANES: usize = 8;
/// The least light that registers can tell, in watts: below it they say 0.
const LEAST_LIGHT: f64 = 1e-7;
/// Names of vantages in series, and how a person says them: in full, and at the end
/// of a line.
const VANTAGES: [(&str, &str, &str); 3] = [
    ("media/module", "media side, by the module", "media"),
    ("host/module", "host side, by the module", "host"),
    ("host/host", "what the host's FEC counts", "FEC"),
];

pub(super) fn section(seen: &Seen<'_>, past: &Past) -> Markup {
    let title = html! { "Over time" };
    let content = html! {
        (ranges(seen, past.range))
        @match &past.found {
            Ok(found) => (charts(&seen.view, past, found)),
            Err(why) => p.unavailable { "History is not available: " (why) ". The rest of the page is as it stands now." },
        }
    };
    part::wide("history", &title, &content)
}

/// Links to the other ranges.
fn ranges(seen: &Seen<'_>, shown: Range) -> Markup {
    let here = address(&seen.slot.name);
    html! {
        nav.ranges aria-label="Range of the charts" { ul { @for range in Range::ALL {
            li { @if range == shown {
                a href=(format!("{here}?range={}#history", range.name())) aria-current="true" { (range.name()) }
            } @else {
                a href=(format!("{here}?range={}#history", range.name())) { (range.name()) }
            } }
        } } }
    }
}

fn charts(view: &PortView, past: &Past, found: &Found) -> Markup {
    let span = past.span(found);
    let marks: Vec<Mark> = found.happened.iter().filter_map(mark).collect();
    let line = |series: &str, name: String, short: String, map: fn(f64) -> f64| {
        let minutes = found.series.get(series).map_or(&[][..], Vec::as_slice);
        Line {
            name,
            short,
            points: buckets(minutes, span, map),
        }
    };
    let ratios = VANTAGES.map(|(vantage, name, short)| {
        let above_0 = |ratio: f64| if ratio > 0.0 { ratio } else { f64::NAN };
        line(
            &format!("{BER}{vantage}"),
            name.to_owned(),
            short.to_owned(),
            above_0,
        )
    });
    let warmth = [line(
        TEMPERATURE,
        "case".to_owned(),
        "case".to_owned(),
        |c| c,
    )];
    let lanes = lanes(found);
    let light: Vec<Line> = lanes
        .iter()
        .map(|lane| {
            let series = format!("{RX_POWER}{lane}");
            line(&series, format!("lane {lane}"), lane.to_string(), dbm)
        })
        .collect();
    let is_dark = lanes.iter().any(|lane| {
        let minutes = found.series.get(&format!("{RX_POWER}{lane}"));
        minutes.is_some_and(|minutes| minutes.iter().any(|m| m.min < LEAST_LIGHT))
    });
    let dark = ["-40 dBm stands for no light."];
    let base = Chart {
        id: "",
        title: "",
        unit: "",
        scale: Scale::Linear,
        span,
        lines: &[],
        levels: &[],
        marks: &marks,
        notes: &[],
    };
    let mut drawn = vec![
        Chart {
            id: "chart-ber",
            title: "Bit error ratio before correction",
            unit: "ratio",
            scale: Scale::Log,
            lines: &ratios,
            levels: &limits(view),
            notes: &["The worst lane; where no error was seen, the bound."],
            ..base
        }
        .draw(),
        Chart {
            id: "chart-temperature",
            title: "Temperature",
            unit: "°C",
            lines: &warmth,
            levels: &warnings(view),
            ..base
        }
        .draw(),
    ];
    for (index, lines) in light.chunks(LANES).enumerate() {
        let chart = Chart {
            id: &format!("chart-light-{index}"),
            title: &title_of(lines),
            unit: "dBm",
            lines,
            notes: if is_dark { &dark } else { &[] },
            ..base
        };
        drawn.push(chart.draw());
    }
    html! {
        @if drawn.iter().all(Option::is_none) {
            p { "Nothing was kept of this port in the last " (past.range.name()) ": a minute is kept when it has ended." }
        }
        @if drawn.iter().any(Option::is_some) && drawn.first().is_some_and(Option::is_none) {
            p { "No error ratio was kept in this time: the link was down, or nobody tells one." }
        }
        div.charts { @for chart in drawn.into_iter().flatten() { (chart) } }
        p.quiet { "Lines are means of " (span.step) " min, bands go from the least to the most. "
            "Where nothing was read there is a gap. "
            @if !marks.is_empty() { "Marks: ▲ module came, ▼ went, ⇅ swapped; ✕ link went down; "
                "◆ module state changed, ↻ reset; with how many where several are close together." }
        }
    }
}

fn title_of(lines: &[Line]) -> String {
    match (lines.first(), lines.last()) {
        (Some(first), Some(last)) if lines.len() > 1 => {
            format!("Received light, lanes {} to {}", first.short, last.short)
        }
        _ => "Received light".to_owned(),
    }
}

/// The lanes that have a line, in their order.
fn lanes(found: &Found) -> Vec<u16> {
    let names = found.series.keys();
    let numbers = names.filter_map(|name| name.strip_prefix(RX_POWER)?.parse().ok());
    let mut lanes: Vec<u16> = numbers.collect();
    lanes.sort_unstable();
    lanes
}

/// Watts as dBm; what is less than registers can tell is as little as they can.
fn dbm(watts: f64) -> f64 {
    10.0 * (watts.max(LEAST_LIGHT) * 1e3).log10()
}

/// The limits of the codes that correct, each once.
fn limits(view: &PortView) -> Vec<(String, f64)> {
    let mut limits: Vec<(String, f64)> = Vec::new();
    for standing in &view.health.standings {
        if limits.iter().all(|(_, limit)| *limit != standing.limit) {
            limits.push((format!("FEC limit {:.1e}", standing.limit), standing.limit));
        }
    }
    limits
}

/// The module's own warnings of temperature.
fn warnings(view: &PortView) -> Vec<(String, f64)> {
    let levels = view.snapshot.as_ref();
    let levels = levels.and_then(|module| module.thresholds.temperature.value());
    levels.map_or_else(Vec::new, |levels| {
        vec![
            ("high alarm".to_owned(), levels.high_alarm.celsius()),
            ("high warning".to_owned(), levels.high_warning.celsius()),
        ]
    })
}

/// The mark of an event, where it has one.
fn mark(event: &EventRecord) -> Option<Mark> {
    let (row, glyph) = match event.kind.as_str() {
        "insert" => (Row::Module, "▲"),
        "remove" => (Row::Module, "▼"),
        "swap" => (Row::Module, "⇅"),
        "data_path_down" => (Row::Link, "✕"),
        "state_change" if is_reset(event) => (Row::State, "↻"),
        "state_change" => (Row::State, "◆"),
        _ => return None,
    };
    let reset = if glyph == "↻" { " (reset)" } else { "" };
    Some(Mark {
        at: event.at,
        row,
        glyph,
        what: format!("{}{reset}", event.what),
    })
}

/// Whether a module began anew: a module that is taken down on purpose goes
/// through powering down first (CMIS 5.2, 6.3.2).
fn is_reset(event: &EventRecord) -> bool {
    let after = event.after.as_deref();
    event.before.as_deref() == Some("ready") && matches!(after, Some("low_power" | "power_up"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::report::page::past::Minute;
    use crate::report::sample;

    /// The minute after the last of the hour before the sample's present.
    const TO: u64 = 30_000_000;

    fn event(ago: u64, kind: &str, change: Option<(&str, &str)>) -> EventRecord {
        EventRecord {
            id: 1,
            at: sample::now() - Duration::from_secs(ago * 60),
            port: Some("Ethernet0".to_owned()),
            serial: None,
            kind: kind.to_owned(),
            what: format!("{kind} {}", sample::HOSTILE),
            before: change.map(|(before, _)| before.to_owned()),
            after: change.map(|(_, after)| after.to_owned()),
            grave: false,
            capture: None,
        }
    }

    fn series(value: f64) -> Vec<Minute> {
        let minute = |minute| Minute {
            minute,
            min: value,
            mean: value,
            max: value,
        };
        (TO - 60..TO).map(minute).collect()
    }

    fn page(range: Range, found: Result<Found, String>) -> String {
        let slot = sample::slot("Ethernet0", sample::counted());
        let slot: Arc<_> = slot;
        let seen = Seen::look(&sample::fleet(vec![]), &slot);
        section(&seen, &Past { range, found }).into_string()
    }

    #[test]
    fn every_quantity_has_its_chart_with_marks_and_limits() {
        let found = Found {
            to: TO,
            series: [
                (
                    "pre_fec_bit_error_ratio/media/module".to_owned(),
                    series(3e-5),
                ),
                ("pre_fec_bit_error_ratio/host/host".to_owned(), series(1e-3)),
                ("temperature_celsius".to_owned(), series(46.0)),
                ("lane_rx_power_watts/2".to_owned(), series(1e-3)),
                ("lane_rx_power_watts/10".to_owned(), series(0.0)),
            ]
            .into(),
            happened: vec![
                event(50, "insert", None),
                event(40, "state_change", Some(("power_up", "ready"))),
                event(30, "data_path_down", None),
                event(20, "state_change", Some(("ready", "power_up"))),
                event(10, "flag_raised", None),
            ],
            ..Found::default()
        };
        let page = page(Range::Hour, Ok(found));
        for wanted in [
            "Bit error ratio before correction",
            "FEC limit 2.4e-4",
            "media side, by the module",
            "Received light, lanes 2 to 10",
            "-40 dBm stands for no light.",
            ">▲</text>",
            ">✕</text>",
            ">◆</text>",
            ">↻</text>",
            "(reset)",
            "<td class=\"n\">-40.00</td>",
            "<td class=\"n\">0.00</td>",
            "href=\"/ports/Ethernet0?range=7d#history\"",
        ] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
        assert!(!page.contains("flag_raised") && !page.contains("<script"));
    }

    #[test]
    fn many_lanes_have_several_charts() {
        let lanes = (1..=16).map(|lane| (format!("lane_rx_power_watts/{lane}"), series(1e-3)));
        let found = Found {
            to: TO,
            series: lanes.collect(),
            ..Found::default()
        };
        let page = page(Range::Hour, Ok(found));
        assert!(page.contains("lanes 1 to 8<") && page.contains("lanes 9 to 16<"));
        assert!(page.contains("chart-light-0-title") && page.contains("chart-light-1-title"));
    }

    #[test]
    fn a_store_that_does_not_answer_is_said_and_so_is_one_that_knows_nothing() {
        let silent = page(Range::Day, Err("its disk does not answer".to_owned()));
        assert!(silent.contains("History is not available: its disk does not answer."));
        assert!(silent.contains("aria-current=\"true\">24h<"));
        let new = page(Range::Hour, Ok(Found::default()));
        assert!(new.contains("Nothing was kept of this port in the last 1h"));
    }
}
