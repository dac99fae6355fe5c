//! How evidence adds up: each class gathers support and doubt from independent
//! groups, and scores what support is left when doubt has had its share.
//!
//! support = 1 - Π(1 - w) over the supporting items, doubt likewise, score =
//! support x (1 - doubt). No item alone makes a class certain, items that agree
//! strengthen each other, and two strong ones that disagree leave nobody above
//! the line.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};

use super::Class;
use super::settings::{Limits, Settings};

/// The classes that evidence is weighed for.
pub(super) const CANDIDATES: [Class; 3] = [Class::Lpo, Class::Lro, Class::Dsp];

/// One kind of fact that can be found; its weights are in `config/class.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Item {
    CodesAllLinear,
    CodesSomeLinear,
    CodesAllHalfRetimed,
    CodesSomeHalfRetimed,
    CodesRetimed,
    CodesInnerFec,
    CodesGearbox,
    CodesSffRetimed,
    CodesSffGearbox,
    RetimingNone,
    RetimingNoneUnclear,
    RetimingTxOnly,
    RetimingRxOnly,
    RetimingBoth,
    RetimingSffIncomplete,
    TerminatingMedia,
    TerminatingHost,
    TerminatingNowhere,
    PowerLowest,
    PowerLow,
    PowerMiddle,
    PowerHigh,
    PowerHighest,
    IdentityListedLpo,
    IdentityListedLro,
    IdentityListedDsp,
    IdentityToken,
    ExtensionEnhancedLpo,
    EqualiserManualOnly,
    TechnologyCwLaser,
    TechnologyEml,
}

impl Item {
    /// The group of which only the strongest item counts.
    pub(super) fn group(self) -> &'static str {
        match self {
            Self::CodesAllLinear
            | Self::CodesSomeLinear
            | Self::CodesAllHalfRetimed
            | Self::CodesSomeHalfRetimed
            | Self::CodesRetimed
            | Self::CodesInnerFec
            | Self::CodesGearbox
            | Self::CodesSffRetimed
            | Self::CodesSffGearbox => "codes",
            Self::RetimingNone
            | Self::RetimingNoneUnclear
            | Self::RetimingTxOnly
            | Self::RetimingRxOnly
            | Self::RetimingBoth
            | Self::RetimingSffIncomplete => "retiming",
            Self::TerminatingMedia | Self::TerminatingHost | Self::TerminatingNowhere => {
                "terminating"
            }
            Self::PowerLowest
            | Self::PowerLow
            | Self::PowerMiddle
            | Self::PowerHigh
            | Self::PowerHighest => "power",
            Self::IdentityListedLpo
            | Self::IdentityListedLro
            | Self::IdentityListedDsp
            | Self::IdentityToken => "identity",
            Self::ExtensionEnhancedLpo => "extension",
            Self::EqualiserManualOnly => "equaliser",
            Self::TechnologyCwLaser | Self::TechnologyEml => "technology",
        }
    }

    /// The item for a part that is listed as a class, if parts can be.
    pub(super) fn listed(class: Class) -> Option<Self> {
        match class {
            Class::Lpo => Some(Self::IdentityListedLpo),
            Class::Lro => Some(Self::IdentityListedLro),
            Class::Dsp => Some(Self::IdentityListedDsp),
            // The others are decided by structure, not weighed.
            _ => None,
        }
    }
}

/// How much an item speaks for a class and against it, 0 to 1 each.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Weight {
    pub(super) support: f64,
    pub(super) doubt: f64,
}

impl Weight {
    /// A weight from -1 to 1; `None` outside.
    fn signed(weight: f64) -> Option<Self> {
        (-1.0..=1.0).contains(&weight).then(|| Self {
            support: weight.max(0.0),
            doubt: (-weight).max(0.0),
        })
    }

    /// What is left of support after doubt, -1 to 1.
    pub(super) fn net(self) -> f64 {
        self.support - self.doubt
    }

    fn strength(self) -> f64 {
        self.support.max(self.doubt)
    }
}

/// The weights of one item for each candidate.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Weights {
    lpo: Weight,
    lro: Weight,
    dsp: Weight,
}

impl Weights {
    /// The weight for a class; nothing for those that are not weighed.
    pub(super) fn of(self, class: Class) -> Weight {
        match class {
            Class::Lpo => self.lpo,
            Class::Lro => self.lro,
            Class::Dsp => self.dsp,
            // The others are decided by structure, not weighed.
            _ => Weight::default(),
        }
    }

    /// The strongest word that this item has for or against any class.
    fn strength(self) -> f64 {
        CANDIDATES
            .iter()
            .fold(0.0, |most: f64, class| most.max(self.of(*class).strength()))
    }
}

/// A fact that was found: which kind, where, and in words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    pub(super) item: Item,
    pub(super) place: String,
    pub(super) value: String,
    pub(super) says: String,
}

/// Keeps the strongest finding of each group, the first where two are equal.
pub(super) fn strongest(findings: Vec<Finding>, settings: &Settings) -> Vec<Finding> {
    let strength = |finding: &Finding| settings.weights(finding.item).strength();
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let rival = kept
            .iter_mut()
            .find(|rival| rival.item.group() == finding.item.group());
        match rival {
            Some(rival) if strength(&finding) > strength(rival) => *rival = finding,
            Some(_) => {}
            None => kept.push(finding),
        }
    }
    kept
}

/// What all weights for one class come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Score {
    /// The class.
    pub(super) class: Class,
    /// All that speaks for it, 0 to 1, doubts left aside.
    pub(super) support: f64,
    /// The score, 0 to [`Limits::most`].
    pub(super) score: f64,
}

/// Adds up the weights for a class.
pub(super) fn score(class: Class, weights: impl Iterator<Item = Weight>, limits: &Limits) -> Score {
    let (unsupported, undoubted) = weights.fold((1.0, 1.0), |(left, clear), weight| {
        (left * (1.0 - weight.support), clear * (1.0 - weight.doubt))
    });
    let support: f64 = 1.0 - unsupported;
    Score {
        class,
        support,
        score: (support * undoubted).min(limits.most),
    }
}

/// The candidates' scores, best first.
pub(super) fn ranking(findings: &[Finding], settings: &Settings) -> [Score; 3] {
    let mut scores = CANDIDATES.map(|class| {
        let weights = findings
            .iter()
            .map(|finding| settings.weights(finding.item).of(class));
        score(class, weights, &settings.limits)
    });
    scores.sort_by(|a, b| b.score.total_cmp(&a.score));
    scores
}

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WeightVisitor)
    }
}

/// Reads a weight: one number, or a list of support and doubt.
struct WeightVisitor;

impl<'de> Visitor<'de> for WeightVisitor {
    type Value = Weight;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from -1 to 1, or a list of such numbers")
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Weight, E> {
        Weight::signed(number)
            .ok_or_else(|| E::custom(format!("weight {number} is not within -1 and 1")))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Weight, E> {
        match number {
            -1 => self.visit_f64(-1.0),
            0 => self.visit_f64(0.0),
            1 => self.visit_f64(1.0),
            _ => Err(E::custom(format!("weight {number} is not within -1 and 1"))),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Weight, A::Error> {
        let mut both = Weight::default();
        while let Some(number) = numbers.next_element::<f64>()? {
            let one = Weight::signed(number).ok_or_else(|| {
                A::Error::custom(format!("weight {number} is not within -1 and 1"))
            })?;
            both.support = both.support.max(one.support);
            both.doubt = both.doubt.max(one.doubt);
        }
        Ok(both)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weight(signed: f64) -> Weight {
        Weight::signed(signed).unwrap()
    }

    fn limits() -> Limits {
        Settings::default().limits
    }

    fn of(weights: &[f64]) -> f64 {
        let weights = weights.iter().map(|signed| weight(*signed));
        score(Class::Lpo, weights, &limits()).score
    }

    #[test]
    fn scores_by_hand() {
        assert_eq!(of(&[]), 0.0);
        assert_eq!(of(&[0.5]), 0.5);
        assert_eq!(of(&[0.5, 0.5]), 0.75);
        assert_eq!(of(&[0.5, -0.5]), 0.25);
        assert_eq!(of(&[-1.0, 0.9]), 0.0);
        assert_eq!(of(&[1.0]), 0.99);
    }

    /// The promises that the weights are chosen for: which groups can establish
    /// a class alone, and which only support.
    #[test]
    fn only_strong_groups_establish_a_class_alone() {
        let settings = Settings::default();
        let mut strong: Vec<&str> = settings
            .weights
            .iter()
            .filter(|(_, weights)| {
                let most = |class: &Class| weights.of(*class).support;
                CANDIDATES.iter().map(most).fold(0.0, f64::max) >= settings.limits.established
            })
            .map(|(item, _)| item.group())
            .collect();
        strong.dedup();
        assert_eq!(
            strong,
            ["codes", "retiming", "terminating", "identity", "extension"]
        );
    }

    #[test]
    fn one_finding_of_a_group_counts_the_strongest() {
        let settings = Settings::default();
        let finding = |item, value: &str| Finding {
            item,
            place: String::new(),
            value: value.to_owned(),
            says: String::new(),
        };
        let kept = strongest(
            vec![
                finding(Item::CodesRetimed, "weak"),
                finding(Item::PowerHigh, "other"),
                finding(Item::CodesInnerFec, "strong"),
                finding(Item::CodesInnerFec, "as strong, but later"),
            ],
            &settings,
        );
        let values: Vec<_> = kept.iter().map(|finding| finding.value.as_str()).collect();
        assert_eq!(values, ["strong", "other"]);
    }

    proptest! {
        #[test]
        fn a_score_keeps_to_its_range(weights in prop::collection::vec(-1.0..=1.0, 0..12)) {
            let score = of(&weights);
            prop_assert!((0.0..=0.99).contains(&score));
        }

        #[test]
        fn support_never_lowers_and_doubt_never_raises(
            weights in prop::collection::vec(-1.0..=1.0, 0..12),
            more in 0.0..=1.0,
        ) {
            let before = of(&weights);
            let with = |extra: f64| of(&[weights.as_slice(), &[extra]].concat());
            // One rounding step either way.
            prop_assert!(with(more) >= before - f64::EPSILON);
            prop_assert!(with(-more) <= before + f64::EPSILON);
        }
    }
}
