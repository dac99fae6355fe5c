//! What a module is: its class, with the evidence for it.
//!
//! Form (pluggable, cable, …) and retiming (none, transmit only, both) are kept
//! apart; the class is the word that people use for the combination.
//!
//! A snapshot goes through `facts` (what may be believed), `weigh` (what the
//! `groups` of evidence find and how it adds up in `score`) and `gates`
//! (where one structural fact decides); an operator's override ends the matter.
//! All weights, limits and lists are data: `config/class.toml`, read by
//! `settings`. `explain` tells the argument to a person.

mod cables;
mod explain;
mod facts;
mod gates;
mod groups;
mod pattern;
pub mod power;
pub mod rate;
mod score;
mod settings;
mod sff_gates;
mod weigh;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod sample;

pub use explain::explain;
pub use settings::Settings;

use crate::module::Snapshot;

/// How a module is built, hence what to expect of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Fully retimed optical module.
    Dsp,
    /// Linear pluggable optics: nothing is retimed.
    Lpo,
    /// Half-retimed: the transmit direction only.
    Lro,
    /// Coherent, with soft FEC in the module.
    Coherent,
    /// Co-packaged optical engine.
    Cpo,
    /// Near-package optical engine.
    Npo,
    /// External laser source: no data path.
    Elsfp,
    /// Active optical cable.
    Aoc,
    /// Active electrical cable with retimers.
    Aec,
    /// Active copper cable with limiting redrivers.
    Acc,
    /// Linear active copper cable.
    Lacc,
    /// Passive copper cable.
    Dac,
    /// Twisted pair.
    BaseT,
    /// Evidence too thin or contradictory.
    Unknown,
}

impl Class {
    /// Every class, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        Self::Dsp,
        Self::Lpo,
        Self::Lro,
        Self::Coherent,
        Self::Cpo,
        Self::Npo,
        Self::Elsfp,
        Self::Aoc,
        Self::Aec,
        Self::Acc,
        Self::Lacc,
        Self::Dac,
        Self::BaseT,
        Self::Unknown,
    ];

    /// The word used in labels, JSON and plan files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dsp => "dsp",
            Self::Lpo => "lpo",
            Self::Lro => "lro",
            Self::Coherent => "coherent",
            Self::Cpo => "cpo",
            Self::Npo => "npo",
            Self::Elsfp => "elsfp",
            Self::Aoc => "aoc",
            Self::Aec => "aec",
            Self::Acc => "acc",
            Self::Lacc => "lacc",
            Self::Dac => "dac",
            Self::BaseT => "base-t",
            Self::Unknown => "unknown",
        }
    }

    /// The class with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// What it is, in a few words for people.
    pub fn description(self) -> &'static str {
        match self {
            Self::Dsp => "fully retimed optical module",
            Self::Lpo => "linear pluggable optics",
            Self::Lro => "half-retimed optics, linear in receive",
            Self::Coherent => "coherent module",
            Self::Cpo => "co-packaged optical engine",
            Self::Npo => "near-package optical engine",
            Self::Elsfp => "external laser source",
            Self::Aoc => "active optical cable",
            Self::Aec => "retimed copper cable",
            Self::Acc => "copper cable with limiting redrivers",
            Self::Lacc => "copper cable with linear redrivers",
            Self::Dac => "passive copper cable",
            Self::BaseT => "twisted-pair module",
            Self::Unknown => "class not established",
        }
    }

    /// The form that the class implies.
    pub fn form(self) -> Form {
        match self {
            Self::Dsp | Self::Lpo | Self::Lro | Self::Coherent | Self::BaseT | Self::Unknown => {
                Form::Pluggable
            }
            Self::Cpo | Self::Npo => Form::CoPackaged,
            Self::Elsfp => Form::LaserSource,
            Self::Aoc | Self::Aec | Self::Acc | Self::Lacc | Self::Dac => Form::Cable,
        }
    }

    /// The retiming that the class implies; unknown where it implies none.
    pub fn retiming(self) -> Retiming {
        match self {
            Self::Lpo | Self::Acc | Self::Lacc | Self::Dac | Self::Elsfp => Retiming::None,
            Self::Lro => Retiming::TxOnly,
            Self::Dsp | Self::Coherent | Self::Aec | Self::BaseT => Retiming::Both,
            Self::Cpo | Self::Npo | Self::Aoc | Self::Unknown => Retiming::Unknown,
        }
    }
}

/// What a module is to the hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A module with separable media.
    Pluggable,
    /// A cable with its ends fixed.
    Cable,
    /// An engine soldered or socketed beside the chip.
    CoPackaged,
    /// A laser that feeds engines.
    LaserSource,
}

impl Form {
    /// The word used in labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pluggable => "pluggable",
            Self::Cable => "cable",
            Self::CoPackaged => "co-packaged",
            Self::LaserSource => "laser-source",
        }
    }
}

/// Which directions a module retimes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retiming {
    /// Neither.
    None,
    /// Transmit only.
    TxOnly,
    /// Both.
    Both,
    /// Not established.
    Unknown,
}

impl Retiming {
    /// Every kind of retiming, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::None, Self::TxOnly, Self::Both, Self::Unknown];

    /// The word used in labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::TxOnly => "tx-only",
            Self::Both => "both",
            Self::Unknown => "unknown",
        }
    }

    /// The kind of retiming with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|retiming| retiming.name() == name)
    }
}

/// How a class was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The operator said so.
    Operator,
    /// One structural fact decides (identifier, media type, coherent code).
    Structural,
    /// Weighted evidence.
    Scored,
}

impl Source {
    /// The word used in labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Structural => "structural",
            Self::Scored => "scored",
        }
    }
}

/// One fact that speaks for or against the class that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// What kind of fact: `codes`, `retiming`, `terminating`, `power` …
    pub signal: &'static str,
    /// The registers that hold it, for example `01h:161.0`.
    pub place: String,
    /// The value read, as a person writes it.
    pub value: String,
    /// What it says.
    pub says: String,
    /// How strongly it speaks for (positive) or against (negative) the class
    /// that was found, -1 to 1.
    pub weight: f64,
}

/// The class of one module, with the argument for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// The class.
    pub class: Class,
    /// Its form.
    pub form: Form,
    /// What it retimes.
    pub retiming: Retiming,
    /// 0 to 1; below 0.6 the class is unknown.
    pub confidence: f64,
    /// How it was found.
    pub source: Source,
    /// The facts, strongest first.
    pub evidence: Vec<Evidence>,
    /// Facts that could not be had, and why.
    pub missing: Vec<String>,
    /// Facts that contradict the class.
    pub conflicts: Vec<String>,
    /// The classes that were weighed against each other with what each scored, 0 to
    /// 1, the best first; none where a structural fact decides.
    pub scores: Vec<(Class, f64)>,
}

/// Finds the class of a module.
///
/// Never fails: where the evidence is too thin or contradictory the class is
/// [`Class::Unknown`] and the reasons are in `missing` and `conflicts`. Depends
/// on nothing but its arguments, so that a class changes with the module or the
/// settings and never with the time of day.
pub fn classify(snapshot: &Snapshot, settings: &Settings) -> Classification {
    let facts = facts::Facts::gather(snapshot);
    let weighed = weigh::weigh(&facts, settings);
    let found = gates::decide(&facts, settings, &weighed).unwrap_or(weighed);
    match settings.overriding(snapshot) {
        Some(wish) => overridden(found, wish),
        None => found,
    }
}

/// The operator's word, with what the registers say kept beside it.
fn overridden(found: Classification, wish: &settings::Override) -> Classification {
    let class = wish.class;
    let retiming = wish.retiming.unwrap_or(match class.retiming() {
        Retiming::Unknown => found.retiming,
        implied => implied,
    });
    let mut conflicts = found.conflicts;
    if found.class != class && found.class != Class::Unknown {
        conflicts.insert(
            0,
            format!(
                "the registers say {} with confidence {:.2}",
                found.class.name(),
                found.confidence
            ),
        );
    }
    let mut evidence = vec![Evidence {
        signal: "operator",
        place: "configuration".to_owned(),
        value: class.name().to_owned(),
        says: "an override for this vendor and part".to_owned(),
        weight: 1.0,
    }];
    // What the registers say of another class is neither for nor against this one.
    evidence.extend(found.evidence.into_iter().map(|item| Evidence {
        weight: if found.class == class {
            item.weight
        } else {
            0.0
        },
        ..item
    }));
    Classification {
        class,
        form: class.form(),
        retiming,
        confidence: 1.0,
        source: Source::Operator,
        evidence,
        missing: found.missing,
        conflicts,
        scores: found.scores,
    }
}
