//! Patterns for vendor names and part numbers: `*` is any run of characters,
//! `?` any one; capitals and small letters are the same.

use serde::Deserialize;

/// A pattern for a short text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Pattern(String);

impl Pattern {
    /// Whether the whole of a text fits.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        // fits[n]: the pattern so far fits the first n characters of the text.
        let mut fits: Vec<bool> = (0..=text.len()).map(|n| n == 0).collect();
        for symbol in self.0.chars() {
            fits = if symbol == '*' {
                fits.iter()
                    .scan(false, |seen, fit| {
                        *seen |= *fit;
                        Some(*seen)
                    })
                    .collect()
            } else {
                let one_more = fits.iter().zip(&text).map(|(fit, character)| {
                    *fit && (symbol == '?' || symbol.eq_ignore_ascii_case(character))
                });
                std::iter::once(false).chain(one_more).collect()
            };
        }
        fits.last() == Some(&true)
    }
}

#[cfg(test)]
impl Pattern {
    /// A pattern for tests.
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_has_to_fit() {
        for (pattern, text, fits) in [
            ("LPO-800G-2DR4", "lpo-800g-2dr4", true),
            ("LPO-800G-2DR4", "LPO-800G-2DR40", false),
            ("EO138HGPCT??SL1", "EO138HGPCT12SL1", true),
            ("EO138HGPCT??SL1", "EO138HGPCT1SL1", false),
            ("*LPO*", "OSFP-800G-DR8-LPO", true),
            ("*LPO*", "LPO", true),
            ("*LPO*", "LP-O", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("*", "", true),
            ("?", "", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(text),
                fits,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn many_stars_take_no_longer_than_few() {
        let pattern = Pattern::new(&"*a".repeat(200));
        assert!(!pattern.matches(&"a".repeat(199)));
        assert!(pattern.matches(&"a".repeat(200)));
    }
}
