//! Text of unknown origin made fit for a terminal.

use std::borrow::Cow;

/// The text with everything written out that could move the cursor, change
/// colours, break a line or reverse the reading direction.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_hostile(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Control characters, and the invisible ones that steer layout and direction.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_sees_no_escape_sequence() {
        assert_eq!(plain("ACME 1 µm"), "ACME 1 µm");
        assert_eq!(plain("a\x1b[31m\n"), "a\\u{1b}[31m\\u{a}");
        assert_eq!(plain("\u{202E}x\u{9b}"), "\\u{202e}x\\u{9b}");
    }
}
