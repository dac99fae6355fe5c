//! Charts: what quantities were over time, as SVG that needs no script.
//!
//! A line is drawn through neighbouring buckets only: where nothing was read there
//! is a gap, never a bridge. Lines differ by colour and by dashes, and each has its
//! name at its end and in the table below, with its numbers.

mod axis;
mod lines;
mod marks;

use maud::{Markup, html};

use super::part;
use axis::Axis;
pub(super) use lines::{Line, buckets};
pub(super) use marks::{Mark, Row};

/// Units of the drawing.
const WIDTH: f64 = 720.0;
/// Left of the plot: the numbers of the axis.
const LEFT: f64 = 58.0;
/// Right of it: the names of the lines.
const RIGHT: f64 = 46.0;
/// The plot itself.
const PLOT_HEIGHT: f64 = 170.0;
/// Below it: the times.
const BELOW: f64 = 22.0;
const ABOVE: f64 = 8.0;
/// One row of marks, and what is left free below the last.
const ROW: f64 = 15.0;
const BELOW_ROWS: f64 = 6.0;
/// How close names at the ends of lines may come.
const LETTERS: f64 = 10.0;

/// How values are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Evenly.
    Linear,
    /// By powers of ten; what is not above 0 cannot be shown.
    Log,
}

/// The minutes that a chart shows, counted from 1970: from the first up to the last,
/// which is not part of it, in buckets of `step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// See above.
    pub from: u64,
    /// See above.
    pub to: u64,
    /// See above.
    pub step: u64,
}

/// A chart.
pub(super) struct Chart<'a> {
    /// What tells its parts from those of other charts on the page.
    pub id: &'a str,
    /// Its heading.
    pub title: &'a str,
    /// The unit of its values, for the axis.
    pub unit: &'a str,
    /// How they are laid out.
    pub scale: Scale,
    /// Which minutes it shows.
    pub span: Span,
    /// The lines.
    pub lines: &'a [Line],
    /// Levels to compare with, by name. They do not stretch the axis.
    pub levels: &'a [(String, f64)],
    /// What happened.
    pub marks: &'a [Mark],
    /// What there is to know beside the title, a sentence each.
    pub notes: &'a [&'a str],
}

/// Where values and minutes are in the drawing.
#[derive(Debug, Clone, Copy)]
struct Frame {
    span: Span,
    scale: Scale,
    low: f64,
    high: f64,
    top: f64,
}

impl Frame {
    fn x(&self, minute: f64) -> f64 {
        let (from, to) = (axis::float(self.span.from), axis::float(self.span.to));
        let share = (minute - from) / (to - from).max(1.0);
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let at = |value: f64| match self.scale {
            Scale::Linear => value,
            Scale::Log => value.log10(),
        };
        let share = (at(value) - at(self.low)) / (at(self.high) - at(self.low));
        self.bottom() - share.clamp(0.0, 1.0) * PLOT_HEIGHT
    }

    fn bottom(&self) -> f64 {
        self.top + PLOT_HEIGHT
    }
}

impl Chart<'_> {
    /// The chart as a figure with its numbers; nothing where no line has a point.
    pub(super) fn draw(&self) -> Option<Markup> {
        let drawn: Vec<&Line> = self.lines.iter().filter(|l| !l.points.is_empty()).collect();
        let axis = Axis::of(self.scale, &drawn)?;
        let rows = marks::rows(self.marks);
        let height_of_rows = rows.iter().map(|_| ROW).sum::<f64>();
        let free = if rows.is_empty() { 0.0 } else { BELOW_ROWS };
        let frame = Frame {
            span: self.span,
            scale: self.scale,
            low: axis.low,
            high: axis.high,
            top: ABOVE + height_of_rows + free,
        };
        let height = frame.bottom() + BELOW;
        let (title, about) = (format!("{}-title", self.id), format!("{}-about", self.id));
        let drawing = html! {
            svg.chart viewBox=(format!("0 0 {WIDTH} {height}")) role="img"
                aria-labelledby=(format!("{title} {about}")) {
                title id=(title) { (self.title) }
                desc id=(about) { (self.about(&drawn)) }
                (grid(&frame, &axis, self.unit))
                @for (name, value) in self.levels { (level(&frame, name, *value)) }
                @for (index, line) in drawn.iter().enumerate() { (lines::band(&frame, index, line)) }
                @for (index, line) in drawn.iter().enumerate() { (lines::line(&frame, index, line)) }
                (lines::names(&frame, &drawn))
                (marks::draw(&frame, &rows))
            }
        };
        Some(html! {
            figure.plot {
                figcaption { h3 { (self.title) } @for note in self.notes { " " span.quiet { (note) } } }
                (part::scroll(self.title, &drawing))
                (part::scroll(&format!("{} in numbers", self.title), &self.numbers(&drawn)))
            }
        })
    }

    /// The chart in a sentence, for those who cannot see it.
    fn about(&self, drawn: &[&Line]) -> String {
        let of = |line: &&Line| {
            let [least, most] = line.extremes()?;
            let (least, most) = (self.number(least), self.number(most));
            Some(format!("{}: {least} to {most}", line.name))
        };
        let lines: Vec<String> = drawn.iter().filter_map(of).collect();
        let marks = match self.marks.len() {
            0 => String::new(),
            1 => "; 1 mark".to_owned(),
            many => format!("; {many} marks"),
        };
        let unit = self.unit;
        format!("Over time, {unit}. {}{marks}.", lines.join("; "))
    }

    fn number(&self, value: f64) -> String {
        match self.scale {
            Scale::Log => format!("{value:.1e}"),
            Scale::Linear => format!("{value:.2}"),
        }
    }

    /// Each line with its sign, its newest value and its extremes.
    fn numbers(&self, drawn: &[&Line]) -> Markup {
        html! {
            table.key {
                thead { tr {
                    th scope="col" { "Line" } th.n scope="col" { "Newest" }
                    th.n scope="col" { "Least" } th.n scope="col" { "Most" } th scope="col" { "Unit" }
                } }
                tbody { @for (index, line) in drawn.iter().enumerate() {
                    tr {
                        th scope="row" { (lines::sample(index)) " " (line.name) }
                        td.n { @match line.newest(self.span) {
                            Some(value) => (self.number(value)),
                            None => (part::absent("nothing was read of late")),
                        } }
                        @for value in line.extremes().into_iter().flatten() { td.n { (self.number(value)) } }
                        td.quiet { (self.unit) }
                    }
                } }
            }
        }
    }
}

/// The frame, and a line across for each number of the axis.
fn grid(frame: &Frame, axis: &Axis, unit: &str) -> Markup {
    let right = WIDTH - RIGHT;
    html! {
        g.grid aria-hidden="true" {
            @for (value, label) in &axis.ticks {
                @let y = frame.y(*value);
                line x1=(LEFT) x2=(right) y1=(tenths(y)) y2=(tenths(y)) {}
                text x=(LEFT - 6.0) y=(tenths(y + 3.5)) text-anchor="end" { (label) }
            }
            @for (minute, label) in axis::times(frame.span) {
                @let x = frame.x(axis::float(minute));
                line x1=(tenths(x)) x2=(tenths(x)) y1=(tenths(frame.top)) y2=(tenths(frame.bottom() + 4.0)) {}
                text x=(tenths(x)) y=(tenths(frame.bottom() + 16.0)) text-anchor="middle" { (label) }
            }
            rect x=(LEFT) y=(tenths(frame.top)) width=(right - LEFT) height=(PLOT_HEIGHT) {}
            text x="2" y=(tenths(frame.bottom() + 16.0)) { (unit) }
            text x=(WIDTH - 2.0) y=(tenths(frame.bottom() + 16.0)) text-anchor="end" { "UTC" }
        }
    }
}

/// A level across the plot, where it is within.
fn level(frame: &Frame, name: &str, value: f64) -> Markup {
    let y = frame.y(value);
    html! {
        @if (frame.low..=frame.high).contains(&value) {
            g.level aria-hidden="true" {
                line x1=(LEFT) x2=(WIDTH - RIGHT) y1=(tenths(y)) y2=(tenths(y)) {}
                text x=(LEFT + 4.0) y=(tenths(y - 3.0)) { (name) }
            }
        }
    }
}

fn tenths(length: f64) -> String {
    format!("{length:.1}")
}

#[cfg(test)]
mod tests;
