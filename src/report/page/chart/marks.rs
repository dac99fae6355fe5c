//! What happened, above a chart: a row for each kind of thing, a mark at its time.

use std::time::SystemTime;

use maud::{Markup, html};

use super::{ABOVE, Frame, LEFT, ROW, tenths};
use crate::report::moment;

/// Marks of one row that are closer than this are one mark with their number.
const APART: f64 = 14.0;

/// What a mark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Row {
    /// Modules that come, go or change.
    Module,
    /// Links that go down.
    Link,
    /// The module's own state machine.
    State,
}

impl Row {
    fn name(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Link => "link",
            Self::State => "state",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Mark {
    /// When, wall time.
    pub at: SystemTime,
    /// In which row it stands.
    pub row: Row,
    /// Its sign.
    pub glyph: &'static str,
    /// What happened, in words.
    pub what: String,
}

/// The marks by row; rows without any are left out.
pub(super) fn rows(marks: &[Mark]) -> Vec<(Row, Vec<&Mark>)> {
    let of = |row| {
        let own: Vec<&Mark> = marks.iter().filter(|mark| mark.row == row).collect();
        (!own.is_empty()).then_some((row, own))
    };
    let all = [Row::Module, Row::Link, Row::State];
    all.into_iter().filter_map(of).collect()
}

pub(super) fn draw(frame: &Frame, rows: &[(Row, Vec<&Mark>)]) -> Markup {
    let mut y = ABOVE;
    let rows = rows.iter().map(|(row, marks)| {
        y += ROW;
        (row, y - 4.0, clusters(frame, marks))
    });
    let rows: Vec<_> = rows.collect();
    html! {
        g.marks { @for (row, y, clusters) in &rows {
            text x=(LEFT - 6.0) y=(tenths(*y)) text-anchor="end" { (row.name()) }
            @for (x, marks) in clusters {
                g {
                    title { (told(marks)) }
                    line x1=(tenths(*x)) x2=(tenths(*x)) y1=(tenths(*y + 2.0)) y2=(tenths(frame.bottom())) {}
                    text x=(tenths(*x)) y=(tenths(*y)) text-anchor="middle" {
                        @if let Some(last) = marks.last() { (last.glyph) }
                        @if marks.len() > 1 { (marks.len()) }
                    }
                }
            }
        } }
    }
}

/// Marks that would cover each other as one, at the first of them.
fn clusters<'a>(frame: &Frame, marks: &[&'a Mark]) -> Vec<(f64, Vec<&'a Mark>)> {
    let mut found: Vec<(f64, Vec<&Mark>)> = Vec::new();
    for mark in marks {
        let x = frame.x(moment::unix_seconds(mark.at) / 60.0);
        match found.last_mut() {
            Some((first, together)) if x - *first < APART => together.push(mark),
            _ => found.push((x, vec![mark])),
        }
    }
    found
}

/// What marks say on hover, the first few of many.
fn told(marks: &[&Mark]) -> String {
    const MOST: usize = 6;
    let lines = marks.iter().take(MOST);
    let mut lines: Vec<String> = lines
        .map(|mark| format!("{} {}", moment::utc(mark.at), mark.what))
        .collect();
    if marks.len() > MOST {
        lines.push(format!("and {} more", marks.len() - MOST));
    }
    lines.join("\n")
}
