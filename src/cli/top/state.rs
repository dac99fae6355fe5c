//! What the screen knows, and what keys and answers make of it. Pure: time is an
//! argument, and whoever calls does the asking.

use std::collections::BTreeMap;
use std::time::Duration;

use super::feed::{Answer, Newest, Wish};
use super::trend::Trend;
use crate::cli::show::Select;
use crate::report::order::Order;
use crate::report::summary::PortSummary;

/// A key, as far as it means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Escape,
    Backspace,
    Interrupt,
    Char(char),
}

/// What is to be done after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing but to draw.
    Stay,
    /// Tell the feed which port is open.
    Ask(Wish),
    /// End.
    Quit,
}

/// What is on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum View {
    /// The table of ports.
    Table,
    /// One port in full.
    Port {
        name: String,
        /// None before it was answered.
        text: Option<String>,
        /// The first line that is shown.
        scroll: usize,
    },
    /// What the keys do.
    Help,
}

/// How busy a bus is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Load {
    pub(super) bus: String,
    /// Between the last two answers, 0 to 1; none before there were two.
    pub(super) busy: Option<f64>,
}

/// All of it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) place: String,
    pub(super) view: View,
    pub(super) order: Order,
    /// The words that a row must have.
    pub(super) filter: String,
    /// Whether keys go to the filter.
    pub(super) is_typing: bool,
    /// The newest answer, filtered and sorted.
    pub(super) ports: Vec<PortSummary>,
    /// The row that is marked, of those.
    pub(super) selected: usize,
    /// The first row that is shown.
    pub(super) top: usize,
    pub(super) trends: BTreeMap<String, Trend>,
    pub(super) loads: Vec<Load>,
    /// When the newest answer came.
    pub(super) answered: Option<Duration>,
    /// Why there is no newer one.
    pub(super) trouble: Option<String>,
    /// Rows of the table, or lines of a port, that fit on the screen.
    rows: usize,
    select: Select,
    newest: Newest,
}

impl State {
    /// Nothing known yet of the daemon at this place.
    pub(super) fn new(place: &str, select: Select) -> Self {
        Self {
            place: place.to_owned(),
            view: View::Table,
            order: select.order(),
            filter: String::new(),
            is_typing: false,
            ports: Vec::new(),
            selected: 0,
            top: 0,
            trends: BTreeMap::new(),
            loads: Vec::new(),
            answered: None,
            trouble: None,
            rows: 1,
            select,
            newest: Newest {
                ports: Vec::new(),
                buses: Vec::new(),
            },
        }
    }

    /// All ports that were chosen on the command line, whatever the filter says.
    pub(super) fn chosen(&self) -> Vec<PortSummary> {
        let mut ports = self.newest.ports.clone();
        self.select.keep(&mut ports);
        ports
    }

    /// Takes what the feed brought at this moment.
    pub(super) fn take(&mut self, answer: Answer, now: Duration) {
        match answer {
            Answer::All(newest) => self.renew(*newest, now),
            Answer::Port { name: of, text } => {
                if let View::Port {
                    name, text: shown, ..
                } = &mut self.view
                    && *name == of
                {
                    *shown = Some(text);
                }
            }
            Answer::Lost(said) => self.trouble = Some(said),
        }
    }

    fn renew(&mut self, newest: Newest, now: Duration) {
        let since = self
            .answered
            .map(|before| now.saturating_sub(before).as_secs_f64());
        let before = std::mem::take(&mut self.newest.buses);
        self.loads = newest
            .buses
            .iter()
            .map(|bus| {
                let before = before.iter().find(|before| before.bus == bus.bus);
                // A daemon that was restarted counts anew.
                let spent = before
                    .map(|before| bus.busy_seconds - before.busy_seconds)
                    .filter(|spent| *spent >= 0.0);
                let busy = spent.zip(since.filter(|since| *since > 0.0));
                Load {
                    bus: bus.bus.clone(),
                    busy: busy.map(|(spent, since)| (spent / since).min(1.0)),
                }
            })
            .collect();
        // The busiest is the one to know of where the line ends.
        let percent = |load: &Load| load.busy.map_or(-1.0, |busy| (busy * 100.0).round());
        self.loads.sort_by(|a, b| percent(b).total_cmp(&percent(a)));
        self.trends
            .retain(|name, _| newest.ports.iter().any(|port| port.port == *name));
        for port in &newest.ports {
            self.trends.entry(port.port.clone()).or_default().push(port);
        }
        self.newest = newest;
        self.answered = Some(now);
        self.trouble = None;
        self.arrange();
    }

    /// Filters and sorts anew; the mark stays on its port.
    fn arrange(&mut self) {
        let marked = self.marked().map(|port| port.port.clone());
        let mut ports = self.chosen();
        let words: Vec<String> = self
            .filter
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        ports.retain(|port| has_all(port, &words));
        self.order.sort(&mut ports);
        self.ports = ports;
        let place = marked.and_then(|name| self.ports.iter().position(|port| port.port == name));
        self.mark(place.unwrap_or(self.selected));
    }

    /// The port that is marked.
    pub(super) fn marked(&self) -> Option<&PortSummary> {
        self.ports.get(self.selected)
    }

    /// Marks a row, or the last where there are not as many; it is on the screen then.
    fn mark(&mut self, row: usize) {
        self.selected = row.min(self.ports.len().saturating_sub(1));
        let first = (self.selected + 1).saturating_sub(self.rows);
        self.top = self.top.clamp(first, self.selected.max(first));
        // No empty rows below the last while others are above the first.
        self.top = self.top.min(self.ports.len().saturating_sub(self.rows));
    }

    /// Tells how many rows fit on the screen.
    pub(super) fn fit(&mut self, rows: usize) {
        self.rows = rows.max(1);
        self.mark(self.selected);
        if let View::Port { text, scroll, .. } = &mut self.view {
            let lines = text.as_deref().map_or(0, |text| text.lines().count());
            *scroll = (*scroll).min(lines.saturating_sub(self.rows));
        }
    }

    /// A key was pressed.
    pub(super) fn press(&mut self, key: Key) -> Step {
        if key == Key::Interrupt {
            return Step::Quit;
        }
        if self.is_typing {
            self.type_filter(key);
            return Step::Stay;
        }
        match (&mut self.view, key) {
            (View::Help, Key::Char('q')) | (View::Table, Key::Char('q')) => return Step::Quit,
            (View::Help, _) => self.view = View::Table,
            (View::Port { .. }, Key::Escape | Key::Char('q') | Key::Backspace) => {
                self.view = View::Table;
                return Step::Ask(None);
            }
            (View::Port { scroll, .. }, key) => {
                let page = self.rows.saturating_sub(1).max(1);
                *scroll = moved(*scroll, usize::MAX, page, key);
            }
            (View::Table, Key::Enter) => {
                if let Some(name) = self.marked().map(|port| port.port.clone()) {
                    self.view = View::Port {
                        name: name.clone(),
                        text: None,
                        scroll: 0,
                    };
                    return Step::Ask(Some(name));
                }
            }
            (View::Table, Key::Char('?' | 'h')) => self.view = View::Help,
            (View::Table, Key::Char('/')) => self.is_typing = true,
            (View::Table, Key::Escape) => {
                self.filter.clear();
                self.arrange();
            }
            (View::Table, Key::Char('s')) => {
                self.order = self.order.next();
                self.selected = 0;
                self.arrange_from_the_top();
            }
            (View::Table, key) => {
                let last = self.ports.len().saturating_sub(1);
                let page = self.rows.saturating_sub(1).max(1);
                self.mark(moved(self.selected, last, page, key));
            }
        }
        Step::Stay
    }

    /// Sorts anew and goes to the first row: who sorts wants to see the worst.
    fn arrange_from_the_top(&mut self) {
        self.arrange();
        self.mark(0);
    }

    fn type_filter(&mut self, key: Key) {
        match key {
            Key::Enter => self.is_typing = false,
            Key::Escape => {
                self.is_typing = false;
                self.filter.clear();
            }
            Key::Backspace => drop(self.filter.pop()),
            Key::Char(c) if !c.is_control() => self.filter.push(c),
            _ => return,
        }
        self.arrange();
    }
}

/// Where a key moves to from a line, of which the last is given.
fn moved(from: usize, last: usize, page: usize, key: Key) -> usize {
    let to = match key {
        Key::Up | Key::Char('k') => from.saturating_sub(1),
        Key::Down | Key::Char('j') => from.saturating_add(1),
        Key::PageUp => from.saturating_sub(page),
        Key::PageDown | Key::Char(' ') => from.saturating_add(page),
        Key::Home | Key::Char('g') => 0,
        Key::End | Key::Char('G') => last,
        _ => from,
    };
    to.min(last)
}

/// Whether each word is somewhere in what the row says.
fn has_all(port: &PortSummary, words: &[String]) -> bool {
    let reason = port.reason();
    let role = port.role_and_plane();
    let says = [
        Some(port.port.as_str()),
        Some(port.bus.as_str()),
        Some(&port.verdict),
        Some(&port.presence),
        role.as_deref(),
        port.class.as_deref(),
        port.vendor.as_deref(),
        port.part_number.as_deref(),
        port.serial.as_deref(),
        Some(reason.as_str()),
    ];
    let says: Vec<String> = says.into_iter().flatten().map(str::to_lowercase).collect();
    words
        .iter()
        .all(|word| says.iter().any(|text| text.contains(word)))
}

#[cfg(test)]
pub(super) mod tests;
