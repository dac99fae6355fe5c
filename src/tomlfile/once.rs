//! Names that may be written once only.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use super::{At, Spot, Table};

/// The names written so far, and where.
#[derive(Debug)]
pub struct Once<T> {
    seen: HashMap<T, usize>,
}

impl<T> Default for Once<T> {
    /// Nothing was written yet.
    fn default() -> Self {
        Self {
            seen: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + Hash + Display> Once<T> {
    /// Takes names; those written before are a mistake, told once for each
    /// place and with the line where the name stood first. `verb` says what was
    /// done with it there: "assigned", "configured".
    pub fn take(&mut self, table: &Table<'_>, names: &[At<T>], verb: &str) {
        let mut again: Vec<(Spot, &T, usize, usize)> = Vec::new();
        for At { value: name, spot } in names {
            let Some(&line) = self.seen.get(name) else {
                self.seen.insert(name.clone(), spot.line);
                continue;
            };
            match again.iter_mut().find(|(place, ..)| place == spot) {
                Some((.., others)) => *others += 1,
                None => again.push((*spot, name, line, 0)),
            }
        }
        for (spot, name, line, others) in again {
            let more = match others {
                0 => String::new(),
                n => format!(" (and {n} more)"),
            };
            let message = format!("`{name}`{more} is {verb} on line {line} already");
            table.mistake(spot, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::read;
    use super::*;

    #[test]
    fn a_range_that_overlaps_is_told_once_with_the_first_line() {
        let text = "a = 'e{0..3}'\nb = ['e{2..9}', 'x', 'x']\n";
        let mistakes = read(text, Path::new("f"), |root| {
            let mut once = Once::default();
            for key in ["a", "b"] {
                let names = root
                    .key(key)
                    .names("", |name| Some(name.to_owned()))
                    .unwrap();
                once.take(root, &names, "named");
            }
        })
        .unwrap_err();
        let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "f:2:6: `e2` (and 1 more) is named on line 1 already",
                "f:2:22: `x` is named on line 2 already",
            ]
        );
    }
}
