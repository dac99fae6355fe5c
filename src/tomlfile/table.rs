//! A table of the file, asked key by key.

use toml::de::DeTable;

use super::source::Source;
use super::{Field, Spot, nearest};

/// A table of the file. It remembers the keys it was asked for: ask for all of
/// them, then [`Table::finish`] refuses the others.
#[derive(Debug)]
pub struct Table<'a> {
    source: &'a Source<'a>,
    entries: &'a DeTable<'a>,
    spot: Spot,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    pub(super) fn new(source: &'a Source<'a>, entries: &'a DeTable<'a>, spot: Spot) -> Self {
        Self {
            source,
            entries,
            spot,
            asked: Vec::new(),
        }
    }

    /// Where the table begins: its header, or its opening brace.
    pub fn spot(&self) -> Spot {
        self.spot
    }

    /// A key that may be there.
    pub fn key(&mut self, key: &'static str) -> Field<'a> {
        self.asked.push(key);
        let value = self.entries.get(key);
        Field::new(self.source, key, value)
    }

    /// A key that must be there; `what` says what it is for.
    pub fn required(&mut self, key: &'static str, what: &str) -> Field<'a> {
        let field = self.key(key);
        if !field.is_given() {
            self.mistake(self.spot, format!("`{key}` is missing: {what}"));
        }
        field
    }

    /// Remembers a mistake of this file.
    pub fn mistake(&self, spot: Spot, message: impl Into<String>) {
        self.source.mistake(spot, message);
    }

    /// Refuses the keys that the table was not asked for.
    pub fn finish(&self) {
        for key in self.entries.keys() {
            let name: &str = key.get_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let advice = match nearest(name, self.asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: `{}`", self.asked.join("`, `")),
            };
            let message = format!("unknown key `{}`; {advice}", name.escape_debug());
            self.mistake(self.source.spot(key.span().start), message);
        }
    }
}
