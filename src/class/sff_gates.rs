//! Structural gates of the older memory maps: copper cables, optical cables and
//! twisted pair as SFF-8636 and SFF-8472 tell of them.

use super::cables::{Technology, limiting_copper};
use super::facts::Facts;
use super::gates::{decided, structural};
use super::settings::{Gate, Settings};
use super::{Class, Classification, Evidence, Retiming};
use crate::bus::address::{Half, Span};
use crate::module::Management;

/// SFF-8472 A0h:8, cable technology.
const SFP_CABLE: u8 = 8;
const SFP_PASSIVE: u8 = 1 << 2;
const SFP_ACTIVE: u8 = 1 << 3;

const QSFP_RECOVERY: &str = "00h:129.3, 00h:129.2";
const SFP_RECOVERY: &str = "A0h:64.3";

/// The class of a cable or a twisted-pair module with an older memory map.
pub(super) fn decide(facts: &Facts, settings: &Settings) -> Option<Classification> {
    by_extended_compliance(facts, settings).or_else(|| match facts.snapshot.management {
        Management::Sff8636 => by_technology(facts, settings),
        Management::Sff8472 => by_cable_bits(facts, settings),
        Management::Cmis | Management::Unknown => None,
    })
}

fn by_extended_compliance(facts: &Facts, settings: &Settings) -> Option<Classification> {
    let code = facts.snapshot.identity.extended_compliance.value()?;
    let place = match facts.snapshot.management {
        Management::Sff8472 => "A0h:36",
        _ => "00h:192",
    };
    let fact = |gate, says: &str| {
        vec![structural(
            settings,
            gate,
            "codes",
            place,
            format!("{code:02X}h"),
            says,
        )]
    };
    if settings.codes.sff_optical_cable.contains(&code) {
        let retiming = match recovery(facts) {
            Some((true, true)) => Retiming::Both,
            _ => Retiming::Unknown,
        };
        let evidence = fact(Gate::OpticalCable, "an active optical cable");
        return Some(decided(Class::Aoc, retiming, evidence));
    }
    let evidence = fact(Gate::TwistedPair, "a twisted-pair interface");
    settings
        .codes
        .sff_twisted_pair
        .contains(&code)
        .then(|| decided(Class::BaseT, Retiming::Both, evidence))
}

fn by_technology(facts: &Facts, settings: &Settings) -> Option<Classification> {
    let code = facts.snapshot.identity.media_technology.value()?;
    let kind = Technology::of(code);
    let fact = |gate| -> Vec<Evidence> {
        let value = format!("{code:02X}h");
        vec![structural(
            settings,
            gate,
            "technology",
            "00h:147.7-4",
            value,
            kind.says(),
        )]
    };
    match kind {
        Technology::PassiveCopper => Some(decided(
            Class::Dac,
            Retiming::None,
            fact(Gate::PassiveCopper),
        )),
        Technology::LimitingCopper => Some(limiting_copper(
            settings,
            recovery(facts),
            QSFP_RECOVERY,
            fact,
        )),
        Technology::LinearCopper => Some(decided(
            Class::Lacc,
            Retiming::None,
            fact(Gate::LinearCopper),
        )),
        Technology::Optical | Technology::Unsaid => None,
    }
}

fn by_cable_bits(facts: &Facts, settings: &Settings) -> Option<Classification> {
    let span = Span::new(Half::LOWER, SFP_CABLE, SFP_CABLE)?;
    let bits = facts.snapshot.image.known(span)?.u8(SFP_CABLE);
    let fact = |gate, place: &str, says: &str| -> Vec<Evidence> {
        vec![structural(
            settings,
            gate,
            "technology",
            place,
            "1".to_owned(),
            says,
        )]
    };
    if bits & SFP_PASSIVE != 0 {
        let evidence = fact(Gate::PassiveCopper, "A0h:8.2", "a passive cable");
        return Some(decided(Class::Dac, Retiming::None, evidence));
    }
    (bits & SFP_ACTIVE != 0).then(|| {
        limiting_copper(settings, recovery(facts), SFP_RECOVERY, |gate| {
            fact(gate, "A0h:8.3", "an active cable")
        })
    })
}

fn recovery(facts: &Facts) -> Option<(bool, bool)> {
    let cdr = facts.snapshot.sff_cdr.value()?;
    Some((cdr.tx, cdr.rx))
}
