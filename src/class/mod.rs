//! What a module is: its class, with the evidence for it.
//!
//! Form (pluggable, cable, …) and retiming (none, transmit only, both) are kept
//! apart; the class is the word that people use for the combination.

pub mod power;

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
    /// The word used in labels and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::TxOnly => "tx-only",
            Self::Both => "both",
            Self::Unknown => "unknown",
        }
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
}

/// What the operator may change about classification: overrides, part numbers
/// and weights.
#[derive(Debug, Clone, Default)]
pub struct Settings {}

/// Finds the class of a module.
///
/// Never fails: where the evidence is too thin or contradictory the class is
/// [`Class::Unknown`] and the reasons are in `missing` and `conflicts`.
pub fn classify(snapshot: &crate::module::Snapshot, settings: &Settings) -> Classification {
    let _ = (snapshot, settings);
    Classification {
        class: Class::Unknown,
        form: Form::Pluggable,
        retiming: Retiming::Unknown,
        confidence: 0.0,
        source: Source::Scored,
        evidence: Vec::new(),
        missing: Vec::new(),
        conflicts: Vec::new(),
    }
}
