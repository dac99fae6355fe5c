//! The scenario file: TOML text into the events of [`Scenario`], every mistake
//! with its line and column.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::builders;
use super::fault::Fault;
use super::scenario::{Action, Event, HOSTILE_TEXT, Scenario};
use crate::names::PortName;
use crate::tomlfile::Mistake;

/// The words of `do`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    Insert,
    Remove,
    Swap,
    Heat,
    Ageing,
    Loss,
    Ber,
    DarkLane,
    DeadLaser,
    Nack,
    Stuck,
    BusError,
    ArbitrationLoss,
    OtherMaster,
    ShortReads,
    Hang,
    HostileText,
    Clear,
}

impl Deed {
    fn word(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Remove => "remove",
            Self::Swap => "swap",
            Self::Heat => "heat",
            Self::Ageing => "ageing",
            Self::Loss => "loss",
            Self::Ber => "ber",
            Self::DarkLane => "dark-lane",
            Self::DeadLaser => "dead-laser",
            Self::Nack => "nack",
            Self::Stuck => "stuck",
            Self::BusError => "bus-error",
            Self::ArbitrationLoss => "arbitration-loss",
            Self::OtherMaster => "other-master",
            Self::ShortReads => "short-reads",
            Self::Hang => "hang",
            Self::HostileText => "hostile-text",
            Self::Clear => "clear",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    event: Vec<Row>,
}

/// One event as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    at: Spanned<f64>,
    port: Spanned<String>,
    #[serde(rename = "do")]
    deed: Spanned<Deed>,
    value: Option<Spanned<f64>>,
    over: Option<Spanned<f64>>,
    lane: Option<Spanned<u8>>,
    module: Option<Spanned<String>>,
    text: Option<String>,
}

/// What is wrong and where in the text.
type Complaint = (Range<usize>, String);

impl Scenario {
    /// Reads a scenario for these ports; `file` names it in mistakes.
    ///
    /// # Errors
    /// Every mistake in the file; only the first one where it is not TOML or
    /// has a key or word that does not belong.
    pub fn parse<'a>(
        text: &str,
        file: &Path,
        ports: impl IntoIterator<Item = &'a PortName>,
    ) -> Result<Self, Vec<Mistake>> {
        let mistake = |(span, message): Complaint| {
            let (line, column) = position(text, span.start);
            Mistake {
                file: file.to_owned(),
                line,
                column,
                message,
            }
        };
        let rows: File = toml::from_str(text).map_err(|error| {
            let message = error.message().to_owned();
            vec![mistake((error.span().unwrap_or_default(), message))]
        })?;
        let ports: Vec<&PortName> = ports.into_iter().collect();
        let mut events = Vec::new();
        let mut mistakes = Vec::new();
        for row in &rows.event {
            match row.event(&ports) {
                Ok(event) => events.push(event),
                Err(complaint) => mistakes.push(mistake(complaint)),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Self::new(events))
    }
}

impl Row {
    fn event(&self, ports: &[&PortName]) -> Result<Event, Complaint> {
        let port = ports
            .iter()
            .find(|port| port.as_str() == self.port.get_ref().as_str())
            .ok_or_else(|| {
                let message = format!("no port is called \"{}\"", self.port.get_ref());
                (self.port.span(), message)
            })?;
        Ok(Event {
            at: seconds(&self.at)?,
            port: (*port).clone(),
            deed: self.deed.get_ref().word(),
            action: self.action()?,
            over: self.over.as_ref().map_or(Ok(Duration::ZERO), seconds)?,
        })
    }

    fn action(&self) -> Result<Action, Complaint> {
        Ok(match self.deed.get_ref() {
            Deed::Insert => Action::Insert(self.module.as_ref().map(family).transpose()?),
            Deed::Remove => Action::Remove,
            Deed::Swap => Action::Swap(family(self.wanted(&self.module, "module")?)?),
            Deed::Heat => Action::Heat(self.number()?),
            Deed::Ageing => Action::Ageing(self.number()?),
            Deed::Loss => Action::Loss(self.number()?),
            Deed::Ber => Action::BitErrors(self.number()?),
            Deed::DarkLane => Action::DarkLane(self.lane()?),
            Deed::DeadLaser => Action::DeadLaser(self.lane()?),
            Deed::Nack => Action::Fault(match &self.value {
                None => Fault::NackForever,
                Some(_) => Fault::NackNext(self.count()?),
            }),
            Deed::Stuck => Action::Fault(Fault::Stuck),
            Deed::BusError => Action::Fault(Fault::BusError(self.count()?)),
            Deed::ArbitrationLoss => Action::Fault(Fault::ArbitrationLoss(self.count()?)),
            Deed::OtherMaster => Action::Fault(Fault::OtherMaster {
                nth: self.count()?,
                bank: 0,
                page: 0x02,
            }),
            Deed::ShortReads => Action::Fault(Fault::ShortReads),
            Deed::Hang => Action::Fault(Fault::Hang(seconds(self.wanted(&self.value, "value")?)?)),
            Deed::HostileText => Action::Text(match &self.text {
                Some(text) => text.clone().into_bytes(),
                None => HOSTILE_TEXT.to_vec(),
            }),
            Deed::Clear => Action::Clear,
        })
    }

    fn wanted<'a, T>(
        &self,
        field: &'a Option<Spanned<T>>,
        name: &str,
    ) -> Result<&'a Spanned<T>, Complaint> {
        field.as_ref().ok_or_else(|| {
            let message = format!("\"{}\" needs \"{name}\"", self.deed.get_ref().word());
            (self.deed.span(), message)
        })
    }

    fn number(&self) -> Result<f64, Complaint> {
        let value = self.wanted(&self.value, "value")?;
        match value.get_ref().is_finite() {
            true => Ok(*value.get_ref()),
            false => Err((value.span(), "not a finite number".to_owned())),
        }
    }

    /// A number of transactions, 1 and up.
    fn count(&self) -> Result<u32, Complaint> {
        const MOST: f64 = 1e9;
        let value = self.wanted(&self.value, "value")?;
        match *value.get_ref() {
            n if (1.0..=MOST).contains(&n) && n.fract() == 0.0 => {
                Ok(u32::try_from(super::raw::to_u64(n)).unwrap_or(u32::MAX))
            }
            _ => Err((value.span(), "not a whole number from 1 to 1e9".to_owned())),
        }
    }

    /// A lane as people count, made an index from 0.
    fn lane(&self) -> Result<u8, Complaint> {
        const MOST: u8 = 64;
        let lane = self.wanted(&self.lane, "lane")?;
        match *lane.get_ref() {
            n @ 1..=MOST => Ok(n - 1),
            _ => Err((lane.span(), format!("lanes are 1 to {MOST}"))),
        }
    }
}

fn seconds(value: &Spanned<f64>) -> Result<Duration, Complaint> {
    Duration::try_from_secs_f64(*value.get_ref())
        .map_err(|_| (value.span(), "not a time in seconds, 0 and up".to_owned()))
}

fn family(name: &Spanned<String>) -> Result<String, Complaint> {
    if builders::NAMES.contains(&name.get_ref().as_str()) {
        return Ok(name.get_ref().clone());
    }
    let known = builders::NAMES.join(", ");
    let message = format!(
        "no module is called \"{}\"; there are {known}",
        name.get_ref()
    );
    Err((name.span(), message))
}

/// Line and column, in characters from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before.get(start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: &str) -> Vec<String> {
        let ports = ["a", "b"].map(|name| PortName::new(name).unwrap());
        let mistakes = Scenario::parse(text, Path::new("s.toml"), &ports).unwrap_err();
        mistakes.iter().map(Mistake::to_string).collect()
    }

    #[test]
    fn mistakes_say_where_and_what() {
        let text = "
[[event]]
at = 1
port = 'c'
do = 'heat'
value = 80

[[event]]
at = 1
port = 'a'
do = 'heat'

[[event]]
at = -1
port = 'a'
do = 'clear'

[[event]]
at = 1
port = 'a'
do = 'swap'
module = 'dsp'

[[event]]
at = 1
port = 'a'
do = 'dark-lane'
lane = 0
";
        let found = complaints(text);
        assert_eq!(found[0], "s.toml:4:8: no port is called \"c\"");
        assert_eq!(found[1], "s.toml:11:6: \"heat\" needs \"value\"");
        assert_eq!(found[2], "s.toml:14:6: not a time in seconds, 0 and up");
        assert!(found[3].starts_with("s.toml:22:10: no module is called \"dsp\"; there are dsp"));
        assert_eq!(found[4], "s.toml:28:8: lanes are 1 to 64");
        assert_eq!(found.len(), 5);
    }

    #[test]
    fn unknown_words_and_keys_are_refused_with_what_would_be_right() {
        let word = complaints("[[event]]\nat = 1\nport = 'a'\ndo = 'melt'\n");
        assert!(word[0].starts_with("s.toml:4:6: "), "{word:?}");
        assert!(word[0].contains("`heat`"), "{word:?}");
        let key = complaints("[[event]]\nat = 1\nport = 'a'\ndo = 'clear'\nvalu = 1\n");
        assert!(key[0].starts_with("s.toml:5:1: "), "{key:?}");
        assert!(key[0].contains("`value`"), "{key:?}");
    }
}
