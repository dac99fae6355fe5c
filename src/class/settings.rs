//! What classification goes by: weights, limits, lists and overrides, from
//! `config/class.toml` and whatever an operator puts over it.

mod entries;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;

use super::score::{Item, Weights};
use crate::module::Snapshot;
use crate::tomlfile::Mistake;

use entries::{Codes, Confidence, Extension, IdentityHints, Part, PowerBands};
pub(super) use entries::{Gate, Limits, Override};

/// The defaults, readable by people.
const BUILT_IN_TEXT: &str = include_str!("../../config/class.toml");

/// The lists that grow by what an operator adds instead of being replaced.
const ADDED_TO: [&str; 2] = ["part", "override"];

/// The defaults, read once. A test holds that they can be read.
static BUILT_IN: LazyLock<Settings> =
    LazyLock::new(|| toml::from_str(BUILT_IN_TEXT).unwrap_or_else(|_| Settings::nothing()));

/// What the operator may change about classification: overrides, part numbers
/// and weights. The default is `config/class.toml`, which also tells beside each
/// key what it means.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    #[serde(default)]
    pub(super) co_packaged: Vec<u8>,
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(default)]
    pub(super) gates: BTreeMap<Gate, Confidence>,
    #[serde(default)]
    pub(super) weights: BTreeMap<Item, Weights>,
    #[serde(default)]
    pub(super) power: PowerBands,
    #[serde(default)]
    pub(super) codes: Codes,
    #[serde(default)]
    pub(super) identity: IdentityHints,
    #[serde(default)]
    pub(super) extension: Extension,
    #[serde(default, rename = "part")]
    pub(super) parts: Vec<Part>,
    #[serde(default, rename = "override")]
    pub(super) overrides: Vec<Override>,
}

impl Settings {
    /// Reads settings from text and puts them over the built-in ones; `file`
    /// names the text in mistakes.
    ///
    /// # Errors
    /// What is wrong with the text, with its place: not TOML, an unknown key
    /// or name, a number out of its range.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Vec<Mistake>> {
        let wrong = |error: &toml::de::Error| vec![mistake(text, file, error)];
        // On its own first: only the operator's text knows the places.
        toml::from_str::<Self>(text).map_err(|error| wrong(&error))?;
        let own: toml::Table = toml::from_str(text).map_err(|error| wrong(&error))?;
        let mut all: toml::Table = toml::from_str(BUILT_IN_TEXT).map_err(|error| wrong(&error))?;
        lay_over(&mut all, own);
        all.try_into().map_err(|error| wrong(&error))
    }

    /// The first override that a module fits.
    pub(super) fn overriding(&self, snapshot: &Snapshot) -> Option<&Override> {
        self.overrides.iter().find(|entry| entry.fits(snapshot))
    }

    /// Confidence of a structural gate.
    pub(super) fn confidence(&self, gate: Gate) -> f64 {
        self.gates.get(&gate).map_or(0.0, |confidence| confidence.0)
    }

    /// Weights of an item of evidence.
    pub(super) fn weights(&self, item: Item) -> Weights {
        self.weights.get(&item).copied().unwrap_or_default()
    }

    /// Settings under which nothing can be said of any module.
    fn nothing() -> Self {
        Self {
            co_packaged: Vec::new(),
            limits: Limits::default(),
            gates: BTreeMap::new(),
            weights: BTreeMap::new(),
            power: PowerBands::default(),
            codes: Codes::default(),
            identity: IdentityHints::default(),
            extension: Extension::default(),
            parts: Vec::new(),
            overrides: Vec::new(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        BUILT_IN.clone()
    }
}

/// Puts one table over another: tables key by key, the growing lists in front,
/// everything else in place.
fn lay_over(below: &mut toml::Table, above: toml::Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) if !is_leaf(&above) => {
                lay_over(below, above);
            }
            (Some(toml::Value::Array(below)), toml::Value::Array(mut above))
                if ADDED_TO.contains(&key.as_str()) =>
            {
                above.append(below);
                *below = above;
            }
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// Whether a table is one entry of weights, which is replaced as a whole: a
/// class left out of it means 0, also where the default says otherwise.
fn is_leaf(table: &toml::Table) -> bool {
    ["lpo", "lro", "dsp"]
        .iter()
        .any(|class| table.contains_key(*class))
}

/// The reader's complaint with line and column.
fn mistake(text: &str, file: &Path, error: &toml::de::Error) -> Mistake {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let on_line = before.rsplit('\n').next().unwrap_or_default();
    Mistake {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: on_line.chars().count() + 1,
        message: error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Class;
    use super::*;

    fn parse(text: &str) -> Result<Settings, Vec<Mistake>> {
        Settings::parse(text, Path::new("class.toml"))
    }

    #[track_caller]
    fn assert_mistake(text: &str, place: (usize, usize), words: &str) {
        let mistakes = parse(text).unwrap_err();
        let [mistake] = mistakes.as_slice() else {
            panic!("{mistakes:?}");
        };
        assert_eq!((mistake.line, mistake.column), place, "{mistake}");
        assert!(mistake.message.contains(words), "{mistake}");
    }

    #[test]
    fn the_built_in_settings_are_complete() {
        let built_in: Settings = toml::from_str(BUILT_IN_TEXT).unwrap();
        assert_eq!(built_in, Settings::default());
        assert_eq!(built_in.gates.len(), Gate::CoherentSigns as usize + 1);
        assert_eq!(built_in.weights.len(), Item::TechnologyEml as usize + 1);
        assert!(built_in.gates.values().all(|confidence| confidence.0 > 0.0));
        assert_eq!(built_in.limits.established, 0.60);
        assert_eq!(built_in.limits.lead, 0.20);
        assert_eq!(built_in.limits.conflict_cap, 0.85);
        assert!(built_in.overrides.is_empty());
        assert_eq!(parse("").unwrap(), built_in);
    }

    #[test]
    fn an_operators_file_changes_what_it_names_and_nothing_else() {
        let changed = parse(
            "co-packaged = [0x80, 0x91]\n\
             [limits]\nlead = 0.1\n\
             [weights]\ncodes-retimed = { dsp = 0.5 }\n\
             [[part]]\nvendor = \"Acme\"\nnumber = \"X*\"\nclass = \"lro\"\n",
        )
        .unwrap();
        let built_in = Settings::default();
        assert_eq!(changed.co_packaged, [0x80, 0x91]);
        assert_eq!(changed.limits.lead, 0.1);
        assert_eq!(changed.limits.most, built_in.limits.most);
        let weights = changed.weights(Item::CodesRetimed);
        assert_eq!(weights.of(Class::Dsp).net(), 0.5);
        assert_eq!(weights.of(Class::Lpo).net(), 0.0);
        assert_eq!(changed.weights.len(), built_in.weights.len());
        assert_eq!(changed.parts.len(), built_in.parts.len() + 1);
        assert_eq!(changed.parts[0].class, Class::Lro);
    }

    #[test]
    fn a_pair_of_weights_is_support_and_doubt() {
        let weight = Settings::default().weights(Item::PowerLow).of(Class::Dsp);
        assert_eq!((weight.support, weight.doubt), (0.05, 0.25));
    }

    #[test]
    fn mistakes_tell_their_place() {
        assert_mistake("co-packaged = [\n", (1, 16), "unclosed array");
        assert_mistake("a = 1\n", (1, 1), "unknown field `a`");
        assert_mistake("[limits]\nled = 0.2\n", (2, 1), "unknown field `led`");
        assert_mistake(
            "[limits]\nlead = 1.2\n",
            (2, 8),
            "1.2 is not within 0 and 1",
        );
        assert_mistake(
            "[weights]\ncodes-retimd = {}\n",
            (2, 1),
            "unknown variant `codes-retimd`",
        );
        assert_mistake(
            "[weights]\n  codes-retimed = { dsp = -1.5 }\n",
            (2, 27),
            "-1.5 is not within -1 and 1",
        );
        assert_mistake(
            "[weights]\ncodes-retimed = { dsp = nan }\n",
            (2, 25),
            "not within",
        );
        assert_mistake(
            "[power]\nbounds = [1.0, 0.5, 2.0, 3.0]\n",
            (2, 10),
            "have to rise",
        );
        assert_mistake(
            "[[override]]\nserial = \"1\"\nclass = \"lop\"\n",
            (3, 9),
            "the nearest is \"lpo\"",
        );
        assert_mistake(
            "[[override]]\nserial = \"1\"\nclass = \"aoc\"\nretiming = \"tx_only\"\n",
            (4, 12),
            "the nearest is \"tx-only\"",
        );
        assert_mistake(
            "[[part]]\nvendor = \"é\"\nnumber = \"1\"\nclass = \"dac\"\n",
            (4, 9),
            "takes an override",
        );
        assert_mistake(
            "\n[[override]]\nclass = \"dsp\"\n",
            (2, 1),
            "at least one of",
        );
    }
}
