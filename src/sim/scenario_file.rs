//! The scenario file: TOML text into the events of [`Scenario`], every mistake
//! with its line and column.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::builders;
use super::fault::Fault;
use super::scenario::{Action, Event, HOSTILE_TEXT, HostDeed, Knob, Scenario};
use super::scenario_time::{Time, no_time, seconds};
use crate::names::PortName;
use crate::tomlfile::{Mistake, expand};

/// The words of `do`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    Insert,
    Remove,
    Swap,
    Heat,
    Supply,
    Cooling,
    Ageing,
    Loss,
    Bend,
    Dirt,
    LaneLoss,
    Ber,
    Bursts,
    Flap,
    Down,
    DarkLane,
    DeadLaser,
    FirmwareHang,
    Nack,
    Stuck,
    BusError,
    ArbitrationLoss,
    OtherMaster,
    ShortReads,
    Hang,
    Slow,
    Errno,
    Unplug,
    Plug,
    HostileText,
    FecReset,
    FecRestart,
    FecStill,
    FecSilent,
    FecWidth,
    FecRate,
    Clear,
}

impl Deed {
    fn word(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Remove => "remove",
            Self::Swap => "swap",
            Self::Heat => "heat",
            Self::Supply => "supply",
            Self::Cooling => "cooling",
            Self::Ageing => "ageing",
            Self::Loss => "loss",
            Self::Bend => "bend",
            Self::Dirt => "dirt",
            Self::LaneLoss => "lane-loss",
            Self::Ber => "ber",
            Self::Bursts => "bursts",
            Self::Flap => "flap",
            Self::Down => "down",
            Self::DarkLane => "dark-lane",
            Self::DeadLaser => "dead-laser",
            Self::FirmwareHang => "firmware-hang",
            Self::Nack => "nack",
            Self::Stuck => "stuck",
            Self::BusError => "bus-error",
            Self::ArbitrationLoss => "arbitration-loss",
            Self::OtherMaster => "other-master",
            Self::ShortReads => "short-reads",
            Self::Hang => "hang",
            Self::Slow => "slow",
            Self::Errno => "errno",
            Self::Unplug => "unplug",
            Self::Plug => "plug",
            Self::HostileText => "hostile-text",
            Self::FecReset => "fec-reset",
            Self::FecRestart => "fec-restart",
            Self::FecStill => "fec-still",
            Self::FecSilent => "fec-silent",
            Self::FecWidth => "fec-width",
            Self::FecRate => "fec-rate",
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
    at: Spanned<Time>,
    port: Spanned<String>,
    #[serde(rename = "do")]
    deed: Spanned<Deed>,
    value: Option<Spanned<f64>>,
    over: Option<Spanned<Time>>,
    /// After how long it ends by itself.
    #[serde(rename = "for")]
    lasts: Option<Spanned<Time>>,
    lane: Option<Spanned<u8>>,
    module: Option<Spanned<String>>,
    text: Option<String>,
}

/// What is wrong and where in the text.
pub(super) type Complaint = (Range<usize>, String);

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
            match row.events(&ports) {
                Ok(new) => events.extend(new),
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
    /// What happens at each of its ports, and what ends it there.
    fn events(&self, ports: &[&PortName]) -> Result<Vec<Event>, Complaint> {
        let at = seconds(&self.at)?;
        let action = self.action()?;
        let over = self.over.as_ref().map_or(Ok(Duration::ZERO), seconds)?;
        let end = self.lasts.as_ref().map(|lasts| {
            let end = action.end().ok_or_else(|| {
                let word = self.deed.get_ref().word();
                (
                    lasts.span(),
                    format!("\"{word}\" has no end; leave \"for\" out"),
                )
            });
            end.and_then(|end| Ok((at + seconds(lasts)?, end)))
        });
        let end = end.transpose()?;
        let mut events = Vec::new();
        for port in self.ports(ports)? {
            let event = |at, action| Event {
                at,
                port: port.clone(),
                deed: self.deed.get_ref().word(),
                action,
                over,
            };
            events.push(event(at, action.clone()));
            events.extend(end.clone().map(|(at, action)| event(at, action)));
        }
        Ok(events)
    }

    /// The ports that it names, ranges written out.
    fn ports(&self, ports: &[&PortName]) -> Result<Vec<PortName>, Complaint> {
        let complain = |message| (self.port.span(), message);
        let names = expand(self.port.get_ref()).map_err(|mistake| complain(mistake.to_string()))?;
        let port = |name: &String| {
            let known = ports.iter().find(|port| port.as_str() == name.as_str());
            known
                .map(|port| (*port).clone())
                .ok_or_else(|| complain(format!("no port is called \"{name}\"")))
        };
        names.iter().map(port).collect()
    }

    fn action(&self) -> Result<Action, Complaint> {
        let turn = |knob| Ok(Action::Turn(knob, Some(self.number()?)));
        let strike = |knob| Ok(Action::Turn(knob, Some(1.0)));
        Ok(match self.deed.get_ref() {
            Deed::Insert => Action::Insert(self.module.as_ref().map(family).transpose()?),
            Deed::Remove => Action::Remove,
            Deed::Swap => Action::Swap(family(self.wanted(&self.module, "module")?)?),
            Deed::Heat => return turn(Knob::Heat),
            Deed::Supply => return turn(Knob::Supply),
            Deed::Cooling => Action::Cooling(self.number()?),
            Deed::Ageing => return turn(Knob::Ageing),
            Deed::Loss => return turn(Knob::Loss),
            Deed::Bend => return turn(Knob::Bend),
            Deed::Dirt => return turn(Knob::Dirt),
            Deed::LaneLoss => return turn(Knob::LaneLoss(self.lane()?)),
            Deed::Ber => return turn(Knob::BitErrors),
            Deed::Bursts => return turn(Knob::Bursts),
            Deed::Flap => return self.while_away(Knob::Flap),
            Deed::Down => return self.while_away(Knob::Down),
            Deed::DarkLane => return strike(Knob::DarkLane(self.lane()?)),
            Deed::DeadLaser => return strike(Knob::DeadLaser(self.lane()?)),
            Deed::FirmwareHang => return strike(Knob::Hang),
            Deed::FecReset => Action::Host(HostDeed::Reset),
            Deed::FecRestart => Action::Host(HostDeed::Restart(self.time()?)),
            Deed::FecStill => Action::Host(HostDeed::Still),
            Deed::FecSilent => Action::Host(HostDeed::Vanish),
            Deed::FecWidth => Action::Host(HostDeed::Width(self.width()?)),
            Deed::FecRate => Action::Host(HostDeed::Rate(self.factor()?)),
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
            Deed::Hang => Action::Fault(Fault::Hang(self.time()?)),
            Deed::Slow => Action::Fault(Fault::Slow(self.time()?)),
            Deed::Errno => Action::Fault(Fault::Errno(self.error_number()?)),
            Deed::Unplug => Action::Plug(false),
            Deed::Plug => Action::Plug(true),
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

    /// Something that takes the link away for a while; the value is how much
    /// worse receivers adapt, nothing if left out.
    fn while_away(&self, knob: Knob) -> Result<Action, Complaint> {
        self.wanted(&self.over, "over")?;
        let decades = self.value.as_ref().map(|_| self.number()).transpose()?;
        Ok(Action::Turn(knob, Some(decades.unwrap_or(0.0))))
    }

    /// The value as a time in seconds.
    fn time(&self) -> Result<Duration, Complaint> {
        let value = self.wanted(&self.value, "value")?;
        Duration::try_from_secs_f64(*value.get_ref()).map_err(|_| no_time(value.span()))
    }

    /// A number of bits of a counter.
    fn width(&self) -> Result<u32, Complaint> {
        self.whole(8.0, 64.0)
    }

    /// An error number of the kernel's (asm-generic/errno.h).
    fn error_number(&self) -> Result<u8, Complaint> {
        const HIGHEST: f64 = 133.0;
        let number = self.whole(1.0, HIGHEST)?;
        Ok(u8::try_from(number).unwrap_or(u8::MAX))
    }

    /// How many times as fast.
    fn factor(&self) -> Result<f64, Complaint> {
        const MOST: f64 = 100.0;
        let value = self.wanted(&self.value, "value")?;
        match *value.get_ref() {
            factor if factor > 0.0 && factor <= MOST => Ok(factor),
            _ => Err((value.span(), "not a number above 0, to 100".to_owned())),
        }
    }

    /// A number of transactions, 1 and up.
    fn count(&self) -> Result<u32, Complaint> {
        const MOST: f64 = 1e9;
        self.whole(1.0, MOST)
    }

    fn whole(&self, least: f64, most: f64) -> Result<u32, Complaint> {
        let value = self.wanted(&self.value, "value")?;
        match *value.get_ref() {
            n if (least..=most).contains(&n) && n.fract() == 0.0 => {
                Ok(u32::try_from(super::raw::to_u64(n)).unwrap_or(u32::MAX))
            }
            _ => {
                let message = format!("not a whole number from {least} to {most}");
                Err((value.span(), message))
            }
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

[[event]]
at = 1
port = 'a'
do = 'errno'
value = 134
";
        let found = complaints(text);
        assert_eq!(found[0], "s.toml:4:8: no port is called \"c\"");
        assert_eq!(found[1], "s.toml:11:6: \"heat\" needs \"value\"");
        assert_eq!(
            found[2],
            "s.toml:14:6: not a time: seconds, 0 and up, or a text such as \"90 min\", \"12 h\", \"3 d\""
        );
        assert!(found[3].starts_with("s.toml:22:10: no module is called \"dsp\"; there are dsp"));
        assert_eq!(found[4], "s.toml:28:8: lanes are 1 to 64");
        assert_eq!(found[5], "s.toml:34:9: not a whole number from 1 to 133");
        assert_eq!(found.len(), 6);
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

    #[test]
    fn an_event_can_have_many_ports_and_an_end() {
        let ports = ["a1", "a2"].map(|name| PortName::new(name).unwrap());
        let text = "[[event]]\nat = '1 min'\nport = 'a{1..2}'\ndo = 'bend'\nvalue = 2\nfor = 30\n";
        let mut scenario = Scenario::parse(text, Path::new("s.toml"), &ports).unwrap();
        let cages = std::collections::BTreeMap::new();
        let began = scenario.apply(Duration::from_secs(60), &cages);
        let names: Vec<&str> = began.iter().map(|event| event.port.as_str()).collect();
        assert_eq!(names, ["a1", "a2"]);
        assert_eq!(scenario.next_at(), Some(Duration::from_secs(90)));
        assert_eq!(scenario.apply(Duration::from_secs(90), &cages).len(), 2);
        let endless = complaints("[[event]]\nat = 1\nport = 'a'\ndo = 'remove'\nfor = 3\n");
        assert_eq!(
            endless[0],
            "s.toml:5:7: \"remove\" has no end; leave \"for\" out"
        );
        let timeless = complaints("[[event]]\nat = 1\nport = 'a'\ndo = 'flap'\n");
        assert_eq!(timeless[0], "s.toml:4:6: \"flap\" needs \"over\"");
    }

    #[test]
    fn every_deed_is_told_in_the_demo() {
        let told = include_str!("../../config/scenarios/demo.toml");
        let known = complaints("[[event]]\nat = 1\nport = 'a'\ndo = 'nothing'\n");
        let words: Vec<&str> = known[0].split('`').skip(3).step_by(2).collect();
        assert!(words.len() > 30, "{known:?}");
        for word in words {
            assert!(told.contains(word), "{word} is not explained");
        }
    }
}
