//! Part numbers and the like as a plan writes them: `*` stands for any text.

/// Whether `text` is one that `pattern` stands for. `*` is any text, also none;
/// everything else is itself, upper and lower case alike.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    // Taking each piece as early as it comes leaves the most for the others.
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, text) in [
            ("SIM-800G-DR8", "sim-800g-dr8"),
            ("SIM-*", "SIM-800G"),
            ("*", ""),
            ("*", "anything"),
            ("*-DR8", "SIM-800G-DR8"),
            ("a*b*c", "a1b2b3c"),
            ("a**c", "ac"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("SIM", "SIM-800G"),
            ("", "x"),
            ("a*a", "a"),
            ("*-DR8", "SIM-DR8+"),
            ("a*b*c", "acb"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
