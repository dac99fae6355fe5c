//! Structural gates: where one fact decides before anything is weighed.
//!
//! The order matters. A co-packaged engine can show the clock recovery bits of
//! an LRO, so the identifier is asked first; a cable is a cable whatever its
//! codes say, so the media type (CMIS 00h:85) comes next; coherent codes last.

use super::facts::{ClockRecovery, Facts};
use super::settings::{Gate, Settings};
use super::{Class, Classification, Evidence, Retiming, Source, cables, sff_gates};
use crate::cmis::sff8024::{self, Kind};
use crate::module::Management;

/// SFF-8024 identifier of an external laser source.
const LASER_SOURCE: u8 = 0x22;

/// 01h:142 and 155, CMIS 5.4 Tables 8-47 and 8-51.
const COHERENT_PAGES: u8 = 1 << 4;
const TUNABLE: u8 = 1 << 6;

/// Signs of coherence that make one, where no code says so.
const ENOUGH_SIGNS: usize = 2;

/// The class where structure decides it. `weighed` is what the evidence would
/// give, for those kinds whose retiming is an attribute of its own.
pub(super) fn decide(
    facts: &Facts,
    settings: &Settings,
    weighed: &Classification,
) -> Option<Classification> {
    by_identifier(facts, settings, weighed)
        .or_else(|| match facts.snapshot.management {
            Management::Cmis => cables::decide(facts, settings, weighed),
            Management::Sff8636 | Management::Sff8472 => sff_gates::decide(facts, settings),
            Management::Unknown => None,
        })
        .or_else(|| by_coherent_code(facts, settings))
        .or_else(|| by_coherent_signs(facts, settings))
}

fn by_identifier(
    facts: &Facts,
    settings: &Settings,
    weighed: &Classification,
) -> Option<Classification> {
    let identifier = facts.snapshot.identity.identifier;
    let fact = |gate, says: &str| {
        structural(
            settings,
            gate,
            "identifier",
            "00h:0",
            format!("{identifier:02X}h"),
            says,
        )
    };
    if identifier == LASER_SOURCE {
        let evidence = fact(Gate::LaserSource, "an external laser source");
        return Some(decided(Class::Elsfp, Retiming::None, vec![evidence]));
    }
    if !settings.co_packaged.contains(&identifier) {
        return None;
    }
    let evidence = fact(Gate::CoPackaged, "an optical engine beside the chip");
    let mut engine = decided(
        Class::Cpo,
        believed_of_engine(weighed.retiming),
        vec![evidence],
    );
    if let Some(claimed) = facts.claimed_recovery {
        engine.evidence.push(Evidence {
            signal: "retiming",
            place: ClockRecovery::PLACE.to_owned(),
            value: claimed.value(),
            says: match (claimed.tx, claimed.rx) {
                (true, false) => "the bits say transmit only, which engines say without being LRO",
                _ => "the bits speak of retiming only, not of the class",
            }
            .to_owned(),
            weight: 0.0,
        });
    }
    engine.missing.clone_from(&facts.missing);
    Some(engine)
}

/// Engines are linear or retimed as pluggable modules are; half-retimed ones are
/// not known to exist, but one that shows the bits of it is.
fn believed_of_engine(retiming: Retiming) -> Retiming {
    match retiming {
        Retiming::None | Retiming::Both => retiming,
        Retiming::TxOnly | Retiming::Unknown => Retiming::Unknown,
    }
}

fn by_coherent_code(facts: &Facts, settings: &Settings) -> Option<Classification> {
    let media_type = facts.snapshot.media_type.value()?;
    let mut codes: Vec<u8> = facts
        .snapshot
        .applications
        .iter()
        .map(|application| application.media_code)
        .filter(|code| sff8024::kind_of_media(media_type, *code) == Kind::Coherent)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    if codes.is_empty() {
        return None;
    }
    let names: Vec<String> = codes
        .iter()
        .map(|code| match sff8024::media_interface(media_type, *code) {
            Some(row) => format!("{code:02X}h {}", row.name),
            None => format!("{code:02X}h"),
        })
        .collect();
    let evidence = structural(
        settings,
        Gate::CoherentCode,
        "codes",
        "00h:86-117, 01h:223-250",
        names.join(", "),
        "coherent media interfaces, decided and corrected in the module",
    );
    Some(decided(Class::Coherent, Retiming::Both, vec![evidence]))
}

fn by_coherent_signs(facts: &Facts, settings: &Settings) -> Option<Classification> {
    let page = facts.advertisement?;
    let laser = facts.snapshot.identity.media_technology.value();
    let sign = |place: &str, value: String, says: &str| {
        structural(
            settings,
            Gate::CoherentSigns,
            "coherent",
            place,
            value,
            says,
        )
    };
    let mut signs = Vec::new();
    if page.pages & COHERENT_PAGES != 0 {
        signs.push(sign("01h:142.4", "1".to_owned(), "has the coherent pages"));
    }
    if page.tx_controls & TUNABLE != 0 {
        signs.push(sign("01h:155.6", "1".to_owned(), "its laser can be tuned"));
    }
    if let Some(code @ (0x10 | 0x11)) = laser {
        signs.push(sign("00h:212", format!("{code:02X}h"), "a tunable laser"));
    }
    (signs.len() >= ENOUGH_SIGNS).then(|| decided(Class::Coherent, Retiming::Both, signs))
}

/// A fact that decides, with the confidence of its gate.
pub(super) fn structural(
    settings: &Settings,
    gate: Gate,
    signal: &'static str,
    place: &str,
    value: String,
    says: &str,
) -> Evidence {
    Evidence {
        signal,
        place: place.to_owned(),
        value,
        says: says.to_owned(),
        weight: settings.confidence(gate),
    }
}

/// A class that its first fact decides.
pub(super) fn decided(class: Class, retiming: Retiming, evidence: Vec<Evidence>) -> Classification {
    Classification {
        class,
        form: class.form(),
        retiming,
        confidence: evidence.first().map_or(0.0, |fact| fact.weight),
        source: Source::Structural,
        evidence,
        missing: Vec::new(),
        conflicts: Vec::new(),
        scores: Vec::new(),
    }
}
