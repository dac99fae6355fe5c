//! The lines of a chart: points in buckets, the band between least and most, and
//! the name at the end.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{Frame, LETTERS, RIGHT, Span, WIDTH, axis, tenths};
use crate::report::page::past::Minute;

/// How many looks lines have before they repeat.
const LOOKS: usize = 8;

/// One bucket of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Point {
    /// Its first minute, counted from 1970.
    pub minute: u64,
    /// The least in it.
    pub least: f64,
    /// The mean of its minutes.
    pub mean: f64,
    /// The most in it.
    pub most: f64,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Line {
    /// Its name, in full.
    pub name: String,
    /// The same in a few letters, for its end.
    pub short: String,
    /// Its points in order, each bucket once.
    pub points: Vec<Point>,
}

/// Minutes as the points of a chart, `step` of them in one; values go through `map`,
/// which must not change which is larger, and what is no number is left out.
pub(in super::super) fn buckets(
    minutes: &[Minute],
    span: Span,
    map: impl Fn(f64) -> f64,
) -> Vec<Point> {
    let step = span.step.max(1);
    let mut points: Vec<(Point, f64)> = Vec::new();
    for minute in minutes {
        let [least, mean, most] = [minute.min, minute.mean, minute.max].map(&map);
        let is_shown = (span.from..span.to).contains(&minute.minute);
        if !is_shown || ![least, mean, most].iter().all(|value| value.is_finite()) {
            continue;
        }
        let bucket = minute.minute / step * step;
        match points.last_mut() {
            Some((point, count)) if point.minute == bucket => {
                *count += 1.0;
                point.least = point.least.min(least);
                point.most = point.most.max(most);
                point.mean += (mean - point.mean) / *count;
            }
            _ => points.push((
                Point {
                    minute: bucket,
                    least,
                    mean,
                    most,
                },
                1.0,
            )),
        }
    }
    points.into_iter().map(|(point, _)| point).collect()
}

impl Line {
    /// The least and the most of all; `None` without points.
    pub(super) fn extremes(&self) -> Option<[f64; 2]> {
        let ends = self.points.iter().map(|point| [point.least, point.most]);
        ends.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
    }

    /// The newest value, unless it is older than a few buckets.
    pub(super) fn newest(&self, span: Span) -> Option<f64> {
        let last = self.points.last()?;
        (last.minute + 3 * span.step >= span.to).then_some(last.mean)
    }

    /// The runs of points without a gap between them.
    fn runs(&self, step: u64) -> impl Iterator<Item = &[Point]> {
        self.points
            .chunk_by(move |one, next| next.minute - one.minute <= step.max(1))
    }
}

/// The middle of a bucket.
fn x(frame: &Frame, point: &Point) -> f64 {
    frame.x(axis::float(point.minute) + axis::float(frame.span.step) / 2.0)
}

fn look(index: usize) -> String {
    format!("l{}", index % LOOKS)
}

/// A line; a point alone is a dot, which a stroke with round ends makes of it.
pub(super) fn line(frame: &Frame, index: usize, line: &Line) -> Markup {
    let mut path = String::new();
    for run in line.runs(frame.span.step) {
        for (place, point) in run.iter().enumerate() {
            let letter = if place == 0 { 'M' } else { 'L' };
            // Writing to a string cannot fail.
            let _ = write!(
                path,
                "{letter}{:.1} {:.1}",
                x(frame, point),
                frame.y(point.mean)
            );
        }
        if run.len() == 1 {
            path.push_str("h0");
        }
    }
    html! { path.line.(look(index)) d=(path) { title { (line.name) } } }
}

/// The band between least and most of each bucket.
pub(super) fn band(frame: &Frame, index: usize, line: &Line) -> Markup {
    let mut path = String::new();
    for run in line.runs(frame.span.step).filter(|run| run.len() > 1) {
        let there = run
            .iter()
            .map(|point| (x(frame, point), frame.y(point.most)));
        let back = run.iter().rev();
        let back = back.map(|point| (x(frame, point), frame.y(point.least)));
        for (place, (x, y)) in there.chain(back).enumerate() {
            let letter = if place == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{x:.1} {y:.1}");
        }
        path.push('Z');
    }
    html! { @if !path.is_empty() { path.band.(look(index)) d=(path) aria-hidden="true" {} } }
}

/// The names at the ends of lines, moved apart where they would cover each other.
pub(super) fn names(frame: &Frame, lines: &[&Line]) -> Markup {
    let ends = lines.iter().enumerate().filter_map(|(index, line)| {
        let last = line.points.last()?;
        Some((index, line.short.as_str(), frame.y(last.mean)))
    });
    let mut ends: Vec<(usize, &str, f64)> = ends.collect();
    ends.sort_by(|a, b| a.2.total_cmp(&b.2));
    let mut free = frame.top + LETTERS / 2.0;
    for (_, _, y) in &mut ends {
        *y = y.max(free);
        free = *y + LETTERS;
    }
    // Those that were pushed below the plot push back.
    let mut free = frame.bottom();
    for (_, _, y) in ends.iter_mut().rev() {
        *y = y.min(free);
        free = *y - LETTERS;
    }
    html! {
        g.names aria-hidden="true" { @for (index, name, y) in &ends {
            text.(look(*index)) x=(WIDTH - RIGHT + 4.0) y=(tenths(y + 3.5)) { (name) }
        } }
    }
}

/// A piece of a line, for the table.
pub(super) fn sample(index: usize) -> Markup {
    html! {
        svg.sample viewBox="0 0 28 8" width="28" height="8" aria-hidden="true" {
            path.line.(look(index)) d="M1 4H27" {}
        }
    }
}
