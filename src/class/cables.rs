//! Structural gates of CMIS modules by media type (00h:85) and technology
//! (00h:212): copper cables, optical cables and twisted pair.
//!
//! There is no technology code for retimed copper: such a cable reports limiting
//! equalisers, and its clock recovery tells it from one with mere redrivers.

use super::facts::{ClockRecovery, Facts};
use super::gates::{decided, structural};
use super::settings::{Gate, Settings};
use super::{Class, Classification, Evidence, Form, Retiming, Source};

/// Media types, CMIS 5.4 Table 8-14 (00h:85).
const PASSIVE_COPPER: u8 = 3;
const ACTIVE_CABLE: u8 = 4;
const TWISTED_PAIR: u8 = 5;

/// What a media technology code stands for (CMIS 5.4 Table 8-40, and the same
/// codes up to 0Fh in SFF-8636 00h:147.7-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Technology {
    Optical,
    PassiveCopper,
    LimitingCopper,
    LinearCopper,
    Unsaid,
}

impl Technology {
    pub(super) fn of(code: u8) -> Self {
        match code {
            0x00..=0x07 | 0x09 | 0x10 | 0x11 => Self::Optical,
            0x0A | 0x0B => Self::PassiveCopper,
            0x0C..=0x0E => Self::LimitingCopper,
            0x0F | 0x12..=0x14 => Self::LinearCopper,
            _ => Self::Unsaid,
        }
    }

    pub(super) fn says(self) -> &'static str {
        match self {
            Self::Optical => "an optical technology",
            Self::PassiveCopper => "passive copper",
            Self::LimitingCopper => "copper with limiting equalisers",
            Self::LinearCopper => "copper with linear equalisers",
            Self::Unsaid => "neither optics nor any kind of copper",
        }
    }
}

/// The class of a CMIS module whose media type is a cable's or twisted pair.
pub(super) fn decide(
    facts: &Facts,
    settings: &Settings,
    weighed: &Classification,
) -> Option<Classification> {
    let media_type = facts.snapshot.media_type.value()?;
    match media_type {
        PASSIVE_COPPER => Some(passive(facts, settings)),
        ACTIVE_CABLE => Some(active(facts, settings, weighed)),
        TWISTED_PAIR => {
            let evidence = media_fact(settings, Gate::TwistedPair, TWISTED_PAIR, "twisted pair");
            Some(decided(Class::BaseT, Retiming::Both, vec![evidence]))
        }
        _ => None,
    }
}

fn passive(facts: &Facts, settings: &Settings) -> Classification {
    let technology = technology(facts);
    let (class, gate) = match technology {
        Some((_, Technology::PassiveCopper)) => (Class::Dac, Gate::PassiveCopper),
        Some((_, Technology::LinearCopper)) => (Class::Lacc, Gate::PassiveCopperLinear),
        _ => (Class::Dac, Gate::PassiveCopperOdd),
    };
    let mut evidence = vec![media_fact(
        settings,
        gate,
        PASSIVE_COPPER,
        "a passive cable",
    )];
    let mut conflicts = Vec::new();
    let mut missing = Vec::new();
    match technology {
        Some((code, kind)) if gate == Gate::PassiveCopperOdd => conflicts.push(format!(
            "00h:212 says {code:02X}h, {}, in what 00h:85 calls passive copper",
            kind.says()
        )),
        Some((code, kind)) => evidence.push(technology_fact(settings, gate, code, kind)),
        None => missing.push("media technology (00h:212): not read".to_owned()),
    }
    let mut cable = decided(class, Retiming::None, evidence);
    cable.conflicts = conflicts;
    cable.missing = missing;
    cable
}

fn active(facts: &Facts, settings: &Settings, weighed: &Classification) -> Classification {
    let Some((code, kind)) = technology(facts) else {
        return undecided(facts, "media technology (00h:212): not read", None);
    };
    let cable = |gate| {
        vec![
            technology_fact(settings, gate, code, kind),
            media_fact(settings, gate, ACTIVE_CABLE, "an active cable"),
        ]
    };
    match kind {
        Technology::LimitingCopper => {
            let recovery = facts.recovery().map(|recovery| (recovery.tx, recovery.rx));
            let mut found = limiting_copper(settings, recovery, ClockRecovery::PLACE, cable);
            if recovery.is_none() {
                found.missing.clone_from(&facts.missing);
            }
            found
        }
        Technology::LinearCopper => decided(Class::Lacc, Retiming::None, cable(Gate::LinearCopper)),
        Technology::Optical => {
            let mut optical = decided(Class::Aoc, weighed.retiming, cable(Gate::OpticalCable));
            // What was weighed is about its retiming, not about its being a cable.
            optical
                .evidence
                .extend(weighed.evidence.iter().map(|item| Evidence {
                    weight: 0.0,
                    ..item.clone()
                }));
            optical.missing.clone_from(&facts.missing);
            optical
        }
        Technology::PassiveCopper | Technology::Unsaid => {
            let conflict = format!(
                "00h:212 says {code:02X}h, {}, in what 00h:85 calls an active cable",
                kind.says()
            );
            undecided(facts, "the kind of active cable", Some(conflict))
        }
    }
}

/// An active copper cable with limiting equalisers: retimed or not by its clock
/// recovery in transmit and receive. There is no technology code for retimers.
pub(super) fn limiting_copper(
    settings: &Settings,
    recovery: Option<(bool, bool)>,
    place: &str,
    evidence: impl Fn(Gate) -> Vec<Evidence>,
) -> Classification {
    let (class, gate, retiming, says) = match recovery {
        Some((true, true)) => (
            Class::Aec,
            Gate::RetimedCopper,
            Retiming::Both,
            "recovers the clock in both directions",
        ),
        Some((false, false)) => (
            Class::Acc,
            Gate::LimitingCopper,
            Retiming::None,
            "recovers no clock",
        ),
        Some(_) | None => (
            Class::Aec,
            Gate::LimitingCopperUnread,
            Retiming::Unknown,
            "recovers the clock in one direction only",
        ),
    };
    let mut cable = decided(class, retiming, evidence(gate));
    if let Some((tx, rx)) = recovery {
        let value = format!("Tx CDR {}, Rx CDR {}", u8::from(tx), u8::from(rx));
        if tx == rx {
            let fact = structural(settings, gate, "retiming", place, value, says);
            cable.evidence.push(fact);
        } else {
            cable.conflicts.push(format!("{place}: {value}: {says}"));
        }
    }
    cable
}

fn technology(facts: &Facts) -> Option<(u8, Technology)> {
    let code = facts.snapshot.identity.media_technology.value()?;
    Some((code, Technology::of(code)))
}

fn technology_fact(settings: &Settings, gate: Gate, code: u8, kind: Technology) -> Evidence {
    structural(
        settings,
        gate,
        "technology",
        "00h:212",
        format!("{code:02X}h"),
        kind.says(),
    )
}

fn media_fact(settings: &Settings, gate: Gate, media_type: u8, says: &str) -> Evidence {
    structural(
        settings,
        gate,
        "media",
        "00h:85",
        format!("{media_type:02X}h"),
        says,
    )
}

/// A cable of which nobody can say more.
fn undecided(facts: &Facts, missing: &str, conflict: Option<String>) -> Classification {
    let mut cable = decided(Class::Unknown, Retiming::Unknown, Vec::new());
    cable.form = Form::Cable;
    // Nothing was decided after all.
    cable.source = Source::Scored;
    cable.missing.push(missing.to_owned());
    cable.missing.extend(facts.missing.iter().cloned());
    cable.conflicts.extend(conflict);
    cable
}
