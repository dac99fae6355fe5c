//! One key of a table: its value as the type that is wanted, or a mistake.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::DeValue;

use super::source::Source;
use super::{At, Spot, Table, expand, nearest};

/// One key of a table. Each reading method returns `None` if the key is not
/// there, and remembers a mistake and returns `None` if its value will not do.
#[derive(Debug)]
pub struct Field<'a> {
    source: &'a Source<'a>,
    key: &'static str,
    value: Option<&'a Spanned<DeValue<'a>>>,
}

impl<'a> Field<'a> {
    pub(super) fn new(
        source: &'a Source<'a>,
        key: &'static str,
        value: Option<&'a Spanned<DeValue<'a>>>,
    ) -> Self {
        Self { source, key, value }
    }

    /// Whether the key is there.
    pub fn is_given(&self) -> bool {
        self.value.is_some()
    }

    /// Where the value begins, if the key is there.
    pub fn spot(&self) -> Option<Spot> {
        self.value.map(|value| self.source.spot(value.span().start))
    }

    /// Refuses the key whatever its value; `why` ends the sentence.
    pub fn refuse(&self, why: &str) {
        if let Some(spot) = self.spot() {
            self.source.mistake(spot, format!("`{}` {why}", self.key));
        }
    }

    /// A text.
    pub fn text(&self) -> Option<At<&'a str>> {
        self.text_of(self.value?, "a text in quotes")
    }

    /// A text, or a list of texts.
    pub fn texts(&self) -> Option<Vec<At<&'a str>>> {
        let value = self.value?;
        match value.get_ref() {
            DeValue::Array(list) => {
                // Collected twice: every wrong item is told, not just the first.
                let texts: Vec<_> = list
                    .iter()
                    .map(|item| self.text_of(item, "a text in quotes"))
                    .collect();
                texts.into_iter().collect()
            }
            _ => Some(vec![self.text_of(value, "a text or a list of texts")?]),
        }
    }

    /// A text or a list of texts with ranges in braces, written out (see
    /// [`expand`]); `make` turns each name into what is wanted, or `None` if it
    /// is not `wanted`.
    pub fn names<T>(&self, wanted: &str, make: impl Fn(&str) -> Option<T>) -> Option<Vec<At<T>>> {
        let made_of = |text: &str| {
            let names = expand(text).map_err(|mistake| mistake.to_string())?;
            let made = names.iter().map(|name| {
                let told = || format!("`{}` cannot be {name:?}; expected {wanted}", self.key);
                make(name).ok_or_else(told)
            });
            made.collect::<Result<Vec<T>, String>>()
        };
        let mut names = Vec::new();
        let mut good = true;
        for At { value: text, spot } in self.texts()? {
            match made_of(text) {
                Ok(made) => names.extend(made.into_iter().map(|value| At { value, spot })),
                Err(message) => {
                    good = false;
                    self.source.mistake(spot, message);
                }
            }
        }
        good.then_some(names)
    }

    /// `true` or `false`.
    pub fn flag(&self) -> Option<At<bool>> {
        let value = self.value?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(self.at(value, *flag)),
            _ => self.wrong(value, "`true` or `false`"),
        }
    }

    /// A whole number in a range.
    pub fn whole_in(&self, range: RangeInclusive<u16>) -> Option<At<u16>> {
        let (first, last) = range.into_inner();
        let At { value, spot } = self.count_in(first.into()..=last.into())?;
        let value = u16::try_from(value).ok()?;
        Some(At { value, spot })
    }

    /// A whole number in a range that may be wider than 65,535.
    pub fn count_in(&self, range: RangeInclusive<u64>) -> Option<At<u64>> {
        let value = self.value?;
        let number = match value.get_ref() {
            DeValue::Integer(digits) => u64::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        match number.filter(|number| range.contains(number)) {
            Some(number) => Some(self.at(value, number)),
            None => {
                let (first, last) = range.into_inner();
                self.wrong(value, &format!("a whole number from {first} to {last}"))
            }
        }
    }

    /// A number in a range; `unit` names what it counts.
    pub fn number_in(&self, range: RangeInclusive<f64>, unit: &str) -> Option<At<f64>> {
        let value = self.value?;
        let number: Option<f64> = match value.get_ref() {
            DeValue::Float(digits) => digits.as_str().parse().ok(),
            DeValue::Integer(digits) if digits.radix() == 10 => digits.as_str().parse().ok(),
            _ => None,
        };
        match number.filter(|number| range.contains(number)) {
            Some(number) => Some(self.at(value, number)),
            None => {
                let (first, last) = range.into_inner();
                self.wrong(value, &format!("a number from {first} to {last} ({unit})"))
            }
        }
    }

    /// One of a few words.
    pub fn word<T: Copy>(&self, valid: &[(&str, T)]) -> Option<At<T>> {
        self.word_of(self.text()?, valid)
    }

    /// A list of words out of a few, less those that will not do.
    pub fn words<T: Copy>(&self, valid: &[(&str, T)]) -> Option<Vec<At<T>>> {
        let value = self.value?;
        let DeValue::Array(list) = value.get_ref() else {
            return self.wrong(value, "a list of words");
        };
        let word = |item| self.word_of(self.text_of(item, "a word in quotes")?, valid);
        Some(list.iter().filter_map(word).collect())
    }

    /// A table.
    pub fn table(&self) -> Option<Table<'a>> {
        let value = self.value?;
        match value.get_ref() {
            DeValue::Table(entries) => {
                let spot = self.source.spot(value.span().start);
                Some(Table::new(self.source, entries, spot))
            }
            _ => self.wrong(value, &format!("a table: [{}]", self.key)),
        }
    }

    /// The tables of a list, in the order of the file; none if the key is not there.
    pub fn tables(&self) -> Vec<Table<'a>> {
        let Some(value) = self.value else {
            return Vec::new();
        };
        let wanted = format!("a list of tables: [[{}]]", self.key);
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong::<()>(value, &wanted);
            return Vec::new();
        };
        list.iter()
            .filter_map(|item| match item.get_ref() {
                DeValue::Table(entries) => {
                    let spot = self.source.spot(item.span().start);
                    Some(Table::new(self.source, entries, spot))
                }
                _ => self.wrong(item, &wanted),
            })
            .collect()
    }

    fn at<T>(&self, place: &Spanned<DeValue<'_>>, value: T) -> At<T> {
        At {
            value,
            spot: self.source.spot(place.span().start),
        }
    }

    fn text_of(&self, value: &'a Spanned<DeValue<'a>>, wanted: &str) -> Option<At<&'a str>> {
        match value.get_ref() {
            DeValue::String(text) => Some(self.at(value, text.as_ref())),
            _ => self.wrong(value, wanted),
        }
    }

    fn word_of<T: Copy>(&self, text: At<&str>, valid: &[(&str, T)]) -> Option<At<T>> {
        let word = text.value;
        if let Some((_, value)) = valid.iter().find(|(name, _)| *name == word) {
            return Some(At {
                value: *value,
                spot: text.spot,
            });
        }
        let names: Vec<_> = valid.iter().map(|(name, _)| *name).collect();
        let advice = match nearest(word, names.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("expected one of \"{}\"", names.join("\", \"")),
        };
        let message = format!("`{}` cannot be {word:?}; {advice}", self.key);
        self.source.mistake(text.spot, message);
        None
    }

    /// Remembers that a value is not what was wanted.
    fn wrong<T>(&self, value: &Spanned<DeValue<'_>>, wanted: &str) -> Option<T> {
        let found = match value.get_ref() {
            DeValue::String(text) => format!("the text {text:?}"),
            DeValue::Integer(digits) => format!("{digits}"),
            DeValue::Float(digits) => format!("{digits}"),
            DeValue::Boolean(flag) => format!("{flag}"),
            DeValue::Datetime(time) => format!("{time}"),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        let message = format!("`{}` is {found}; expected {wanted}", self.key);
        let spot = self.source.spot(value.span().start);
        self.source.mistake(spot, message);
        None
    }
}
