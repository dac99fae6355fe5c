use std::time::{Duration, SystemTime};

use super::*;
use crate::report::page::past::Minute;
use crate::report::sample;

const SPAN: Span = Span {
    from: 1000,
    to: 1060,
    step: 1,
};

fn minute(minute: u64, value: f64) -> Minute {
    Minute {
        minute,
        min: value / 2.0,
        mean: value,
        max: value * 2.0,
    }
}

fn line(minutes: &[Minute], span: Span) -> Line {
    Line {
        name: "media, by the module".to_owned(),
        short: "media".to_owned(),
        points: buckets(minutes, span, |value| value),
    }
}

fn drawn(lines: &[Line], marks: &[Mark], scale: Scale) -> String {
    let chart = Chart {
        id: "ber",
        title: "Bit error ratio",
        unit: "ratio",
        scale,
        span: SPAN,
        lines,
        levels: &[("FEC limit".to_owned(), 2.4e-4)],
        marks,
        notes: &[],
    };
    chart.draw().map_or_else(String::new, Markup::into_string)
}

/// The `d` of the first path of a class.
fn path(page: &str, class: &str) -> String {
    let rest = page
        .split(&format!("<path class=\"{class} l0\" d=\""))
        .nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no {class}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn a_gap_is_never_bridged() {
    let whole: Vec<_> = (1000..1060).map(|m| minute(m, 1e-8)).collect();
    let page = drawn(&[line(&whole, SPAN)], &[], Scale::Log);
    assert_eq!(path(&page, "line").matches('M').count(), 1);
    let gap: Vec<_> = whole
        .iter()
        .filter(|m| m.minute < 1020 || m.minute > 1021)
        .copied()
        .collect();
    let page = drawn(&[line(&gap, SPAN)], &[], Scale::Log);
    let path_of_gap = path(&page, "line");
    assert_eq!(path_of_gap.matches('M').count(), 2, "{path_of_gap}");
    assert_eq!(path_of_gap.matches('L').count(), 20 - 1 + 38 - 1);
    assert_eq!(path(&page, "band").matches('Z').count(), 2);
    // One minute alone is a dot.
    let alone = drawn(&[line(&[minute(1030, 1e-8)], SPAN)], &[], Scale::Log);
    assert!(path(&alone, "line").ends_with("h0"));
}

#[test]
fn buckets_keep_the_extremes_and_the_gaps() {
    let span = Span { step: 15, ..SPAN };
    let minutes: Vec<_> = [1000, 1001, 1020, 1050]
        .map(|m| minute(m, if m == 1001 { 9.0 } else { 3.0 }))
        .to_vec();
    let points = buckets(&minutes, span, |value| value);
    let starts: Vec<u64> = points.iter().map(|point| point.minute).collect();
    assert_eq!(starts, [990, 1020, 1050]);
    let first = points[0];
    assert_eq!((first.least, first.mean, first.most), (1.5, 6.0, 18.0));
    // A minute before the span and what is no number are left out.
    let none = [minute(999, 1.0), minute(1003, f64::NAN)];
    assert!(buckets(&none, span, |value| value).is_empty());
}

#[test]
fn a_week_is_less_than_700_points() {
    let span = Span {
        from: 30_000_000 - 7 * 1440,
        to: 30_000_000,
        step: 15,
    };
    let minutes: Vec<_> = (span.from..span.to).map(|m| minute(m, 1.0)).collect();
    assert!(buckets(&minutes, span, |value| value).len() < 700);
}

#[test]
fn values_stand_at_their_height_on_a_log_axis() {
    // Decades from 1e-9 to 1e-6: 1e-8 is a third of the way up.
    let minutes = [1e-9, 1e-8, 1e-6].map(|value| Minute {
        minute: 1030,
        min: value,
        mean: value,
        max: value,
    });
    let lines: Vec<Line> = minutes.iter().map(|m| line(&[*m], SPAN)).collect();
    let page = drawn(&lines, &[], Scale::Log);
    let bottom = ABOVE + PLOT_HEIGHT;
    assert!(page.contains(&format!(" {:.1}h0", bottom)), "{page}");
    assert!(page.contains(&format!(" {:.1}h0", bottom - PLOT_HEIGHT / 3.0)));
    assert!(page.contains(&format!(" {:.1}h0", ABOVE)));
    assert!(page.contains(">1e-9<") && page.contains(">1e-6<"));
    assert!(!page.contains("FEC limit"), "it is far above the axis");
    let high = line(&[minute(1030, 1e-4)], SPAN);
    assert!(drawn(&[high], &[], Scale::Log).contains("FEC limit"));
}

#[test]
fn marks_stand_at_their_time_and_those_too_close_are_one() {
    let at = |minute: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(minute * 60);
    let mark = |minute, row, what: &str| Mark {
        at: at(minute),
        row,
        glyph: "✕",
        what: what.to_owned(),
    };
    let marks = [
        mark(1030, Row::Link, "link down"),
        mark(1031, Row::Link, sample::HOSTILE),
        mark(1059, Row::Link, "link down again"),
        mark(1030, Row::Module, "module inserted"),
    ];
    let page = drawn(&[line(&[minute(1030, 1e-8)], SPAN)], &marks, Scale::Log);
    let middle = LEFT + (WIDTH - LEFT - RIGHT) / 2.0;
    assert_eq!(
        page.matches(&format!("<line x1=\"{middle:.1}\"")).count(),
        2 + 1,
        "{page}"
    );
    assert!(page.contains(">✕2</text>"), "{page}");
    assert!(page.contains(">module</text>") && page.contains(">link</text>"));
    assert!(!page.contains(">state</text>"));
    assert!(page.contains("1970-01-01T17:10:00Z link down"));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
}

#[test]
fn a_chart_says_what_it_shows_and_hides_nothing_from_who_cannot_see() {
    let hostile = Line {
        name: sample::HOSTILE.to_owned(),
        ..line(&[minute(1030, 1e-8)], SPAN)
    };
    let page = drawn(&[hostile], &[], Scale::Log);
    assert!(
        page.contains("role=\"img\"") && page.contains("aria-labelledby=\"ber-title ber-about\"")
    );
    assert!(page.contains("5.0e-9 to 2.0e-8"));
    assert!(!page.contains("<script"));
    // It is old: there is no newest value.
    assert!(page.contains("nothing was read of late"));
    assert!(page.contains("tabindex=\"0\" role=\"region\""));
    assert_eq!(drawn(&[], &[], Scale::Log), "");
    assert_eq!(drawn(&[line(&[], SPAN)], &[], Scale::Linear), "");
}

#[test]
fn names_at_the_ends_do_not_cover_each_other() {
    let lines: Vec<Line> = (0..8)
        .map(|n| Line {
            short: format!("L{n}"),
            ..line(&[minute(1059, 1.0)], SPAN)
        })
        .collect();
    let page = drawn(&lines, &[], Scale::Linear);
    let names = page.split("class=\"names\"").nth(1).unwrap();
    let heights = names.split(" y=\"").skip(1).take(8);
    let heights: Vec<f64> = heights
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect();
    assert!(
        heights
            .windows(2)
            .all(|two| two[1] - two[0] >= LETTERS - 0.1),
        "{heights:?}"
    );
}
