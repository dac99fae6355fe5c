//! The screen: a head that says how old all below it is, and a view.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::state::{State, View};
use super::trend::KEPT;
use crate::cli::show::counted;
use crate::report::moment::span;
use crate::report::plain::plain;
use crate::report::text::{Tone, lines};

/// How the terminal wants it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Whether colours may be used.
    pub(super) has_colour: bool,
}

/// So wide a screen has room for trends.
const WIDE: u16 = 100;

const HELP: &str = "  up down j k      the row above or below
  PageUp PageDown  a screen further (Ctrl-U, Ctrl-D, blank)
  Home End g G     the first, the last
  Enter            the port in full; Esc goes back
  s                sort by the next: verdict, port, margin, temperature, light, role, class,
                   vendor, age
  /                filter: words that a row must have somewhere; Enter keeps it, Esc drops it
  q  Ctrl-C        quit

  Margin   decades between the worst error ratio before correction and its limit
  Trend    that ratio over the last answers, or else the temperature: higher is worse
  Bus      the share of time in transactions between the last two answers

  Nothing is read for this screen: the daemon tells what its sweeps read.

  Any key goes back.";

impl Look {
    fn style(self, tone: Tone) -> Style {
        let style = Style::new();
        let coloured = |color| {
            if self.has_colour {
                style.fg(color)
            } else {
                style
            }
        };
        match tone {
            Tone::Plain => style,
            Tone::Head => style.add_modifier(Modifier::BOLD),
            Tone::Ok => coloured(Color::Green),
            Tone::Degraded => coloured(Color::Yellow),
            Tone::Bad => coloured(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Unknown => style.add_modifier(Modifier::DIM),
        }
    }
}

/// Draws it all as it is at this moment.
pub(super) fn draw(frame: &mut Frame<'_>, state: &mut State, look: Look, now: Duration) {
    let trouble = u16::from(state.trouble.is_some());
    let [head, alarm, body, foot] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(trouble),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    let age = state.answered.map(|at| now.saturating_sub(at));
    frame.render_widget(Paragraph::new(heading(state, age)), head);
    if let Some(said) = &state.trouble {
        frame.render_widget(Paragraph::new(silence(said, age, look)), alarm);
    }
    // What is shown below the words that nobody answers is told apart from news.
    let style = match state.trouble {
        Some(_) => Style::new().add_modifier(Modifier::DIM),
        None => Style::new(),
    };
    // One row of a table is its head.
    let rows = usize::from(body.height);
    match &state.view {
        View::Table => {
            state.fit(rows.saturating_sub(1));
            table(frame, state, look, body, style);
        }
        View::Port { .. } => {
            state.fit(rows);
            port(frame, state, body, style);
        }
        View::Help => frame.render_widget(Paragraph::new(HELP), body),
    }
    frame.render_widget(Paragraph::new(footing(state)), foot);
}

/// Who says how many ports are how, and since when.
fn heading(state: &State, age: Option<Duration>) -> Vec<Line<'static>> {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let chosen = state.chosen();
    // A module that is gone has no sweeps that could be late.
    let active = chosen.iter().filter(|port| port.presence == "active");
    let oldest = active
        .filter_map(|port| port.age_seconds)
        .max_by(f64::total_cmp)
        .and_then(|age| Duration::try_from_secs_f64(age).ok());
    let mut first = vec![
        Span::styled("opticsd top  ", bold),
        Span::styled(counted(&chosen), bold),
    ];
    if let Some(age) = age {
        first.push(Span::raw(format!("  told {} ago", span(age))));
    }
    if let Some(oldest) = oldest {
        first.push(Span::raw(format!("  oldest sweep {}", span(oldest))));
    }
    first.push(Span::raw(format!("  {}", plain(&state.place))));
    let buses = state.loads.iter().map(|load| {
        let busy = load
            .busy
            .map_or_else(|| "-".to_owned(), |busy| format!("{:.0} %", busy * 100.0));
        format!("{} {busy}", plain(&load.bus))
    });
    let buses: Vec<String> = buses.collect();
    let second = match buses.as_slice() {
        [] => Line::default(),
        buses => Line::raw(format!("bus load: {}", buses.join("  "))),
    };
    vec![Line::from(first), second]
}

/// That nobody answers, and how old what is shown is.
fn silence(said: &str, age: Option<Duration>, look: Look) -> Line<'static> {
    let age = age.map_or_else(String::new, |age| format!("; below is {} old", span(age)));
    let style = look.style(Tone::Bad).add_modifier(Modifier::REVERSED);
    Line::styled(
        format!("no answer{age}, trying again: {}", plain(said)),
        style,
    )
}

fn table(frame: &mut Frame<'_>, state: &State, look: Look, area: Rect, style: Style) {
    let trends = u16::try_from(KEPT).unwrap_or_default();
    let has_trends = area.width >= WIDE;
    let width = if has_trends {
        area.width - trends - 2
    } else {
        area.width
    };
    let all = lines(&state.ports, Some(usize::from(width)));
    let mut all = all.into_iter();
    let is_old = state.trouble.is_some();
    let painted = |line: crate::report::text::Line| {
        let spans = line.into_iter().map(|(tone, text)| {
            let style = if is_old {
                Style::new()
            } else {
                look.style(tone)
            };
            Span::styled(text, style)
        });
        Line::from(spans.collect::<Vec<_>>())
    };
    let mut shown: Vec<Line<'_>> = all.next().into_iter().map(painted).collect();
    let rows = usize::from(area.height.saturating_sub(1));
    for (row, line) in all.enumerate().skip(state.top).take(rows) {
        let line = painted(line);
        shown.push(if row == state.selected {
            line.patch_style(Style::new().add_modifier(Modifier::REVERSED))
        } else {
            line
        });
    }
    if state.ports.is_empty() {
        shown.push(Line::raw("no port is like that; Esc drops the filter"));
    }
    let [left, right] = Layout::horizontal([
        Constraint::Length(width),
        Constraint::Length(area.width - width),
    ])
    .areas(area);
    frame.render_widget(Paragraph::new(shown).style(style), left);
    if has_trends {
        let head = Line::styled("  Trend", look.style(Tone::Head));
        let bars = state.ports.iter().skip(state.top).take(rows).map(|port| {
            let trend = state.trends.get(&port.port);
            Line::raw(format!(
                "  {}",
                trend.map(super::trend::Trend::bars).unwrap_or_default()
            ))
        });
        let lines: Vec<Line<'_>> = std::iter::once(head).chain(bars).collect();
        frame.render_widget(Paragraph::new(lines).style(style), right);
    }
}

fn port(frame: &mut Frame<'_>, state: &State, area: Rect, style: Style) {
    let View::Port { name, text, scroll } = &state.view else {
        return;
    };
    let shown: Vec<Line<'_>> = match text {
        None => vec![Line::raw(format!("asking for {} ...", plain(name)))],
        Some(text) => text
            .lines()
            .skip(*scroll)
            .take(usize::from(area.height))
            .map(Line::raw)
            .collect(),
    };
    frame.render_widget(Paragraph::new(shown).style(style), area);
}

/// What may be pressed, or what is being typed.
fn footing(state: &State) -> Line<'static> {
    let filter = plain(&state.filter).into_owned();
    if state.is_typing {
        return Line::raw(format!("/{filter}_   Enter keeps it, Esc drops it"));
    }
    let said = match &state.view {
        View::Help => "any key goes back".to_owned(),
        View::Port { .. } => "arrows scroll  Esc goes back  Ctrl-C quits".to_owned(),
        View::Table => {
            let filter = match filter.as_str() {
                "" => String::new(),
                filter => {
                    let (shown, all) = (state.ports.len(), state.chosen().len());
                    format!("filter: {filter} ({shown} of {all})  ")
                }
            };
            let order = state.order.name();
            format!("{filter}Enter opens  s sorts (by {order})  / filters  ? explains  q quits")
        }
    };
    Line::styled(said, Style::new().add_modifier(Modifier::DIM))
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::buffer::Buffer;

    use super::*;
    use crate::cli::top::feed::Answer;
    use crate::cli::top::state::Key;
    use crate::cli::top::state::tests::ten;

    fn screen(state: &mut State, width: u16, height: u16, now: u64) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let look = Look { has_colour: true };
        let drawn = terminal.draw(|frame| draw(frame, state, look, Duration::from_secs(now)));
        drawn.unwrap();
        terminal.backend().buffer().clone()
    }

    fn text(buffer: &Buffer) -> Vec<String> {
        let width = usize::from(buffer.area.width);
        let cells: Vec<&str> = buffer.content.iter().map(|cell| cell.symbol()).collect();
        let lines = cells.chunks(width).map(|line| line.concat());
        lines.map(|line| line.trim_end().to_owned()).collect()
    }

    #[test]
    fn the_screen_says_how_all_is_and_how_old_it_is() {
        let mut state = ten();
        let lines = text(&screen(&mut state, 120, 8, 11));
        assert_eq!(
            lines[0],
            "opticsd top  10 ports: 1 bad, 9 ok  told 1.0 s ago  oldest sweep 0.5 s  \
             http://leaf1:10458"
        );
        assert_eq!(lines[1], "bus load: i2c-1 -");
        assert!(lines[2].starts_with("Port  Verdict  Class"), "{lines:?}");
        assert!(lines[2].ends_with("Trend"), "{lines:?}");
        assert!(lines[3].starts_with("p7    bad"), "{lines:?}");
        assert!(lines[3].ends_with('▅'), "{lines:?}");
        assert!(lines[6].starts_with("p2"), "four rows fit: {lines:?}");
        assert!(lines[7].contains("by verdict"), "{lines:?}");
    }

    #[test]
    fn a_silent_daemon_is_told_and_nothing_old_looks_new() {
        let mut state = ten();
        let buffer = screen(&mut state, 80, 8, 11);
        let bad = buffer.cell((6, 3)).unwrap();
        assert_eq!((bad.symbol(), bad.fg), ("b", Color::Red));
        state.take(
            Answer::Lost("cannot ask http://leaf1:10458".to_owned()),
            Duration::from_secs(20),
        );
        let buffer = screen(&mut state, 80, 8, 40);
        let lines = text(&buffer);
        assert_eq!(
            lines[2],
            "no answer; below is 30 s old, trying again: cannot ask http://leaf1:10458"
        );
        let bad = buffer.cell((6, 4)).unwrap();
        assert_eq!((bad.symbol(), bad.fg), ("b", Color::Reset));
        assert!(bad.modifier.contains(Modifier::DIM));
    }

    #[test]
    fn the_marked_row_is_the_one_that_enter_opens() {
        let mut state = ten();
        state.press(Key::Down);
        let buffer = screen(&mut state, 80, 8, 11);
        assert!(
            buffer
                .cell((0, 4))
                .unwrap()
                .modifier
                .contains(Modifier::REVERSED)
        );
        assert!(
            !buffer
                .cell((0, 3))
                .unwrap()
                .modifier
                .contains(Modifier::REVERSED)
        );
        state.press(Key::Enter);
        let lines = text(&screen(&mut state, 80, 8, 11));
        assert_eq!(lines[2], "asking for p0 ...");
        state.take(
            Answer::Port {
                name: "p0".to_owned(),
                text: "p0 on i2c-1: active, ok\n\nVendor  ACME\n".to_owned(),
            },
            Duration::from_secs(12),
        );
        let lines = text(&screen(&mut state, 80, 8, 11));
        assert_eq!(
            (lines[2].as_str(), lines[4].as_str()),
            ("p0 on i2c-1: active, ok", "Vendor  ACME")
        );
    }

    #[test]
    fn every_size_can_be_drawn_in_every_view() {
        for view in ["", "?", "e", "/"] {
            for (width, height) in [(1, 1), (5, 2), (20, 3), (80, 24), (100, 4), (300, 90)] {
                let mut state = ten();
                match view {
                    "e" => drop(state.press(Key::Enter)),
                    _ => view.chars().for_each(|c| drop(state.press(Key::Char(c)))),
                }
                let buffer = screen(&mut state, width, height, 11);
                assert_eq!(text(&buffer).len(), usize::from(height));
            }
        }
    }

    #[test]
    fn what_is_typed_and_what_it_found_is_shown() {
        let mut state = ten();
        for c in "/p7".chars() {
            state.press(Key::Char(c));
        }
        let lines = text(&screen(&mut state, 80, 8, 11));
        assert!(lines[7].starts_with("/p7_"), "{lines:?}");
        state.press(Key::Enter);
        let lines = text(&screen(&mut state, 80, 8, 11));
        assert!(lines[7].starts_with("filter: p7 (1 of 10)"), "{lines:?}");
        assert_eq!(lines[4], "");
        for c in "/x".chars() {
            state.press(Key::Char(c));
        }
        let lines = text(&screen(&mut state, 80, 8, 11));
        assert!(lines[3].starts_with("no port is like that"), "{lines:?}");
    }
}
