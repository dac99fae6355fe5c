//! What the store tells of a port, for its page: asked for by who serves the page,
//! on a thread that may wait.

use std::collections::BTreeMap;

use super::chart::Span;
use crate::report::events::{CaptureDocument, EventDocument};
use crate::report::sessions::SessionDocument;
use crate::store::record::EventRecord;

/// How far back the charts go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Range {
    /// An hour, minute by minute.
    #[default]
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
}

impl Range {
    /// Every range, the shortest first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// The word used in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
        }
    }

    /// The range that a word names.
    ///
    /// # Errors
    /// What would have been right.
    pub fn parse(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|range| range.name() == word);
        found.ok_or_else(|| format!("range: {word:?} is none; expected 1h, 24h or 7d"))
    }

    /// How many minutes it has.
    pub fn minutes(self) -> u64 {
        match self {
            Self::Hour => 60,
            Self::Day => 24 * 60,
            Self::Week => 7 * 24 * 60,
        }
    }

    /// How many of them are one point of a chart: no line has more than 700.
    fn step(self) -> u64 {
        match self {
            Self::Hour => 1,
            Self::Day => 3,
            Self::Week => 15,
        }
    }
}

/// One minute of a series, in the unit of the series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minute {
    /// The minute, counted from 1970.
    pub minute: u64,
    /// The least.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// The most.
    pub max: f64,
}

/// What was found in the store.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The minute after the last that is asked for, counted from 1970.
    pub to: u64,
    /// The series that have a chart, by name.
    pub series: BTreeMap<String, Vec<Minute>>,
    /// What happened in the range, the oldest first.
    pub happened: Vec<EventRecord>,
    /// The newest events whenever they were, the newest first.
    pub recent: Vec<EventDocument>,
    /// The newest captures, the newest first.
    pub captures: Vec<CaptureDocument>,
    /// Link sessions, the newest first.
    pub sessions: Vec<SessionDocument>,
}

/// What a page shows of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// How far back its charts go.
    pub range: Range,
    /// What was found, or in words why nothing can be told.
    pub found: Result<Found, String>,
}

impl Past {
    /// The minutes of the charts.
    pub(super) fn span(&self, found: &Found) -> Span {
        let step = self.range.step();
        // Whole buckets, so that a line does not jump while it is looked at.
        let to = found.to.div_ceil(step) * step;
        Span {
            from: to.saturating_sub(self.range.minutes()),
            to,
            step,
        }
    }
}

/// Whether a series has a chart on a port's page.
pub fn is_charted(series: &str) -> bool {
    use super::timeline::{BER, RX_POWER, TEMPERATURE};
    series == TEMPERATURE || series.starts_with(BER) || series.starts_with(RX_POWER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_go_by_their_names_and_others_are_told_what_there_is() {
        for range in Range::ALL {
            assert_eq!(Range::parse(range.name()), Ok(range));
            assert!(range.minutes() / range.step() < 700);
        }
        let said = Range::parse("2y").unwrap_err();
        assert_eq!(said, "range: \"2y\" is none; expected 1h, 24h or 7d");
    }
}
