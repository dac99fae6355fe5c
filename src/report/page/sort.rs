//! The orders that the table of ports can be read in. Each begins with the port
//! that wants a person most; what is not known comes last.

use std::cmp::Ordering;

use super::Seen;
use crate::plan::finding::Severity;
use crate::report::headline::Headline;
use crate::report::order;

/// An order of the table of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The gravest verdict first.
    #[default]
    State,
    /// As on the box.
    Port,
    /// The least margin of received light first, dark lanes before all.
    Margin,
    /// The hottest first.
    Temperature,
    /// The error ratio nearest to its limit first.
    Ber,
    /// The fastest growing error ratio first.
    Growth,
    /// The most often inserted first.
    Inserted,
    /// The gravest findings first, then the most.
    Findings,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 8] = [
        Self::State,
        Self::Port,
        Self::Margin,
        Self::Temperature,
        Self::Ber,
        Self::Growth,
        Self::Inserted,
        Self::Findings,
    ];

    /// The word for it in an address, `margin`.
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Port => "port",
            Self::Margin => "margin",
            Self::Temperature => "temperature",
            Self::Ber => "ber",
            Self::Growth => "growth",
            Self::Inserted => "inserted",
            Self::Findings => "findings",
        }
    }

    /// The order of that word; an error says which there are.
    ///
    /// # Errors
    /// What the choices are, where there is no such order.
    pub fn parse(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|sort| sort.name() == word);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("There is no order called {word}; there are {names}.")
        })
    }

    /// What stands first, in words.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::State => "worst first",
            Self::Port => "as on the box",
            Self::Margin => "least margin of light first",
            Self::Temperature => "hottest first",
            Self::Ber => "nearest to the error limit first",
            Self::Growth => "fastest growing errors first",
            Self::Inserted => "most often inserted first",
            Self::Findings => "gravest findings first",
        }
    }

    /// What the order is called for `aria-sort`.
    pub(super) fn direction(self) -> &'static str {
        match self {
            Self::Port | Self::Margin | Self::Ber => "ascending",
            Self::State | Self::Temperature | Self::Growth | Self::Inserted | Self::Findings => {
                "descending"
            }
        }
    }

    /// The ports in this order; those alike by verdict and error ratio, and then as on
    /// the box.
    pub(super) fn sorted<'a, 'b>(self, seen: &'b [Seen<'a>]) -> Vec<&'b Seen<'a>> {
        let mut sorted: Vec<&Seen<'_>> = seen.iter().collect();
        if self != Self::Port {
            sorted.sort_by(|one, other| {
                let by_key = self.compare(one, other);
                by_key.then_with(|| Self::State.compare(one, other))
            });
        }
        sorted
    }

    /// Who stands first. What the table of a terminal is sorted by too is compared as
    /// there.
    fn compare(self, one: &Seen<'_>, other: &Seen<'_>) -> Ordering {
        let (a, b) = (&one.headline, &other.headline);
        let ber = |headline: &Headline| headline.ber.map(|ber| ber.margin);
        let light = |headline: &Headline| headline.light.map(|light| light.nearness());
        let temperature = |headline: &Headline| headline.temperature.map(|t| t.celsius());
        match self {
            Self::State => {
                let by_rank = one.mark.rank.cmp(&other.mark.rank);
                by_rank.then_with(|| order::least(ber(a), ber(b)))
            }
            Self::Port => Ordering::Equal,
            Self::Margin => order::by_light(light(a), light(b)),
            Self::Temperature => order::most(temperature(a), temperature(b)),
            Self::Ber => order::least(ber(a), ber(b)),
            Self::Growth => order::most(a.growth, b.growth),
            Self::Inserted => b.insertions.cmp(&a.insertions),
            Self::Findings => order::most(weight(one), weight(other)),
        }
    }
}

/// How much the findings of a port weigh: one grave one above any number of others.
fn weight(seen: &Seen<'_>) -> Option<f64> {
    let weights = seen.findings.iter().map(|finding| match finding.severity {
        Severity::Error => 1e6,
        Severity::Warning => 1e3,
        Severity::Notice => 1.0,
    });
    let sum: f64 = weights.sum();
    (sum > 0.0).then_some(sum)
}
