//! YAML with places, asked key by key: unknown keys, keys twice and values of
//! another kind are mistakes, as they are for Prometheus.

use std::cell::RefCell;
use std::path::Path;

use saphyr::{MarkedYaml, ScalarStyle, YamlData, YamlLoader};
use saphyr_parser::Parser;

use crate::tomlfile::{Mistake, Spot, nearest};

/// The mistakes of one file.
pub(super) struct Mistakes<'a> {
    text: &'a str,
    file: &'a Path,
    found: RefCell<Vec<Mistake>>,
}

impl<'a> Mistakes<'a> {
    pub(super) fn of(text: &'a str, file: &'a Path) -> Self {
        Self {
            text,
            file,
            found: RefCell::default(),
        }
    }

    pub(super) fn add(&self, spot: Spot, message: impl Into<String>) {
        let mistake = inside(self.text, spot).mistake(self.file, message);
        self.found.borrow_mut().push(mistake);
    }

    /// All of them in the order of the file.
    pub(super) fn into_list(self) -> Vec<Mistake> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|mistake| (mistake.line, mistake.column));
        found
    }
}

/// A place as one in the text: what is missing at the end is told of a line that is
/// not there where the last one has no end, and what cannot be printed of a column
/// behind the end of its line.
fn inside(text: &str, spot: Spot) -> Spot {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> = text.split(['\n', '\r']).collect();
    let behind = |line: &str| line.chars().count().saturating_add(1);
    match lines.get(spot.line.saturating_sub(1)) {
        Some(line) => Spot {
            column: spot.column.min(behind(line)),
            ..spot
        },
        None => Spot {
            line: lines.len(),
            column: lines.last().map_or(1, |last| behind(last)),
        },
    }
}

/// The first document of a file; `None` if it is empty or has mistakes.
pub(super) fn document<'a>(text: &'a str, mistakes: &Mistakes<'_>) -> Option<MarkedYaml<'a>> {
    let mut loader = YamlLoader::default();
    // Texts stay as they are written: what they stand for is up to the key.
    loader.early_parse(false);
    let outcome = Parser::new_from_str(text).load(&mut loader, true);
    if let Some(error) = outcome.err().or_else(|| loader.error().cloned()) {
        let marker = error.marker();
        let spot = Spot {
            line: marker.line(),
            column: marker.col().saturating_add(1),
        };
        mistakes.add(spot, error.info());
        return None;
    }
    let first = loader.into_documents().into_iter().next();
    first.filter(|node| !is_nothing(node))
}

/// Where a value begins.
pub(super) fn spot(node: &MarkedYaml<'_>) -> Spot {
    let start = node.span.start;
    Spot {
        line: start.line(),
        column: start.col().saturating_add(1),
    }
}

/// Whether a value is left out: written as `null`, `~` or nothing.
fn is_nothing(node: &MarkedYaml<'_>) -> bool {
    match &node.data {
        YamlData::Representation(text, ScalarStyle::Plain, _) => {
            matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL")
        }
        YamlData::BadValue => true,
        _ => false,
    }
}

/// A scalar as it is written, numbers and words alike.
fn scalar<'n>(node: &'n MarkedYaml<'_>) -> Option<&'n str> {
    match &node.data {
        YamlData::Representation(text, _, _) => Some(text.as_ref()),
        _ => None,
    }
}

/// A mapping, asked key by key.
pub(super) struct Map<'n, 'm> {
    mistakes: &'m Mistakes<'m>,
    entries: Vec<(&'n str, Spot, &'n MarkedYaml<'n>)>,
    asked: Vec<&'static str>,
}

impl<'n, 'm> Map<'n, 'm> {
    /// The mapping that a value is; `what` names it in mistakes.
    pub(super) fn of(
        node: &'n MarkedYaml<'n>,
        what: &str,
        mistakes: &'m Mistakes<'m>,
    ) -> Option<Self> {
        let YamlData::Mapping(found) = &node.data else {
            mistakes.add(spot(node), format!("{what} must have keys and values"));
            return None;
        };
        let mut entries: Vec<(&str, Spot, &MarkedYaml<'_>)> = Vec::new();
        for (key, value) in found {
            let Some(name) = scalar(key) else {
                mistakes.add(spot(key), "a key must be a text");
                continue;
            };
            if entries.iter().any(|(other, ..)| *other == name) {
                mistakes.add(spot(key), format!("key `{name}` stands here twice"));
                continue;
            }
            entries.push((name, spot(key), value));
        }
        Some(Self {
            mistakes,
            entries,
            asked: Vec::new(),
        })
    }

    /// The value of a key, if it is there and not empty.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'n MarkedYaml<'n>> {
        self.asked.push(key);
        let found = self.entries.iter().find(|(name, ..)| *name == key)?;
        (!is_nothing(found.2)).then_some(found.2)
    }

    /// A mapping.
    pub(super) fn map(&mut self, key: &'static str) -> Option<Self> {
        let value = self.value(key)?;
        Self::of(value, &format!("`{key}`"), self.mistakes)
    }

    /// A text and its place.
    pub(super) fn text(&mut self, key: &'static str) -> Option<(&'n str, Spot)> {
        let value = self.value(key)?;
        let text = scalar(value);
        if text.is_none() {
            self.mistakes
                .add(spot(value), format!("`{key}` must be a text"));
        }
        Some((text?, spot(value)))
    }

    /// `true` or `false`, in all the words that YAML has for them.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let (text, spot) = self.text(key)?;
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Some(true),
            "false" | "no" | "off" | "n" => Some(false),
            _ => {
                let message = format!("`{key}` is {text:?}; expected `true` or `false`");
                self.mistakes.add(spot, message);
                None
            }
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<(&'n str, Spot)>> {
        let value = self.value(key)?;
        let YamlData::Sequence(items) = &value.data else {
            self.mistakes
                .add(spot(value), format!("`{key}` must be a list of texts"));
            return None;
        };
        let text = |item| match scalar(item) {
            Some(text) => Some((text, spot(item))),
            None => {
                self.mistakes
                    .add(spot(item), format!("`{key}` must be a list of texts"));
                None
            }
        };
        Some(items.iter().filter_map(text).collect())
    }

    /// All keys and their texts, whatever the keys are.
    pub(super) fn all_texts(self) -> Vec<(&'n str, &'n str, Spot)> {
        let text = |(key, spot, value): (&'n str, Spot, &'n MarkedYaml<'n>)| match scalar(value) {
            Some(_) if is_nothing(value) => Some((key, "", spot)),
            Some(text) => Some((key, text, spot)),
            None => {
                let message = format!("the value of `{key}` must be a text");
                self.mistakes.add(spot, message);
                None
            }
        };
        self.entries.into_iter().filter_map(text).collect()
    }

    /// Refuses the keys that were not asked for.
    pub(super) fn finish(self) {
        for (name, spot, _) in &self.entries {
            if self.asked.iter().any(|asked| asked == name) {
                continue;
            }
            let advice = match nearest(name, self.asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: `{}`", self.asked.join("`, `")),
            };
            let name = name.escape_debug();
            self.mistakes
                .add(*spot, format!("unknown key `{name}`; {advice}"));
        }
    }
}
