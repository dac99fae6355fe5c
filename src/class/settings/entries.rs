//! The entries of `config/class.toml` as types that hold right values only. What
//! each field means is told beside its key there.

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, de};

use super::super::pattern::Pattern;
use super::super::score::Item;
use super::super::{Class, Retiming};
use crate::module::{Reading, Snapshot};

/// When a score becomes a class, and what doubt does to it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(in crate::class) struct Limits {
    #[serde(deserialize_with = "share")]
    pub(in crate::class) established: f64,
    #[serde(deserialize_with = "share")]
    pub(in crate::class) lead: f64,
    #[serde(deserialize_with = "share")]
    pub(in crate::class) most: f64,
    #[serde(deserialize_with = "share")]
    pub(in crate::class) noted_conflict: f64,
    #[serde(deserialize_with = "share")]
    pub(in crate::class) grave_conflict: f64,
    #[serde(deserialize_with = "share")]
    pub(in crate::class) conflict_cap: f64,
}

/// The ways in which one structural fact decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::class) enum Gate {
    LaserSource,
    CoPackaged,
    PassiveCopper,
    PassiveCopperLinear,
    PassiveCopperOdd,
    RetimedCopper,
    LimitingCopper,
    LimitingCopperUnread,
    LinearCopper,
    OpticalCable,
    TwistedPair,
    CoherentCode,
    CoherentSigns,
}

/// A confidence, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::class) struct Confidence(pub(super) f64);

impl<'de> Deserialize<'de> for Confidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        share(deserializer).map(Self)
    }
}

/// Reads a number from 0 to 1.
fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&number) {
        Ok(number)
    } else {
        Err(D::Error::custom(format!("{number} is not within 0 and 1")))
    }
}

/// Upper bounds of the power bands in watts per 100 Gb/s, lowest to high.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::class) struct PowerBands {
    #[serde(deserialize_with = "ascending")]
    pub(in crate::class) bounds: [f64; 4],
}

/// Reads bounds that rise from above 0.
fn ascending<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[f64; 4], D::Error> {
    let bounds = <[f64; 4]>::deserialize(deserializer)?;
    if bounds.iter().all(|bound| bound.is_finite() && *bound > 0.0) && bounds.is_sorted() {
        Ok(bounds)
    } else {
        Err(D::Error::custom("bounds have to rise from above 0"))
    }
}

/// What the interface codes are read with.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(in crate::class) struct Codes {
    pub(in crate::class) inner_fec_gbd: f64,
    pub(in crate::class) gearbox_ratio: f64,
    pub(in crate::class) sff_retimed: Vec<u8>,
    pub(in crate::class) sff_gearbox: Vec<u8>,
    pub(in crate::class) sff_optical_cable: Vec<u8>,
    pub(in crate::class) sff_twisted_pair: Vec<u8>,
}

/// What hints at a class in a part number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::class) struct IdentityHints {
    pub(in crate::class) tokens: Vec<Pattern>,
}

/// Who has enhanced-LPO pages, and what marks them in 01h:195.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::class) struct Extension {
    pub(in crate::class) vendor: Option<Pattern>,
    pub(in crate::class) marker: u8,
}

/// A part number whose class is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::class) struct Part {
    vendor: Pattern,
    number: Pattern,
    #[serde(deserialize_with = "weighed_class")]
    pub(in crate::class) class: Class,
}

impl Part {
    /// Whether a module is sold under this number. A module that does not say
    /// who made it or what it is fits none.
    pub(in crate::class) fn fits(&self, snapshot: &Snapshot) -> bool {
        let fits = |pattern: &Pattern, text: &Reading<String>| matches!(text, Reading::Value(text) if pattern.matches(text));
        fits(&self.vendor, &snapshot.identity.vendor)
            && fits(&self.number, &snapshot.identity.part_number)
    }
}

/// What the operator knows of some modules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "WrittenOverride")]
pub(in crate::class) struct Override {
    vendor: Option<Pattern>,
    number: Option<Pattern>,
    revision: Option<Pattern>,
    serial: Option<Pattern>,
    pub(in crate::class) class: Class,
    pub(in crate::class) retiming: Option<Retiming>,
}

impl Override {
    /// Whether a module fits all patterns; text that it lacks fits as empty.
    pub(super) fn fits(&self, snapshot: &Snapshot) -> bool {
        let fits = |pattern: &Option<Pattern>, text: &Reading<String>| {
            let text = match text {
                Reading::Value(text) => text.as_str(),
                Reading::Absent(_) => "",
            };
            pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
        };
        let identity = &snapshot.identity;
        fits(&self.vendor, &identity.vendor)
            && fits(&self.number, &identity.part_number)
            && fits(&self.revision, &identity.revision_number)
            && fits(&self.serial, &identity.serial)
    }
}

/// An override as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOverride {
    vendor: Option<Pattern>,
    number: Option<Pattern>,
    revision: Option<Pattern>,
    serial: Option<Pattern>,
    #[serde(deserialize_with = "any_class")]
    class: Class,
    #[serde(default, deserialize_with = "retiming")]
    retiming: Option<Retiming>,
}

impl TryFrom<WrittenOverride> for Override {
    type Error = &'static str;

    fn try_from(written: WrittenOverride) -> Result<Self, Self::Error> {
        let WrittenOverride {
            vendor,
            number,
            revision,
            serial,
            class,
            retiming,
        } = written;
        if [&vendor, &number, &revision, &serial]
            .iter()
            .all(|pattern| pattern.is_none())
        {
            return Err("an override needs at least one of vendor, number, revision, serial");
        }
        Ok(Self {
            vendor,
            number,
            revision,
            serial,
            class,
            retiming,
        })
    }
}

/// Reads the name of any class.
fn any_class<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Class, D::Error> {
    let name = String::deserialize(deserializer)?;
    Class::from_name(&name).ok_or_else(|| unknown_name(&name, Class::ALL.map(Class::name).iter()))
}

/// Reads the name of a class that evidence is weighed for.
fn weighed_class<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Class, D::Error> {
    let class = any_class(deserializer)?;
    match Item::listed(class) {
        Some(_) => Ok(class),
        None => Err(D::Error::custom(format!(
            "a part may be listed as lpo, lro or dsp; \"{}\" takes an override",
            class.name()
        ))),
    }
}

/// Reads the name of a kind of retiming.
fn retiming<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Retiming>, D::Error> {
    let name = String::deserialize(deserializer)?;
    match Retiming::from_name(&name) {
        Some(retiming) => Ok(Some(retiming)),
        None => Err(unknown_name(
            &name,
            Retiming::ALL.map(Retiming::name).iter(),
        )),
    }
}

/// The complaint about a name, with the nearest right one.
fn unknown_name<'a, E: de::Error>(name: &str, right: impl Iterator<Item = &'a &'a str>) -> E {
    let nearest = right.min_by_key(|right| strsim::osa_distance(name, right));
    E::custom(format!(
        "unknown name \"{name}\"; the nearest is \"{}\"",
        nearest.unwrap_or(&"")
    ))
}
